//! Compares how utmp, lastlog and wtmp of one machine record the same login.

use std::borrow::ToOwned as _;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::format;
use std::string::String;
use std::vec::Vec;

use crate::value::address::Address;
use crate::value::event::Event;
use crate::value::file_kind::FileKind;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

use crate::audit::context::{RecordContext, at, is_pty, span};
use crate::audit::cross::logins::{Login, Logins, MOST, SAME_LOGIN, is_window, login, service};
use crate::audit::cross::rules::*;
use crate::audit::finding::{Findings, Location, Rule, Severity, Subject};
use crate::audit::innocent::{
    self, LASTLOG_ONLY, NO_LASTLOG, ONE_COPY_EARLIER, OTHER_STACK, WINDOW,
};
use crate::audit::rules::lastlog;

/// A user's newest login in the histories, among those that lastlog would record too.
#[derive(Debug)]
pub(in crate::audit) struct Newest {
    pub(in crate::audit) time: Timestamp,
    pub(in crate::audit) location: Location,
    pub(in crate::audit) bytes: Vec<u8>,
    pub(in crate::audit) shown: String,
}

/// Facts from the small files, and the matching ones from the histories.
#[derive(Debug, Default)]
pub(in crate::audit) struct CrossFile {
    /// User names by user id.
    names: HashMap<u64, Vec<u8>>,
    /// Logins in utmp.
    live: Logins,
    /// Logins in lastlog.
    slots: Logins,
    /// Lastlogs that look like an empty one after a single login.
    resets: Vec<Location>,
    has_lastlog: bool,
    lastlog_has_names: bool,
    /// Each user's newest login, by name.
    users: BTreeMap<Vec<u8>, Newest>,
    /// The first and last time of the histories.
    history: Option<(Timestamp, Timestamp)>,
    /// Lines that are open in the history, and since when.
    open: HashMap<Vec<u8>, Timestamp>,
    /// The newest slot, and how many logins that belong into the lastlog are newer.
    newest_slot: Option<Timestamp>,
    since_slot: u64,
    /// A lastlog without a slot.
    blank_lastlog: Option<Location>,
    /// The newest time in a file that is no history.
    moment: Option<Timestamp>,
    /// The last boot, by the utmp or the histories.
    booted: Option<Timestamp>,
    /// Services that the histories have; empty if none of them is a database.
    services: HashSet<Vec<u8>>,
}

/// Most open lines that are kept; a file with more is hostile.
const MOST_LINES: usize = 1 << 16;
/// Logins newer than the newest slot, up to which the lastlog counts as written.
const FEW: u64 = 2;
/// Seconds that pass between the copies of two files.
const MOMENT: i64 = 60;

impl CrossFile {
    pub(in crate::audit) fn name(&mut self, uid: u64, name: &[u8]) {
        self.names.entry(uid).or_insert_with(|| name.to_owned());
    }

    pub(in crate::audit) fn check(&mut self, context: &RecordContext<'_>, findings: &mut Findings) {
        let is_log = matches!(context.kind, Some(FileKind::Wtmp | FileKind::Utmp));
        if is_log && context.event == Event::Boot {
            self.booted = self.booted.max(Some(context.time()));
        }
        if !is_log {
            self.moment = self.moment.max(Some(context.time()));
        }
        if context.layout.is_lastlog() || context.kind == Some(FileKind::Lastlog) {
            self.slot(context);
        } else if context.kind == Some(FileKind::Utmp) && context.event == Event::Login {
            let login = login(context, Some(context.entry.ut_user.as_bytes()), None);
            self.live.put(login);
        } else if context.kind == Some(FileKind::Wtmp) {
            self.history(context, findings);
        }
    }

    /// Called at the end of a lastlog. `reset` is set if it looks like an empty one after a single
    /// login.
    pub(in crate::audit) fn lastlog_ends(
        &mut self,
        layout_is_named: bool,
        reset: Option<Location>,
        file: u32,
        records: u64,
    ) {
        self.has_lastlog = true;
        if self.slots.all.is_empty() && (records == 0 || self.newest_slot.is_none()) {
            self.blank_lastlog = Some(Location { file, ..Location::default() });
        } else {
            self.blank_lastlog = None;
        }
        self.lastlog_has_names |= layout_is_named;
        self.resets.extend(reset);
    }

