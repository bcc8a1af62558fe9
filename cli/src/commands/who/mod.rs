//! `loginrec who`: a file's records in the columns of who(1).

pub(crate) mod applet;
mod line;

use std::io::{self, Write as _};

use clap::Args;
use loginrec::FileKind;
use loginrec::{Record, Text};

use crate::args::output::OutputOptions;
use crate::args::reading::Reading;
use crate::args::zone::Zone;
use crate::commands::who::line::{Columns, Line, What};
use crate::diagnostics::{Diagnostics, EXIT_STATUS, Stop};
use crate::input::file::Input;
use crate::input::inputs::Inputs;
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};

/// Show who is logged in according to a file, as who(1) does
///
/// This machine is not consulted: all logins of the file are shown, as who does for a named
/// file. Times are in the time zone of this machine unless --tz names another.
#[derive(Debug, Args)]
#[command(after_help = format!("\
The file does not store whether a terminal accepts messages or how long it has been idle: both
are shown as `?`, as who does for a terminal that it cannot find.

Examples:
  loginrec who utmp
  loginrec who -aH /mnt/image/var/run/utmp
  loginrec who -b wtmp
  loginrec who --tz UTC utx.active
  loginrec who /mnt/image/run/systemd/sessions/*

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

    /// Addresses instead of host names, if the file has them
    #[arg(long)]
    ips: bool,

    /// Login prompts
    #[arg(short, long)]
    login: bool,

    /// Processes started by init
    #[arg(short, long)]
    process: bool,

    /// Only the names and the number of the users
    #[arg(short = 'q', long)]
    count: bool,

    /// Run levels
    #[arg(short, long)]
    runlevel: bool,

    /// Only name, line and time (default)
    #[arg(short, long)]
    short: bool,

    /// Clock changes
    #[arg(short, long)]
    time: bool,

    /// Whether users accept messages (always `?`)
    #[arg(short = 'T', short_alias = 'w', long, visible_aliases = ["message", "writable"])]
    mesg: bool,

    /// Users, with idle time (always `?`) and process id
    #[arg(short, long)]
    users: bool,

    /// The time zone: UTC, an offset such as +02:00, or a name such as Europe/Berlin. Default:
    /// TZ, else /etc/localtime
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    tz: Option<Zone>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

impl Run for WhoArgs {
    fn reading(&mut self) -> Option<(&mut Reading, &'static [FileKind])> {
        Some((&mut self.reading, &[FileKind::Utmp]))
    }

    fn files(&self) -> NamedFiles<'_> {
        NamedFiles::of(&self.reading).written_to(&self.output)
    }

    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        Ok(run(self, out, report)?)
    }
}

fn run(args: &WhoArgs, out: Output, report: &mut Diagnostics) -> io::Result<()> {
    let sources = &args.reading.sources;
    let mut inputs = Inputs::of(&args.reading.options).among(sources);
    let mut who = Who {
        args,
        columns: Columns::of(args),
        zone: args.tz.clone().unwrap_or_else(Zone::system),
        out,
        users: 0,
    };
    if args.heading && !args.count {
        writeln!(who.out, "{}", Line::heading().text(who.columns))?;
    }
    let mut machine = None;
    for file in sources.files() {
        let name = file.name();
        if sources.has_several()
            && machine.replace(name.machine_number()) != Some(name.machine_number())
        {
            who.machine(name.machine_name())?;
        }
        match inputs.open(&name, report) {
            Ok(input) if refused(&input).is_some() => {
                report.failed(&name, refused(&input).unwrap_or_default());
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

/// Returns why a file does not list who is logged in.
fn refused(input: &Input) -> Option<&'static str> {
    match input.layout()? {
        layout if layout.is_failures() => Some("counts failed logins; use `loginrec failures`"),
        layout if layout.is_lastlog() => Some("contains last logins; use `loginrec lastlog`"),
        _ => None,
    }
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
        let entry = record.entry();
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

    /// Begins the records of another machine.
    fn machine(&mut self, name: &str) -> io::Result<()> {
        match self.args.count {
            true => Ok(()),
            false => writeln!(self.out, "==> {name} <=="),
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

    /// Adds a name to the line of names.
    fn name(&mut self, user: Text<'_>) -> io::Result<()> {
        let gap = if self.users > 0 { " " } else { "" };
        self.users += 1;
        write!(self.out, "{gap}{user}")
    }

    fn count(&mut self) -> io::Result<()> {
        writeln!(self.out, "\n# users={}", self.users)
    }
}
