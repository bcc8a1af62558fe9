//! The columns of a line: cut and padded by bytes, as printf(3) does.

use std::io::Write as _;

use loginrec::Text;

use crate::args::zone::{Offsets, Zone};
use crate::commands::wtmpdb::args::TimeFormat;
use crate::output::ascii::datetime::{Civil, push_ctime};
use crate::output::ascii::number::time_of_day;

/// Appends at most `most` bytes of a text, then blanks up to `width`.
pub(super) fn cell(out: &mut Vec<u8>, text: &[u8], width: usize, most: usize) {
    let begin = out.len();
    let text = text.get(..most).unwrap_or(text);
    match text.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        true => out.extend_from_slice(text),
        // Writing to a Vec cannot fail.
        false => drop(write!(out, "{}", Text::new(text))),
    }
    let len = out.len().saturating_sub(begin);
    out.extend(std::iter::repeat_n(b' ', width.saturating_sub(len)));
}

/// How a time is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Login(TimeFormat),
    /// As a login, but only the time of day in the short format.
    Logout(TimeFormat),
}

impl Form {
    /// Columns of the time.
    pub(super) fn width(self) -> usize {
        match self {
            Form::Login(TimeFormat::Notime) | Form::Logout(TimeFormat::Notime) => 0,
            Form::Login(TimeFormat::Short) => 16,
            Form::Logout(TimeFormat::Short) => 5,
            Form::Login(TimeFormat::Full) | Form::Logout(TimeFormat::Full) => 24,
            Form::Login(TimeFormat::Iso) | Form::Logout(TimeFormat::Iso) => 25,
        }
    }
}

/// Prints times in a zone.
#[derive(Debug)]
pub(super) struct Times(Offsets);

impl Times {
    pub(super) fn new(zone: &Zone) -> Times {
        Times(zone.offsets())
    }

    pub(super) fn text(&mut self, seconds: i64, form: Form) -> Vec<u8> {
        let mut out = Vec::with_capacity(32);
        self.push(&mut out, seconds, form);
        out
    }

    pub(super) fn push(&mut self, out: &mut Vec<u8>, seconds: i64, form: Form) {
        // No zone has an offset for years after 9999.
        let east = self.0.east(seconds).unwrap_or_default();
        let local = seconds.saturating_add(east.into());
        match form {
            Form::Login(TimeFormat::Notime) | Form::Logout(TimeFormat::Notime) => {}
            Form::Login(TimeFormat::Short) => {
                push_ctime(out, local);
                out.truncate(out.len().saturating_sub(3));
            }
            Form::Logout(TimeFormat::Short) => {
                let [h, i, colon, m, n, ..] = time_of_day(local.rem_euclid(86_400) as u32);
                out.extend_from_slice(&[h, i, colon, m, n]);
            }
            Form::Login(TimeFormat::Full) | Form::Logout(TimeFormat::Full) => {
                let year = push_ctime(out, local);
                // Writing to a Vec cannot fail.
                let _ = write!(out, " {year}");
            }
            Form::Login(TimeFormat::Iso) | Form::Logout(TimeFormat::Iso) => {
                let _ = write!(out, "{}", Civil::of(local));
                let [h, i, _, m, n, ..] = time_of_day(east.unsigned_abs());
                out.extend_from_slice(&[if east < 0 { b'-' } else { b'+' }, h, i, m, n]);
            }
        }
    }
}

/// Returns the time between two times in microseconds: ` (06:00)` or `(4+15:57)`.
pub(super) fn length(begin: i64, end: i64) -> String {
    // The tool's difference of unsigned numbers.
    let micros = (i128::from(end) - i128::from(begin)).rem_euclid(1 << 64);
    let seconds = (micros / 1_000_000) as u64;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match days {
        0 => format!(" ({hours:02}:{minutes:02})"),
        // The tool prints them as a signed number.
        days => format!("({}+{hours:02}:{minutes:02})", days as i64),
    }
}
