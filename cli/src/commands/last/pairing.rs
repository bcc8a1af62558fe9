//! Pairs records from the newest to the oldest, like last(1) of util-linux. (`loginrec sessions`
//! has other rules.)

use loginrec::platform::RunLevel;
use loginrec::{Entry, Text};

use crate::commands::last::classify::{Kind, TypeConvention};
use crate::commands::last::line_key::{LineKey, ShortKey};
use crate::commands::last::line_table::LineTable;

/// A line of output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) entry: &'a Entry<'a>,
    /// Only logins and events of the system make rows.
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
    /// No end; the time is that of the next shutdown, with which `--present` compares.
    Change(Option<i64>),
}

impl<'a> Row<'a> {
    #[inline]
    pub(super) fn time(&self) -> i64 {
        self.entry.ut_tv.tv_sec
    }

    /// Returns whether it is shown only on request: shutdowns, run levels, clock changes.
    #[inline]
    pub(super) fn is_of_system(&self) -> bool {
        !matches!(self.kind, Kind::Login | Kind::Boot)
    }

    /// Returns whether it had begun and not ended at `at`.
    pub(super) fn is_present(&self, at: i64) -> bool {
        let ended = match self.end {
            End::At(end) | End::Down(end) | End::Crash(end) => end,
            End::Change(end) => end.unwrap_or_default(),
            End::LoggedIn | End::Running => 0,
        };
        // Zero is not a valid time here: util-linux uses it for "not known".
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
        // Elsewhere such records have no user.
        let is_linux = TypeConvention::of(self.entry.platform) == TypeConvention::Linux;
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

/// The open rows that a record may end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ends<'a> {
    Nothing,
    /// The row that is open on this line.
    Line(LineKey<'a>),
    /// All rows.
    System,
}

impl<'a> Ends<'a> {
    pub(super) fn of(entry: &Entry<'a>) -> Ends<'a> {
        let convention = TypeConvention::of(entry.platform);
        match Kind::of(entry, convention) {
            Kind::Login | Kind::Logout => key(entry, convention).map_or(Ends::Nothing, Ends::Line),
            Kind::Boot | Kind::Shutdown | Kind::RunLevel(_) => Ends::System,
            Kind::OldTime | Kind::NewTime | Kind::Other | Kind::Unknown => Ends::Nothing,
        }
    }
}

/// The facts about the time after the current record.
#[derive(Debug)]
pub(super) struct Pairing {
    convention: TypeConvention,
    /// The nearest later record of each line, in this run of the system.
    lines: LineTable,
    /// The nearest later boot or shutdown; 0 if none.
    boot: i64,
    shutdown: Option<i64>,
    /// The nearest later run level change or shutdown.
    level: Option<i64>,
    was_shut_down: bool,
    /// A run level without a previous one, and its time. It takes the system down unless the
    /// record before it is the boot that led to it.
    first_level: Option<(RunLevel, i64)>,
    /// Records of unknown type.
    pub(super) unknown: u64,
}

impl Pairing {
    /// Creates a pairing for records with these conventions.
    pub(super) fn new(convention: TypeConvention) -> Pairing {
        Pairing {
            convention,
            lines: LineTable::default(),
            boot: 0,
            shutdown: None,
            level: None,
            was_shut_down: false,
            first_level: None,
            unknown: 0,
        }
    }

    /// Returns whether rows were left out because memory ran out.
    pub(super) fn was_full(&self) -> bool {
        self.lines.was_full()
    }

    /// Continues with an older file, whose records have these conventions.
    pub(super) fn continue_with(&mut self, convention: TypeConvention) {
        self.convention = convention;
    }

    /// Takes the record before those taken so far. Returns the row it makes, if any.
    #[inline(always)]
    pub(super) fn record<'a>(&mut self, entry: &'a Entry<'_>) -> Option<Row<'a>> {
        let kind = Kind::of(entry, self.convention);
        if entry.platform.stores_logout {
            return self.row_with_end(kind, entry);
        }
        if self.first_level.is_some() {
            self.end_boot(kind, entry);
        }
        let end = match kind {
            Kind::Login => match self.put(entry) {
                Some(time) => End::At(time),
                // Its end may be that of a line for which there was no memory.
                None if self.lines.is_full() => return None,
                None if self.boot == 0 => End::LoggedIn,
                None if self.was_shut_down => End::Down(self.boot),
                None => End::Crash(self.boot),
            },
            Kind::Logout => {
                self.put(entry);
                return None;
            }
            kind => self.system(kind, entry)?,
        };
        Some(Row { entry, kind, end })
    }

    /// Takes a record that gets the time of its own logout or shutdown.
    #[inline(never)]
    fn row_with_end<'a>(&mut self, kind: Kind, entry: &'a Entry<'_>) -> Option<Row<'a>> {
        let end = match (kind, entry.logout) {
            (Kind::Login | Kind::Boot, Some(end)) => End::At(end.tv_sec),
            (Kind::Login | Kind::Boot, None) if self.boot != 0 => End::Crash(self.boot),
            (Kind::Login, None) => End::LoggedIn,
            (Kind::Boot, None) => End::Running,
            _ => End::Change(None),
        };
        match kind {
            Kind::Boot => self.down(entry.ut_tv.tv_sec, false),
            Kind::Other => return None,
            _ => {}
        }
        Some(Row { entry, kind, end })
    }

    /// Records that the line was in use, and returns when it was next in use.
    #[inline(always)]
    fn put(&mut self, entry: &Entry<'_>) -> Option<i64> {
        match ShortKey::of_text(entry.ut_line.raw()) {
            Some(name) if self.convention != TypeConvention::FreeBsd => {
                self.lines.put(name, entry.ut_tv.tv_sec)
            }
            _ => self.put_any(entry),
        }
    }

    #[inline(never)]
    fn put_any(&mut self, entry: &Entry<'_>) -> Option<i64> {
        self.lines.put_any(key(entry, self.convention)?, entry.ut_tv.tv_sec)
    }

    /// Returns the end of an event of the system.
    #[inline(never)]
    fn system(&mut self, kind: Kind, entry: &Entry<'_>) -> Option<End> {
        let time = entry.ut_tv.tv_sec;
        let end = self.end_of_system(kind);
        match kind {
            Kind::Shutdown => {
                self.level = Some(time);
                self.down(time, true);
            }
            Kind::Boot => self.down(time, false),
            Kind::RunLevel(_) => {
                self.level = Some(time);
                if kind.is_down(self.convention) {
                    let level = entry.run_level().unwrap_or_default();
                    match level.is_down() && !level.is_down_after(0) {
                        true => self.first_level = Some((level, time)),
                        false => self.down(time, true),
                    }
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
            // util-linux prints a duration up to 1970 here.
            Kind::Shutdown if self.boot == 0 => End::Change(None),
            Kind::Shutdown => End::At(self.boot),
            Kind::Boot if self.boot == 0 => End::Running,
            Kind::Boot if self.was_shut_down => End::At(self.boot),
            // The system booted again without a shutdown.
            Kind::Boot => End::Crash(self.boot),
            Kind::RunLevel(_) => still(self.level),
            Kind::OldTime | Kind::NewTime => End::Change(self.shutdown),
            _ => return None,
        })
    }

    /// Ends all earlier sessions at the first run level of a system, unless this record is the boot
    /// that led to it.
    #[cold]
    fn end_boot(&mut self, kind: Kind, entry: &Entry<'_>) {
        let Some((level, time)) = self.first_level.take() else { return };
        let up = match kind {
            Kind::Boot => time.saturating_sub(entry.ut_tv.tv_sec),
            _ => i64::MAX,
        };
        if level.is_down_after(up) {
            self.down(time, true);
        }
    }

    /// Ends all earlier sessions at `time`.
    fn down(&mut self, time: i64, was_shut_down: bool) {
        if was_shut_down {
            self.shutdown = Some(time);
        }
        self.boot = time;
        self.was_shut_down = was_shut_down;
        self.lines.end_run();
    }
}

/// The lines of run levels. A zero byte as level ends the text, as in C.
static LEVELS: [[u8; 10]; 256] = {
    let mut lines = [*b"(to lvl ?)"; 256];
    let mut rest: &mut [[u8; 10]] = &mut lines;
    let mut level = 0;
    while let [line, tail @ ..] = rest {
        line[8] = level;
        level = level.saturating_add(1);
        rest = tail;
    }
    lines
};

/// Returns the row of lastb for a record.
#[inline]
pub(super) fn failed<'a>(entry: &'a Entry<'_>) -> Row<'a> {
    Row { entry, kind: Kind::Login, end: End::At(entry.ut_tv.tv_sec) }
}

/// Returns the bytes that logins and logouts share, if any.
fn key<'a>(entry: &Entry<'a>, convention: TypeConvention) -> Option<LineKey<'a>> {
    let token = match convention {
        TypeConvention::FreeBsd => LineKey::of_bytes(entry.ut_id.raw()),
        _ => None,
    };
    token.or_else(|| LineKey::of_text(entry.ut_line.raw()))
}
