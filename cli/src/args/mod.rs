//! Options and arguments.

pub(crate) mod applet;
pub(crate) mod filter;
pub(crate) mod follow;
pub(crate) mod format;
pub(crate) mod host;
pub(crate) mod interval;
pub(crate) mod layout;
pub(crate) mod output;
pub(crate) mod reading;
pub(crate) mod size;
pub(crate) mod time;
pub(crate) mod zone;
