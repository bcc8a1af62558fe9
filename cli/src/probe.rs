//! The parsers that read what strangers wrote, for the fuzzer and the tests. Nothing here
//! is stable.

use std::io::{self, ErrorKind, Read as _};

use loginrec::Layout;

use crate::parse_json::Lines;
use crate::parse_text::Rows;
use crate::pieces::Piece;
use crate::time_arg::TimeArg;
use crate::unpack::Format;
use crate::zone::Zone;

/// Records and the offsets that are asked for, as `undump` would write them.
pub type Pieces = Vec<(Option<u64>, Vec<u8>)>;

/// What `undump --from text --layout LAYOUT` makes of rows.
///
/// # Errors
///
/// What `undump` says about the first line it refuses.
pub fn undump_text(layout: &'static Layout, rows: &[u8]) -> Result<Pieces, String> {
    let parser = Rows::new(layout)?;
    pieces(rows, |line| parser.piece(line))
}

/// What `undump --from jsonl` makes of lines.
///
/// # Errors
///
/// What `undump` says about the first line it refuses.
pub fn undump_jsonl(layout: Option<&'static Layout>, lines: &[u8]) -> Result<Pieces, String> {
    let mut parser = Lines::new(layout)?;
    pieces(lines, |line| parser.piece(line))
}

fn pieces(
    input: &[u8],
    mut parse: impl FnMut(&[u8]) -> Result<Option<Piece>, String>,
) -> Result<Pieces, String> {
    let lines = input.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    lines
        .filter(|line| !line.is_empty())
        .filter_map(|line| parse(line).transpose())
        .map(|piece| piece.map(|piece| (piece.offset, piece.bytes)))
        .collect()
}

/// Seconds since 1970 of a TIME argument in a zone, given what time it is.
pub fn time_arg(text: &str, zone: &str, now: i64) -> Option<i64> {
    TimeArg::parse(text).ok()?.seconds(&Zone::parse(zone).ok()?, now)
}

/// What is in compressed data, up to `limit` bytes, and why that is not all; `None` for
/// data that is not compressed.
///
/// # Errors
///
/// Why nothing of it is used.
pub fn unpack(data: &[u8], limit: u64) -> Option<io::Result<(Vec<u8>, Option<String>)>> {
    let mut bytes = Vec::new();
    Some(match Format::of(data)?.unpack(data, limit).read_to_end(&mut bytes) {
        Ok(_) => Ok((bytes, None)),
        Err(error) if bytes.is_empty() || error.kind() == ErrorKind::FileTooLarge => Err(error),
        Err(error) => Ok((bytes, Some(error.to_string()))),
    })
}
