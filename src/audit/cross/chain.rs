//! Files that continue one another: rotated copies, and twins written at the same time.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::format;
use std::hash::Hasher as _;

use crate::layout::Layout;
use crate::platform;
use crate::value::event::Event;
use crate::value::file_kind::FileKind;
use crate::value::timestamp::Timestamp;

use crate::audit::context::{RecordContext, at, span};
use crate::audit::finding::{Findings, Location, Rule, Severity};

pub(in crate::audit) static ROTATION_OVERLAP: Rule = Rule {
    id: "rotation-overlap",
    severity: Severity::Low,
    title: "a file that begins before the previous one ends",
    meaning: "Consistent with a rotated file put in the place of another, with records changed \
        around the seam, or with files of several machines. More than two minutes.",
    expected: "the first record of a file after the last of the rotated one",
    innocent: &[
        "a rotation that copies and then empties the file",
        "a clock set back around the rotation",
        "files of two machines given together",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static ROTATION_GAP: Rule = Rule {
    id: "rotation-gap",
    severity: Severity::Low,
    title: "a long silence between two files",
    meaning: "Consistent with a rotated file that is missing, or with the end of one or the head \
        of the other cut off: more than thirty days, and eight times as long as any gap in the \
        earlier file, without a boot after it.",
    expected: "files that follow one another",
    innocent: &["a rotated file that was not given", "a machine that was not used"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static EMPTY_HISTORY: Rule = Rule {
    id: "empty-history",
    severity: Severity::Low,
    title: "a wtmp without a record",
    meaning: "Consistent with a history that was emptied (`> wtmp`). Medium if utmp or lastlog \
        have logins and no other wtmp with records was given: rotation keeps the old one.",
    expected: "at least the boot of the running system",
    innocent: &[
        "a file just created by rotation, whose rotated copies were not given",
        "a system that no longer writes it",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static TWINS_DIFFER: Rule = Rule {
    id: "twins-differ",
    severity: Severity::Medium,
    title: "wtmp and wtmpx of one machine differ",
    meaning: "Consistent with logins removed or changed in one of two files that are written \
        together (System V, NetBSD). Compared by the logins of each day that both files cover: \
        their number, and their users.",
    expected: "the same logins in both files",
    innocent: &["a program that writes only one of them", "files rotated at different times"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

const TOLERANCE: i64 = 120;
const DAY: i64 = 86_400;
/// Most days kept for each twin: a century.
const MOST_DAYS: usize = 36_600;

/// The end of the previous file.
#[derive(Debug)]
struct Seam {
    last: Timestamp,
    longest_gap: i64,
}

/// The histories of one kind, in the order in which they are given.
#[derive(Debug, Default)]
pub(in crate::audit) struct Chain {
    layout: Option<&'static Layout>,
    earlier: Option<Seam>,
    current: Option<Seam>,
}

impl Chain {
    /// Begins another file. Returns whether it may continue the last one.
    pub(in crate::audit) fn begin(&mut self, layout: Option<&'static Layout>) -> bool {
        let same = layout.is_some() && self.layout == layout;
        let current = self.current.take();
        if same {
            self.earlier = current.or(self.earlier.take());
        } else {
            *self = Chain { layout, ..Chain::default() };
        }
        same
    }

    /// Returns whether this record shows that the file does not continue the last one.
    pub(in crate::audit) fn check(
        &mut self,
        context: &RecordContext<'_>,
        findings: &mut Findings,
    ) -> bool {
        let timed = !matches!(context.event, Event::Empty | Event::Signature | Event::Unknown);
        let time = context.time();
        if time == Timestamp::default() || !timed {
            return false;
        }
        if let Some(current) = &mut self.current {
            let step = time.tv_sec.saturating_sub(current.last.tv_sec);
            current.longest_gap = current.longest_gap.max(step);
            current.last = current.last.max(time);
            return false;
        }
        self.current = Some(Seam { last: time, longest_gap: 0 });
        let Some(earlier) = self.earlier.take() else { return false };
        let step = time.tv_sec.saturating_sub(earlier.last.tv_sec);
        let message =
            format!("the file begins {}, the one before it ends {}", at(time), at(earlier.last));
        if step < -TOLERANCE {
            context.find(findings, &ROTATION_OVERLAP, ROTATION_OVERLAP.severity, message);
            return true;
        }
        let usual = earlier.longest_gap.saturating_mul(8);
        if step > 30 * DAY && step > usual && context.event != Event::Boot {
            let message = format!("{message}: {} between them", span(step));
            context.find(findings, &ROTATION_GAP, ROTATION_GAP.severity, message);
            // Boots and kernels of the time between are not in these files.
            return true;
        }
        false
    }
}

/// Reports a history without records. `logins` is the number of logins in the utmp, and of users in
/// the lastlog, that no history has.
pub(in crate::audit) fn empty(file: u32, logins: (usize, usize), findings: &mut Findings) {
    let emptied = ": consistent with the history having been emptied";
    let (severity, message) = match logins {
        (0, 0) => (EMPTY_HISTORY.severity, "the file has no records".into()),
        (0, users) => (
            Severity::Medium,
            format!("the file has no records, the lastlog logins of {users} users{emptied}"),
        ),
        (logins, _) => (
            Severity::Medium,
            format!("the file has no records, the utmp {logins} logins{emptied}"),
        ),
    };
    let location = Location { file, ..Location::default() };
    findings.add(&EMPTY_HISTORY, severity, location, &[], message);
}

/// Number of logins per day in the old and the extended form of one history.
#[derive(Debug, Default)]
pub(in crate::audit) struct Twins {
    old: Twin,
    extended: Twin,
}

#[derive(Debug, Default)]
struct Twin {
    file: u32,
    days: BTreeMap<i64, Day>,
    range: Option<(i64, i64)>,
}

/// The logins of one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Day {
    logins: u64,
    /// Sum of the hashes of the users, by the eight bytes that both files have.
    users: u64,
}

impl Twins {
    pub(in crate::audit) fn check(&mut self, context: &RecordContext<'_>) {
        let twin = match context.layout.platform.twin {
            Some(platform::Twin::Old) => &mut self.old,
            Some(platform::Twin::Extended) => &mut self.extended,
            None => return,
        };
        if context.kind != Some(FileKind::Wtmp) || context.sec() <= 0 {
            return;
        }
        let (first, last) = twin.range.unwrap_or((context.sec(), context.sec()));
        twin.range = Some((first.min(context.sec()), last.max(context.sec())));
        twin.file = context.file;
        let day = context.sec().div_euclid(DAY);
        let room = twin.days.len() < MOST_DAYS || twin.days.contains_key(&day);
        if context.event == Event::Login && room {
            let day = twin.days.entry(day).or_default();
            day.logins = day.logins.saturating_add(1);
            let user = context.entry.ut_user.as_bytes();
            let mut hasher = DefaultHasher::new();
            hasher.write(user.get(..8).unwrap_or(user));
            // Forty bits of each, so that the sum of a day has room.
            day.users = day.users.saturating_add(hasher.finish() >> 24);
        }
    }

    pub(in crate::audit) fn end(&self, findings: &mut Findings) {
        let (Some(a), Some(b)) = (self.old.range, self.extended.range) else { return };
        // Days at the ends may be cut by rotation, unless both files begin with them.
        let first = a.0.max(b.0).div_euclid(DAY).saturating_add(i64::from(a.0 != b.0));
        let last = a.1.min(b.1).div_euclid(DAY);
        let (old, extended) = (&self.old.days, &self.extended.days);
        let mut days: std::vec::Vec<i64> = old.keys().chain(extended.keys()).copied().collect();
        days.sort_unstable();
        days.dedup();
        let in_both = days.into_iter().filter(|day| (first..=last).contains(day));
        for day in in_both {
            let count = |days: &BTreeMap<i64, Day>| days.get(&day).copied().unwrap_or_default();
            let (old, extended) = (count(old), count(extended));
            if old == extended {
                continue;
            }
            let date = at(Timestamp { tv_sec: day.saturating_mul(DAY), tv_usec: 0 });
            let date = date.split('T').next().unwrap_or_default();
            let (old, extended) = (old.logins, extended.logins);
            let message = match old == extended {
                true => format!(
                    "{old} logins on {date}, and as many in the extended file, but of other users: \
                     consistent with a user changed in one of them"
                ),
                false => format!(
                    "{old} logins on {date}, where the extended file has {extended}: consistent \
                     with records removed from one of them"
                ),
            };
            let location = Location { file: self.old.file, ..Location::default() };
            findings.add(&TWINS_DIFFER, TWINS_DIFFER.severity, location, &[], message);
        }
    }
}
