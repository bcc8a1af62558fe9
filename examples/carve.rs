//! Finds records in a disk image: `cargo run --example carve -- IMAGE`.

use std::error::Error;
use std::fs::File;
use std::io::Read as _;

use loginrec::carve::{Carver, Hit, Scanner};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: carve IMAGE")?;
    let mut image = File::open(path)?;
    let print = |hit: Hit<'_>| {
        let (record, entry) = (hit.record, hit.record.entry());
        println!("byte {}: {} {}", record.offset(), record.layout(), entry.ut_user);
    };
    let mut carver = Carver::new(Scanner::default());
    let mut block = vec![0; 1 << 20];
    loop {
        let len = image.read(&mut block)?;
        if len == 0 {
            break;
        }
        carver.push(&block[..len], print);
    }
    carver.finish(print);
    Ok(())
}
