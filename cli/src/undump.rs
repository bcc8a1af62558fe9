//! `loginrec undump`: text or JSON lines back to a file of records.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};

use loginrec::platform::by_name;

use crate::args::{Undump, UndumpFormat};
use crate::filename::FileName;
use crate::output::Target;
use crate::parse_json::Lines;
use crate::parse_text::Rows;
use crate::pieces::Piece;
use crate::report::{Report, reason};

/// What utmpdump writes on nearly every machine.
const TEXT_LAYOUT: &str = "linux-glibc-384-le";

pub(crate) fn run(args: &Undump, report: &mut Report) -> io::Result<()> {
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

fn write(args: &Undump, mut input: impl BufRead, mut target: Target<'_>) -> Result<(), Failure> {
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
    fn new(args: &Undump, first: u8) -> Result<Parser, String> {
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