    fn slot(&mut self, context: &RecordContext<'_>) {
        if context.time() == Timestamp::default() {
            return;
        }
        let uid = context.record.uid();
        let name = match uid {
            Some(uid) => self.names.get(&uid).cloned(),
            None => Some(context.entry.ut_user.as_bytes().to_owned()),
        };
        self.newest_slot = self.newest_slot.max(Some(context.time()));
        self.slots.put(login(context, name.as_deref(), uid));
    }

    /// Follows which lines are open, for slots that others wrote meanwhile.
    fn follow(&mut self, context: &RecordContext<'_>) {
        let (line, time) = (context.entry.ut_line.as_bytes(), context.time());
        match context.event {
            Event::Boot | Event::Shutdown => {
                for (line, since) in self.open.drain() {
                    self.slots.open(&line, since, time);
                }
            }
            Event::Login | Event::Logout => {
                if let Some(since) = self.open.remove(line) {
                    self.slots.open(line, since, time);
                }
                if context.event == Event::Login && self.open.len() < MOST_LINES {
                    self.open.insert(line.to_owned(), time);
                }
            }
            _ => {}
        }
    }

    fn history(&mut self, context: &RecordContext<'_>, findings: &mut Findings) {
        let time = context.time();
        if time == Timestamp::default() || time.tv_sec < 0 {
            return;
        }
        let (first, last) = self.history.unwrap_or((time, time));
        self.history = Some((first.min(time), last.max(time)));
        self.follow(context);
        if context.event != Event::Login {
            return;
        }
        if context.record.row_place().is_some() && self.services.len() < MOST_LINES {
            self.services.insert(service(context).to_owned());
        }
        self.slots.same_user(context);
        let mut reported = false;
        self.live.compare(context, "utmp", &mut reported, findings);
        self.live.process(context);
        self.slots.compare(context, "lastlog", &mut reported, findings);
        // sshd writes both files; on FreeBSD the library does for every program.
        let host = context.entry.ut_host.as_bytes();
        let remote = match context.entry.ut_addr {
            Address::Absent | Address::Socket(_) if context.entry.addr().is_none() => {
                let on_pty = is_pty(context.entry.ut_line.as_bytes());
                on_pty && !host.is_empty() && !is_window(host)
            }
            _ => context.entry.addr().is_some(),
        };
        if !remote && !context.layout.platform.one_writer {
            return;
        }
        if self.newest_slot.is_none_or(|slot| time.tv_sec > slot.tv_sec.saturating_add(SAME_LOGIN))
        {
            self.since_slot = self.since_slot.saturating_add(1);
        }
        let user = context.entry.ut_user.as_bytes();
        // Without a lastlog, only that there are such users is of interest.
        let most = if self.has_lastlog { MOST } else { 1 << 10 };
        if self.users.len() >= most && !self.users.contains_key(user) {
            return;
        }
        let now = || Newest {
            time,
            location: context.location(),
            bytes: context.record.bytes().to_owned(),
            shown: lastlog::shown(context),
        };
        let newest = self.users.entry(user.to_owned()).or_insert_with(now);
        if newest.time < time {
            *newest = now();
        }
    }

    /// Returns the number of logins in the utmp, and of users in the lastlog, if there is no history
    /// to compare them with.
    pub(in crate::audit) fn unrecorded(&self) -> (usize, usize) {
        if self.history.is_none() { (self.live.all.len(), self.slots.all.len()) } else { (0, 0) }
    }

    /// Returns the newest login in utmp or lastlog.
    pub(in crate::audit) fn newest(&self) -> Option<&Login> {
        let all = self.live.all.iter().chain(&self.slots.all);
        all.filter(|login| login.time != Timestamp::default()).max_by_key(|login| login.time)
    }

    /// Returns the name of a user id, if it is known.
    pub(in crate::audit) fn name_of(&self, uid: u64) -> Option<&[u8]> {
        self.names.get(&uid).map(Vec::as_slice)
    }

    /// Returns the number of users known by name.
    pub(in crate::audit) fn names(&self) -> usize {
        self.names.len()
    }

    /// Returns a user's newest login with an address, and how many users have one.
    pub(in crate::audit) fn remote(&self) -> Option<(&[u8], &Newest, usize)> {
        let (user, newest) = self.users.iter().max_by_key(|(_, newest)| newest.time)?;
        Some((user, newest, self.users.len()))
    }

