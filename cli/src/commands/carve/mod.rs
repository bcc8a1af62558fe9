//! `loginrec carve`: finds records in raw bytes.

mod image;
mod print;
mod scan;
mod versions;

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueHint};
use loginrec::carve::{RunResolver, Scanner};
use loginrec::formats::{all, by_name};
use loginrec::layout::Role;
use loginrec::{Container, Layout};

use crate::args::format::{FormulaGuard, OutputFormat};
use crate::args::layout;
use crate::args::output::{ManifestOptions, OutputOptions};
use crate::args::reading::has_stdin_twice;
use crate::commands::carve::image::Image;
use crate::commands::carve::print::{Files, Rows};
use crate::commands::carve::scan::{ScanEvent, scan};
use crate::commands::carve::versions::Versions;
use crate::diagnostics::{Diagnostics, EXIT_STATUS, Stop, reason};
use crate::file_name::FileName;
use crate::input::parallel::threads;
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};

/// Find records in raw bytes: a disk image, a memory dump, unallocated space, a damaged file
///
/// A record of any platform, in either byte order, may begin at any byte of an image; results
/// do not depend on names, file systems or alignment.
#[derive(Debug, Args)]
#[command(after_help = format!("\
A hit is a record whose evidence reaches --min-confidence, in bits; each bit doubles the odds.
Adjacent records form a run and confirm each other. Text is
  OFFSET RUN CONFIDENCE LAYOUT and the row of `loginrec dump`;
jsonl and csv have the keys of dump (index counts within the run) and `run`, `confidence` and,
if another layout explains the bytes about as well, `alternative`. Slots of a lastlog do not
store the user: the uid counts from the first slot of the run. Values of a lastlogx database are
not found.

Rows of wtmp.db and lastlog2.db are found in pages, journals and logs, each version once: `copies`
says in how many places, `offset` is the first. They come after the records. `state` is live if a
page of a database has the row; superseded if such a page has a later version; deleted if not;
unknown if no page of such a database was found. Text has state and found_as before the row.

--extract writes each run of records to DIR/IMAGE-OFFSET-LAYOUT, a file that `loginrec dump` reads;
rows of databases are printed only.

Compressed images (gzip, bzip2, xz, zstd, lz4, detected by content) are unpacked while they are
read; offsets refer to their content. Holes of sparse files are skipped. Of an E01 or a qcow2 the
disk in it is carved. Other images, such as VMDK, may store the disk compressed, where records are
not found: convert them to raw images first.

Examples:
  loginrec carve /dev/sdb1
  loginrec carve --layout linux --format jsonl disk.img > records.jsonl
  loginrec carve --extract runs/ memory.lime
  zcat image.gz | loginrec carve --min-confidence 30 -

{EXIT_STATUS}"))]
pub(crate) struct CarveArgs {
    /// Look for this layout, or for a group: linux, netbsd, freebsd and so on (the beginning of
    /// layout names), or typed (all that store a type). May be repeated. Default: all
    #[arg(long, value_name = "NAME", value_parser = LayoutChoice::parse)]
    layout: Vec<LayoutChoice>,

    /// Also look for lastlog slots of the chosen groups
    #[arg(long)]
    lastlog: bool,

    /// Look only where no file lies: in the free space of ext2, ext3 and ext4 file systems, and
    /// outside of them
    #[arg(long)]
    unallocated: bool,

    /// Omit hits with less evidence than this many bits
    #[arg(long, value_name = "BITS", default_value_t = RunResolver::THRESHOLD,
        allow_negative_numbers = true)]
    min_confidence: i32,

    /// Output format
    #[arg(long, value_parser = OutputFormat::one_of(OutputFormat::ALL), default_value = "text")]
    format: OutputFormat,

    #[command(flatten)]
    guard: FormulaGuard,

    /// With --format jsonl: add each record's bytes in hex as `raw`
    #[arg(long)]
    pub(crate) raw: bool,

    /// Write each run to a file in this folder, which is created if it is missing
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    extract: Option<PathBuf>,

    /// Replace files in the folder named by --extract
    #[arg(long, requires = "extract")]
    force: bool,

    /// Number of threads; the output is identical. Default: one per processor, up to 8
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    threads: Option<u8>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    manifest: ManifestOptions,

    /// Images: files, block devices; `-` is standard input
    #[arg(value_name = "IMAGE", required = true, value_hint = ValueHint::FilePath)]
    pub(crate) images: Vec<PathBuf>,
}

