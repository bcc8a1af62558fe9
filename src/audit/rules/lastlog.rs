//! Rules for one lastlog alone.

use std::format;
use std::string::String;

use crate::container::Container;
use crate::layout::field::Role;
use crate::value::file_kind::FileKind;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

use crate::audit::context::{RecordContext, at};
use crate::audit::file_info::FileInfo;
use crate::audit::finding::{Findings, Location, Rule, Severity};
use crate::scan::is_zero;

pub(in crate::audit) static LASTLOG_NO_TIME: Rule = Rule {
    id: "lastlog-no-time",
    severity: Severity::Low,
    title: "a lastlog slot with a line or host, but no time",
    meaning: "Consistent with a slot whose time was wiped: to lastlog(8) that user never logged \
        in.",
    expected: "an all-zero slot, or one with a time",
    innocent: &["an administrator's lastlog --set or a restore that failed halfway"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static LASTLOG_SLOT_WIPED: Rule = Rule {
    id: "lastlog-slot-wiped",
    severity: Severity::Medium,
    title: "a lastlog slot that was wiped in part, or filled with one byte",
    meaning: "Consistent with a cleaner that zeroed the time and the first byte of line and host, \
        or wrote one byte over the whole slot: to lastlog(8) that user never logged in, or at no \
        real time.",
    expected: "an all-zero slot, or one with a time",
    innocent: &["a disk block that was lost and filled with ones"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static LASTLOG_ONE_SLOT: Rule = Rule {
    id: "lastlog-one-slot",
    severity: Severity::Info,
    title: "a lastlog that ends with its only slot in use",
    meaning: "Consistent with a lastlog that was emptied, for instance by opening it for writing (logtamper \
        -m 3), and then written once; far more often with a machine only one user logs in to. \
        See lastlog-reset.",
    expected: "a slot for each user who ever logged in",
    innocent: &["a machine with one user"],
    technique: None,
    ..Rule::NEW
};

pub(in crate::audit) static LASTLOG_DENSE: Rule = Rule {
    id: "lastlog-dense",
    severity: Severity::Info,
    title: "a lastlog whose holes are allocated",
    meaning: "The file was copied or rewritten as a whole: systems write single slots, and the \
        space between them stays a hole. Only the caller knows the allocated size.",
    expected: "holes for users who never logged in",
    innocent: &["a copy, a backup, a transfer, a file system without holes"],
    technique: None,
    ..Rule::NEW
};

/// Used slots of one file.
#[derive(Debug, Default)]
pub(in crate::audit) struct Lastlog {
    used: u64,
    last: Option<Location>,
    newest: Option<(Timestamp, Location)>,
}

impl Lastlog {
    pub(in crate::audit) fn check(&mut self, context: &RecordContext<'_>, findings: &mut Findings) {
        if !context.layout.is_lastlog() {
            return;
        }
        let text = !context.entry.ut_line.is_empty() || !context.entry.ut_host.is_empty();
        if context.time() == Timestamp::default() && text {
            let message = format!(
                "user {} has line {:?} and host {:?}, but no time: consistent with the time \
                 having been wiped",
                context.record.uid().unwrap_or_default(),
                context.entry.ut_line,
                context.entry.ut_host,
            );
            context.find(findings, &LASTLOG_NO_TIME, LASTLOG_NO_TIME.severity, message);
        }
        if let Some(how) = wiped(context) {
            let message = format!(
                "the slot of user {} has {how}: consistent with having been wiped",
                context.record.uid().unwrap_or_default()
            );
            let severity = LASTLOG_SLOT_WIPED.severity;
            context.find(findings, &LASTLOG_SLOT_WIPED, severity, message);
        }
        if !is_zero(context.record.bytes()) {
            self.used = self.used.saturating_add(1);
            self.last = Some(context.location());
            if self.newest.is_none_or(|(newest, _)| newest < context.time()) {
                self.newest = Some((context.time(), context.location()));
            }
        }
    }

    /// Returns the slot of the newest login.
    pub(in crate::audit) fn newest(&self) -> Option<(Timestamp, Location)> {
        self.newest
    }

    /// Returns the last used slot.
    pub(in crate::audit) fn location(&self) -> Option<Location> {
        self.last
    }

    /// Returns whether the file looks like an empty one after a single login.
    pub(in crate::audit) fn is_one_slot(&self, size: u64, len: Option<u64>) -> bool {
        let end = self.last.map(|last| last.offset.saturating_add(size));
        self.used == 1 && end.is_some() && end == len
    }

    pub(in crate::audit) fn end(&self, about: &FileInfo, file: u32, findings: &mut Findings) {
        let Some(layout) = about.layout else { return };
        let is_array = layout.is_lastlog() && layout.container == Container::Slots;
        if !is_array || about.kind == Some(FileKind::Utmp) {
            return;
        }
        if let Some(location) = self.last
            && self.is_one_slot(layout.size as u64, about.len)
            && location.index > Some(0)
        {
            let message = "no other user has ever logged in".into();
            findings.add(&LASTLOG_ONE_SLOT, LASTLOG_ONE_SLOT.severity, location, &[], message);
        }
        if let (Some(len), Some(allocated)) = (about.len, about.allocated)
            && len >= 1 << 16
            && allocated >= len
            && self.used.saturating_mul(4096) < len
        {
            let message = format!("{allocated} bytes are allocated for {} used slots", self.used);
            let location = Location { file, ..Location::default() };
            findings.add(&LASTLOG_DENSE, LASTLOG_DENSE.severity, location, &[], message);
        }
    }
}

/// Describes how a slot was wiped, if it is not all zeros.
fn wiped(context: &RecordContext<'_>) -> Option<String> {
    let slot = context.record.bytes();
    let (first, rest) = slot.split_first().filter(|_| context.layout.container.is_array())?;
    if *first != 0 && rest.iter().all(|byte| byte == first) {
        return Some(format!("nothing but bytes of {first:#04x}"));
    }
    let is_beheaded = |text: Text<'_>| text.is_empty() && !is_zero(text.raw());
    let (line, host) = (context.entry.ut_line, context.entry.ut_host);
    let is_gone = |text: Text<'_>| is_beheaded(text) || is_zero(text.raw());
    let is_wiped = (is_beheaded(line) || is_beheaded(host)) && is_gone(line) && is_gone(host);
    (is_wiped && context.time() == Timestamp::default())
        .then(|| "no time, and the rest of a line or host whose first byte is zero".into())
}

/// Describes a slot in words.
pub(in crate::audit) fn shown(context: &RecordContext<'_>) -> String {
    let role = context.layout.field(Role::Host).map(|_| context.entry.ut_host);
    let host = role.filter(|host| !host.is_empty());
    let from = host.map(|host| format!(" from {host}")).unwrap_or_default();
    format!("{} on {}{from}", at(context.time()), context.entry.ut_line)
}