    pub(in crate::audit) fn end(mut self, findings: &mut Findings) {
        let Some(history) = self.history else { return };
        for (line, since) in self.open.drain() {
            self.slots.open(&line, since, Timestamp { tv_sec: i64::MAX, tv_usec: 0 });
        }
        let later = self.live.all.iter().filter(|login| !login.recorded && login.time > history.1);
        let later = later.count();
        for login in &self.live.all {
            utmp(login, history, later, self.moment, findings);
        }
        for slot in &self.slots.all {
            lastlog_newer(slot, history, &self.services, findings);
        }
        if let Some(blank) = self.blank_lastlog
            && let Some((_, newest, users)) = self.remote()
        {
            let message = format!(
                "no slot is in use, although {users} users logged in from other machines, last {}: \
                 consistent with the lastlog having been emptied",
                newest.shown
            );
            findings.add(&LASTLOG_EMPTIED, LASTLOG_EMPTIED.severity, blank, &[], message);
        } else if self.has_lastlog {
            self.users_against_slots(findings);
        }
    }

    fn users_against_slots(&self, findings: &mut Findings) {
        let named = |slot: &'_ &Login| slot.user.is_some();
        let mut by_name: HashMap<&[u8], &Login> = HashMap::new();
        for slot in self.slots.all.iter().filter(named) {
            let name = slot.user.as_deref().unwrap_or_default();
            let newest = by_name.entry(name).or_insert(slot);
            if newest.time < slot.time {
                *newest = slot;
            }
        }
        let newest_slot = self.newest_slot;
        let recorded = self.slots.all.iter().any(|slot| slot.recorded);
        // A slot of this boot: the system writes them.
        let this_boot = self.booted.is_some() && newest_slot > self.booted;
        let few = this_boot || self.since_slot <= FEW && recorded;
        // Names longer than the field, and users missing from the passwd, cannot be found.
        let known: HashMap<&[u8], u64> =
            self.names.iter().map(|(uid, name)| (name.as_slice(), *uid)).collect();
        let mut missing: Vec<(&[u8], &Newest)> = Vec::new();
        for (user, newest) in &self.users {
            let written_since = few || newest_slot.is_some_and(|slot| slot >= newest.time);
            match by_name.get(user.as_slice()) {
                Some(slot) => older(slot, newest, written_since, findings),
                None if known.contains_key(user.as_slice()) || self.lastlog_has_names => {
                    missing.push((user, newest));
                }
                None => {}
            }
        }
        let others = self.users.iter().filter(|(_, newest)| newest_slot > Some(newest.time));
        if let Some(&reset) = self.resets.first() {
            // Without names, one of the users who logged in may be the owner of the slot.
            let unnamed = missing.is_empty() && by_name.is_empty();
            let lost = if unnamed { others.count().saturating_sub(1) } else { missing.len() };
            if lost > 0 {
                let message = format!(
                    "one slot is in use and the file ends with it, but {lost} other users logged \
                     in before: consistent with the lastlog having been emptied"
                );
                findings.add(&LASTLOG_RESET, LASTLOG_RESET.severity, reset, &[], message);
                return;
            }
        }
        for (user, newest) in missing {
            let written_since = few || newest_slot.is_some_and(|slot| slot >= newest.time);
            let severity = weight(&LASTLOG_MISSING, written_since);
            let message = format!(
                "{:?} logged in ({}), but has no slot in the lastlog{}",
                Text::new(user),
                newest.shown,
                since(written_since),
            );
            let subject = Subject { user: Some(user.to_owned()), ..Subject::default() };
            let (location, bytes) = (newest.location, &newest.bytes);
            findings.add_about(&LASTLOG_MISSING, severity, location, bytes, message, Some(subject));
        }
    }
}

