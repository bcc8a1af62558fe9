//! `loginrec lastlog`: each user's last login, in the columns of shadow's lastlog(8).

use std::io;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use loginrec::{Event, Framing, Record};

use crate::args::{EXIT_STATUS, Reading};
use crate::filename::FileName;
use crate::input::{Input, Inputs};
use crate::lastlog_form::Printer;
use crate::lastlog_rows::{Account, Kept, Login, Row, Users, Wanted};
use crate::report::Report;
use crate::sessions::Format;
use crate::sheet::Safety;
use crate::time_arg::TimeArg;
use crate::zone::Zone;
use crate::{passwd, span};

/// Show the last login of each user, as lastlog(8) does
///
/// Reads lastlog, lastlogx and FreeBSD's utx.lastlogin. The names of users come from
/// --passwd or from the passwd below --root, never from this machine; a user without a name
/// is shown as the uid. Times are in the time zone of this machine unless --tz names another.
#[derive(Debug, Args)]
#[command(after_help = format!("\
With a passwd its users come first, in its order, those who never logged in too; then come
the logins of users it does not have (deleted, or renumbered), by uid. Without, all logins
come by uid. Records of a utx.lastlogin have names of their own.

-b and -t count back from --as-of. A line is cut at 8 characters, as lastlog does; jsonl and
csv have it whole, and times in UTC. There `time` is empty for a user who never logged in.

Examples:
  loginrec lastlog --passwd etc/passwd lastlog
  loginrec lastlog --root /mnt/image
  loginrec lastlog -u 1000- -t 90 lastlog
  loginrec lastlog --format jsonl lastlogx | jq -r '.uid'

{EXIT_STATUS}"))]
pub(crate) struct LastlogArgs {
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,

    #[command(flatten)]
    safety: Safety,

    /// Only this user, or those with these ids: NAME, UID, MIN-MAX, MIN- or -MAX
    #[arg(short, long, value_name = "USER", allow_hyphen_values = true)]
    user: Option<String>,

    /// Only logins older than this many days
    #[arg(short, long, value_name = "DAYS")]
    before: Option<u32>,

    /// Only logins of the last so many days
    #[arg(short, long, value_name = "DAYS")]
    time: Option<u32>,

    /// What time it is for -b and -t. Default: that of the newest login in the file
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    as_of: Option<TimeArg>,

    /// Take the names of users from this passwd or master.passwd
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    passwd: Option<PathBuf>,

    /// The time zone: UTC, an offset as +02:00, or a name as Europe/Berlin. Default: TZ, else
    /// /etc/localtime
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    tz: Option<Zone>,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

pub(crate) fn run(args: &LastlogArgs, report: &mut Report) -> io::Result<()> {
    let passwd = passwd::text(args.passwd.as_deref(), &args.reading, report);
    let accounts: Vec<Account<'_>> =
        passwd::entries(&passwd).map(|(name, uid)| Account { name, uid }).collect();
    let zone = args.tz.clone().unwrap_or_else(Zone::system);
    let mut printer = Printer::new(args.format, args.safety, zone, args.reading.files.len() > 1);
    let mut inputs = Inputs::of(&args.reading);
    for path in &args.reading.files {
        let name = FileName::new(path);
        match inputs.open(&name, report) {
            Ok(input) if !has_last_logins(&input) => {
                let why = "holds a history, not last logins: see `loginrec sessions`";
                report.failed(&name, why);
            }
            Ok(input) => args.file(input, &name, &accounts, &mut printer, report)?,
            Err(why) => report.failed(&name, why),
        }
    }
    printer.flush()
}

/// FreeBSD's utx.lastlogin has the records of its utx.active.
fn has_last_logins(input: &Input) -> bool {
    input.layout().is_none_or(|layout| {
        matches!(layout.framing, Framing::Indexed | Framing::Database)
            || layout.name == "freebsd-utx"
    })
}

impl LastlogArgs {
    fn file(
        &self,
        mut input: Input,
        name: &FileName<'_>,
        accounts: &[Account<'_>],
        printer: &mut Printer,
        report: &mut Report,
    ) -> io::Result<()> {
        let by_name = input.framing() == Some(Framing::Fixed);
        let wanted = match self.user.as_deref().map(|user| Wanted::parse(user, accounts)) {
            Some(Wanted { uids: None, .. }) if !by_name => {
                let why = "the user asked for is not known: give the uid, or --passwd";
                report.failed(name, why);
                return Ok(());
            }
            wanted => wanted,
        };
        let (mut users, mut now) = (Users::new(by_name, accounts), 0);
        // Who comes first, and what time it is, may stand at the end of the file.
        let is_surveyed = !accounts.is_empty() || self.time.or(self.before).is_some();
        if is_surveyed {
            if let Err(why) = input.keep(self.reading.max_size, name, report) {
                report.failed(name, why);
                return Ok(());
            }
            let mut newest = 0;
            input.records(name, report, |record| {
                if let Some(login) = self.login(record, by_name) {
                    newest = login.entry.ut_tv.tv_sec.max(newest);
                    users.keep(record, &login);
                }
                Ok(())
            })?;
            now = self.now(newest);
            input.rewind()?;
        }
        printer.begin(name)?;
        let mut row = |row: Row<'_>| {
            let age = now.saturating_sub(row.seconds());
            let days = |days: u32| i64::from(days) * 86_400;
            let shown = wanted.as_ref().is_none_or(|wanted| wanted.takes(&row))
                && self.time.is_none_or(|least| age <= days(least))
                && self.before.is_none_or(|most| age > days(most));
            if shown { printer.row(&row, name) } else { Ok(()) }
        };
        users.rows().try_for_each(&mut row)?;
        // A database, which is never large, has its records in no order.
        let is_database = input.framing() == Some(Framing::Database);
        let mut unordered = Vec::new();
        let mut other = |record: &Record<'_>| match self.login(record, by_name) {
            Some(login) if users.has(&login) => Ok(()),
            Some(login) if is_database => {
                unordered.push(Kept::new(record, &login));
                Ok(())
            }
            Some(login) => row(Row { account: None, login: Some(login) }),
            None => Ok(()),
        };
        match is_surveyed {
            true => input.again(&mut other)?,
            false => input.records(name, report, &mut other)?,
        }
        unordered.sort_by_key(|kept| kept.login().uid);
        let mut unordered = unordered.iter().map(Kept::login);
        unordered.try_for_each(|login| row(Row { account: None, login: Some(login) }))
    }

    /// The login that a record is.
    fn login<'r>(&self, record: &Record<'r>, by_name: bool) -> Option<Login<'r>> {
        let entry = self.reading.entry(record);
        let is_one = !by_name || entry.event() == Event::Login;
        is_one.then(|| Login::new(record, entry))
    }

    fn now(&self, newest: i64) -> i64 {
        let zone = self.tz.clone().unwrap_or_else(Zone::system);
        let given = self.as_of.as_ref();
        given.map_or(newest, |time| span::seconds(time, &zone, || newest))
    }
}
