//! The arguments of `report`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::args::output::OutputOptions;
use crate::args::reading::Reading;
use crate::diagnostics::EXIT_STATUS;

/// Write one page of HTML that shows sessions, failed logins, boots and findings
///
/// The page is one file without libraries and loads nothing; open it in a browser, print it, or
/// attach it. It has a strip of the whole range, a lane for each line, user, source or machine,
/// sources, hours of the week, the findings of `loginrec audit`, the sessions with the byte offsets
/// of their records, and the SHA-256 of every source.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Records are only ever shown as text, with control characters escaped; the page's
Content-Security-Policy allows its own script and nothing else. The same files and options make the
same bytes, so that the page can be hashed: it has no time of making, and names the options other
than --output. Times are UTC.

The newest 50,000 sessions are in it; more than 200,000 failed logins are counted by
minute and source, without users. The page says so.

Examples:
  loginrec report --root /mnt/image -o report.html
  loginrec report wtmp.1 wtmp btmp -o report.html

{EXIT_STATUS}"))]
pub(crate) struct ReportArgs {
    /// Read user names from this passwd or master.passwd; lastlogs store only numbers
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) passwd: Option<PathBuf>,

    #[command(flatten)]
    pub(super) output: OutputOptions,

    #[command(flatten)]
    pub(crate) reading: Reading,
}
