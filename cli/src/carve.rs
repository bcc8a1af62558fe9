//! `loginrec carve`: records out of raw bytes.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueHint};
use loginrec::carve::{Runs, Scanner};
use loginrec::layout::Role;
use loginrec::platform::{LAYOUTS, by_name};
use loginrec::{Framing, Layout};

use crate::args::{DumpFormat, EXIT_STATUS};
use crate::carve_out::{Files, Rows};
use crate::carve_scan::{Told, scan};
use crate::carve_source::Source;
use crate::filename::FileName;
use crate::report::{Report, reason};
use crate::sheet::Safety;
use crate::workers::threads;
use crate::{layout_name, sha256};

/// Find records in raw bytes: a disk image, a memory dump, unallocated space, a damaged file
///
/// Every byte of an image may begin a record, of any platform and in either byte order; what
/// is found does not depend on names, file systems or alignment.
#[derive(Debug, Args)]
#[command(after_help = format!("\
A hit is a record whose evidence reaches --min-confidence, counted in bits: each makes it twice
as likely to be one. Records that follow each other are a run and confirm each other. Text is
  OFFSET RUN CONFIDENCE LAYOUT and the row of `loginrec dump`;
jsonl and csv have the keys of dump (index counts within the run) and `run`, `confidence` and,
where another layout explains the bytes about as well, `alternative`. Slots of a lastlog do not
say whose they are: their uid counts from the first of the run. The values of a lastlogx
database have no place of their own and are not found.

--extract writes each run to DIR/IMAGE-OFFSET-LAYOUT, a file that `loginrec dump` reads.

Compressed images (gzip, bzip2, xz, zstd, lz4, by content) are unpacked on the way, and offsets
are those of their content. Holes of sparse files are passed over.

Examples:
  loginrec carve /dev/sdb1
  loginrec carve --layout linux --format jsonl disk.img > records.jsonl
  loginrec carve --extract runs/ memory.lime
  zcat image.gz | loginrec carve --min-confidence 30 -

{EXIT_STATUS}"))]
pub(crate) struct CarveArgs {
    /// Look for this layout, or for a group: linux, netbsd, freebsd and so on (how names of
    /// layouts begin), typed (all that store a type). May be repeated. Default: all
    #[arg(long, value_name = "NAME", value_parser = Choice::parse)]
    layout: Vec<Choice>,

    /// Look for slots of lastlogs too, of the groups that were chosen
    #[arg(long)]
    lastlog: bool,

    /// Leave out hits of less evidence than so many bits
    #[arg(long, value_name = "BITS", default_value_t = Runs::THRESHOLD,
        allow_negative_numbers = true)]
    min_confidence: i32,

    /// What to print
    #[arg(long, value_enum, default_value_t = DumpFormat::Text)]
    format: DumpFormat,

    #[command(flatten)]
    safety: Safety,

    /// With --format jsonl: add each record's bytes in hex as `raw`
    #[arg(long)]
    pub(crate) raw: bool,

    /// Write each run to a file in this folder, which is made if there is none
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    extract: Option<PathBuf>,

    /// Replace files in the folder named by --extract
    #[arg(long, requires = "extract")]
    force: bool,

    /// How many threads to use; the output is the same. Default: one for each processor, up
    /// to 8
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    threads: Option<u8>,

    /// Print the SHA-256 of each file as it is stored to standard error, as sha256sum does;
    /// names are escaped, pipes are not hashed. Costs a reading of its own, holes included
    #[arg(long)]
    hash: bool,

    /// Images: files, block devices; `-` is standard input
    #[arg(value_name = "IMAGE", required = true, value_hint = ValueHint::FilePath)]
    pub(crate) images: Vec<PathBuf>,
}

impl CarveArgs {
    /// The rule clap has no words for.
    pub(crate) fn is_raw_without_jsonl(&self) -> bool {
        self.raw && self.format != DumpFormat::Jsonl
    }
}

