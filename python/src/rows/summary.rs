//! Numbers of logins and failed logins.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::ops::ControlFlow;

use loginrec::contract::{SummaryKey, SummaryRow};
use loginrec::layout::Role;
use loginrec::session::{Session, SessionTracker};
use loginrec::{Entry, Event, FileKind, Record, Text, Timestamp};

use crate::history::History;
use crate::log_source::{Log, is_set};
use crate::out::Out;
use crate::plan::{By, Plan, user_of};

const DAY: i64 = 86_400;
const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// The weekday of 1970-01-01.
const THURSDAY: i64 = 3;

/// A value that is counted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Text(Vec<u8>),
    Number(Option<i64>),
    Name(Option<String>),
}

/// A login or failed logins.
struct Logins<'a> {
    machine: Option<&'a str>,
    user: Vec<u8>,
    source: Vec<u8>,
    line: Vec<u8>,
    time: Option<Timestamp>,
    logins: u64,
    failed: u64,
    micros: i128,
}

#[derive(Default)]
struct Counts {
    logins: u64,
    failed: u64,
    micros: i128,
    times: Option<(Timestamp, Timestamp)>,
    users: BTreeSet<Vec<u8>>,
    sources: BTreeSet<Vec<u8>>,
}

/// The memory is bounded by the number of different values. Without `by`, there are rows for each
/// machine, then for each source, then for each user.
pub(super) fn rows(plan: &Plan, out: &mut Out<'_>) -> ControlFlow<()> {
    let by: Vec<Vec<By>> = match plan.options.by.as_slice() {
        [] => vec![vec![By::Machine], vec![By::Source], vec![By::User]],
        by => vec![by.to_vec()],
    };
    let mut counters: Vec<BTreeMap<Vec<Value>, Counts>> =
        by.iter().map(|_| BTreeMap::new()).collect();
    for logs in plan.machines() {
        let machine = logs.first().and_then(|log| log.origin.machine.clone());
        let machine = machine.as_deref();
        let mut add = |logins: Logins<'_>| {
            for (by, counter) in by.iter().zip(&mut counters) {
                let key = by.iter().map(|by| by.value(&logins)).collect();
                counter.entry(key).or_default().add(&logins);
            }
        };
        let mut history = History::new(logs);
        let has_history = history
            .logs
            .iter()
            .any(|log| log.layout.is_some() && matches!(log.kind(), None | Some(FileKind::Wtmp)));
        let mut tracker = SessionTracker::new();
        let mut newest = None;
        history.each(|number, log, item| {
            let (record, entry) = match item {
                Ok(found) => found,
                Err(fault) => return out.fault(log, fault),
            };
            match used(log, has_history) {
                Some(true) if entry.event_in(log.kind()) != Event::FailedLogin => {
                    newest = newest.max(Some(entry.ut_tv));
                    for session in tracker.push(number, record, entry) {
                        add(login(machine, &session, None));
                    }
                }
                Some(_) => {
                    let named = plan.user(record.uid()).map(<[u8]>::to_vec);
                    let named = named.or_else(|| user_of(log).map(String::into_bytes));
                    failure(machine, record, entry, named).into_iter().for_each(&mut add);
                }
                None => {}
            }
            ControlFlow::Continue(())
        })?;
        if tracker.is_full() {
            return out.fail(&"not enough memory for the logins that are open at once");
        }
        for session in tracker.finish() {
            add(login(machine, &session, newest));
        }
    }
    for (by, counter) in by.iter().zip(&counters) {
        let mut all: Vec<_> = counter.iter().collect();
        if !by.iter().all(|by| matches!(by, By::Day | By::Hour | By::Weekday)) {
            // The most frequent first, else in the order of the values.
            all.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.logins + counts.failed));
        }
        all.into_iter().try_for_each(|(values, counts)| counts.row(by, values, out))?;
    }
    ControlFlow::Continue(())
}

/// Returns whether a file is a history rather than failed logins; `None` if it is neither.
fn used(log: &Log, has_history: bool) -> Option<bool> {
    let layout = log.layout?;
    match log.kind() {
        _ if layout.is_failures() => Some(false),
        _ if layout.is_lastlog() => None,
        Some(FileKind::Btmp | FileKind::Failures) => Some(false),
        Some(FileKind::Lastlog) => None,
        // Its logins are in the history as well.
        Some(FileKind::Utmp) if has_history => None,
        _ => Some(true),
    }
}

fn login<'a>(
    machine: Option<&'a str>,
    session: &Session<'_>,
    newest: Option<Timestamp>,
) -> Logins<'a> {
    let entry = session.login.entry();
    let until = session.ended().or(newest).unwrap_or(entry.ut_tv);
    Logins {
        machine,
        user: entry.ut_user.as_bytes().to_vec(),
        source: source(&entry),
        line: entry.ut_line.as_bytes().to_vec(),
        time: Some(entry.ut_tv).filter(|time| is_set(*time)),
        logins: 1,
        failed: 0,
        micros: session.micros_until(until).max(0),
    }
}

