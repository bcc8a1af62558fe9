//! Times in an impossible order.

use std::format;

use crate::layout::field::Role;
use crate::value::event::Event;
use crate::value::timestamp::Timestamp;

use crate::audit::context::{RecordContext, at, span};
use crate::audit::finding::{Findings, Location, Rule, Severity};

/// Seconds of disorder that are normal: programs that log at the same time do so in any order.
const TOLERANCE: i64 = 120;
/// Number of records after a boot until the clock may have been set from the network.
const AFTER_BOOT: u32 = 16;
/// Number of records that may be out of place together.
const EXCURSION: u8 = 8;
/// Times before 1980 come from clocks without a battery.
const YOUNG: i64 = 315_532_800;
const HOUR: i64 = 3600;
/// Seconds by which a single login out of place is more than a clock being corrected.
const FAR: i64 = 600;
/// Boots without a step back that show that the hardware clock is right.
const CALM: u32 = 2;
/// A time after 2242 is damage.
const LATEST: i64 = 1 << 33;
const DAY: i64 = 86_400;

pub(in crate::audit) static TIME_BACKWARDS: Rule = Rule {
    id: "time-backwards",
    severity: Severity::Low,
    title: "a record older than the one before it",
    meaning: "Consistent with a record inserted or changed later, or with a clock set back. More \
        than two minutes, no boot and no recorded clock change in between. Medium for up to \
        eight records, a login or logout first, more than ten minutes out of place while the \
        records around them continue, for a login or logout ahead of those after it, for a login \
        more than an hour back at the end, and where times mostly go back; info in the first hour of \
        a boot, unless two other boots had no such step.",
    expected: "times in the order of writing",
    innocent: &[
        "a clock corrected by hand, by NTP or after suspend",
        "a virtual machine restored from a snapshot",
    ],
    technique: Some("T1070.006"),
    ..Rule::NEW
};

pub(in crate::audit) static TIME_NEGATIVE: Rule = Rule {
    id: "time-negative",
    severity: Severity::Low,
    title: "a time before 1970",
    meaning: "Consistent with a forged or damaged time. 32-bit seconds of 2038 to 2106 look the \
        same: then all newer records have it.",
    expected: "a time since 1970",
    innocent: &["a time after 2038 stored as unsigned seconds (glibc since 2.40)"],
    technique: None,
    systematic: true,
    ..Rule::NEW
};

pub(in crate::audit) static MTIME_BEFORE_RECORDS: Rule = Rule {
    id: "mtime-before-records",
    severity: Severity::Low,
    title: "the file was last modified before its newest record",
    meaning: "Consistent with a modification time set back, as cleaners do, or with a record \
        from the future. Only the caller knows the time; that of a copy proves nothing.",
    expected: "a modification time not before the newest record",
    innocent: &[
        "a copy that was given another modification time",
        "a clock that was ahead when the record was written",
    ],
    technique: Some("T1070.006"),
    ..Rule::NEW
};

