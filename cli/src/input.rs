//! Opening what is to be read.

use std::fmt;
use std::io::{self, ErrorKind, Read as _};
use std::path::PathBuf;

use loginrec::detect::{Detection, Verdict};
use loginrec::{Layout, LogFile, OpenError, OpenErrorKind, Options};

use crate::filename::FileName;
use crate::report::{Report, reason};

/// How much is read from standard input; the library sets the same limit for pipes.
const STDIN_LIMIT: u64 = 1 << 30;

/// Opens one file after the other.
#[derive(Debug)]
pub(crate) struct Inputs {
    layout: Option<&'static Layout>,
    /// Folders and the layout of a file found there: files of one machine have the same
    /// byte order and time width, which decides between layouts the bytes leave open.
    neighbours: Vec<(PathBuf, &'static Layout)>,
}

impl Inputs {
    /// All files are `layout`, if given.
    pub(crate) fn new(layout: Option<&'static Layout>) -> Inputs {
        Inputs { layout, neighbours: Vec::new() }
    }

    /// Opens a file and says on standard error what is uncertain about its layout. What
    /// cannot be opened is for the caller to report.
    pub(crate) fn open(
        &mut self,
        name: &FileName<'_>,
        report: &Report,
    ) -> Result<LogFile<'static>, Unopened> {
        let mut options = LogFile::options().guess(true);
        if let Some(layout) = self.layout {
            options = options.layout(layout);
        }
        let folder = name.path().map(|path| path.parent().unwrap_or(path).to_owned());
        let known = self.neighbours.iter().find(|(at, _)| Some(at) == folder.as_ref());
        if let Some(&(_, layout)) = known {
            options = options.neighbour(layout);
        }
        let log = match name.path() {
            Some(path) => options.open(path).map_err(Unopened::File)?,
            None => stdin(options)?,
        };
        match log.detection() {
            Some(found) if found.verdict() == Verdict::Ambiguous => {
                report.warn(name, ambiguous(found));
            }
            Some(_) if known.is_none() => {
                self.neighbours.extend(folder.zip(log.layout()));
            }
            _ => {}
        }
        Ok(log)
    }
}

fn stdin(options: Options) -> Result<LogFile<'static>, Unopened> {
    let mut data = Vec::new();
    let read = io::stdin().lock().take(STDIN_LIMIT + 1).read_to_end(&mut data);
    read.map_err(Unopened::Stdin)?;
    if data.len() as u64 > STDIN_LIMIT {
        let why = "more than 1 GiB: write it to a file and name that";
        return Err(Unopened::Stdin(io::Error::new(ErrorKind::FileTooLarge, why)));
    }
    options.vec(data).map_err(Unopened::File)
}

fn ambiguous(found: &Detection) -> String {
    let ties: Vec<&str> = found.ties().iter().map(|tie| tie.layout.name).collect();
    let best = found.layout().map_or("", |layout| layout.name);
    format!("could be {}; read as {best}: name the right one with --layout", ties.join(" or "))
}

/// Why a file could not be opened.
#[derive(Debug)]
pub(crate) enum Unopened {
    Stdin(io::Error),
    File(OpenError),
}

impl Unopened {
    /// What was seen in a file that was read but not recognised.
    pub(crate) fn not_recognised(&self) -> Option<&Detection> {
        match self {
            Unopened::File(error) => match error.kind() {
                OpenErrorKind::NotRecognised(found) => Some(found),
                _ => None,
            },
            Unopened::Stdin(_) => None,
        }
    }
}

/// Why, and what to do about it; without the name of the file.
impl fmt::Display for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unopened::Stdin(error) => f.write_str(&reason(error)),
            Unopened::File(error) => match error.kind() {
                OpenErrorKind::Io(error) => f.write_str(&reason(error)),
                kind @ OpenErrorKind::NotRecognised(_) => {
                    write!(f, "{kind}; if you know what it is, name its layout with --layout")
                }
                kind => write!(f, "{kind}"),
            },
        }
    }
}