fn failure<'a>(
    machine: Option<&'a str>,
    record: &Record<'_>,
    entry: &Entry<'_>,
    named: Option<Vec<u8>>,
) -> Option<Logins<'a>> {
    let failed = match entry.failures {
        None if entry.event_in(Some(FileKind::Btmp)) != Event::FailedLogin => return None,
        None => 1,
        // pam_faillock has a record for each.
        Some(_) if record.layout().has(Role::Status) => 1,
        Some(counted) => u64::try_from(counted.count).unwrap_or_default(),
    };
    let uid = record.uid().map(|uid| uid.to_string().into_bytes());
    let user = named.or(uid).unwrap_or_else(|| entry.ut_user.as_bytes().to_vec());
    (failed > 0).then(|| Logins {
        machine,
        user,
        source: source(entry),
        line: entry.ut_line.as_bytes().to_vec(),
        time: Some(entry.ut_tv).filter(|time| is_set(*time)),
        logins: 0,
        failed,
        micros: 0,
    })
}

/// Returns where a login came from: its address, else its host. Addresses of IPv4 in the form of
/// IPv6 are those of IPv4.
fn source(entry: &Entry<'_>) -> Vec<u8> {
    let host = || entry.ut_host.to_str()?.parse::<IpAddr>().ok();
    match entry.addr().or_else(host) {
        Some(address) => address.to_canonical().to_string().into_bytes(),
        None => entry.ut_host.as_bytes().to_vec(),
    }
}

impl By {
    fn value(self, logins: &Logins<'_>) -> Value {
        let seconds = || logins.time.map(|time| time.tv_sec);
        match self {
            By::User => Value::Text(logins.user.clone()),
            By::Source => Value::Text(logins.source.clone()),
            By::Line => Value::Text(logins.line.clone()),
            By::Machine => Value::Name(logins.machine.map(str::to_owned)),
            By::Day => Value::Number(seconds().map(|seconds| seconds.div_euclid(DAY))),
            By::Hour => Value::Number(seconds().map(|seconds| seconds.rem_euclid(DAY) / 3600)),
            By::Weekday => {
                let day = |seconds: i64| (seconds.div_euclid(DAY) + THURSDAY).rem_euclid(7);
                Value::Number(seconds().map(day))
            }
        }
    }

    /// Returns the value for rows. `day` is its text, if it is a day.
    fn key<'a>(self, value: &'a Value, day: Option<&'a str>) -> SummaryKey<'a> {
        let small = |number: &Option<i64>| number.and_then(|number| u8::try_from(number).ok());
        match (self, value) {
            (By::User, Value::Text(text)) => SummaryKey::User(Text::new(text)),
            (By::Source, Value::Text(text)) => SummaryKey::Source(Text::new(text)),
            (By::Line, Value::Text(text)) => SummaryKey::Line(Text::new(text)),
            (By::Hour, Value::Number(hour)) => SummaryKey::Hour(small(hour)),
            (By::Weekday, Value::Number(number)) => {
                let day = small(number).and_then(|day| WEEKDAYS.get(usize::from(day)).copied());
                SummaryKey::Weekday(day)
            }
            (By::Day, _) => SummaryKey::Day(day),
            (_, Value::Name(name)) => SummaryKey::Machine(name.as_deref()),
            _ => SummaryKey::Machine(None),
        }
    }
}

impl Counts {
    fn add(&mut self, logins: &Logins<'_>) {
        self.logins = self.logins.saturating_add(logins.logins);
        self.failed = self.failed.saturating_add(logins.failed);
        self.micros = self.micros.saturating_add(logins.micros);
        for (names, name) in [(&mut self.users, &logins.user), (&mut self.sources, &logins.source)]
        {
            if !name.is_empty() && !names.contains(name) {
                names.insert(name.clone());
            }
        }
        if let Some(time) = logins.time {
            let (first, last) = self.times.unwrap_or((time, time));
            self.times = Some((first.min(time), last.max(time)));
        }
    }

    fn row(&self, by: &[By], values: &[Value], out: &mut Out<'_>) -> ControlFlow<()> {
        let days: Vec<Option<String>> = values.iter().map(date).collect();
        let keys = by.iter().zip(values).zip(&days);
        let keys: Vec<SummaryKey<'_>> =
            keys.map(|((by, value), day)| by.key(value, day.as_deref())).collect();
        out.row(&SummaryRow {
            keys: &keys,
            logins: self.logins,
            failed: self.failed,
            seconds: i64::try_from(self.micros / 1_000_000).unwrap_or(i64::MAX),
            times: self.times,
            users: self.users.len() as u64,
            sources: self.sources.len() as u64,
        })
    }
}

fn date(value: &Value) -> Option<String> {
    let Value::Number(Some(day)) = value else { return None };
    let midnight = Timestamp { tv_sec: day.checked_mul(DAY)?, tv_usec: 0 };
    let date = midnight.to_utc()?;
    Some(format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day()))
}