pub(in crate::audit) static GAP: Rule = Rule {
    id: "gap",
    severity: Severity::Low,
    title: "a long silence in a file with a steady rhythm",
    meaning: "Consistent with a stretch of records cut out. A week at least, sixteen times as \
        long as nineteen of twenty gaps are, among at least 64 records, without a shutdown before \
        or a boot after it.",
    expected: "records about as often as before and after",
    innocent: &["holidays", "a machine without network, or suspended", "a service switched off"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

/// The times of one history.
#[derive(Debug, Default)]
pub(in crate::audit) struct Times {
    earlier: Option<Timestamp>,
    /// The record before, and the time of the one before that.
    previous: Option<Back>,
    before_previous: Option<Timestamp>,
    /// A record that may be ahead of those after it.
    ahead: Option<Back>,
    steps_back: u64,
    steps_ahead: u64,
    since_boot: u32,
    booted: Option<Timestamp>,
    /// Boots after which no time went back, and whether one did since the last.
    calm_boots: u32,
    stepped: bool,
    clock_changed: bool,
    /// A step back whose severity the next record decides.
    back: Option<Back>,
    newest: Option<(Timestamp, Location)>,
    gaps: Gaps,
}

#[derive(Clone, Copy, Debug)]
struct Back {
    location: Location,
    bytes: [u8; 8],
    before: Timestamp,
    time: Timestamp,
    is_session: bool,
    after_boot: bool,
    /// Number of records left until it counts as a clock that was set back.
    left: u8,
}

#[derive(Debug)]
struct Gaps {
    /// Counts by the logarithm of the length.
    by_length: [u32; 64],
    count: u64,
    down: bool,
    longest: Option<(i64, Location, Timestamp, Timestamp)>,
}

impl Default for Gaps {
    fn default() -> Gaps {
        Gaps { by_length: [0; 64], count: 0, down: false, longest: None }
    }
}

impl Times {
    pub(in crate::audit) fn check(&mut self, context: &RecordContext<'_>, findings: &mut Findings) {
        let time = context.time();
        let timed = !matches!(context.event, Event::Empty | Event::Signature | Event::Unknown);
        if time == Timestamp::default() || !timed || context.layout.is_lastlog() {
            return;
        }
        let location = time_location(context);
        if time.tv_sec < 0 {
            let message = match context.layout.has_32bit_time() {
                true => {
                    format!("{}, or {} if seconds are unsigned", at(time), at(time.unsigned32()))
                }
                false => at(time),
            };
            let severity = TIME_NEGATIVE.severity;
            context.find_role(findings, Role::Sec, &TIME_NEGATIVE, severity, message);
        }
        if self.newest.is_none_or(|(newest, _)| newest < time) {
            self.newest = Some((time, location));
        }
        // The order of times before 1970 is unknown: they may be in 2038 to 2106.
        if !context.is_history() || time.tv_sec < 0 {
            return;
        }
        self.settle(time, findings);
        match context.event {
            Event::Boot => self.since_boot = 0,
            Event::ClockOld | Event::ClockNew => self.clock_changed = true,
            _ => self.since_boot = self.since_boot.saturating_add(1),
        }
        let mut bytes = [0; 8];
        let field = context.layout.field(Role::Sec).or(context.layout.field(Role::Micros));
        let stored = field.map_or(&[][..], |f| f.of_record(context.record.bytes()));
        bytes.iter_mut().zip(stored).for_each(|(to, from)| *to = *from);
        let is_session = matches!(context.event, Event::Login | Event::Logout);
        let before = self.earlier.unwrap_or(time);
        let young =
            self.booted.is_some_and(|boot| before.tv_sec.saturating_sub(boot.tv_sec) <= HOUR);
        let step = before.tv_sec.saturating_sub(time.tv_sec);
        let after_boot = young
            && step <= DAY
            && self.calm_boots < CALM
            && (1..=AFTER_BOOT).contains(&self.since_boot);
        let left = EXCURSION;
        let this = Back { location, bytes, before, time, is_session, after_boot, left };
        self.settle_ahead(time, findings);
        if self.earlier.is_some() {
            let step = time.tv_sec.saturating_sub(before.tv_sec);
            let free = context.event == Event::Boot || self.clock_changed;
            let counter = if step < 0 { &mut self.steps_back } else { &mut self.steps_ahead };
            *counter = counter.saturating_add(u64::from(step != 0));
            if step < -TOLERANCE && !free {
                self.stepped = true;
                self.back.get_or_insert(this);
                let goes_on = |time: Timestamp, from: Timestamp| {
                    time.tv_sec >= from.tv_sec.saturating_sub(TOLERANCE)
                };
                // Without the record before, the times would be in order.
                self.ahead = self.previous.filter(|previous| {
                    previous.is_session
                        && step < -FAR
                        && !(after_boot && step > -DAY)
                        && self.before_previous.is_some_and(|from| goes_on(time, from))
                });
            }
            self.gaps.add(step, location, before, time, context.event);
        }
        if context.event == Event::Boot {
            let calm = u32::from(self.booted.is_some() && !self.stepped);
            self.calm_boots = self.calm_boots.saturating_add(calm);
            self.stepped = false;
            self.booted = Some(time);
        }
        self.before_previous = self.earlier;
        self.previous = Some(this);
        if !matches!(context.event, Event::ClockOld | Event::ClockNew) {
            self.clock_changed = false;
        }
        self.earlier = Some(time);
    }

    /// Reports a record that was ahead of those after it, once two of them have come.
    fn settle_ahead(&mut self, next: Timestamp, findings: &mut Findings) {
        let Some(ahead) = self.ahead.take() else { return };
        let out_of_place = next.tv_sec < ahead.time.tv_sec.saturating_sub(FAR);
        let real = (YOUNG..LATEST).contains(&ahead.time.tv_sec);
        if !out_of_place || !real {
            return;
        }
        // One finding is enough.
        self.back = None;
        let message = format!(
            "{} is ahead of the records after it, which go on from {}: consistent with a record \
             that was moved, or whose time was changed",
            at(ahead.time),
            at(ahead.before),
        );
        findings.add(&TIME_BACKWARDS, Severity::Medium, ahead.location, &ahead.bytes, message);
    }

    /// Reports a step back if this time shows its cause: records out of place, or a clock that was
    /// set back.
    fn settle(&mut self, next: Timestamp, findings: &mut Findings) {
        let Some(back) = &mut self.back else { return };
        let goes_on = next.tv_sec >= back.before.tv_sec.saturating_sub(TOLERANCE);
        back.left = back.left.saturating_sub(1);
        // A clock that was set back needs as long again to get there.
        if goes_on && next.tv_sec.saturating_sub(back.before.tv_sec) <= HOUR {
            let step = back.before.tv_sec.saturating_sub(back.time.tv_sec);
            back.after_boot &= step <= 2 * HOUR;
        }
        if goes_on || back.left == 0 {
            self.tell(goes_on, FAR, findings);
        }
    }

    /// Reports the step back; a login or logout more than `far` seconds out of place is medium.
    fn tell(&mut self, goes_on: bool, far: i64, findings: &mut Findings) {
        let Some(back) = self.back.take() else { return };
        let step = back.before.tv_sec.saturating_sub(back.time.tv_sec);
        let real = back.time.tv_sec > YOUNG && back.before.tv_sec < LATEST;
        let odd = goes_on && back.is_session && step > far && real;
        let severity = match back.after_boot {
            true => Severity::Info,
            false if odd => Severity::Medium,
            false => TIME_BACKWARDS.severity,
        };
        let around = match (goes_on, far == FAR) {
            (true, true) => ", and soon the records continue from there",
            (true, false) => ", at the end of the file",
            (false, _) => "",
        };
        let message = format!(
            "{} follows {}: {} back, without a boot or a clock change{around}",
            at(back.time),
            at(back.before),
            span(step),
        );
        findings.add(&TIME_BACKWARDS, severity, back.location, &back.bytes, message);
    }

    /// Returns the newest record.
    pub(in crate::audit) fn newest(&self) -> Option<(Timestamp, Location)> {
        self.newest
    }

    pub(in crate::audit) fn end(&mut self, modified: Option<i64>, findings: &mut Findings) {
        // At the end of the file, what would follow is unknown.
        self.tell(true, HOUR, findings);
        if self.steps_back >= 4
            && self.steps_back > self.steps_ahead
            && let Some((newest, location)) = self.newest
        {
            let message = format!(
                "{} of {} records are older than the one before, the newest is of {}: consistent \
                 with records put into another order",
                self.steps_back,
                self.steps_back.saturating_add(self.steps_ahead),
                at(newest),
            );
            findings.add(&TIME_BACKWARDS, Severity::Medium, location, &[], message);
        }
        if let (Some((newest, location)), Some(modified)) = (self.newest, modified)
            && newest.tv_sec.saturating_sub(modified) > 60
        {
            let modified = Timestamp { tv_sec: modified, tv_usec: 0 };
            let message = format!(
                "the newest record is from {}, the file was last modified {}",
                at(newest),
                at(modified)
            );
            let severity = MTIME_BEFORE_RECORDS.severity;
            findings.add(&MTIME_BEFORE_RECORDS, severity, location, &[], message);
        }
        self.gaps.end(findings);
    }
}

fn time_location(context: &RecordContext<'_>) -> Location {
    let field = context.layout.field(Role::Sec).or_else(|| context.layout.field(Role::Micros));
    let at = field.map_or(0, |field| field.offset as u64);
    let location = context.location();
    Location { offset: location.offset.saturating_add(at), ..location }
}

impl Gaps {
    fn add(
        &mut self,
        step: i64,
        location: Location,
        before: Timestamp,
        time: Timestamp,
        event: Event,
    ) {
        let down = core::mem::replace(&mut self.down, event == Event::Shutdown);
        let class = 64_u32.saturating_sub(step.max(0).leading_zeros());
        if let Some(count) = self.by_length.get_mut(class as usize) {
            *count = count.saturating_add(1);
        }
        self.count = self.count.saturating_add(1);
        let explained = down || event == Event::Boot;
        if !explained && self.longest.is_none_or(|(longest, ..)| longest < step) {
            self.longest = Some((step, location, before, time));
        }
    }

    fn end(&self, findings: &mut Findings) {
        let Some((longest, location, before, time)) = self.longest else { return };
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
            "no record for {} between {} and {}; records otherwise follow within {}",
            span(longest),
            at(before),
            at(time),
            span(usual),
        );
        findings.add(&GAP, GAP.severity, location, &[], message);
    }
}
