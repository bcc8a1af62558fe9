//! All rules over all records, in one pass.

use std::vec::Vec;

use crate::entry::Entry;
use crate::error::Error;
use crate::layout::Layout;
use crate::open::log_file::LogFile;
use crate::read::Hole;
use crate::read::chunks::Chunks;
use crate::read::record::{Record, Records, RowState};
use crate::value::file_kind::FileKind;

use crate::audit::catalog::RULES;
use crate::audit::context::RecordContext;
use crate::audit::cross::brute_force::{Attack, Guesses};
use crate::audit::cross::chain::{self, Chain, Twins};
use crate::audit::cross::counts::Counts;
use crate::audit::cross::files::CrossFile;
use crate::audit::cross::modified::Modified;
use crate::audit::cross::presence::{self, Presence};
use crate::audit::cross::running::Running;
use crate::audit::cross::sources::Sources;
use crate::audit::cross::writes::Writes;
use crate::audit::file_info::FileInfo;
use crate::audit::finding::{Finding, Findings, Rule};
use crate::audit::rules::boots::Boots;
use crate::audit::rules::bytes;
use crate::audit::rules::framing;
use crate::audit::rules::gone::{Gone, Versions};
use crate::audit::rules::lastlog::Lastlog;
use crate::audit::rules::misfit::{self, Copies, Ids};
use crate::audit::rules::numbers::{self, Addresses};
use crate::audit::rules::sessions::Sessions;
use crate::audit::rules::text::{self, RoundTrip};
use crate::audit::rules::time::Times;
use crate::audit::rules::wiped::{self, Wiped, Zeros};
use crate::audit::rules::{database, messages};
use crate::audit::weigh;

/// Checks the files of one machine by all [`RULES`]; see the [module](super).
#[derive(Debug, Default)]
pub struct Audit {
    findings: Findings,
    files: u32,
    open: Option<FileState>,
    machine: Machine,
}

/// State that spans the files of a machine.
#[derive(Debug, Default)]
struct Machine {
    cross: CrossFile,
    running: Running,
    sources: Sources,
    presence: Presence,
    attack: Attack,
    counts: Counts,
    boots: Boots,
    sessions: Sessions,
    histories: Chain,
    failures: Chain,
    twins: Twins,
    writes: Writes,
    gone: Gone,
    modified: Modified,
    /// Histories without records.
    empty: Vec<u32>,
    /// Zeros in place of records, of all files.
    zeros: Vec<Zeros>,
}

/// The file being read.
#[derive(Debug)]
struct FileState {
    number: u32,
    about: FileInfo,
    /// Whether the records before had unsigned seconds.
    unsigned_seconds: bool,
    records: u64,
    time64_seen: bool,
    wiped: Wiped,
    copies: Copies,
    ids: Ids,
    round_trip: RoundTrip,
    addresses: Addresses,
    times: Times,
    lastlog: Lastlog,
    rows: database::Rows,
    messages: messages::Messages,
    versions: Versions,
}

impl Audit {
    /// Creates an audit without files.
    pub fn new() -> Audit {
        Audit::default()
    }

    /// Adds a user of the machine, from its passwd: lastlogs have user ids, other files have names.
    /// Call this before the files.
    pub fn name_user(&mut self, uid: u64, name: &[u8]) {
        self.machine.cross.name(uid, name);
    }

    /// Sets when a login after failed ones is a finding (`brute-force`).
    pub fn guesses(&mut self, guesses: Guesses) {
        self.machine.attack.guesses = guesses;
    }

    /// Begins the next file, to which everything pushed belongs. Returns its number: 0, 1, 2...
    pub fn begin(&mut self, about: FileInfo) -> u32 {
        self.end();
        let number = self.files;
        self.files = self.files.saturating_add(1);
        let goes_on = match about.kind {
            Some(FileKind::Wtmp) => self.machine.histories.begin(about.layout),
            Some(FileKind::Btmp) => self.machine.failures.begin(about.layout),
            _ => true,
        };
        if !goes_on {
            self.machine.forget();
        }
        self.machine.presence.file(&about);
        self.open = Some(FileState {
            number,
            about,
            unsigned_seconds: false,
            records: 0,
            time64_seen: false,
            wiped: Wiped::default(),
            copies: Copies::default(),
            ids: Ids::default(),
            round_trip: RoundTrip::default(),
            addresses: Addresses::default(),
            times: Times::default(),
            lastlog: Lastlog::default(),
            rows: database::Rows::default(),
            messages: messages::Messages::default(),
            versions: Versions::default(),
        });
        number
    }

