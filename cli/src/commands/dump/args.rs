//! The arguments of `loginrec dump`.

use clap::Args;

use crate::args::filter::{EventArgs, WhenArgs, WhoArgs};
use crate::args::follow::FollowOptions;
use crate::args::format::{FormulaGuard, OutputFormat};
use crate::args::output::OutputOptions;
use crate::args::reading::Reading;
use crate::args::zone::Zone;
use crate::diagnostics::EXIT_STATUS;
use crate::output::filter::Selection;

/// Print every record of login-record files, in file order
///
/// Damage does not end the reading: all intact records are printed, and each damaged spot is
/// reported on standard error with its byte offset.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Text has one line per record, in the format of utmpdump, for every platform:
  [type] [pid] [id] [user] [line] [host] [address] [time]
The type is Linux's number for what the record means: 0 empty or without a Linux number,
1 run level or shutdown, 2 boot, 3 new time, 4 old time, 5 init, 6 login prompt, 7 login,
8 logout, 9 accounting; for Linux files it is the stored number. Bytes that are not
printable ASCII, and brackets, are shown as `?`. lastlog rows are
  [uid] [line] [host] [address] [time]
Text omits what has no column; jsonl has every field, and with --raw every bit. parquet and arrow
have typed columns for DuckDB, polars, pandas, Spark; what could not be read is a row with `error`.
fwtmp is the text of that program on System V, Solaris and AIX, for their files only; it cuts names
that are too long for its columns, and dates are in UTC. `loginrec undump` reads it.

Offsets in a compressed file refer to its unpacked content. --merge needs at most 100 bytes of memory
per record. Holes of 1 MiB and more of a sparse file are named on standard error and not printed
record by record; --raw keeps them for undump.

Examples:
  loginrec dump wtmp
  loginrec dump --format jsonl wtmp | jq -r .user
  loginrec dump --format csv wtmp btmp > records.csv
  loginrec dump --format parquet -o records.parquet --root /mnt/image
  loginrec dump --event boot --since 2024-03 wtmp
  loginrec dump --merge wtmp.2.gz wtmp.1 wtmp
  loginrec dump --root /mnt/image
  loginrec dump --follow --format jsonl /var/log/btmp
  loginrec dump --cursor wtmp.cursor --format jsonl /var/log/wtmp
  loginrec dump --deleted --format jsonl wtmp.db | jq -c 'select(.state != \"live\")'
  loginrec dump --layout svr4-utmpx-372-be wtmpx
  loginrec dump --format fwtmp wtmpx > wtmpx.txt

{EXIT_STATUS}"))]
pub(crate) struct DumpArgs {
    /// Output format
    #[arg(long, value_parser = OutputFormat::one_of(OutputFormat::DUMPED), default_value = "text")]
    pub(crate) format: OutputFormat,

    #[command(flatten)]
    pub(crate) guard: FormulaGuard,

    #[command(flatten)]
    pub(crate) who: WhoArgs,

    #[command(flatten)]
    pub(crate) when: WhenArgs,

    #[command(flatten)]
    pub(crate) events: EventArgs,

    /// The time zone of times without one, and of --hours and --weekdays: UTC, an offset such as
    /// +02:00, or a name such as Europe/Berlin. Default: UTC
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    pub(crate) tz: Option<Zone>,

    /// Add each record's bytes as `raw` (in hex in jsonl), and after each file a row
    /// with the bytes after its last whole record, so that `loginrec undump` restores the file
    /// bit for bit; needs --format jsonl, parquet or arrow. --merge and --follow omit that row
    #[arg(long)]
    pub(crate) raw: bool,

    /// Also print the rows that a database (wtmp.db, lastlog2.db) no longer has, after those that it
    /// has: older versions, deleted rows, rows of transactions that were not finished or are
    /// undone. They are read from free blocks and pages, from its log and its journal. `state`
    /// says what became of a row, `found_as` how much of it was found, `lost` which columns are
    /// overwritten. Text lines begin with `STATE: `
    #[arg(long, conflicts_with_all = ["merge", "follow", "cursor"])]
    pub(crate) deleted: bool,

    /// Sort the records of all files by time. Records with equal times keep the order of the
    /// files, then of the records. Text lines begin with `FILE: `. Records without a time are
    /// sorted as 1970
    #[arg(long, conflicts_with_all = ["follow", "cursor"])]
    pub(crate) merge: bool,

    #[command(flatten)]
    pub(crate) follow: FollowOptions,

    /// Number of threads; the output is identical. Default: one per processor, up to 8, for
    /// files of 16 MiB or more. A utx.log, a lastlog, --merge and --follow use one
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    pub(crate) threads: Option<u8>,

    #[command(flatten)]
    pub(crate) output: OutputOptions,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

impl DumpArgs {
    pub(crate) fn selection(&self) -> Selection<'_> {
        let DumpArgs { who, when, events, .. } = self;
        let (who, when, events) = (Some(who), Some(when), Some(events));
        Selection { who, when, events, ..Selection::default() }
    }
}
