//! Logins without logouts and logouts without logins.

use std::borrow::ToOwned as _;
use std::collections::HashMap;
use std::format;
use std::vec::Vec;

use crate::dialect::{Event, FileKind};
use crate::field::Role;
use crate::timestamp::Timestamp;

use super::rule::{Findings, Rule, Severity};
use super::scene::{Scene, at, is_pty};
use super::wiped::is_half_zeroed;

pub(super) static LOGOUT_WITHOUT_LOGIN: Rule = Rule {
    id: "logout-without-login",
    severity: Severity::Medium,
    title: "a logout from a pseudo-terminal nobody logged in on",
    meaning: "Consistent with a login record removed from the file, or turned into a logout, while \
        its logout stayed: cleaners that copy all but the records with a name leave logouts, \
        which have none. Applies behind a boot, so that the login must be in the files; low for \
        other terminals, on which programs of init end too.",
    expected: "a login on that line since the boot",
    innocent: &[
        "a program that logs logouts only",
        "a rotated file between this one and the boot that was not given",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(super) static LOGOUT_TWICE: Rule = Rule {
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

pub(super) static LOGOUT_NAME: Rule = Rule {
    id: "logout-name-differs",
    severity: Severity::Medium,
    title: "a logout that names another user than the login it ends",
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

pub(super) static LOGIN_TWICE: Rule = Rule {
    id: "login-twice",
    severity: Severity::Info,
    title: "a login on a line somebody is still logged in on",
    meaning: "Consistent with a logout that was removed, far more often with one never written.",
    expected: "a logout between two logins on a line",
    innocent: &[
        "a server or display manager that was killed",
        "two programs that log the same login",
    ],
    technique: None,
    ..Rule::NEW
};

pub(super) static LOGOUT_BEFORE_LOGIN: Rule = Rule {
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

/// Lines remembered; a file with more is hostile.
const MOST_LINES: usize = 1 << 16;
const SAME_LOGOUT: i64 = 5;
const TOLERANCE: i64 = 120;

/// The lines of one machine, over files that follow one another.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    lines: HashMap<Vec<u8>, Line>,
    /// A boot was seen, so that every login since is in the files.
    known: bool,
    clock_changed: bool,
}

#[derive(Debug, Default)]
struct Line {
    open: Option<Login>,
    /// When the line was closed, unless a login came since.
    closed: Option<Timestamp>,
    getty: bool,
}

#[derive(Debug)]
struct Login {
    user: Vec<u8>,
    pid: Option<i64>,
    time: Timestamp,
}

impl Sessions {
    /// The records before these are not in the files.
    pub(super) fn forget(&mut self) {
        *self = Sessions::default();
    }

    pub(super) fn see(&mut self, scene: &Scene<'_>, out: &mut Findings) {
        if scene.kind != Some(FileKind::Wtmp) || is_half_zeroed(scene) {
            return;
        }
        match scene.event {
            Event::Boot => {
                self.lines.clear();
                self.known = true;
            }
            Event::ClockOld | Event::ClockNew => self.clock_changed = true,
            Event::Prompt | Event::Init => {
                let line = self.line(key(scene));
                line.getty = true;
                line.closed = None;
            }
            Event::Login => self.login(scene, out),
            Event::Logout => self.logout(scene, out),
            _ => {}
        }
    }

    fn line(&mut self, key: &[u8]) -> &mut Line {
        if self.lines.len() >= MOST_LINES && !self.lines.contains_key(key) {
            self.lines.clear();
            self.known = false;
        }
        self.lines.entry(key.to_owned()).or_default()
    }

    fn login(&mut self, scene: &Scene<'_>, out: &mut Findings) {
        let entry = &scene.entry;
        let user = entry.ut_user.as_bytes().to_owned();
        let login = Login { user, pid: entry.ut_pid, time: scene.time() };
        let line = self.line(key(scene));
        line.closed = None;
        let earlier = line.open.replace(login);
        let Some(earlier) = earlier else { return };
        // Programs that log the same login name the same user.
        if earlier.user != entry.ut_user.as_bytes() || earlier.pid != entry.ut_pid {
            let message = format!(
                "{} logs in on {}, where the login of {} is still open",
                entry.ut_user,
                entry.ut_line,
                at(earlier.time),
            );
            scene.find(out, &LOGIN_TWICE, LOGIN_TWICE.severity, message);
        }
    }

    fn logout(&mut self, scene: &Scene<'_>, out: &mut Findings) {
        let (known, clock_changed) = (self.known, self.clock_changed);
        let key = key(scene);
        if key.is_empty() {
            return;
        }
        let line = self.line(key);
        let pty = is_pty(key) || (scene.is_futx() && !line.getty);
        let closed = line.closed.replace(scene.time());
        match (line.open.take(), closed) {
            (Some(login), _) => ends(scene, &login, clock_changed, out),
            (None, Some(closed)) if pty => {
                let apart = scene.sec().saturating_sub(closed.tv_sec).saturating_abs();
                if apart > SAME_LOGOUT {
                    let message = format!(
                        "{} was logged out at {} already, and no login stands between: consistent \
                         with a login removed, or turned into a logout",
                        scene.entry.ut_line,
                        at(closed),
                    );
                    scene.find(out, &LOGOUT_TWICE, LOGOUT_TWICE.severity, message);
                }
            }
            (None, None) if known && !line.getty => {
                let severity = if pty { LOGOUT_WITHOUT_LOGIN.severity } else { Severity::Info };
                let message = format!(
                    "nobody logged in on {} since the boot: consistent with the login record \
                     having been removed",
                    scene.entry.ut_line,
                );
                scene.find(out, &LOGOUT_WITHOUT_LOGIN, severity, message);
            }
            _ => {}
        }
    }
}

/// A logout that has its login.
fn ends(scene: &Scene<'_>, login: &Login, clock_changed: bool, out: &mut Findings) {
    let entry = &scene.entry;
    let user = entry.ut_user.as_bytes();
    let same_process = entry.ut_pid.is_some_and(|pid| pid > 0 && Some(pid) == login.pid);
    if !user.is_empty() && user != login.user && same_process {
        let severity = if scene.is_linux() { LOGOUT_NAME.severity } else { Severity::Low };
        let message = format!(
            "{:?} logs out, but {:?} had logged in at {}, on the same line and process",
            entry.ut_user,
            crate::text::Text::new(&login.user),
            at(login.time),
        );
        scene.find_role(out, Role::User, &LOGOUT_NAME, severity, message);
    }
    let lasted = scene.sec().saturating_sub(login.time.tv_sec);
    if lasted < -TOLERANCE && !clock_changed && scene.sec() != 0 {
        let message = format!("the login it ends is of {}", at(login.time));
        let severity = LOGOUT_BEFORE_LOGIN.severity;
        scene.find_role(out, Role::Sec, &LOGOUT_BEFORE_LOGIN, severity, message);
    }
}

/// What a logout has in common with its login: the line, on FreeBSD the identifier.
fn key<'a>(scene: &Scene<'a>) -> &'a [u8] {
    if !scene.is_futx() {
        return scene.entry.ut_line.as_bytes();
    }
    let id = scene.entry.ut_id.raw();
    let end = id.iter().rposition(|&b| b != 0).map_or(0, |last| last.saturating_add(1));
    id.get(..end).unwrap_or(id)
}
