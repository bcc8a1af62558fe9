use alloc::collections::TryReserveError;
use alloc::vec::Vec;
use core::iter::FusedIterator;

#[cfg(feature = "std")]
use crate::container::Container;
use crate::container::stored_row::Row;
use crate::container::{Access, Frame, Frames, Position};
#[cfg(feature = "std")]
use crate::endian::LE;
use crate::entry::Entry;
use crate::error::Error;
use crate::error::database::Part;
#[cfg(feature = "std")]
use crate::formats::glibc::Utmp384;
use crate::layout::field::{Field, Role};
use crate::layout::{Layout, RawRecord};
pub use crate::value::key::Key;
use crate::value::key::OwnedKey;
pub use crate::value::link::Link;
pub use crate::value::row_state::{FoundAs, RowState};

/// Where a record is in a database, or in a log of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RowPlace {
    /// The number of the row, or of the message; `None` in a table without them.
    pub rowid: Option<i64>,
    /// The page that the row begins on; 0 of a message, which is on none, and of a carved row whose
    /// page has no known number.
    pub page: u32,
    /// The file that the page is in; `None` of a carved row if nothing shows it.
    pub part: Option<Part>,
    /// The state of the row.
    pub state: RowState,
    /// How much of the row was found; `None` of a live one.
    pub found_as: Option<FoundAs>,
    /// How often the row lies in the files; 0 of a live one.
    pub copies: u32,
    /// How a message is reached; `None` for a row of a database.
    pub link: Option<Link>,
    /// The columns that are overwritten.
    lost: LostColumns,
}

/// The columns of a row that are overwritten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct LostColumns(u8);

impl RowPlace {
    /// Returns the names of the columns that are overwritten.
    pub fn lost(&self, layout: &'static Layout) -> impl Iterator<Item = &'static str> + use<> {
        let lost = self.lost.0;
        let is_lost =
            move |field: &&Field| field.role.row_use().is_some_and(|of| lost >> of as u8 & 1 == 1);
        layout.fields.iter().filter(is_lost).map(|field| field.name)
    }

    /// Returns whether the column with this role is overwritten.
    pub(crate) fn lacks(&self, role: Role) -> bool {
        role.row_use().is_some_and(|of| self.lost.0 >> of as u8 & 1 == 1)
    }
}

/// A view of one record in a file, decoded on request.
///
/// ```
/// use loginrec::LogFile;
///
/// let wtmp = LogFile::open("fixtures/glibc-x86_64/wtmp")?;
/// let record = wtmp.get(6).unwrap();
/// assert_eq!((record.index(), record.offset()), (6, 6 * 384));
/// assert_eq!(record.entry().ut_line, "pts/0");
/// assert_eq!(record.field("ut_id"), Some(&b"ts/0"[..]));
/// # Ok::<(), loginrec::OpenError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Record<'a> {
    /// The layout of the file.
    layout: &'static Layout,
    unsigned_seconds: bool,
    frame: Frame<'a>,
}

impl<'a> Record<'a> {
    /// Returns the record in a frame of a file of `layout`.
    #[inline]
    pub(crate) const fn new(layout: &'static Layout, frame: Frame<'a>) -> Record<'a> {
        Record { layout, unsigned_seconds: false, frame }
    }

    /// Returns the layout of this record. It differs from the file's if the record has another
    /// layout of the same size, as those damaged by glibc 2.34 to 2.39 have.
    #[inline]
    pub fn layout(&self) -> &'static Layout {
        self.layout.format_of(self.frame.bytes)
    }

    /// Returns the ordinal in the file; in a lastlog array, the slot.
    #[inline]
    pub fn index(&self) -> u64 {
        self.frame.index
    }

    /// Returns the byte offset in the file: that of the length prefix if there is one.
    #[inline]
    pub fn offset(&self) -> u64 {
        self.frame.offset
    }

    /// Returns the stored bytes, without a length prefix. A record of `utx.log` may be shorter than
    /// [`Layout::size`], because its trailing zeros are not stored.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        self.row().map_or(self.frame.bytes, |row| row.payload())
    }

    /// The row, in a database that has rows.
    #[inline]
    fn row(&self) -> Option<Row<'a>> {
        match self.layout.container.has_rows() {
            true => Row::read(self.frame.bytes),
            false => None,
        }
    }

    /// Returns where the record is in a database: its row, its page, and the file that
    /// [`Record::offset`] counts in; of a message, its number. `None` for a record of any other
    /// file.
    #[inline]
    pub fn row_place(&self) -> Option<RowPlace> {
        let row = self.row()?;
        let (found_as, copies) = row.found().unzip();
        Some(RowPlace {
            rowid: row.rowid(),
            page: row.page(),
            part: row.part(),
            state: row.state(),
            found_as,
            copies: copies.unwrap_or_default(),
            link: row.link(),
            lost: LostColumns(row.lost()),
        })
    }

    /// Returns the same record, at another place in the file.
    pub(crate) fn relocated(self, index: u64, offset: u64) -> Record<'a> {
        let container = self.layout.container;
        let key = match container.access() {
            Access::Whole | Access::Rows => self.frame.key,
            _ => container.key_at(index),
        };
        Record { frame: Frame { index, offset, key, ..self.frame }, ..self }
    }

    /// Returns whether its 32-bit seconds are read as unsigned.
    #[cfg(feature = "std")]
    pub(crate) fn is_unsigned(&self) -> bool {
        self.unsigned_seconds
    }

    /// Returns the user id that a lastlog record belongs to: its slot or its database key.
    #[inline]
    pub fn uid(&self) -> Option<u64> {
        match self.frame.key {
            Some(Key::Uid(uid)) => Some(uid),
            _ => None,
        }
    }

    /// Returns the key of the record in its file.
    #[inline]
    pub fn key(&self) -> Key<'a> {
        self.frame.key.unwrap_or(Key::Index(self.frame.index))
    }

    /// Returns the record in platform-neutral form.
    #[inline]
    pub fn entry(&self) -> Entry<'a> {
        let mut entry = self.layout.decode_stored(self.frame.bytes);
        if self.unsigned_seconds && self.layout().has_32bit_time() {
            entry.ut_tv = entry.ut_tv.unsigned32();
        }
        entry
    }

    /// Returns the record as the platform's own struct; `None` if it is not a whole `R`.
    pub fn raw<R: RawRecord>(&self) -> Option<&'a R> {
        R::ref_from_bytes(self.frame.bytes).ok().filter(|_| self.layout().is::<R>())
    }

    /// Returns the bytes of a field, given the platform's name for it.
    pub fn field(&self, name: &str) -> Option<&'a [u8]> {
        let field = self.layout().fields.iter().find(|f| f.name == name)?;
        Some(field.of_record(self.frame.bytes))
    }

    /// Returns whether the row of a database has NULL in a text column. [`Record::entry`] has an
    /// empty text for it.
    pub fn is_null(&self, role: Role) -> bool {
        let row = self.row().zip(role.row_use());
        row.is_some_and(|(row, of)| row.is_null(of))
    }
}

