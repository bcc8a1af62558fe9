//! Records of a known layout from anything that can be read, in bounded memory.
//!
//! [`LogFile`](crate::LogFile) maps a file, which is the simplest to use. A [`Stream`]
//! reads it instead, one window after the other into one buffer: pipes and unpackers work
//! as well, memory stays the same whatever the size, and a file that shrinks meanwhile
//! merely ends early.

mod backwards;
mod error;

use std::fmt;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::vec::Vec;

pub use self::backwards::Backwards;
pub use self::error::StreamError;
use crate::entries::Entries;
use crate::entry::Entry;
use crate::error::Error;
use crate::frame::{Framing, Start, leading_zeros, whole_prefixed};
use crate::hash::{LONGEST_VALUE, Pairs, Value};
use crate::layout::Layout;
use crate::record::Records;

/// Bytes in a window: from here on reading is no faster with more.
const WINDOW: usize = 256 << 10;
/// Bytes in the first one: most files are small, and a large buffer costs time to clear.
const FIRST: usize = 64 << 10;

/// Says where the data is: the first part at or behind an offset that may hold anything
/// but zeros, or `None` if there is none up to the end of the file.
pub type NextData<R> = fn(&mut R, u64) -> io::Result<Option<Range<u64>>>;

/// Records of one file, window by window.
///
/// A window borrows the stream, so it cannot be kept: that is what bounds the memory. Its
/// records have the offsets and ordinals they have in the file, and are the same, damage
/// included, as [`Layout::records`] gives over the whole.
///
/// ```
/// use std::fs::File;
/// use loginrec::{Stream, platform};
///
/// let layout = platform::by_name("linux-glibc-384-le").unwrap();
/// let mut stream = Stream::new(layout, File::open("fixtures/linux-glibc-384-le/wtmp")?);
/// let mut logins = 0;
/// while let Some(records) = stream.next_window()? {
///     for record in records {
///         match record {
///             Ok(record) => logins += u32::from(record.entry().raw_type == Some(7)),
///             Err(damage) => eprintln!("{damage}"),
///         }
///     }
/// }
/// assert!(logins > 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`Stream::for_each`] is shorter, and faster where entries are wanted.
///
/// A database (`lastlogx`) cannot be read in order: it is one window, of at most
/// [`Stream::DATABASE_LIMIT`] bytes.
pub struct Stream<R> {
    layout: &'static Layout,
    source: R,
    holes: Option<Holes<R>>,
    /// What is read at a time.
    window: usize,
    buffer: Vec<u8>,
    filled: usize,
    /// Whole records of the buffer that were given out: bytes, and how many.
    given: (usize, u64),
    /// Where the buffer begins in the file.
    start: Start,
    /// The database values that lie on several pages.
    scattered: Vec<u8>,
    state: State,
}

#[derive(Debug)]
enum State {
    Reading,
    /// All has been read.
    Ended,
    /// All that could be has been read.
    Failed(io::Error),
    Over,
}

/// How to pass over holes.
struct Holes<R> {
    next_data: NextData<R>,
    seek: fn(&mut R, SeekFrom) -> io::Result<u64>,
    /// Up to here the source is read as it is.
    until: u64,
}

impl<R> Stream<R> {
    /// The largest database that is read: some 600,000 users.
    pub const DATABASE_LIMIT: u64 = 256 << 20;

    /// The layout of the records.
    pub fn layout(&self) -> &'static Layout {
        self.layout
    }

    /// What is read from.
    pub fn get_ref(&self) -> &R {
        &self.source
    }

    /// Gives back what is read from, wherever reading has got to.
    pub fn into_inner(self) -> R {
        self.source
    }

    /// What is behind the last whole record, and its offset, when all has been read: the
    /// beginning of a record that is cut short. Nothing for a database.
    pub fn tail(&self) -> (u64, &[u8]) {
        let tail = self.buffer.get(self.given.0..self.filled).unwrap_or_default();
        (self.start.offset.saturating_add(self.given.0 as u64), tail)
    }

    /// Reads about `bytes` at a time instead of 256 KiB. A window holds at least one
    /// record.
    #[must_use]
    pub fn window(mut self, bytes: usize) -> Self {
        self.window = bytes.max(1);
        self
    }
}

impl<R: Read> Stream<R> {
    /// Reads `source` to its end. It stands at the beginning of the file.
    pub fn new(layout: &'static Layout, source: R) -> Stream<R> {
        Stream {
            layout,
            source,
            holes: None,
            window: WINDOW,
            buffer: Vec::new(),
            filled: 0,
            given: (0, 0),
            start: Start::default(),
            scattered: Vec::new(),
            state: State::Reading,
        }
    }

