//! Failed logins that are counted in one file and missing from the other.

use std::collections::{BTreeMap, HashSet};
use std::string::String;
use std::vec::Vec;
use std::{format, mem};

use crate::audit::context::{RecordContext, at};
use crate::audit::finding::{Findings, Location, Rule, Severity, Subject};
use crate::value::event::Event;
use crate::value::file_kind::FileKind;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

pub(in crate::audit) static FAILURE_GONE: Rule = Rule {
    id: "failure-gone",
    severity: Severity::Medium,
    title: "a failed login that is counted, but that the btmp lacks",
    meaning: "Consistent with records removed from the btmp: faillog, tallylog or faillock has the \
        time of a failure from another host, and the btmp, which begins earlier, has none within \
        ten seconds. Low if the btmp has no failure from another host, and for failures on a \
        terminal.",
    expected: "a btmp record for each failure since the btmp begins",
    innocent: &[
        "a program that checks passwords through PAM and writes no btmp, as su and sudo do",
        "a password that was right, on a service that does not reset the count",
        "a btmp that did not exist for a while, or was full",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

/// Seconds between the two records of one failure: each program reads the clock for itself.
const NEAR: i64 = 10;
/// Most counted failures, and most seconds with a failure, that are kept.
const MOST_COUNTED: usize = 1 << 14;
const MOST_SECONDS: usize = 1 << 20;

/// The failures of one machine.
#[derive(Debug, Default)]
pub(in crate::audit) struct Counts {
    /// The counted failures, kept until it is known whether a btmp has them.
    counted: Vec<Counted>,
    /// Times of the records of all btmps, in units of [`NEAR`] seconds.
    recorded: HashSet<i64>,
    /// Times of successful logins, in the same units, by user.
    logins: BTreeMap<Vec<u8>, HashSet<i64>>,
    login_count: usize,
    first: Option<i64>,
    /// Whether the btmp has failures from other hosts.
    has_remote: bool,
    is_full: bool,
}

/// A failure that a file of counts has.
#[derive(Debug)]
struct Counted {
    sec: i64,
    user: Vec<u8>,
    is_remote: bool,
    // What is reported if no btmp has it.
    location: Location,
    bytes: Vec<u8>,
    message: String,
    subject: Subject,
}

impl Counts {
    /// Takes a record of a log.
    pub(in crate::audit) fn check(&mut self, context: &RecordContext<'_>) {
        let sec = context.sec();
        if sec == 0 {
            return;
        }
        match context.event {
            Event::FailedLogin | Event::Prompt if context.kind == Some(FileKind::Btmp) => {
                self.first = Some(self.first.map_or(sec, |first| first.min(sec)));
                self.has_remote |= context.entry.addr().is_some();
                self.is_full |= self.recorded.len() >= MOST_SECONDS;
                if !self.is_full {
                    self.recorded.insert(sec.div_euclid(NEAR));
                }
            }
            Event::Login if context.kind == Some(FileKind::Wtmp) => {
                self.is_full |= self.login_count >= MOST_SECONDS;
                if !self.is_full {
                    let user = context.entry.ut_user.as_bytes().to_vec();
                    let is_new = self.logins.entry(user).or_default().insert(sec.div_euclid(NEAR));
                    self.login_count = self.login_count.saturating_add(is_new.into());
                }
            }
            _ => {}
        }
    }

    /// Takes a record of a file of counts. `name` is that of the user, if it is known.
    pub(in crate::audit) fn counted(&mut self, context: &RecordContext<'_>, name: Option<&[u8]>) {
        let entry = &context.entry;
        let numbers = entry.failures.unwrap_or_default();
        // A faillog keeps the time of a failure when a login resets the count.
        let is_counted = numbers.count != 0 || numbers.status != 0;
        if context.time() == Timestamp::default() || !is_counted {
            return;
        }
        if self.counted.len() >= MOST_COUNTED {
            self.is_full = true;
            return;
        }
        let user = name.unwrap_or(entry.ut_user.as_bytes()).to_vec();
        let is_remote = entry.addr().is_some()
            || !entry.ut_host.is_empty()
            || entry.ut_line.as_bytes().starts_with(b"ssh");
        let text = |text: Text<'_>| Some(text.as_bytes().to_vec()).filter(|text| !text.is_empty());
        self.counted.push(Counted {
            sec: context.sec(),
            is_remote,
            location: context.location(),
            bytes: context.record.bytes().to_vec(),
            message: message(&user, context),
            subject: Subject {
                user: Some(user.clone()).filter(|user| !user.is_empty()),
                line: text(entry.ut_line),
                host: text(entry.ut_host),
            },
            user,
        });
    }

    /// Reports the counted failures that no btmp has.
    pub(in crate::audit) fn end(&mut self, findings: &mut Findings) {
        let Some(first) = self.first.filter(|_| !self.is_full) else { return };
        for counted in mem::take(&mut self.counted) {
            let unit = counted.sec.div_euclid(NEAR);
            let near = unit.saturating_sub(1)..=unit.saturating_add(1);
            let is_login = || {
                let logins = self.logins.get(&counted.user);
                logins.is_some_and(|logins| near.clone().any(|unit| logins.contains(&unit)))
            };
            if counted.sec < first
                || near.clone().any(|unit| self.recorded.contains(&unit))
                || is_login()
            {
                continue;
            }
            let is_sure = self.has_remote && counted.is_remote;
            let severity = if is_sure { FAILURE_GONE.severity } else { Severity::Low };
            let Counted { location, bytes, message, subject, .. } = counted;
            findings.add_about(&FAILURE_GONE, severity, location, &bytes, message, Some(subject));
        }
    }
}

fn message(user: &[u8], context: &RecordContext<'_>) -> String {
    let entry = &context.entry;
    let who = match (user, context.record.uid()) {
        ([], Some(uid)) => format!("user id {uid}"),
        (name, _) => format!("{:?}", Text::new(name)),
    };
    let from = [entry.ut_host, entry.ut_line].into_iter().find(|text| !text.is_empty());
    let from = from.map_or(String::new(), |from| format!(" from {from:?}"));
    format!(
        "a failed login of {who}{from} at {} is counted, but no btmp has it",
        at(context.time())
    )
}
