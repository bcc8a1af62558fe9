//! Logins paired with their ends.

use crate::entry::Entry;
use crate::read::record::Record;
use crate::session::record_ref::RecordRef;
use crate::session::stored::StoredRecord;
use crate::session::table::open::Open;
use crate::session::{End, is_down};
use crate::session::{micros, micros_between};
use crate::value::event::Event;
use crate::value::timestamp::Timestamp;

/// A login with its end.
///
/// The sessions that [`SessionTracker`] returns borrow from it; [`Session::into_owned`] makes a
/// copy.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Session<'a> {
    /// The login record: user, line, host, address, time.
    pub login: StoredRecord<'a>,
    /// The record that ended it: a logout, the next login, a shutdown or a boot.
    pub closing: Option<RecordRef>,
    /// How it ended.
    pub end: End,
    /// The boot record of the uptime it belongs to; `None` if that is not in the files.
    pub boot: Option<RecordRef>,
    /// Whether line and process id contradict each other: the process of the logout logged in on
    /// another line. The process decided.
    pub disputed: bool,
    clock: i128,
}

impl Session<'_> {
    /// Returns when it ended, as far as known. After a crash that is the next boot.
    pub fn ended(&self) -> Option<Timestamp> {
        self.closing.map(|closing| closing.time)
    }

    /// Returns the microseconds from login to end; `None` while open.
    ///
    /// Negative if the clock was set back and durations are not
    /// [corrected](SessionTracker::correct_clock), or if the record of the change is missing.
    pub fn micros(&self) -> Option<i128> {
        Some(self.micros_until(self.ended()?))
    }

    /// Returns the microseconds from login to `time`, for a session that is still open then.
    pub fn micros_until(&self, time: Timestamp) -> i128 {
        micros_between(self.login.at().time, time).saturating_sub(self.clock)
    }

    /// Copies the session out of its tracker.
    pub fn into_owned(self) -> Session<'static> {
        Session { login: self.login.into_owned(), ..self }
    }
}

/// Pairs logins with their ends in one pass over records, which are pushed in the order of their
/// files, the oldest file first.
///
/// Nothing borrows from a record after [`SessionTracker::push`]. Memory is bounded by the sessions
/// that are open at once: some 80 bytes for each, and its texts. Time is proportional to the number
/// of records. Both hold for hostile files too. Where memory ends, logins are left out, and
/// [`SessionTracker::is_full`] reports it.
///
/// The line decides which login a logout belongs to, on FreeBSD the identifier. If the process
/// of the logout logged in on another line, the process decides and the session is
/// [`Session::disputed`]. A record without a line belongs to the login of its process, if that
/// has the same user.
///
/// A `btmp` has no sessions: do not push its records.
///
/// ```
/// use loginrec::{LogFile, session::SessionTracker};
///
/// let wtmp = LogFile::open("fixtures/freebsd-utx-log/utx.log")?;
/// let mut pairing = SessionTracker::new();
/// for (record, entry) in wtmp.records().entries().flatten() {
///     for session in pairing.push(0, &record, &entry) {
///         println!("{} logged out at {:?}", session.login.entry().ut_user, session.ended());
///     }
/// }
/// for session in pairing.finish() {
///     println!("{} is still logged in", session.login.entry().ut_user);
/// }
/// # Ok::<(), loginrec::OpenError>(())
/// ```
#[derive(Debug)]
pub struct SessionTracker {
    open: Open,
    /// The facts shared by the sessions that the last record ended.
    ending: Ending,
    boot: Option<RecordRef>,
    correct_clock: bool,
    /// Microseconds by which the clock was set forward so far; 290,000 years at most.
    clock: i64,
    before_change: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug)]
struct Ending {
    closing: Option<RecordRef>,
    end: End,
    boot: Option<RecordRef>,
    disputed: bool,
}

impl Default for SessionTracker {
    fn default() -> Self {
        SessionTracker::new()
    }
}

impl SessionTracker {
    /// Creates a tracker without open sessions.
    pub fn new() -> SessionTracker {
        SessionTracker {
            open: Open::new(),
            ending: Ending { closing: None, end: End::Open, boot: None, disputed: false },
            boot: None,
            correct_clock: false,
            clock: 0,
            before_change: None,
        }
    }

    /// Corrects [`Session::micros`] by recorded clock changes.
    #[must_use]
    pub fn correct_clock(self, correct: bool) -> Self {
        SessionTracker { correct_clock: correct, ..self }
    }

