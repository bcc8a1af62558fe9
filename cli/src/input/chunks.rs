//! Decodes a long array of records with several threads.

use std::io::{self, Cursor, Read as _};
use std::mem;

use loginrec::read::{ReadAt as _, RecordStream, is_on_grid};
use loginrec::{Container, Error, Layout, Record};
use loginrec_sources::SparseFile;

use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;
use crate::input::buffer::Buffer;
use crate::input::file::{Input, Tail, shrunk, unread};
use crate::input::input_bytes::InputBytes;
use crate::input::parallel::{OrderedJob, run_ordered};

/// Bytes that a thread decodes at a time. With the lines made of them they stay in a processor's
/// cache. With --raw the lines are four times as long, and eight threads have sixteen chunks
/// between them.
const CHUNK: usize = 128 << 10;

/// A file, chunk by chunk, with the same records in the same places as in a `Stream`.
pub(crate) struct Chunks {
    layout: &'static Layout,
    unsigned_seconds: bool,
    source: InputBytes,
    /// Offset of the next chunk.
    offset: u64,
    index: u64,
}

/// Whole records with their place. The remaining bytes follow those of the last chunk.
#[derive(Debug, Default)]
struct Chunk {
    offset: u64,
    index: u64,
    unsigned_seconds: bool,
    bytes: Buffer,
    /// Whether this is the end, and the error if the end came early.
    is_last: bool,
    error: Option<io::Error>,
    /// The printed lines of its records.
    lines: Vec<u8>,
    any: bool,
    /// Whether records are not at multiples of their size: then there are no lines.
    is_off_grid: bool,
    /// Damage, which an array can only have at its end.
    damage: Option<Error>,
}

impl Chunks {
    /// Takes the file out of `input` if it is an array. Unless threads were `asked` for, only if it
    /// is long.
    pub(crate) fn of(input: &mut Input, asked: bool) -> Option<Chunks> {
        let layout = input.layout().filter(|layout| layout.container == Container::Array)?;
        let unsigned_seconds = input.identity.unsigned_seconds();
        let is_fit = |source: &InputBytes| (asked || source.is_long()) && !source.has_holes();
        let source = input.source.take_if(|source| is_fit(source))?;
        Some(Chunks { layout, unsigned_seconds, source, offset: 0, index: 0 })
    }

