//! Reads the files of a machine and counts their logins.

use std::collections::HashMap;
use std::io;

use loginrec::session::{Boot, BootTracker, End, Session, SessionTracker};
use loginrec::{Entry, Event, FileKind, Layout, Record, Text, Timestamp};

use crate::args::zone::{Offsets, Zone};
use crate::commands::summary::args::SummaryArgs;
use crate::commands::summary::by::Logins;
use crate::commands::summary::counter::Counter;
use crate::commands::summary::fold::Doubles;
use crate::commands::summary::names::Names;
use crate::diagnostics::{Diagnostics, Stop};
use crate::file_name::FileName;
use crate::input::history::History;
use crate::input::inputs::Inputs;
use crate::input::passwd;
use crate::output::filter::{Filter, Missed, Subject};
use crate::output::interval::AsOf;
use crate::sources::MachineFiles;

/// Everything that is counted.
pub(crate) struct Count<'a> {
    args: &'a SummaryArgs,
    zone: &'a Zone,
    pub(crate) clock: Offsets,
    pub(crate) names: Names,
    pub(crate) counters: Vec<Counter>,
    pub(crate) machines: Vec<MachineCount>,
    pub(crate) missed: Missed,
    pub(crate) is_full: bool,
}

/// What the files of one machine are.
#[derive(Debug, Default)]
pub(crate) struct MachineCount {
    pub(crate) files: Vec<FileCount>,
    pub(crate) boots: u64,
    /// Boots without a shutdown before them.
    pub(crate) crashes: u64,
}

/// One file.
#[derive(Debug)]
pub(crate) struct FileCount {
    pub(crate) shown: String,
    pub(crate) kind: Option<FileKind>,
    pub(crate) layout: Option<&'static Layout>,
    pub(crate) records: u64,
    pub(crate) times: Option<(Timestamp, Timestamp)>,
}

impl FileCount {
    fn add(&mut self, time: Timestamp) {
        self.records += 1;
        if known(time).is_some() && time.has_calendar_form() {
            let (first, last) = self.times.unwrap_or((time, time));
            self.times = Some((first.min(time), last.max(time)));
        }
    }
}

/// What is done with the records of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// Sessions and boots.
    History,
    /// Failed logins, one by one or counted.
    Failures,
    /// Only whether there are any.
    Nothing,
}

impl<'a> Count<'a> {
    pub(crate) fn new(args: &'a SummaryArgs, zone: &'a Zone, counters: Vec<Counter>) -> Count<'a> {
        Count {
            args,
            zone,
            clock: zone.offsets(),
            names: Names::default(),
            counters,
            machines: Vec::new(),
            missed: Missed::default(),
            is_full: false,
        }
    }

    /// Counts the logins of one machine.
    pub(crate) fn machine(
        &mut self,
        machine: &MachineFiles,
        inputs: &mut Inputs,
        report: &mut Diagnostics,
    ) -> Result<(), Stop> {
        let args = self.args;
        self.names.machines.push(machine.name.clone());
        let passwd = passwd::text(args.passwd.as_deref(), machine, report);
        let mut users: HashMap<u64, &[u8]> = HashMap::new();
        // As in getpwuid(3): the first of two names with one id.
        passwd::entries(&passwd).for_each(|(name, uid)| _ = users.entry(uid).or_insert(name));
        let history = History::of(machine, inputs, |_| None, report)?;
        let newest = || history.newest();
        let as_of = args.as_of.as_ref().map(|time| time.resolve("as-of", self.zone, newest));
        let as_of = as_of.transpose()?;
        if as_of.is_none() {
            args.selection().say_now(newest, report);
        }
        let now = || as_of.unwrap_or_else(newest);
        let mut part = MachinePart {
            number: self.machines.len() as i64,
            now: AsOf::of(as_of),
            filter: args.selection().resolve(self.zone, now)?,
            boot_filter: args.boot_selection().resolve(self.zone, now)?,
            users,
            doubles: args.fold.then(Doubles::default),
            sessions: SessionTracker::new(),
            boots: BootTracker::new(),
            all: self,
            found: MachineCount::default(),
            singles: 0,
            counted: Vec::new(),
        };
        part.read(&history, as_of, report)?;
        let found = part.end(report);
        self.machines.push(found);
        Ok(())
    }

    fn add(&mut self, logins: &Logins) {
        for counter in &mut self.counters {
            counter.add(logins, &mut self.clock);
        }
    }
}