    /// Checks the next record of the file, given with its entry. The rows that a database no longer
    /// has come after those that it has; see [`Chunks::deleted`](crate::read::Chunks::deleted).
    pub fn push(&mut self, record: &Record<'_>, entry: &Entry<'_>) {
        let Some(open) = &mut self.open else { return };
        if let Some(place) = record.row_place() {
            let gone = &mut self.machine.gone;
            match place.state {
                RowState::Live => open.versions.live(&place, entry, gone),
                _ => {
                    let findings = &mut self.findings;
                    return open.versions.gone(open.number, record, entry, gone, findings);
                }
            }
        }
        open.unsigned_seconds = record.is_unsigned();
        open.check(record, entry, &mut self.machine, &mut self.findings);
    }

    /// Takes a file that is named as login records, and that no layout fits: `head` are its first
    /// bytes. Returns its number.
    pub fn unrecognized(&mut self, about: FileInfo, head: &[u8]) -> u32 {
        self.end();
        let number = self.files;
        self.files = self.files.saturating_add(1);
        self.machine.presence.file(&about);
        presence::unrecognized(&about, number, head, &mut self.findings);
        number
    }

    /// Takes the all-zero records of a hole, which are not read one by one.
    pub fn push_hole(&mut self, hole: &Hole) {
        let Some(open) = &mut self.open else { return };
        let (kind, layout) = (open.about.kind, open.about.layout);
        open.records = open.records.saturating_add(hole.records);
        let applies = matches!(kind, None | Some(FileKind::Wtmp | FileKind::Btmp));
        if let Some(layout) = layout.filter(|_| applies) {
            open.wiped.hole(open.number, layout.size, hole);
        }
    }

    /// Reports lost framing in the file. `bytes` are those at [`Error::offset`], as far as the
    /// caller has them: for [`Error::Truncated`] the rest of the file.
    pub fn damage(&mut self, error: &Error, bytes: &[u8]) {
        let Some(open) = &mut self.open else { return };
        let Some(layout) = open.about.layout else { return };
        open.rows.tally.is_damaged = true;
        if matches!(error, Error::Truncated { .. }) && !bytes.is_empty() {
            open.wiped.tail(bytes);
        }
        framing::damage(layout, open.number, error, bytes, &mut self.findings);
    }

    /// Checks a whole file: [`Audit::begin`], then every record and every error.
    pub fn read(&mut self, file: &LogFile<'_>, about: FileInfo) -> u32 {
        let number = self.begin(about);
        let Some(layout) = file.layout() else { return number };
        let mut push = |records: Records<'_>| {
            for record in records {
                match record {
                    Ok(record) => self.push(&record, &record.entry()),
                    Err(error) => self.damage(&error, bytes_of(&error, file.bytes())),
                }
            }
        };
        if layout.rows.is_some() {
            // With those of its log and its journal, and those that it no longer has.
            let mut chunks = Chunks::new(layout, file.source()).deleted(true);
            while let Ok(Some(records)) = chunks.next_chunk() {
                push(records);
            }
            return number;
        }
        if layout.container.has_rows() {
            push(file.records());
            return number;
        }
        let unsigned = file.records().is_unsigned();
        let mut chunks = Chunks::new(layout, file.bytes()).unsigned_seconds(unsigned).resync(true);
        // Bytes in memory can always be read.
        while let Ok(Some(records)) = chunks.next_chunk() {
            push(records);
        }
        number
    }

    /// Returns all findings in the order of files and offsets.
    pub fn finish(mut self) -> Vec<Finding> {
        self.end();
        let lost = self.machine.cross.unrecorded();
        self.machine.empty.iter().for_each(|&file| chain::empty(file, lost, &mut self.findings));
        wiped::report(self.machine.zeros, &mut self.findings);
        self.machine.presence.end(&self.machine.cross, &mut self.findings);
        self.machine.cross.end(&mut self.findings);
        self.machine.sessions.end(&mut self.findings);
        self.machine.running.end(&mut self.findings);
        self.machine.sources.end(&mut self.findings);
        self.machine.twins.end(&mut self.findings);
        self.machine.counts.end(&mut self.findings);
        self.machine.writes.end(&mut self.findings);
        self.machine.gone.end(&mut self.findings);
        self.machine.modified.end(&mut self.findings);
        let order = |rule: &Rule| RULES.iter().position(|known| *known == rule);
        self.findings.finish(|rule| order(rule).unwrap_or(RULES.len()), weigh::together)
    }

    /// Ends the open file.
    fn end(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        let findings = &mut self.findings;
        let FileState { number, about, .. } = open;
        let is_history = matches!(about.kind, Some(FileKind::Wtmp | FileKind::Btmp));
        self.machine.zeros.extend(open.wiped.end(is_history));
        open.round_trip.end(number, about.kind, findings);
        open.ids.end(findings);
        open.times.end(about.modified, findings);
        open.lastlog.end(&about, number, findings);
        let newest = open.times.newest().or(open.lastlog.newest());
        self.machine.modified.ended(&about, newest);
        if let Some(database) = about.database {
            database::check(number, &database, findings);
            let is_lastlog = about.layout.is_some_and(Layout::is_lastlog);
            self.machine.writes.ended(number, database.0, open.rows.tally, is_lastlog);
        }
        // A store of messages may have others only.
        let has_others = about.layout.is_some_and(|layout| layout.container.has_messages());
        if open.records == 0 && about.kind == Some(FileKind::Wtmp) && !has_others {
            self.machine.empty.push(number);
        }
        let lastlog = about.layout.is_some_and(Layout::is_lastlog);
        if lastlog || about.kind == Some(FileKind::Lastlog) {
            let size = about.layout.map_or(0, |layout| layout.size) as u64;
            let one = lastlog && open.lastlog.is_one_slot(size, about.len);
            let location = open.lastlog.location().filter(|_| one);
            let named = !lastlog && about.layout.is_some();
            self.machine.cross.lastlog_ends(named, location, number, open.records);
        }
        findings.downgrade_systematic(number, open.records);
    }
}