    /// Formats all records with `threads` threads. `renderer` returns a function that appends a
    /// record's lines, one for each thread; `print` gets the lines of each chunk, in file order.
    /// Damage and the result of reading go to `report`, as in `Input::each`.
    pub(crate) fn render<R: FnMut(&mut Vec<u8>, &Record<'_>)>(
        self,
        threads: usize,
        name: &FileName<'_>,
        report: &mut Diagnostics,
        renderer: impl Fn() -> R + Sync,
        print: impl FnMut(Rendered<'_>) -> io::Result<()>,
    ) -> io::Result<Tail> {
        let layout = self.layout;
        // Each thread reads its own chunks if the file can be read at any offset.
        let file = self.source.share();
        let mut rendering = Rendering {
            chunks: self,
            is_shared: file.is_some(),
            off_grid: None,
            pending: Vec::new(),
            failed: None,
            name,
            print,
            report,
            away: 0,
            ended: false,
            any: false,
            damaged: false,
            tail: None,
            spare: Vec::new(),
        };
        run_ordered(threads, &mut rendering, || {
            let (mut render, file) = (renderer(), file.as_ref());
            move |mut chunk: Chunk| {
                if let Some(file) = file {
                    chunk.read(layout, |bytes, at, len| bytes.read_at(file, at, len));
                }
                chunk.render(layout, &mut render);
                chunk
            }
        })?;
        if rendering.off_grid.is_some() {
            rendering.go_on(renderer())?;
        }
        Ok(rendering.end())
    }
}

/// A file from some byte on.
struct FromOffset {
    file: SparseFile,
    offset: u64,
}

impl io::Read for FromOffset {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}

/// Nothing to read, and the error that ended reading elsewhere.
struct Failure(Option<io::Error>);

impl io::Read for Failure {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// A result from a file, in file order.
pub(crate) enum Rendered<'a> {
    /// The lines of one chunk.
    Lines(&'a [u8]),
    /// The first damage, before it is reported.
    Damage,
    /// Bytes that belong to no record, and their offset.
    Skipped(u64, &'a [u8]),
}

impl Chunk {
    fn read(
        &mut self,
        layout: &Layout,
        read: impl FnOnce(&mut Buffer, u64, usize) -> Option<io::Error>,
    ) {
        let wanted = len(layout);
        self.bytes.truncate(0);
        self.error = read(&mut self.bytes, self.offset, wanted);
        self.is_last = self.bytes.bytes().len() < wanted;
    }

    fn render(
        &mut self,
        layout: &'static Layout,
        mut render: impl FnMut(&mut Vec<u8>, &Record<'_>),
    ) {
        (self.any, self.damage) = (false, None);
        self.lines.clear();
        let (whole, _) = split(self.bytes.bytes(), layout);
        // A record that could not be read further is not truncated.
        let bytes = if self.error.is_some() { whole } else { self.bytes.bytes() };
        self.is_off_grid = !is_on_grid(layout, bytes);
        if self.is_off_grid {
            return;
        }
        let records = layout.records_at(bytes, self.offset, self.index);
        for item in records.unsigned_seconds(self.unsigned_seconds) {
            self.any |= item.is_ok();
            match item {
                Ok(record) => render(&mut self.lines, &record),
                Err(error) => self.damage = Some(error),
            }
        }
    }
}

/// Whole records, and the bytes after them.
fn split<'b>(bytes: &'b [u8], layout: &Layout) -> (&'b [u8], &'b [u8]) {
    bytes.split_at(bytes.len() - bytes.len() % layout.size.max(1))
}

/// Returns the length of a chunk.
fn len(layout: &Layout) -> usize {
    let size = layout.size.max(1);
    (CHUNK / size).max(1) * size
}

/// The state of the thread that writes, and reads what only one thread can read.
struct Rendering<'p, P> {
    chunks: Chunks,
    /// Whether each thread reads for itself.
    is_shared: bool,
    name: &'p FileName<'p>,
    print: P,
    report: &'p mut Diagnostics,
    /// Number of chunks in progress.
    away: usize,
    /// Whether the last one has been read.
    ended: bool,
    any: bool,
    damaged: bool,
    /// Offset and index of the first chunk whose records are not at multiples of their size. From
    /// there on, one thread reads.
    off_grid: Option<(u64, u64)>,
    /// The bytes read from there on, if they cannot be read again.
    pending: Vec<u8>,
    /// The error that ended them.
    failed: Option<io::Error>,
    /// The bytes after the last record, once known.
    tail: Option<Tail>,
    /// Chunks that have been written, for reuse.
    spare: Vec<Chunk>,
}

impl<P: FnMut(Rendered<'_>) -> io::Result<()>> OrderedJob for Rendering<'_, P> {
    type Work = Chunk;
    type Done = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        let Chunks { layout, unsigned_seconds, ref mut source, offset, index } = self.chunks;
        // The file may have grown, which the next read shows.
        let is_behind = source.len().is_none_or(|len| offset >= len);
        if self.ended || (self.is_shared && is_behind && self.away > 0) {
            return None;
        }
        let spare = self.spare.pop().unwrap_or_default();
        let mut chunk = Chunk { offset, index, unsigned_seconds, ..spare };
        if !self.is_shared {
            chunk.read(layout, |bytes, _, len| bytes.read(source, len));
            self.ended = chunk.is_last;
        }
        self.chunks.offset += len(layout) as u64;
        self.chunks.index += (len(layout) / layout.size.max(1)) as u64;
        self.away += 1;
        Some(chunk)
    }

    fn take(&mut self, mut chunk: Chunk) -> io::Result<()> {
        self.away -= 1;
        if self.tail.is_none() && (chunk.is_off_grid || self.off_grid.is_some()) {
            self.off_grid.get_or_insert((chunk.offset, chunk.index));
            self.ended = true;
            if !self.is_shared {
                self.pending.extend_from_slice(chunk.bytes.bytes());
                self.failed = chunk.error.take();
            }
            return Ok(());
        }
        // Other threads may have read beyond the former end.
        if self.tail.is_none() {
            self.any |= chunk.any;
            (self.print)(Rendered::Lines(&chunk.lines))?;
            if let Some(error) = chunk.damage.take() {
                self.damaged(error)?;
            }
            if chunk.is_last {
                self.last(&mut chunk);
            }
        }
        self.spare.push(chunk);
        Ok(())
    }
}

impl<P: FnMut(Rendered<'_>) -> io::Result<()>> Rendering<'_, P> {
    fn damaged(&mut self, what: impl std::fmt::Display) -> io::Result<()> {
        // On a terminal the message appears where the damage is.
        if !mem::replace(&mut self.damaged, true) {
            (self.print)(Rendered::Damage)?;
        }
        self.report.damaged(self.name, what);
        Ok(())
    }

    /// Reads the rest of a file whose records are not all at multiples of their size.
    fn go_on(&mut self, mut render: impl FnMut(&mut Vec<u8>, &Record<'_>)) -> io::Result<()> {
        let Some((offset, index)) = self.off_grid.take() else { return Ok(()) };
        let Chunks { layout, unsigned_seconds, .. } = self.chunks;
        let pending = mem::take(&mut self.pending);
        let mut source = mem::replace(&mut self.chunks.source, InputBytes::empty());
        let failure = Failure(self.failed.take());
        let rest: Box<dyn io::Read + '_> = match source.share().filter(|_| self.is_shared) {
            Some(file) => Box::new(FromOffset { file, offset }),
            None => Box::new(Cursor::new(pending).chain(failure).chain(&mut source)),
        };
        let stream = RecordStream::new(layout, rest).starting_at(offset, index);
        let mut stream = stream.unsigned_seconds(unsigned_seconds).resync(true);
        let mut lines = Vec::new();
        let why = loop {
            let records = match stream.next_chunk() {
                Ok(Some(records)) => records,
                Ok(None) => break None,
                Err(error) => break Some(unread(error.offset(), error.io_error())),
            };
            if let Some((offset, bytes)) = records.skipped() {
                (self.print)(Rendered::Skipped(offset, bytes))?;
            }
            for item in records {
                match item {
                    Ok(record) => {
                        self.any = true;
                        render(&mut lines, &record);
                    }
                    Err(error) => {
                        (self.print)(Rendered::Lines(&lines))?;
                        lines.clear();
                        self.damaged(error)?;
                    }
                }
            }
            (self.print)(Rendered::Lines(&lines))?;
            lines.clear();
        };
        let (offset, tail) = stream.tail();
        self.tail = Some(Tail { offset, bytes: tail.to_vec() });
        let end = offset + tail.len() as u64;
        drop(stream);
        source.pass_to(end);
        if let Some(why) = why.or_else(|| shrunk(&source)) {
            self.damaged = true;
            self.report.damaged(self.name, why);
        }
        self.chunks.source = source;
        Ok(())
    }

    fn last(&mut self, chunk: &mut Chunk) {
        let Chunks { layout, source, .. } = &mut self.chunks;
        let (whole, rest) = split(chunk.bytes.bytes(), layout);
        let offset = chunk.offset + whole.len() as u64;
        let end = offset + rest.len() as u64;
        self.ended = true;
        self.tail = Some(Tail { offset, bytes: rest.to_vec() });
        source.pass_to(end);
        let error = chunk.error.take().map(|error| unread(end, &error));
        if let Some(why) = error.or_else(|| shrunk(source)) {
            self.damaged = true;
            self.report.damaged(self.name, why);
        }
    }

    fn end(self) -> Tail {
        match self.any || !self.damaged {
            true => self.report.read(),
            false => self.report.failed_quietly(),
        }
        self.tail.unwrap_or_default()
    }
}
