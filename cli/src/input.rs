//! Opening what is to be read.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use loginrec::detect::{Detection, Verdict};
use loginrec::{Layout, LogFile, OpenError, OpenErrorKind, Options};

use crate::args::Reading;
use crate::filename::FileName;
use crate::report::{Report, reason};
use crate::unpack::{self, Format};

/// Opens one file after the other.
#[derive(Debug)]
pub(crate) struct Inputs {
    layout: Option<&'static Layout>,
    /// The most that is held in memory of one compressed file or pipe.
    max_size: u64,
    /// Folders and the layout of a file found there: files of one machine have the same
    /// byte order and time width, which decides between layouts the bytes leave open.
    neighbours: Vec<(PathBuf, &'static Layout)>,
}

impl Inputs {
    /// How much is unpacked where nobody says.
    pub(crate) const MAX_SIZE: u64 = 4 << 30;

    /// All files are `layout`, if given.
    pub(crate) fn new(layout: Option<&'static Layout>) -> Inputs {
        Inputs { layout, max_size: Inputs::MAX_SIZE, neighbours: Vec::new() }
    }

    /// As the command line says.
    pub(crate) fn of(reading: &Reading) -> Inputs {
        Inputs::new(reading.layout).limited(reading.max_size)
    }

    /// With another limit than [`Inputs::MAX_SIZE`].
    pub(crate) fn limited(self, max_size: u64) -> Inputs {
        Inputs { max_size, ..self }
    }

    /// Opens a file, unpacks it if it is compressed, and says on standard error what is
    /// uncertain about its layout and what could not be unpacked. What cannot be opened is
    /// for the caller to report.
    pub(crate) fn open(
        &mut self,
        name: &FileName<'_>,
        report: &mut Report,
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
        let known = known.is_some();
        let bytes = match name.path() {
            Some(path) => self.bytes(path),
            None => self.all_of(&mut io::stdin().lock()).map(Some),
        };
        let log = match (bytes.map_err(Unopened::Read)?, name.path()) {
            (Some(bytes), path) => self.in_memory(bytes, path, options, name, report)?,
            (None, Some(path)) => options.open(path).map_err(Unopened::File)?,
            (None, None) => options.vec(Vec::new()).map_err(Unopened::File)?,
        };
        match log.detection() {
            Some(found) if found.verdict() == Verdict::Ambiguous => {
                report.warn(name, ambiguous(found));
            }
            Some(_) if !known => {
                self.neighbours.extend(folder.zip(log.layout()));
            }
            _ => {}
        }
        Ok(log)
    }

    /// The bytes of what the library had better not open itself: compressed files and
    /// pipes. `None` for others, and for what cannot be opened at all.
    fn bytes(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let about = fs::metadata(path)?;
        if about.is_dir() {
            return Ok(None);
        }
        let mut file = File::open(path)?;
        if !about.is_file() {
            return self.all_of(&mut file).map(Some);
        }
        let mut head = Vec::new();
        file.by_ref().take(unpack::HEAD as u64).read_to_end(&mut head)?;
        match Format::of(&head) {
            // What is too large as it is will not become smaller.
            Some(_) if about.len() > self.max_size => {
                Err(unpack::too_large("unpacks to more", self.max_size))
            }
            Some(_) => self.all_of(&mut head.chain(file)).map(Some),
            None => Ok(None),
        }
    }

    fn all_of(&self, input: &mut impl Read) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        input.take(self.max_size.saturating_add(1)).read_to_end(&mut bytes)?;
        match bytes.len() as u64 > self.max_size {
            true => Err(unpack::too_large("more", self.max_size)),
            false => Ok(bytes),
        }
    }

    fn in_memory(
        &self,
        mut bytes: Vec<u8>,
        path: Option<&Path>,
        mut options: Options,
        name: &FileName<'_>,
        report: &mut Report,
    ) -> Result<LogFile<'static>, Unopened> {
        let mut file_name = path.and_then(Path::file_name).map(|name| name.to_string_lossy());
        if let Some(format) = Format::of(&bytes) {
            let unpacked = format.unpack(&bytes, self.max_size).map_err(Unopened::Read)?;
            if let Some(damage) = unpacked.damage {
                report.damaged(name, damage);
            }
            bytes = unpacked.bytes;
            file_name = file_name.map(|name| unpack::plain_name(&name).to_owned().into());
        }
        if let Some(file_name) = file_name {
            options = options.file_name(&file_name);
        }
        options.vec(bytes).map_err(Unopened::File)
    }
}

/// Which layouts a file could have as well.
pub(crate) fn ambiguous(found: &Detection) -> String {
    let ties: Vec<&str> = found.ties().iter().map(|tie| tie.layout.name).collect();
    let best = found.layout().map_or("", |layout| layout.name);
    format!("could be {}; read as {best}: name the right one with --layout", ties.join(" or "))
}

/// Why a file could not be opened.
#[derive(Debug)]
pub(crate) enum Unopened {
    /// It cannot be read, or not be unpacked.
    Read(io::Error),
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
            Unopened::Read(_) => None,
        }
    }
}

/// Why, and what to do about it; without the name of the file.
impl fmt::Display for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unopened::Read(error) => f.write_str(&reason(error)),
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
