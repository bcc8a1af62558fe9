//! Who was logged in until when: the records from the newest to the oldest, paired as last(1)
//! of util-linux pairs them. (`loginrec sessions` has rules of its own.)

use loginrec::{Entry, Text};

use super::kind::{Habits, Kind};
use super::lines::Lines;
use super::name::{Name, Short};

/// A line of output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) entry: &'a Entry<'a>,
    /// Nothing else than these makes a row: logins, and what the system tells of itself.
    pub(super) kind: Kind,
    pub(super) end: End,
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

impl<'a> Row<'a> {
    #[inline]
    pub(super) fn time(&self) -> i64 {
        self.entry.ut_tv.tv_sec
    }

    /// Whether it is shown only if asked for: shutdowns, run levels, clock changes.
    #[inline]
    pub(super) fn is_of_system(&self) -> bool {
        !matches!(self.kind, Kind::Login | Kind::Boot)
    }

    /// Whether it had begun and not ended at `at`.
    pub(super) fn is_present(&self, at: i64) -> bool {
        let ended = match self.end {
            End::At(end) | End::Down(end) | End::Crash(end) => end,
            End::Change(end) => end.unwrap_or_default(),
            End::LoggedIn | End::Running => 0,
        };
        // Zero is no time here: util-linux has it for "not known".
        self.time() <= at && !(0 < ended && ended < at)
    }

    pub(super) fn user(&self) -> Text<'a> {
        let user: &[u8] = match self.kind {
            Kind::Shutdown => b"shutdown",
            Kind::Boot => b"reboot",
            Kind::RunLevel(_) => b"runlevel",
            Kind::OldTime | Kind::NewTime => b"date",
            _ => return self.entry.ut_user,
        };
        // Elsewhere such records name nobody.
        let is_linux = Habits::of(self.entry.dialect) == Habits::Linux;
        match self.entry.ut_user.is_empty() && !is_linux {
            true => Text::new(user),
            false => self.entry.ut_user,
        }
    }

    pub(super) fn line(&self) -> Text<'a> {
        Text::new(match self.kind {
            Kind::Shutdown => b"system down",
            Kind::Boot => b"system boot",
            Kind::RunLevel(level) => LEVELS.get(usize::from(level)).map_or(&b""[..], |line| line),
            Kind::OldTime => b"old time",
            Kind::NewTime => b"new time",
            _ => return self.entry.ut_line,
        })
    }
}

/// What a record may end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reach<'a> {
    Nothing,
    /// What is open on this line.
    Line(Name<'a>),
    /// Everything.
    System,
}

impl<'a> Reach<'a> {
    pub(super) fn of(entry: &Entry<'a>) -> Reach<'a> {
        let habits = Habits::of(entry.dialect);
        match Kind::of(entry, habits) {
            Kind::Login | Kind::Logout => key(entry, habits).map_or(Reach::Nothing, Reach::Line),
            Kind::Boot | Kind::Shutdown | Kind::RunLevel(_) => Reach::System,
            Kind::OldTime | Kind::NewTime | Kind::Other | Kind::Unknown => Reach::Nothing,
        }
    }
}

/// What is known of the time after the record at hand.
#[derive(Debug)]
pub(super) struct Pairing {
    habits: Habits,
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
    /// Of records that all have these.
    pub(super) fn new(habits: Habits) -> Pairing {
        Pairing {
            habits,
            lines: Lines::default(),
            boot: 0,
            shutdown: None,
            level: None,
            was_shut_down: false,
            unknown: 0,
        }
    }

    /// Takes the record before those taken so far; returns the row it makes, if any.
    #[inline(always)]
    pub(super) fn record<'a>(&mut self, entry: &'a Entry<'_>) -> Option<Row<'a>> {
        let kind = Kind::of(entry, self.habits);
        let end = match kind {
            Kind::Login => {
                let next = self.put(entry);
                match next {
                    Some(time) => End::At(time),
                    None if self.boot == 0 => End::LoggedIn,
                    None if self.was_shut_down => End::Down(self.boot),
                    None => End::Crash(self.boot),
                }
            }
            Kind::Logout => {
                self.put(entry);
                return None;
            }
            kind => self.system(kind, entry)?,
        };
        Some(Row { entry, kind, end })
    }

    /// Notes that the line was in use, and returns when it was so next.
    #[inline(always)]
    fn put(&mut self, entry: &Entry<'_>) -> Option<i64> {
        match Short::of_text(entry.ut_line.raw()) {
            Some(name) if self.habits != Habits::FreeBsd => {
                self.lines.put(name, entry.ut_tv.tv_sec)
            }
            _ => self.put_any(entry),
        }
    }

    #[inline(never)]
    fn put_any(&mut self, entry: &Entry<'_>) -> Option<i64> {
        self.lines.put_any(key(entry, self.habits)?, entry.ut_tv.tv_sec)
    }

    /// What is about the system and not about a line.
    #[inline(never)]
    fn system(&mut self, kind: Kind, entry: &Entry<'_>) -> Option<End> {
        let time = entry.ut_tv.tv_sec;
        let end = self.end_of_system(kind);
        match kind {
            Kind::Shutdown => {
                self.shutdown = Some(time);
                self.level = Some(time);
                self.down(time, true);
            }
            Kind::Boot => self.down(time, false),
            Kind::RunLevel(_) => {
                self.level = Some(time);
                if kind.is_down(self.habits) {
                    self.shutdown = Some(time);
                    self.down(time, true);
                }
            }
            Kind::Unknown => self.unknown += 1,
            _ => {}
        }
        end
    }

    fn end_of_system(&self, kind: Kind) -> Option<End> {
        let still = |end: Option<i64>| end.map_or(End::Running, End::At);
        Some(match kind {
            // util-linux counts to 1970 here.
            Kind::Shutdown if self.boot == 0 => End::Change(None),
            Kind::Shutdown => End::At(self.boot),
            // The system came up again before it was next shut down.
            Kind::Boot if self.shutdown > Some(self.boot) => End::Crash(self.boot),
            Kind::Boot => still(self.shutdown),
            Kind::RunLevel(_) => still(self.level),
            Kind::OldTime | Kind::NewTime => End::Change(self.shutdown),
            _ => return None,
        })
    }

    /// All sessions of before end at `time`.
    fn down(&mut self, time: i64, was_shut_down: bool) {
        self.boot = time;
        self.was_shut_down = was_shut_down;
        self.lines.end_run();
    }
}

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
pub(super) fn failed<'a>(entry: &'a Entry<'_>) -> Row<'a> {
    Row { entry, kind: Kind::Login, end: End::At(entry.ut_tv.tv_sec) }
}

/// What logins and logouts have in common, if anything.
fn key<'a>(entry: &Entry<'a>, habits: Habits) -> Option<Name<'a>> {
    let token = match habits {
        Habits::FreeBsd => Name::of_bytes(entry.ut_id.raw()),
        _ => None,
    };
    token.or_else(|| Name::of_text(entry.ut_line.raw()))
}