/// What `--layout` names.
#[derive(Clone, Debug)]
enum Choice {
    One(&'static Layout),
    Group(String),
    Typed,
}

impl Choice {
    fn parse(text: &str) -> Result<Choice, String> {
        if text == "typed" {
            return Ok(Choice::Typed);
        }
        if let Some(layout) = by_name(text) {
            return match layout.framing {
                Framing::Database => Err("values of a database are not carved".to_owned()),
                _ => Ok(Choice::One(layout)),
            };
        }
        let group = Choice::Group(text.to_owned());
        match LAYOUTS.iter().any(|layout| group.has(layout, true)) {
            true => Ok(group),
            false => Err(layout_name::unknown(text)),
        }
    }

    fn has(&self, layout: &Layout, lastlog: bool) -> bool {
        let wanted = lastlog || !layout.is_lastlog();
        match self {
            Choice::One(one) => *one == layout,
            Choice::Group(group) => {
                let rest = layout.name.strip_prefix(group.as_str());
                wanted && rest.is_some_and(|rest| rest.starts_with('-'))
            }
            Choice::Typed => layout.field(Role::Type).is_some() || (lastlog && layout.is_lastlog()),
        }
    }
}

pub(crate) fn run(args: &CarveArgs, report: &mut Report) -> io::Result<()> {
    let chosen = |layout: &&'static Layout| match args.layout.is_empty() {
        true => args.lastlog || !layout.is_lastlog(),
        false => args.layout.iter().any(|choice| choice.has(layout, args.lastlog)),
    };
    let scanner = Scanner::new(LAYOUTS.iter().filter(chosen));
    let threads = threads(args.threads);
    if let Some(folder) = &args.extract
        && let Err(error) = fs::create_dir_all(folder)
    {
        report.failed(&FileName::new(folder), reason(&error));
        return Ok(());
    }
    let mut rows = Rows::new(args.format, args.raw, args.safety)?;
    for (number, image) in args.images.iter().enumerate() {
        let name = FileName::new(image);
        if args.hash {
            sha256::tell(&name, report);
        }
        let source = match name.path() {
            Some(path) => Source::open(path),
            None => Source::stream(io::stdin()),
        };
        let source = match source {
            Ok(source) => source,
            Err(error) => {
                report.failed(&name, reason(&error));
                continue;
            }
        };
        if args.images.len() > 1 {
            rows.heading(&name, number == 0)?;
        }
        let mut files = args.extract.as_deref().map(|folder| Files::new(folder, args.force));
        let mut progress = Progress::new(source.len());
        scan(&scanner, args.min_confidence, threads, source, &mut |told| {
            match told {
                Told::Hit(hit) => {
                    progress.hits += 1;
                    if let Some(files) = &mut files {
                        files.hit(&name, &hit, report);
                    }
                    return rows.hit(&name, &hit);
                }
                Told::Done(bytes) => progress.show(bytes),
                Told::Unreadable(offset, error) => {
                    report.damaged(&name, format_args!("byte {offset}: {}", reason(&error)));
                }
            }
            Ok(())
        })?;
        if let Some(files) = &mut files {
            files.end(report);
        }
        progress.end();
        report.read();
    }
    rows.flush()
}

/// How far it is, for whoever waits at a terminal.
struct Progress {
    total: Option<u64>,
    began: Instant,
    shown: Option<Instant>,
    hits: u64,
    /// Whether anybody looks, and at nothing else.
    visible: bool,
}

impl Progress {
    const EVERY: Duration = Duration::from_millis(500);

    fn new(total: Option<u64>) -> Progress {
        let visible = io::stderr().is_terminal() && !io::stdout().is_terminal();
        Progress { total, began: Instant::now(), shown: None, hits: 0, visible }
    }

    fn show(&mut self, bytes: u64) {
        let since = self.shown.unwrap_or(self.began).elapsed();
        if !self.visible || since < Progress::EVERY {
            return;
        }
        self.shown = Some(Instant::now());
        let mib = |bytes: u64| bytes >> 20;
        let millis = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        let rate = mib(bytes.saturating_mul(1000) / millis);
        let of = self.total.map(|total| format!(" of {}", mib(total))).unwrap_or_default();
        let hits = self.hits;
        let _ =
            write!(io::stderr(), "\r{}{of} MiB, {rate} MiB/s, {hits} records\x1b[K", mib(bytes));
    }

    fn end(&self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
