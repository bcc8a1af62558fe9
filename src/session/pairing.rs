//! Logins and their ends.

use super::micros;
use super::open::Open;
use super::opening::{Mark, Opening};
use super::{End, is_down};
use crate::dialect::Event;
use crate::entry::Entry;
use crate::record::Record;
use crate::timestamp::Timestamp;

/// A login with its end.
///
/// What [`Pairing`] gives borrows from it; [`Session::into_owned`] lasts.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Session<'a> {
    /// The login record: user, line, host, address, time.
    pub login: Opening<'a>,
    /// The record that ended it: a logout, the next login, a shutdown or a boot.
    pub closing: Option<Mark>,
    /// How it ended.
    pub end: End,
    /// The boot record of the time it belongs to; `None` if that is not in the files.
    pub boot: Option<Mark>,
    /// Line and process id tell different stories: the id was believed where another
    /// session has it, else the line.
    pub disputed: bool,
    clock: i128,
}

impl Session<'_> {
    /// When it ended, as far as known: of a crash, the boot behind it.
    pub fn ended(&self) -> Option<Timestamp> {
        self.closing.map(|mark| mark.time)
    }

    /// Microseconds from login to end, `None` while open. Negative where the clock was
    /// set back and [`Pairing::correct_clock`] was not asked for, or the record of the
    /// change is missing.
    pub fn micros(&self) -> Option<i128> {
        Some(self.micros_until(self.ended()?))
    }

    /// Microseconds from login to `time`, for a session that is still open then.
    pub fn micros_until(&self, time: Timestamp) -> i128 {
        let begun = micros(self.login.mark().time);
        micros(time).saturating_sub(begun).saturating_sub(self.clock)
    }

    /// The same, independent of the machine it came from.
    pub fn into_owned(self) -> Session<'static> {
        Session { login: self.login.into_owned(), ..self }
    }
}

/// Pairs logins with their ends in one pass over records, which are pushed in the order of
/// their files, the oldest file first.
///
/// Nothing of a record is borrowed when [`Pairing::push`] is over. Memory is taken for the
/// sessions that are open at once, some 80 bytes and the texts of each, whatever their number
/// before;
/// time grows with the records. Both hold for files made to be slow.
///
/// The line decides which login a logout belongs to, on FreeBSD the identifier. Where a
/// process id contradicts the line, the id decides and the session is
/// [`Session::disputed`].
///
/// A `btmp` has no sessions; it is for the caller not to ask.
///
/// ```
/// use loginrec::{LogFile, session::Pairing};
///
/// let wtmp = LogFile::open("fixtures/freebsd-utx-log/utx.log")?;
/// let mut pairing = Pairing::new();
/// for record in wtmp.records().flatten() {
///     for session in pairing.push(0, &record) {
///         println!("{} logged out at {:?}", session.login.entry().ut_user, session.ended());
///     }
/// }
/// for session in pairing.finish() {
///     println!("{} is still logged in", session.login.entry().ut_user);
/// }
/// # Ok::<(), loginrec::OpenError>(())
/// ```
#[derive(Debug)]
pub struct Pairing {
    open: Open,
    /// What those sessions have in common that the last record ended.
    ending: Ending,
    boot: Option<Mark>,
    correct_clock: bool,
    unsigned_time: bool,
    /// Microseconds by which the clock was set forward so far; 290,000 years at most.
    clock: i64,
    before_change: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug)]
struct Ending {
    closing: Option<Mark>,
    end: End,
    boot: Option<Mark>,
    disputed: bool,
}

impl Default for Pairing {
    fn default() -> Self {
        Pairing::new()
    }
}

impl Pairing {
    /// Nobody is logged in.
    pub fn new() -> Pairing {
        Pairing {
            open: Open::new(),
            ending: Ending { closing: None, end: End::Open, boot: None, disputed: false },
            boot: None,
            correct_clock: false,
            unsigned_time: false,
            clock: 0,
            before_change: None,
        }
    }

    /// Takes recorded clock changes out of [`Session::micros`].
    #[must_use]
    pub fn correct_clock(self, correct: bool) -> Self {
        Pairing { correct_clock: correct, ..self }
    }

    /// Reads 32-bit seconds as unsigned: 1970 to 2106 instead of 1901 to 2038. See
    /// [`Timestamp::unsigned32`].
    #[must_use]
    pub fn unsigned_time(self, unsigned: bool) -> Self {
        Pairing { unsigned_time: unsigned, ..self }
    }

