//! Times that do not go on as they should.

use std::format;

use crate::dialect::Event;
use crate::field::Role;
use crate::timestamp::Timestamp;

use super::rule::{Findings, Rule, Severity, Spot};
use super::scene::{Scene, at, span};

/// Programs that log at the same time do not do so in order.
const TOLERANCE: i64 = 120;
/// After a boot the clock may be set once the network is up.
const AFTER_BOOT: u32 = 16;
/// As many records may stand in the wrong place together.
const EXCURSION: u8 = 8;
/// Before 1980 a clock has no battery.
const YOUNG: i64 = 315_532_800;
const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

pub(super) static TIME_BACKWARDS: Rule = Rule {
    id: "time-backwards",
    severity: Severity::Low,
    title: "a record older than the one before it",
    meaning: "Consistent with a record inserted or changed later, or with a clock set back. More \
        than two minutes, no boot and no recorded clock change in between. Medium for up to \
        eight records, a login or logout first, more than an hour out of place while the records \
        around them go on; info in the first records behind a boot.",
    expected: "times in the order of writing",
    innocent: &[
        "a clock corrected by hand, by NTP or after suspend",
        "a virtual machine restored from a snapshot",
    ],
    technique: Some("T1070.006"),
    ..Rule::NEW
};

pub(super) static TIME_NEGATIVE: Rule = Rule {
    id: "time-negative",
    severity: Severity::Low,
    title: "a time before 1970",
    meaning: "Consistent with a made-up or damaged time. 32-bit seconds of 2038 to 2106 look the \
        same: then all newer records have it.",
    expected: "a time since 1970",
    innocent: &["a time after 2038 stored as unsigned seconds (glibc since 2.40)"],
    technique: None,
    habit: true,
    ..Rule::NEW
};

pub(super) static MTIME_BEFORE_RECORDS: Rule = Rule {
    id: "mtime-before-records",
    severity: Severity::Low,
    title: "the file was last modified before its newest record",
    meaning: "Consistent with a modification time set back, as cleaners do, or with a record of \
        the future. Only the caller knows the time; that of a copy says nothing.",
    expected: "a modification time not before the newest record",
    innocent: &[
        "a copy that was given another modification time",
        "a clock that was ahead when the record was written",
    ],
    technique: Some("T1070.006"),
    ..Rule::NEW
};

