//! The parsers of untrusted text, for the fuzzer and the tests. Nothing here is stable.

use loginrec::Layout;

use crate::args::time::TimeArg;
use crate::args::zone::Zone;
use crate::commands::undump::fwtmp;
use crate::commands::undump::jsonl::Lines;
use crate::commands::undump::place::FilePart;
use crate::commands::undump::text::Rows;

/// Records and their requested offsets, as `undump` would write them.
pub type FileParts = Vec<(Option<u64>, Vec<u8>)>;

/// Parses rows like `undump --from text --layout LAYOUT`.
///
/// # Errors
///
/// The message of `undump` about the first line it rejects.
pub fn undump_text(layout: &'static Layout, rows: &[u8]) -> Result<FileParts, String> {
    let parser = Rows::new(layout)?;
    parts(rows, |line| parser.part(line))
}

/// Parses lines like `undump --from jsonl`.
///
/// # Errors
///
/// The message of `undump` about the first line it rejects.
pub fn undump_jsonl(layout: Option<&'static Layout>, lines: &[u8]) -> Result<FileParts, String> {
    let mut parser = Lines::new(layout)?;
    parts(lines, |line| parser.part(line))
}

/// Parses lines like `undump`, of the form of fwtmp that the first line has; `None` if it has none.
/// The layout is that of the records.
pub fn undump_fwtmp(lines: &[u8]) -> Option<Result<(&'static Layout, FileParts), String>> {
    let first = lines.split(|&byte| byte == b'\n').next()?;
    Some(fwtmp::Lines::of(first, None)?.and_then(|parser| {
        let rows = lines.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        let parts = rows.filter_map(|line| parser.part(line).transpose());
        let parts = parts.map(|part| part.map(|part| (part.offset, part.bytes)));
        Ok((parser.layout(), parts.collect::<Result<FileParts, String>>()?))
    }))
}

fn parts(
    input: &[u8],
    mut parse: impl FnMut(&[u8]) -> Result<Option<FilePart>, String>,
) -> Result<FileParts, String> {
    let lines = input.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    lines
        .filter(|line| !line.is_empty())
        .filter_map(|line| parse(line).transpose())
        .map(|part| part.map(|part| (part.offset, part.bytes)))
        .collect()
}

/// Returns the seconds since 1970 of a TIME argument in a zone, given the current time.
pub fn time_arg(text: &str, zone: &str, now: i64) -> Option<i64> {
    TimeArg::parse(text).ok()?.seconds(&Zone::parse(zone).ok()?, now)
}
