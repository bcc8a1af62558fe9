//! The program. All of it is in the library beside this, so that tests reach its parts.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    loginrec_cli::main()
}
