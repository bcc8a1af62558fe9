//! `loginrec lastlog`: each user's last login, in the columns of shadow's lastlog(8).

pub(crate) mod applet;
mod latest;
mod print;
mod users;

use std::collections::HashSet;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use loginrec::read::OwnedRecord;
use loginrec::{Container, Event, FileKind, Record, Text};

use crate::args::format::{FormulaGuard, OutputFormat};
use crate::args::output::OutputOptions;
use crate::args::reading::Reading;
use crate::args::time::TimeArg;
use crate::args::zone::Zone;
use crate::commands::lastlog::latest::{Latest, refused};
use crate::commands::lastlog::print::{Printer, Titles};
use crate::commands::lastlog::users::{Account, Login, Row, UserFilter, Users};
use crate::diagnostics::{Diagnostics, EXIT_STATUS, Stop};
use crate::file_name::FileName;
use crate::input::file::Input;
use crate::input::input_bytes::Access;
use crate::input::inputs::Inputs;
use crate::input::passwd;
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};
use crate::sources::MachineFiles;

/// Show the last login of each user, as lastlog(8) does
///
/// Reads lastlog, lastlogx, lastlog2.db, FreeBSD's utx.lastlogin and the files that IRIX keeps for
/// each user; of a history, such as wtmp or wtmp.db, it takes the last login of each user. User
/// names come from --passwd or from the passwd below --root, never from this machine; a user
/// without a name is shown as the uid. Times are in the time zone of this machine unless --tz
/// names another.
#[derive(Debug, Args)]
#[command(after_help = format!("\
With a passwd, its users come first, in its order and including those who never logged in; then
the logins of users that are not in it (deleted or renumbered), by uid. Without a passwd, all
logins are sorted by uid. Records of a utx.lastlogin contain names. The histories of a machine are
one list. --never lists users of the passwd without a login in any of the files, histories
included, also below --root.

-b and -t count back from --as-of. Text cuts the line at 8 characters, as lastlog does; jsonl
and csv have all of it, and times in UTC. Their `time` is empty for a user who never logged in.

Examples:
  loginrec lastlog --passwd etc/passwd lastlog
  loginrec lastlog --root /mnt/image
  loginrec lastlog -u 1000- -t 90 lastlog
  loginrec lastlog wtmp.1 wtmp
  loginrec lastlog --never --root /mnt/image
  loginrec lastlog --format jsonl lastlogx | jq -r '.uid'

{EXIT_STATUS}"))]
pub(crate) struct LastlogArgs {
    /// Output format
    #[arg(long, value_parser = OutputFormat::one_of(OutputFormat::ALL), default_value = "text")]
    pub(crate) format: OutputFormat,

    #[command(flatten)]
    guard: FormulaGuard,

    /// Only this user, or the users with these ids: NAME, UID, MIN-MAX, MIN- or -MAX
    #[arg(short, long, value_name = "USER", allow_hyphen_values = true)]
    user: Option<String>,

    /// Only logins older than DAYS days
    #[arg(short, long, value_name = "DAYS")]
    before: Option<u32>,

    /// Only logins of the last DAYS days
    #[arg(short, long, value_name = "DAYS")]
    time: Option<u32>,

    /// Only users who never logged in: not by the last logins, and not by the histories
    #[arg(long, conflicts_with_all = ["before", "time"])]
    never: bool,

    /// Read a history as it was at this time, and count -b and -t from it. Default: the time of the
    /// newest login in the file
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    as_of: Option<TimeArg>,

    /// Read user names from this passwd or master.passwd
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    passwd: Option<PathBuf>,

    /// The time zone: UTC, an offset such as +02:00, or a name such as Europe/Berlin. Default:
    /// TZ, else /etc/localtime
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    tz: Option<Zone>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

impl Run for LastlogArgs {
    fn reading(&mut self) -> Option<(&mut Reading, &'static [FileKind])> {
        let kinds: &[FileKind] = match self.never {
            true => &[FileKind::Lastlog, FileKind::Wtmp],
            false => &[FileKind::Lastlog],
        };
        Some((&mut self.reading, kinds))
    }

    fn files(&self) -> NamedFiles<'_> {
        NamedFiles::of(&self.reading)
            .passwd(self.passwd.as_ref())
            .written_to(&self.output)
            .in_format(self.format)
    }

    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        run(self, out, report)
    }
}

