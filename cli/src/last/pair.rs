//! Who was logged in until when: the records from the newest to the oldest, paired as last(1)
//! of util-linux pairs them. (`loginrec sessions` has rules of its own.)

use loginrec::{Address, Entry, Text};

use super::kind::{Kind, is_linux};
use super::lines::Lines;
use super::name::Name;

/// A line of output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) user: Text<'a>,
    pub(super) line: Text<'a>,
    pub(super) host: Text<'a>,
    pub(super) address: Address<'a>,
    pub(super) time: i64,
    pub(super) end: End,
    /// Shown only if asked for: shutdowns, run levels, clock changes.
    pub(super) is_system: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    At(i64),
    Down(i64),
    Crash(i64),
    LoggedIn,
    Running,
    /// Has no end; the time is what `--present` compares with, the next shutdown.
    Change(Option<i64>),
}

impl Row<'_> {
    /// Whether it had begun and not ended at `at`.
    pub(super) fn is_present(&self, at: i64) -> bool {
        let ended = match self.end {
            End::At(end) | End::Down(end) | End::Crash(end) => end,
            End::Change(end) => end.unwrap_or_default(),
            End::LoggedIn | End::Running => 0,
        };
        // Zero is no time here: util-linux has it for "not known".
        self.time <= at && !(0 < ended && ended < at)
    }
}

/// What is known of the time after the record at hand.
#[derive(Debug, Default)]
pub(super) struct Pairing {
    /// The nearest later record of each line, in this run of the system.
    lines: Lines,
    /// The nearest later boot or shutdown; 0 if none.
    boot: i64,
    shutdown: Option<i64>,
    /// The nearest later run level change or shutdown.
    level: Option<i64>,
    was_shut_down: bool,
    /// Records of unknown type.
    pub(super) unknown: u64,
}

impl Pairing {
    /// Takes the record before those taken so far; returns the row it makes, if any.
    #[inline]
    pub(super) fn record<'a>(&mut self, entry: &Entry<'a>) -> Option<Row<'a>> {
        let kind = Kind::of(entry);
        if !matches!(kind, Kind::Login | Kind::Logout) {
            return self.system(kind, entry);
        }
        let next = self.lines.put(key(entry), entry.ut_tv.tv_sec);
        if kind == Kind::Logout {
            return None;
        }
        let end = match next {
            Some(time) => End::At(time),
            None if self.boot == 0 => End::LoggedIn,
            None if self.was_shut_down => End::Down(self.boot),
            None => End::Crash(self.boot),
        };
        Some(Row { end, ..failed(entry) })
    }

    /// What is about the system and not about a line.
    #[inline(never)]
    fn system<'a>(&mut self, kind: Kind, entry: &Entry<'a>) -> Option<Row<'a>> {
        let time = entry.ut_tv.tv_sec;
        let row = self.system_row(kind, entry);
        match kind {
            Kind::Shutdown => {
                self.shutdown = Some(time);
                self.level = Some(time);
                self.down(time, true);
            }
            Kind::Boot => self.down(time, false),
            Kind::RunLevel(_) => {
                self.level = Some(time);
                if kind.is_down(entry) {
                    self.shutdown = Some(time);
                    self.down(time, true);
                }
            }
            Kind::Unknown => self.unknown += 1,
            _ => {}
        }
        row
    }

    fn system_row<'a>(&self, kind: Kind, entry: &Entry<'a>) -> Option<Row<'a>> {
        let still = |end: Option<i64>| end.map_or(End::Running, End::At);
        let (user, line, end): (&[u8], &'static [u8], End) = match kind {
            Kind::Shutdown => {
                let end = match self.boot {
                    // util-linux counts to 1970 here.
                    0 => End::Change(None),
                    boot => End::At(boot),
                };
                (b"shutdown", DOWN, end)
            }
            Kind::Boot => {
                let end = match self.shutdown {
                    // The system came up again before it was next shut down.
                    Some(shutdown) if shutdown > self.boot => End::Crash(self.boot),
                    shutdown => still(shutdown),
                };
                (b"reboot", b"system boot", end)
            }
            Kind::RunLevel(level) => {
                let line = LEVELS.get(usize::from(level)).map_or(&b""[..], |line| line);
                (b"runlevel", line, still(self.level))
            }
            Kind::OldTime => (b"date", b"old time", End::Change(self.shutdown)),
            Kind::NewTime => (b"date", b"new time", End::Change(self.shutdown)),
            _ => return None,
        };
        // Elsewhere such records name nobody.
        let nameless = entry.ut_user.is_empty() && !is_linux(entry);
        let user = if nameless { Text::new(user) } else { entry.ut_user };
        let is_system = kind != Kind::Boot;
        Some(Row { user, line: Text::new(line), end, is_system, ..failed(entry) })
    }

    /// All sessions of before end at `time`.
    fn down(&mut self, time: i64, was_shut_down: bool) {
        self.boot = time;
        self.was_shut_down = was_shut_down;
        self.lines.end_run();
    }
}

/// The line of a shutdown.
pub(super) const DOWN: &[u8] = b"system down";

/// The lines of run levels. A level that is no character ends the text, as in C.
static LEVELS: [[u8; 10]; 256] = {
    let mut lines = [*b"(to lvl ?)"; 256];
    let mut rest: &mut [[u8; 10]] = &mut lines;
    let mut level = 0;
    while let [line, tail @ ..] = rest {
        line[8] = level;
        level = level.wrapping_add(1);
        rest = tail;
    }
    lines
};

/// A row of lastb: the record as it is.
#[inline]
pub(super) fn failed<'a>(entry: &Entry<'a>) -> Row<'a> {
    let time = entry.ut_tv.tv_sec;
    Row {
        user: entry.ut_user,
        line: entry.ut_line,
        host: entry.ut_host,
        address: entry.ut_addr,
        time,
        end: End::At(time),
        is_system: false,
    }
}

/// What logins and logouts have in common. FreeBSD's logouts have no line.
#[inline]
fn key<'a>(entry: &Entry<'a>) -> Name<'a> {
    let id = entry.ut_id.raw();
    match entry.dialect.system {
        "FreeBSD" if id.iter().any(|&byte| byte != 0) => Name::of_bytes(id),
        _ => Name::of_text(entry.ut_line.raw()),
    }
}