fn utmp(
    login: &Login,
    (first, last): (Timestamp, Timestamp),
    all_later: usize,
    moment: Option<Timestamp>,
    findings: &mut Findings,
) {
    // screen without utempter writes utmp only, with the display or window in the host.
    let screen =
        login.host.windows(3).any(|part| part == b":S.") || login.host.starts_with(b"local:");
    if login.recorded || screen || login.time < first || login.time == Timestamp::default() {
        return;
    }
    let user = Text::new(login.user.as_deref().unwrap_or_default());
    let later = login.time > last;
    // Terminal windows: some programs that open them write utmp only.
    let window = is_window(&login.host) || login.host.is_empty() && is_pty(&login.line);
    // A single login may have come between the copying of the two files, if nothing else came after
    // it.
    let apart = login.time.tv_sec.saturating_sub(last.tv_sec);
    let newest = moment.is_none_or(|moment| moment.tv_sec < login.time.tv_sec);
    let copied = later && all_later < 2 && apart <= MOMENT && newest;
    let explained = match login.elsewhere {
        Some(_) => None,
        None => window.then_some(&WINDOW).or(copied.then_some(&ONE_COPY_EARLIER)),
    };
    let severity = innocent::severity(&UTMP_WITHOUT_WTMP, explained);
    let message = match (login.elsewhere, later) {
        (Some(time), _) => format!(
            "{user:?} logged in ({}), and the wtmp has the login of that process at {}: consistent \
             with the time having been changed in one of the files",
            login.shown,
            at(time),
        ),
        (None, true) => format!(
            "{user:?} logged in ({}), later than any record of the wtmp: consistent with the end of \
             the wtmp having been cut off",
            login.shown
        ),
        (None, false) => format!(
            "{user:?} logged in ({}), and the wtmp, which has records before and after, has none \
             of it: consistent with the login having been removed there",
            login.shown
        ),
    };
    let message = [message, innocent::as_left_by(explained)].concat();
    login.find(findings, &UTMP_WITHOUT_WTMP, severity, message);
}

fn lastlog_newer(
    slot: &Login,
    (first, last): (Timestamp, Timestamp),
    services: &HashSet<Vec<u8>>,
    findings: &mut Findings,
) {
    if slot.recorded || slot.time.tv_sec < first.tv_sec {
        return;
    }
    let later = slot.time > last;
    let bare = slot.host.is_empty() || is_window(&slot.host);
    let alone = bare && (is_pty(&slot.line) || slot.line.starts_with(b":") || slot.within);
    let rule = if slot.row.is_some() { &LASTLOG2_NEWER } else { &LASTLOG_NEWER };
    // PAM modules are set up for each service.
    let is_unknown = |service: &Vec<u8>| !services.is_empty() && !services.contains(service);
    let is_other_stack = slot.row.as_ref().is_some_and(is_unknown);
    let explained = match is_other_stack {
        true => Some(&OTHER_STACK),
        false => alone.then_some(&LASTLOG_ONLY),
    };
    let severity = match bare && later {
        true => Severity::Low,
        false => innocent::severity(rule, explained),
    };
    let who = match (&slot.user, slot.uid) {
        (Some(name), _) => format!("{:?}", Text::new(name)),
        (None, uid) => format!("user {}", uid.unwrap_or_default()),
    };
    let message = match later {
        true => format!(
            "{who} last logged in {}, later than any record of the wtmp: consistent with the end \
             of the wtmp having been cut off",
            slot.shown
        ),
        false => format!(
            "{who} last logged in {}, and the wtmp, which has records before and after, has no \
             such login: consistent with the login having been removed there",
            slot.shown
        ),
    };
    let message = [message, innocent::as_left_by(explained)].concat();
    slot.find(findings, rule, severity, message);
}

fn older(slot: &Login, newest: &Newest, written_since: bool, findings: &mut Findings) {
    let behind = newest.time.tv_sec.saturating_sub(slot.time.tv_sec);
    if behind <= SAME_LOGIN {
        return;
    }
    let user = Text::new(slot.user.as_deref().unwrap_or_default());
    let to = match slot.recorded {
        true => "an older login of the wtmp",
        false => "a login the wtmp does not have",
    };
    let message = format!(
        "the slot of {user:?} has {to}, {}; the newest is {}, {} later{}",
        slot.shown,
        newest.shown,
        span(behind),
        since(written_since),
    );
    let severity = weight(&LASTLOG_OLDER, written_since);
    slot.find(findings, &LASTLOG_OLDER, severity, message);
}

/// Returns the severity, which is lower for a lastlog that is no longer written.
fn weight(rule: &Rule, written_since: bool) -> Severity {
    innocent::severity(rule, (!written_since).then_some(&NO_LASTLOG))
}

fn since(written_since: bool) -> &'static str {
    match written_since {
        true => {
            "; the lastlog was written until then: consistent with this slot having been wiped or set \
             back"
        }
        false => "; no slot was written since",
    }
}
