//! Files that follow one another: rotated copies, and twins kept at the same time.

use std::collections::BTreeMap;
use std::format;

use crate::dialect::{Event, FileKind};
use crate::layout::Layout;
use crate::timestamp::Timestamp;

use super::rule::{Findings, Rule, Severity, Spot};
use super::scene::{Scene, at, span};

pub(super) static ROTATION_OVERLAP: Rule = Rule {
    id: "rotation-overlap",
    severity: Severity::Low,
    title: "a file that begins before the one in front of it ends",
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

pub(super) static ROTATION_GAP: Rule = Rule {
    id: "rotation-gap",
    severity: Severity::Low,
    title: "a long silence between two files",
    meaning: "Consistent with a rotated file that is missing, or with the end of one or the head \
        of the other cut off: more than thirty days, and eight times as long as any gap in the \
        earlier file, without a boot behind it.",
    expected: "files that follow one another",
    innocent: &["a rotated file that was not given", "a machine nobody used"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(super) static EMPTY_HISTORY: Rule = Rule {
    id: "empty-history",
    severity: Severity::Low,
    title: "a wtmp without a record",
    meaning: "Consistent with a history that was emptied (`> wtmp`). Medium if the utmp has logins \
        and no other wtmp with records was given: rotation keeps the old one.",
    expected: "at least the boot of the running system",
    innocent: &[
        "a file just created by rotation, whose rotated copies were not given",
        "a system that no longer writes it",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(super) static TWINS_DIFFER: Rule = Rule {
    id: "twins-differ",
    severity: Severity::Medium,
    title: "wtmp and wtmpx of one machine differ",
    meaning: "Consistent with logins removed from one of two files that are written together \
        (System V, NetBSD). Compared by the number of logins of each day that both files cover.",
    expected: "the same logins in both files",
    innocent: &["a program that writes only one of them", "files rotated at different times"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

const TOLERANCE: i64 = 120;
const DAY: i64 = 86_400;
/// Days remembered of each twin: a century.
const MOST_DAYS: usize = 36_600;

/// The end of the file before.
#[derive(Debug)]
struct Seam {
    last: Timestamp,
    longest_gap: i64,
}

/// The histories of one kind, in the order they are given.
#[derive(Debug, Default)]
pub(super) struct Chain {
    layout: Option<&'static Layout>,
    earlier: Option<Seam>,
    current: Option<Seam>,
}

impl Chain {
    /// Another file begins. Whether it can go on where the last one ended.
    pub(super) fn begin(&mut self, layout: Option<&'static Layout>) -> bool {
        let same = layout.is_some() && self.layout == layout;
        let current = self.current.take();
        if same {
            self.earlier = current.or(self.earlier.take());
        } else {
            *self = Chain { layout, ..Chain::default() };
        }
        same
    }

    /// Whether this record shows that the file does not go on where the last one ended.
    pub(super) fn see(&mut self, scene: &Scene<'_>, out: &mut Findings) -> bool {
        let timed = !matches!(scene.event, Event::Empty | Event::Signature | Event::Unknown);
        let time = scene.time();
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
            scene.find(out, &ROTATION_OVERLAP, ROTATION_OVERLAP.severity, message);
            return true;
        }
        let usual = earlier.longest_gap.saturating_mul(8);
        if step > 30 * DAY && step > usual && scene.event != Event::Boot {
            let message = format!("{message}: {} between them", span(step));
            scene.find(out, &ROTATION_GAP, ROTATION_GAP.severity, message);
        }
        false
    }
}

/// Tells of a history without records; `logins` are in the utmp, but in no history.
pub(super) fn empty(file: u32, logins: usize, out: &mut Findings) {
    let (severity, message) = match logins {
        0 => (EMPTY_HISTORY.severity, "the file has no records".into()),
        logins => (
            Severity::Medium,
            format!(
                "the file has no records, the utmp {logins} logins: consistent with the history \
                 having been emptied"
            ),
        ),
    };
    let spot = Spot { file, ..Spot::default() };
    out.add(&EMPTY_HISTORY, severity, spot, &[], message);
}

/// Logins of each day in the old and the extended form of one history.
#[derive(Debug, Default)]
pub(super) struct Twins {
    old: Twin,
    extended: Twin,
}

#[derive(Debug, Default)]
struct Twin {
    file: u32,
    days: BTreeMap<i64, u64>,
    range: Option<(i64, i64)>,
}

impl Twins {
    pub(super) fn see(&mut self, scene: &Scene<'_>) {
        let named = scene.layout.name;
        let has_twin = named.starts_with("svr4-") || named.starts_with("netbsd-");
        if scene.kind != Some(FileKind::Wtmp) || !has_twin || scene.sec() <= 0 {
            return;
        }
        let twin = if named.contains("utmpx") { &mut self.extended } else { &mut self.old };
        let (first, last) = twin.range.unwrap_or((scene.sec(), scene.sec()));
        twin.range = Some((first.min(scene.sec()), last.max(scene.sec())));
        twin.file = scene.file;
        let day = scene.sec().div_euclid(DAY);
        let room = twin.days.len() < MOST_DAYS || twin.days.contains_key(&day);
        if scene.event == Event::Login && room {
            let count = twin.days.entry(day).or_default();
            *count = count.saturating_add(1);
        }
    }

    pub(super) fn end(&self, out: &mut Findings) {
        let (Some(a), Some(b)) = (self.old.range, self.extended.range) else { return };
        // Days at the edges may be cut by rotation, unless both files begin with them.
        let first = a.0.max(b.0).div_euclid(DAY).saturating_add(i64::from(a.0 != b.0));
        let last = a.1.min(b.1).div_euclid(DAY);
        let (old, extended) = (&self.old.days, &self.extended.days);
        let mut days: std::vec::Vec<i64> = old.keys().chain(extended.keys()).copied().collect();
        days.sort_unstable();
        days.dedup();
        let in_both = days.into_iter().filter(|day| (first..=last).contains(day));
        for day in in_both {
            let count = |days: &BTreeMap<i64, u64>| days.get(&day).copied().unwrap_or(0);
            let (old, extended) = (count(old), count(extended));
            if old == extended {
                continue;
            }
            let date = at(Timestamp { tv_sec: day.saturating_mul(DAY), tv_usec: 0 });
            let date = date.split('T').next().unwrap_or_default();
            let message = format!(
                "{old} logins on {date}, where the extended file has {extended}: consistent with \
                 records removed from one of them"
            );
            let spot = Spot { file: self.old.file, ..Spot::default() };
            out.add(&TWINS_DIFFER, TWINS_DIFFER.severity, spot, &[], message);
        }
    }
}
