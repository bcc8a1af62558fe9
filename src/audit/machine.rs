//! All rules over all records, in one pass.

use std::vec::Vec;

use crate::dialect::FileKind;
use crate::error::Error;
use crate::file::LogFile;
use crate::frame::Framing;
use crate::layout::Layout;
use crate::record::Record;

use super::across::Across;
use super::attack::Attack;
use super::boots::Boots;
use super::chain::{self, Chain, Twins};
use super::framing::{self, Grid, Step};
use super::lastlog::Lastlog;
use super::numbers::{self, Addresses};
use super::rule::{Finding, Findings, Spot};
use super::scene::Scene;
use super::sessions::Sessions;
use super::text::{self, RoundTrip};
use super::time::Times;
use super::wiped::Wiped;
use super::{RULES, bytes};

/// What is known about a file besides its records.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct About {
    /// What the file is kept for. Some rules hold only for files that are appended to, and
    /// say less if this is not known.
    pub kind: Option<FileKind>,
    /// Its layout; `None` for an empty file.
    pub layout: Option<&'static Layout>,
    /// Its size in bytes.
    pub len: Option<u64>,
    /// When it was last modified, in seconds since 1970. Of the file itself: that of a copy
    /// says nothing.
    pub modified: Option<i64>,
    /// The bytes its file system keeps for it; fewer than `len` if it has holes.
    pub allocated: Option<u64>,
}

impl About {
    /// What an open file says about itself.
    pub fn of(file: &LogFile<'_>) -> About {
        About {
            kind: file.kind(),
            layout: file.layout(),
            len: Some(file.bytes().len() as u64),
            ..About::default()
        }
    }

    /// Where the file belongs among those of its machine: small ones first.
    pub fn rank(&self) -> u8 {
        match self.kind {
            Some(FileKind::Utmp) => 0,
            Some(FileKind::Lastlog) => 1,
            _ if self.layout.is_some_and(Layout::is_lastlog) => 1,
            Some(FileKind::Btmp) => 2,
            Some(FileKind::Wtmp) => 3,
            None => 4,
        }
    }
}

/// Looks for everything in [`RULES`]; see the [module](super).
#[derive(Debug, Default)]
pub struct Audit {
    out: Findings,
    files: u32,
    open: Option<Open>,
    unsigned_time: bool,
    machine: Machine,
}

/// What spans the files of a machine.
#[derive(Debug, Default)]
struct Machine {
    across: Across,
    attack: Attack,
    boots: Boots,
    sessions: Sessions,
    histories: Chain,
    failures: Chain,
    twins: Twins,
    /// Histories without records.
    empty: Vec<u32>,
}

/// The file being read.
#[derive(Debug)]
struct Open {
    number: u32,
    about: About,
    records: u64,
    spills: bool,
    grid: Option<Grid>,
    wiped: Wiped,
    round_trip: RoundTrip,
    addresses: Addresses,
    times: Times,
    lastlog: Lastlog,
}

impl Audit {
    /// Nothing seen yet.
    pub fn new() -> Audit {
        Audit::default()
    }

    /// Reads 32-bit seconds as unsigned; see [`Timestamp`](crate::Timestamp::unsigned32).
    pub fn unsigned_time(&mut self, unsigned: bool) {
        self.unsigned_time = unsigned;
    }

    /// A user of the machine, from its passwd: lastlogs have numbers, other files names. Tell
    /// them before the files.
    pub fn name_user(&mut self, uid: u64, name: &[u8]) {
        self.machine.across.name(uid, name);
    }

    /// The next file; what is pushed belongs to it. Returns its number: 0, 1, 2...
    pub fn begin(&mut self, about: About) -> u32 {
        self.end();
        let number = self.files;
        self.files = self.files.saturating_add(1);
        let fixed = about.layout.filter(|layout| layout.framing == Framing::Fixed);
        let goes_on = match about.kind {
            Some(FileKind::Wtmp) => self.machine.histories.begin(about.layout),
            Some(FileKind::Btmp) => self.machine.failures.begin(about.layout),
            _ => true,
        };
        if !goes_on {
            self.machine.forget();
        }
        self.open = Some(Open {
            number,
            about,
            records: 0,
            spills: false,
            grid: fixed.map(Grid::new),
            wiped: Wiped::default(),
            round_trip: RoundTrip::default(),
            addresses: Addresses::default(),
            times: Times::default(),
            lastlog: Lastlog::default(),
        });
        number
    }

    /// The next record of the file.
    pub fn push(&mut self, record: &Record<'_>) {
        let Some(open) = &mut self.open else { return };
        let context = Context { unsigned_time: self.unsigned_time };
        match &mut open.grid {
            Some(grid) if !grid.is_in_place(record) => {
                grid.hold(record.bytes(), record.offset());
                open.steps(false, &mut self.machine, context, &mut self.out);
            }
            _ => open.see(record, &mut self.machine, context, &mut self.out),
        }
    }

    /// Framing was lost in the file. `bytes` are those at [`Error::offset`], as far as the
    /// caller has them: for [`Error::Truncated`] what is left of the file.
    pub fn damage(&mut self, error: &Error, bytes: &[u8]) {
        let Some(open) = &mut self.open else { return };
        let Some(layout) = open.about.layout else { return };
        let context = Context { unsigned_time: self.unsigned_time };
        match (&mut open.grid, error) {
            (Some(grid), Error::Truncated { offset, .. }) if grid.is_moved() => {
                grid.hold(bytes, *offset);
                open.steps(true, &mut self.machine, context, &mut self.out);
            }
            _ => {
                open.steps(true, &mut self.machine, context, &mut self.out);
                framing::damage(layout, open.number, error, bytes, &mut self.out);
            }
        }
    }