    /// Returns whether memory ran out, at any time so far. Then sessions are missing.
    pub fn is_full(&self) -> bool {
        self.open.is_full()
    }

    /// Takes the next record and its entry. Returns the sessions it ended, in the order of their
    /// logins; usually none.
    ///
    /// `file` is the caller's number for the record's file, so that sessions can continue from one
    /// file into the next.
    #[inline]
    pub fn push(
        &mut self,
        file: u32,
        record: &Record<'_>,
        entry: &Entry<'_>,
    ) -> ClosedSessions<'_> {
        self.open.forget_ended();
        if let Some(end) = entry.logout {
            self.push_ended(RecordRef::new(file, record, entry), entry, end);
            return self.all_ended();
        }
        match entry.event() {
            Event::Login if entry.platform.stores_logout => {
                self.push_open(RecordRef::new(file, record, entry), entry);
            }
            Event::Login => {
                let record_ref = RecordRef::new(file, record, entry);
                if self.open.login(record_ref, entry, self.clock) {
                    self.end(Some(record_ref), End::Replaced, false);
                }
            }
            Event::Logout => {
                let record_ref = RecordRef::new(file, record, entry);
                if let Some(disputed) = self.open.logout(entry) {
                    self.end(Some(record_ref), End::Logout, disputed);
                }
            }
            event => self.other(event, RecordRef::new(file, record, entry), entry),
        }
        self.all_ended()
    }

    /// Returns the session that a record begins, as it is then: open. `None` if it begins none, or
    /// has the end as well. For a file that is still being written: [`push`](Self::push) returns the
    /// session when it ends.
    pub fn begun(
        &self,
        file: u32,
        record: &Record<'_>,
        entry: &Entry<'_>,
    ) -> Option<Session<'static>> {
        if entry.event() != Event::Login || entry.logout.is_some() {
            return None;
        }
        let login = StoredRecord::copy(RecordRef::new(file, record, entry), entry);
        let (closing, end, boot) = (None, End::Open, self.boot);
        Some(Session { login, closing, end, boot, disputed: false, clock: 0 })
    }

    /// Returns the sessions that are still open, in the order of their logins. The tracker is then
    /// empty, and the next machine's records can be pushed.
    pub fn finish(&mut self) -> ClosedSessions<'_> {
        self.open.forget_ended();
        self.end_all(None, End::Open);
        (self.boot, self.clock, self.before_change) = (None, 0, None);
        self.all_ended()
    }

    /// Takes a record that stores its own end. A login is a session by itself: it is not opened,
    /// and the session open on its line is not affected. A boot with the time of its shutdown ends
    /// the sessions that are open before it, as any other boot.
    #[inline(never)]
    fn push_ended(&mut self, at: RecordRef, entry: &Entry<'_>, end: Timestamp) {
        match entry.event() {
            Event::Login => {
                self.open.add_ended(at, entry, self.clock);
                self.end(Some(RecordRef { time: end, ..at }), End::Logout, false);
            }
            Event::Boot => {
                self.end_all(Some(at), End::Crash);
                self.boot = Some(at);
            }
            _ => {}
        }
    }

    /// Takes a login that will store its own end. Only a boot ends it before.
    #[inline(never)]
    fn push_open(&mut self, at: RecordRef, entry: &Entry<'_>) {
        self.open.add_open(at, entry, self.clock);
    }

    #[inline(never)]
    fn other(&mut self, event: Event, record_ref: RecordRef, entry: &Entry<'_>) {
        match event {
            Event::Boot => {
                self.end_all(Some(record_ref), End::Crash);
                self.boot = Some(record_ref);
            }
            _ if is_down(event, entry, self.boot) => self.end_all(Some(record_ref), End::Shutdown),
            Event::ClockOld => self.before_change = Some(record_ref.time),
            Event::ClockNew => {
                if let Some(old) = self.before_change.take() {
                    let forward = micros(record_ref.time).saturating_sub(micros(old));
                    let clock = forward.saturating_add(self.clock.into());
                    self.clock = clock.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
                }
            }
            _ => {}
        }
    }

    fn end_all(&mut self, closing: Option<RecordRef>, end: End) {
        self.end(closing, end, false);
        self.open.end_all();
    }

    /// All sessions that end now belong to the same boot; earlier ones ended with it.
    fn end(&mut self, closing: Option<RecordRef>, end: End, disputed: bool) {
        self.ending = Ending { closing, end, boot: self.boot, disputed };
    }

    fn all_ended(&self) -> ClosedSessions<'_> {
        ClosedSessions { pairing: self, at: self.open.ended() }
    }

    /// Returns the session at a place in the list of ended ones, and the place of the next.
    #[inline(always)]
    fn ended_at(&self, at: u32) -> Option<(Session<'_>, u32)> {
        let (login, clock, next) = self.open.opening(at)?;
        let since = i128::from(self.clock).saturating_sub(clock.into());
        let clock = if self.correct_clock { since } else { 0 };
        let Ending { closing, end, boot, disputed } = self.ending;
        Some((Session { login, closing, end, boot, disputed, clock }, next))
    }
}

