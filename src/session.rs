//! Logins and what became of them, boots and what became of those.

use std::collections::HashMap;
use std::vec::{self, Vec};

use crate::dialect::{Event, Rules};
use crate::entry::Entry;
use crate::record::Record;
use crate::timestamp::Timestamp;
use crate::ut_type::UtType;

/// Where a record was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Place {
    /// Which file, in the caller's own numbering.
    pub file: u32,
    /// [`Record::index`].
    pub index: u64,
    /// [`Record::offset`].
    pub offset: u64,
}

/// A record that begins or ends something.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Mark<'a> {
    /// Which file it lies in, in the caller's own numbering.
    pub file: u32,
    /// The record.
    pub record: Record<'a>,
}

impl<'a> Mark<'a> {
    /// What it says.
    pub fn entry(&self) -> Entry<'a> {
        self.record.entry()
    }

    /// Where it lies.
    pub fn place(&self) -> Place {
        Place { file: self.file, index: self.record.index(), offset: self.record.offset() }
    }
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum End {
    /// The user logged out, or the line was closed.
    Logout,
    /// The system was shut down.
    Shutdown,
    /// The system came up again without having been shut down. When the session ended
    /// is not known; it was before that boot.
    Crash,
    /// Somebody logged in on the same line.
    Replaced,
    /// Not by the end of the records.
    Open,
}

impl End {
    /// The word used in JSON and CSV.
    pub const fn name(self) -> &'static str {
        match self {
            End::Logout => "logout",
            End::Shutdown => "shutdown",
            End::Crash => "crash",
            End::Replaced => "replaced",
            End::Open => "open",
        }
    }
}

/// A login with its end.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Session<'a> {
    /// The login record: user, line, host, address, time.
    pub login: Mark<'a>,
    /// The record that ended it: a logout, the next login, a shutdown or a boot.
    pub closing: Option<Mark<'a>>,
    /// How it ended.
    pub end: End,
    /// The boot record of the time it belongs to; `None` if that is not in the files.
    pub boot: Option<Place>,
    /// Line and process id tell different stories: the id was believed where another
    /// session has it, else the line.
    pub disputed: bool,
    clock: i128,
}

impl<'a> Session<'a> {
    /// When it ended, as far as known: of a crash, the boot behind it.
    pub fn ended(&self) -> Option<Timestamp> {
        self.closing.map(|mark| mark.entry().ut_tv)
    }

    /// Microseconds from login to end, `None` while open. Negative where the clock was
    /// set back and [`Sessions::correct_clock`] was not asked for, or the record of the
    /// change is missing.
    pub fn micros(&self) -> Option<i128> {
        let ended = self.ended()?;
        Some(micros(ended) - micros(self.login.entry().ut_tv) - self.clock)
    }
}

/// A time the system was up.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Boot<'a> {
    /// The boot record.
    pub boot: Mark<'a>,
    /// The shutdown record, or the next boot if there is none between.
    pub closing: Option<Mark<'a>>,
    /// [`End::Shutdown`], [`End::Crash`] or [`End::Open`].
    pub end: End,
}

/// Pairs logins with their ends in one pass over records in the order of time; see
/// [`sessions`].
#[derive(Debug)]
pub struct Sessions<'a, I> {
    records: I,
    open: Open<'a>,
    /// What the last record ended: one session,
    one: Option<Session<'a>>,
    /// or all that were open.
    all: Ending<'a>,
    boot: Option<Place>,
    correct_clock: bool,
    /// Microseconds by which the clock was set forward so far.
    clock: i128,
    before_change: Option<Timestamp>,
}

