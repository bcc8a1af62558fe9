//! What utmp, lastlog and wtmp of one machine say about the same login.

use std::borrow::ToOwned as _;
use std::collections::{BTreeMap, HashMap};
use std::format;
use std::string::String;
use std::vec::Vec;

use crate::address::Address;
use crate::dialect::{Event, FileKind};
use crate::text::Text;
use crate::timestamp::Timestamp;

use super::across_rules::*;
use super::lastlog;
use super::logins::{Login, Logins, MOST, SAME_LOGIN, login};
use super::rule::{Findings, Rule, Severity, Spot};
use super::scene::{Scene, is_pty, span};

/// A user's newest login in the histories, of those that lastlog would have too.
#[derive(Debug)]
struct Newest {
    time: Timestamp,
    spot: Spot,
    bytes: Vec<u8>,
    shown: String,
}

/// Facts of the small files, and what the histories add to them as they go by.
#[derive(Debug, Default)]
pub(super) struct Across {
    names: HashMap<u64, Vec<u8>>,
    live: Logins,
    slots: Logins,
    /// Lastlogs that are what one login makes of an empty one.
    resets: Vec<Spot>,
    has_lastlog: bool,
    lastlog_has_names: bool,
    users: BTreeMap<Vec<u8>, Newest>,
    /// From the first to the last time of the histories.
    history: Option<(Timestamp, Timestamp)>,
}

impl Across {
    pub(super) fn name(&mut self, uid: u64, name: &[u8]) {
        self.names.entry(uid).or_insert_with(|| name.to_owned());
    }

    /// How many small facts there are to compare with.
    fn is_idle(&self) -> bool {
        self.live.all.is_empty() && !self.has_lastlog
    }

    pub(super) fn see(&mut self, scene: &Scene<'_>, out: &mut Findings) {
        if scene.layout.is_lastlog() || scene.kind == Some(FileKind::Lastlog) {
            self.slot(scene);
        } else if scene.kind == Some(FileKind::Utmp) && scene.event == Event::Login {
            let login = login(scene, Some(scene.entry.ut_user.as_bytes()), None);
            self.live.put(login);
        } else if scene.kind == Some(FileKind::Wtmp) && !self.is_idle() {
            self.history(scene, out);
        }
    }

    /// A lastlog was read to its end.
    pub(super) fn lastlog_ends(&mut self, layout_is_named: bool, reset: Option<Spot>) {
        self.has_lastlog = true;
        self.lastlog_has_names |= layout_is_named;
        self.resets.extend(reset);
    }

    fn slot(&mut self, scene: &Scene<'_>) {
        if scene.time() == Timestamp::default() {
            return;
        }
        let uid = scene.record.uid();
        let name = match uid {
            Some(uid) => self.names.get(&uid).cloned(),
            None => Some(scene.entry.ut_user.as_bytes().to_owned()),
        };
        self.slots.put(login(scene, name.as_deref(), uid));
    }

    fn history(&mut self, scene: &Scene<'_>, out: &mut Findings) {
        let time = scene.time();
        if time == Timestamp::default() || time.tv_sec < 0 {
            return;
        }
        let (first, last) = self.history.unwrap_or((time, time));
        self.history = Some((first.min(time), last.max(time)));
        if scene.event != Event::Login {
            return;
        }
        let mut told = false;
        self.live.compare(scene, "utmp", &mut told, out);
        self.slots.compare(scene, "lastlog", &mut told, out);
        // sshd writes both files, and so does FreeBSD's library for everybody.
        let remote =
            !matches!(scene.entry.ut_addr, Address::Absent) && scene.entry.addr().is_some();
        if !remote && !scene.is_futx() {
            return;
        }
        let user = scene.entry.ut_user.as_bytes();
        if self.users.len() >= MOST && !self.users.contains_key(user) {
            return;
        }
        let now = || Newest {
            time,
            spot: scene.spot(),
            bytes: scene.record.bytes().to_owned(),
            shown: lastlog::shown(scene),
        };
        let newest = self.users.entry(user.to_owned()).or_insert_with(now);
        if newest.time < time {
            *newest = now();
        }
    }

    /// Live logins, if there is no history to compare them with.
    pub(super) fn unrecorded(&self) -> usize {
        if self.history.is_none() { self.live.all.len() } else { 0 }
    }

    pub(super) fn end(self, out: &mut Findings) {
        let Some(history) = self.history else { return };
        let later = self.live.all.iter().filter(|login| !login.recorded && login.time > history.1);
        let later = later.count();
        for login in &self.live.all {
            utmp(login, history, later, out);
        }
        for slot in &self.slots.all {
            lastlog_newer(slot, history, out);
        }
        if self.has_lastlog {
            self.users_against_slots(out);
        }
    }

