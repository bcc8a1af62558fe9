//! `loginrec undump`: turns text or JSON lines back into a file of records.

pub(crate) mod fwtmp;
pub(crate) mod jsonl;
mod line;
#[cfg(feature = "parquet")]
mod parquet;
pub(crate) mod place;
pub(crate) mod text;

use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;

use clap::{Args, ValueHint};
use loginrec::Layout;
use loginrec::formats::by_name;
use loginrec_sources::Compression;

use crate::args::format::OutputFormat;
use crate::args::layout::LayoutName;
use crate::args::output::ManifestOptions;
use crate::commands::undump::jsonl::Lines;
use crate::commands::undump::place::{Failure, FilePart, put};
use crate::commands::undump::text::Rows;
use crate::diagnostics::{Diagnostics, Stop, reason};
use crate::file_name::FileName;
use crate::input::stored::{self, Stored};
use crate::output::writer::{Output, Target};
use crate::run::{NamedFiles, Run};

/// The layout that utmpdump writes on nearly every machine.
const TEXT_LAYOUT: &str = "linux-glibc-384-le";

/// Turn the text, jsonl or parquet output of `dump` back into a file
///
/// Text may also come from utmpdump of any version, or from fwtmp of System V, Solaris or AIX. Text
/// and jsonl may be compressed (gzip, bzip2, xz, zstd, lz4).
#[derive(Debug, Args)]
#[command(after_help = format!("\
jsonl: a line with `raw` is written byte for byte at its `offset`, whatever its other keys
say; gaps become zeros. Without `raw` the record is built from its fields: `user_hex` takes precedence over `user`,
`user_residue` is restored after the NUL, and likewise for line, host and id; records follow one
another, lastlog records are placed by their `uid`. To write changed fields, delete `raw`.
Naming a layout other than that of the lines converts the records.
Seconds from 2038 to 2106 are stored in 32 bits as --unsigned-time reads them.

Text of fwtmp is recognized by its columns; its date is not read, the seconds are. Default layouts
are svr4-utmpx-372-be, svr4-utmp-36-be and aix-utmp-648-be.

Text: trailing blanks of a field are padding and are dropped, also in ids. (utmpdump -r keeps
them there, cuts a user at a blank, and loses IPv6 addresses such as ::1.2.3.4.) Old times such
as `Wed Aug 28 03:00:00 2013 GMT` are read as UTC. Exit status, session and whatever became `?`
are not in the text and are lost.

A value that does not fit the layout is an error; nothing is truncated. An error ends the
writing: a file named by --output does not appear, standard output keeps what was written
before. A lastlogx is a database: it is restored from the output of dump --raw, which has its
content, and not from records. Parquet is recognized by its first bytes, and restored from `raw`.

Examples:
  loginrec dump --format jsonl --raw wtmp | loginrec undump -o copy
  loginrec dump --format jsonl wtmp | jq -c 'select(.user != \"eve\")' | loginrec undump > less
  loginrec dump --format parquet --raw -o w.parquet wtmp && loginrec undump -o copy w.parquet
  utmpdump wtmp | loginrec undump --layout linux-glibc-400-le -o wtmp.aarch64
  loginrec undump -o wtmpx fwtmp.txt

Exit status:
  0  everything was written
  2  wrong usage
  3  the input could not be read or understood, or the result could not be written"))]
pub(crate) struct UndumpArgs {
    /// Format of the input. Default: jsonl if its first character is `{`, else text
    #[arg(long, value_parser = OutputFormat::one_of(OutputFormat::RESTORABLE),
        value_name = "FORMAT")]
    pub(crate) from: Option<OutputFormat>,

    /// The layout to write; `loginrec layouts` lists the names. Default: for text
    /// linux-glibc-384-le, for jsonl the layout its lines name
    #[arg(long, value_name = "NAME", value_parser = LayoutName, hide_possible_values = true)]
    pub(crate) layout: Option<&'static Layout>,

    /// Write to this file, which appears only when it is complete. Default: standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,

    /// Replace the file named by --output if it exists
    #[arg(long, requires = "output")]
    pub(crate) force: bool,

    #[command(flatten)]
    manifest: ManifestOptions,

    /// File to read; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
}

impl Run for UndumpArgs {
    fn files(&self) -> NamedFiles<'_> {
        let named = std::slice::from_ref(&self.file);
        let files = NamedFiles { named, written: self.output.as_deref(), ..NamedFiles::default() };
        files.listed(&self.manifest)
    }

    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        Ok(run(self, out, report)?)
    }
}

