//! Opens and reads input files. Commands access the bytes of their files only through this module.
//!
//! ```ignore
//! let mut inputs = Inputs::of(&args.reading.options);
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
//! [`Inputs::open`] decides whether a file is compressed and detects its layout. [`Input::records`]
//! passes on its records one by one, [`Input::each`] the damage too. Both report damage to the user
//! and count the file as read or failed: a command only prints, and cannot keep a record, which
//! bounds the memory. A command that reads a file twice calls [`Input::keep`] first: compressed files
//! are then decompressed again, and pipes go to a spool.
//!
//! Nothing is mapped: a file that shrinks while it is read ends early, which is reported.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, ErrorKind};
use std::mem;
use std::ops::ControlFlow;

use loginrec::detect::Detection;
use loginrec::open::Identity;
use loginrec::read::{
    Chunks, ChunksRev, DatabaseInfo, Hole, Lookup, ReadAt, ReadError, RecordStream, read_full_at,
};
use loginrec::{Container, Entry, Error, FileKind, Layout, LogFile, Record, Records};

use crate::diagnostics::{Diagnostics, reason};
use crate::file_name::FileName;
use crate::input::input_bytes::{Access, InputBytes};
use crate::input::unopened::Unopened;

/// An open file whose layout is known.
pub(crate) struct Input {
    pub(super) identity: Identity,
    /// `None` while several threads have it.
    pub(super) source: Option<InputBytes>,
    /// Whether rows that a database no longer has are read, too.
    pub(super) is_deleted_too: bool,
    /// Rows of a database that [`Input::records`] and [`Input::backwards`] leave out.
    pub(super) left_out: HashSet<i64>,
}

/// The bytes after the last whole record of a file.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    pub(crate) offset: u64,
    pub(crate) bytes: Vec<u8>,
}

/// A place where framing was lost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Damage<'a> {
    pub(crate) error: Error,
    /// The bytes that were skipped, if any were.
    pub(crate) bytes: &'a [u8],
}

/// An item of a file, in file order.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item<'a> {
    Record(Record<'a>),
    Damage(Damage<'a>),
    /// All-zero records that are not read one by one.
    Hole(Hole),
}

/// Where a record comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    pub(crate) name: &'a FileName<'a>,
    pub(crate) kind: Option<FileKind>,
}

impl<'a> Origin<'a> {
    /// A file that was read as a whole.
    pub(crate) fn file(name: &'a FileName<'a>, kind: Option<FileKind>) -> Origin<'a> {
        Origin { name, kind }
    }
}