    /// The records of the next window; `None` at the end.
    ///
    /// # Errors
    ///
    /// If the source cannot be read further. All whole records before that place have been
    /// given out by then. Nothing follows.
    pub fn next_window(&mut self) -> Result<Option<Records<'_>>, StreamError> {
        self.drop_given();
        if let State::Over = self.state {
            return Ok(None);
        }
        let mut target = if self.start.offset == 0 { self.window.min(FIRST) } else { self.window };
        loop {
            self.fill(target);
            let (whole, records) = self.whole();
            self.given = (whole, records);
            let mut shown = whole;
            match std::mem::replace(&mut self.state, State::Over) {
                // A record, or a database, that is longer than the window.
                State::Reading if whole == 0 => {
                    self.state = State::Reading;
                    target = target.max(self.filled).saturating_mul(2);
                    continue;
                }
                // At the end the walk itself says what is wrong with the rest.
                State::Ended => shown = self.filled,
                State::Failed(error) if whole == 0 => {
                    let offset = self.start.offset.saturating_add(self.filled as u64);
                    return Err(StreamError::new(offset, error));
                }
                state => self.state = state,
            }
            if shown == 0 {
                return Ok(None);
            }
            let data = self.buffer.get(..shown).unwrap_or_default();
            let records = self.layout.records_with(data, &self.scattered);
            return Ok(Some(records.starting(self.start)));
        }
    }

    /// Hands every entry to `f`, as fast as [`Layout::entries`] does.
    ///
    /// ```
    /// use std::fs::File;
    /// use loginrec::{Stream, platform};
    ///
    /// let layout = platform::by_name("openbsd-utmp-304-le").unwrap();
    /// let stream = Stream::new(layout, File::open("fixtures/openbsd-utmp-304-le/wtmp")?);
    /// let mut newest = 0;
    /// stream.for_each(|entry| {
    ///     if let Ok(entry) = entry {
    ///         newest = newest.max(entry.ut_tv.tv_sec);
    ///     }
    /// })?;
    /// assert!(newest > 1_600_000_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Stream::next_window`].
    pub fn for_each(
        mut self,
        mut f: impl FnMut(Result<Entry<'_>, Error>),
    ) -> Result<(), StreamError> {
        while let Some(records) = self.next_window()? {
            Entries::from(records).for_each(&mut f);
        }
        Ok(())
    }

    /// Makes room: what was given out is no longer needed.
    fn drop_given(&mut self) {
        let (bytes, records) = std::mem::take(&mut self.given);
        self.pass(bytes);
        if bytes > 0 {
            self.start.zeros = 0;
        }
        self.start.index = self.start.index.saturating_add(records);
    }

    fn pass(&mut self, bytes: usize) {
        self.buffer.copy_within(bytes.min(self.filled)..self.filled, 0);
        self.filled = self.filled.saturating_sub(bytes);
        self.start.offset = self.start.offset.saturating_add(bytes as u64);
    }

    /// Reads until the buffer holds `target` bytes, or less if a hole begins there.
    fn fill(&mut self, target: usize) {
        while self.filled < target && matches!(self.state, State::Reading) {
            if self.buffer.len() < target {
                self.buffer.resize(target, 0);
            }
            let room = match self.room(target) {
                Ok(0) => return,
                Ok(room) => room,
                Err(error) => {
                    self.state = State::Failed(error);
                    return;
                }
            };
            let end = self.filled.saturating_add(room);
            let room = self.buffer.get_mut(self.filled..end).unwrap_or_default();
            match self.source.read(room) {
                Ok(0) => self.state = State::Ended,
                Ok(read) => self.filled = self.filled.saturating_add(read).min(end),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => self.state = State::Failed(error),
            }
            if self.layout.framing == Framing::LengthPrefixed {
                self.pass_zeros();
            }
        }
    }

    /// Of many zeros before a record the last is enough: it may begin a length.
    fn pass_zeros(&mut self) {
        let zeros = leading_zeros(self.buffer.get(..self.filled).unwrap_or_default());
        let passed = zeros.saturating_sub(1);
        if passed > 0 {
            self.pass(passed);
            self.start.zeros = self.start.zeros.saturating_add(passed as u64);
        }
    }

    /// How many bytes can be read into the buffer now: 0 if what it holds must be given out
    /// before. Passes over a hole.
    fn room(&mut self, target: usize) -> io::Result<usize> {
        let room = target.saturating_sub(self.filled);
        let Some(holes) = &mut self.holes else { return Ok(room) };
        let size = self.layout.size.max(1) as u64;
        let slot = |at: u64| at.checked_div(size).unwrap_or(0).saturating_mul(size);
        let mut position = self.start.offset.saturating_add(self.filled as u64);
        if position >= holes.until {
            let data = (holes.next_data)(&mut self.source, position)?;
            let (begin, end) = match data {
                Some(data) => (slot(data.start), data.end.max(position.saturating_add(1))),
                // Nothing but zeros, and perhaps a last slot that is cut short.
                None => (slot((holes.seek)(&mut self.source, SeekFrom::End(0))?), u64::MAX),
            };
            let is_cut = position != slot(position);
            match begin > position {
                true if is_cut => holes.until = slot(position).saturating_add(size),
                true if self.filled > 0 => return Ok(0),
                true => {
                    self.start.offset = begin;
                    self.start.index = begin.checked_div(size).unwrap_or(0);
                    position = begin;
                    holes.until = slot(end.saturating_add(size.saturating_sub(1)));
                }
                false => holes.until = slot(end.saturating_add(size.saturating_sub(1))),
            }
            (holes.seek)(&mut self.source, SeekFrom::Start(position))?;
        }
        let left = holes.until.saturating_sub(position);
        Ok(usize::try_from(left).unwrap_or(usize::MAX).min(room))
    }

    /// How many bytes of the buffer are whole records, and how many those are. In the end
    /// also zeros no record follows, and a database.
    fn whole(&mut self) -> (usize, u64) {
        let ended = matches!(self.state, State::Ended);
        let data = self.buffer.get(..self.filled).unwrap_or_default();
        match self.layout.framing {
            Framing::Fixed | Framing::Indexed => {
                let records = data.len().checked_div(self.layout.size).unwrap_or(0);
                (records.saturating_mul(self.layout.size), records as u64)
            }
            Framing::LengthPrefixed => {
                let (end, records) = whole_prefixed(data);
                let rest = data.get(end..).unwrap_or_default();
                let zeros = leading_zeros(rest);
                let passed = if zeros == rest.len() { zeros } else { zeros.saturating_sub(1) };
                (if ended { end.saturating_add(passed) } else { end }, records)
            }
            Framing::Database if data.len() as u64 > Stream::<R>::DATABASE_LIMIT => {
                self.state = State::Failed(too_large());
                (0, 0)
            }
            Framing::Database if ended => {
                self.scattered = assemble(data);
                (data.len(), 0)
            }
            Framing::Database => (0, 0),
        }
    }
}

