//! Looks for traces of tampering in the files of one machine: `cargo run --example audit -- FILE...`.

use std::error::Error;

use loginrec::LogFile;
use loginrec::audit::{Audit, FileInfo, Severity};

fn main() -> Result<(), Box<dyn Error>> {
    let mut audit = Audit::new();
    for path in std::env::args_os().skip(1) {
        let log = LogFile::open(&path)?;
        audit.read(&log, FileInfo::of(&log));
    }
    for finding in audit.finish() {
        if finding.severity >= Severity::Medium {
            println!("byte {}: {}: {}", finding.offset, finding.rule.id, finding.message);
        }
    }
    Ok(())
}
