//! Prints the logins of a large file, newest first, in bounded memory and without reading more than
//! is asked for: `cargo run --example newest -- FILE | head`.

use std::error::Error;
use std::fs::File;
use std::io::{ErrorKind, Write as _};

use loginrec::{Event, LogReader};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: newest FILE")?;
    let log = LogReader::new(File::open(path)?)?;
    let mut out = std::io::stdout().lock();
    let mut chunks = log.chunks_rev();
    while let Some(records) = chunks.next_chunk()? {
        for record in records.rev().flatten() {
            let entry = record.entry();
            if entry.event() == Event::Login {
                match writeln!(out, "{} {}", entry.ut_tv, entry.ut_user) {
                    // `head` has seen enough.
                    Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
                    done => done?,
                }
            }
        }
    }
    Ok(())
}