/// The value of `--layout`.
#[derive(Clone, Debug)]
enum LayoutChoice {
    One(&'static Layout),
    Group(String),
    Typed,
}

impl LayoutChoice {
    fn parse(text: &str) -> Result<LayoutChoice, String> {
        if text == "typed" {
            return Ok(LayoutChoice::Typed);
        }
        if let Some(layout) = by_name(text) {
            return match layout.container {
                Container::Asl | Container::AslSlots => {
                    Err("messages are not carved: their texts lie elsewhere".to_owned())
                }
                Container::BerkeleyHash => Err("values of a database are not carved".to_owned()),
                Container::Session => Err("text is not carved".to_owned()),
                _ if layout.is_failures() => {
                    Err("counts of failed logins are not carved: they say too little alone"
                        .to_owned())
                }
                _ => Ok(LayoutChoice::One(layout)),
            };
        }
        let group = LayoutChoice::Group(text.to_owned());
        match all().any(|layout| group.has(layout, true)) {
            true => Ok(group),
            false => Err(layout::unknown(text)),
        }
    }

    fn has(&self, layout: &Layout, lastlog: bool) -> bool {
        let wanted = is_default(layout) || (lastlog && layout.is_lastlog());
        match self {
            LayoutChoice::One(one) => *one == layout,
            LayoutChoice::Group(group) => {
                let rest = layout.name.strip_prefix(group.as_str());
                wanted && rest.is_some_and(|rest| rest.starts_with('-'))
            }
            LayoutChoice::Typed => {
                layout.field(Role::Type).is_some() || (lastlog && layout.is_lastlog())
            }
        }
    }
}

/// Returns whether records of a layout are looked for unless others are asked for: slots of a
/// lastlog say little alone, rows of a database much.
fn is_default(layout: &Layout) -> bool {
    layout.is_log() || layout.container == Container::Sqlite
}

impl Run for CarveArgs {
    fn check(&self) -> Result<(), &'static str> {
        if self.raw && !self.format.has_raw() {
            return Err("--raw needs --format jsonl, parquet or arrow");
        }
        match has_stdin_twice(&self.images) {
            true => Err("standard input `-` can be read only once"),
            false => Ok(()),
        }
    }

    fn files(&self) -> NamedFiles<'_> {
        let files = NamedFiles { named: &self.images, ..NamedFiles::default() };
        files.listed(&self.manifest).written_to(&self.output).in_format(self.format)
    }

    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        Ok(run(self, out, report)?)
    }
}

