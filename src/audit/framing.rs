//! Records that are not where they should be: cut, moved, or none at all.

use std::collections::VecDeque;
use std::format;
use std::vec::Vec;

use crate::detect::{Hints, Verdict, detect_with, fit};
use crate::error::Error;
use crate::frame::{Framing, is_zero};
use crate::layout::Layout;
use crate::record::Record;
use crate::text::Text;

use super::rule::{Findings, Rule, Severity, Spot};
use super::scene::Scene;

pub(super) static PARTIAL_RECORD: Rule = Rule {
    id: "partial-record",
    severity: Severity::Medium,
    title: "the file ends within a record",
    meaning: "Consistent with a file cut to a length that was not computed from records, as \
        utxghost leaves it, or with bytes removed further up. Low if the rest is too short, or \
        does not look like the beginning of a record; low in a lastlog, which archives cut.",
    expected: "a size that is a multiple of the record",
    innocent: &[
        "a copy that was interrupted",
        "a disk that was full, or a machine that failed, while the record was written",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(super) static GRID_SHIFT: Rule = Rule {
    id: "grid-shift",
    severity: Severity::High,
    title: "records that stand off the grid",
    meaning: "Consistent with bytes inserted into the file or removed from it by a tool that does \
        not know the record, or with a head that was cut off: from that byte on, records follow \
        one another in the right distance but not at multiples of it.",
    expected: "every record at a multiple of the record size",
    innocent: &[
        "a record written in part when the machine failed, and the next behind it (by programs \
         that write without glibc)",
        "a file put together from pieces, as from a damaged disk",
        "an upgrade to records of another size within one file",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(super) static NO_RECORD: Rule = Rule {
    id: "no-record",
    severity: Severity::Medium,
    title: "bytes on the grid that are no record",
    meaning: "Consistent with a record overwritten with random bytes or text. More than one of \
        its numbers is impossible, or its texts are none. Low if the texts make sense, or the file \
        is not known to be a history.",
    expected: "a record of the layout",
    innocent: &["a damaged block", "a record of another layout of the same size"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(super) static ZERO_LENGTHS: Rule = Rule {
    id: "zero-lengths",
    severity: Severity::Medium,
    title: "zero bytes between the records of a utx.log",
    meaning: "Consistent with records wiped in place: each record stands behind its length, and no \
        length is zero. FreeBSD's own reader passes over such bytes one by one. Low at the end.",
    expected: "a length from 1 to 197 in front of each record",
    innocent: &["a file system that lost the last write in a crash"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(super) static BROKEN_CHAIN: Rule = Rule {
    id: "broken-chain",
    severity: Severity::Medium,
    title: "a length in a utx.log that leads to no record",
    meaning: "Consistent with bytes inserted, removed or overwritten: lengths lead from record to \
        record, and one wrong byte breaks the chain.",
    expected: "lengths that lead from record to record until the end of the file",
    innocent: &["a damaged block", "a log of a later FreeBSD with longer records"],
    technique: Some("T1070.002"),
    habit: true,
    ..Rule::NEW
};

pub(super) static DATABASE_DAMAGE: Rule = Rule {
    id: "database-damage",
    severity: Severity::Low,
    title: "a page of a lastlogx that does not hold together",
    meaning: "Consistent with a database that was changed byte by byte, or with damage.",
    expected: "pages as the library of Berkeley DB 1.85 writes them",
    innocent: &["a machine that failed while a page was written"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

/// Bits from which on a reading is a record without a doubt.
const CERTAIN: i32 = 12;
/// Searches that find nothing, until no more are made: such a file is noise.
const FRUITLESS: u32 = 4096;

/// What leaves the grid.
#[derive(Debug)]
pub(super) enum Step {
    /// One record's bytes and their offset; whether they can be one.
    Record { bytes: Vec<u8>, offset: u64 },
    /// From this offset on the grid is moved by that many bytes.
    Shift { offset: u64, between: Vec<u8> },
}

/// Finds where records stand, if not where they should. Doubtful records are held back
/// until three are there, or the end is.
#[derive(Debug)]
pub(super) struct Grid {
    layout: &'static Layout,
    held: VecDeque<u8>,
    offset: u64,
    fruitless: u32,
}

impl Grid {
    pub(super) fn new(layout: &'static Layout) -> Grid {
        Grid { layout, held: VecDeque::new(), offset: 0, fruitless: 0 }
    }

    /// Whether a record is where it should be, so that it need not be held back.
    pub(super) fn is_in_place(&self, record: &Record<'_>) -> bool {
        self.held.is_empty()
            && (self.fruitless >= FRUITLESS || is_certain(self.layout, record.bytes()))
    }

    /// Whether records held back, or the grid itself, make a partial tail part of a record.
    pub(super) fn is_moved(&self) -> bool {
        !self.held.is_empty()
    }

    pub(super) fn hold(&mut self, bytes: &[u8], offset: u64) {
        if self.held.is_empty() {
            self.offset = offset;
        }
        self.held.extend(bytes);
    }

    /// The next thing that can be said; with `all`, there are no more bytes to come.
    pub(super) fn step(&mut self, all: bool) -> Option<Step> {
        let (layout, size) = (self.layout, self.layout.size);
        let held = self.held.make_contiguous();
        let record = held.get(..size)?;
        if is_certain(layout, record) {
            return Some(self.record());
        }
        if !all && held.len() < size.saturating_mul(3) {
            return None;
        }
        let next = held.get(size..).and_then(|next| next.get(..size));
        if self.fruitless >= FRUITLESS || next.is_some_and(|next| is_strong(layout, next)) {
            return Some(self.record());
        }
        let Some(by) = (1..size).find(|&by| starts_grid(layout, held, by)) else {
            self.fruitless = self.fruitless.saturating_add(1);
            return Some(self.record());
        };
        let offset = self.offset.saturating_add(by as u64);
        let between = self.held.drain(..by).collect();
        self.offset = offset;
        Some(Step::Shift { offset, between })
    }

    fn record(&mut self) -> Step {
        let offset = self.offset;
        let size = self.layout.size.min(self.held.len());
        self.offset = offset.saturating_add(size as u64);
        Step::Record { bytes: self.held.drain(..size).collect(), offset }
    }

    /// What is left when no whole record is, and its offset.
    pub(super) fn rest(&mut self) -> (Vec<u8>, u64) {
        (self.held.drain(..).collect(), self.offset)
    }
}

/// Whether nothing needs to be looked for elsewhere.
fn is_certain(layout: &'static Layout, record: &[u8]) -> bool {
    is_zero(record) || fit(layout, record).is_some_and(|bits| bits >= 0)
}

fn is_strong(layout: &'static Layout, record: &[u8]) -> bool {
    fit(layout, record).is_some_and(|bits| bits >= CERTAIN)
}

/// Whether records begin `by` bytes further on: two, or one and the end.
fn starts_grid(layout: &'static Layout, held: &[u8], by: usize) -> bool {
    let mut records = held.get(by..).unwrap_or_default().chunks_exact(layout.size);
    records.next().is_some_and(|first| is_strong(layout, first))
        && records.next().is_none_or(|second| is_certain(layout, second))
}

/// Says that the grid has moved: `between` is what stands between the last record of the old
/// grid and the first of the new.
pub(super) fn shifted(layout: &'static Layout, spot: Spot, between: &[u8], out: &mut Findings) {
    let (inserted, size) = (between.len(), layout.size);
    let removed = size.saturating_sub(inserted);
    let whole = spot.offset.saturating_add(inserted as u64);
    let message = match spot.offset {
        0 => format!(
            "the first record begins at byte {inserted}: consistent with {removed} bytes cut off \
             the head of the file, or {inserted} put in front"
        ),
        _ => {
            // A record that begins well lost its end.
            let begun = inserted >= 16 && fit(layout, between).is_some_and(|bits| bits > 0);
            let (first, second) =
                (format!("{removed} bytes removed"), format!("{inserted} bytes inserted"));
            let (likely, less) = if begun { (first, second) } else { (second, first) };
            format!(
                "{inserted} bytes that are no record, then records at byte {whole} and on: \
                 consistent with {likely}, less likely with {less}"
            )
        }
    };
    out.add(&GRID_SHIFT, GRID_SHIFT.severity, spot, between, message);
}

/// A record that can be none; whether it is one.
pub(super) fn no_record(scene: &Scene<'_>, oddities: usize, out: &mut Findings) -> bool {
    let (layout, record, spot) = (scene.layout, scene.record.bytes(), scene.spot());
    // A single odd number has a rule of its own.
    if oddities == 1 || is_zero(record) || fit(layout, record).is_some() {
        return false;
    }
    if layout.framing == Framing::Fixed {
        let message = format!("these {} bytes cannot be a record of {}", record.len(), layout.name);
        if scene.layout.dialect.ut_types.is_empty() && !has_broken_text(scene) {
            return false; // nothing tells it from a record whose texts fill their fields
        }
        let sure = scene.is_history() && has_broken_text(scene);
        let severity = if sure { NO_RECORD.severity } else { Severity::Low };
        out.add(&NO_RECORD, severity, spot, record, message);
    }
    if layout.framing == Framing::LengthPrefixed {
        let message = match record.len() > layout.size {
            true => {
                format!("a length of {}, but no record has more than {}", record.len(), layout.size)
            }
            false => format!("the {} bytes behind a length cannot be a record", record.len()),
        };
        out.add(&BROKEN_CHAIN, BROKEN_CHAIN.severity, spot, record, message);
    }
    true
}

/// Whether user and line are full of bytes that no program writes there.
fn has_broken_text(scene: &Scene<'_>) -> bool {
    let broken = |text: Text<'_>| {
        let shown = text.as_bytes();
        shown.iter().filter(|byte| byte.is_ascii_control()).count() > 2
            || core::str::from_utf8(shown).is_err() && shown.len() > 2
    };
    broken(scene.entry.ut_user) && broken(scene.entry.ut_line)
        || broken(scene.entry.ut_host) && broken(scene.entry.ut_user)
}

/// Lost framing. `bytes` are those concerned, where the caller has them.
pub(super) fn damage(
    layout: &'static Layout,
    file: u32,
    error: &Error,
    bytes: &[u8],
    out: &mut Findings,
) {
    let spot = Spot { file, index: None, offset: error.offset() };
    match *error {
        Error::Truncated { need, have, .. } if layout.framing == Framing::LengthPrefixed => {
            let message = format!("a record of {need} bytes begins here, and {have} are left");
            // Length, type and time: enough to know a record by.
            let rule = if need > 199 { &BROKEN_CHAIN } else { &PARTIAL_RECORD };
            let severity = if have < 11 { Severity::Low } else { rule.severity };
            out.add(rule, severity, spot, bytes, message);
        }
        Error::Truncated { have, .. } => partial(layout, spot, have, bytes, out),
        Error::ZeroLength { skipped, .. } => {
            let message =
                format!("{skipped} zero bytes where a length should be: consistent with a wipe");
            out.add(&ZERO_LENGTHS, ZERO_LENGTHS.severity, spot, bytes, message);
        }
        Error::Page { .. } | Error::ValueLength { .. } | Error::Scattered { .. } => {
            let message = format!("{error}");
            out.add(&DATABASE_DAMAGE, DATABASE_DAMAGE.severity, spot, bytes, message);
        }
    }
}

pub(super) fn partial(
    layout: &'static Layout,
    spot: Spot,
    have: u64,
    bytes: &[u8],
    out: &mut Findings,
) {
    let size = layout.size;
    let enough = bytes.len() >= 12.max(size / 8);
    let begins = enough && fit(layout, bytes).is_some_and(|bits| bits > 0);
    let severity = match begins && layout.framing != Framing::Indexed {
        true => PARTIAL_RECORD.severity,
        false => Severity::Low,
    };
    let what = match begins {
        true => "the beginning of a record",
        false => "bytes that do not look like a record",
    };
    let message = format!(
        "{have} bytes of {size} are left behind the last whole record: {what}, consistent with a \
         cut that ignored where records end"
    );
    out.add(&PARTIAL_RECORD, severity, spot, bytes, message);
}

/// The layout of a file whose records all stand off the grid, as after its head was cut off:
/// what [`detect`](crate::detect::detect) does not recognise. Looks at every way to begin,
/// so it is slow: a few hundred times as slow as detection.
///
/// Read as this layout, the records make no sense; [`Audit`](super::Audit) finds out where
/// they stand.
pub fn find_off_grid(data: &[u8]) -> Option<&'static Layout> {
    const LONGEST: usize = 648;
    const LOOKED_AT: usize = 64 << 10;
    let looked_at = |skip: usize| {
        let rest = data.get(skip..)?;
        let found = detect_with(rest.get(..LOOKED_AT).unwrap_or(rest), &Hints::default());
        let layout = found.layout().filter(|_| found.verdict() == Verdict::Recognised)?;
        let fixed = layout.framing == Framing::Fixed && !layout.dialect.ut_types.is_empty();
        (fixed && found.score() >= 4 * CERTAIN).then_some((found.score(), layout))
    };
    let best = (1..LONGEST.min(data.len())).filter_map(looked_at).max_by_key(|(score, _)| *score);
    best.map(|(_, layout)| layout)
}
