//! The program `loginrec`, which reads, writes and recognizes the Unix login records of every
//! platform. This library has no stable API; see the crate `loginrec` for that.
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used))]
#![cfg_attr(not(test), deny(clippy::panic, clippy::unreachable))]

mod app;
mod args;
mod commands;
mod diagnostics;
mod file_name;
#[doc(hidden)]
pub mod fuzzing;
mod help;
mod input;
mod ledger;
mod multicall;
mod output;
mod run;
mod sources;
mod usage;

/// Runs the program: reads the command line and returns the exit status.
pub fn main() -> std::process::ExitCode {
    app::main()
}