/// A copy of a record, which does not borrow its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OwnedRecord {
    layout: &'static Layout,
    unsigned_seconds: bool,
    index: u64,
    offset: u64,
    key: Option<OwnedKey>,
    bytes: Vec<u8>,
}

impl OwnedRecord {
    /// Returns a view of the record.
    pub fn record(&self) -> Record<'_> {
        let OwnedRecord { layout, unsigned_seconds, index, offset, ref key, ref bytes } = *self;
        let key = key.as_ref().map(OwnedKey::key);
        Record { layout, unsigned_seconds, frame: Frame { index, offset, key, bytes } }
    }
}

impl Record<'_> {
    /// Copies the record.
    ///
    /// # Errors
    ///
    /// If there is no memory for its bytes.
    pub fn try_to_owned(&self) -> Result<OwnedRecord, TryReserveError> {
        let Record { layout, unsigned_seconds, frame } = *self;
        let Frame { index, offset, key, bytes: stored } = frame;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(stored.len())?;
        bytes.extend_from_slice(stored);
        let key = key.map(OwnedKey::from);
        Ok(OwnedRecord { layout, unsigned_seconds, index, offset, key, bytes })
    }
}

impl From<Record<'_>> for OwnedRecord {
    fn from(record: Record<'_>) -> OwnedRecord {
        let Record { layout, unsigned_seconds, frame } = record;
        let Frame { index, offset, key, bytes } = frame;
        let (key, bytes) = (key.map(OwnedKey::from), bytes.to_vec());
        OwnedRecord { layout, unsigned_seconds, index, offset, key, bytes }
    }
}

/// Layout of a file without records.
#[cfg(feature = "std")]
pub(crate) static ANY: Layout = Layout::of::<Utmp384<LE>>("linux-glibc-384-le", Container::Array);

/// Iterator over the records of one file, from either end; see [`Layout::records`].
///
/// After an [`Error`] it continues if it can; [`Error::Truncated`] is always the last item.
/// Iterating a `utx.log` or a lastlogx backwards stores the place of every record.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    layout: &'static Layout,
    unsigned_seconds: bool,
    frames: Frames<'a>,
}

impl Layout {
    /// Returns an iterator over the records in `data`. Rows of databases and messages of system
    /// logs have to be put together first: they are not among them, and
    /// [`LogFile`](crate::LogFile) and [`RecordStream`](crate::read::RecordStream) read them.
    pub fn records<'a>(&'static self, data: &'a [u8]) -> Records<'a> {
        self.records_with(data, &[])
    }

    /// Returns an iterator like [`Layout::records`], for `data` at byte `offset` of its file that
    /// begins with record number `index`. A database is always whole: both are ignored.
    ///
    /// ```
    /// let layout = loginrec::formats::by_name("linux-glibc-384-le").unwrap();
    /// let record = layout.records_at(&[0; 384], 3840, 10).next().unwrap().unwrap();
    /// assert_eq!((record.offset(), record.index()), (3840, 10));
    /// ```
    pub fn records_at<'a>(&'static self, data: &'a [u8], offset: u64, index: u64) -> Records<'a> {
        self.records(data).at(Position { offset, index, zeros: 0 })
    }