/// Iterator over the sessions that one record ended; see [`SessionTracker::push`].
#[derive(Clone, Debug)]
pub struct ClosedSessions<'a> {
    pairing: &'a SessionTracker,
    at: u32,
}

impl<'a> Iterator for ClosedSessions<'a> {
    type Item = Session<'a>;

    #[inline]
    fn next(&mut self) -> Option<Session<'a>> {
        let (session, next) = self.pairing.ended_at(self.at)?;
        self.at = next;
        Some(session)
    }
}

impl core::iter::FusedIterator for ClosedSessions<'_> {}

/// Iterator over the sessions of some records; see [`sessions`].
#[derive(Debug)]
pub struct Sessions<I> {
    records: Option<I>,
    pairing: SessionTracker,
    /// The place of the next session in the list of ended ones.
    at: u32,
}

/// Returns the sessions in `records` as they end, then those still open, in the order of their
/// logins.
///
/// Each record comes with the number of its file, so that files of one machine can be chained:
/// sessions continue from a rotated `wtmp.1` into `wtmp`. [`SessionTracker`] has the rules and the
/// costs. Each session is a copy with texts of its own.
///
/// ```
/// use loginrec::{LogFile, session::sessions};
///
/// let wtmp = LogFile::open("fixtures/freebsd-utx-log/utx.log")?;
/// for session in sessions(wtmp.records().flatten().map(|record| (0, record))) {
///     let login = session.login.entry();
///     println!("{} from {} until {:?}: {}", login.ut_user, login.ut_tv, session.ended(), session.end.name());
/// }
/// # Ok::<(), loginrec::OpenError>(())
/// ```
pub fn sessions<'r, I>(records: I) -> Sessions<I::IntoIter>
where
    I: IntoIterator<Item = (u32, Record<'r>)>,
{
    let pairing = SessionTracker::new();
    Sessions { records: Some(records.into_iter()), at: pairing.open.ended(), pairing }
}

impl<I> Sessions<I> {
    /// As [`SessionTracker::correct_clock`].
    #[must_use]
    pub fn correct_clock(self, correct: bool) -> Self {
        Sessions { pairing: self.pairing.correct_clock(correct), ..self }
    }

    /// As [`SessionTracker::is_full`].
    pub fn is_full(&self) -> bool {
        self.pairing.is_full()
    }
}

impl<'r, I: Iterator<Item = (u32, Record<'r>)>> Iterator for Sessions<I> {
    type Item = Session<'static>;

    fn next(&mut self) -> Option<Session<'static>> {
        loop {
            if let Some((session, next)) = self.pairing.ended_at(self.at) {
                self.at = next;
                return Some(session.into_owned());
            }
            let ended = match self.records.as_mut()?.next() {
                Some((file, record)) => self.pairing.push(file, &record, &record.entry()),
                None => {
                    self.records = None;
                    self.pairing.finish()
                }
            };
            self.at = ended.at;
        }
    }
}

impl<'r, I: Iterator<Item = (u32, Record<'r>)>> core::iter::FusedIterator for Sessions<I> {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    use crate::formats::by_name;
    use crate::session::BootTracker;
    use crate::value::text::Text;
    use crate::value::ut_type::UtType;

    fn time(tv_sec: i64) -> Timestamp {
        Timestamp { tv_sec, tv_usec: 0 }
    }