fn run(args: &CarveArgs, out: Output, report: &mut Diagnostics) -> io::Result<()> {
    let chosen = |layout: &&'static Layout| match args.layout.is_empty() {
        true => is_default(layout) || (args.lastlog && layout.is_lastlog()),
        false => args.layout.iter().any(|choice| choice.has(layout, args.lastlog)),
    };
    let scanner = Scanner::new(all().filter(chosen));
    let threads = threads(args.threads);
    if let Some(folder) = &args.extract
        && let Err(error) = fs::create_dir_all(folder)
    {
        report.failed(&FileName::new(folder), reason(&error));
        return Ok(());
    }
    let mut rows = Rows::new(args.format, args.raw, args.guard, out);
    let mut closing = Vec::new();
    for (number, image) in args.images.iter().enumerate() {
        let name = FileName::new(image);
        let opened = match args.unallocated {
            true => Image::unallocated(&name, report),
            false => Image::open(&name, report),
        };
        let source = match opened {
            Ok(source) => source,
            Err(error) => {
                report.failed(&name, reason(&error));
                continue;
            }
        };
        if args.images.len() > 1 {
            rows.heading(&name, number == 0)?;
        }
        let wrapper = source.wrapper();
        let mut files = args.extract.as_deref().map(|folder| Files::new(folder, args.force));
        let mut progress = Progress::new(source.len(), rows.is_on_terminal());
        let mut versions = Versions::default();
        scan(&scanner, args.min_confidence, threads, source, &mut |event| {
            match event {
                ScanEvent::Hit(hit) if hit.record.row_place().is_some() => {
                    versions.add(&hit);
                    if versions.is_full() {
                        report.warn(&name, "many rows of databases: some may be printed twice");
                        return versions.drain(&mut |row| rows.row(&name, &row));
                    }
                }
                ScanEvent::Hit(hit) => {
                    progress.hits += 1;
                    progress.runs = progress.runs.max(hit.run + 1);
                    if let Some(files) = &mut files {
                        files.hit(&name, &hit, report);
                    }
                    return rows.hit(&name, &hit);
                }
                ScanEvent::Done(bytes) => {
                    progress.looked_at = progress.looked_at.max(bytes);
                    progress.show(bytes);
                }
                ScanEvent::Unreadable(offset, error) => {
                    report.damaged(&name, format_args!("byte {offset}: {}", reason(&error)));
                }
            }
            Ok(())
        })?;
        if let Some(files) = &mut files {
            files.end(report);
        }
        versions.drain(&mut |row| rows.row(&name, &row))?;
        progress.end();
        let summary = format!("{}{}", progress.summary(), versions.summary());
        match wrapper {
            Some(wrapper) if progress.hits + versions.printed == 0 => {
                report.failed(&name, format_args!("no records found, but it is {wrapper}"));
            }
            Some(wrapper) => {
                report.damaged(&name, format_args!("there may be more records: it is {wrapper}"));
                report.read();
            }
            None => report.read(),
        }
        closing.push((name, summary));
    }
    // The rows come before their number.
    rows.finish(report)?;
    closing.iter().for_each(|(name, summary)| report.warn(name, summary));
    Ok(())
}

/// The progress, for a user at a terminal.
struct Progress {
    total: Option<u64>,
    began: Instant,
    shown: Option<Instant>,
    hits: u64,
    runs: u64,
    looked_at: u64,
    /// Whether standard error is a terminal and shows nothing else.
    visible: bool,
}

impl Progress {
    const EVERY: Duration = Duration::from_millis(500);

    fn new(total: Option<u64>, has_rows: bool) -> Progress {
        let visible = io::stderr().is_terminal() && !has_rows;
        let began = Instant::now();
        Progress { total, began, shown: None, hits: 0, runs: 0, looked_at: 0, visible }
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
        let left = self.total.map(|total| total.saturating_sub(bytes).saturating_mul(millis));
        let left = left.map(|left| left / bytes.max(1) / 1000).map(eta).unwrap_or_default();
        let done = mib(bytes);
        let _ = write!(io::stderr(), "\r{done}{of} MiB, {rate} MiB/s{left}, {hits} records\x1b[K");
    }

    /// Returns how much was looked at, and what was found.
    fn summary(&self) -> String {
        let Progress { hits, runs, looked_at, .. } = self;
        let many = |count: &u64, one: &str| match count {
            1 => format!("1 {one}"),
            count => format!("{count} {one}s"),
        };
        format!(
            "looked at {}: {} in {}",
            many(looked_at, "byte"),
            many(hits, "record"),
            many(runs, "run"),
        )
    }

    fn end(&self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// Returns the time that is left, for the line of the progress.
fn eta(seconds: u64) -> String {
    format!(", {}:{:02} left", seconds / 60, seconds % 60)
}