    pub(crate) fn records_with<'a>(&'static self, data: &'a [u8], more: &'a [u8]) -> Records<'a> {
        let frames = Frames::new(data, self.container, self.size, more);
        Records { layout: self, unsigned_seconds: false, frames }
    }

    /// Returns an iterator over bytes that belong to no record: one error.
    #[cfg(feature = "std")]
    pub(crate) fn skipped<'a>(&'static self, offset: u64, bytes: &'a [u8]) -> Records<'a> {
        let frames = Frames::skipped(offset, bytes);
        Records { layout: self, unsigned_seconds: false, frames }
    }

    /// Returns the length and number of the whole records at the beginning of `data`.
    ///
    /// This is the readable part of a file that is still being written. Zeros in a `utx.log` count
    /// only if a record follows, because the last one may begin its length. A part of a database
    /// has no whole records.
    pub fn whole_records(&self, data: &[u8]) -> (usize, u64) {
        self.container.access().whole_records(data, self.size)
    }

    /// Returns the number of records in `data`, if it follows from the size. Unused slots of a
    /// lastlog count.
    pub fn record_count(&self, data: &[u8]) -> Option<u64> {
        self.container.is_array().then(|| data.len().checked_div(self.size).unwrap_or(0) as u64)
    }
}

impl<'a> Records<'a> {
    pub(crate) fn layout(&self) -> &'static Layout {
        self.layout
    }

    /// Returns the bytes of an [`Error::Skipped`] and their offset, if this is a chunk of such
    /// bytes. It has no records then.
    pub fn skipped(&self) -> Option<(u64, &'a [u8])> {
        self.frames.skipped_bytes()
    }

    /// Returns the same records as part of a longer file.
    pub(crate) fn at(self, start: Position) -> Records<'a> {
        Records { frames: self.frames.at(start), ..self }
    }

    /// Reads 32-bit seconds as unsigned: 1970 to 2106 instead of 1901 to 2038. See
    /// [`Timestamp::unsigned32`](crate::Timestamp::unsigned32).
    #[must_use]
    pub fn unsigned_seconds(self, yes: bool) -> Records<'a> {
        Records { unsigned_seconds: yes, ..self }
    }

    pub(crate) fn is_unsigned(&self) -> bool {
        self.unsigned_seconds
    }

    #[inline]
    fn of(&self, frame: Frame<'a>) -> Record<'a> {
        Record { layout: self.layout, unsigned_seconds: self.unsigned_seconds, frame }
    }

    /// Takes the whole records of an array. Returns their bytes and where they begin.
    pub(crate) fn take_whole(&mut self) -> (Position, &'a [u8]) {
        self.frames.take_whole()
    }

    /// Returns the next record, if all of it is here.
    #[inline]
    pub(crate) fn next_whole(&mut self) -> Option<Record<'a>> {
        let frame = self.frames.next_whole()?;
        Some(self.of(frame))
    }

    fn view(&self, frame: Result<Frame<'a>, Error>) -> Result<Record<'a>, Error> {
        let frame = frame?;
        self.layout.check(&frame)?;
        Ok(self.of(frame))
    }

    fn next_other(&mut self) -> Option<Result<Frame<'a>, Error>> {
        let frame = self.frames.next()?;
        Some(frame.and_then(|frame| self.layout.check(&frame).map(|()| frame)))
    }

    #[inline(never)]
    fn next_back_other(&mut self) -> Option<Result<Frame<'a>, Error>> {
        let frame = self.frames.next_back()?;
        Some(frame.and_then(|frame| self.layout.check(&frame).map(|()| frame)))
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        // The less common source comes last and is matched: returned as it is, it would make the
        // compiler build every record in memory.
        let frame = match self.frames.next_whole() {
            Some(frame) => frame,
            None => match self.next_other()? {
                Ok(frame) => frame,
                Err(error) => return Some(Err(error)),
            },
        };
        Some(Ok(self.of(frame)))
    }

    fn nth(&mut self, n: usize) -> Option<Self::Item> {
        let frame = self.frames.nth(n)?;
        Some(self.view(frame))
    }

    fn last(mut self) -> Option<Self::Item> {
        match self.layout.container.is_array() {
            true => self.next_back(),
            false => self.fold(None, |_, record| Some(record)),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.frames.size_hint()
    }
}

impl DoubleEndedIterator for Records<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        // As in `next`.
        let frame = match self.frames.next_back_whole() {
            Some(frame) => frame,
            None => match self.next_back_other()? {
                Ok(frame) => frame,
                Err(error) => return Some(Err(error)),
            },
        };
        Some(Ok(self.of(frame)))
    }

    fn nth_back(&mut self, n: usize) -> Option<Self::Item> {
        let frame = self.frames.nth_back(n)?;
        Some(self.view(frame))
    }
}

impl FusedIterator for Records<'_> {}
