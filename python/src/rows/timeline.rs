//! The events of all files in the order of time.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use loginrec::contract::{LoginRef, TimelineRow};
use loginrec::read::{Lookup, OwnedRecord};
use loginrec::session::{End, Session, SessionTracker};
use loginrec::{Container, Entry, Event, FileKind, Layout, Record, Timestamp};

use crate::log_source::{Log, is_set};
use crate::out::Out;
use crate::plan::{Plan, user_of};
use crate::source::Source;

/// The sort key of an event: there may be many millions, and a single file may be out of order too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    sec: i64,
    usec: i32,
    file: u32,
    number: u64,
    /// Whether it is the end that the record holds.
    is_end: bool,
}

/// A file whose records can be read in any order.
struct Indexed {
    log: Arc<Log>,
    name: Option<String>,
    user: Option<String>,
    /// Records of files that have to be read from their beginning.
    kept: Vec<OwnedRecord>,
    /// Layout and offset of records that are not where their numbers put them.
    odd: HashMap<u64, (&'static Layout, u64)>,
}

/// Events of one time are in the order of files and records; of records without a time there are
/// none.
pub(super) fn rows(plan: &Plan, out: &mut Out<'_>) -> ControlFlow<()> {
    let mut files = Vec::new();
    let mut keys = Vec::new();
    for (number, log) in (0_u32..).zip(&plan.logs) {
        let mut file = Indexed {
            log: Arc::clone(log),
            name: log.origin.name(),
            user: user_of(log),
            kept: Vec::new(),
            odd: HashMap::new(),
        };
        file.index(number, &mut keys, out)?;
        files.push(file);
    }
    keys.sort_unstable();
    let mut machines: Vec<(Option<&str>, Pairing)> = Vec::new();
    let mut lookups: Vec<Lookup<&Arc<Source>>> =
        files.iter().map(|file| file.log.reader.lookup()).collect();
    for key in keys {
        let at = usize::try_from(key.file).unwrap_or(usize::MAX);
        let (Some(file), Some(lookup)) = (files.get(at), lookups.get_mut(at)) else { continue };
        let machine = file.log.origin.machine.as_deref();
        let place = machines.iter().position(|(name, _)| *name == machine);
        let place = place.unwrap_or_else(|| {
            machines.push((machine, Pairing::default()));
            machines.len() - 1
        });
        let record = match usize::try_from(key.number).ok().and_then(|at| file.kept.get(at)) {
            Some(record) => record.record(),
            None => {
                let found = match file.odd.get(&key.number) {
                    Some((layout, offset)) => lookup.record_at(layout, key.number, *offset),
                    None => lookup.record(key.number, 0),
                };
                match found {
                    Ok(Some(record)) => record,
                    Ok(None) => continue,
                    Err(error) => {
                        out.fault(&file.log, error.into())?;
                        continue;
                    }
                }
            }
        };
        let pairing = machines.get_mut(place).map(|(_, pairing)| pairing);
        file.row(plan, out, &record, key, pairing, &files)?;
    }
    ControlFlow::Continue(())
}

impl Indexed {
    fn index(&mut self, file: u32, keys: &mut Vec<Key>, out: &mut Out<'_>) -> ControlFlow<()> {
        let Indexed { log, kept, odd, .. } = self;
        let (kind, home) = (log.kind(), log.layout);
        let is_array = home
            .is_some_and(|layout| matches!(layout.container, Container::Array | Container::Slots));
        let mut full = false;
        let stopped = log.each(|record| {
            let record = match record {
                Ok(record) => record,
                Err(fault) => return out.fault(log, fault),
            };
            let entry = record.entry();
            if !is_event(&record, &entry, kind) {
                return ControlFlow::Continue(());
            }
            let number = if is_array { record.index() } else { kept.len() as u64 };
            let end = entry.logout.filter(|time| *time != Timestamp::default());
            let mut is_used = false;
            for (time, is_end) in [(Some(entry.ut_tv), false), (end, true)] {
                let Some(time) = time.filter(|time| is_end || is_set(*time)) else { continue };
                is_used = true;
                full |= keys.try_reserve(1).is_err();
                if full {
                    return ControlFlow::Break(());
                }
                let usec = time.tv_usec.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
                keys.push(Key { sec: time.tv_sec, usec, file, number, is_end });
            }
            if is_used && !is_array {
                kept.push(OwnedRecord::from(record));
            }
            if is_used && is_array {
                let layout = record.layout().home();
                let due = number.saturating_mul(layout.size as u64);
                let is_home = home.is_some_and(|home| std::ptr::eq(home.home(), layout));
                if !is_home || record.offset() != due {
                    odd.insert(number, (layout, record.offset()));
                }
            }
            ControlFlow::Continue(())
        });
        match (stopped, full) {
            (_, true) => out.fail(&"not enough memory to sort all events"),
            (Some(()), _) => ControlFlow::Break(()),
            (None, _) => ControlFlow::Continue(()),
        }
    }

    fn row(
        &self,
        plan: &Plan,
        out: &mut Out<'_>,
        record: &Record<'_>,
        key: Key,
        pairing: Option<&mut Pairing>,
        files: &[Indexed],
    ) -> ControlFlow<()> {
        let (entry, is_end, kind) = (record.entry(), key.is_end, self.log.kind());
        let pairing = pairing.filter(|_| !is_end && is_history(record, kind));
        let session = pairing.and_then(|pairing| pairing.push(key.file, record, &entry));
        let begin = session.as_ref().map(|session| (session.login.at(), session.login.entry()));
        let login = match &begin {
            Some((at, entry)) => {
                let file = usize::try_from(at.location.file).ok();
                let file = file.and_then(|file| files.get(file)?.name.as_deref());
                Some(LoginRef { file: file.unwrap_or_default(), offset: at.location.offset, entry })
            }
            None if is_end && entry.event() != Event::Boot => {
                let (file, offset) = (self.name.as_deref().unwrap_or_default(), record.offset());
                Some(LoginRef { file, offset, entry: &entry })
            }
            None => None,
        };
        let user = match record.uid() {
            Some(uid) => plan.user(Some(uid)),
            None => self.user.as_deref().map(str::as_bytes),
        };
        let source = self.log.origin.source(self.name.as_deref());
        out.row(&TimelineRow { source, kind, record, entry: &entry, is_end, user, login })
    }
}

fn is_event(record: &Record<'_>, entry: &Entry<'_>, kind: Option<FileKind>) -> bool {
    match entry.event_in(kind) {
        // An account may have a limit and no failure.
        _ if entry.failures.is_some() => entry.ut_tv != Timestamp::default(),
        _ if record.uid().is_some() => true,
        Event::Empty | Event::Signature => false,
        Event::Prompt | Event::Init | Event::Accounting => false,
        _ => true,
    }
}

/// Returns whether a file has both ends of sessions.
fn is_history(record: &Record<'_>, kind: Option<FileKind>) -> bool {
    matches!(kind, None | Some(FileKind::Wtmp)) && record.uid().is_none()
}

/// Finds the logins that logouts end.
#[derive(Default)]
struct Pairing {
    tracker: SessionTracker,
}

impl Pairing {
    /// Takes a record. Gives the session that it ends if it is a logout.
    fn push(&mut self, file: u32, record: &Record<'_>, entry: &Entry<'_>) -> Option<Session<'_>> {
        let mut ended = self.tracker.push(file, record, entry);
        let session = ended.find(|session| session.end == End::Logout)?;
        // An entry that holds both ends is its own login.
        let login = session.login.at().location;
        ((login.file, login.offset) != (file, record.offset())).then_some(session)
    }
}
