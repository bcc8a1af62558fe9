//! `loginrec lastlog`: each user's last login, in the columns of shadow's lastlog(8).

use std::io;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use loginrec::{Framing, LogFile};

use crate::args::{EXIT_STATUS, Reading};
use crate::filename::FileName;
use crate::input::Inputs;
use crate::lastlog_form::Printer;
use crate::lastlog_rows::{Account, Rows, Wanted};
use crate::report::Report;
use crate::sessions::Format;
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
    let mut printer = Printer::new(args.format, zone, args.reading.files.len() > 1);
    let mut inputs = Inputs::of(&args.reading);
    for path in &args.reading.files {
        let name = FileName::new(path);
        match inputs.open(&name, report) {
            Ok(log) if !has_last_logins(&log) => {
                let why = "holds a history, not last logins: see `loginrec sessions`";
                report.failed(&name, why);
            }
            Ok(log) => args.file(&log, &name, &accounts, &mut printer, report)?,
            Err(why) => report.failed(&name, why),
        }
    }
    printer.flush()
}

/// FreeBSD's utx.lastlogin has the records of its utx.active.
fn has_last_logins(log: &LogFile<'_>) -> bool {
    log.layout().is_none_or(|layout| {
        matches!(layout.framing, Framing::Indexed | Framing::Database)
            || layout.name == "freebsd-utx"
    })
}

impl LastlogArgs {
    fn file(
        &self,
        log: &LogFile<'_>,
        name: &FileName<'_>,
        accounts: &[Account<'_>],
        printer: &mut Printer,
        report: &mut Report,
    ) -> io::Result<()> {
        let wanted = match self.user.as_deref().map(|user| Wanted::parse(user, accounts)) {
            Some(Wanted { uids: None, .. }) if !Rows::by_name(log) => {
                let why = "the user asked for is not known: give the uid, or --passwd";
                report.failed(name, why);
                return Ok(());
            }
            wanted => wanted,
        };
        let (mut records, mut damaged) = (Vec::new(), false);
        for record in log.records() {
            match record {
                Ok(record) => records.push((record, self.reading.entry(&record))),
                Err(error) => {
                    report.damaged(name, error);
                    damaged = true;
                }
            }
        }
        match damaged && records.is_empty() {
            true => report.failed_quietly(),
            false => report.read(),
        }
        let rows = Rows::new(Rows::by_name(log), records, accounts);
        let now = self.now(rows.newest());
        printer.begin(name)?;
        for row in rows.in_order() {
            let age = now.saturating_sub(row.seconds());
            let days = |days: u32| i64::from(days) * 86_400;
            if wanted.as_ref().is_none_or(|wanted| wanted.takes(&row))
                && self.time.is_none_or(|least| age <= days(least))
                && self.before.is_none_or(|most| age > days(most))
            {
                printer.row(&row, name)?;
            }
        }
        Ok(())
    }

    fn now(&self, newest: i64) -> i64 {
        let zone = self.tz.clone().unwrap_or_else(Zone::system);
        let given = self.as_of.as_ref();
        given.map_or(newest, |time| span::seconds(time, &zone, || newest))
    }
}
