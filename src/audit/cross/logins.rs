//! Logins in the small files, found again in the histories.

use std::borrow::ToOwned as _;
use std::collections::{BTreeMap, HashMap};
use std::format;
use std::string::String;
use std::vec::Vec;

use crate::layout::field::Role;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

use crate::audit::context::{RecordContext, is_pty};
use crate::audit::cross::rules::{HOST_DIFFERS, NAME_DIFFERS};
use crate::audit::finding::{Findings, Location, Rule, Severity, Subject};
use crate::audit::innocent::{self, WINDOW};
use crate::audit::rules::lastlog;

/// Most live logins and lastlog slots that are kept; files with more are hostile.
pub(in crate::audit) const MOST: usize = 1 << 18;
/// Most logins kept for one line and second: two files may each have one.
const MOST_HERE: usize = 4;
/// Most logins within one session that are looked at.
const MOST_WITHIN: usize = 64;
/// Programs that log the same login do so within this many seconds.
pub(in crate::audit) const SAME_LOGIN: i64 = 2;

/// A login in utmp or lastlog.
#[derive(Debug)]
pub(in crate::audit) struct Login {
    pub(in crate::audit) user: Option<Vec<u8>>,
    pub(in crate::audit) uid: Option<u64>,
    pub(in crate::audit) line: Vec<u8>,
    pub(in crate::audit) host: Vec<u8>,
    pub(in crate::audit) pid: Option<i64>,
    pub(in crate::audit) time: Timestamp,
    pub(in crate::audit) location: Location,
    pub(in crate::audit) bytes: Vec<u8>,
    pub(in crate::audit) shown: String,
    /// Whether the history has it too; the next field, whether under the same name.
    pub(in crate::audit) recorded: bool,
    pub(in crate::audit) same_name: bool,
    /// The time at which the history has a login of the same user, line and process.
    pub(in crate::audit) elsewhere: Option<Timestamp>,
    /// Whether somebody had the line open at that time, by the history.
    pub(in crate::audit) within: bool,
    /// The service, if it is a row of a database.
    pub(in crate::audit) row: Option<Vec<u8>>,
}

impl Login {
    /// Returns a finding about this login.
    pub(in crate::audit) fn find(
        &self,
        findings: &mut Findings,
        rule: &'static Rule,
        severity: Severity,
        message: String,
    ) {
        let (user, line, host) = (self.user.clone(), self.line.clone(), self.host.clone());
        let subject = Subject { user, line: Some(line), host: Some(host) };
        findings.add_about(rule, severity, self.location, &self.bytes, message, Some(subject));
    }
}

/// Logins by line and second.
#[derive(Debug, Default)]
pub(in crate::audit) struct Logins {
    pub(in crate::audit) all: Vec<Login>,
    by_place: HashMap<(Vec<u8>, i64), Vec<usize>>,
    by_line: HashMap<Vec<u8>, BTreeMap<i64, usize>>,
    by_process: HashMap<(Vec<u8>, i64), usize>,
    /// Rows of databases by user and second: PAM may name another terminal than the program that
    /// opened it.
    by_user: HashMap<(Vec<u8>, i64), Vec<usize>>,
}

impl Logins {
    pub(in crate::audit) fn put(&mut self, login: Login) {
        if self.all.len() < MOST {
            let place = (login.line.clone(), login.time.tv_sec);
            let here = self.by_place.entry(place).or_default();
            if here.len() < MOST_HERE {
                let at = self.all.len();
                here.push(at);
                self.by_line.entry(login.line.clone()).or_default().insert(login.time.tv_sec, at);
                if let Some(pid) = login.pid.filter(|pid| *pid > 0) {
                    self.by_process.insert((login.line.clone(), pid), at);
                }
                if let (Some(user), Some(_)) = (&login.user, &login.row) {
                    let place = (user.clone(), login.time.tv_sec);
                    self.by_user.entry(place).or_default().push(at);
                }
                self.all.push(login);
            }
        }
    }

    /// Marks the logins on a line that somebody had open between two times.
    pub(in crate::audit) fn open(&mut self, line: &[u8], from: Timestamp, to: Timestamp) {
        let Some(here) = self.by_line.get(line).filter(|_| from < to) else { return };
        let inside =
            here.range(from.tv_sec.saturating_add(1)..to.tv_sec.max(from.tv_sec.saturating_add(1)));
        for (_, &at) in inside.take(MOST_WITHIN) {
            if let Some(login) = self.all.get_mut(at) {
                login.within = true;
            }
        }
    }

    /// Marks the rows of a database whose login a history has, on whatever terminal.
    pub(in crate::audit) fn same_user(&mut self, context: &RecordContext<'_>) {
        if self.by_user.is_empty() {
            return;
        }
        let (user, sec) = (context.entry.ut_user.as_bytes(), context.sec());
        for sec in sec.saturating_sub(SAME_LOGIN)..=sec.saturating_add(SAME_LOGIN) {
            for &at in self.by_user.get(&(user.to_owned(), sec)).into_iter().flatten() {
                if let Some(login) = self.all.get_mut(at) {
                    (login.recorded, login.same_name) = (true, true);
                }
            }
        }
    }

