//! `loginrec who`: a file's records in the columns of who(1).

use std::io::{self, Write as _};

use clap::Args;
use loginrec::{Framing, Record, Text};

use crate::args::{EXIT_STATUS, Reading};
use crate::filename::FileName;
use crate::input::{Input, Inputs};
use crate::output::{Output, stdout};
use crate::report::Report;
use crate::who_line::{Columns, Line, What};
use crate::zone::Zone;

/// Show who is logged in according to a file, as who(1) does
///
/// Nothing is asked of this machine: all logins of the file are shown, as who does for a file
/// that is named. Times are in the time zone of this machine unless --tz names another.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Whether a terminal takes messages, and for how long it has been idle, is not in the file: both
are shown as `?`, as who does for a terminal it cannot find.

Examples:
  loginrec who utmp
  loginrec who -aH /mnt/image/var/run/utmp
  loginrec who -b wtmp
  loginrec who --tz UTC utx.active

{EXIT_STATUS}"))]
pub(crate) struct WhoArgs {
    /// Same as -b -d -l -p -r -t -T -u
    #[arg(short, long)]
    all: bool,

    /// Boots
    #[arg(short, long)]
    boot: bool,

    /// Processes that have ended
    #[arg(short, long)]
    dead: bool,

    /// A line of headings
    #[arg(short = 'H', long)]
    heading: bool,

    /// Addresses instead of host names, where the file has them
    #[arg(long)]
    ips: bool,

    /// Login prompts
    #[arg(short, long)]
    login: bool,

    /// Processes started by init
    #[arg(short, long)]
    process: bool,

    /// Only the names of the users, and how many there are
    #[arg(short = 'q', long)]
    count: bool,

    /// Run levels
    #[arg(short, long)]
    runlevel: bool,

    /// Only name, line and time (default)
    #[arg(short, long)]
    short: bool,

    /// Changes of the clock
    #[arg(short, long)]
    time: bool,

    /// Whether users take messages: always `?`
    #[arg(short = 'T', short_alias = 'w', long, visible_aliases = ["message", "writable"])]
    mesg: bool,

    /// Users, with idle time (always `?`) and process id
    #[arg(short, long)]
    users: bool,

    /// The time zone: UTC, an offset as +02:00, or a name as Europe/Berlin. Default: TZ, else
    /// /etc/localtime
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    tz: Option<Zone>,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

pub(crate) fn run(args: &WhoArgs, report: &mut Report) -> io::Result<()> {
    let mut inputs = Inputs::of(&args.reading);
    let mut who = Who {
        args,
        columns: Columns::of(args),
        zone: args.tz.clone().unwrap_or_else(Zone::system),
        out: stdout(),
        users: 0,
    };
    if args.heading && !args.count {
        writeln!(who.out, "{}", Line::heading().text(who.columns))?;
    }
    for path in &args.reading.files {
        let name = FileName::new(path);
        match inputs.open(&name, report) {
            Ok(input) if is_lastlog(&input) => {
                report.failed(&name, "is a lastlog: see `loginrec lastlog`");
            }
            Ok(mut input) => input.records(&name, report, |record| who.record(record))?,
            Err(why) => report.failed(&name, why),
        }
    }
    if args.count {
        who.count()?;
    }
    who.out.flush()
}

fn is_lastlog(input: &Input) -> bool {
    matches!(input.framing(), Some(Framing::Indexed | Framing::Database))
}

impl Columns {
    fn of(args: &WhoArgs) -> Columns {
        let exit = args.all || args.dead;
        let idle = exit || args.login || args.runlevel || args.users;
        let chosen = idle || args.boot || args.process || args.time;
        let short = (args.short || !chosen) && !exit;
        Columns { mesg: args.all || args.mesg, idle: idle && !short, pid: !short, exit }
    }
}

struct Who<'a> {
    args: &'a WhoArgs,
    columns: Columns,
    zone: Zone,
    out: Output,
    /// Users counted so far.
    users: u64,
}

impl Who<'_> {
    fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        let entry = self.args.reading.entry(record);
        let Some(what) = What::of(&entry) else { return Ok(()) };
        match (self.args.count, what) {
            (true, What::User) => self.name(entry.ut_user),
            (false, what) if self.wanted(what) => {
                let line = Line::of(what, record, &entry, &self.zone, self.args.ips);
                writeln!(self.out, "{}", line.text(self.columns))
            }
            _ => Ok(()),
        }
    }

    fn wanted(&self, what: What) -> bool {
        let args = self.args;
        let chosen =
            args.boot || args.dead || args.login || args.process || args.runlevel || args.time;
        args.all
            || match what {
                What::User => args.users || !chosen,
                What::RunLevel => args.runlevel,
                What::Boot => args.boot,
                What::Clock => args.time,
                What::Init => args.process,
                What::Prompt => args.login,
                What::Dead => args.dead,
            }
    }

    /// One more name in the one line of them.
    fn name(&mut self, user: Text<'_>) -> io::Result<()> {
        let gap = if self.users > 0 { " " } else { "" };
        self.users += 1;
        write!(self.out, "{gap}{user}")
    }

    fn count(&mut self) -> io::Result<()> {
        writeln!(self.out, "\n# users={}", self.users)
    }
}
