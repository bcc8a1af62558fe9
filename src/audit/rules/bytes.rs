//! Bytes that should be zero and are not.

use std::format;

use crate::layout::field::Role;
use crate::value::event::Event;
use crate::value::text::Text;

use crate::audit::context::RecordContext;
use crate::audit::finding::{Findings, Rule, Severity};
use crate::audit::innocent::{self, Innocent, MAKEDEAD, UNINITIALIZED};
use crate::audit::rules::wiped::is_half_zeroed;
use crate::scan::{is_zero, leading_zeros, trim_zeros};

pub(in crate::audit) static RESIDUE: Rule = Rule {
    id: "residue",
    severity: Severity::Medium,
    title: "text after the NUL of a user, line, host or id",
    meaning: "Consistent with a longer text that was overwritten by a shorter one: what is left of \
        the old name is shown. Not applied to lastlogs and socket addresses, whose writers leave \
        memory in them, nor to the ways in which agetty and login of util-linux leave a tail of \
        their own. Low on platforms whose writers are not known to clear the field, for bytes that \
        are no text, and for a logout whose user lost its first byte.",
    expected: "zeros up to the end of the field",
    innocent: &[
        "a program that copies a name over the previous utmp entry without clearing it",
        "a program that fills the record from memory it did not clear (old ftp servers)",
    ],
    technique: Some("T1070.002"),
    systematic: true,
    ..Rule::NEW
};

pub(in crate::audit) static PADDING_SET: Rule = Rule {
    id: "padding-set",
    severity: Severity::Low,
    title: "alignment bytes that are not zero",
    meaning: "Consistent with a record not written by a program of the system. \
        Applies to Linux, whose writers clear the record first; elsewhere padding is garbage.",
    expected: "zeros",
    innocent: &["a program that does not clear the record before it fills it"],
    technique: None,
    systematic: true,
    ..Rule::NEW
};

pub(in crate::audit) static RESERVED_SET: Rule = Rule {
    id: "reserved-set",
    severity: Severity::Medium,
    title: "reserved bytes that are not zero",
    meaning: "Consistent with a record written by a special tool, or with data hidden in it. \
        Applies to Linux and macOS. Low in files with records of glibc's 64-bit accident, which \
        spill into them, and for logins without an address, as terminal windows are.",
    expected: "zeros",
    innocent: &[
        "a program that does not clear the record before it fills it",
        "a damaged disk block",
    ],
    technique: Some("T1070.002"),
    systematic: true,
    ..Rule::NEW
};

/// Checks a record. `time64_seen` is set if an earlier record had one of the damaged forms of glibc
/// 2.34 to 2.39.
pub(in crate::audit) fn check(
    context: &RecordContext<'_>,
    time64_seen: bool,
    findings: &mut Findings,
) {
    if context.layout.is_lastlog() {
        return;
    }
    let platform = context.layout.platform;
    let record = context.record.bytes();
    let half_zeroed = is_half_zeroed(context);
    for field in context.layout.fields {
        match field.role {
            Role::User | Role::Line | Role::Host | Role::Id if !half_zeroed => {
                let binary = field.role == Role::Id && platform.binary_id;
                let text = Text::new(field.of_record(record));
                if !binary && !is_zero(text.residue()) && !is_innocent(field.role, text) {
                    let tail = tail(text.residue());
                    let explained = residue_explained(context, field.role, text);
                    let message = format!(
                        "{:?} follows the NUL of {} {text:?}: consistent with the end of a \
                         longer text that was overwritten{}",
                        Text::new(tail),
                        field.name,
                        innocent::as_left_by(explained),
                    );
                    let severity = match explained {
                        Some(_) => innocent::severity(&RESIDUE, explained),
                        None => residue_weighs(context),
                    };
                    context.find_field(findings, field, &RESIDUE, severity, message);
                }
            }
            Role::Padding if platform.clears_padding && !is_zero(field.of_record(record)) => {
                let message = format!("padding at byte {} of the record is set", field.offset);
                context.find_field(findings, field, &PADDING_SET, PADDING_SET.severity, message);
            }
            Role::Reserved if platform.clears_reserved && !is_zero(field.of_record(record)) => {
                // A terminal window, in which nobody logs in from another machine.
                let explained = is_local(context).then_some(&UNINITIALIZED);
                let message = format!(
                    "{} is set, which few writers do: consistent with a record not written by the \
                     system{}",
                    field.name,
                    innocent::as_left_by(explained),
                );
                let severity = match time64_seen {
                    true => Severity::Low,
                    false => innocent::severity(&RESERVED_SET, explained),
                };
                context.find_field(findings, field, &RESERVED_SET, severity, message);
            }
            _ => {}
        }
    }
}

/// Returns whether the record has no stored address.
fn is_local(context: &RecordContext<'_>) -> bool {
    matches!(context.event, Event::Login | Event::Logout) && context.entry.addr().is_none()
}

/// Returns the program that leaves such bytes after a NUL.
fn residue_explained(
    context: &RecordContext<'_>,
    role: Role,
    text: Text<'_>,
) -> Option<&'static Innocent> {
    let tail = tail(text.residue());
    // The name begins right after the byte that was cleared.
    let beheaded = text.is_empty() && text.residue().starts_with(tail);
    if role == Role::User && context.event == Event::Logout && beheaded {
        return Some(&MAKEDEAD);
    }
    let is_text = tail.iter().all(|byte| (b' '..=b'~').contains(byte) || *byte == 0);
    (!is_text && context.entry.addr().is_none()).then_some(&UNINITIALIZED)
}

fn residue_weighs(context: &RecordContext<'_>) -> Severity {
    match context.layout.platform.clears_texts {
        true => Severity::Medium,
        false => Severity::Low,
    }
}

/// Returns the bytes after the NUL, without the zeros around them.
fn tail(residue: &[u8]) -> &[u8] {
    let used = trim_zeros(residue);
    used.get(leading_zeros(used)..).unwrap_or_default()
}

/// Returns whether a known program leaves these bytes. agetty writes a line twice (`tty1`, NUL,
/// `tty1`; the second `ttyS0` without its head). login of util-linux writes the name over the
/// `LOGIN` of the getty.
fn is_innocent(role: Role, text: Text<'_>) -> bool {
    let tail = tail(text.residue());
    match role {
        // One letter may be missing in the middle: `ttyS0`, NUL, `tyS0`.
        Role::Line | Role::Id => text.as_bytes().ends_with(tail),
        Role::User => b"LOGIN".ends_with(tail) && tail.len() < 5,
        _ => false,
    }
}
