//! Every target, one a file.

mod asl;
mod audit;
mod carve;
mod detect;
mod faillock;
mod fwtmp;
mod jsonl;
mod lastlogx;
mod layouts;
mod records;
mod sessions;
mod sqlite;
mod stream;
mod time_arg;
mod undump_text;
mod unpack;
mod utx_log;

use crate::Target;

/// All targets.
pub static TARGETS: &[Target] = &[
    asl::TARGET,
    audit::TARGET,
    carve::TARGET,
    detect::TARGET,
    faillock::TARGET,
    fwtmp::TARGET,
    jsonl::TARGET,
    lastlogx::TARGET,
    layouts::TARGET,
    sessions::TARGET,
    sqlite::TARGET,
    stream::TARGET,
    time_arg::TARGET,
    undump_text::TARGET,
    unpack::TARGET,
    utx_log::TARGET,
];
