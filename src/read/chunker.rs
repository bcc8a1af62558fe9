//! Splits a pipe or a file into chunks of records, from the beginning.

use std::fmt;
use std::io;
use std::ops::Range;
use std::vec::Vec;

use crate::align::{self, REACH};
use crate::container::{Access, Position};
use crate::layout::Layout;
use crate::read::error::ReadError;
use crate::read::feed::Feed;
use crate::read::hole::{Hole, LONG_HOLE};
use crate::read::plan::{Part, Plan};
use crate::read::record::Records;
use crate::read::rows::{DATABASE_LIMIT, RowReader, too_large};
use crate::scan::leading_zeros;

/// Bytes in a chunk. Larger chunks are not faster.
pub(super) const CHUNK: usize = 256 << 10;
/// Bytes in the first chunk. Most files are small, and clearing a large buffer takes time.
const FIRST: usize = 64 << 10;

/// Bytes at the end of a chunk that are decided together with the bytes after them.
const UNDECIDED: usize = REACH + (4 << 10);
/// Bytes in which records at other offsets are searched for.
const PLANNED: usize = 8 * REACH;

/// Splits a file into chunks of whole records, in one buffer.
pub(super) struct Chunker<F> {
    /// The file's layout.
    home: &'static Layout,
    /// The layout of the next records: in a damaged or mixed file it may differ.
    layout: &'static Layout,
    pub(super) feed: F,
    /// Number of bytes to read at a time.
    target: usize,
    buffer: Vec<u8>,
    /// Offset of the chunk in the buffer.
    head: usize,
    /// Length of the chunk, in the buffer from `head` on, or in the slice of a feed in memory.
    filled: usize,
    /// How to split the buffered bytes, if records are not at multiples of their size.
    plan: Plan,
    /// Whether the chunk that was returned is bytes of no record.
    is_skipped: bool,
    /// Bytes and number of the whole records in the chunk that was returned.
    given: (usize, u64),
    /// The place of the chunk in the file.
    start: Position,
    /// Where the file, or the requested part of it, ends.
    end: u64,
    /// Where the current data ends; a hole may follow.
    data_end: u64,
    pub(super) unsigned_seconds: bool,
    /// Whether to search for records at other offsets.
    pub(super) resync: bool,
    /// Whether the chunk ends where a long hole begins.
    is_at_hole: bool,
    /// The hole that was skipped instead of returning records.
    pub(super) hole: Option<Hole>,
    /// Database values that lie on several pages.
    fragmented: Vec<u8>,
    /// The rows of a table.
    pub(super) rows: RowReader,
    state: State,
}

/// The place and length of a chunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChunkAt {
    pub(super) layout: &'static Layout,
    pub(super) start: Position,
    pub(super) len: u64,
    /// Whether it is bytes of no record.
    pub(super) is_skipped: bool,
}

#[derive(Debug)]
enum State {
    Reading,
    /// Everything has been read.
    Ended,
    /// Everything up to the error has been read.
    Failed(io::Error),
    Over,
}

/// The next step before more bytes can be read.
enum Room {
    /// Read this many bytes.
    Bytes(usize),
    /// A hole follows: return the chunk first.
    Hole,
    /// A hole has been skipped, and is reported.
    Passed,
    /// Nothing follows.
    End,
}

impl<F> Chunker<F> {
    pub(super) fn new(layout: &'static Layout, feed: F) -> Chunker<F> {
        Chunker {
            home: layout,
            layout,
            feed,
            target: CHUNK,
            buffer: Vec::new(),
            head: 0,
            filled: 0,
            plan: Plan::default(),
            is_skipped: false,
            given: (0, 0),
            start: Position::default(),
            end: u64::MAX,
            // Holes matter only if zeros are not records.
            data_end: match layout.container.access() {
                Access::SparseArray => 0,
                _ => u64::MAX,
            },
            unsigned_seconds: false,
            resync: false,
            is_at_hole: false,
            hole: None,
            fragmented: Vec::new(),
            rows: RowReader::default(),
            state: State::Reading,
        }
    }