fn run(args: &LastlogArgs, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
    let sources = &args.reading.sources;
    let zone = args.tz.clone().unwrap_or_else(Zone::system);
    let titles = Titles { files: sources.len() > 1, machines: sources.has_several() };
    let mut printer = Printer::new(args.format, args.guard, zone, titles, out);
    let mut inputs = Inputs::reading(&args.reading);
    for machine in &sources.machines {
        let passwd = passwd::text(args.passwd.as_deref(), machine, report);
        let accounts: Vec<Account<'_>> =
            passwd::entries(&passwd).map(|(name, uid)| Account { name, uid }).collect();
        if args.never {
            args.never(machine, &accounts, &mut inputs, &mut printer, report)?;
            continue;
        }
        let mut latest = Latest::up_to(args.until()?);
        for file in &machine.files {
            let name = file.name();
            match inputs.open(&name, report) {
                Ok(mut input) if !has_last_logins(&input) => match refused(&input) {
                    Some(why) => report.failed(&name, why),
                    None => latest.read(&mut input, &name, report)?,
                },
                Ok(input) => args.file(input, &name, &accounts, &mut printer, report)?,
                Err(why) => report.failed(&name, why),
            }
        }
        args.latest(&latest, &accounts, &mut printer, report)?;
    }
    Ok(printer.finish(report)?)
}

/// Returns whether the file is a FreeBSD utx.lastlogin, which has the records of a utx.active.
fn has_last_logins(input: &Input) -> bool {
    input.layout().is_none_or(|layout| layout.holds(FileKind::Lastlog))
}