    /// All of a file: [`Audit::begin`], every record, every error.
    pub fn read(&mut self, file: &LogFile<'_>, about: About) -> u32 {
        let number = self.begin(about);
        for record in file.records() {
            match record {
                Ok(record) => self.push(&record),
                Err(error) => self.damage(&error, bytes_of(&error, file.bytes())),
            }
        }
        number
    }

    /// Everything that was found, in the order of files and offsets.
    pub fn finish(mut self) -> Vec<Finding> {
        self.end();
        let lost = self.machine.across.unrecorded();
        self.machine.empty.iter().for_each(|&file| chain::empty(file, lost, &mut self.out));
        self.machine.across.end(&mut self.out);
        self.machine.twins.end(&mut self.out);
        let order = |rule: &super::Rule| RULES.iter().position(|known| *known == rule);
        self.out.finish(|rule| order(rule).unwrap_or(RULES.len()))
    }

    /// The open file has no more records.
    fn end(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        let context = Context { unsigned_time: self.unsigned_time };
        let out = &mut self.out;
        open.steps(true, &mut self.machine, context, out);
        let Open { number, about, .. } = open;
        open.wiped.end(out);
        open.round_trip.end(number, about.kind, out);
        open.times.end(about.modified, out);
        open.lastlog.end(&about, number, out);
        if open.records == 0 && about.kind == Some(FileKind::Wtmp) {
            self.machine.empty.push(number);
        }
        let lastlog = about.layout.is_some_and(Layout::is_lastlog);
        if lastlog || about.kind == Some(FileKind::Lastlog) {
            let size = about.layout.map_or(0, |layout| layout.size) as u64;
            let one = lastlog && open.lastlog.is_one_slot(size, about.len);
            let spot = open.lastlog.spot().filter(|_| one);
            self.machine.across.lastlog_ends(!lastlog && about.layout.is_some(), spot);
        }
        out.weigh_habits(number, open.records);
    }
}

/// The bytes at which framing was lost.
fn bytes_of<'a>(error: &Error, data: &'a [u8]) -> &'a [u8] {
    let len = match *error {
        Error::Truncated { have, .. } => have,
        Error::ZeroLength { skipped, .. } => skipped,
        Error::ValueLength { len, .. } | Error::Scattered { len, .. } => len,
        Error::Page { .. } => 64,
    };
    let from = usize::try_from(error.offset()).unwrap_or(usize::MAX);
    let tail = data.get(from..).unwrap_or_default();
    tail.get(..usize::try_from(len).unwrap_or(usize::MAX).min(1024)).unwrap_or(tail)
}

#[derive(Clone, Copy)]
struct Context {
    unsigned_time: bool,
}

impl Machine {
    /// What comes next is no continuation of what was read.
    fn forget(&mut self) {
        self.sessions.forget();
        self.boots.forget();
    }
}

impl Open {
    /// Says what can be said about the bytes held back.
    fn steps(&mut self, all: bool, machine: &mut Machine, context: Context, out: &mut Findings) {
        let Some(layout) = self.about.layout else { return };
        while let Some(step) = self.grid.as_mut().and_then(|grid| grid.step(all)) {
            match step {
                Step::Shift { offset, between } => {
                    let at = offset.saturating_sub(between.len() as u64);
                    let spot = self.spot_at(layout, at);
                    framing::shifted(layout, spot, &between, out);
                }
                Step::Record { bytes, offset } => {
                    let index = self.spot_at(layout, offset).index.unwrap_or_default();
                    if let Some(Ok(record)) = layout.records(&bytes).next() {
                        self.see(&record.moved(index, offset), machine, context, out);
                    }
                }
            }
        }
        if all && let Some(grid) = self.grid.as_mut() {
            let (rest, offset) = grid.rest();
            if !rest.is_empty() {
                let spot = Spot { file: self.number, index: None, offset };
                framing::partial(layout, spot, rest.len() as u64, &rest, out);
            }
        }
    }

    fn spot_at(&self, layout: &Layout, offset: u64) -> Spot {
        let index = offset.checked_div(layout.size as u64);
        Spot { file: self.number, index, offset }
    }

    /// One record, by all rules.
    fn see(
        &mut self,
        record: &Record<'_>,
        machine: &mut Machine,
        context: Context,
        out: &mut Findings,
    ) {
        self.records = self.records.saturating_add(1);
        let layout = record.layout();
        let mut entry = record.entry();
        if context.unsigned_time && layout.has_32bit_time() {
            entry.ut_tv = entry.ut_tv.unsigned32();
        }
        let event = entry.event_in(self.about.kind);
        let kind = self.about.kind;
        let scene = Scene { file: self.number, kind, record, layout, entry, event };
        let no_record = framing::no_record(&scene, numbers::oddities(&scene), out);
        self.wiped.see(&scene, out);
        self.spills |= layout.is_variant;
        if !no_record {
            bytes::see(&scene, self.spills, out);
            text::deceptive(&scene, out);
            numbers::see(&scene, out);
        }
        self.round_trip.see(&scene);
        self.addresses.see(&scene, out);
        self.times.see(&scene, out);
        self.lastlog.see(&scene, out);
        machine.see(&scene, out);
    }
}

impl Machine {
    fn see(&mut self, scene: &Scene<'_>, out: &mut Findings) {
        let elsewhere = match scene.kind {
            Some(FileKind::Wtmp) => self.histories.see(scene, out),
            Some(FileKind::Btmp) => self.failures.see(scene, out),
            _ => false,
        };
        if elsewhere {
            self.forget();
        }
        self.boots.see(scene, out);
        self.sessions.see(scene, out);
        self.across.see(scene, out);
        self.attack.see(scene, out);
        self.twins.see(scene);
    }
}