impl Input {
    /// Returns the layout; `None` for an empty file, which fits every layout.
    pub(crate) fn layout(&self) -> Option<&'static Layout> {
        self.identity.layout()
    }

    /// Returns the file's kind.
    pub(crate) fn kind(&self) -> Option<FileKind> {
        self.identity.kind()
    }

    /// Returns how the layout was detected; `None` if it was given.
    pub(crate) fn detection(&self) -> Option<&Detection> {
        self.identity.detection()
    }

    pub(crate) fn container(&self) -> Option<Container> {
        self.layout().map(|layout| layout.container)
    }

    /// Makes the file readable more than once: a compressed file or a pipe is read into memory, up
    /// to `max_size` bytes.
    pub(crate) fn keep(
        &mut self,
        access: Access,
        max_size: u64,
        name: &FileName<'_>,
        report: &mut Diagnostics,
    ) -> Result<(), Unopened> {
        let Some(source) = &mut self.source else { return Ok(()) };
        if let Some(error) = source.keep(access, max_size).map_err(Unopened::read)? {
            report.damaged(name, reason(&error));
        }
        Ok(())
    }

    /// Returns the whole file. It has been kept in memory.
    pub(crate) fn log(&self) -> Result<LogFile<'static>, Unopened> {
        let empty = InputBytes::empty();
        let source = self.source.as_ref().unwrap_or(&empty);
        LogFile::read(source, self.identity.clone()).map_err(Unopened::read)
    }

    /// Returns up to `len` bytes at `offset`. The file must have been kept.
    pub(crate) fn part(&self, offset: u64, len: u64) -> io::Result<Vec<u8>> {
        let Some(source) = &self.source else { return Ok(Vec::new()) };
        let len = len.min(source.size()?.saturating_sub(offset));
        let mut part = vec![0; usize::try_from(len).map_err(|_| ErrorKind::OutOfMemory)?];
        let (read, error) = read_full_at(source, &mut part, offset);
        part.truncate(read);
        error.map_or(Ok(part), Err)
    }

    /// Returns the unpacked size. The file must have been kept.
    pub(crate) fn len(&self) -> io::Result<u64> {
        self.source.as_ref().map_or(Ok(0), InputBytes::size)
    }

    /// Reads rows that a database no longer has, too, after those that it has.
    pub(crate) fn read_deleted(&mut self) {
        self.is_deleted_too = true;
    }

    /// Reads what a database says besides its rows. `None` for any other file.
    pub(crate) fn database(&self) -> Option<DatabaseInfo> {
        self.layout().filter(|layout| layout.container == Container::Sqlite)?;
        DatabaseInfo::read(self.source.as_ref()?)
    }

    /// Returns a reader of single records. The file must have been kept.
    pub(crate) fn lookup(&self) -> Option<Lookup<&InputBytes>> {
        let lookup = Lookup::new(self.layout()?, self.source.as_ref()?);
        Some(lookup.unsigned_seconds(self.identity.unsigned_seconds()))
    }

    /// Calls `f` with every record, in file order. Returns the errors of `f`.
    pub(crate) fn records(
        &mut self,
        name: &FileName<'_>,
        report: &mut Diagnostics,
        mut f: impl FnMut(&Record<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let left_out = mem::take(&mut self.left_out);
        let is_filtered = !left_out.is_empty();
        // One call of `f`, so that it is inlined.
        let records = |item: Item<'_>| match item {
            Item::Record(record) if is_filtered && is_among(&record, &left_out) => Ok(()),
            Item::Record(record) => f(&record),
            Item::Damage(_) | Item::Hole(_) => Ok(()),
        };
        let done = self.each(name, report, records);
        self.left_out = left_out;
        done.map(drop)
    }

    /// Calls `f` like [`Input::records`], and with every place of damage, before it is reported.
    pub(crate) fn each(
        &mut self,
        name: &FileName<'_>,
        report: &mut Diagnostics,
        mut f: impl FnMut(Item<'_>) -> io::Result<()>,
    ) -> io::Result<Tail> {
        let (mut any, mut damaged) = (false, false);
        let (tail, why) = self.walk(|chunk| {
            let records = match chunk {
                Chunk::Records(records) => records,
                Chunk::Hole(hole) => {
                    any = true;
                    f(Item::Hole(hole))?;
                    return Ok(ControlFlow::Continue(()));
                }
            };
            let bytes = records.skipped().map_or(&[][..], |(_, bytes)| bytes);
            for item in records {
                let error = item.err();
                any |= error.is_none();
                f(match item {
                    Ok(record) => Item::Record(record),
                    Err(error) => Item::Damage(Damage { error, bytes }),
                })?;
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

    /// Calls `f` with every entry, which is faster than [`Input::records`] if the records are not
    /// needed.
    pub(crate) fn entries(
        &mut self,
        name: &FileName<'_>,
        report: &mut Diagnostics,
        mut f: impl FnMut(&Entry<'_>),
    ) -> io::Result<u64> {
        let (mut any, mut damaged, mut in_holes) = (false, false, 0_u64);
        let (_, why) = self.walk(|chunk| {
            let records = match chunk {
                Chunk::Records(records) => records,
                Chunk::Hole(hole) => {
                    any = true;
                    in_holes = in_holes.saturating_add(hole.records);
                    return Ok(ControlFlow::Continue(()));
                }
            };
            records.entries().for_each(|item| match item {
                Ok((_, entry)) => {
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
        Ok(in_holes)
    }

    /// Returns the records again, from the beginning. Their damage has been reported.
    pub(crate) fn again(
        &mut self,
        mut f: impl FnMut(&Record<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.walk(|chunk| {
            let mut records = chunk.records();
            records.try_for_each(|item| item.map_or(Ok(()), |record| f(&record)))?;
            Ok(ControlFlow::Continue(()))
        })
        .map(drop)
    }

    /// Returns the first result of `f`, from the beginning.
    pub(crate) fn find<T>(
        &mut self,
        mut f: impl FnMut(&Record<'_>) -> Option<T>,
    ) -> io::Result<Option<T>> {
        let mut found = None;
        self.walk(|chunk| {
            found = chunk.records().flatten().find_map(|record| f(&record));
            Ok(match found {
                Some(_) => ControlFlow::Break(()),
                None => ControlFlow::Continue(()),
            })
        })?;
        Ok(found)
    }

    /// Calls `f` like [`Input::records`], but with the last record first, until `f` has enough. The
    /// file must have been kept.
    pub(crate) fn backwards(
        &mut self,
        name: &FileName<'_>,
        report: &mut Diagnostics,
        mut f: impl FnMut(&Record<'_>) -> io::Result<ControlFlow<()>>,
    ) -> io::Result<()> {
        let (Some(layout), Some(source)) = (self.layout(), &mut self.source) else {
            report.read();
            return Ok(());
        };
        let is_filtered = !self.left_out.is_empty();
        let (mut any, mut damaged) = (false, false);
        let mut damage = |what: &dyn fmt::Display| {
            damaged = true;
            report.damaged(name, what);
        };
        let chunks = ChunksRev::new(layout, &*source);
        let chunks = chunks.unsigned_seconds(self.identity.unsigned_seconds());
        let mut chunks = chunks.resync(true).skip_holes(true);
        'file: loop {
            let records = match chunks.next_chunk() {
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
                        if is_filtered && is_among(&record, &self.left_out) {
                            continue;
                        }
                        if f(&record)?.is_break() {
                            break 'file;
                        }
                    }
                    Err(error) => damage(&error),
                }
            }
        }
        source.pass_to(source.size()?);
        if let Some(why) = shrunk(source) {
            damage(&why);
        }
        match any || !damaged {
            true => report.read(),
            false => report.failed_quietly(),
        }
        Ok(())
    }

    /// Calls `f` with each window until it has enough. At the end, returns the bytes after the last
    /// record, and the error if the file could not be read to its end.
    fn walk(
        &mut self,
        mut f: impl FnMut(Chunk<'_>) -> io::Result<ControlFlow<()>>,
    ) -> io::Result<(Tail, Option<String>)> {
        let Some(layout) = self.layout() else { return Ok(Default::default()) };
        let Some(source) = &mut self.source else { return Ok(Default::default()) };
        let mut chunks = match source.is_seekable() {
            true => {
                let chunks = Chunks::new(layout, &*source).resync(true);
                InputChunks::ByOffset(chunks.skip_holes(true).deleted(self.is_deleted_too))
            }
            false => {
                source.rewind()?;
                let stream = RecordStream::new(layout, &mut *source).resync(true);
                InputChunks::InOrder(stream.deleted(self.is_deleted_too))
            }
        };
        chunks = chunks.unsigned_seconds(self.identity.unsigned_seconds());
        let (mut why, mut enough) = (None, false);
        while !enough {
            match chunks.next_chunk() {
                Ok(Some(records)) => enough = f(Chunk::Records(records))?.is_break(),
                Ok(None) => break,
                Err(error) => {
                    why = Some(unread(error.offset(), error.io_error()));
                    break;
                }
            }
            if let Some(hole) = chunks.hole() {
                enough = f(Chunk::Hole(hole))?.is_break();
            }
        }
        let (offset, tail) = chunks.tail();
        let mut tail = Tail { offset, bytes: tail.to_vec() };
        if layout.container.has_rows() && source.is_seekable() {
            // Not all pages have rows, and not all messages are logins.
            tail.offset = source.size()?;
        }
        source.pass_to(tail.offset + tail.bytes.len() as u64);
        if why.is_none() && !enough {
            why = shrunk(source);
        }
        Ok((tail, why))
    }
}

/// Returns whether a row of a database is one of these.
#[cold]
fn is_among(record: &Record<'_>, rowids: &HashSet<i64>) -> bool {
    let rowid = record.row_place().and_then(|place| place.rowid);
    rowid.is_some_and(|rowid| rowids.contains(&rowid))
}

/// A piece of a file.
enum Chunk<'a> {
    Records(Records<'a>),
    Hole(Hole),
}

impl<'a> Chunk<'a> {
    /// The records, of which a hole has none that is read.
    fn records(self) -> impl Iterator<Item = Result<Record<'a>, Error>> {
        let records = match self {
            Chunk::Records(records) => Some(records),
            Chunk::Hole(_) => None,
        };
        records.into_iter().flatten()
    }
}

/// The chunks of a file, or of what can be read only once.
enum InputChunks<'s> {
    ByOffset(Chunks<&'s InputBytes>),
    InOrder(RecordStream<&'s mut InputBytes>),
}

impl InputChunks<'_> {
    fn unsigned_seconds(self, yes: bool) -> Self {
        match self {
            InputChunks::ByOffset(chunks) => InputChunks::ByOffset(chunks.unsigned_seconds(yes)),
            InputChunks::InOrder(stream) => InputChunks::InOrder(stream.unsigned_seconds(yes)),
        }
    }

    fn next_chunk(&mut self) -> Result<Option<Records<'_>>, ReadError> {
        match self {
            InputChunks::ByOffset(chunks) => chunks.next_chunk(),
            InputChunks::InOrder(stream) => stream.next_chunk(),
        }
    }

    fn hole(&self) -> Option<Hole> {
        match self {
            InputChunks::ByOffset(chunks) => chunks.hole(),
            InputChunks::InOrder(_) => None,
        }
    }

    fn tail(&self) -> (u64, &[u8]) {
        match self {
            InputChunks::ByOffset(chunks) => chunks.tail(),
            InputChunks::InOrder(stream) => stream.tail(),
        }
    }
}

/// Counts a file whose damage has been reported, except for the reason why it was not read to its
/// end.
fn told(
    name: &FileName<'_>,
    report: &mut Diagnostics,
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

/// Returns whether the file is shorter at the end than at the beginning.
pub(crate) fn shrunk(source: &InputBytes) -> Option<String> {
    let (len, now) = source.shrunk()?;
    Some(format!("became shorter while it was read: only {now} of {len} bytes are left"))
}

/// Returns why a file was not read further. Decompressors report themselves how far they got.
pub(crate) fn unread(offset: u64, error: &io::Error) -> String {
    let why = reason(error);
    match error.kind() {
        ErrorKind::InvalidData | ErrorKind::FileTooLarge => why,
        _ => format!("byte {offset}: cannot be read further: {why}"),
    }
}