/// The sessions in `records`, as they end; those still open come last, in the order of
/// their logins.
///
/// Each record comes with the number of its file, so that files of one machine can be
/// chained: sessions go on from a rotated `wtmp.1` into `wtmp`. The line decides which
/// login a logout belongs to, on FreeBSD the identifier. Where a process id contradicts
/// the line, the id decides and the session is [`Session::disputed`]. Time and memory
/// grow with the records and with the sessions open at once, not faster.
///
/// A `btmp` has no sessions; it is for the caller not to ask.
///
/// ```
/// use loginrec::{LogFile, session::sessions};
///
/// let wtmp = LogFile::open("fixtures/freebsd-utx-log/utx.log")?;
/// for session in sessions(wtmp.records().flatten().map(|record| (0, record))) {
///     let user = session.login.entry().ut_user;
///     println!("{user} from {} until {:?}: {}", session.login.entry().ut_tv, session.ended(), session.end.name());
/// }
/// # Ok::<(), loginrec::OpenError>(())
/// ```
pub fn sessions<'a, I>(records: I) -> Sessions<'a, I::IntoIter>
where
    I: IntoIterator<Item = (u32, Record<'a>)>,
{
    Sessions {
        records: records.into_iter(),
        open: Open::default(),
        one: None,
        all: Ending::default(),
        boot: None,
        correct_clock: false,
        clock: 0,
        before_change: None,
    }
}

impl<'a, I: Iterator<Item = (u32, Record<'a>)>> Sessions<'a, I> {
    /// Takes recorded clock changes out of [`Session::micros`].
    #[must_use]
    pub fn correct_clock(mut self, correct: bool) -> Self {
        self.correct_clock = correct;
        self
    }

    fn take(&mut self, mark: Mark<'a>) {
        let entry = &mark.entry();
        match entry.event() {
            Event::Boot => {
                self.close_all(Some(mark), End::Crash);
                self.boot = Some(mark.place());
            }
            _ if is_down(entry) => self.close_all(Some(mark), End::Shutdown),
            Event::Login => self.login(mark),
            Event::Logout => self.logout(mark),
            Event::ClockOld => self.before_change = Some(entry.ut_tv),
            Event::ClockNew => {
                if let Some(old) = self.before_change.take() {
                    self.clock += micros(entry.ut_tv) - micros(old);
                }
            }
            _ => {}
        }
    }

    fn login(&mut self, mark: Mark<'a>) {
        if let Some(earlier) = self.open.take(key(&mark.entry())) {
            self.one = Some(self.close(earlier, Some(mark), End::Replaced));
        }
        self.open.put(mark, self.boot, self.clock);
    }

    fn logout(&mut self, mark: Mark<'a>) {
        let by_line = key(&mark.entry());
        let Some((key, disputed)) = self.open.find(by_line, &mark.entry()) else { return };
        if let Some(waiting) = self.open.take(key) {
            let session = self.close(waiting, Some(mark), End::Logout);
            self.one = Some(Session { disputed, ..session });
        }
    }

    fn close_all(&mut self, mark: Option<Mark<'a>>, end: End) {
        self.all = Ending { waiting: self.open.drain(), mark, end };
    }

    fn close(&self, waiting: Waiting<'a>, closing: Option<Mark<'a>>, end: End) -> Session<'a> {
        let clock = if self.correct_clock { self.clock - waiting.clock } else { 0 };
        let Waiting { login, boot, .. } = waiting;
        Session { login, closing, end, boot, disputed: false, clock }
    }
}

impl<'a, I: Iterator<Item = (u32, Record<'a>)>> Iterator for Sessions<'a, I> {
    type Item = Session<'a>;

    fn next(&mut self) -> Option<Session<'a>> {
        loop {
            if let Some(waiting) = self.all.waiting.next() {
                return Some(self.close(waiting, self.all.mark, self.all.end));
            }
            if let Some(session) = self.one.take() {
                return Some(session);
            }
            match self.records.next() {
                Some((file, record)) => self.take(Mark { file, record }),
                None if self.open.by_key.is_empty() => return None,
                None => self.close_all(None, End::Open),
            }
        }
    }
}

/// Sessions that one record ends together, or the end of the records.
#[derive(Debug)]
struct Ending<'a> {
    waiting: vec::IntoIter<Waiting<'a>>,
    mark: Option<Mark<'a>>,
    end: End,
}

impl Default for Ending<'_> {
    fn default() -> Self {
        Ending { waiting: Vec::new().into_iter(), mark: None, end: End::Open }
    }
}

/// Iterator over the times the system was up; see [`boots`].
#[derive(Debug)]
pub struct Boots<'a, I> {
    records: I,
    up: Option<Mark<'a>>,
}

/// The times the system was up, as far as boots are recorded.
pub fn boots<'a, I>(records: I) -> Boots<'a, I::IntoIter>
where
    I: IntoIterator<Item = (u32, Record<'a>)>,
{
    Boots { records: records.into_iter(), up: None }
}

impl<'a, I: Iterator<Item = (u32, Record<'a>)>> Iterator for Boots<'a, I> {
    type Item = Boot<'a>;

    fn next(&mut self) -> Option<Boot<'a>> {
        for (file, record) in self.records.by_ref() {
            let mark = Mark { file, record };
            if mark.entry().event() == Event::Boot {
                if let Some(boot) = self.up.replace(mark) {
                    return Some(Boot { boot, closing: Some(mark), end: End::Crash });
                }
            } else if is_down(&mark.entry())
                && let Some(boot) = self.up.take()
            {
                return Some(Boot { boot, closing: Some(mark), end: End::Shutdown });
            }
        }
        self.up.take().map(|boot| Boot { boot, closing: None, end: End::Open })
    }
}

