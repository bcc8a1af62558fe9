//! Records as fwtmp prints them on System V, Solaris and AIX.
//!
//! Names have fixed columns, everything else is separated by blanks. Text that does not fit a column
//! is cut, as fwtmp cuts it.

use std::io::Write as _;

use loginrec::formats::by_name;
use loginrec::{Entry, Layout, Text, Timestamp};

/// One system's columns.
#[derive(Debug)]
pub(crate) struct Form {
    /// The layout whose records such text is of.
    pub(crate) layout: &'static str,
    /// Where user, id and line begin and end.
    pub(crate) names: [(usize, usize); 3],
    /// Whether the type stands before the process id.
    pub(crate) type_first: bool,
    /// Whether microseconds, session and length of the host follow the seconds.
    pub(crate) is_long: bool,
}

/// The forms of System V, Solaris and AIX. The one with the longest names comes first, because its
/// text could be read as that of another.
pub(crate) const FORMS: [&Form; 3] = [
    &Form {
        layout: "svr4-utmpx-372-be",
        names: [(0, 32), (33, 37), (38, 70)],
        type_first: false,
        is_long: true,
    },
    &Form {
        layout: "aix-utmp-648-be",
        names: [(0, 8), (9, 23), (24, 36)],
        type_first: true,
        is_long: false,
    },
    &Form {
        layout: "svr4-utmp-36-be",
        names: [(0, 8), (9, 13), (14, 26)],
        type_first: false,
        is_long: false,
    },
];

/// Characters of a host on AIX.
const AIX_HOST: usize = 32;

impl Form {
    /// Returns the form of the fwtmp that reads such records, in either byte order; `None` if there
    /// is no such program.
    pub(crate) fn of(layout: &Layout) -> Option<&'static Form> {
        FORMS.into_iter().find(|form| {
            by_name(form.layout).is_some_and(|known| {
                known.size == layout.size && known.platform.is_same_system(layout.platform)
            })
        })
    }

    /// Appends the line of a record.
    pub(crate) fn row(&self, line: &mut Vec<u8>, entry: &Entry<'_>) {
        for (name, (start, end)) in
            [entry.ut_user, entry.ut_id, entry.ut_line].into_iter().zip(self.names)
        {
            column(line, name, end - start);
            line.push(b' ');
        }
        let (pid, raw_type) = (entry.ut_pid.unwrap_or(0), entry.raw_type.unwrap_or(0));
        let exit = entry.ut_exit.unwrap_or_default();
        // The numbers are shorts.
        let [termination, status] = [exit.e_termination, exit.e_exit].map(|code| code as u16);
        let Timestamp { tv_sec, tv_usec } = entry.ut_tv;
        // Writing to memory does not fail.
        let _ = match self.type_first {
            true => write!(line, "{raw_type:2} {pid:5}"),
            false => write!(line, "{pid:9} {raw_type:2}"),
        };
        let _ = write!(line, " {termination:04o} {status:04o} {tv_sec}");
        if self.is_long {
            let host = entry.ut_host.as_bytes().len();
            // The length counts the NUL.
            let len = if host > 0 { host + 1 } else { 0 };
            let session = entry.ut_session.unwrap_or(0);
            let _ = write!(line, " {tv_usec} {session} {len} ");
            column(line, entry.ut_host, len);
        } else if self.type_first {
            line.push(b' ');
            column(line, entry.ut_host, AIX_HOST);
        }
        line.push(b' ');
        date(line, entry.ut_tv);
        line.push(b'\n');
    }
}

/// Appends a text, cut or filled up to `width` characters.
fn column(line: &mut Vec<u8>, text: Text<'_>, width: usize) {
    let shown = text.as_bytes().iter().take(width);
    let len = line.len();
    line.extend(shown.map(|byte| if matches!(byte, b' '..=b'~') { *byte } else { b'?' }));
    line.resize(len + width, b' ');
}

/// Appends a date such as `Wed Mar  5 07:33:20 2025`, in UTC. It is for the eye: the seconds stand
/// before it.
fn date(line: &mut Vec<u8>, time: Timestamp) {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let Some(time) = (Timestamp { tv_usec: 0, ..time }).to_utc() else {
        return line.extend_from_slice(b"??? ???  ? ??:??:?? ????");
    };
    let day = DAYS.get(usize::from(time.weekday().number_days_from_monday())).unwrap_or(&"???");
    let month = MONTHS.get(usize::from(u8::from(time.month())).saturating_sub(1));
    let (hour, minute, second) = time.to_hms();
    let _ = write!(
        line,
        "{day} {} {:2} {hour:02}:{minute:02}:{second:02} {}",
        month.unwrap_or(&"???"),
        time.day(),
        time.year()
    );
}
