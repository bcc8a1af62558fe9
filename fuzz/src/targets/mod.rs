//! Every target, one a file.

mod detect;
mod jsonl;
mod lastlogx;
mod layouts;
mod records;
mod sessions;
mod time_arg;
mod undump_text;
mod unpack;
mod utx_log;

use crate::Target;

/// All of them.
pub static TARGETS: &[Target] = &[
    detect::TARGET,
    jsonl::TARGET,
    lastlogx::TARGET,
    layouts::TARGET,
    sessions::TARGET,
    time_arg::TARGET,
    undump_text::TARGET,
    unpack::TARGET,
    utx_log::TARGET,
];
