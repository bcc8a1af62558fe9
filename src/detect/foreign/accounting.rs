//! Recognizes process accounting, whose records are as long as those of a tallylog.

use crate::detect::foreign::kind::Foreign;
use crate::detect::foreign::kind::ForeignClass::Accounting;
use crate::detect::sample::Sample;
use crate::endian::{Endian, read_uint};
use crate::scan::is_zero;
use crate::value::text::Text;

const ACCT: Foreign = Foreign::new("process accounting (acct)", Accounting);

/// Bytes at the beginning that are examined, and the length of a record.
const REACH: usize = 4 << 10;
const SIZE: usize = 64;

/// Returns whether this is process accounting of Linux, version 3: 64 bytes, the second of which is
/// the version.
pub(super) fn find(sample: &Sample<'_>) -> Option<Foreign> {
    let is_one = |record: &[u8]| {
        let order = match record {
            [0..=0x3f, 3, ..] => Endian::Little,
            [0..=0x3f, 0x83, ..] => Endian::Big,
            _ => return false,
        };
        let time = read_uint(order, record.get(24..28).unwrap_or_default(), 4);
        let command = record.get(48..64).unwrap_or_default();
        (1..0x7fff_ffff).contains(&time) && is_clean(command) && !is_zero(command)
    };
    let mut records = sample.head(REACH).chunks_exact(SIZE).peekable();
    (records.peek().is_some() && records.all(is_one)).then_some(ACCT)
}

/// Returns whether a text is printable and followed by zeros.
fn is_clean(field: &[u8]) -> bool {
    let shown = Text::new(field).as_bytes();
    let rest = field.get(shown.len()..).unwrap_or_default();
    shown.iter().all(|byte| (b' '..=b'~').contains(byte)) && is_zero(rest)
}