fn run(args: &UndumpArgs, out: Output, report: &mut Diagnostics) -> io::Result<()> {
    let name = FileName::new(&args.file);
    let input = match stored::open(&name, report).and_then(Source::of) {
        Ok(input) => input,
        Err(error) => return failed(report, &name, reason(&error)),
    };
    let target = match &args.output {
        Some(path) => match Target::file(path, args.force) {
            Ok(target) => target,
            Err(error) => return failed(report, &FileName::new(path), reason(&error)),
        },
        None => Target::stdout(out)?,
    };
    let written = match input {
        Source::Lines(lines) => write(args, lines, target),
        #[cfg(feature = "parquet")]
        Source::Columns(columns) => parquet::write(args.layout, columns, target),
    };
    match written {
        Ok(()) => report.read(),
        Err(Failure::Input(why)) => report.failed(&name, why),
        Err(Failure::Output(error)) => match &args.output {
            Some(path) => report.failed(&FileName::new(path), reason(&error)),
            None => return Err(error),
        },
    }
    Ok(())
}

fn failed(report: &mut Diagnostics, name: &FileName<'_>, why: String) -> io::Result<()> {
    report.failed(name, why);
    Ok(())
}

/// What is read.
enum Source {
    Lines(Box<dyn BufRead>),
    #[cfg(feature = "parquet")]
    Columns(parquet::Content),
}

impl Source {
    /// Tells a Parquet file by its first bytes. It must be read from its end.
    fn of(stored: Stored) -> io::Result<Source> {
        #[cfg(feature = "parquet")]
        let stored = match stored {
            Stored::File(mut file) => match parquet::is_one(&mut file)? {
                true => return Ok(Source::Columns(parquet::Content::File(file))),
                false => Stored::File(file),
            },
            other => other,
        };
        let input: Box<dyn Read> = match stored {
            Stored::File(file) => Box::new(file),
            Stored::Held(held) => Box::new(held),
            Stored::Once(reader) => reader,
        };
        let mut lines = BufReader::new(input);
        #[cfg(feature = "parquet")]
        if lines.fill_buf()?.starts_with(parquet::MAGIC) {
            return Ok(Source::Columns(parquet::Content::read(lines)?));
        }
        // Lines are read one by one, so what they unpack to needs no limit.
        Ok(Source::Lines(match Compression::detect(lines.fill_buf()?) {
            Some(compression) => Box::new(BufReader::new(compression.decompress(lines, u64::MAX))),
            None => Box::new(lines),
        }))
    }
}

/// The bytes after the last record of a file are one line, too, which may be long.
const LONGEST_LINE: u64 = 256 << 20;

fn write(args: &UndumpArgs, mut input: impl BufRead, mut target: Target) -> Result<(), Failure> {
    let mut parser = None;
    let mut line = Vec::new();
    let mut number = 0u64;
    loop {
        line.clear();
        let read = (&mut input).take(LONGEST_LINE).read_until(b'\n', &mut line);
        number += 1;
        match read.map_err(|error| Failure::Input(reason(&error)))? {
            0 => return target.finish().map_err(Failure::Output),
            read if read as u64 == LONGEST_LINE => {
                let why = format!("line {number}: longer than any line that dump prints");
                return Err(Failure::Input(why));
            }
            _ => {}
        }
        // Some shells write a byte order mark before redirected text.
        let text = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| number == 1).unwrap_or(&line);
        // Columns of fwtmp begin at the start of a line.
        let columns = text.trim_ascii_end();
        let text = columns.trim_ascii_start();
        let Some(first) = text.first() else { continue };
        let at_line = |why| Failure::Input(format!("line {number}: {why}"));
        let parser = match &mut parser {
            Some(parser) => parser,
            none => none.insert(Parser::new(args, *first, columns).map_err(Failure::Input)?),
        };
        if let Some(part) = parser.part(text, columns).map_err(at_line)? {
            put(&mut target, &part, "line", number)?;
        }
    }
}

enum Parser {
    Text(Rows),
    Fwtmp(fwtmp::Lines),
    Jsonl(Box<Lines>),
}

impl Parser {
    /// Chooses by the first line, of which `first` is the first byte that is not blank.
    fn new(args: &UndumpArgs, first: u8, columns: &[u8]) -> Result<Parser, String> {
        if args.from.is_none()
            && let Some(lines) = fwtmp::Lines::of(columns, args.layout)
        {
            return lines.map(Parser::Fwtmp);
        }
        let told = if first == b'{' { OutputFormat::Jsonl } else { OutputFormat::Text };
        match args.from.unwrap_or(told) {
            OutputFormat::Jsonl => Lines::new(args.layout).map(Box::new).map(Parser::Jsonl),
            _ => {
                let layout = args.layout.or_else(|| by_name(TEXT_LAYOUT));
                Rows::new(layout.ok_or("no layout")?).map(Parser::Text)
            }
        }
    }

    fn part(&mut self, line: &[u8], columns: &[u8]) -> Result<Option<FilePart>, String> {
        match self {
            Parser::Text(rows) => rows.part(line),
            Parser::Fwtmp(lines) => lines.part(columns),
            Parser::Jsonl(lines) => lines.part(line),
        }
    }
}