    pub(super) fn home(&self) -> &'static Layout {
        self.home
    }

    /// Passes over long holes of an array.
    pub(super) fn skip_holes(&mut self, yes: bool) {
        if self.home.container.access() == Access::Array {
            self.data_end = if yes { 0 } else { u64::MAX };
        }
    }

    pub(super) fn set_target(&mut self, bytes: usize) {
        self.target = bytes.max(1);
    }

    /// Begins at a record of an array, and ends before byte `end`.
    pub(super) fn limit(&mut self, start: Position, end: u64) {
        (self.start, self.end) = (start, end);
    }

    /// Returns the place of the last chunk.
    pub(super) fn last_chunk(&self) -> ChunkAt {
        let is_last = matches!(self.state, State::Over) && self.plan.is_empty();
        let len = if is_last { self.filled } else { self.given.0 };
        let Chunker { layout, start, is_skipped, .. } = *self;
        ChunkAt { layout, start, len: len as u64, is_skipped }
    }
}

impl<F: Feed> Chunker<F> {
    /// See [`RecordStream::tail`](super::RecordStream::tail).
    pub(super) fn tail(&self) -> (u64, &[u8]) {
        let tail = self.data(self.given.0..self.filled);
        (self.start.offset.saturating_add(self.given.0 as u64), tail)
    }

    /// Returns bytes of the chunk.
    fn data(&self, range: Range<usize>) -> &[u8] {
        let from = usize::try_from(self.start.offset).unwrap_or(usize::MAX);
        let chunk = match self.feed.in_memory() {
            Some(all) => all.get(from..).unwrap_or_default(),
            None => self.buffer.get(self.head..).unwrap_or_default(),
        };
        chunk.get(range).unwrap_or_default()
    }