/// One machine while it is read.
struct MachinePart<'c, 'a> {
    number: i64,
    now: AsOf,
    filter: Filter<'a>,
    boot_filter: Filter<'a>,
    users: HashMap<u64, &'c [u8]>,
    doubles: Option<Doubles>,
    sessions: SessionTracker,
    boots: BootTracker,
    all: &'c mut Count<'a>,
    found: MachineCount,
    /// Failed logins that were recorded one by one.
    singles: u64,
    /// Those of databases that count them.
    counted: Vec<Logins>,
}

impl MachinePart<'_, '_> {
    fn read(
        &mut self,
        history: &History<'_>,
        as_of: Option<i64>,
        report: &mut Diagnostics,
    ) -> io::Result<()> {
        let formats = history.formats();
        let has_history = formats
            .iter()
            .any(|(kind, layout)| layout.is_some() && matches!(kind, None | Some(FileKind::Wtmp)));
        let uses: Vec<Use> = formats.iter().map(|format| use_of(*format, has_history)).collect();
        let files = history.names().iter().zip(&formats).map(|(name, &(kind, layout))| FileCount {
            shown: name.shown.clone(),
            kind,
            layout,
            records: 0,
            times: None,
        });
        self.found.files = files.collect();
        history.records(report, |number, record| {
            let entry = record.entry();
            let at = usize::try_from(number).unwrap_or(usize::MAX);
            if as_of.is_some_and(|as_of| entry.ut_tv.tv_sec > as_of) {
                return Ok(());
            }
            if let Some(file) = self.found.files.get_mut(at) {
                file.add(entry.ut_tv);
            }
            let kind = formats.get(at).and_then(|(kind, _)| *kind);
            match uses.get(at) {
                Some(Use::Failures) => self.failure(record, &entry, history.names().get(at)),
                // Some platforms have failed logins among the others.
                Some(Use::History) if entry.event_in(kind) == Event::FailedLogin => {
                    self.failure(record, &entry, None);
                }
                Some(Use::History) => self.history(number, record, &entry),
                _ => {}
            }
            Ok(())
        })
    }

    fn history(&mut self, file: u32, record: &Record<'_>, entry: &Entry<'_>) {
        self.now.includes(entry.ut_tv);
        let MachinePart { all, filter, now, sessions, number, .. } = self;
        for session in sessions.push(file, record, entry) {
            add_session(all, filter, *number, &session, now.time());
        }
        if let Some(boot) = self.boots.push(file, record, entry) {
            self.boot(&boot);
        }
    }

    fn boot(&mut self, boot: &Boot) {
        let end = boot.closing.map_or(self.now.time(), |closing| closing.time);
        let subject = Subject { begin: boot.boot.at().time, end, ..Subject::default() };
        if self.boot_filter.takes(&subject, true, &Missed::default()) {
            self.found.boots += 1;
            self.found.crashes += u64::from(boot.end == End::Crash);
        }
    }

