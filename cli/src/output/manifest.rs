//! `--manifest`: the sources that were read, with checksums.

use std::io::{self, Write as _};
use std::path::Path;

use loginrec::contract::EscapedUtf8;

#[cfg(feature = "parquet")]
use crate::diagnostics::Diagnostics;
use crate::ledger::{Ledger, Listed};
use crate::output::destination::{Destination, Writing};
use crate::output::writer::Output;

/// A manifest that is written at the end.
#[derive(Debug)]
pub(crate) struct Manifest {
    destination: Destination,
    out: Output,
    is_jsonl: bool,
}

impl Manifest {
    /// Checks that the file can be written.
    pub(crate) fn open(path: &Path, ledger: &Ledger) -> io::Result<Manifest> {
        let (destination, out) = Destination::open(Some(path), Writing::Whole, ledger)?;
        let is_jsonl = path.extension().is_some_and(|extension| extension == "jsonl");
        Ok(Manifest { destination, out, is_jsonl })
    }

    /// Writes the sources, which `ledger` has collected.
    pub(crate) fn write(mut self, listed: &[Listed], ledger: &Ledger) -> io::Result<()> {
        for source in listed {
            match self.is_jsonl {
                true => jsonl(self.out.lines(), source)?,
                // sha256sum looks for files, so only the archive is listed.
                false if source.is_member => continue,
                false => sha256sum(self.out.lines(), source)?,
            }
            self.out.settle()?;
        }
        self.out.flush()?;
        drop(self.out);
        self.destination.publish(ledger).map_err(|(_, error)| error)
    }
}

/// Returns the sources that were read, with their checksums, as a JSON list.
#[cfg(feature = "parquet")]
pub(crate) fn sources(report: &mut Diagnostics) -> String {
    let listed = report.ledger.listed(|_, _| {});
    let rows: Vec<serde_json::Value> = listed.iter().map(row).collect();
    serde_json::Value::from(rows).to_string()
}

/// Returns a line as sha256sum prints and reads it: line feeds, returns and backslashes in a name
/// are escaped, and the line then begins with a backslash.
fn sha256sum(line: &mut Vec<u8>, Listed { path, sum, .. }: &Listed) -> io::Result<()> {
    let name = path.as_encoded_bytes();
    if name.iter().any(|byte| matches!(byte, b'\n' | b'\r' | b'\\')) {
        line.push(b'\\');
    }
    write!(line, "{}  ", sum.sha256)?;
    for &byte in name {
        match byte {
            b'\n' => line.extend_from_slice(b"\\n"),
            b'\r' => line.extend_from_slice(b"\\r"),
            b'\\' => line.extend_from_slice(b"\\\\"),
            byte => line.push(byte),
        }
    }
    line.push(b'\n');
    Ok(())
}

fn jsonl(line: &mut Vec<u8>, source: &Listed) -> io::Result<()> {
    writeln!(line, "{}", row(source))
}

fn row(Listed { path, sum, .. }: &Listed) -> serde_json::Value {
    let path = EscapedUtf8(path.as_encoded_bytes()).to_string();
    serde_json::json!({ "path": path, "size": sum.len, "sha256": sum.sha256 })
}
