//! The usual line: names cut to their columns, the host after them, short times, nothing to escape.
//! All columns have fixed offsets.

use loginrec::Entry;

use crate::commands::last::pairing::End;
use crate::commands::last::time::TimeCache;
use crate::output::ascii::datetime::hours_minutes;
use crate::output::ascii::scan::column;

/// Length of the longest line: user, line, host, time and end with their separators, and ` (hh:mm)`
/// or `logged in`.
const SIZE: usize = 80;
/// Offsets of the separators.
const SEPARATORS: [usize; 5] = [8, 21, 38, 55, 63];
/// Offset of the duration.
const LENGTH: usize = 64;

/// A line without its texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct FastRow {
    blank: [u8; SIZE],
    separator: u8,
}

impl FastRow {
    pub(super) fn separated_by(separator: u8) -> FastRow {
        let mut blank = [b' '; SIZE];
        for at in SEPARATORS {
            if let Some(byte) = blank.get_mut(at) {
                *byte = separator;
            }
        }
        FastRow { blank, separator }
    }

    /// Appends the line of a login. Returns `false`, and appends nothing, if it is not a usual one.
    #[inline(never)]
    pub(super) fn push(
        &self,
        out: &mut Vec<u8>,
        entry: &Entry<'_>,
        end: End,
        stamps: &mut TimeCache,
    ) -> bool {
        let begun = out.len();
        out.extend_from_slice(&self.blank);
        let Some(place) = out.last_chunk_mut::<SIZE>() else { return false };
        let len = self.fill(place, entry, end, stamps);
        out.truncate(begun + len.unwrap_or(0));
        len.is_some()
    }

    /// Fills in the line and returns its length.
    #[inline]
    fn fill(
        &self,
        place: &mut [u8; SIZE],
        entry: &Entry<'_>,
        end: End,
        stamps: &mut TimeCache,
    ) -> Option<usize> {
        let [user] = column(entry.ut_user.raw(), true)?;
        place[..8].copy_from_slice(&user.to_le_bytes());
        let [line, rest] = column(entry.ut_line.raw(), false)?;
        // The process ids of daemons are omitted.
        if matches!(line as u8, b'f' | b'u') {
            return None;
        }
        place[9..17].copy_from_slice(&line.to_le_bytes());
        place[17..21].copy_from_slice(&(rest as u32).to_le_bytes());
        let [host, more] = column(entry.ut_host.raw(), true)?;
        place[22..30].copy_from_slice(&host.to_le_bytes());
        place[30..38].copy_from_slice(&more.to_le_bytes());
        let begin = entry.ut_tv.tv_sec;
        place[39..55].copy_from_slice(&stamps.short(begin)?);
        let lasted = |end: i64| lasted(end.checked_sub(begin)?);
        let (end, (length, len)) = match end {
            End::At(end) => (stamps.minutes(end)? << 16 | word(b"- \0\0\0\0\0\0"), lasted(end)?),
            End::Down(end) => (word(b"- down \0"), lasted(end)?),
            End::Crash(end) => (word(b"- crash\0"), lasted(end)?),
            End::LoggedIn => (word(b"  still\0"), (*b"logged in\n      ", 10)),
            End::Running | End::Change(_) => return None,
        };
        let end = end | u64::from(self.separator) << 56;
        place[56..LENGTH].copy_from_slice(&end.to_le_bytes());
        place[LENGTH..].copy_from_slice(&length);
        Some(LENGTH + len)
    }
}

const fn word(text: &[u8; 8]) -> u64 {
    u64::from_le_bytes(*text)
}

/// Returns ` (hh:mm)`, the line feed and their length, for durations of less than a day.
#[inline]
fn lasted(seconds: i64) -> Option<([u8; 16], usize)> {
    let length = hours_minutes(seconds)? << 16 | word(b" (\0\0\0\0\0)");
    let whole = u128::from(length) | u128::from(b'\n') << 64;
    Some((whole.to_le_bytes(), 9))
}