    fn entry(kind: UtType, line: &'static str, sec: i64, logout: Option<i64>) -> Entry<'static> {
        let platform = by_name("linux-glibc-400-le").unwrap().platform;
        let user: &[u8] = if kind == UtType::BootTime { b"reboot" } else { b"alice" };
        Entry {
            raw_type: platform.raw_type(kind),
            ut_tv: time(sec),
            ut_user: Text::new(user),
            ut_line: Text::new(line.as_bytes()),
            logout: logout.map(time),
            ..Entry::new(platform)
        }
    }

    /// Returns line, end and reason of the sessions of some entries.
    fn sessions_of(entries: &[Entry<'_>]) -> Vec<(std::string::String, Option<i64>, End)> {
        let layout = by_name("linux-glibc-400-le").unwrap();
        let bytes = [0; 400];
        let mut tracker = SessionTracker::new();
        let mut found = Vec::new();
        let mut add = |sessions: ClosedSessions<'_>| {
            found.extend(sessions.map(|session| {
                let line = std::format!("{}", session.login.entry().ut_line);
                (line, session.ended().map(|time| time.tv_sec), session.end)
            }));
        };
        for (index, entry) in (0..).zip(entries) {
            let record = layout.records(&bytes).next().unwrap().unwrap();
            let record = record.relocated(index, index * 400);
            add(tracker.push(0, &record, entry));
        }
        add(tracker.finish());
        found
    }

    /// A login with its end is a session by itself; the session open on its line stays open.
    #[test]
    fn a_stored_end_closes_one_session_at_once() {
        let entries = [
            entry(UtType::UserProcess, "pts/1", 10, None),
            entry(UtType::UserProcess, "pts/1", 20, Some(25)),
            entry(UtType::UserProcess, "pts/2", 30, Some(90)),
            entry(UtType::DeadProcess, "pts/1", 40, None),
        ];
        let expected = [
            ("pts/1".into(), Some(25), End::Logout),
            ("pts/2".into(), Some(90), End::Logout),
            ("pts/1".into(), Some(40), End::Logout),
        ];
        assert_eq!(sessions_of(&entries), expected);
    }

    #[test]
    fn a_boot_with_or_without_its_shutdown_ends_what_is_open() {
        let login = entry(UtType::UserProcess, "pts/1", 10, None);
        for down in [None, Some(80)] {
            let crash = [login, entry(UtType::BootTime, "~", 20, down)];
            assert_eq!(sessions_of(&crash), [("pts/1".into(), Some(20), End::Crash)]);
        }
    }

    /// wtmpdb has one line for all sessions of sshd.
    #[test]
    fn a_row_is_not_replaced_by_the_next_on_its_line() {
        let platform = by_name("linux-wtmpdb").unwrap().platform;
        let row = |raw, sec| Entry {
            raw_type: Some(raw),
            ut_tv: time(sec),
            ut_line: Text::new(b"ssh"),
            ..Entry::new(platform)
        };
        let ended = sessions_of(&[row(3, 10), row(3, 20), row(1, 30), row(3, 40)]);
        let crash = ("ssh".into(), Some(30), End::Crash);
        assert_eq!(ended, [crash.clone(), crash, ("ssh".into(), None, End::Open)]);
    }

    /// A session that ended at once frees its memory like any other.
    #[test]
    fn stored_ends_take_no_memory() {
        let layout = by_name("linux-glibc-400-le").unwrap();
        let bytes = [0; 400];
        let mut tracker = SessionTracker::new();
        for sec in 0..50_000 {
            let record = layout.records(&bytes).next().unwrap().unwrap();
            let entry = entry(UtType::UserProcess, "pts/1", sec, Some(sec + 1));
            assert_eq!(tracker.push(0, &record, &entry).count(), 1);
        }
        assert_eq!(tracker.finish().count(), 0);
    }

    #[test]
    fn a_boot_may_store_its_own_end() {
        let layout = by_name("linux-glibc-400-le").unwrap();
        let bytes = [0; 400];
        let record = layout.records(&bytes).next().unwrap().unwrap();
        let mut boots = BootTracker::new();
        assert!(boots.push(0, &record, &entry(UtType::BootTime, "~", 10, None)).is_none());
        let crashed = boots.push(0, &record, &entry(UtType::BootTime, "~", 20, Some(30))).unwrap();
        assert_eq!((crashed.end, crashed.micros()), (End::Crash, Some(10_000_000)));
        let down = boots.finish().unwrap();
        assert_eq!((down.end, down.micros()), (End::Shutdown, Some(10_000_000)));
    }
}
