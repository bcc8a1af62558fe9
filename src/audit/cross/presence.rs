//! Files that are missing, emptied or overwritten as a whole.

use std::borrow::ToOwned as _;
use std::format;
use std::vec::Vec;

use crate::value::file_kind::FileKind;
use crate::value::text::Text;

use crate::audit::cross::files::CrossFile;
use crate::audit::file_info::FileInfo;
use crate::audit::finding::{Findings, Location, Rule, Severity, Subject};
use crate::scan::is_zero;

pub(in crate::audit) static HISTORY_MISSING: Rule = Rule {
    id: "history-missing",
    severity: Severity::Medium,
    title: "no wtmp beside files that show logins",
    meaning: "Consistent with a wtmp that was removed. Applies if two kinds of files of the machine \
        were given, and the utmp or lastlog has logins.",
    expected: "a wtmp with those logins",
    innocent: &["a wtmp that was not given", "a system that no longer writes it"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static HISTORY_OVERWRITTEN: Rule = Rule {
    id: "history-overwritten",
    severity: Severity::Medium,
    title: "a wtmp or btmp that holds no record, but zeros, noise or an empty line",
    meaning: "Consistent with a file overwritten as a whole (`shred`, `echo > wtmp`): no record is \
        left, and no system writes such a file.",
    expected: "records, or an empty file",
    innocent: &["a file that was lost when the file system was repaired", "another program's file"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static LASTLOG_ABSENT: Rule = Rule {
    id: "lastlog-absent",
    severity: Severity::Medium,
    title: "no lastlog beside a utmp and a wtmp with logins by ssh",
    meaning: "Consistent with a lastlog that was removed. Applies if the names of users are known \
        and utmp and wtmp were given, as from a whole machine; else info.",
    expected: "a lastlog with those logins",
    innocent: &["a lastlog that was not given", "a system that no longer writes it (Debian 13)"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

/// Which kinds of files a machine has.
#[derive(Debug, Default)]
pub(in crate::audit) struct Presence {
    utmp: bool,
    wtmp: bool,
    btmp: bool,
    lastlog: bool,
    /// Whether its platform keeps a lastlog.
    keeps_lastlog: bool,
}

impl Presence {
    pub(in crate::audit) fn file(&mut self, about: &FileInfo) {
        match about.kind {
            Some(FileKind::Utmp) => self.utmp = true,
            Some(FileKind::Wtmp) => self.wtmp = true,
            Some(FileKind::Btmp) => self.btmp = true,
            Some(FileKind::Lastlog) => self.lastlog = true,
            _ => {}
        }
        if let Some(layout) = about.layout {
            self.lastlog |= layout.is_lastlog();
            self.keeps_lastlog |= layout.platform.login_has_pid && layout.platform.clears_reserved;
        }
    }

    pub(in crate::audit) fn end(&self, cross: &CrossFile, findings: &mut Findings) {
        let small = [self.utmp, self.btmp, self.lastlog].into_iter().filter(|&is| is).count();
        if !self.wtmp
            && small >= 2
            && let Some(newest) = cross.newest()
        {
            let user = Text::new(newest.user.as_deref().unwrap_or_default());
            let message = format!(
                "no wtmp was given, although {user:?} logged in ({}): consistent with the wtmp \
                 having been removed",
                newest.shown
            );
            newest.find(findings, &HISTORY_MISSING, HISTORY_MISSING.severity, message);
        }
        if !self.lastlog
            && self.utmp
            && self.wtmp
            && self.keeps_lastlog
            && let Some((user, newest, _)) = cross.remote()
        {
            let named = cross.names() > 0;
            let severity = if named { LASTLOG_ABSENT.severity } else { Severity::Info };
            let message = format!(
                "no lastlog was given, although {:?} logged in ({}): consistent with the lastlog \
                 having been removed",
                Text::new(user),
                newest.shown,
            );
            let subject = Subject { user: Some(user.to_owned()), ..Subject::default() };
            let (location, bytes) = (newest.location, &newest.bytes);
            findings.add_about(&LASTLOG_ABSENT, severity, location, bytes, message, Some(subject));
        }
    }
}

/// Returns whether a file of which these are the first bytes was overwritten as a whole, with zeros,
/// with noise, or with an empty line.
pub fn is_overwritten(head: &[u8], len: u64) -> bool {
    content(head, len).is_some()
}

/// Returns the content of a file without login records, in words.
fn content(head: &[u8], len: u64) -> Option<&'static str> {
    if head.is_empty() {
        return None;
    }
    if is_zero(head) {
        return Some("nothing but zeros");
    }
    if head.iter().all(u8::is_ascii_whitespace) && len <= 64 {
        return Some("nothing but an empty line");
    }
    (head.len() >= 256 && is_noise(head)).then_some("bytes that look random")
}

/// Returns whether all values of a byte are about equally frequent.
fn is_noise(bytes: &[u8]) -> bool {
    let mut counts = Vec::from([0_u64; 256]);
    for &byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count = count.saturating_add(1);
        }
    }
    // The sum of squares is n + n * (n - 1) / 256 on average; text and records have far more.
    let n = bytes.len() as u64;
    let squares = counts.iter().map(|count| count.saturating_mul(*count)).sum::<u64>();
    let expected = n.saturating_add(n.saturating_mul(n.saturating_sub(1)) / 256);
    squares <= expected.saturating_add(expected / 2)
}

/// Reports a file that has the name of a history, but is none.
pub(in crate::audit) fn unrecognized(
    about: &FileInfo,
    file: u32,
    head: &[u8],
    findings: &mut Findings,
) {
    let len = about.len.unwrap_or(head.len() as u64);
    let is_history = matches!(about.kind, Some(FileKind::Wtmp | FileKind::Btmp));
    let Some(what) = content(head, len).filter(|_| is_history) else { return };
    let message = format!(
        "{what} in the first {} of {len} bytes: consistent with the file having been overwritten \
         as a whole",
        head.len()
    );
    let location = Location { file, ..Location::default() };
    findings.add(&HISTORY_OVERWRITTEN, HISTORY_OVERWRITTEN.severity, location, head, message);
}
