//! `loginrec undump`: text or JSON lines back to a file of records.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use loginrec::Layout;
use loginrec::platform::by_name;

use crate::filename::FileName;
use crate::layout_name::LayoutName;
use crate::output::Target;
use crate::parse_json::Lines;
use crate::parse_text::Rows;
use crate::pieces::Piece;
use crate::report::{Report, reason};

/// What utmpdump writes on nearly every machine.
const TEXT_LAYOUT: &str = "linux-glibc-384-le";

/// Turn what `dump` printed, as text or jsonl, back into a file
///
/// Text also may come from utmpdump, old or new.
#[derive(Debug, Args)]
#[command(after_help = format!("\
jsonl: a line with `raw` is written byte for byte at its `offset`, whatever its other keys
say; gaps become zeros. Without `raw` the record is made from its fields: `user_hex` is
preferred to `user`, `user_residue` is put back behind the NUL, and so for line, host and
id; records follow one another, those of a lastlog stand where their `uid` says. To write
changed fields, delete `raw`. Naming another layout than the lines have converts the records.
Seconds from 2038 to 2106 are stored in 32 bits as --unsigned-time reads them.

Text: blanks at the end of a field are padding and are dropped, from ids too. (utmpdump -r
keeps them there, cuts a user at a blank, and loses IPv6 addresses like ::1.2.3.4.) Old times as `Wed Aug 28 03:00:00 2013 GMT` are read as UTC. Exit status,
session and whatever became `?` are not in the text and are lost.

What a layout cannot hold is an error, and nothing is cut to fit. An error ends the writing:
a file named by --output does not appear then, standard output has what came before. A
lastlogx is a database and cannot be rebuilt from its records.

Examples:
  loginrec dump --format jsonl --raw wtmp | loginrec undump -o copy
  loginrec dump --format jsonl wtmp | jq -c 'select(.user != \"eve\")' | loginrec undump > less
  utmpdump wtmp | loginrec undump --layout linux-glibc-400-le -o wtmp.aarch64

Exit status:
  0  everything was written
  2  wrong usage
  3  the input could not be read or understood, or the result not be written"))]
pub(crate) struct UndumpArgs {
    /// What the input is. Default: jsonl if its first character is `{`, else text
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) from: Option<UndumpFormat>,

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

    /// File to read; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum UndumpFormat {
    /// utmpdump rows
    Text,
    /// JSON lines of `loginrec dump`
    Jsonl,
}

pub(crate) fn run(args: &UndumpArgs, report: &mut Report) -> io::Result<()> {
    let name = FileName::new(&args.file);
    let input: Box<dyn BufRead> = match name.path() {
        None => Box::new(io::stdin().lock()),
        Some(path) => match File::open(path) {
            Ok(file) => Box::new(BufReader::new(file)),
            Err(error) => return failed(report, &name, reason(&error)),
        },
    };
    let target = match &args.output {
        Some(path) => match Target::file(path, args.force) {
            Ok(target) => target,
            Err(error) => return failed(report, &FileName::new(path), reason(&error)),
        },
        None => Target::stdout()?,
    };
    match write(args, input, target) {
        Ok(()) => report.read(),
        Err(Failure::Input(why)) => report.failed(&name, why),
        Err(Failure::Output(error)) => match &args.output {
            Some(path) => report.failed(&FileName::new(path), reason(&error)),
            None => return Err(error),
        },
    }
    Ok(())
}

fn failed(report: &mut Report, name: &FileName<'_>, why: String) -> io::Result<()> {
    report.failed(name, why);
    Ok(())
}

/// Which side gave up.
enum Failure {
    Input(String),
    Output(io::Error),
}

/// What lies behind the last record of a file is one line, too, and may be long.
const LONGEST_LINE: u64 = 256 << 20;

fn write(
    args: &UndumpArgs,
    mut input: impl BufRead,
    mut target: Target<'_>,
) -> Result<(), Failure> {
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
                let why = format!("line {number}: longer than any line of a dump");
                return Err(Failure::Input(why));
            }
            _ => {}
        }
        // Some shells put a byte order mark in front of what they redirect.
        let text = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| number == 1).unwrap_or(&line);
        let text = text.trim_ascii();
        let Some(first) = text.first() else { continue };
        let at_line = |why| Failure::Input(format!("line {number}: {why}"));
        let parser = match &mut parser {
            Some(parser) => parser,
            none => none.insert(Parser::new(args, *first).map_err(Failure::Input)?),
        };
        if let Some(piece) = parser.piece(text).map_err(at_line)? {
            place(&mut target, &piece, number)?;
        }
    }
}

enum Parser {
    Text(Rows),
    Jsonl(Box<Lines>),
}

impl Parser {
    fn new(args: &UndumpArgs, first: u8) -> Result<Parser, String> {
        let told = if first == b'{' { UndumpFormat::Jsonl } else { UndumpFormat::Text };
        match args.from.unwrap_or(told) {
            UndumpFormat::Jsonl => Lines::new(args.layout).map(Box::new).map(Parser::Jsonl),
            UndumpFormat::Text => {
                let layout = args.layout.or_else(|| by_name(TEXT_LAYOUT));
                Rows::new(layout.ok_or("no layout")?).map(Parser::Text)
            }
        }
    }

    fn piece(&mut self, line: &[u8]) -> Result<Option<Piece>, String> {
        match self {
            Parser::Text(rows) => rows.piece(line),
            Parser::Jsonl(lines) => lines.piece(line),
        }
    }
}

fn place(target: &mut Target<'_>, piece: &Piece, number: u64) -> Result<(), Failure> {
    let position = target.position();
    let offset = piece.offset.unwrap_or(position);
    if offset < position {
        return Err(Failure::Input(format!(
            "line {number}: byte {offset} is behind us, {position} bytes are written: sort the \
             lines by offset or uid, each once"
        )));
    }
    if target.is_too_far(offset) {
        return Err(Failure::Input(format!(
            "line {number}: {} zeros are too many for standard output: name a file with --output, \
             which need not store them",
            offset - position
        )));
    }
    target.skip_to(offset).and_then(|()| target.write(&piece.bytes)).map_err(Failure::Output)
}
