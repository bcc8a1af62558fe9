//! The running system: its utmp against the end of the history.

use std::borrow::ToOwned as _;
use std::collections::HashMap;
use std::format;
use std::vec::Vec;

use crate::value::event::Event;
use crate::value::file_kind::FileKind;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

use crate::audit::context::{RecordContext, at, is_pty, span};
use crate::audit::cross::logins::is_window;
use crate::audit::finding::{Findings, Location, Rule, Severity, Subject};
use crate::audit::innocent::{self, WINDOW};

pub(in crate::audit) static BOOT_MISSING: Rule = Rule {
    id: "boot-missing",
    severity: Severity::Medium,
    title: "the boot of the utmp is not in the wtmp",
    meaning: "Consistent with a boot record that was removed from the wtmp, with times of the wtmp \
        that were changed, or with the wtmp of another machine. Both files get the record at the \
        same time. Not applied if the wtmp begins after that boot; low if it ends before.",
    expected: "a boot at that time in the wtmp, within two minutes",
    innocent: &[
        "a system that could not write to its disk yet when it booted",
        "a system that no longer writes the wtmp",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static UTMP_ENTRY_GONE: Rule = Rule {
    id: "utmp-entry-gone",
    severity: Severity::Medium,
    title: "a login that is open in the wtmp and not in the utmp of the same boot",
    meaning: "Consistent with a login removed from the utmp, which who reads. The utmp keeps an \
        entry of each line until the next boot, after the logout too. Low for terminal windows \
        and logins without a host.",
    expected: "an entry of that line in the utmp",
    innocent: &[
        "a utmp copied before the login",
        "a server that was killed, and whose entry another program took over",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static LOGOUT_GONE: Rule = Rule {
    id: "logout-gone",
    severity: Severity::Medium,
    title: "a logout in the utmp that the wtmp does not have",
    meaning: "Consistent with the logout having been removed from the wtmp, which makes a session \
        seem longer: the program that ends it writes both. Low for terminal windows and logins \
        without a host.",
    expected: "a logout of that line in the wtmp",
    innocent: &["a program that logs its logout in the utmp only"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

/// Most lines that are kept; files with more are hostile.
const MOST: usize = 1 << 16;
/// Seconds within which both files have the boot, and the end of a session.
const SAME: i64 = 120;

/// The newest state of a line in the utmp.
#[derive(Debug)]
struct Line {
    time: Timestamp,
    ended: bool,
}

/// A login in the history that nothing ended so far.
#[derive(Debug)]
struct Open {
    time: Timestamp,
    remote: bool,
    location: Location,
    bytes: Vec<u8>,
    subject: Subject,
}

/// A boot in the utmp.
#[derive(Debug)]
struct Boot {
    time: Timestamp,
    location: Location,
    bytes: Vec<u8>,
    found: bool,
}

/// The running system by the utmp, and by the history.
#[derive(Debug, Default)]
pub(in crate::audit) struct Running {
    boot: Option<Boot>,
    lines: HashMap<Vec<u8>, Line>,
    newest: Option<Timestamp>,
    open: HashMap<Vec<u8>, Open>,
    /// The first and last time of the history, and its last boot.
    history: Option<(Timestamp, Timestamp)>,
    booted: Option<Timestamp>,
}

impl Running {
    pub(in crate::audit) fn check(&mut self, context: &RecordContext<'_>) {
        let time = context.time();
        if time == Timestamp::default() || context.layout.is_lastlog() {
            return;
        }
        match context.kind {
            Some(FileKind::Utmp) => self.utmp(context),
            Some(FileKind::Wtmp) if self.newest.is_some() => self.wtmp(context),
            _ => {}
        }
    }

    fn utmp(&mut self, context: &RecordContext<'_>) {
        let time = context.time();
        match context.event {
            Event::Boot if self.boot.is_none() => {
                let (location, bytes) = (context.location(), context.record.bytes().to_owned());
                self.boot = Some(Boot { time, location, bytes, found: false });
            }
            Event::Login | Event::Logout | Event::Prompt | Event::Init => {
                self.newest = self.newest.max(Some(time));
                let key = context.entry.session_key();
                if self.lines.len() >= MOST && !self.lines.contains_key(key) {
                    return;
                }
                let ended = context.event == Event::Logout;
                let line = Line { time, ended };
                match self.lines.get_mut(key) {
                    Some(known) if known.time > time => {}
                    Some(known) => *known = line,
                    None => {
                        self.lines.insert(key.to_owned(), line);
                    }
                }
            }
            _ => {}
        }
    }

    fn wtmp(&mut self, context: &RecordContext<'_>) {
        let time = context.time();
        let (first, last) = self.history.unwrap_or((time, time));
        self.history = Some((first.min(time), last.max(time)));
        let key = context.entry.session_key();
        match context.event {
            Event::Boot => {
                self.open.clear();
                self.booted = Some(time);
                if let Some(boot) = &mut self.boot {
                    let apart = boot.time.tv_sec.saturating_sub(time.tv_sec).saturating_abs();
                    boot.found |= apart <= SAME;
                }
            }
            Event::Shutdown => self.open.clear(),
            Event::Logout => {
                self.open.remove(key);
            }
            Event::Login if context.entry.logout.is_some() => {
                self.open.remove(key);
            }
            Event::Login if self.open.len() < MOST || self.open.contains_key(key) => {
                let entry = &context.entry;
                let host = entry.ut_host;
                let remote = (!host.is_empty() || entry.addr().is_some())
                    && !is_window(host.as_bytes())
                    && is_pty(entry.ut_line.as_bytes());
                let text = |text: Text<'_>| Some(text.as_bytes().to_owned());
                let subject = Subject {
                    user: text(entry.ut_user),
                    line: text(entry.ut_line),
                    host: text(host),
                };
                let (location, bytes) = (context.location(), context.record.bytes().to_owned());
                self.open.insert(key.to_owned(), Open { time, remote, location, bytes, subject });
            }
            _ => {}
        }
    }

    pub(in crate::audit) fn end(self, findings: &mut Findings) {
        let Some((first, last)) = self.history else { return };
        if let Some(boot) = &self.boot
            && !boot.found
            && first <= boot.time
        {
            let later = boot.time > last;
            let severity = if later { Severity::Low } else { BOOT_MISSING.severity };
            let message = match later {
                true => format!("the system booted at {}, the wtmp ends before", at(boot.time)),
                false => format!(
                    "the system booted at {}, and the wtmp, which has records before and after, \
                     has no such boot: consistent with the boot record having been removed, or \
                     times of the wtmp changed",
                    at(boot.time)
                ),
            };
            findings.add(&BOOT_MISSING, severity, boot.location, &boot.bytes, message);
        }
        if !self.is_same_boot() {
            return;
        }
        let mut open: Vec<(&Vec<u8>, &Open)> = self.open.iter().collect();
        open.sort_by_key(|(_, open)| (open.location.file, open.location.offset));
        for (key, open) in open {
            self.compare(self.lines.get(key), open, findings);
        }
    }

    /// Returns whether the history ends in the boot of the utmp.
    fn is_same_boot(&self) -> bool {
        match (&self.boot, self.booted, self.newest) {
            (Some(boot), Some(_), _) if boot.found => {
                self.booted.is_some_and(|at| at.tv_sec.saturating_sub(boot.time.tv_sec) <= SAME)
            }
            // The boot was rotated away, or is not recorded.
            (Some(boot), None, _) => self.history.is_some_and(|(first, _)| first >= boot.time),
            (None, booted, Some(newest)) => booted.is_none_or(|booted| booted <= newest),
            _ => false,
        }
    }

    fn compare(&self, line: Option<&Line>, open: &Open, findings: &mut Findings) {
        let apart = |line: &Line| line.time.tv_sec.saturating_sub(open.time.tv_sec);
        let (rule, what) = match line {
            None => (
                &UTMP_ENTRY_GONE,
                "the utmp of the same boot has no entry of that line: consistent with a login \
                 removed from the utmp"
                    .into(),
            ),
            Some(line) if line.ended && apart(line) >= 0 => (
                &LOGOUT_GONE,
                format!(
                    "the utmp has its logout at {}: consistent with the logout having been \
                     removed from the wtmp",
                    at(line.time)
                ),
            ),
            Some(line) if apart(line) < -SAME => (
                &UTMP_ENTRY_GONE,
                format!(
                    "the newest entry of that line in the utmp is {} older: consistent with a \
                     login removed from the utmp",
                    span(apart(line))
                ),
            ),
            Some(_) => return,
        };
        let explained = (!open.remote).then_some(&WINDOW);
        let severity = innocent::severity(rule, explained);
        let name =
            |text: &Option<Vec<u8>>| format!("{}", Text::new(text.as_deref().unwrap_or_default()));
        let message = format!(
            "the login of {} on {} at {} is open in the wtmp; {what}{}",
            name(&open.subject.user),
            name(&open.subject.line),
            at(open.time),
            innocent::as_left_by(explained),
        );
        let (location, bytes) = (open.location, &open.bytes);
        findings.add_about(rule, severity, location, bytes, message, Some(open.subject.clone()));
    }
}
