//! Traces of a conversion to text and back, and text that deceives the reader.

use std::format;
use std::vec::Vec;

use crate::layout::field::Role;
use crate::value::event::Event;
use crate::value::file_kind::FileKind;
use crate::value::text::{Text, is_deceptive};

use crate::audit::context::RecordContext;
use crate::audit::finding::{Findings, Location, Rule, Severity};

pub(in crate::audit) static ID_SPACES: Rule = Rule {
    id: "id-spaces",
    severity: Severity::Medium,
    title: "ut_id padded with spaces",
    meaning: "Consistent with a file written from text: utmpdump, an editor, utmpdump -r. No \
        program that logs pads an id with spaces. High if every short id of the file is padded.",
    expected: "zeros after a short id",
    innocent: &["an administrator who repaired a damaged file with utmpdump -r"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static SESSION_ZERO: Rule = Rule {
    id: "session-zero",
    severity: Severity::Low,
    title: "no getty record in the file has a session id",
    meaning: "Consistent with a round trip through text, which loses session and exit status: \
        agetty and systemd store the session id in the records of a waiting terminal. Linux.",
    expected: "ut_session equal to ut_pid in LOGIN_PROCESS and INIT_PROCESS records",
    innocent: &["busybox getty and sysvinit leave the field zero"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static MICROSECONDS_ZERO: Rule = Rule {
    id: "microseconds-zero",
    severity: Severity::Low,
    title: "no record in the file has microseconds",
    meaning: "Consistent with times entered by hand or converted by a tool: utmpdump before 2.29 lost \
        them on the way through text. Linux histories with at least eight records, among them a \
        boot; does not apply to btmp.",
    expected: "microseconds in boots and logins",
    innocent: &[
        "systems on which only busybox, agetty or sessreg write, which store whole seconds",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static DECEPTIVE_TEXT: Rule = Rule {
    id: "deceptive-text",
    severity: Severity::Low,
    title: "control or invisible characters in a text",
    meaning: "Consistent with an attempt to deceive a person who lists the file on a terminal. Info in \
        a btmp, which holds whatever anyone types at a login prompt.",
    expected: "printable text",
    innocent: &["a cat on the keyboard, a paste into the login prompt, a scanner"],
    technique: None,
    ..Rule::NEW
};

/// Counts over one file.
#[derive(Debug, Default)]
pub(in crate::audit) struct RoundTrip {
    padded: u64,
    /// The first padded id.
    first: Option<(Location, Vec<u8>)>,
    /// Short ids that end in zeros.
    clean: u64,
    gettys: u64,
    gettys_without_session: u64,
    records: u64,
    boots: u64,
    with_microseconds: u64,
}

/// Increments `counter` if the condition is true.
fn count(counter: &mut u64, is_so: bool) {
    *counter = counter.saturating_add(u64::from(is_so));
}

impl RoundTrip {
    pub(in crate::audit) fn check(&mut self, context: &RecordContext<'_>) {
        if !context.layout.platform.has_utmpdump || context.layout.is_lastlog() {
            return;
        }
        count(&mut self.records, true);
        count(&mut self.boots, context.event == Event::Boot);
        count(&mut self.with_microseconds, context.time().tv_usec != 0);
        if matches!(context.event, Event::Prompt | Event::Init)
            && let Some(session) = context.entry.ut_session
        {
            count(&mut self.gettys, true);
            count(&mut self.gettys_without_session, session == 0);
        }
        match context.entry.ut_id.raw() {
            [_, .., b' '] => {
                count(&mut self.padded, true);
                if self.first.is_none()
                    && let Some(field) = context.layout.field(Role::Id)
                {
                    let location = context.location();
                    let offset = location.offset.saturating_add(field.offset as u64);
                    self.first =
                        Some((Location { offset, ..location }, context.entry.ut_id.raw().to_vec()));
                }
            }
            [first, .., 0] => count(&mut self.clean, *first != 0),
            _ => {}
        }
    }

    pub(in crate::audit) fn end(&self, file: u32, kind: Option<FileKind>, findings: &mut Findings) {
        if let Some((location, bytes)) = &self.first {
            let all = self.clean == 0 && self.padded > 1;
            let severity = if all { Severity::High } else { ID_SPACES.severity };
            let padded = self.padded;
            let message = match all {
                true => format!("all {padded} short ids are padded with spaces"),
                false => format!("{padded} ids are padded with spaces, {} with zeros", self.clean),
            };
            let message = format!("{message}: consistent with a file written back from text");
            findings.add(&ID_SPACES, severity, *location, bytes, message);
        }
        let about_file = Location { file, ..Location::default() };
        if self.gettys > 1 && self.gettys == self.gettys_without_session {
            let message = format!("none of {} waiting terminals has a session id", self.gettys);
            findings.add(&SESSION_ZERO, SESSION_ZERO.severity, about_file, &[], message);
        }
        let history = kind == Some(FileKind::Wtmp) && self.boots > 0;
        if history && self.records >= 8 && self.with_microseconds == 0 {
            let message = format!("none of {} records has microseconds", self.records);
            findings.add(&MICROSECONDS_ZERO, MICROSECONDS_ZERO.severity, about_file, &[], message);
        }
    }
}

pub(in crate::audit) fn deceptive(context: &RecordContext<'_>, findings: &mut Findings) {
    for role in [Role::User, Role::Line, Role::Host] {
        let Some(field) = context.layout.field(role) else { continue };
        let text = Text::new(field.of_record(context.record.bytes()));
        let shown = text.as_bytes();
        if shown.iter().all(|byte| (b' '..=b'~').contains(byte)) {
            continue;
        }
        let mut valid = shown.utf8_chunks().flat_map(|chunk| chunk.valid().chars());
        if valid.any(is_deceptive) {
            let failed = context.event == Event::FailedLogin;
            let severity = if failed { Severity::Info } else { DECEPTIVE_TEXT.severity };
            let message = format!("{} is {text:?}, with characters that are not shown", field.name);
            context.find_field(findings, field, &DECEPTIVE_TEXT, severity, message);
        }
    }
}
