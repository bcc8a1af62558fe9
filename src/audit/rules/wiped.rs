//! Records overwritten with zeros.

use std::borrow::ToOwned as _;
use std::format;
use std::string::String;
use std::vec::Vec;

use crate::container::Container;
use crate::layout::field::Role;
use crate::read::Hole;
use crate::value::event::Event;
use crate::value::timestamp::Timestamp;

use crate::audit::context::{RecordContext, at};
use crate::audit::finding::{Findings, Location, Rule, Severity};
use crate::audit::innocent::{self, CRASH, DEAD_COPY};
use crate::scan::{is_zero, leading_zeros};

pub(in crate::audit) static ZEROED_RECORD: Rule = Rule {
    id: "zeroed-record",
    severity: Severity::Medium,
    title: "an all-zero record in a file that is only appended to",
    meaning: "Consistent with a record wiped in place, as zap and its many descendants do. Applies \
        to wtmp and btmp; in a utmp empty slots are normal. Low right before a boot and at the same \
        crash in another file, for zeros up to the end of a file that does not end with a record, \
        and where the kind of file is not known.",
    expected: "a record: none of the known writers appends zeros",
    innocent: &[
        "a file system that lost the last write in a crash or power failure (a boot follows)",
        "a disk block that could not be read and was filled with zeros when it was copied",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static HALF_ZEROED_RECORD: Rule = Rule {
    id: "half-zeroed-record",
    severity: Severity::Medium,
    title: "a record without type, process, line and id, but with the rest of its fields",
    meaning: "Consistent with a wipe longer than the record, such as clearlog's 448 \
        bytes over 384. High after an all-zero record; low before a boot, and if nothing but the \
        time is left.",
    expected: "type, line and id of a login, before its host and time",
    innocent: &["a write that reached the disk in part when the power failed"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static TIME_ZEROED: Rule = Rule {
    id: "time-zeroed",
    severity: Severity::Low,
    title: "a login or logout in a history with the time zero",
    meaning: "Consistent with a time wiped separately, or with a forged record.",
    expected: "the time of the event",
    innocent: &[
        "a machine without a clock battery, in the first second of 1970",
        "systemd's copy of a utmp record, whose time is zero, in a utmp read as a history",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

/// Zero records not reported yet, and the records before them.
#[derive(Debug, Default)]
pub(in crate::audit) struct Wiped {
    run: Option<Run>,
    earlier: Option<Timestamp>,
    /// Records of the next boot since the run, whose boot record may follow them.
    system: u8,
    /// Runs of zeros that ended, to be weighed when all files are read.
    ended: Vec<Zeros>,
}

/// Records that make no sense, one after the other.
#[derive(Debug)]
struct Run {
    location: Location,
    /// All-zero records.
    records: u64,
    size: usize,
    /// Wiped in part: what would be reported about them.
    halves: Vec<Half>,
    next: Option<Timestamp>,
    /// Whether the zeros go on after the last whole record.
    goes_on: bool,
}

#[derive(Debug)]
struct Half {
    location: Location,
    bytes: Vec<u8>,
    rule: &'static Rule,
    severity: Severity,
    message: String,
}

/// A run of zero records, and what was around it.
#[derive(Debug)]
pub(in crate::audit) struct Zeros {
    location: Location,
    records: u64,
    size: usize,
    halves: Vec<Half>,
    earlier: Option<Timestamp>,
    /// The record after it.
    next: Option<Timestamp>,
    /// Whether a boot follows.
    boot: bool,
    is_history: bool,
    goes_on: bool,
}

/// Most records of a boot that init writes before that of the boot itself.
const BEFORE_BOOT: u8 = 4;
/// Most records wiped in part, and most runs, that are kept.
const MOST: usize = 32;

impl Wiped {
    pub(in crate::audit) fn check(&mut self, context: &RecordContext<'_>, findings: &mut Findings) {
        let applies = context.is_history() || context.kind.is_none();
        if !applies || context.layout.container != Container::Array {
            return;
        }
        let size = context.layout.size;
        let first = || Run::new(context.location(), size);
        if is_zero(context.record.bytes()) {
            let run = self.run.get_or_insert_with(first);
            if run.records == 0 {
                run.location = context.location();
            }
            run.records = run.records.saturating_add(1);
            return;
        }
        if context.is_history() {
            time_zeroed(context, findings);
            let after_zeros = self.run.as_ref().is_some_and(|run| run.records > 0);
            if let Some(half) = half_zeroed(context, after_zeros, findings) {
                let run = self.run.get_or_insert_with(first);
                if run.halves.len() < MOST {
                    run.halves.push(half);
                }
                return;
            }
        }
        if let Some(run) = &mut self.run {
            let next = *run.next.get_or_insert(context.time());
            let soon = context.sec().saturating_sub(next.tv_sec) <= 60;
            let of_boot = matches!(context.event, Event::Init | Event::Prompt | Event::RunLevel);
            if of_boot && soon && self.system < BEFORE_BOOT {
                self.system = self.system.saturating_add(1);
                return;
            }
            self.settle(context.event == Event::Boot && soon, context.is_history());
        }
        self.earlier = Some(context.time());
    }

    /// Zero records that follow, all of one size.
    pub(in crate::audit) fn hole(&mut self, file: u32, size: usize, hole: &Hole) {
        let location = Location { file, index: Some(hole.index), offset: hole.offset, time: None };
        let run = self.run.get_or_insert(Run::new(location, size));
        run.records = run.records.saturating_add(hole.records);
    }

    /// Takes what is left after the last whole record.
    pub(in crate::audit) fn tail(&mut self, bytes: &[u8]) {
        if let Some(run) = &mut self.run {
            run.goes_on = is_zero(bytes);
        }
    }

    /// Ends the file; returns its runs.
    pub(in crate::audit) fn end(&mut self, is_history: bool) -> Vec<Zeros> {
        self.settle(false, is_history);
        core::mem::take(&mut self.ended)
    }

    fn settle(&mut self, boot: bool, is_history: bool) {
        self.system = 0;
        let Some(run) = self.run.take() else { return };
        let Run { location, records, size, halves, next, goes_on } = run;
        let location = Location { time: location.time.or(self.earlier), ..location };
        let earlier = self.earlier;
        let run =
            Zeros { location, records, size, halves, earlier, next, boot, is_history, goes_on };
        // Runs beyond are counted with the last.
        let full = self.ended.len() >= MOST;
        match self.ended.last_mut().filter(|_| full) {
            Some(last) => last.records = last.records.saturating_add(run.records),
            None => self.ended.push(run),
        }
    }
}

impl Run {
    fn new(location: Location, size: usize) -> Run {
        Run { location, records: 0, size, halves: Vec::new(), next: None, goes_on: false }
    }
}

/// Reports the runs of all files of a machine: zeros of one crash may stand in several.
pub(in crate::audit) fn report(runs: Vec<Zeros>, findings: &mut Findings) {
    let crashes: Vec<Timestamp> =
        runs.iter().filter(|run| run.boot).filter_map(|run| run.next).collect();
    for run in runs {
        let within = |crash: &Timestamp| {
            run.earlier.is_none_or(|earlier| earlier <= *crash)
                && run.next.is_none_or(|next| *crash <= next)
        };
        let crash = run.boot || crashes.iter().any(within);
        if run.records > 0 {
            zeroed(&run, crash, findings);
        }
        for half in run.halves {
            let Half { location, bytes, rule, severity, message } = half;
            let severity = if crash { innocent::severity(rule, Some(&CRASH)) } else { severity };
            findings.add(rule, severity, location, &bytes, message);
        }
    }
}

fn zeroed(run: &Zeros, crash: bool, findings: &mut Findings) {
    let severity = match crash || run.goes_on || !run.is_history {
        true => innocent::severity(&ZEROED_RECORD, Some(&CRASH)),
        false => ZEROED_RECORD.severity,
    };
    let records = match run.records {
        1 => "an all-zero record".into(),
        records => format!("{records} all-zero records"),
    };
    let place = match (run.earlier, run.next) {
        (Some(earlier), Some(next)) => {
            format!("between records of {} and {}", at(earlier), at(next))
        }
        (Some(earlier), None) => format!("after the last record, of {}", at(earlier)),
        (None, Some(next)) => format!("before the first record, of {}", at(next)),
        (None, None) => "and nothing else".into(),
    };
    let why = match (crash, run.is_history) {
        (true, _) if run.boot => "; a boot follows, as after a crash that lost the last write",
        (true, _) => "; another file has zeros of the same crash",
        (false, _) if run.goes_on => ", and no whole record at the end, as a copy by blocks has it",
        (false, false) => "",
        (false, true) => ": consistent with a wipe in place",
    };
    let zeros = [0; 1024];
    let bytes = zeros.get(..run.size).unwrap_or(&zeros);
    findings.add(&ZEROED_RECORD, severity, run.location, bytes, format!("{records} {place}{why}"));
}

/// Returns whether the head of a record is zero and its tail is not.
pub(in crate::audit) fn is_half_zeroed(context: &RecordContext<'_>) -> bool {
    let front = [Role::Type, Role::Pid, Role::Line, Role::Id];
    let bytes = context.record.bytes();
    let zeros = leading_zeros(bytes);
    let ends = front.iter().filter_map(|role| context.layout.field(*role));
    let end = ends.map(|field| field.offset.saturating_add(field.len)).max().unwrap_or(usize::MAX);
    context.entry.raw_type == Some(0) && zeros >= end.max(16) && zeros < bytes.len()
}

/// Returns what to report about a record that was wiped in part, unless a program left it so,
/// which is reported at once.
fn half_zeroed(
    context: &RecordContext<'_>,
    after_zeros: bool,
    findings: &mut Findings,
) -> Option<Half> {
    if !is_half_zeroed(context) {
        return None;
    }
    let (bytes, rule) = (context.record.bytes(), &HALF_ZEROED_RECORD);
    let zeros = leading_zeros(bytes);
    if !after_zeros && is_only_time(context) {
        let message = format!(
            "nothing but the time {}{}",
            at(context.time()),
            innocent::as_left_by(Some(&DEAD_COPY)),
        );
        context.find(findings, rule, innocent::severity(rule, Some(&DEAD_COPY)), message);
        return None;
    }
    let severity = if after_zeros { Severity::High } else { rule.severity };
    let over = match after_zeros {
        true => format!(
            "; with the all-zero record before it, {} zero bytes in a row",
            zeros.saturating_add(context.layout.size)
        ),
        false => "".into(),
    };
    let rest = match context.time() == Timestamp::default() {
        true => format!("{} bytes follow", bytes.len().saturating_sub(zeros)),
        false => format!("{} is still there", at(context.time())),
    };
    let message = format!(
        "the first {zeros} bytes are zero, but {rest}{over}: consistent with a wipe that went on \
         too long",
    );
    let (location, bytes) = (context.location(), bytes.to_owned());
    Some(Half { location, bytes, rule, severity, message })
}

/// Returns whether all fields but the time are zero.
fn is_only_time(context: &RecordContext<'_>) -> bool {
    let is_time = |role| matches!(role, Role::Sec | Role::Usec | Role::Micros);
    let mut others = context.layout.fields.iter().filter(|field| !is_time(field.role));
    others.all(|field| is_zero(field.of_record(context.record.bytes())))
}

fn time_zeroed(context: &RecordContext<'_>, findings: &mut Findings) {
    let event = matches!(context.event, Event::Login | Event::Logout | Event::FailedLogin);
    if event && context.time() == Timestamp::default() && !is_half_zeroed(context) {
        let message = format!(
            "{} of {} on {} has no time",
            context.event, context.entry.ut_user, context.entry.ut_line
        );
        context.find_role(findings, Role::Sec, &TIME_ZEROED, TIME_ZEROED.severity, message);
    }
}
