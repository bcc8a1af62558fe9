//! The rules that check the records of one file, by theme.

pub(in crate::audit) mod boots;
pub(in crate::audit) mod bytes;
pub(in crate::audit) mod database;
pub(in crate::audit) mod framing;
pub(in crate::audit) mod gone;
pub(in crate::audit) mod lastlog;
pub(in crate::audit) mod messages;
pub(in crate::audit) mod misfit;
pub(in crate::audit) mod numbers;
pub(in crate::audit) mod sessions;
pub(in crate::audit) mod text;
pub(in crate::audit) mod time;
pub(in crate::audit) mod wiped;
