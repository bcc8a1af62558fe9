//! The lines of who(1): the kind of a record, and the cells of each column.

use loginrec::layout::Role;
use loginrec::platform::RunLevel;
use loginrec::{Entry, Event, Record, Text, UtType};

use crate::args::zone::Zone;
use crate::output::table::padded;

/// The kind of line that a record gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    User,
    RunLevel,
    Boot,
    Clock,
    Init,
    Prompt,
    Dead,
}

impl What {
    /// Returns the kind of line. who decides by the type alone, and so does this: a login whose
    /// type was wiped is not shown. The marks `~` and `{`, which have a login's type or none, are
    /// excluded.
    pub(crate) fn of(entry: &Entry<'_>) -> Option<What> {
        match (entry.ut_type(), entry.event()) {
            (UtType::RunLvl, _) => Some(What::RunLevel),
            (_, Event::Boot) => Some(What::Boot),
            (_, Event::ClockNew) => Some(What::Clock),
            (_, Event::Shutdown | Event::ClockOld) => None,
            (UtType::UserProcess, _) => (!entry.ut_user.is_empty()).then_some(What::User),
            (UtType::InitProcess, _) => Some(What::Init),
            (UtType::LoginProcess, _) => Some(What::Prompt),
            (UtType::DeadProcess, _) => Some(What::Dead),
            _ => None,
        }
    }
}

/// The columns besides name, line, time and comment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns {
    pub(crate) mesg: bool,
    pub(crate) idle: bool,
    pub(crate) pid: bool,
    pub(crate) exit: bool,
}

/// The cells of one line.
#[derive(Debug, Default)]
pub(crate) struct Line {
    user: String,
    mesg: char,
    line: String,
    time: String,
    idle: &'static str,
    pid: String,
    comment: String,
    exit: String,
}

impl Line {
    pub(crate) fn of(
        what: What,
        record: &Record<'_>,
        entry: &Entry<'_>,
        zone: &Zone,
        ips: bool,
    ) -> Line {
        let stands = Line { mesg: ' ', time: time(entry, zone), ..Line::default() };
        let process = || Line {
            line: entry.ut_line.to_string(),
            pid: entry.ut_pid.map(|pid| pid.to_string()).unwrap_or_default(),
            comment: id(record, entry),
            mesg: ' ',
            time: time(entry, zone),
            ..Line::default()
        };
        match what {
            What::User => Line {
                user: entry.ut_user.to_string(),
                mesg: '?',
                idle: "  ?",
                comment: origin(entry, ips),
                ..process()
            },
            What::Prompt => Line { user: "LOGIN".to_owned(), ..process() },
            What::Init => process(),
            What::Dead => {
                let exit = entry.ut_exit;
                let exit = exit.map(|e| format!("term={} exit={}", e.e_termination, e.e_exit));
                Line { exit: exit.unwrap_or_default(), ..process() }
            }
            What::Boot => Line { line: "system boot".to_owned(), ..stands },
            What::Clock => Line { line: "clock change".to_owned(), ..stands },
            What::RunLevel => {
                let RunLevel { level, previous: before } = entry.run_level().unwrap_or_default();
                let mut line =
                    Line { line: format!("run-level {}", Text::new(&[level])), ..stands };
                if matches!(before, b' '..=b'~') {
                    let before = if before == b'N' { 'S' } else { char::from(before) };
                    line.comment = format!("last={before}");
                }
                line
            }
        }
    }

    pub(crate) fn heading() -> Line {
        let [user, line, time, pid, comment, exit] =
            ["NAME", "LINE", "TIME", "PID", "COMMENT", "EXIT"].map(str::to_owned);
        Line { user, mesg: ' ', line, time, idle: "IDLE", pid, comment, exit }
    }

    /// Returns the line with these columns, without trailing blanks.
    pub(crate) fn text(&self, columns: Columns) -> String {
        let mut text = padded(&self.user, 8);
        if columns.mesg {
            text.extend([' ', self.mesg]);
        }
        let pid = format!("{:>10}", self.pid);
        let cells = [
            (true, self.line.as_str(), 12),
            (true, &self.time, 16),
            (columns.idle, self.idle, 6),
            (columns.pid, &pid, 10),
            (true, &self.comment, 8),
            (columns.exit, &self.exit, 12),
        ];
        for (_, cell, width) in cells.into_iter().filter(|(wanted, ..)| *wanted) {
            text.push(' ');
            text.push_str(&padded(cell, width));
        }
        text.truncate(text.trim_end_matches(' ').len());
        text
    }
}

/// Returns the remote host. who shows addresses without brackets.
fn origin(entry: &Entry<'_>, ips: bool) -> String {
    match entry.addr() {
        Some(addr) if ips => addr.to_canonical().to_string(),
        _ if entry.ut_host.is_empty() => String::new(),
        _ => format!("({})", entry.ut_host),
    }
}

fn time(entry: &Entry<'_>, zone: &Zone) -> String {
    let seconds = entry.ut_tv.tv_sec;
    match zone.local(seconds) {
        Some(local) => local.civil.strftime("%Y-%m-%d %H:%M").to_string(),
        None => seconds.to_string(),
    }
}

/// Returns `id=ts/0`; nothing if the layout has no id.
fn id(record: &Record<'_>, entry: &Entry<'_>) -> String {
    match record.layout().field(Role::Id) {
        Some(_) => format!("id={}", entry.ut_id),
        None => String::new(),
    }
}