    /// Notes a login of the history with the process of one that is at another time here.
    pub(in crate::audit) fn process(&mut self, context: &RecordContext<'_>) {
        let entry = &context.entry;
        let Some(pid) = entry.ut_pid.filter(|pid| *pid > 0) else { return };
        let place = (entry.ut_line.as_bytes().to_owned(), pid);
        let Some(login) = self.by_process.get(&place).and_then(|&at| self.all.get_mut(at)) else {
            return;
        };
        let name = login.user.as_deref().is_none_or(|name| same(name, entry.ut_user.as_bytes()));
        if name && !login.recorded {
            login.elsewhere = Some(context.time());
        }
    }

    /// Marks the logins that a history record matches, and reports another name or host, unless
    /// that was reported already.
    pub(in crate::audit) fn compare(
        &mut self,
        context: &RecordContext<'_>,
        file: &str,
        reported: &mut bool,
        findings: &mut Findings,
    ) {
        let line = context.entry.ut_line.as_bytes();
        let user = context.entry.ut_user.as_bytes();
        let (mut other, mut moved) = (None, None);
        for sec in
            context.sec().saturating_sub(SAME_LOGIN)..=context.sec().saturating_add(SAME_LOGIN)
        {
            let Some(places) = self.by_place.get(&(line.to_owned(), sec)) else { continue };
            for &place in places {
                let Some(login) = self.all.get_mut(place) else { continue };
                // The name of a service in place of a terminal is that of many logins.
                if login.row.is_some() && !is_pty(line) && !line.starts_with(b"tty") {
                    continue;
                }
                let same_name = login.user.as_deref().is_none_or(|name| same(name, user));
                login.recorded = true;
                login.same_name |= same_name;
                if !login.same_name && sec == context.sec() {
                    other = Some(place);
                } else if same_name && sec == context.sec() && !same_host(login, context) {
                    moved = Some(place);
                }
            }
        }
        if *reported {
            return;
        }
        *reported = moved.is_some() || other.is_some();
        if let Some(login) = moved.and_then(|place| self.all.get(place)) {
            host_differs(context, login, file, findings);
        }
        let Some(login) = other.and_then(|place| self.all.get(place)) else { return };
        let name = login.user.as_deref().unwrap_or_default();
        let message = format!(
            "{:?} logs in on {} at the second at which {file} has {:?} there: consistent with the \
             name having been changed in one of the files",
            context.entry.ut_user,
            context.entry.ut_line,
            Text::new(name),
        );
        context.find_role(findings, Role::User, &NAME_DIFFERS, NAME_DIFFERS.severity, message);
    }
}

pub(in crate::audit) fn login(
    context: &RecordContext<'_>,
    user: Option<&[u8]>,
    uid: Option<u64>,
) -> Login {
    Login {
        user: user.map(<[u8]>::to_owned),
        uid,
        line: context.entry.ut_line.as_bytes().to_owned(),
        host: context.entry.ut_host.as_bytes().to_owned(),
        time: context.time(),
        location: context.location(),
        bytes: context.record.bytes().to_owned(),
        shown: lastlog::shown(context),
        pid: context.entry.ut_pid,
        recorded: false,
        same_name: false,
        elsewhere: None,
        within: false,
        row: context.record.row_place().map(|_| service(context).to_owned()),
    }
}

/// Returns the service that a row has. sshd, which opens pseudo-terminals, leaves it out of its own.
pub(in crate::audit) fn service<'a>(context: &RecordContext<'a>) -> &'a [u8] {
    let entry = &context.entry;
    let is_remote = !entry.ut_host.is_empty() && is_pty(entry.ut_line.as_bytes());
    match entry.service {
        Some(service) => service.as_bytes(),
        None if is_remote => b"sshd",
        None => b"",
    }
}

fn same_host(login: &Login, context: &RecordContext<'_>) -> bool {
    same(&login.host, context.entry.ut_host.as_bytes())
}

fn host_differs(context: &RecordContext<'_>, login: &Login, file: &str, findings: &mut Findings) {
    let host = context.entry.ut_host;
    let window = is_window(&login.host) || is_window(host.as_bytes());
    // A host that is gone in the history was removed there, unless a window has none.
    let explained = (window || login.host.is_empty()).then_some(&WINDOW);
    let severity = innocent::severity(&HOST_DIFFERS, explained);
    let message = format!(
        "{:?} logs in from {host:?}; for the same login {file} has {:?}: consistent with the host \
         having been changed in one of the files",
        context.entry.ut_user,
        Text::new(&login.host),
    );
    context.find_role(findings, Role::Host, &HOST_DIFFERS, severity, message);
}

/// Returns whether a host is that of a terminal window, of screen or of mosh: no other machine.
pub(in crate::audit) fn is_window(host: &[u8]) -> bool {
    let has = |word: &[u8]| host.windows(word.len()).any(|part| part == word);
    matches!(host, [b':', b'0'..=b'9', ..])
        || host.starts_with(b"tmux(")
        || host.starts_with(b"local:")
        || has(b"mosh")
        || has(b":S.")
}

/// Returns whether names agree, as far as the shorter field goes.
fn same(a: &[u8], b: &[u8]) -> bool {
    a == b || (a.len().min(b.len()) >= 8 && (a.starts_with(b) || b.starts_with(a)))
}
