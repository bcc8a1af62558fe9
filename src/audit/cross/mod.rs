//! The rules that compare files.

pub(in crate::audit) mod brute_force;
pub(in crate::audit) mod chain;
pub(in crate::audit) mod counts;
pub(in crate::audit) mod files;
pub(in crate::audit) mod logins;
pub(in crate::audit) mod modified;
pub(in crate::audit) mod presence;
pub(in crate::audit) mod rules;
pub(in crate::audit) mod running;
pub(in crate::audit) mod sources;
pub(in crate::audit) mod writes;
