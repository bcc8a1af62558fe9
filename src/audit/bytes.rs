//! Bytes that should be zero and are not.

use std::format;

use crate::dialect::Rules;
use crate::field::Role;
use crate::frame::is_zero;
use crate::text::Text;

use super::rule::{Findings, Rule, Severity};
use super::scene::Scene;
use super::wiped::is_half_zeroed;

pub(super) static RESIDUE: Rule = Rule {
    id: "residue",
    severity: Severity::Medium,
    title: "text behind the NUL of a user, line, host or id",
    meaning: "Consistent with a longer text that was overwritten by a shorter one: what is left of \
        the old name is shown. Not applied to lastlogs and socket addresses, whose writers leave \
        memory in them, nor to the ways in which agetty and login of util-linux leave a tail of \
        their own. Low on platforms whose writers are not known to clear the field.",
    expected: "zeros up to the end of the field",
    innocent: &[
        "a program that copies a name over the previous utmp entry without clearing it",
        "a program that fills the record from memory it did not clear (old ftp servers)",
    ],
    technique: Some("T1070.002"),
    habit: true,
    ..Rule::NEW
};

pub(super) static PADDING_SET: Rule = Rule {
    id: "padding-set",
    severity: Severity::Low,
    title: "alignment bytes that are not zero",
    meaning: "Consistent with a record written by another program than those of the system. \
        Applies to Linux, whose writers clear the record first; elsewhere padding is garbage.",
    expected: "zeros",
    innocent: &["a program that does not clear the record before it fills it"],
    technique: None,
    habit: true,
    ..Rule::NEW
};

pub(super) static RESERVED_SET: Rule = Rule {
    id: "reserved-set",
    severity: Severity::Medium,
    title: "reserved bytes that are not zero",
    meaning: "Consistent with a record written by a tool of its own, or with data hidden in it. \
        Applies to Linux and macOS, where no known writer sets them. Low in files with records \
        of glibc's 64-bit accident, which spill into them.",
    expected: "zeros",
    innocent: &[
        "a program that does not clear the record before it fills it",
        "a damaged disk block",
    ],
    technique: Some("T1070.002"),
    habit: true,
    ..Rule::NEW
};

/// `spills`: a record before was of glibc's time64 accident.
pub(super) fn see(scene: &Scene<'_>, spills: bool, out: &mut Findings) {
    if scene.layout.is_lastlog() {
        return;
    }
    let record = scene.record.bytes();
    let half_zeroed = is_half_zeroed(scene);
    for field in scene.layout.fields {
        match field.role {
            Role::User | Role::Line | Role::Host | Role::Id if !half_zeroed => {
                let binary = field.role == Role::Id && scene.layout.dialect.binary_id;
                let text = Text::new(field.of_record(record));
                if !binary && !is_zero(text.residue()) && !is_innocent(field.role, text) {
                    let tail = tail(text.residue());
                    let message = format!(
                        "behind the NUL of {} {text:?} stands {:?}: consistent with the end of a \
                         longer text that was overwritten",
                        field.name,
                        Text::new(tail),
                    );
                    scene.find_field(out, field, &RESIDUE, residue_weighs(scene), message);
                }
            }
            Role::Padding if scene.is_linux() && !is_zero(field.of_record(record)) => {
                let message = format!("padding at byte {} of the record is set", field.offset);
                scene.find_field(out, field, &PADDING_SET, PADDING_SET.severity, message);
            }
            Role::Reserved if is_kept_zero(scene) && !is_zero(field.of_record(record)) => {
                let message = format!(
                    "{} is set, which no known writer does: consistent with a record not written \
                     by the system",
                    field.name
                );
                let severity = if spills { Severity::Low } else { RESERVED_SET.severity };
                scene.find_field(out, field, &RESERVED_SET, severity, message);
            }
            _ => {}
        }
    }
}

fn is_kept_zero(scene: &Scene<'_>) -> bool {
    scene.is_linux() || scene.layout.dialect.system == "macOS"
}

fn residue_weighs(scene: &Scene<'_>) -> Severity {
    match scene.layout.dialect.rules {
        Rules::Linux => Severity::Medium,
        _ if scene.is_futx() => Severity::Medium,
        _ => Severity::Low,
    }
}

/// What is behind the NUL, without the zeros around it.
fn tail(residue: &[u8]) -> &[u8] {
    let begin = residue.iter().position(|&b| b != 0).unwrap_or(0);
    let end = residue.iter().rposition(|&b| b != 0).map_or(0, |last| last.saturating_add(1));
    residue.get(begin..end).unwrap_or_default()
}

/// agetty writes a line twice (`tty1`, NUL, `tty1`; of `ttyS0` the second without its head);
/// login of util-linux writes the name over the `LOGIN` of the getty.
fn is_innocent(role: Role, text: Text<'_>) -> bool {
    let tail = tail(text.residue());
    match role {
        // One letter may be missing in the middle: `ttyS0`, NUL, `tyS0`.
        Role::Line | Role::Id => text.as_bytes().ends_with(tail),
        Role::User => b"LOGIN".ends_with(tail) && tail.len() < 5,
        _ => false,
    }
}
