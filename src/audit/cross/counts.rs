//! Failed logins that are counted in one file and missing from the other.

use std::collections::{BTreeMap, BTreeSet};
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
        time of a failure from another host, and the btmp has others in the two months before and \
        none within ten seconds. Low if the btmp has no failure from another host, and for failures on a \
        terminal.",
    expected: "a btmp record for each failure",
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
/// Most counted failures, and minutes with a failure, that are kept.
const MOST: usize = 1 << 14;
const MOST_MINUTES: usize = 1 << 18;
/// Minutes in two months: a btmp is rotated each month.
const MONTHS: i64 = 60 * 24 * 60;

/// The counted failures of one machine, which are read before the logs.
#[derive(Debug, Default)]
pub(in crate::audit) struct Counts {
    /// Those that are not explained, by time in units of [`NEAR`] seconds.
    counted: BTreeMap<i64, Vec<Counted>>,
    len: usize,
    /// Whether a btmp has been read.
    has_btmp: bool,
    /// The minutes of the failures in it.
    minutes: BTreeSet<i64>,
    /// Whether the btmp has failures from other hosts.
    has_remote: bool,
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
        let is_btmp = context.kind == Some(FileKind::Btmp);
        let is_login = context.kind == Some(FileKind::Wtmp) && context.event == Event::Login;
        if sec == 0 || !(is_btmp || is_login) {
            return;
        }
        if is_btmp {
            self.has_btmp = true;
            self.has_remote |= context.entry.addr().is_some();
        }
        if self.counted.is_empty() {
            return;
        }
        if is_btmp && self.minutes.len() < MOST_MINUTES {
            self.minutes.insert(sec.div_euclid(60));
        }
        let unit = sec.div_euclid(NEAR);
        let user = context.entry.ut_user.as_bytes();
        for (_, near) in self.counted.range_mut(unit.saturating_sub(1)..=unit.saturating_add(1)) {
            near.retain(|counted| {
                let is_near = counted.sec.abs_diff(sec) <= NEAR.unsigned_abs();
                !is_near || is_login && counted.user != user
            });
        }
    }

    /// Takes a record of a file of counts. `name` is that of the user, if it is known.
    pub(in crate::audit) fn counted(&mut self, context: &RecordContext<'_>, name: Option<&[u8]>) {
        // Too late to compare it, if the btmp has been read.
        if self.has_btmp {
            return;
        }
        let entry = &context.entry;
        let numbers = entry.failures.unwrap_or_default();
        // A faillog keeps the time of a failure when a login resets the count.
        let is_counted = numbers.count != 0 || numbers.status != 0;
        if context.time() == Timestamp::default() || !is_counted {
            return;
        }
        if self.len >= MOST {
            return;
        }
        self.len = self.len.saturating_add(1);
        let user = name.unwrap_or(entry.ut_user.as_bytes()).to_vec();
        let is_remote = entry.addr().is_some()
            || !entry.ut_host.is_empty()
            || entry.ut_line.as_bytes().starts_with(b"ssh");
        let text = |text: Text<'_>| Some(text.as_bytes().to_vec()).filter(|text| !text.is_empty());
        let unit = context.sec().div_euclid(NEAR);
        self.counted.entry(unit).or_default().push(Counted {
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
        for counted in mem::take(&mut self.counted).into_values().flatten() {
            let Counted { sec, is_remote, location, bytes, message, subject, .. } = counted;
            // Its btmp may have been rotated away, or the clock of the others have been wrong.
            let minute = sec.div_euclid(60);
            let before = minute.saturating_sub(MONTHS)..minute;
            if self.minutes.range(before).next().is_none() {
                continue;
            }
            let is_sure = self.has_remote && is_remote;
            let severity = if is_sure { FAILURE_GONE.severity } else { Severity::Low };
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
