//! The program. Its code is in the library of this package, so that tests can use its parts.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    loginrec_cli::main()
}
