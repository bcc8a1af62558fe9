//! One file that grows, gets shorter or is replaced by another.
//!
//! It is read, never mapped: a file that becomes shorter must not kill the process.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read as _, Seek as _};
use std::path::Path;

use loginrec::detect::{Hints, Verdict, detect_with};
use loginrec::platform::LAYOUTS;
use loginrec::{FileKind, Framing, Layout, OpenErrorKind, Records};

use crate::filename::FileName;
use crate::follow::How;
use crate::input::{Unopened, ambiguous};
use crate::report::{Report, reason};
use crate::unpack::{Format, too_large};

/// How much is read at a time, once the layout is known.
const ROUND: u64 = 16 << 20;

/// Whole records that were appended.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) layout: &'static Layout,
    pub(crate) kind: Option<FileKind>,
    /// Where they begin in the file.
    pub(crate) offset: u64,
    index: u64,
    bytes: Vec<u8>,
}

impl Batch {
    /// The records, each with its place in the file.
    pub(crate) fn records(&self) -> Records<'_> {
        self.layout.records_at(&self.bytes, self.offset, self.index)
    }
}

/// One file that grows.
#[derive(Debug)]
pub(crate) struct Follower<'a> {
    pub(crate) name: FileName<'a>,
    path: &'a Path,
    file: Option<File>,
    max_size: u64,
    layout: Option<&'static Layout>,
    kind: Option<FileKind>,
    /// What has been read and is no whole record yet, and where that is.
    pending: Vec<u8>,
    offset: u64,
    index: u64,
    /// While the layout is unknown: as much was there when last looked. `None` for a file
    /// that had content from the start.
    grown: Option<usize>,
    /// The last complaint: it is not repeated.
    told: String,
    begun: bool,
}

impl<'a> Follower<'a> {
    /// `None` for standard input, which cannot be followed.
    pub(crate) fn new(name: FileName<'a>, how: How) -> Option<Follower<'a>> {
        let path = name.path()?;
        let kind = path.file_name().and_then(|name| FileKind::from_name(&name.to_string_lossy()));
        Some(Follower {
            name,
            path,
            file: None,
            max_size: how.max_size,
            layout: how.layout,
            kind,
            pending: Vec::new(),
            offset: 0,
            index: 0,
            grown: None,
            told: String::new(),
            begun: false,
        })
    }

    /// What has come since the last call. Ask again at once if something has. An error is
    /// the end.
    pub(crate) fn poll(&mut self, report: &Report) -> Result<Option<Batch>, String> {
        let replaced = match self.open(report)? {
            Some(replaced) => replaced,
            None => return Ok(None),
        };
        if self.read(report)? == 0 && replaced {
            // Read to its end: on to the file that has its name now.
            if !self.pending.is_empty() {
                let (offset, have) = (self.offset, self.pending.len());
                let why = format!("byte {offset}: record cut short: {have} bytes of it are there");
                report.warn(&self.name, why);
            }
            self.restart(report, "was replaced: the new one is read from its start");
            self.file = None;
            if self.open(report)?.is_some() {
                self.read(report)?;
            }
        }
        self.batch(report)
    }

    /// Makes sure that a file is open: whether another has its name by now. `None` if there
    /// is no file.
    fn open(&mut self, report: &Report) -> Result<Option<bool>, String> {
        let now = match fs::metadata(self.path) {
            Ok(now) => now,
            // A rotated file may still get its last records.
            Err(_) if self.file.is_some() => return Ok(Some(false)),
            Err(error) => return self.wait(report, &error),
        };
        if let Some(file) = &self.file {
            let open = file.metadata().map_err(|error| reason(&error))?;
            return Ok(Some(match (id(&open), id(&now)) {
                (Some(open), Some(now)) => open != now,
                _ => now.len() < self.position(),
            }));
        }
        if !now.is_file() {
            return Err("is no ordinary file and cannot be followed".to_owned());
        }
        match File::open(self.path) {
            Ok(file) => self.file = Some(file),
            Err(error) => return self.wait(report, &error),
        }
        if !self.begun && now.len() == 0 {
            self.grown = Some(0);
        }
        self.begun = true;
        Ok(Some(false))
    }

    /// A file that is not there may come; one that may not be read from the start will not.
    fn wait(&mut self, report: &Report, error: &io::Error) -> Result<Option<bool>, String> {
        if !self.begun && error.kind() != ErrorKind::NotFound {
            return Err(reason(error));
        }
        self.begun = true;
        self.grown = Some(0);
        self.tell(report, format!("{}: waiting for it", reason(error)));
        Ok(None)
    }

    /// Reads what is new, from the start if the file is shorter than it was.
    fn read(&mut self, report: &Report) -> Result<usize, String> {
        let Some(file) = &mut self.file else { return Ok(0) };
        let len = file.metadata().map_err(|error| reason(&error))?.len();
        if len < self.offset + self.pending.len() as u64 {
            file.rewind().map_err(|error| reason(&error))?;
            self.restart(report, "has become shorter: it is read from its start");
        }
        let room = match self.layout {
            Some(_) => ROUND,
            None => self.max_size.saturating_add(1).saturating_sub(self.pending.len() as u64),
        };
        let Some(file) = &mut self.file else { return Ok(0) };
        let read = file.take(room).read_to_end(&mut self.pending);
        let read = read.map_err(|error| reason(&error))?;
        if self.layout.is_none() && self.pending.len() as u64 > self.max_size {
            return Err(reason(&too_large("more", self.max_size)));
        }
        if read > 0 {
            self.told.clear();
        }
        Ok(read)
    }

    /// The whole records among what was read.
    fn batch(&mut self, report: &Report) -> Result<Option<Batch>, String> {
        let Some(layout) = self.known_layout(report)? else { return Ok(None) };
        let (len, records) = match layout.framing {
            Framing::Fixed => {
                let records = self.pending.len() / layout.size;
                (records * layout.size, records as u64)
            }
            Framing::LengthPrefixed => whole_prefixed(&self.pending),
            _ => return Err("a lastlog is written in place: it cannot be followed".to_owned()),
        };
        if len == 0 {
            return Ok(None);
        }
        let rest = self.pending.split_off(len.min(self.pending.len()));
        let bytes = std::mem::replace(&mut self.pending, rest);
        let (offset, index) = (self.offset, self.index);
        self.offset += len as u64;
        self.index += records;
        Ok(Some(Batch { layout, kind: self.kind, offset, index, bytes }))
    }

    /// The layout: that of the first records that come, for good.
    fn known_layout(&mut self, report: &Report) -> Result<Option<&'static Layout>, String> {
        if self.layout.is_some() || self.pending.is_empty() {
            return Ok(self.layout);
        }
        if Format::of(&self.pending).is_some() {
            return Err("is compressed and cannot be followed".to_owned());
        }
        // Half a record of one layout may look like a whole one of another.
        let now = self.pending.len();
        if self.grown.is_some_and(|before| before != now) {
            self.grown = Some(now);
            return Ok(None);
        }
        let base = self.path.file_name().map(|base| base.to_string_lossy());
        let hints = Hints { file_name: base.as_deref(), neighbour: None };
        let found = detect_with(&self.pending, &hints);
        match found.verdict() {
            Verdict::NotRecognised => {
                let longest = LAYOUTS.iter().map(|layout| layout.size).max().unwrap_or(0);
                return match self.grown.is_some() && self.pending.len() < longest {
                    true => Ok(None),
                    false => Err(Unopened(OpenErrorKind::NotRecognised(found)).to_string()),
                };
            }
            Verdict::Ambiguous => report.warn(&self.name, ambiguous(&found)),
            _ => {}
        }
        self.layout = found.layout();
        Ok(self.layout)
    }

