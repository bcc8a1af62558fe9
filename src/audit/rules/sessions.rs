//! Logins without logouts and logouts without logins.

use std::borrow::ToOwned as _;
use std::collections::HashMap;
use std::format;
use std::vec::Vec;

use crate::layout::field::Role;
use crate::platform::SessionKey;
use crate::value::event::Event;
use crate::value::file_kind::FileKind;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

use crate::audit::context::{RecordContext, at, is_pty};
use crate::audit::finding::{Findings, Location, Rule, Severity};
use crate::audit::innocent::{self, NO_LOGOUTS as AGENT};
use crate::audit::rules::wiped::is_half_zeroed;

pub(in crate::audit) static LOGOUT_WITHOUT_LOGIN: Rule = Rule {
    id: "logout-without-login",
    severity: Severity::Medium,
    title: "a logout from a pseudo-terminal without a login",
    meaning: "Consistent with a login record removed from the file, or turned into a logout, while \
        its logout stayed: cleaners that copy all but the records with a name leave logouts, \
        which have none. Applies after a boot, so that the login must be in the files, and where \
        several lines have logouts and no line a login; info for other terminals, on which \
        programs of init end too.",
    expected: "a login on that line since the last boot",
    innocent: &[
        "a program that logs logouts only",
        "a missing rotated file between the boot and this file",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static LOGOUT_TWICE: Rule = Rule {
    id: "logout-twice",
    severity: Severity::Medium,
    title: "two logouts from a pseudo-terminal without a login between them",
    meaning: "Consistent with a login removed between them, or turned into a logout as wtmpclean \
        does: such a record has the time of the login and an empty id. More than five seconds \
        apart.",
    expected: "a login on that line between two logouts",
    innocent: &["two programs that log the same logout, some seconds apart"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static LOGOUT_NAME: Rule = Rule {
    id: "logout-name-differs",
    severity: Severity::Medium,
    title: "a logout with another user than the login it ends",
    meaning: "Consistent with a login whose name was changed: some writers (busybox, GDM 50, \
        System V) keep the user in the logout. Same line and process. Low where logouts are \
        written by another program than logins (System V).",
    expected: "the name of the login, or none",
    innocent: &[
        "su or login started inside the session, by a program that logs under the new name",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static LOGIN_TWICE: Rule = Rule {
    id: "login-twice",
    severity: Severity::Info,
    title: "a login on a line that is still in use",
    meaning: "Consistent with a logout that was removed, far more often with one never written.",
    expected: "a logout between two logins on a line",
    innocent: &[
        "a server or display manager that was killed",
        "two programs that log the same login",
    ],
    technique: None,
    ..Rule::NEW
};

pub(in crate::audit) static LOGOUT_BEFORE_LOGIN: Rule = Rule {
    id: "logout-before-login",
    severity: Severity::Low,
    title: "a logout that is older than its login",
    meaning: "Consistent with one of the two times having been changed. More than two minutes, \
        without a recorded clock change.",
    expected: "a logout after its login",
    innocent: &["a clock set back during the session"],
    technique: Some("T1070.006"),
    ..Rule::NEW
};

pub(in crate::audit) static NO_LOGOUTS: Rule = Rule {
    id: "no-logouts",
    severity: Severity::Medium,
    title: "no logout at all in a wtmp of several boots and logins",
    meaning: "Consistent with all records without a user having been removed, as redact -a does. At \
        least two boots and three logins of two users on pseudo-terminals from other machines, and \
        one of these lines was used again within a boot, so that a session had ended. Low if all \
        logins are of one user.",
    expected: "a logout for most logins",
    innocent: &["a system on which no program logs logouts", "an agent that writes logins only"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

/// Most lines that are kept; a file with more is hostile.
const MOST_LINES: usize = 1 << 15;
const SAME_LOGOUT: i64 = 5;
/// Most logouts without a login that are kept.
const MOST_ORPHANS: usize = 16;
/// Seconds by which a login may precede the record of its boot.
const BEFORE_BOOT: i64 = 10;
const TOLERANCE: i64 = 120;

/// The lines of one machine, over files that continue one another.
#[derive(Debug, Default)]
pub(in crate::audit) struct Sessions {
    lines: HashMap<Vec<u8>, Line>,
    /// Whether a boot was seen, so that every login since then is in the files.
    known: bool,
    clock_changed: bool,
    tally: Tally,
    /// Logouts before any login, where no boot is known.
    orphans: Vec<Orphan>,
    any_login: bool,
}

#[derive(Debug)]
struct Orphan {
    location: Location,
    bytes: Vec<u8>,
    line: Vec<u8>,
}

/// Counts over the histories, for [`NO_LOGOUTS`].
#[derive(Debug, Default)]
struct Tally {
    file: u32,
    boots: u64,
    logouts: u64,
    /// Logins on pseudo-terminals from other machines.
    logins: u64,
    /// Those on a line that was still in use.
    again: u64,
    /// A user, and whether there are others.
    user: Option<Vec<u8>>,
    others: bool,
}

#[derive(Debug, Default)]
struct Line {
    open: Option<Login>,
    /// The time at which the line was closed, unless a login followed.
    closed: Option<Timestamp>,
    getty: bool,
}

#[derive(Debug)]
struct Login {
    user: Vec<u8>,
    pid: Option<i64>,
    time: Timestamp,
    /// Of a row of a database, which has its own.
    logout: Option<Timestamp>,
}

impl Sessions {
    /// Forgets the state: the records before these are missing.
    pub(in crate::audit) fn forget(&mut self) {
        let Sessions { tally, orphans, any_login, .. } = core::mem::take(self);
        *self = Sessions { tally, orphans, any_login, ..Sessions::default() };
    }

    pub(in crate::audit) fn check(&mut self, context: &RecordContext<'_>, findings: &mut Findings) {
        if context.kind != Some(FileKind::Wtmp) || is_half_zeroed(context) {
            return;
        }
        match context.event {
            Event::Boot => {
                // See SSH_BEFORE_BOOT among the innocent causes.
                let boot = context.sec();
                let early = |login: &Login| {
                    (0..=BEFORE_BOOT).contains(&boot.saturating_sub(login.time.tv_sec))
                };
                self.lines.retain(|_, line| line.open.as_ref().is_some_and(early));
                self.known = true;
                self.tally.boots = self.tally.boots.saturating_add(1);
            }
            Event::ClockOld | Event::ClockNew => self.clock_changed = true,
            Event::Prompt | Event::Init => {
                let line = self.line(context.entry.session_key());
                line.getty = true;
                line.closed = None;
            }
            Event::Login => self.login(context, findings),
            Event::Logout => self.logout(context, findings),
            _ => {}
        }
    }

    /// Called when all files are read.
    pub(in crate::audit) fn end(&self, findings: &mut Findings) {
        if !self.any_login && self.orphans.len() >= 2 {
            for Orphan { location, bytes, line } in &self.orphans {
                let message = format!(
                    "a logout from {}, and no login at all in the file, although {} lines have \
                     logouts: consistent with the logins having been removed",
                    Text::new(line),
                    self.orphans.len(),
                );
                let severity = LOGOUT_WITHOUT_LOGIN.severity;
                findings.add(&LOGOUT_WITHOUT_LOGIN, severity, *location, bytes, message);
            }
        }
        let Tally { file, boots, logouts, logins, again, others, .. } = self.tally;
        if logouts > 0 || boots < 2 || logins < 3 || again == 0 {
            return;
        }
        let explained = (!others).then_some(&AGENT);
        let message = format!(
            "{logins} logins on pseudo-terminals in {boots} boots, {again} of them on a line still in \
             use, and no logout: consistent with all records without a user having been removed{}",
            innocent::as_left_by(explained),
        );
        let location = Location { file, ..Location::default() };
        let severity = innocent::severity(&NO_LOGOUTS, explained);
        findings.add(&NO_LOGOUTS, severity, location, &[], message);
    }

    fn line(&mut self, key: &[u8]) -> &mut Line {
        if self.lines.len() >= MOST_LINES && !self.lines.contains_key(key) {
            self.lines.clear();
            self.known = false;
        }
        self.lines.entry(key.to_owned()).or_default()
    }

    fn login(&mut self, context: &RecordContext<'_>, findings: &mut Findings) {
        self.any_login = true;
        self.orphans.clear();
        let entry = &context.entry;
        let user = entry.ut_user.as_bytes().to_owned();
        let login = Login { user, pid: entry.ut_pid, time: context.time(), logout: entry.logout };
        let line = self.line(context.entry.session_key());
        line.closed = None;
        let has_ended = |earlier: &Login| earlier.logout.is_some_and(|end| end <= context.time());
        let earlier = line.open.replace(login).filter(|earlier| !has_ended(earlier));
        self.tally.login(context, earlier.is_some());
        let Some(earlier) = earlier else { return };
        // Programs that log the same login name the same user.
        if earlier.user != entry.ut_user.as_bytes() || earlier.pid != entry.ut_pid {
            let message = format!(
                "{} logs in on {}, where the login of {} is still open",
                entry.ut_user,
                entry.ut_line,
                at(earlier.time),
            );
            context.find(findings, &LOGIN_TWICE, LOGIN_TWICE.severity, message);
        }
    }

    fn logout(&mut self, context: &RecordContext<'_>, findings: &mut Findings) {
        self.tally.logouts = self.tally.logouts.saturating_add(1);
        let (known, clock_changed) = (self.known, self.clock_changed);
        let key = context.entry.session_key();
        if key.is_empty() {
            return;
        }
        let line = self.line(key);
        let by_id = context.layout.platform.session_key == SessionKey::Id;
        let pty = is_pty(key) || (by_id && !line.getty);
        let closed = line.closed.replace(context.time());
        let orphan = pty && !known && line.open.is_none() && closed.is_none();
        if orphan && !self.any_login && self.orphans.len() < MOST_ORPHANS {
            let (location, bytes) = (context.location(), context.record.bytes().to_owned());
            self.orphans.push(Orphan { location, bytes, line: key.to_owned() });
        }
        let line = self.line(key);
        match (line.open.take(), closed) {
            (Some(login), _) => ends(context, &login, clock_changed, findings),
            (None, Some(closed)) if pty => {
                let apart = context.sec().saturating_sub(closed.tv_sec).saturating_abs();
                if apart > SAME_LOGOUT {
                    let message = format!(
                        "{} was already logged out at {}, and no login is between: consistent \
                         with a login removed, or turned into a logout",
                        context.entry.ut_line,
                        at(closed),
                    );
                    context.find(findings, &LOGOUT_TWICE, LOGOUT_TWICE.severity, message);
                }
            }
            (None, None) if known && !line.getty => {
                let severity = if pty { LOGOUT_WITHOUT_LOGIN.severity } else { Severity::Info };
                let message = format!(
                    "there is no login on {} since the boot: consistent with the login record \
                     having been removed",
                    context.entry.ut_line,
                );
                context.find(findings, &LOGOUT_WITHOUT_LOGIN, severity, message);
            }
            _ => {}
        }
    }
}

impl Tally {
    fn login(&mut self, context: &RecordContext<'_>, again: bool) {
        let entry = &context.entry;
        let whole = context.layout.platform.stores_logout;
        if whole || !is_pty(entry.ut_line.as_bytes()) || entry.ut_host.is_empty() {
            return;
        }
        self.file = context.file;
        self.logins = self.logins.saturating_add(1);
        self.again = self.again.saturating_add(u64::from(again));
        let user = entry.ut_user.as_bytes();
        self.others |= self.user.get_or_insert_with(|| user.to_owned()).as_slice() != user;
    }
}

/// Checks a logout against its login.
fn ends(context: &RecordContext<'_>, login: &Login, clock_changed: bool, findings: &mut Findings) {
    let entry = &context.entry;
    let user = entry.ut_user.as_bytes();
    let same_process = entry.ut_pid.is_some_and(|pid| pid > 0 && Some(pid) == login.pid);
    if !user.is_empty() && user != login.user && same_process {
        let severity = if context.layout.platform.logout_clears_user {
            LOGOUT_NAME.severity
        } else {
            Severity::Low
        };
        let message = format!(
            "{:?} logs out, but {:?} had logged in at {}, on the same line and process",
            entry.ut_user,
            Text::new(&login.user),
            at(login.time),
        );
        context.find_role(findings, Role::User, &LOGOUT_NAME, severity, message);
    }
    let lasted = context.sec().saturating_sub(login.time.tv_sec);
    if lasted < -TOLERANCE && !clock_changed && context.sec() != 0 {
        let message = format!("the login it ends is of {}", at(login.time));
        let severity = LOGOUT_BEFORE_LOGIN.severity;
        context.find_role(findings, Role::Sec, &LOGOUT_BEFORE_LOGIN, severity, message);
    }
}