    /// Returns the records of the next chunk.
    pub(super) fn next_chunk(&mut self) -> Result<Option<Records<'_>>, ReadError> {
        self.drop_given();
        if let State::Over = self.state {
            return Ok(None);
        }
        if let Some(part) = self.plan.next() {
            return Ok(Some(self.part(part)));
        }
        if self.layout.container.access() == Access::Rows {
            return self.next_rows();
        }
        let is_first = self.start.offset == 0 && self.feed.in_memory().is_none();
        let mut target = if is_first { self.target.min(FIRST) } else { self.target };
        loop {
            self.fill(target);
            if self.hole.is_some() {
                let (offset, index) = (self.start.offset, self.start.index);
                return Ok(Some(self.layout.records_at(&[], offset, index)));
            }
            let (whole, records) = self.whole();
            if self.resync && !self.is_on_grid(whole) {
                let has_more = matches!(self.state, State::Reading) && !self.is_at_hole;
                if has_more && target < PLANNED {
                    target = PLANNED;
                    continue;
                }
                self.make_plan();
                if let Some(part) = self.plan.next() {
                    return Ok(Some(self.part(part)));
                }
            }
            self.given = (whole, records);
            let mut shown = whole;
            match std::mem::replace(&mut self.state, State::Over) {
                // A record, or a database, that is longer than the chunk.
                State::Reading if whole == 0 => {
                    self.state = State::Reading;
                    target = target.max(self.filled).saturating_mul(2);
                    continue;
                }
                // At the end, the iterator itself reports the damage in the remaining bytes.
                State::Ended => shown = self.filled,
                State::Failed(error) if whole == 0 => {
                    let offset = self.start.offset.saturating_add(self.filled as u64);
                    return Err(ReadError::new(offset, error));
                }
                state => self.state = state,
            }
            if shown == 0 {
                return Ok(None);
            }
            let records = self.layout.records_with(self.data(0..shown), &self.fragmented);
            return Ok(Some(records.at(self.start).unsigned_seconds(self.unsigned_seconds)));
        }
    }

    /// The next rows of a database. One that comes as a stream is read whole first.
    fn next_rows(&mut self) -> Result<Option<Records<'_>>, ReadError> {
        if self.end == 0 {
            return Ok(None);
        }
        let Chunker { layout, target, rows, buffer, feed, .. } = self;
        rows.next_of(layout, feed, buffer, *target)
    }

    /// Discards the chunk that was returned.
    fn drop_given(&mut self) {
        let (bytes, records) = std::mem::take(&mut self.given);
        self.is_skipped = false;
        self.hole = None;
        self.pass(bytes);
        if bytes > 0 {
            self.start.zeros = 0;
        }
        self.start.index = self.start.index.saturating_add(records);
    }

    fn pass(&mut self, bytes: usize) {
        if self.feed.in_memory().is_none() {
            self.head = self.head.saturating_add(bytes.min(self.filled));
        }
        self.filled = self.filled.saturating_sub(bytes);
        self.start.offset = self.start.offset.saturating_add(bytes as u64);
    }

    /// Reads until the chunk has `target` bytes, or fewer if a hole begins.
    fn fill(&mut self, target: usize) {
        if let Some(all) = self.feed.in_memory() {
            let end = self.end.min(all.len() as u64);
            let left = usize::try_from(end.saturating_sub(self.start.offset)).unwrap_or(usize::MAX);
            self.filled = target.min(left);
            if self.filled == left {
                self.state = State::Ended;
            }
            return;
        }
        self.is_at_hole = false;
        while self.filled < target && matches!(self.state, State::Reading) {
            if self.head > 0 {
                let end = self.head.saturating_add(self.filled).min(self.buffer.len());
                self.buffer.copy_within(self.head..end, 0);
                self.head = 0;
            }
            let room = match self.room(target) {
                Ok(Room::Bytes(room)) => room,
                Ok(Room::Hole | Room::Passed) => return,
                Ok(Room::End) => {
                    self.state = State::Ended;
                    return;
                }
                Err(error) => {
                    self.state = State::Failed(error);
                    return;
                }
            };
            if self.buffer.len() < target {
                self.buffer.resize(target, 0);
            }
            let end = self.filled.saturating_add(room);
            let offset = self.start.offset.saturating_add(self.filled as u64);
            let space = self.buffer.get_mut(self.filled..end).unwrap_or_default();
            let (read, error) = self.feed.fill(space, offset);
            self.filled = self.filled.saturating_add(read);
            match error {
                Some(error) => self.state = State::Failed(error),
                None if read < room => self.state = State::Ended,
                None => {}
            }
            if self.layout.container.access() == Access::Chain {
                self.pass_zeros();
            }
        }
    }

    /// Skips zeros before a record. The last one is kept, because a length may begin with it.
    fn pass_zeros(&mut self) {
        let zeros = leading_zeros(self.data(0..self.filled));
        let passed = zeros.saturating_sub(1);
        if passed > 0 {
            self.pass(passed);
            self.start.zeros = self.start.zeros.saturating_add(passed as u64);
        }
    }

    /// Returns whether the chunk's whole records seem to be at multiples of their size.
    fn is_on_grid(&self, whole: usize) -> bool {
        let chunk = match self.layout.container.access() {
            Access::Chain => self.filled,
            _ => whole,
        };
        align::is_on_grid(self.layout, self.data(0..chunk))
    }

    /// Finds the records that are not at multiples of their size.
    fn make_plan(&mut self) {
        let decided = match self.state {
            State::Reading if !self.is_at_hole => self.filled.saturating_sub(UNDECIDED),
            _ => self.filled,
        };
        let data = self.data(0..self.filled);
        self.plan = Plan::new(self.home, self.layout, data, decided, self.plan.is_lost);
    }

    /// Returns a part of the plan as a chunk.
    fn part(&mut self, part: Part) -> Records<'_> {
        let Part { layout, len, is_skipped } = part;
        (self.layout, self.is_skipped) = (layout, is_skipped);
        let Position { offset, .. } = self.start;
        if is_skipped {
            self.given = (len, 0);
            return layout.skipped(offset, self.data(0..len));
        }
        let (_, records) = layout.whole_records(self.data(0..len));
        self.given = (len, records);
        let unsigned = self.unsigned_seconds;
        let start = self.start;
        layout.records(self.data(0..len)).at(start).unsigned_seconds(unsigned)
    }

    /// Returns how many bytes can be read into the buffer now. Skips a hole.
    fn room(&mut self, target: usize) -> io::Result<Room> {
        let room = target.saturating_sub(self.filled);
        let size = self.layout.size.max(1) as u64;
        let slot = |at: u64| at.checked_div(size).unwrap_or(0).saturating_mul(size);
        let slot_end = |at: u64| slot(at.saturating_add(size.saturating_sub(1)));
        let mut position = self.start.offset.saturating_add(self.filled as u64);
        if position >= self.data_end && self.layout.container.access() == Access::Array {
            if let Some(room) = self.reach_hole(position)? {
                return Ok(room);
            }
        } else if position >= self.data_end {
            let (begin, end) = match self.feed.data_after(position)? {
                Some(data) => (slot(data.start), data.end.max(position.saturating_add(1))),
                // Only zeros, and perhaps a truncated last slot.
                None => (slot(self.feed.size()?), u64::MAX),
            };
            let is_cut = position != slot(position);
            match begin > position {
                true if is_cut => self.data_end = slot_end(position),
                true if self.filled > 0 => return Ok(Room::Hole),
                true => {
                    let begin = begin.min(self.end);
                    self.start.offset = begin;
                    self.start.index = begin.checked_div(size).unwrap_or(0);
                    position = begin;
                    self.data_end = slot_end(end);
                }
                false => self.data_end = slot_end(end),
            }
        }
        if position >= self.end {
            return Ok(Room::End);
        }
        let left = self.data_end.min(self.end).saturating_sub(position);
        Ok(Room::Bytes(usize::try_from(left).unwrap_or(usize::MAX).min(room)))
    }

    /// Finds out what an array has at `position`, up to where it has been read. Of a long hole
    /// the whole records are passed over: those after it stay where the ones before it put them.
    fn reach_hole(&mut self, position: u64) -> io::Result<Option<Room>> {
        let size = self.layout.size.max(1) as u64;
        let all = self.feed.size()?.min(self.end);
        let data = self.feed.data_after(position)?;
        let begin = data.as_ref().map_or(all, |data| data.start.min(all));
        let end = data.map_or(u64::MAX, |data| data.end.max(position.saturating_add(1)));
        let len = begin.saturating_sub(position);
        if len < LONG_HOLE {
            self.data_end = end;
            return Ok(None);
        }
        match self.filled as u64 {
            0 => {}
            filled if filled >= size => {
                self.is_at_hole = true;
                return Ok(Some(Room::Hole));
            }
            // A record whose end is in the hole.
            _ => {
                self.data_end = self.start.offset.saturating_add(size);
                return Ok(None);
            }
        }
        let records = len.checked_div(size).unwrap_or(0);
        let (index, len) = (self.start.index, records.saturating_mul(size));
        self.hole = Some(Hole { offset: position, index, records, len });
        self.start.offset = position.saturating_add(len);
        self.start.index = index.saturating_add(records);
        self.data_end = end;
        Ok(Some(Room::Passed))
    }

    /// Returns how many bytes of the chunk are whole records, and how many records those are. At
    /// the end of the file, the bytes include zeros that no record follows, and a database.
    fn whole(&mut self) -> (usize, u64) {
        let ended = matches!(self.state, State::Ended);
        let data = self.data(0..self.filled);
        match self.layout.container.access() {
            Access::Array | Access::SparseArray => self.layout.whole_records(data),
            Access::Chain => {
                let (end, records) = self.layout.whole_records(data);
                let rest = data.get(end..).unwrap_or_default();
                let zeros = leading_zeros(rest);
                let passed = if zeros == rest.len() { zeros } else { zeros.saturating_sub(1) };
                (if ended { end.saturating_add(passed) } else { end }, records)
            }
            Access::Whole if data.len() as u64 > DATABASE_LIMIT => {
                self.state = State::Failed(too_large());
                (0, 0)
            }
            Access::Whole if ended => {
                let (fragmented, len) = (self.layout.container.reassemble(data), data.len());
                self.fragmented = fragmented;
                (len, 0)
            }
            Access::Whole | Access::Rows => (0, 0),
        }
    }
}

/// Omits the buffer and the source.
impl<F> fmt::Debug for Chunker<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunker")
            .field("layout", &self.layout)
            .field("offset", &self.start.offset)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