pub(super) static GAP: Rule = Rule {
    id: "gap",
    severity: Severity::Low,
    title: "a long silence in a file with a steady rhythm",
    meaning: "Consistent with a stretch of records cut out. A week at least, sixteen times as \
        long as nineteen of twenty gaps are, among at least 64 records, without a shutdown before \
        or a boot behind it.",
    expected: "records about as often as before and after",
    innocent: &["holidays", "a machine without network, or suspended", "a service switched off"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

/// The times of one history.
#[derive(Debug, Default)]
pub(super) struct Times {
    earlier: Option<Timestamp>,
    since_boot: u32,
    clock_changed: bool,
    /// A step back whose weight the next record decides.
    back: Option<Back>,
    newest: Option<(Timestamp, Spot)>,
    gaps: Gaps,
}

#[derive(Debug)]
struct Back {
    spot: Spot,
    bytes: [u8; 8],
    before: Timestamp,
    time: Timestamp,
    is_session: bool,
    after_boot: bool,
    /// Records until it is a clock set back.
    left: u8,
}

#[derive(Debug)]
struct Gaps {
    /// By the logarithm of their length.
    by_length: [u32; 64],
    count: u64,
    down: bool,
    longest: Option<(i64, Spot, Timestamp, Timestamp)>,
}

impl Default for Gaps {
    fn default() -> Gaps {
        Gaps { by_length: [0; 64], count: 0, down: false, longest: None }
    }
}

impl Times {
    pub(super) fn see(&mut self, scene: &Scene<'_>, out: &mut Findings) {
        let time = scene.time();
        let timed = !matches!(scene.event, Event::Empty | Event::Signature | Event::Unknown);
        if time == Timestamp::default() || !timed || scene.layout.is_lastlog() {
            return;
        }
        let spot = time_spot(scene);
        if time.tv_sec < 0 {
            let message = match scene.layout.has_32bit_time() {
                true => {
                    format!("{}, or {} if seconds are unsigned", at(time), at(time.unsigned32()))
                }
                false => at(time),
            };
            let severity = TIME_NEGATIVE.severity;
            scene.find_role(out, Role::Sec, &TIME_NEGATIVE, severity, message);
        }
        if self.newest.is_none_or(|(newest, _)| newest < time) {
            self.newest = Some((time, spot));
        }
        // Of times before 1970 the order is not known: they may be of 2038 to 2106.
        if !scene.is_history() || time.tv_sec < 0 {
            return;
        }
        self.settle(time, out);
        match scene.event {
            Event::Boot => self.since_boot = 0,
            Event::ClockOld | Event::ClockNew => self.clock_changed = true,
            _ => self.since_boot = self.since_boot.saturating_add(1),
        }
        if let Some(before) = self.earlier {
            let step = time.tv_sec.saturating_sub(before.tv_sec);
            let free = scene.event == Event::Boot || self.clock_changed;
            if step < -TOLERANCE && !free {
                let mut bytes = [0; 8];
                let field = scene.layout.field(Role::Sec).or(scene.layout.field(Role::Micros));
                let stored = field.map_or(&[][..], |f| f.of_record(scene.record.bytes()));
                bytes.iter_mut().zip(stored).for_each(|(to, from)| *to = *from);
                let is_session = matches!(scene.event, Event::Login | Event::Logout);
                let after_boot = self.since_boot <= AFTER_BOOT && self.since_boot > 0;
                let left = EXCURSION;
                let back = Back { spot, bytes, before, time, is_session, after_boot, left };
                self.back.get_or_insert(back);
            }
            self.gaps.add(step, spot, before, time, scene.event);
        }
        if !matches!(scene.event, Event::ClockOld | Event::ClockNew) {
            self.clock_changed = false;
        }
        self.earlier = Some(time);
    }

    /// Tells of a step back, if this time shows what it was: records that stand alone, or a
    /// clock that was set back.
    fn settle(&mut self, next: Timestamp, out: &mut Findings) {
        let Some(back) = &mut self.back else { return };
        let goes_on = next.tv_sec >= back.before.tv_sec.saturating_sub(TOLERANCE);
        back.left = back.left.saturating_sub(1);
        if goes_on || back.left == 0 {
            self.tell(goes_on, out);
        }
    }

    fn tell(&mut self, goes_on: bool, out: &mut Findings) {
        let Some(back) = self.back.take() else { return };
        let step = back.before.tv_sec.saturating_sub(back.time.tv_sec);
        let severity = match back.after_boot {
            true => Severity::Info,
            false if goes_on && back.is_session && step > HOUR && back.time.tv_sec > YOUNG => {
                Severity::Medium
            }
            false => TIME_BACKWARDS.severity,
        };
        let around = match goes_on {
            true => ", and soon the records go on where that one was",
            false => "",
        };
        let message = format!(
            "{} stands behind {}: {} back, without a boot or a clock change{around}",
            at(back.time),
            at(back.before),
            span(step),
        );
        out.add(&TIME_BACKWARDS, severity, back.spot, &back.bytes, message);
    }

    pub(super) fn end(&mut self, modified: Option<i64>, out: &mut Findings) {
        self.tell(false, out);
        if let (Some((newest, spot)), Some(modified)) = (self.newest, modified)
            && newest.tv_sec.saturating_sub(modified) > 60
        {
            let modified = Timestamp { tv_sec: modified, tv_usec: 0 };
            let message = format!(
                "the newest record is of {}, the file was last modified {}",
                at(newest),
                at(modified)
            );
            let severity = MTIME_BEFORE_RECORDS.severity;
            out.add(&MTIME_BEFORE_RECORDS, severity, spot, &[], message);
        }
        self.gaps.end(out);
    }
}

fn time_spot(scene: &Scene<'_>) -> Spot {
    let field = scene.layout.field(Role::Sec).or_else(|| scene.layout.field(Role::Micros));
    let at = field.map_or(0, |field| field.offset as u64);
    let spot = scene.spot();
    Spot { offset: spot.offset.saturating_add(at), ..spot }
}

impl Gaps {
    fn add(&mut self, step: i64, spot: Spot, before: Timestamp, time: Timestamp, event: Event) {
        let down = core::mem::replace(&mut self.down, event == Event::Shutdown);
        let class = 64_u32.saturating_sub(step.max(0).leading_zeros());
        if let Some(count) = self.by_length.get_mut(class as usize) {
            *count = count.saturating_add(1);
        }
        self.count = self.count.saturating_add(1);
        let explained = down || event == Event::Boot;
        if !explained && self.longest.is_none_or(|(longest, ..)| longest < step) {
            self.longest = Some((step, spot, before, time));
        }
    }

    fn end(&self, out: &mut Findings) {
        let Some((longest, spot, before, time)) = self.longest else { return };
        let most = self.count.saturating_mul(19) / 20;
        let mut seen: u64 = 0;
        let class = self.by_length.iter().take_while(|&&count| {
            seen = seen.saturating_add(count.into());
            seen < most
        });
        let usual = 1_i64.checked_shl(class.count() as u32).unwrap_or(i64::MAX);
        if self.count < 64 || longest < 7 * DAY || longest / 16 < usual {
            return;
        }
        let message = format!(
            "nothing for {} between {} and {}, where records otherwise follow within {}",
            span(longest),
            at(before),
            at(time),
            span(usual),
        );
        out.add(&GAP, GAP.severity, spot, &[], message);
    }
}