    /// Takes the next record; `file` is the caller's number for the file it lies in, so that
    /// sessions can go on from one file into the next. Gives the sessions it ended, in the
    /// order of their logins; mostly there is none.
    #[inline]
    pub fn push(&mut self, file: u32, record: &Record<'_>) -> Ended<'_> {
        self.open.forget_ended();
        let entry = read(record, self.unsigned_time);
        match entry.event() {
            Event::Login => {
                let mark = Mark::new(file, record, &entry);
                if self.open.login(mark, &entry, self.clock) {
                    self.end(Some(mark), End::Replaced, false);
                }
            }
            Event::Logout => {
                let mark = Mark::new(file, record, &entry);
                if let Some(disputed) = self.open.logout(mark, &entry) {
                    self.end(Some(mark), End::Logout, disputed);
                }
            }
            event => self.other(event, Mark::new(file, record, &entry), &entry),
        }
        self.all_ended()
    }

    /// Gives the sessions that are still open, in the order of their logins. Then nobody is
    /// logged in, and the next machine's records can be pushed.
    pub fn finish(&mut self) -> Ended<'_> {
        self.open.forget_ended();
        self.end_all(None, End::Open);
        (self.boot, self.clock, self.before_change) = (None, 0, None);
        self.all_ended()
    }

    #[inline(never)]
    fn other(&mut self, event: Event, mark: Mark, entry: &Entry<'_>) {
        match event {
            Event::Boot => {
                self.end_all(Some(mark), End::Crash);
                self.boot = Some(mark);
            }
            _ if is_down(event, entry) => self.end_all(Some(mark), End::Shutdown),
            Event::ClockOld => self.before_change = Some(mark.time),
            Event::ClockNew => {
                if let Some(old) = self.before_change.take() {
                    let forward = micros(mark.time).saturating_sub(micros(old));
                    let clock = forward.saturating_add(self.clock.into());
                    self.clock = clock.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
                }
            }
            _ => {}
        }
    }

    fn end_all(&mut self, closing: Option<Mark>, end: End) {
        self.end(closing, end, false);
        self.open.end_all();
    }

    /// All sessions that end now belong to the same boot: those before it ended with it.
    fn end(&mut self, closing: Option<Mark>, end: End, disputed: bool) {
        self.ending = Ending { closing, end, boot: self.boot, disputed };
    }

    fn all_ended(&self) -> Ended<'_> {
        Ended { pairing: self, at: self.open.ended() }
    }

    /// The session at a place in the list of those ended, and the place of the next.
    #[inline(always)]
    fn ended_at(&self, at: u32) -> Option<(Session<'_>, u32)> {
        let (login, clock, next) = self.open.opening(at)?;
        let since = i128::from(self.clock).saturating_sub(clock.into());
        let clock = if self.correct_clock { since } else { 0 };
        let Ending { closing, end, boot, disputed } = self.ending;
        Some((Session { login, closing, end, boot, disputed, clock }, next))
    }
}

/// One record, read as asked for.
#[inline]
pub(super) fn read<'a>(record: &Record<'a>, unsigned_time: bool) -> Entry<'a> {
    let mut entry = record.entry();
    if unsigned_time && record.layout().has_32bit_time() {
        entry.ut_tv = entry.ut_tv.unsigned32();
    }
    entry
}

/// Iterator over the sessions one record ended; see [`Pairing::push`].
#[derive(Clone, Debug)]
pub struct Ended<'a> {
    pairing: &'a Pairing,
    at: u32,
}

impl<'a> Iterator for Ended<'a> {
    type Item = Session<'a>;

    #[inline]
    fn next(&mut self) -> Option<Session<'a>> {
        let (session, next) = self.pairing.ended_at(self.at)?;
        self.at = next;
        Some(session)
    }
}

impl core::iter::FusedIterator for Ended<'_> {}

/// Iterator over all sessions in some records; see [`sessions`].
#[derive(Debug)]
pub struct Sessions<I> {
    records: Option<I>,
    pairing: Pairing,
    /// Where in the list of those ended the next is.
    at: u32,
}

/// The sessions in `records`, as they end; those still open come last, in the order of
/// their logins.
///
/// Each record comes with the number of its file, so that files of one machine can be
/// chained: sessions go on from a rotated `wtmp.1` into `wtmp`. How logins and ends are
/// paired, and what that costs, [`Pairing`] says. Each session given is a copy with texts of
/// its own.
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
    let pairing = Pairing::new();
    Sessions { records: Some(records.into_iter()), at: pairing.open.ended(), pairing }
}

impl<I> Sessions<I> {
    /// As [`Pairing::correct_clock`].
    #[must_use]
    pub fn correct_clock(self, correct: bool) -> Self {
        Sessions { pairing: self.pairing.correct_clock(correct), ..self }
    }

    /// As [`Pairing::unsigned_time`].
    #[must_use]
    pub fn unsigned_time(self, unsigned: bool) -> Self {
        Sessions { pairing: self.pairing.unsigned_time(unsigned), ..self }
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
                Some((file, record)) => self.pairing.push(file, &record),
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
