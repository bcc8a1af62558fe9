use core::iter::FusedIterator;

use crate::entry::Entry;
use crate::error::Error;
use crate::frame::{Frame, Frames, Framing, Start};
use crate::layout::{Layout, RawRecord};

/// A view of one record in the file: nothing is decoded until asked for.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The file's.
    layout: &'static Layout,
    frame: Frame<'a>,
}

impl<'a> Record<'a> {
    /// The record in a frame, as a file of `layout` would have it.
    pub(crate) const fn new(layout: &'static Layout, frame: Frame<'a>) -> Record<'a> {
        Record { layout, frame }
    }

    /// The layout of this record. It differs from the file's where a record has
    /// another shape of the same size, as those of glibc's time64 accident.
    #[inline]
    pub fn layout(&self) -> &'static Layout {
        self.layout.own(self.frame.bytes)
    }

    /// Ordinal in the file; in a lastlog array, the slot.
    #[inline]
    pub fn index(&self) -> u64 {
        self.frame.index
    }

    /// Byte offset in the file; of the length prefix where there is one.
    #[inline]
    pub fn offset(&self) -> u64 {
        self.frame.offset
    }

    /// The stored bytes, without a length prefix. A record of `utx.log` may be
    /// shorter than [`Layout::size`]: its zero tail is not stored.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        self.frame.bytes
    }

    /// The same record, found elsewhere in the file.
    pub(crate) fn moved(self, index: u64, offset: u64) -> Record<'a> {
        Record { frame: Frame { index, offset, ..self.frame }, ..self }
    }

    /// The user id a lastlog record belongs to: its slot or its database key.
    #[inline]
    pub fn uid(&self) -> Option<u64> {
        match self.layout.framing {
            Framing::Indexed => Some(self.frame.index),
            _ => self.frame.uid.map(u64::from),
        }
    }

    /// The record in platform-neutral form.
    #[inline]
    pub fn entry(&self) -> Entry<'a> {
        self.layout.own_entry(self.frame.bytes)
    }

    /// The record as the platform's own struct, if it is a whole `R`.
    pub fn raw<R: RawRecord>(&self) -> Option<&'a R> {
        R::ref_from_bytes(self.frame.bytes).ok().filter(|_| self.layout().is::<R>())
    }

    /// A field's bytes by the platform's name for it.
    pub fn field(&self, name: &str) -> Option<&'a [u8]> {
        let field = self.layout().fields.iter().find(|f| f.name == name)?;
        Some(field.of_record(self.frame.bytes))
    }
}

/// Iterator over the records of one file, from either end; see [`Layout::records`].
///
/// After an [`Error`] it goes on where it can; after [`Error::Truncated`] nothing is
/// left. Walking an `utx.log` or a lastlogx backwards keeps the place of every record.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    layout: &'static Layout,
    frames: Frames<'a>,
}

impl Layout {
    /// The records in `data`. One iterator serves every framing.
    pub fn records<'a>(&'static self, data: &'a [u8]) -> Records<'a> {
        self.records_with(data, &[])
    }

    /// As [`Layout::records`], for `data` that lies at `offset` in its file and begins with
    /// the record that is number `index`. A database is always whole: then both are ignored.
    ///
    /// ```
    /// let layout = loginrec::platform::by_name("linux-glibc-384-le").unwrap();
    /// let record = layout.records_at(&[0; 384], 3840, 10).next().unwrap().unwrap();
    /// assert_eq!((record.offset(), record.index()), (3840, 10));
    /// ```
    pub fn records_at<'a>(&'static self, data: &'a [u8], offset: u64, index: u64) -> Records<'a> {
        self.records(data).starting(Start { offset, index, zeros: 0 })
    }

    pub(crate) fn records_with<'a>(&'static self, data: &'a [u8], more: &'a [u8]) -> Records<'a> {
        Records { layout: self, frames: Frames::new(data, self.framing, self.size, more) }
    }

    /// All of `data` as the platform's own structs and what is left over, if that is
    /// what this layout's files hold.
    pub fn raw_slice<'a, R: RawRecord>(&self, data: &'a [u8]) -> Option<(&'a [R], &'a [u8])> {
        let array = matches!(self.framing, Framing::Fixed | Framing::Indexed);
        (self.is::<R>() && array).then(|| R::slice_from(data))
    }

    /// How many records `data` holds, where that follows from its size; slots of a
    /// lastlog count whether used or not.
    pub fn record_count(&self, data: &[u8]) -> Option<u64> {
        let array = matches!(self.framing, Framing::Fixed | Framing::Indexed);
        array.then(|| data.len().checked_div(self.size).unwrap_or(0) as u64)
    }
}

impl<'a> Records<'a> {
    pub(crate) fn layout(&self) -> &'static Layout {
        self.layout
    }

    /// The same records as part of a longer file.
    pub(crate) fn starting(self, start: Start) -> Records<'a> {
        Records { frames: self.frames.starting(start), ..self }
    }

    pub(crate) fn take_whole(&mut self) -> &'a [u8] {
        self.frames.take_whole()
    }

    /// The bytes of the next record, if it lies here whole.
    #[inline]
    pub(crate) fn next_whole(&mut self) -> Option<&'a [u8]> {
        Some(self.frames.next_whole()?.bytes)
    }

    #[inline]
    pub(crate) fn next_entry(&mut self) -> Option<Result<Entry<'a>, Error>> {
        self.layout.next_entry(&mut self.frames)
    }

    fn view(&self, frame: Result<Frame<'a>, Error>) -> Result<Record<'a>, Error> {
        let frame = frame?;
        self.layout.check(&frame)?;
        Ok(Record { layout: self.layout, frame })
    }

    fn next_other(&mut self) -> Option<Result<Frame<'a>, Error>> {
        let frame = self.frames.next()?;
        Some(frame.and_then(|frame| self.layout.check(&frame).map(|()| frame)))
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        // The less common source last and taken to pieces: were it returned as it comes,
        // every record would be built in memory where that one puts it.
        let frame = match self.frames.next_whole() {
            Some(frame) => frame,
            None => match self.next_other()? {
                Ok(frame) => frame,
                Err(error) => return Some(Err(error)),
            },
        };
        Some(Ok(Record { layout: self.layout, frame }))
    }

    fn nth(&mut self, n: usize) -> Option<Self::Item> {
        let frame = self.frames.nth(n)?;
        Some(self.view(frame))
    }

    fn last(mut self) -> Option<Self::Item> {
        match self.layout.framing {
            Framing::Fixed | Framing::Indexed => self.next_back(),
            _ => self.fold(None, |_, record| Some(record)),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.frames.size_hint()
    }
}

impl DoubleEndedIterator for Records<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let frame = self.frames.next_back()?;
        Some(self.view(frame))
    }

    fn nth_back(&mut self, n: usize) -> Option<Self::Item> {
        let frame = self.frames.nth_back(n)?;
        Some(self.view(frame))
    }
}

impl FusedIterator for Records<'_> {}
