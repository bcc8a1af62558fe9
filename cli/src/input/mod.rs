//! Opening what is to be read, and reading it. The only place where a command gets at the
//! bytes of its files.
//!
//! ```ignore
//! let mut inputs = Inputs::of(&args.reading);
//! for path in &args.reading.files {
//!     let name = FileName::new(path);
//!     let mut input = match inputs.open(&name, report) {
//!         Ok(input) => input,
//!         Err(why) => { report.failed(&name, why); continue }
//!     };
//!     input.records(&name, report, |record| print(record))?;
//! }
//! ```
//!
//! [`Inputs::open`] decides whether a file is compressed and finds its layout.
//! [`Input::records`] hands over its records one by one, [`Input::each`] the places of
//! damage as well. Both tell damage to the user and count the file as read or failed: a command only prints, and cannot keep a record, which
//! is why memory stays bounded. A command that reads a file twice calls [`Input::keep`]
//! first, which costs memory for compressed files and pipes, then [`Input::rewind`]s.
//!
//! Nothing is mapped: a file that shrinks while it is read ends early, which is told, and
//! never ends the process.

mod inputs;
mod unopened;

use std::fmt;
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::ops::ControlFlow;

use loginrec::detect::Detection;
use loginrec::{
    Backwards, Entries, Entry, Error, FileKind, Framing, Layout, LogFile, Record, Records, Stream,
};

pub(crate) use self::inputs::{Inputs, ambiguous};
pub(crate) use self::unopened::Unopened;
use crate::dump_windows::Windows;
use crate::filename::FileName;
use crate::report::{Report, reason};
use crate::source::Source;

/// An open file whose layout is known.
pub(crate) struct Input {
    layout: Option<&'static Layout>,
    /// The file's name without folders and what a compressor put behind it.
    base: Option<String>,
    detection: Option<Detection>,
    /// `None` when it has been read, until it is rewound.
    source: Option<Source>,
}

/// What lies behind the last whole record of a file.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    pub(crate) offset: u64,
    pub(crate) bytes: Vec<u8>,
}

