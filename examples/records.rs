//! Prints every login of a file with its place: `cargo run --example records -- FILE`.

use std::error::Error;

use loginrec::{Event, LogFile};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: records FILE")?;
    let log = LogFile::open(&path)?;
    let Some(layout) = log.layout() else {
        return Ok(()); // an empty file fits every layout
    };
    println!("{layout}");
    for record in &log {
        // Damage is an error with its offset; reading goes on after it.
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                eprintln!("{error}");
                continue;
            }
        };
        let entry = record.entry();
        if entry.event() == Event::Login {
            println!("byte {}: {} {}", record.offset(), entry.ut_tv, entry.ut_user);
        }
    }
    Ok(())
}
