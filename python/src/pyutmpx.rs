//! The API of the module pyutmpx, over any file.

pub(crate) mod database;
pub(crate) mod exit_status;
mod fields;
pub(crate) mod lastlog_entry;
pub(crate) mod utmp_entry;
