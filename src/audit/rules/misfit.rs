//! Records that no program writes.

use std::borrow::ToOwned as _;
use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::format;
use std::hash::Hasher as _;
use std::string::String;
use std::vec::Vec;

use crate::layout::field::Role;
use crate::platform::SessionKey;
use crate::value::event::Event;
use crate::value::file_kind::FileKind;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;
use crate::value::ut_type::UtType;

use crate::audit::context::{RecordContext, at};
use crate::audit::finding::{Findings, Location, Rule, Severity, Subject};

pub(in crate::audit) static TYPE_ERASED: Rule = Rule {
    id: "type-erased",
    severity: Severity::Medium,
    title: "a login whose type is 0",
    meaning: "Consistent with a login hidden by changing its type: last skips type 0, and user, \
        line, time and id or address are still there. Low without id and address.",
    expected: "the type of a login",
    innocent: &["a library whose logwtmp() leaves the type 0 (utmps), which sets no id either"],
    technique: Some("T1070.002"),
    systematic: true,
    ..Rule::NEW
};

pub(in crate::audit) static PROMPT_WITH_HOST: Rule = Rule {
    id: "prompt-with-host",
    severity: Severity::Medium,
    title: "a waiting terminal with the user and host of a login",
    meaning: "Consistent with a login hidden by changing its type to that of a login prompt, which \
        last skips. A getty has neither a user of its own nor a host.",
    expected: "the user LOGIN, or none, and no host",
    innocent: &["a telnet server that notes the host before the login"],
    technique: Some("T1070.002"),
    systematic: true,
    ..Rule::NEW
};

pub(in crate::audit) static BARE_LOGOUT: Rule = Rule {
    id: "bare-logout",
    severity: Severity::Medium,
    title: "a logout without line and id",
    meaning: "Consistent with a login overwritten by an empty logout, as Wipe does: nothing says \
        what ended. Low if it has a process id and a time.",
    expected: "the line or the id of the session that ends",
    innocent: &["a damaged block"],
    technique: Some("T1070.002"),
    systematic: true,
    ..Rule::NEW
};

pub(in crate::audit) static ID_OF_ANOTHER_LINE: Rule = Rule {
    id: "id-of-another-line",
    severity: Severity::Medium,
    title: "the id of another pseudo-terminal",
    meaning: "Consistent with a forged record, or with a line that was changed: the id of a \
        pseudo-terminal is the end of its line (`ts/3` for `pts/3`). Low unless others of the file, \
        and most, have that form.",
    expected: "an id that ends with the number of the line",
    innocent: &["a program that chooses its ids in another way"],
    technique: Some("T1070.002"),
    systematic: true,
    ..Rule::NEW
};

pub(in crate::audit) static RECORD_TWICE: Rule = Rule {
    id: "record-twice",
    severity: Severity::Medium,
    title: "a login that stands in the file twice, to the microsecond",
    meaning: "Consistent with a record overwritten by a copy of another, or with an inserted one. \
        Only records with microseconds are compared.",
    expected: "each login once",
    innocent: &["a file joined from copies that overlap"],
    technique: Some("T1070.002"),
    systematic: true,
    ..Rule::NEW
};

/// Most logins that are compared with later ones.
const MOST: usize = 1 << 17;
/// Most ids of other lines that are kept: more are a habit.
const MOST_IDS: usize = 32;

pub(in crate::audit) fn check(context: &RecordContext<'_>, findings: &mut Findings) {
    let is_log = matches!(context.kind, Some(FileKind::Wtmp | FileKind::Utmp) | None);
    if !is_log || context.layout.is_lastlog() {
        return;
    }
    type_erased(context, findings);
    prompt(context, findings);
    bare_logout(context, findings);
}

fn type_erased(context: &RecordContext<'_>, findings: &mut Findings) {
    let entry = &context.entry;
    if entry.raw_type != Some(0)
        || entry.ut_type() != UtType::Empty
        || entry.ut_user.is_empty()
        || entry.ut_line.is_empty()
        || context.time() == Timestamp::default()
        || !context.is_history()
    {
        return;
    }
    let whole = !entry.ut_id.is_empty() || entry.addr().is_some();
    let severity = if whole { TYPE_ERASED.severity } else { Severity::Low };
    let message = format!(
        "the type is 0, but {} on {} at {} is still there: consistent with a login hidden from last",
        entry.ut_user,
        entry.ut_line,
        at(context.time()),
    );
    context.find_role(findings, Role::Type, &TYPE_ERASED, severity, message);
}

