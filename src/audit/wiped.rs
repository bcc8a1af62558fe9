//! Records overwritten with zeros.

use std::format;

use crate::dialect::Event;
use crate::field::Role;
use crate::frame::{Framing, is_zero, leading_zeros};
use crate::timestamp::Timestamp;

use super::rule::{Findings, Rule, Severity, Spot};
use super::scene::{Scene, at};

pub(super) static ZEROED_RECORD: Rule = Rule {
    id: "zeroed-record",
    severity: Severity::Medium,
    title: "an all-zero record in a file that is only appended to",
    meaning: "Consistent with a record wiped in place, as zap and its many descendants do. Applies \
        to wtmp and btmp; in a utmp empty slots are normal. Low at the end of the file and right \
        before a boot, where a crash leaves zeros too, and where the kind of file is not known.",
    expected: "a record: none of the known writers appends zeros",
    innocent: &[
        "a file system that lost the last write in a crash or power failure (a boot follows)",
        "a disk block that could not be read and was filled with zeros when it was copied",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(super) static HALF_ZEROED_RECORD: Rule = Rule {
    id: "half-zeroed-record",
    severity: Severity::Medium,
    title: "a record without type, process, line and id, but with the rest of its fields",
    meaning: "Consistent with a wipe longer than the record it was meant for, as clearlog's 448 \
        bytes over 384. High behind an all-zero record.",
    expected: "type, line and id of a login, in front of its host and time",
    innocent: &["a write that reached the disk in part when the power failed"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(super) static TIME_ZEROED: Rule = Rule {
    id: "time-zeroed",
    severity: Severity::Low,
    title: "a login or logout in a history with the time zero",
    meaning: "Consistent with a time wiped on its own, or with a record made up by hand.",
    expected: "the time of the event",
    innocent: &[
        "a machine without a clock battery, in the first second of 1970",
        "systemd's copy of a utmp record, whose time is zero, in a utmp read as a history",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

/// Zero records not told of yet, and what came before.
#[derive(Debug, Default)]
pub(super) struct Wiped {
    run: Option<Run>,
    earlier: Option<Timestamp>,
}

#[derive(Debug)]
struct Run {
    spot: Spot,
    records: u64,
    size: usize,
}

impl Wiped {
    pub(super) fn see(&mut self, scene: &Scene<'_>, out: &mut Findings) {
        let applies = scene.is_history() || scene.kind.is_none();
        if !applies || scene.layout.framing != Framing::Fixed {
            return;
        }
        if is_zero(scene.record.bytes()) {
            let size = scene.layout.size;
            let first = || Run { spot: scene.spot(), records: 0, size };
            let run = self.run.get_or_insert_with(first);
            run.records = run.records.saturating_add(1);
            return;
        }
        let run = self.run.take();
        if scene.is_history() {
            half_zeroed(scene, run.is_some(), out);
            time_zeroed(scene, out);
        }
        if let Some(run) = run {
            self.zeroed(&run, Some(scene), out);
        }
        self.earlier = Some(scene.time());
    }

    pub(super) fn end(&mut self, out: &mut Findings) {
        if let Some(run) = self.run.take().filter(|_| self.earlier.is_some()) {
            self.zeroed(&run, None, out);
        }
    }

    fn zeroed(&self, run: &Run, next: Option<&Scene<'_>>, out: &mut Findings) {
        let lost = next.is_none_or(|next| next.event == Event::Boot || !next.is_history());
        let severity = if lost { Severity::Low } else { Severity::Medium };
        let records = match run.records {
            1 => "an all-zero record".into(),
            records => format!("{records} all-zero records"),
        };
        let place = match (self.earlier, next) {
            (Some(earlier), Some(next)) => {
                format!("between records of {} and {}", at(earlier), at(next.time()))
            }
            (Some(earlier), None) => format!("behind the last record, of {}", at(earlier)),
            (None, Some(next)) => format!("before the first record, of {}", at(next.time())),
            (None, None) => "and nothing else".into(),
        };
        let why = match (lost, next) {
            (true, Some(next)) if next.event == Event::Boot => {
                "; a boot follows, as after a crash that cost the last write"
            }
            (true, _) => "",
            (false, _) => ": consistent with a wipe in place",
        };
        let zeros = [0; 1024];
        let bytes = zeros.get(..run.size).unwrap_or(&zeros);
        out.add(&ZEROED_RECORD, severity, run.spot, bytes, format!("{records} {place}{why}"));
    }
}

/// Whether the head of a record is zero and its tail is not.
pub(super) fn is_half_zeroed(scene: &Scene<'_>) -> bool {
    let front = [Role::Type, Role::Pid, Role::Line, Role::Id];
    let bytes = scene.record.bytes();
    let zeros = leading_zeros(bytes);
    let ends = front.iter().filter_map(|role| scene.layout.field(*role));
    let end = ends.map(|field| field.offset.saturating_add(field.len)).max().unwrap_or(usize::MAX);
    scene.entry.raw_type == Some(0) && zeros >= end.max(16) && zeros < bytes.len()
}

fn half_zeroed(scene: &Scene<'_>, behind_zeros: bool, out: &mut Findings) {
    if !is_half_zeroed(scene) {
        return;
    }
    let zeros = leading_zeros(scene.record.bytes());
    let severity = if behind_zeros { Severity::High } else { Severity::Medium };
    let over = match behind_zeros {
        true => format!(
            "; with the all-zero record before it, {} zero bytes in a row",
            zeros.saturating_add(scene.layout.size)
        ),
        false => "".into(),
    };
    let message = format!(
        "the first {zeros} bytes are zero, while {} is still there{over}: consistent with a wipe \
         that went on too long",
        at(scene.time()),
    );
    scene.find(out, &HALF_ZEROED_RECORD, severity, message);
}

fn time_zeroed(scene: &Scene<'_>, out: &mut Findings) {
    let event = matches!(scene.event, Event::Login | Event::Logout | Event::FailedLogin);
    if event && scene.time() == Timestamp::default() && !is_half_zeroed(scene) {
        let message = format!(
            "{} of {} on {} has no time",
            scene.event, scene.entry.ut_user, scene.entry.ut_line
        );
        scene.find_role(out, Role::Sec, &TIME_ZEROED, TIME_ZEROED.severity, message);
    }
}