/// A shutdown, or a run level that is one: 0 halts and 6 reboots everywhere.
pub(crate) fn is_down(entry: &Entry<'_>) -> bool {
    match entry.event() {
        Event::Shutdown => true,
        Event::RunLevel if entry.ut_type() == UtType::RunLvl => {
            let level = match entry.dialect.rules {
                Rules::Linux => entry.ut_pid.map(|pid| pid & 0xff),
                _ => entry.ut_exit.map(|exit| exit.e_termination.into()),
            };
            level == Some(i64::from(b'0')) || level == Some(i64::from(b'6'))
        }
        _ => false,
    }
}

/// What a logout has in common with its login: the line, on FreeBSD the identifier.
fn key<'a>(entry: &Entry<'a>) -> &'a [u8] {
    let by_id = entry.dialect.system == "FreeBSD" && entry.raw_type.is_some();
    let key = if by_id { entry.ut_id.raw() } else { entry.ut_line.as_bytes() };
    // The zero tail of an identifier may not be stored.
    let end = key.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
    key.get(..end).unwrap_or(key)
}

fn micros(time: Timestamp) -> i128 {
    i128::from(time.tv_sec) * 1_000_000 + i128::from(time.tv_usec)
}

/// A login without its end.
#[derive(Clone, Copy, Debug)]
struct Waiting<'a> {
    login: Mark<'a>,
    boot: Option<Place>,
    clock: i128,
    /// How many logins came before.
    order: u64,
}

/// Sessions not ended yet, by line and by process.
#[derive(Debug, Default)]
struct Open<'a> {
    by_key: HashMap<&'a [u8], Waiting<'a>>,
    by_pid: HashMap<i64, &'a [u8]>,
    logins: u64,
}

impl<'a> Open<'a> {
    fn put(&mut self, login: Mark<'a>, boot: Option<Place>, clock: i128) {
        let entry = login.entry();
        let key = key(&entry);
        if let Some(pid) = pid(&entry) {
            self.by_pid.insert(pid, key);
        }
        self.by_key.insert(key, Waiting { login, boot, clock, order: self.logins });
        self.logins += 1;
    }

    fn take(&mut self, key: &'a [u8]) -> Option<Waiting<'a>> {
        let waiting = self.by_key.remove(key)?;
        if let Some(pid) = pid(&waiting.login.entry())
            && self.by_pid.get(&pid) == Some(&key)
        {
            self.by_pid.remove(&pid);
        }
        Some(waiting)
    }

    /// The session a logout ends, and whether line and process disagree about it.
    fn find(&self, by_line: &'a [u8], logout: &Entry<'_>) -> Option<(&'a [u8], bool)> {
        let same_line = self.by_key.get(by_line).map(|waiting| waiting.login.entry());
        let own = pid(logout);
        let known = |login: &Entry<'_>| pid(login).zip(own);
        match same_line {
            Some(login) if known(&login).is_none_or(|(a, b)| a == b) => Some((by_line, false)),
            Some(login) if same_session(&login, logout) => Some((by_line, false)),
            same_line => {
                let elsewhere = own.and_then(|pid| self.by_pid.get(&pid)).copied();
                elsewhere.or(same_line.map(|_| by_line)).map(|key| (key, true))
            }
        }
    }

    /// All, in the order of their logins.
    fn drain(&mut self) -> vec::IntoIter<Waiting<'a>> {
        self.by_pid.clear();
        let mut all: Vec<_> = self.by_key.drain().map(|(_, waiting)| waiting).collect();
        all.sort_unstable_by_key(|waiting| waiting.order);
        all.into_iter()
    }
}

/// The process id where it can identify: display managers leave it zero.
fn pid(entry: &Entry<'_>) -> Option<i64> {
    entry.ut_pid.filter(|&pid| pid > 0)
}

fn same_session(login: &Entry<'_>, logout: &Entry<'_>) -> bool {
    let id = |entry: &Entry<'_>| entry.ut_session.filter(|&id| id > 0);
    id(login).is_some() && id(login) == id(logout)
}
