//! `loginrec lastlog2`: each user's last login in a lastlog2.db, as lastlog2(8) of util-linux prints it.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, Command, ValueHint};
use loginrec::layout::Role;
use loginrec::read::OwnedRecord;
use loginrec::{Container, Entry, FileKind, Layout, Text, Timestamp};

use crate::args::applet::{Applet, with_command};
use crate::args::output::OutputOptions;
use crate::args::reading::ReadOptions;
use crate::args::time::TimeArg;
use crate::args::zone::{Offsets, Zone};
use crate::diagnostics::{Diagnostics, EXIT_STATUS, Stop};
use crate::file_name::FileName;
use crate::input::databases::ToolDatabases;
use crate::input::file::Input;
use crate::input::root::{self, own_database};
use crate::output::ascii::datetime::push_ctime;
use crate::output::ascii::number::time_of_day;
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};
use crate::sources::Sources;

const NEVER: &str = "**Never logged in**";
/// Width of a date.
const DATE: usize = 30;
/// Width of the host: the longest IPv6 address with its interface.
const HOST: usize = 42;

/// Print a lastlog2.db as lastlog2(8) does
///
/// Prints the last login of each user in the database, by name. Users who never logged in are in it
/// only if the tool put them there.
#[derive(Debug, Args)]
#[command(after_help = format!("\
`loginrec lastlog lastlog2.db` prints the same logins in the form of shadow's lastlog.

-b and -t count back from --as-of. The options of the tool that write (-C, -i, -r, -S) are refused. A link named `lastlog2` to
this program runs this command, and counts back from now.

Examples:
  loginrec lastlog2 -d lastlog2.db
  loginrec lastlog2 -d lastlog2.db -s -t 30
  loginrec lastlog2 --root /mnt/image -u root

{EXIT_STATUS}"))]
pub(crate) struct Lastlog2Args {
    /// Leave out users who never logged in
    #[arg(short, long)]
    active: bool,

    /// Only logins older than DAYS days
    #[arg(short, long, value_name = "DAYS")]
    before: Option<u32>,

    /// Read this database. Default: this machine's own. `-` is standard input
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    database: Option<PathBuf>,

    /// Print the PAM service that logged the user in
    #[arg(short, long)]
    service: bool,

    /// Only logins of the last DAYS days
    #[arg(short, long, value_name = "DAYS")]
    time: Option<u32>,

    /// Only this user; also one who is not in the database
    #[arg(short, long, value_name = "LOGIN")]
    user: Option<String>,

    /// The time from which -b and -t count. Default: that of the newest login in the file
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    as_of: Option<TimeArg>,

    /// The time zone: UTC, an offset such as +02:00, or a name such as Europe/Berlin. Default:
    /// TZ, else /etc/localtime
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    tz: Option<Zone>,

    #[arg(short = 'C', long, hide = true)]
    clear: bool,
    #[arg(short, long, hide = true, value_name = "FILE")]
    import: Option<PathBuf>,
    #[arg(short, long, hide = true, value_name = "NEWNAME")]
    rename: Option<String>,
    #[arg(short = 'S', long, hide = true)]
    set: bool,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    options: ReadOptions,

    /// The files that are read, and their machines.
    #[arg(skip)]
    sources: Sources,
}

/// lastlog2(8) called by its own name.
pub(crate) static LASTLOG2: Applet = Applet { name: "lastlog2", rewrite: by_clock, respell: None };

/// Counts days back from now.
fn by_clock(_: &Command, rest: Vec<OsString>) -> Vec<OsString> {
    let is_given =
        rest.iter().any(|word| word.to_str().is_some_and(|word| word.starts_with("--as-of")));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = (!is_given).then(|| format!("--as-of=@{}", now.as_secs()).into());
    with_command("lastlog2", now.into_iter().chain(rest).collect())
}

impl Run for Lastlog2Args {
    fn resolve(&mut self, report: &mut Diagnostics) -> Result<(), String> {
        let mut files: Vec<PathBuf> = self.database.iter().cloned().collect();
        if files.is_empty() && self.options.root.is_empty() {
            files.push(own_database(FileKind::Lastlog));
        }
        self.sources = root::resolve(&files, &self.options, &[FileKind::Lastlog], report)?;
        Ok(())
    }

    fn files(&self) -> NamedFiles<'_> {
        let named = self.database.as_slice();
        NamedFiles::reading(named, &self.options).written_to(&self.output)
    }

    fn check(&self) -> Result<(), &'static str> {
        match self.clear || self.set || self.import.is_some() || self.rename.is_some() {
            true => {
                Err("-C, -i, -r and -S write to the database; loginrec never changes what it reads")
            }
            false => Ok(()),
        }
    }

    fn run(&self, mut out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        DATABASES.each(&self.sources, &self.options, report, |input, name, heading, report| {
            out.write_all(heading.as_bytes())?;
            self.file(input, name, &mut out, report)
        })?;
        Ok(out.flush()?)
    }
}

const DATABASES: ToolDatabases = ToolDatabases {
    includes: is_lastlog2,
    refusal: "is not a database of lastlog2; use `loginrec lastlog FILE`",
};

/// Returns whether the file has last logins in a database. A file of no bytes is one without rows.
fn is_lastlog2(input: &Input) -> bool {
    input.layout().is_none_or(|layout| layout.container == Container::Sqlite && layout.is_lastlog())
}