fn prompt(context: &RecordContext<'_>, findings: &mut Findings) {
    let entry = &context.entry;
    let user = entry.ut_user.as_bytes();
    // Solaris' telnet and rlogin servers name themselves: `.telnet`.
    let own = !user.is_empty() && user != b"LOGIN" && !user.starts_with(b".");
    let remote = entry.addr().is_some() || !entry.ut_host.is_empty();
    if context.event != Event::Prompt || !own || !remote || !context.is_history() {
        return;
    }
    let message = format!(
        "a prompt on {} has the user {:?} and the host {}: consistent with a login hidden from last",
        entry.ut_line, entry.ut_user, entry.ut_host,
    );
    let severity = PROMPT_WITH_HOST.severity;
    context.find_role(findings, Role::Type, &PROMPT_WITH_HOST, severity, message);
}

fn bare_logout(context: &RecordContext<'_>, findings: &mut Findings) {
    let (entry, layout) = (&context.entry, context.layout);
    let named = [entry.ut_line, entry.ut_id, entry.ut_user, entry.ut_host];
    if entry.ut_type() != UtType::DeadProcess
        || entry.raw_type.is_none()
        || layout.platform.session_key != SessionKey::Line
        || !layout.has(Role::Line)
        || !layout.has(Role::Id)
        || named.iter().any(|text| !text.is_empty())
    {
        return;
    }
    let whole = entry.ut_pid.is_some_and(|pid| pid > 0) && context.time() != Timestamp::default();
    let severity = if whole { Severity::Low } else { BARE_LOGOUT.severity };
    let message = "the record says that something ended, but not what: consistent with a login \
        overwritten by an empty logout"
        .into();
    context.find(findings, &BARE_LOGOUT, severity, message);
}

/// Returns whether the id of a pseudo-terminal has the number of its line at its end; `None` for ids
/// of other forms.
pub(in crate::audit) fn is_id_of_line(line: &[u8], id: &[u8]) -> Option<bool> {
    let number = line.strip_prefix(b"pts/")?;
    let slash = id.iter().rposition(|&byte| byte == b'/')?;
    let own = id.get(slash.saturating_add(1)..).unwrap_or_default();
    let digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let comparable = digits(number) && digits(own);
    comparable.then(|| number.ends_with(own) || own.ends_with(number))
}

/// The ids of pseudo-terminals in one file.
#[derive(Debug, Default)]
pub(in crate::audit) struct Ids {
    fitting: u64,
    other: Vec<(Location, Vec<u8>, Subject, String)>,
}

impl Ids {
    pub(in crate::audit) fn check(&mut self, context: &RecordContext<'_>) {
        let entry = &context.entry;
        let is_session = matches!(context.event, Event::Login | Event::Logout);
        let platform = context.layout.platform;
        if !is_session || platform.binary_id || context.kind == Some(FileKind::Btmp) {
            return;
        }
        let (line, id) = (entry.ut_line.as_bytes(), entry.ut_id.as_bytes());
        match is_id_of_line(line, id) {
            Some(true) => self.fitting = self.fitting.saturating_add(1),
            Some(false) if self.other.len() < MOST_IDS => {
                let message = format!(
                    "the line is {}, the id {:?}: consistent with a record that was forged or \
                     changed",
                    entry.ut_line, entry.ut_id,
                );
                let text = |text: Text<'_>| Some(text.as_bytes().to_owned());
                let (user, host) = (text(entry.ut_user), text(entry.ut_host));
                let subject = Subject { user, line: text(entry.ut_line), host };
                let bytes = context.record.bytes().to_owned();
                self.other.push((context.location(), bytes, subject, message));
            }
            _ => {}
        }
    }

    pub(in crate::audit) fn end(&mut self, findings: &mut Findings) {
        // Ids of another form are a habit of the program, unless others have this one.
        let odd = self.fitting >= 2 && self.fitting >= self.other.len() as u64;
        let severity = if odd { ID_OF_ANOTHER_LINE.severity } else { Severity::Low };
        for (location, bytes, subject, message) in self.other.drain(..) {
            let rule = &ID_OF_ANOTHER_LINE;
            findings.add_about(rule, severity, location, &bytes, message, Some(subject));
        }
    }
}

/// The logins of one file.
#[derive(Debug, Default)]
pub(in crate::audit) struct Copies {
    seen: HashSet<u64>,
}

impl Copies {
    pub(in crate::audit) fn check(&mut self, context: &RecordContext<'_>, findings: &mut Findings) {
        let exact = context.time().tv_usec != 0 && context.time() != Timestamp::default();
        if context.event != Event::Login || context.kind != Some(FileKind::Wtmp) || !exact {
            return;
        }
        let mut hasher = DefaultHasher::new();
        hasher.write(context.record.bytes());
        if self.seen.len() >= MOST {
            self.seen.clear();
        }
        if !self.seen.insert(hasher.finish()) {
            let message = format!(
                "the login of {} on {} at {} stands further up too: consistent with a record \
                 overwritten by a copy of another",
                context.entry.ut_user,
                context.entry.ut_line,
                at(context.time()),
            );
            context.find(findings, &RECORD_TWICE, RECORD_TWICE.severity, message);
        }
    }
}