impl Input {
    /// The layout; `None` for an empty file, which could have any.
    pub(crate) fn layout(&self) -> Option<&'static Layout> {
        self.layout
    }

    /// What the file is kept for, by its name.
    pub(crate) fn kind(&self) -> Option<FileKind> {
        self.base.as_deref().and_then(FileKind::from_name)
    }

    /// How the layout was found; `None` if it was given.
    pub(crate) fn detection(&self) -> Option<&Detection> {
        self.detection.as_ref()
    }

    pub(crate) fn framing(&self) -> Option<Framing> {
        self.layout.map(|layout| layout.framing)
    }

    /// Makes sure that the file can be rewound: a compressed one or a pipe is read into
    /// memory, up to `max_size` bytes.
    pub(crate) fn keep(
        &mut self,
        max_size: u64,
        name: &FileName<'_>,
        report: &mut Report,
    ) -> Result<(), Unopened> {
        let Some(source) = &mut self.source else { return Ok(()) };
        if let Some(error) = source.keep(max_size).map_err(Unopened::read)? {
            report.damaged(name, reason(&error));
        }
        Ok(())
    }

    /// The whole file in memory. It has been kept.
    pub(crate) fn log(&mut self) -> Result<LogFile<'static>, Unopened> {
        let mut bytes = Vec::new();
        if let Some(source) = &mut self.source {
            source.read_to_end(&mut bytes).and_then(|_| source.rewind()).map_err(Unopened::read)?;
        }
        let mut options = LogFile::options();
        if let Some(layout) = self.layout {
            options = options.layout(layout);
        }
        if let Some(base) = &self.base {
            options = options.file_name(base);
        }
        options.vec(bytes).map_err(|error| Unopened(error.into_kind()))
    }

    /// Up to `len` bytes at `offset`, instead of what `buffer` holds. The file has been kept.
    pub(crate) fn read_at(
        &mut self,
        offset: u64,
        len: u64,
        buffer: &mut Vec<u8>,
    ) -> io::Result<()> {
        buffer.clear();
        let Some(source) = &mut self.source else { return Ok(()) };
        source.seek(SeekFrom::Start(offset))?;
        source.take(len).read_to_end(buffer).map(drop)
    }

    /// How many bytes there are, unpacked. The file has been kept.
    pub(crate) fn len(&mut self) -> io::Result<u64> {
        let Some(source) = &mut self.source else { return Ok(0) };
        source.seek(SeekFrom::End(0))
    }

    /// Goes back to the beginning.
    pub(crate) fn rewind(&mut self) -> io::Result<()> {
        self.source.as_mut().map_or(Ok(()), |source| source.rewind())
    }

    /// The file for several threads, who have it from then on, if its records have one size;
    /// unless they are `asked` for, only if it is long.
    pub(crate) fn windows(&mut self, asked: bool) -> Option<Windows> {
        let layout = self.layout.filter(|layout| layout.framing == Framing::Fixed)?;
        let source = self.source.take_if(|source| asked || source.is_long())?;
        Some(Windows::new(layout, source))
    }

    /// Hands over every record, in the order of the file. Errors are those of `f`.
    pub(crate) fn records(
        &mut self,
        name: &FileName<'_>,
        report: &mut Report,
        mut f: impl FnMut(&Record<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.each(name, report, |item| item.map_or(Ok(()), |record| f(&record))).map(drop)
    }

    /// As [`Input::records`], and every place of damage before it is told.
    pub(crate) fn each(
        &mut self,
        name: &FileName<'_>,
        report: &mut Report,
        mut f: impl FnMut(Result<Record<'_>, Error>) -> io::Result<()>,
    ) -> io::Result<Tail> {
        let (mut any, mut damaged) = (false, false);
        let (tail, why) = self.walk(|records| {
            for item in records {
                let error = item.err();
                any |= error.is_none();
                f(item)?;
                if let Some(error) = error {
                    damaged = true;
                    report.damaged(name, error);
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        told(name, report, any, damaged, why);
        Ok(tail)
    }

    /// As [`Input::records`], of entries, which is faster where nothing else is asked.
    pub(crate) fn entries(
        &mut self,
        name: &FileName<'_>,
        report: &mut Report,
        mut f: impl FnMut(&Entry<'_>),
    ) -> io::Result<()> {
        let (mut any, mut damaged) = (false, false);
        let (_, why) = self.walk(|records| {
            Entries::from(records).for_each(|item| match item {
                Ok(entry) => {
                    any = true;
                    f(&entry);
                }
                Err(error) => {
                    damaged = true;
                    report.damaged(name, error);
                }
            });
            Ok(ControlFlow::Continue(()))
        })?;
        told(name, report, any, damaged, why);
        Ok(())
    }

    /// The records once more, from the beginning. What is wrong with them has been told.
    pub(crate) fn again(
        &mut self,
        mut f: impl FnMut(&Record<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.rewind()?;
        self.walk(|mut records| {
            records.try_for_each(|item| item.map_or(Ok(()), |record| f(&record)))?;
            Ok(ControlFlow::Continue(()))
        })
        .map(drop)
    }

    /// What `f` finds first, from the beginning.
    pub(crate) fn find<T>(
        &mut self,
        mut f: impl FnMut(&Record<'_>) -> Option<T>,
    ) -> io::Result<Option<T>> {
        let mut found = None;
        self.rewind()?;
        self.walk(|records| {
            found = records.flatten().find_map(|record| f(&record));
            Ok(match found {
                Some(_) => ControlFlow::Break(()),
                None => ControlFlow::Continue(()),
            })
        })?;
        Ok(found)
    }

    /// As [`Input::records`], the last record first and until `f` has enough. The file has
    /// been kept.
    pub(crate) fn backwards(
        &mut self,
        name: &FileName<'_>,
        report: &mut Report,
        mut f: impl FnMut(&Record<'_>) -> io::Result<ControlFlow<()>>,
    ) -> io::Result<()> {
        let (Some(layout), Some(source)) = (self.layout, &mut self.source) else {
            report.read();
            return Ok(());
        };
        let (mut any, mut damaged) = (false, false);
        let mut damage = |what: &dyn fmt::Display| {
            damaged = true;
            report.damaged(name, what);
        };
        let mut windows = Backwards::new(layout, &mut *source)?;
        'file: loop {
            let records = match windows.next_window() {
                Ok(Some(records)) => records,
                Ok(None) => break,
                Err(error) => {
                    damage(&unread(error.offset(), error.io_error()));
                    continue;
                }
            };
            for item in records.rev() {
                match item {
                    Ok(record) => {
                        any = true;
                        if f(&record)?.is_break() {
                            break 'file;
                        }
                    }
                    Err(error) => damage(&error),
                }
            }
        }
        source.seek(SeekFrom::End(0))?;
        if let Some(why) = shrunk(source) {
            damage(&why);
        }
        match any || !damaged {
            true => report.read(),
            false => report.failed_quietly(),
        }
        Ok(())
    }

    /// Window by window, until `f` has enough; in the end what is behind the last record,
    /// and why that is not all of the file.
    fn walk(
        &mut self,
        mut f: impl FnMut(Records<'_>) -> io::Result<ControlFlow<()>>,
    ) -> io::Result<(Tail, Option<String>)> {
        let Some(layout) = self.layout else { return Ok(Default::default()) };
        let Some(mut source) = self.source.take() else { return Ok(Default::default()) };
        let is_array = matches!(layout.framing, Framing::Fixed | Framing::Indexed);
        if let Some(data) = source.whole().filter(|_| is_array) {
            let enough = f(layout.records(data))?.is_break();
            let rest = data.len().checked_rem(layout.size).unwrap_or(0);
            let (whole, bytes) = data.split_at(data.len().saturating_sub(rest));
            let tail = Tail { offset: whole.len() as u64, bytes: bytes.to_vec() };
            source.pass_head();
            let why = shrunk(&source).filter(|_| !enough);
            self.source = Some(source);
            return Ok((tail, why));
        }
        let len = source.whole().map(<[u8]>::len);
        let mut stream = match source.is_seekable() {
            true => Stream::sparse(layout, source, Source::next_data),
            false => Stream::new(layout, source),
        };
        if let Some(len) = len {
            stream = stream.window(len);
        }
        let (mut why, mut enough) = (None, false);
        while !enough {
            match stream.next_window() {
                Ok(Some(records)) => enough = f(records)?.is_break(),
                Ok(None) => break,
                Err(error) => {
                    why = Some(unread(error.offset(), error.io_error()));
                    break;
                }
            }
        }
        let (offset, tail) = stream.tail();
        let tail = Tail { offset, bytes: tail.to_vec() };
        let source = stream.into_inner();
        if why.is_none() && !enough {
            why = shrunk(&source);
        }
        self.source = Some(source);
        Ok((tail, why))
    }
}

/// Counts a file whose damage has been told, but for why it was not read to its end.
fn told(
    name: &FileName<'_>,
    report: &mut Report,
    any: bool,
    mut damaged: bool,
    why: Option<String>,
) {
    if let Some(why) = why {
        damaged = true;
        report.damaged(name, why);
    }
    match any || !damaged {
        true => report.read(),
        false => report.failed_quietly(),
    }
}

/// Whether less was there in the end than in the beginning.
pub(crate) fn shrunk(source: &Source) -> Option<String> {
    let (len, now) = source.shrunk()?;
    Some(format!("became shorter while it was read: {now} of {len} bytes were there"))
}

/// Why a file was not read further. Unpackers say themselves how far they got.
pub(crate) fn unread(offset: u64, error: &io::Error) -> String {
    let why = reason(error);
    match error.kind() {
        ErrorKind::InvalidData | ErrorKind::FileTooLarge => why,
        _ => format!("byte {offset}: cannot be read further: {why}"),
    }
}