impl Lastlog2Args {
    fn file(
        &self,
        input: &mut Input,
        name: &FileName<'_>,
        out: &mut Output,
        report: &mut Diagnostics,
    ) -> Result<(), Stop> {
        let mut rows: Vec<OwnedRecord> = Vec::new();
        input.records(name, report, |record| {
            rows.push(OwnedRecord::from(*record));
            Ok(())
        })?;
        // The first versions of the tool, whose table has no service, print rows as they lie.
        let is_old = input.layout().is_some_and(|layout| layout.field(Role::Service).is_none());
        if !is_old {
            rows.sort_by(|one, other| user(one).cmp(user(other)));
        }
        let zone = self.tz.clone().unwrap_or_else(Zone::system);
        let newest = || rows.iter().map(|row| seconds(&row.record().entry())).max();
        let now = match &self.as_of {
            Some(time) => time.resolve("as-of", &zone, || newest().unwrap_or_default())?,
            None => newest().unwrap_or_default(),
        };
        let mut printer =
            Printer { has_service: self.service, is_old, is_begun: false, offsets: zone.offsets() };
        let wanted = self.user.as_deref().map(str::as_bytes);
        let mut is_there = false;
        for row in &rows {
            let entry = row.record().entry();
            if wanted.is_some_and(|wanted| wanted != entry.ut_user.raw()) {
                continue;
            }
            is_there = true;
            let age = now.saturating_sub(seconds(&entry));
            let days = |days: u32| i64::from(days) * 86_400;
            if self.before.is_none_or(|most| age >= days(most))
                && self.time.is_none_or(|least| age <= days(least))
                && !(self.active && seconds(&entry) == 0)
            {
                printer.row(out.lines(), &entry);
                out.settle()?;
            }
        }
        if let (Some(user), Some(layout), false) = (wanted, input.layout(), is_there) {
            printer.row(out.lines(), &never(user, layout));
        }
        Ok(())
    }
}

fn user(row: &OwnedRecord) -> &[u8] {
    row.record().entry().ut_user.raw()
}

/// Returns the time of a login; 0 means never.
fn seconds(entry: &Entry<'_>) -> i64 {
    if entry.ut_tv == Timestamp::ABSENT { 0 } else { entry.ut_tv.tv_sec }
}

/// Returns the entry of a user who is not in the database.
fn never<'a>(user: &'a [u8], layout: &Layout) -> Entry<'a> {
    let mut entry = Entry::new(layout.platform);
    entry.ut_user = Text::new(user);
    entry
}

struct Printer {
    has_service: bool,
    is_old: bool,
    is_begun: bool,
    offsets: Offsets,
}

impl Printer {
    /// Appends a row, and the heading before the first one. The heading of the service stands where
    /// the date of that row ends.
    fn row(&mut self, out: &mut Vec<u8>, entry: &Entry<'_>) {
        let mut date = Vec::with_capacity(DATE);
        self.date(&mut date, seconds(entry));
        if !std::mem::replace(&mut self.is_begun, true) {
            let [user, line, host] = ["Username", "Port", "From"];
            let _ = write!(out, "{user:16} {line:8} {host:HOST$} Latest");
            match (self.is_old, self.has_service) {
                (true, _) => {}
                (false, false) => out.push(b' '),
                (false, true) => {
                    let width = date.len().saturating_sub(5);
                    let _ = write!(out, "{:width$}Service", "");
                }
            }
            out.push(b'\n');
        }
        cell(out, entry.ut_user.raw(), 16, usize::MAX);
        out.push(b' ');
        cell(out, entry.ut_line.raw(), 8, 8);
        out.push(b' ');
        cell(out, entry.ut_host.raw(), HOST, usize::MAX);
        if !self.is_old {
            out.push(b' ');
        }
        match self.has_service && !self.is_old {
            true => {
                cell(out, &date, DATE + 1, usize::MAX);
                cell(out, entry.service.unwrap_or_default().raw(), 0, usize::MAX);
            }
            false => out.extend_from_slice(&date),
        }
        out.push(b'\n');
    }

    /// Appends a date such as `Fri Jan 16 17:47:14 +0000 2026`.
    fn date(&mut self, out: &mut Vec<u8>, seconds: i64) {
        if seconds == 0 {
            return out.extend_from_slice(NEVER.as_bytes());
        }
        // No zone has an offset for years after 9999.
        let east = self.offsets.east(seconds).unwrap_or_default();
        let year = push_ctime(out, seconds.saturating_add(east.into()));
        let [h, i, _, m, n, ..] = time_of_day(east.unsigned_abs());
        out.extend_from_slice(&[b' ', if east < 0 { b'-' } else { b'+' }, h, i, m, n]);
        let _ = write!(out, " {year}");
    }
}

/// Appends at most `most` bytes of a text, then blanks up to `width`.
fn cell(out: &mut Vec<u8>, text: &[u8], width: usize, most: usize) {
    let begin = out.len();
    // Writing to a Vec cannot fail.
    let _ = write!(out, "{}", Text::new(text.get(..most).unwrap_or(text)));
    let len = out.len().saturating_sub(begin);
    out.extend(std::iter::repeat_n(b' ', width.saturating_sub(len)));
}