impl<R: Read + Seek> Stream<R> {
    /// As [`Stream::new`], but of a lastlog, which is mostly holes, only the data is read:
    /// `next_data` says where that is. Other files are read as they are, for there zeros
    /// are records too.
    ///
    /// ```
    /// use std::io::Cursor;
    /// use loginrec::{Stream, platform};
    ///
    /// // A real one would ask the file system (SEEK_DATA and SEEK_HOLE).
    /// let lastlog = std::fs::read("fixtures/linux-lastlog-292-le/lastlog")?;
    /// let layout = platform::by_name("linux-lastlog-292-le").unwrap();
    /// let mut stream = Stream::sparse(layout, Cursor::new(lastlog), |file, at| {
    ///     let data = file.get_ref().iter().skip(at as usize).position(|&byte| byte != 0);
    ///     Ok(data.map(|data| at + data as u64..at + data as u64 + 292))
    /// });
    /// let mut users = Vec::new();
    /// while let Some(records) = stream.next_window()? {
    ///     users.extend(records.flatten().filter_map(|record| record.uid()));
    /// }
    /// assert_eq!(users.first(), Some(&0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sparse(layout: &'static Layout, source: R, next_data: NextData<R>) -> Stream<R> {
        let holes = Holes { next_data, seek: R::seek, until: 0 };
        let holes = (layout.framing == Framing::Indexed).then_some(holes);
        Stream { holes, ..Stream::new(layout, source) }
    }
}

fn too_large() -> io::Error {
    io::Error::new(ErrorKind::FileTooLarge, "a database of more than 256 MiB is not read")
}

/// The database values that lie on several pages and could be records, in the order of
/// the walk.
pub(crate) fn assemble(data: &[u8]) -> Vec<u8> {
    let mut values = Vec::new();
    let Ok(pairs) = Pairs::new(data) else { return values };
    for pair in pairs.flatten() {
        if let Value::Scattered(parts) = pair.value
            && parts.len <= LONGEST_VALUE
        {
            parts.parts().for_each(|part| values.extend_from_slice(part));
        }
    }
    values
}

/// Without the buffer, and whatever is read from.
impl<R> fmt::Debug for Stream<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("layout", &self.layout)
            .field("offset", &self.start.offset)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
