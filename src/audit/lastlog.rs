//! One lastlog by itself.

use std::format;

use crate::dialect::FileKind;
use crate::field::Role;
use crate::frame::{Framing, is_zero};
use crate::timestamp::Timestamp;

use super::rule::{Findings, Rule, Severity, Spot};
use super::scene::{Scene, at};

pub(super) static LASTLOG_NO_TIME: Rule = Rule {
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

pub(super) static LASTLOG_ONE_SLOT: Rule = Rule {
    id: "lastlog-one-slot",
    severity: Severity::Info,
    title: "a lastlog that ends with its only slot in use",
    meaning: "Consistent with a lastlog that was emptied, as by opening it for writing (logtamper \
        -m 3), and then written once; far more often with a machine only one user logs in to. \
        See lastlog-reset.",
    expected: "a slot for each user who ever logged in",
    innocent: &["a machine with one user"],
    technique: None,
    ..Rule::NEW
};

pub(super) static LASTLOG_DENSE: Rule = Rule {
    id: "lastlog-dense",
    severity: Severity::Info,
    title: "a lastlog whose holes are allocated",
    meaning: "The file was copied or rewritten as a whole: systems write single slots, and the \
        space between them stays a hole. Only the caller knows the allocated size.",
    expected: "holes where nobody logged in",
    innocent: &["a copy, a backup, a transfer, a file system without holes"],
    technique: None,
    ..Rule::NEW
};

/// Used slots of one file.
#[derive(Debug, Default)]
pub(super) struct Lastlog {
    used: u64,
    last: Option<Spot>,
}

impl Lastlog {
    pub(super) fn see(&mut self, scene: &Scene<'_>, out: &mut Findings) {
        if !scene.layout.is_lastlog() {
            return;
        }
        let text = !scene.entry.ut_line.is_empty() || !scene.entry.ut_host.is_empty();
        if scene.time() == Timestamp::default() && text {
            let message = format!(
                "user {} has line {:?} and host {:?}, but no time: consistent with the time \
                 having been wiped",
                scene.record.uid().unwrap_or_default(),
                scene.entry.ut_line,
                scene.entry.ut_host,
            );
            scene.find(out, &LASTLOG_NO_TIME, LASTLOG_NO_TIME.severity, message);
        }
        if !is_zero(scene.record.bytes()) {
            self.used = self.used.saturating_add(1);
            self.last = Some(scene.spot());
        }
    }

    /// The last used slot.
    pub(super) fn spot(&self) -> Option<Spot> {
        self.last
    }

    /// Whether the file is what one login makes of an empty one.
    pub(super) fn is_one_slot(&self, size: u64, len: Option<u64>) -> bool {
        let end = self.last.map(|last| last.offset.saturating_add(size));
        self.used == 1 && end.is_some() && end == len
    }

    pub(super) fn end(&self, about: &super::About, file: u32, out: &mut Findings) {
        let Some(layout) = about.layout else { return };
        if layout.framing != Framing::Indexed || about.kind == Some(FileKind::Utmp) {
            return;
        }
        if let Some(spot) = self.last
            && self.is_one_slot(layout.size as u64, about.len)
            && spot.index > Some(0)
        {
            let message = "no other user has ever logged in".into();
            out.add(&LASTLOG_ONE_SLOT, LASTLOG_ONE_SLOT.severity, spot, &[], message);
        }
        if let (Some(len), Some(allocated)) = (about.len, about.allocated)
            && len >= 1 << 16
            && allocated >= len
            && self.used.saturating_mul(4096) < len
        {
            let message = format!("{allocated} bytes are allocated for {} used slots", self.used);
            let spot = Spot { file, ..Spot::default() };
            out.add(&LASTLOG_DENSE, LASTLOG_DENSE.severity, spot, &[], message);
        }
    }
}

/// A slot in words.
pub(super) fn shown(scene: &Scene<'_>) -> std::string::String {
    let role = scene.layout.field(Role::Host).map(|_| scene.entry.ut_host);
    let host = role.filter(|host| !host.is_empty());
    let from = host.map(|host| format!(" from {host}")).unwrap_or_default();
    format!("{} on {}{from}", at(scene.time()), scene.entry.ut_line)
}
