//! Converts files to records. Nothing here depends on a command or an output format.

pub(crate) mod audited_file;
mod beside;
pub(crate) mod buffer;
pub(crate) mod chunks;
pub(crate) mod databases;
pub(crate) mod file;
pub(crate) mod follow;
pub(crate) mod held_file;
pub(crate) mod history;
pub(crate) mod holes;
pub(crate) mod input_bytes;
pub(crate) mod inputs;
pub(crate) mod limit;
mod machine;
pub(crate) mod machine_audit;
pub(crate) mod ordered;
mod packed_file;
pub(crate) mod parallel;
pub(crate) mod passwd;
pub(crate) mod root;
pub(crate) mod stored;
pub(crate) mod unopened;
