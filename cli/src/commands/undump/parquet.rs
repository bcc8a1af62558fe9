//! Turns a Parquet file of `dump --raw` back into the file of its records.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek as _};
use std::panic;

use loginrec::Layout;
use loginrec_columns::StoredRows;

use crate::commands::undump::jsonl::Lines;
use crate::commands::undump::place::{Failure, put};
use crate::output::writer::Target;

/// The first bytes of a Parquet file.
pub(super) const MAGIC: &[u8] = b"PAR1";
/// The most that is read from a pipe: a Parquet file begins at its end.
const LARGEST: u64 = 1 << 30;

/// A Parquet file.
pub(super) enum Content {
    File(File),
    Bytes(Vec<u8>),
}

impl Content {
    /// Reads a pipe to its end.
    pub(super) fn read(from: impl Read) -> io::Result<Content> {
        let mut bytes = Vec::new();
        from.take(LARGEST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LARGEST {
            let why = "a Parquet file of more than 1 GiB cannot be read from a pipe: name the file";
            return Err(io::Error::new(ErrorKind::FileTooLarge, why));
        }
        Ok(Content::Bytes(bytes))
    }
}

/// Returns whether a file begins as Parquet, and goes back to its beginning.
pub(super) fn is_one(file: &mut File) -> io::Result<bool> {
    let mut head = Vec::new();
    file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut head)?;
    // A device that cannot go back is no Parquet file.
    file.rewind()?;
    Ok(head == MAGIC)
}

pub(super) fn write(
    named: Option<&'static Layout>,
    content: Content,
    target: Target,
) -> Result<(), Failure> {
    // The reader's panics are caught: they are errors of the file, and a backtrace helps nobody.
    panic::set_hook(Box::new(|_| {}));
    let done = write_rows(named, content, target);
    drop(panic::take_hook());
    done
}

fn write_rows(
    named: Option<&'static Layout>,
    content: Content,
    mut target: Target,
) -> Result<(), Failure> {
    let rows = match content {
        Content::File(file) => StoredRows::of_file(file),
        Content::Bytes(bytes) => StoredRows::of_bytes(bytes),
    };
    let rows = rows.map_err(|error| Failure::Input(error.to_string()))?;
    let mut lines = Lines::new(named)?;
    let mut number = 0u64;
    rows.each(|row| {
        number += 1;
        let at_row = |why| Failure::Input(format!("row {number}: {why}"));
        match lines.stored(&row).map_err(at_row)? {
            Some(part) => put(&mut target, &part, "row", number),
            None => Ok(()),
        }
    })?;
    target.finish().map_err(Failure::Output)
}