    fn failure(&mut self, record: &Record<'_>, entry: &Entry<'_>, file: Option<&FileName<'_>>) {
        let counted = entry.failures;
        let event = Event::FailedLogin.name();
        let failed = match counted {
            None if entry.event_in(Some(FileKind::Btmp)) != Event::FailedLogin => return,
            None => 1,
            // pam_faillock has a record for each.
            Some(_) if record.layout().has(loginrec::layout::Role::Status) => 1,
            Some(counted) => u64::try_from(counted.count).unwrap_or_default(),
        };
        if failed == 0 {
            return;
        }
        let uid = record.uid();
        let named = uid.and_then(|uid| self.users.get(&uid).copied());
        let named = named.or_else(|| file.and_then(|file| file.user_of(record.layout())));
        let uid = uid.map(|uid| uid.to_string());
        let user = match (named, &uid) {
            (Some(name), _) => Text::new(name),
            (None, Some(uid)) => Text::new(uid.as_bytes()),
            (None, None) => entry.ut_user,
        };
        let subject = Subject {
            user,
            line: entry.ut_line,
            host: entry.ut_host,
            addr: entry.addr(),
            event,
            begin: entry.ut_tv,
            end: entry.ut_tv,
        };
        if !self.filter.takes(&subject, true, &self.all.missed) {
            return;
        }
        let names = &mut self.all.names;
        let (user, source) = (names.user(user), names.source(entry));
        let is_double = match (&mut self.doubles, counted) {
            (Some(doubles), None) => doubles.has(user, source, entry),
            _ => false,
        };
        if is_double {
            return;
        }
        let line = names.lines.number(entry.ut_line.as_bytes());
        let time = known(entry.ut_tv);
        let machine = self.number;
        let logins = Logins { machine, user, source, line, time, logins: 0, failed, micros: 0 };
        match counted {
            Some(_) => self.counted.push(logins),
            None => {
                self.singles += 1;
                self.all.add(&logins);
            }
        }
    }

    fn end(mut self, report: &Diagnostics) -> MachineCount {
        let MachinePart { all, filter, now, sessions, number, .. } = &mut self;
        for session in sessions.finish() {
            add_session(all, filter, *number, &session, now.time());
        }
        all.is_full |= sessions.is_full();
        if let Some(boot) = self.boots.finish() {
            self.boot(&boot);
        }
        let has_both = self.singles > 0 && !self.counted.is_empty();
        if has_both && self.doubles.is_none() {
            report.note(
                "failed logins are recorded one by one and counted by user as well; \
                 --fold counts those of the records only",
            );
        }
        if !(has_both && self.doubles.is_some()) {
            self.counted.iter().for_each(|logins| self.all.add(logins));
        }
        self.found
    }
}

fn use_of((kind, layout): (Option<FileKind>, Option<&'static Layout>), has_history: bool) -> Use {
    match (kind, layout) {
        (_, None) => Use::Nothing,
        (_, Some(layout)) if layout.is_failures() => Use::Failures,
        (_, Some(layout)) if layout.is_lastlog() => Use::Nothing,
        (Some(FileKind::Btmp | FileKind::Failures), _) => Use::Failures,
        (Some(FileKind::Lastlog), _) => Use::Nothing,
        // Its logins are in the history as well.
        (Some(FileKind::Utmp), _) if has_history => Use::Nothing,
        _ => Use::History,
    }
}

/// Returns the time, unless it is zero or NULL.
fn known(time: Timestamp) -> Option<Timestamp> {
    (![Timestamp::default(), Timestamp::ABSENT].contains(&time)).then_some(time)
}

fn add_session(
    all: &mut Count<'_>,
    filter: &Filter<'_>,
    machine: i64,
    session: &Session<'_>,
    now: Timestamp,
) {
    let entry = session.login.entry();
    let until = session.ended().unwrap_or(now);
    let subject = Subject {
        user: entry.ut_user,
        line: entry.ut_line,
        host: entry.ut_host,
        addr: entry.addr(),
        event: Event::Login.name(),
        begin: entry.ut_tv,
        end: until,
    };
    if !filter.takes(&subject, true, &all.missed) {
        return;
    }
    let names = &mut all.names;
    let logins = Logins {
        machine,
        user: names.user(entry.ut_user),
        source: names.source(&entry),
        line: names.lines.number(entry.ut_line.as_bytes()),
        time: known(entry.ut_tv),
        logins: 1,
        failed: 0,
        micros: session.micros_until(until).max(0),
    };
    all.add(&logins);
}