impl LastlogArgs {
    /// Prints the last logins of a history.
    fn latest(
        &self,
        latest: &Latest<'_>,
        accounts: &[Account<'_>],
        printer: &mut Printer,
        report: &mut Diagnostics,
    ) -> Result<(), Stop> {
        let Some(name) = &latest.name else { return Ok(()) };
        let wanted = self.user.as_deref().map(|user| UserFilter::parse(user, accounts));
        let now = self.now(latest.newest())?;
        if let Some(wanted) = wanted.as_ref().filter(|_| !self.reading.sources.has_several()) {
            let mut is_there = false;
            latest.each(accounts, |row, _| {
                is_there |= wanted.takes(&row);
                Ok(())
            })?;
            if !is_there {
                let user = Text::new(self.user.as_deref().unwrap_or_default().as_bytes());
                let why = match (&wanted.uids, accounts) {
                    (Some(_), []) => "a history has names, not ids: pass a name, or --passwd",
                    _ => "no login of this user in the history",
                };
                report.failed(name, format!("user `{user}` not found: {why}"));
                return Ok(());
            }
        }
        printer.begin(name)?;
        latest.each(accounts, |row, name| match self.takes(&row, wanted.as_ref(), now) {
            true => printer.row(&row, name),
            false => Ok(()),
        })?;
        Ok(())
    }

    /// Prints the users of a machine who are in none of its files.
    fn never(
        &self,
        machine: &MachineFiles,
        accounts: &[Account<'_>],
        inputs: &mut Inputs,
        printer: &mut Printer,
        report: &mut Diagnostics,
    ) -> Result<(), Stop> {
        if accounts.is_empty() {
            if !machine.files.is_empty() {
                let what =
                    "--never needs the names of all users: give --passwd, or --root with a passwd";
                return Err(Stop::Usage(what.to_owned()));
            }
            return Ok(());
        }
        let mut latest = Latest::default();
        let (mut names, mut uids, mut first) = (HashSet::new(), HashSet::new(), None);
        for file in &machine.files {
            let name = file.name();
            let mut input = match inputs.open(&name, report) {
                Ok(input) => input,
                Err(why) => {
                    report.failed(&name, why);
                    continue;
                }
            };
            if !has_last_logins(&input) {
                match refused(&input) {
                    Some(why) => report.failed(&name, why),
                    None => latest.read(&mut input, &name, report)?,
                }
            } else {
                input.records(&name, report, |record| {
                    let entry = record.entry();
                    if entry.ut_tv.tv_sec != 0 {
                        let owner = name.user_of(record.layout());
                        names.insert(owner.unwrap_or(entry.ut_user.as_bytes()).to_vec());
                        uids.extend(record.uid());
                    }
                    Ok(())
                })?;
            }
            first.get_or_insert(name);
        }
        let Some(name) = first else { return Ok(()) };
        let wanted = self.user.as_deref().map(|user| UserFilter::parse(user, accounts));
        printer.begin(&name)?;
        for account in accounts {
            let has_logged_in = latest.has(account.name)
                || names.contains(Text::new(account.name).as_bytes())
                || uids.contains(&account.uid);
            let row = Row { account: Some(*account), login: None };
            if !has_logged_in && wanted.as_ref().is_none_or(|wanted| wanted.takes(&row)) {
                printer.row(&row, &name)?;
            }
        }
        Ok(())
    }

    /// Returns whether a row is selected. Days count back from `now`.
    fn takes(&self, row: &Row<'_>, wanted: Option<&UserFilter>, now: i64) -> bool {
        let age = now.saturating_sub(row.seconds());
        let days = |days: u32| i64::from(days) * 86_400;
        wanted.is_none_or(|wanted| wanted.takes(row))
            && self.time.is_none_or(|least| age <= days(least))
            && self.before.is_none_or(|most| age > days(most))
    }

    fn file(
        &self,
        mut input: Input,
        name: &FileName<'_>,
        accounts: &[Account<'_>],
        printer: &mut Printer,
        report: &mut Diagnostics,
    ) -> Result<(), Stop> {
        if self.as_of.is_some() && self.time.or(self.before).is_none() {
            let why = "--as-of has no effect here: a lastlog has only the last login of a user. Use \
                it with -b or -t, or with a history";
            report.failed(name, why);
            return Ok(());
        }
        let container = input.container();
        let by_name = container.is_some_and(|of| of == Container::Array || of.has_rows());
        let wanted = match self.user.as_deref().map(|user| UserFilter::parse(user, accounts)) {
            Some(UserFilter { uids: None, .. }) if !by_name => {
                let user = Text::new(self.user.as_deref().unwrap_or_default().as_bytes());
                let why = format!("user `{user}` not found: pass a uid, or --passwd");
                report.failed(name, why);
                return Ok(());
            }
            wanted => wanted,
        };
        let (mut users, mut now) = (Users::new(by_name, accounts), 0);
        let owner = input.layout().and_then(|layout| name.user_of(layout));
        // The end of the file may decide the order of users and the current time.
        let is_surveyed = !accounts.is_empty() || self.time.or(self.before).is_some();
        if is_surveyed {
            if let Err(why) =
                input.keep(Access::InOrder, self.reading.options.max_size, name, report)
            {
                report.failed(name, why);
                return Ok(());
            }
            let mut newest = 0;
            input.records(name, report, |record| {
                if let Some(login) = self.login(record, owner, by_name) {
                    newest = login.entry.ut_tv.tv_sec.max(newest);
                    users.keep(record, &login);
                }
                Ok(())
            })?;
            now = self.now(newest)?;
        }
        printer.begin(name)?;
        let mut row = |row: Row<'_>| {
            let shown = self.takes(&row, wanted.as_ref(), now);
            if shown { printer.row(&row, name) } else { Ok(()) }
        };
        users.rows().try_for_each(&mut row)?;
        // A database, which is never large, has its records in no order.
        let is_database = container.is_some_and(Container::is_database);
        let mut unordered = Vec::new();
        let mut other = |record: &Record<'_>| match self.login(record, owner, by_name) {
            Some(login) if users.has(&login) => Ok(()),
            Some(_) if is_database => {
                unordered.push(OwnedRecord::from(*record));
                Ok(())
            }
            Some(login) => row(Row { account: None, login: Some(login) }),
            None => Ok(()),
        };
        match is_surveyed {
            true => input.again(&mut other)?,
            false => input.records(name, report, &mut other)?,
        }
        let mut unordered: Vec<Login<'_>> = unordered.iter().map(Login::of).collect();
        unordered.sort_by_key(|login| (login.uid, login.entry.ut_user.as_bytes()));
        let mut unordered = unordered.into_iter();
        unordered.try_for_each(|login| row(Row { account: None, login: Some(login) }))?;
        Ok(())
    }

    /// Returns the login of a record. `owner` is the user whose file it is.
    fn login<'r>(
        &self,
        record: &Record<'r>,
        owner: Option<&'r [u8]>,
        by_name: bool,
    ) -> Option<Login<'r>> {
        let mut entry = record.entry();
        if let Some(owner) = owner {
            entry.ut_user = Text::new(owner);
        }
        let is_one = !by_name || entry.event() == Event::Login;
        is_one.then(|| Login::new(record, entry))
    }

    /// Returns the time after which logins of a history are ignored. A relative time counts from
    /// the newest one, so it ignores none.
    fn until(&self) -> Result<Option<i64>, String> {
        let given = self.as_of.as_ref().filter(|time| !time.is_relative());
        given.map(|_| self.now(0)).transpose()
    }

    fn now(&self, newest: i64) -> Result<i64, String> {
        let zone = self.tz.clone().unwrap_or_else(Zone::system);
        let given = self.as_of.as_ref();
        given.map_or(Ok(newest), |time| time.resolve("as-of", &zone, || newest))
    }
}
