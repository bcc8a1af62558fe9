//! Who was logged in until when: the records from the newest to the oldest, paired as last(1)
//! of util-linux pairs them. (`loginrec sessions` has rules of its own.)

use std::borrow::Cow;
use std::collections::HashMap;

use loginrec::{Address, Entry};

use super::kind::{Kind, is_linux};

/// A line of output.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    pub(super) user: &'a [u8],
    pub(super) line: Cow<'a, [u8]>,
    pub(super) host: &'a [u8],
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
pub(super) struct Pairing<'a> {
    /// By line, the time of the nearest later record, and during which run of the system.
    lines: HashMap<&'a [u8], (u64, i64)>,
    /// Counts boots and shutdowns: entries of `lines` with another number are void. A map
    /// that has grown would take as long to empty at every boot.
    run: u64,
    /// The nearest later boot or shutdown; 0 if none.
    boot: i64,
    shutdown: Option<i64>,
    /// The nearest later run level change or shutdown.
    level: Option<i64>,
    was_shut_down: bool,
    /// Records of unknown type.
    pub(super) unknown: u64,
}

impl<'a> Pairing<'a> {
    /// Takes the record before those taken so far; returns the row it makes, if any.
    pub(super) fn record(&mut self, entry: &Entry<'a>) -> Option<Row<'a>> {
        let kind = Kind::of(entry);
        let time = entry.ut_tv.tv_sec;
        let row = self.row(kind, entry);
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
            Kind::Login | Kind::Logout => {
                let key = key(entry);
                if !key.is_empty() {
                    self.lines.insert(key, (self.run, time));
                }
            }
            Kind::Unknown => self.unknown += 1,
            Kind::OldTime | Kind::NewTime | Kind::Other => {}
        }
        row
    }

    fn row(&self, kind: Kind, entry: &Entry<'a>) -> Option<Row<'a>> {
        let still = |end: Option<i64>| end.map_or(End::Running, End::At);
        let (user, line, end): (&[u8], Cow<'a, [u8]>, End) = match kind {
            Kind::Shutdown => {
                let end = match self.boot {
                    // util-linux counts to 1970 here.
                    0 => End::Change(None),
                    boot => End::At(boot),
                };
                (b"shutdown", b"system down".into(), end)
            }
            Kind::Boot => {
                let end = match self.shutdown {
                    // The system came up again before it was next shut down.
                    Some(shutdown) if shutdown > self.boot => End::Crash(self.boot),
                    shutdown => still(shutdown),
                };
                (b"reboot", b"system boot".into(), end)
            }
            Kind::RunLevel(level) => {
                let mut line = b"(to lvl ".to_vec();
                if level != 0 {
                    line.extend([level, b')']);
                }
                (b"runlevel", line.into(), still(self.level))
            }
            Kind::OldTime => (b"date", b"old time".into(), End::Change(self.shutdown)),
            Kind::NewTime => (b"date", b"new time".into(), End::Change(self.shutdown)),
            Kind::Login => {
                let end = match self.lines.get(key(entry)) {
                    Some(&(run, time)) if run == self.run => End::At(time),
                    _ if self.boot == 0 => End::LoggedIn,
                    _ if self.was_shut_down => End::Down(self.boot),
                    _ => End::Crash(self.boot),
                };
                (b"", entry.ut_line.as_bytes().into(), end)
            }
            Kind::Logout | Kind::Other | Kind::Unknown => return None,
        };
        // Elsewhere such records name nobody.
        let user = match entry.ut_user.as_bytes() {
            b"" if !is_linux(entry) => user,
            stored => stored,
        };
        let is_system = !matches!(kind, Kind::Boot | Kind::Login);
        Some(Row { user, line, end, is_system, ..failed(entry) })
    }

    /// All sessions of before end at `time`.
    fn down(&mut self, time: i64, was_shut_down: bool) {
        self.boot = time;
        self.was_shut_down = was_shut_down;
        self.run += 1;
    }
}

/// A row of lastb: the record as it is.
pub(super) fn failed<'a>(entry: &Entry<'a>) -> Row<'a> {
    let time = entry.ut_tv.tv_sec;
    Row {
        user: entry.ut_user.as_bytes(),
        line: entry.ut_line.as_bytes().into(),
        host: entry.ut_host.as_bytes(),
        address: entry.ut_addr,
        time,
        end: End::At(time),
        is_system: false,
    }
}

/// What logins and logouts have in common. FreeBSD's logouts have no line.
fn key<'a>(entry: &Entry<'a>) -> &'a [u8] {
    let id = entry.ut_id.raw();
    match entry.dialect.system {
        "FreeBSD" if id.iter().any(|&b| b != 0) => id,
        _ => entry.ut_line.as_bytes(),
    }
}