    fn users_against_slots(&self, out: &mut Findings) {
        let named = |slot: &'_ &Login| slot.user.is_some();
        let mut by_name: HashMap<&[u8], &Login> = HashMap::new();
        for slot in self.slots.all.iter().filter(named) {
            let name = slot.user.as_deref().unwrap_or_default();
            let newest = by_name.entry(name).or_insert(slot);
            if newest.time < slot.time {
                *newest = slot;
            }
        }
        let newest_slot = self.slots.all.iter().map(|slot| slot.time).max();
        // Names longer than the field, and users who are not in the passwd, cannot be found.
        let known: HashMap<&[u8], u64> =
            self.names.iter().map(|(uid, name)| (name.as_slice(), *uid)).collect();
        let mut missing: Vec<(&[u8], &Newest)> = Vec::new();
        for (user, newest) in &self.users {
            let written_since = newest_slot.is_some_and(|slot| slot >= newest.time);
            match by_name.get(user.as_slice()) {
                Some(slot) => older(slot, newest, written_since, out),
                None if known.contains_key(user.as_slice()) || self.lastlog_has_names => {
                    missing.push((user, newest));
                }
                None => {}
            }
        }
        let others = self.users.iter().filter(|(_, newest)| newest_slot > Some(newest.time));
        if let Some(&reset) = self.resets.first() {
            // Without names, one of those who logged in may be the one who has the slot.
            let unnamed = missing.is_empty() && by_name.is_empty();
            let lost = if unnamed { others.count().saturating_sub(1) } else { missing.len() };
            if lost > 0 {
                let message = format!(
                    "one slot is in use and the file ends with it, but {lost} other users logged \
                     in before: consistent with the lastlog having been emptied"
                );
                out.add(&LASTLOG_RESET, LASTLOG_RESET.severity, reset, &[], message);
                return;
            }
        }
        for (user, newest) in missing {
            let written_since = newest_slot.is_some_and(|slot| slot >= newest.time);
            let severity = weight(&LASTLOG_MISSING, written_since);
            let message = format!(
                "{:?} logged in ({}), but has no slot in the lastlog{}",
                Text::new(user),
                newest.shown,
                since(written_since),
            );
            out.add(&LASTLOG_MISSING, severity, newest.spot, &newest.bytes, message);
        }
    }
}

fn utmp(
    login: &Login,
    (first, last): (Timestamp, Timestamp),
    all_later: usize,
    out: &mut Findings,
) {
    // screen without utempter writes utmp only, with the display or window in the host.
    let screen =
        login.host.windows(3).any(|part| part == b":S.") || login.host.starts_with(b"local:");
    if login.recorded || screen || login.time < first || login.time == Timestamp::default() {
        return;
    }
    let user = Text::new(login.user.as_deref().unwrap_or_default());
    let later = login.time > last;
    // Terminal windows: of the programs that open them some write utmp only. A single login
    // may have come between the copying of the two files.
    let window = login.host.starts_with(b":") || login.host.is_empty() && is_pty(&login.line);
    let light = window || (later && all_later < 2);
    let severity = if light { Severity::Low } else { UTMP_WITHOUT_WTMP.severity };
    let message = match later {
        true => format!(
            "{user:?} logged in ({}), later than any record of the wtmp: consistent with the end of \
             the wtmp having been cut off",
            login.shown
        ),
        false => format!(
            "{user:?} logged in ({}), and the wtmp, which has records before and after, has none \
             of it: consistent with the login having been removed there",
            login.shown
        ),
    };
    out.add(&UTMP_WITHOUT_WTMP, severity, login.spot, &login.bytes, message);
}

fn lastlog_newer(slot: &Login, (first, last): (Timestamp, Timestamp), out: &mut Findings) {
    if slot.recorded || slot.time.tv_sec < first.tv_sec {
        return;
    }
    let later = slot.time > last;
    let severity = if later { Severity::Low } else { LASTLOG_NEWER.severity };
    let who = match (&slot.user, slot.uid) {
        (Some(name), _) => format!("{:?}", Text::new(name)),
        (None, uid) => format!("user {}", uid.unwrap_or_default()),
    };
    let message = match later {
        true => format!("{who} last logged in {}, later than any record of the wtmp", slot.shown),
        false => format!(
            "{who} last logged in {}, and the wtmp, which has records before and after, has no \
             such login: consistent with the login having been removed there",
            slot.shown
        ),
    };
    out.add(&LASTLOG_NEWER, severity, slot.spot, &slot.bytes, message);
}

fn older(slot: &Login, newest: &Newest, written_since: bool, out: &mut Findings) {
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
    out.add(&LASTLOG_OLDER, severity, slot.spot, &slot.bytes, message);
}

/// A lastlog that nobody writes any more falls behind.
fn weight(rule: &Rule, written_since: bool) -> Severity {
    if written_since { rule.severity } else { Severity::Low }
}

fn since(written_since: bool) -> &'static str {
    match written_since {
        true => {
            "; other slots were written since: consistent with this one having been wiped or set back"
        }
        false => "; no slot was written since",
    }
}