/// Returns the bytes at which framing was lost.
fn bytes_of<'a>(error: &Error, data: &'a [u8]) -> &'a [u8] {
    let len = match *error {
        Error::Truncated { have, .. } => have,
        Error::ZeroLength { skipped, .. } => skipped,
        Error::Skipped { len, .. }
        | Error::ValueLength { len, .. }
        | Error::Fragmented { len, .. } => len,
        Error::Page { .. } | Error::Database { .. } | Error::Reference { .. } => 64,
    };
    let from = usize::try_from(error.offset()).unwrap_or(usize::MAX);
    let tail = data.get(from..).unwrap_or_default();
    tail.get(..usize::try_from(len).unwrap_or(usize::MAX).min(1024)).unwrap_or(tail)
}

impl Machine {
    /// Forgets the state: what follows is not a continuation.
    fn forget(&mut self) {
        self.sessions.forget();
        self.boots.forget();
    }
}

impl FileState {
    /// Checks one record by all rules.
    fn check(
        &mut self,
        record: &Record<'_>,
        entry: &Entry<'_>,
        machine: &mut Machine,
        findings: &mut Findings,
    ) {
        self.records = self.records.saturating_add(1);
        let layout = record.layout();
        let (entry, event) = (*entry, entry.event_in(self.about.kind));
        let kind = self.about.kind;
        let context = RecordContext { file: self.number, kind, record, layout, entry, event };
        // They hold no history, and their writers leave old bytes in them.
        if layout.is_failures() {
            let name = record.uid().and_then(|uid| machine.cross.name_of(uid));
            machine.counts.counted(&context, name);
            return;
        }
        let no_record = framing::no_record(&context, numbers::oddities(&context), findings);
        self.wiped.check(&context, findings);
        self.time64_seen |= layout.is_variant;
        if !no_record {
            bytes::check(&context, self.time64_seen, findings);
            text::deceptive(&context, findings);
            numbers::check(&context, findings);
            misfit::check(&context, findings);
            self.copies.check(&context, findings);
            self.ids.check(&context);
        }
        self.round_trip.check(&context);
        self.addresses.check(&context, findings);
        self.times.check(&context, findings);
        self.lastlog.check(&context, findings);
        self.rows.check(&context, findings);
        self.messages.check(&context, findings);
        machine.check(&context, findings);
        findings.passed(context.location());
    }
}

impl Machine {
    fn check(&mut self, context: &RecordContext<'_>, findings: &mut Findings) {
        let elsewhere = match context.kind {
            Some(FileKind::Wtmp) => self.histories.check(context, findings),
            Some(FileKind::Btmp) => self.failures.check(context, findings),
            _ => false,
        };
        if elsewhere {
            self.forget();
        }
        self.boots.check(context, findings);
        self.sessions.check(context, findings);
        self.cross.check(context, findings);
        self.running.check(context);
        self.sources.check(context);
        self.attack.check(context, findings);
        self.counts.check(context);
        self.twins.check(context);
    }
}
