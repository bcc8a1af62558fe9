//! Records at wrong offsets: cut, moved, or not records at all.

use std::format;

use crate::container::Container;
use crate::detect::{Verdict, detect, fit};
use crate::error::Error;
use crate::layout::Layout;
use crate::value::text::Text;

use crate::audit::context::RecordContext;
use crate::audit::finding::{Findings, Location, Rule, Severity};
use crate::audit::rules::messages;
use crate::scan::is_zero;

pub(in crate::audit) static PARTIAL_RECORD: Rule = Rule {
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

pub(in crate::audit) static GRID_SHIFT: Rule = Rule {
    id: "grid-shift",
    severity: Severity::High,
    title: "records that are not at a multiple of the record size",
    meaning: "Consistent with bytes inserted into the file or removed from it by a tool that does \
        not know the record, or with a head that was cut off: from that byte on, records follow \
        one another in the right distance but not at multiples of it.",
    expected: "every record at a multiple of the record size",
    innocent: &[
        "a record written in part when the machine failed, and the next after it (by programs \
         that write without glibc)",
        "a file assembled from pieces, for instance from a damaged disk",
        "an upgrade to records of another size within one file",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static NO_RECORD: Rule = Rule {
    id: "no-record",
    severity: Severity::Medium,
    title: "bytes in place of a record that are not one",
    meaning: "Consistent with a record overwritten with random bytes or text. More than one of \
        its numbers is impossible, or its texts are none. Low if the texts make sense, or the file \
        is not known to be a history.",
    expected: "a record of the layout",
    innocent: &["a damaged block", "a record of another layout of the same size"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static ZERO_LENGTHS: Rule = Rule {
    id: "zero-lengths",
    severity: Severity::Medium,
    title: "zero bytes between the records of a utx.log",
    meaning: "Consistent with records wiped in place: each record follows its length, and no \
        length is zero. FreeBSD's own reader skips such bytes one by one. Low at the end.",
    expected: "a length from 1 to 197 before each record",
    innocent: &["a file system that lost the last write in a crash"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static BROKEN_CHAIN: Rule = Rule {
    id: "broken-chain",
    severity: Severity::Medium,
    title: "a length in a utx.log that leads to no record",
    meaning: "Consistent with bytes inserted, removed or overwritten: lengths lead from record to \
        record, and one wrong byte breaks the chain.",
    expected: "lengths that lead from record to record until the end of the file",
    innocent: &["a damaged block", "a log of a later FreeBSD with longer records"],
    technique: Some("T1070.002"),
    systematic: true,
    ..Rule::NEW
};

pub(in crate::audit) static DATABASE_DAMAGE: Rule = Rule {
    id: "database-damage",
    severity: Severity::Low,
    title: "a damaged page of a database",
    meaning: "Consistent with a database that was changed byte by byte, or with damage.",
    expected: "pages as Berkeley DB 1.85 or SQLite writes them",
    innocent: &["a machine that failed while a page was written"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

/// Reports a shift of the grid: `between` are the bytes between the last record before it and the
/// first one after it.
pub(in crate::audit) fn shifted(
    layout: &'static Layout,
    location: Location,
    between: &[u8],
    findings: &mut Findings,
) {
    let (inserted, size) = (between.len(), layout.size);
    let beyond = inserted.checked_rem(size).unwrap_or(0);
    let removed = size.saturating_sub(beyond);
    let whole = location.offset.saturating_add(inserted as u64);
    let message = match location.offset {
        0 => format!(
            "the first record begins at byte {inserted}: consistent with {removed} bytes cut off \
             the head of the file, or {inserted} inserted before it"
        ),
        _ => {
            // A record that begins well lost its end.
            let begun = inserted >= 16 && fit(layout, between).is_some_and(|bits| bits > 0);
            let (first, second) =
                (format!("{removed} bytes removed"), format!("{inserted} bytes inserted"));
            let (likely, less) = if begun { (first, second) } else { (second, first) };
            format!(
                "{inserted} bytes that are not a record, then records from byte {whole} on: \
                 consistent with {likely}, less likely with {less}"
            )
        }
    };
    findings.add(&GRID_SHIFT, GRID_SHIFT.severity, location, between, message);
}

/// Reports bytes that cannot be a record. Returns whether it did.
pub(in crate::audit) fn no_record(
    context: &RecordContext<'_>,
    oddities: usize,
    findings: &mut Findings,
) -> bool {
    let (layout, record, location) = (context.layout, context.record.bytes(), context.location());
    // A single odd number has a rule of its own.
    if oddities == 1 || is_zero(record) || fit(layout, record).is_some() {
        return false;
    }
    if layout.container == Container::Array {
        let message = format!("these {} bytes cannot be a record of {}", record.len(), layout.name);
        if context.layout.platform.ut_types.is_empty() && !has_broken_text(context) {
            return false; // could be a record whose texts fill their fields
        }
        let sure = context.is_history() && has_broken_text(context);
        let severity = if sure { NO_RECORD.severity } else { Severity::Low };
        findings.add(&NO_RECORD, severity, location, record, message);
    }
    if layout.container == Container::LengthPrefixed {
        let message = match record.len() > layout.size {
            true => {
                format!("a length of {}, but no record has more than {}", record.len(), layout.size)
            }
            false => format!("the {} bytes after a length cannot be a record", record.len()),
        };
        findings.add(&BROKEN_CHAIN, BROKEN_CHAIN.severity, location, record, message);
    }
    true
}

/// Returns whether user and line are full of bytes that no program writes there.
fn has_broken_text(context: &RecordContext<'_>) -> bool {
    let broken = |text: Text<'_>| {
        let shown = text.as_bytes();
        shown.iter().filter(|byte| byte.is_ascii_control()).count() > 2
            || core::str::from_utf8(shown).is_err() && shown.len() > 2
    };
    broken(context.entry.ut_user) && broken(context.entry.ut_line)
        || broken(context.entry.ut_host) && broken(context.entry.ut_user)
}

/// Reports lost framing. `bytes` are those concerned, if the caller has them.
pub(in crate::audit) fn damage(
    layout: &'static Layout,
    file: u32,
    error: &Error,
    bytes: &[u8],
    findings: &mut Findings,
) {
    let location = Location { file, index: None, offset: error.offset(), time: None };
    match *error {
        Error::Truncated { .. } | Error::Skipped { .. } | Error::Reference { .. }
            if layout.container.has_rows() =>
        {
            messages::damage(location, error, bytes, findings);
        }
        Error::Truncated { need, have, .. } if layout.container == Container::LengthPrefixed => {
            let message = format!("a record of {need} bytes begins here, and {have} are left");
            // Length, type and time: enough to recognize a record.
            let rule = if need > 199 { &BROKEN_CHAIN } else { &PARTIAL_RECORD };
            let severity = if have < 11 { Severity::Low } else { rule.severity };
            findings.add(rule, severity, location, bytes, message);
        }
        Error::Truncated { have, .. } => partial(layout, location, have, bytes, findings),
        Error::ZeroLength { skipped, .. } => {
            let message =
                format!("{skipped} zero bytes where a length should be: consistent with a wipe");
            findings.add(&ZERO_LENGTHS, ZERO_LENGTHS.severity, location, bytes, message);
        }
        Error::Skipped { len, .. } if layout.container == Container::LengthPrefixed => {
            let message = format!("{len} bytes that no length leads to, then records again");
            findings.add(&BROKEN_CHAIN, BROKEN_CHAIN.severity, location, bytes, message);
        }
        Error::Skipped { .. } => {
            let index = location.offset.checked_div(layout.size as u64);
            shifted(layout, Location { index, ..location }, bytes, findings);
        }
        Error::Page { .. }
        | Error::Reference { .. }
        | Error::ValueLength { .. }
        | Error::Fragmented { .. }
        | Error::Database { .. } => {
            let message = format!("{error}");
            findings.add(&DATABASE_DAMAGE, DATABASE_DAMAGE.severity, location, bytes, message);
        }
    }
}

pub(in crate::audit) fn partial(
    layout: &'static Layout,
    location: Location,
    have: u64,
    bytes: &[u8],
    findings: &mut Findings,
) {
    let size = layout.size;
    let enough = bytes.len() >= 12.max(size / 8);
    let begins = enough && fit(layout, bytes).is_some_and(|bits| bits > 0);
    let severity = match begins && layout.container != Container::Slots {
        true => PARTIAL_RECORD.severity,
        false => Severity::Low,
    };
    let what = match begins {
        true => "the beginning of a record",
        false => "bytes that do not look like a record",
    };
    let message = format!(
        "{have} bytes of {size} are left after the last whole record: {what}, consistent with a \
         cut that ignored where records end"
    );
    findings.add(&PARTIAL_RECORD, severity, location, bytes, message);
}

/// Returns the layout of a file whose records are all shifted, for instance because its head was
/// cut off.
///
/// Read as this layout, the records make no sense; [`Audit`](crate::audit::Audit) finds their
/// offsets.
pub fn find_off_grid(data: &[u8]) -> Option<&'static Layout> {
    let found = detect(data);
    found.layout().filter(|_| found.is_off_grid() && found.verdict() == Verdict::Recognized)
}