    /// Begins a file anew.
    fn restart(&mut self, report: &Report, why: &str) {
        self.pending.clear();
        (self.offset, self.index) = (0, 0);
        self.grown = Some(0);
        self.tell(report, why.to_owned());
    }

    fn tell(&mut self, report: &Report, why: String) {
        if self.told != why {
            report.warn(&self.name, &why);
            self.told = why;
        }
    }

    /// How far the file has been read.
    fn position(&self) -> u64 {
        self.offset + self.pending.len() as u64
    }
}

/// How many bytes and records of a `utx.log` are whole. Zeros at the end may be the
/// beginning of a record and wait for what comes behind them.
fn whole_prefixed(data: &[u8]) -> (usize, u64) {
    let (mut end, mut records) = (0, 0);
    loop {
        let rest = data.get(end..).unwrap_or_default();
        let zeros = rest.iter().take_while(|&&byte| byte == 0).count();
        // The last zero is the high byte of a length.
        let start = zeros.saturating_sub(1);
        let Some((prefix, record)) = rest.get(start..).and_then(|rest| rest.split_first_chunk())
        else {
            return (end, records);
        };
        let len = usize::from(u16::from_be_bytes(*prefix));
        if len == 0 || record.len() < len {
            return (end, records);
        }
        end += start + 2 + len;
        records += 1;
    }
}

/// What tells a file from another of its name.
#[cfg(unix)]
pub(crate) fn id(about: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((about.dev(), about.ino()))
}

/// Only its size does, where the system has no number for a file.
#[cfg(not(unix))]
pub(crate) fn id(_: &Metadata) -> Option<(u64, u64)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_records_of_an_utx_log() {
        assert_eq!(whole_prefixed(b""), (0, 0));
        assert_eq!(whole_prefixed(b"\0"), (0, 0));
        assert_eq!(whole_prefixed(b"\0\x02a"), (0, 0));
        assert_eq!(whole_prefixed(b"\0\x02ab"), (4, 1));
        assert_eq!(whole_prefixed(b"\0\x02ab\0\x01c\0"), (7, 2));
        assert_eq!(whole_prefixed(b"\0\x02ab\0\0\0"), (4, 1));
        assert_eq!(whole_prefixed(b"\0\0\0\x01c"), (5, 1));
        assert_eq!(whole_prefixed(b"\x01\0ab"), (0, 0));
    }
}
