//! Chooses the records to examine: constant work whatever the file's size.

use alloc::borrow::Cow;
use alloc::vec::Vec;
#[cfg(feature = "std")]
use std::io;

#[cfg(feature = "std")]
use crate::container::Container;
use crate::container::sqlite::source::Files;
use crate::container::{Access, Frames};
use crate::detect::database::{self, FoundDatabase};
use crate::error::Error;
use crate::layout::Layout;
#[cfg(feature = "std")]
use crate::read::read_at::{ReadAt, read_full_at};
#[cfg(feature = "std")]
use crate::read::rows::with_files;
use crate::scan::{is_zero, leading_zeros, trim_zeros};

/// Number of places examined in a file.
const PLACES: usize = 32;
/// One in this many places suffices to score a layout without a close competitor.
const EVERY: usize = 8;
/// Number of records at those places; all, if a file has no more.
pub(super) const REDUCED: usize = WHOLE / EVERY;
/// Number of places for the quick check.
pub(super) const PREFILTER_RECORDS: usize = 4;
/// Records examined at each place: adjacent records show whether times are continuous.
const NEIGHBORS: usize = 2;
/// One in this many places suffices to rule out a layout; the next constant is their number.
const APART: usize = 3;
const SPREAD: usize = PLACES / APART + 1;
/// Files with no more records than this are examined whole.
const WHOLE: usize = PLACES * NEIGHBORS;
/// Bytes after a place in which data is searched for if the place is in a hole.
const REACH: usize = 1 << 20;
/// Bytes of a database that are examined: sixty-four of the largest pages.
const DATABASE_REACH: usize = 4 << 20;

/// Bytes read at the beginning of a file: the reach of a place, and a `faillog`.
#[cfg(feature = "std")]
const HEAD: usize = REACH;
/// Bytes read around a place: before it, for a record that began there, and after it.
#[cfg(feature = "std")]
const AROUND: (u64, usize) = (2 << 10, 8 << 10);

/// The number of records to examine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Records {
    /// All of a small file, some dozens of a large one.
    Full,
    /// An eighth of those, including adjacent ones.
    Reduced,
}
pub(super) use Records::{Full, Reduced};

/// The parts of a file that detection examines, so that the file need not be in memory.
///
/// ```
/// use std::fs::File;
/// use loginrec::detect::{Hints, Sample};
///
/// let file = File::open("fixtures/openbsd-utmp-304-le/wtmp")?;
/// let found = Sample::read(&file)?.detect(&Hints::default());
/// assert_eq!(found.layout().unwrap().name, "openbsd-utmp-304-le");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sample<'a> {
    /// Size of the file in bytes, as far as it is known.
    pub(super) len: u64,
    /// Whether the file ends there.
    pub(super) ends: bool,
    /// Parts of it with their offsets; the first is the beginning.
    parts: Vec<(u64, Cow<'a, [u8]>)>,
    /// Offsets of nonzero bytes, spread over the file.
    places: Vec<u64>,
    /// The facts about the file if it is an SQLite database.
    pub(super) database: Option<FoundDatabase>,
}

impl<'a> Sample<'a> {
    /// Samples the whole file, which is `data`.
    pub fn whole(data: &'a [u8]) -> Sample<'a> {
        let len = data.len() as u64;
        let mut places = Vec::with_capacity(PLACES + 1);
        let apart = data.len() / PLACES;
        // From the previous place up to here there are only zeros.
        let mut zeros = 0usize;
        for i in 0..PLACES {
            let start = apart.saturating_mul(i);
            let end = start.saturating_add(REACH).min(data.len());
            let from = zeros.max(start);
            let Some(reach) = data.get(from..end) else { continue };
            zeros = from.saturating_add(leading_zeros(reach));
            if zeros < end {
                push(&mut places, zeros as u64);
            }
        }
        // A lastlog ends with the highest user id that ever logged in.
        let end = data.get(data.len().saturating_sub(REACH)..).unwrap_or_default();
        let before = data.len().saturating_sub(end.len());
        if let Some(last) = trim_zeros(end).len().checked_sub(1) {
            push(&mut places, before.saturating_add(last) as u64);
        }
        let files = Files::of(&data, None, None);
        let database = database::may_be(data).then(|| FoundDatabase::look(files)).flatten();
        Sample { len, ends: true, parts: [(0, Cow::Borrowed(data))].into(), places, database }
    }

    /// Samples a file that begins with `data` and continues, such as a pipe.
    ///
    /// Its end is not available, so more layouts of untyped records remain ambiguous.
    pub fn beginning(data: &'a [u8]) -> Sample<'a> {
        Sample { ends: false, ..Sample::whole(data) }
    }

    /// Returns the bytes at `at`, if they were read.
    pub(super) fn get(&self, at: u64, len: usize) -> Option<&[u8]> {
        self.parts.iter().find_map(|(start, bytes)| {
            let from = usize::try_from(at.checked_sub(*start)?).ok()?;
            bytes.get(from..)?.get(..len)
        })
    }

    /// Returns offsets of nonzero four-byte words in the bytes that were read: at most `most`.
    pub(super) fn used_places(&self, most: usize) -> Vec<u64> {
        /// The size of every slot is a multiple of this.
        const WORD: u64 = 4;
        let mut places = Vec::new();
        let mut end = 0u64;
        for (start, part) in &self.parts {
            // Parts may overlap.
            let mut at = usize::try_from(end.saturating_sub(*start)).unwrap_or(usize::MAX);
            while let Some(rest) = part.get(at..).filter(|rest| !rest.is_empty()) {
                at = at.saturating_add(leading_zeros(rest));
                if at >= part.len() {
                    break;
                }
                if places.len() >= most {
                    return places;
                }
                let place = start.saturating_add(at as u64);
                places.push(place);
                let behind = (place | (WORD - 1)).saturating_add(1).saturating_sub(place);
                at = at.saturating_add(behind as usize);
            }
            end = end.max(start.saturating_add(part.len() as u64));
        }
        places
    }

    /// Returns up to `len` bytes of the beginning.
    pub(super) fn head(&self, len: usize) -> &[u8] {
        let head = self.parts.first().map(|(_, bytes)| &**bytes).unwrap_or_default();
        head.get(..len).unwrap_or(head)
    }

    /// Returns the bytes after the last whole record.
    pub(super) fn tail(&self, size: usize) -> &[u8] {
        let len = self.len.checked_rem(size as u64).unwrap_or(0);
        self.get(self.len.saturating_sub(len), len as usize).unwrap_or_default()
    }

    /// Returns the number of whole records of this size.
    pub(super) fn count(&self, size: usize) -> u64 {
        self.len.checked_div(size as u64).unwrap_or(0)
    }

    /// Returns the record of this size at an index, if it was read.
    #[inline]
    pub(super) fn record(&self, index: u64, size: usize) -> Option<&[u8]> {
        self.get(index.checked_mul(size as u64)?, size)
    }

    /// Returns the last whole record.
    pub(super) fn last(&self, size: usize) -> Option<&[u8]> {
        self.record(self.count(size).checked_sub(1)?, size)
    }

    /// Returns whether all bytes that were read are zero.
    pub(super) fn is_zeros(&self) -> bool {
        self.places.is_empty()
    }

    /// Returns a dozen places, to rule out hopeless layouts. They are spread over the file because
    /// its beginning may be damaged.
    pub(super) fn spread(&self) -> [u64; SPREAD] {
        let place = |i: usize| self.places.get(i.saturating_mul(APART)).copied();
        core::array::from_fn(|i| place(i).unwrap_or(u64::MAX))
    }

    /// Returns whether any byte is zero.
    pub(super) fn has_zero(&self) -> bool {
        self.parts.iter().any(|(_, bytes)| bytes.contains(&0))
    }

    /// Returns four of the places, including the last one.
    pub(super) fn prefilter_offsets(&self) -> [u64; PREFILTER_RECORDS] {
        let last = self.places.len().saturating_sub(1);
        // All layouts have a record at the beginning of a file, so it helps least.
        let place =
            |i: usize| last.saturating_mul(PREFILTER_RECORDS.saturating_sub(i)) / PREFILTER_RECORDS;
        core::array::from_fn(|i| self.places.get(place(i)).copied().unwrap_or_default())
    }

    /// Returns an upper bound for the records that [`Sample::records`] passes on for an array.
    pub(super) fn most_records(&self, size: usize, records: Records) -> u32 {
        const MOST: u64 = (PLACES as u64 + 1) * NEIGHBORS as u64;
        let most = if records == Full { MOST } else { MOST.div_ceil(EVERY as u64) };
        self.count(size).min(most) as u32
    }

    /// Calls `look` with some used records, read as `layout`, in file order, until it has enough.
    pub(super) fn records(
        &self,
        layout: &Layout,
        records: Records,
        mut look: impl FnMut(&[u8]) -> bool,
    ) {
        // The holes of a lastlog leave few places, which are all examined.
        let behind_first = self.places.len().saturating_sub(1);
        let (most, step) = match records {
            Full => (WHOLE, 1),
            Reduced => (REDUCED, behind_first.div_ceil(PLACES / EVERY).max(1)),
        };
        let size = layout.size as u64;
        let count = self.count(layout.size);
        let access = layout.container.access();
        if access == Access::Whole {
            self.values(layout, look);
        } else if access == Access::Chain {
            // Room for that many of the longest records, but not for a hole of gigabytes.
            let start = self.head(REACH);
            let longest = size.saturating_add(access.prefix_len() as u64);
            for frame in Frames::new(start, layout.container, layout.size, &[]).take(most) {
                let bytes = match frame {
                    Ok(frame) => frame.bytes,
                    // The file may end within a record.
                    Err(Error::Truncated { need, .. }) if need <= longest => return,
                    // Lost framing counts as an impossible record.
                    Err(_) => &[],
                };
                if !look(bytes) {
                    return;
                }
            }
        } else if count <= most as u64 {
            let len = count.saturating_mul(size) as usize;
            let all = self.get(0, len).unwrap_or_default();
            for record in all.chunks_exact(layout.size).filter(|r| !is_zero(r)) {
                if !look(record) {
                    return;
                }
            }
        } else {
            let mut next = 0;
            for offset in self.places.iter().step_by(step) {
                let first = offset.checked_div(size).unwrap_or(0).max(next);
                next = first.saturating_add(NEIGHBORS as u64);
                for index in first..next {
                    let Some(record) = self.record(index, layout.size) else { return };
                    if !is_zero(record) && !look(record) {
                        return;
                    }
                }
            }
        }
    }

    /// Calls `look` with the first values of a database.
    fn values(&self, layout: &Layout, mut look: impl FnMut(&[u8]) -> bool) {
        let head = self.head(DATABASE_REACH);
        let fragmented = layout.container.reassemble(head);
        let frames = Frames::new(head, layout.container, layout.size, &fragmented);
        for frame in frames.take(WHOLE) {
            let bytes = match frame {
                Ok(frame) => frame.bytes,
                Err(Error::ValueLength { .. }) => &[],
                Err(_) => continue,
            };
            if !look(bytes) {
                return;
            }
        }
    }
}

fn push(places: &mut Vec<u64>, offset: u64) {
    if places.last() != Some(&offset) {
        places.push(offset);
    }
}

#[cfg(feature = "std")]
impl<'a> Sample<'a> {
    /// Takes the whole of a source in memory, and reads those parts of any other that are looked
    /// at; of a database also its log and journal.
    ///
    /// # Errors
    ///
    /// If the source cannot be read.
    pub fn of(source: &'a impl ReadAt) -> io::Result<Sample<'a>> {
        let Some(data) = source.in_memory() else { return Sample::read(source) };
        let mut sample = Sample::whole(data);
        if database::may_be(data) {
            sample.database = look(source)?;
        }
        Ok(sample)
    }

    /// Returns whether a file that begins so may be an SQLite database, beside which a log or a
    /// journal may lie.
    pub fn may_be_database(head: &[u8]) -> bool {
        database::may_be(head)
    }
}

/// Examines a database together with its log and journal.
#[cfg(feature = "std")]
fn look(source: &(impl ReadAt + ?Sized)) -> io::Result<Option<FoundDatabase>> {
    match with_files(&source, FoundDatabase::look) {
        (_, Some((_, error))) => Err(error),
        (found, None) => Ok(found),
    }
}

#[cfg(feature = "std")]
impl Sample<'static> {
    /// Reads the parts of a file to examine: its first MiB, its end, and some places that are not
    /// in holes. The verdict equals that on the whole file.
    ///
    /// # Errors
    ///
    /// If the source cannot be read.
    pub fn read(source: &(impl ReadAt + ?Sized)) -> io::Result<Sample<'static>> {
        let len = source.size()?;
        let mut head = part(source, 0, HEAD)?;
        if Container::of_header(&head).is_some() {
            head = part(source, 0, DATABASE_REACH)?;
        }
        let database = if database::may_be(&head) { look(source)? } else { None };
        if head.len() as u64 >= len {
            let Sample { len, ends, places, .. } = Sample::whole(&head);
            let parts = [(0, Cow::Owned(head))].into();
            return Ok(Sample { len, ends, places, parts, database });
        }
        let mut places = Vec::with_capacity(PLACES + 1);
        for i in 0..PLACES as u64 {
            let start = len.checked_div(PLACES as u64).unwrap_or(0).saturating_mul(i);
            if let Some(place) = first_data(source, start)? {
                push(&mut places, place);
            }
        }
        if let Some(place) = last_data(source, len)? {
            push(&mut places, place);
        }
        let mut parts = std::vec![(0, Cow::Owned(head))];
        for &place in places.iter().chain(&[len]) {
            let start = place.saturating_sub(AROUND.0);
            parts.push((start, Cow::Owned(part(source, start, AROUND.1)?)));
        }
        Ok(Sample { len, ends: true, parts, places, database })
    }
}

/// Returns up to `len` bytes at `at`.
#[cfg(feature = "std")]
fn part(source: &(impl ReadAt + ?Sized), at: u64, len: usize) -> io::Result<Vec<u8>> {
    let mut bytes = std::vec![0; len];
    match read_full_at(source, &mut bytes, at) {
        (read, None) => bytes.truncate(read),
        (_, Some(error)) => return Err(error),
    }
    Ok(bytes)
}

/// Returns the first nonzero byte within reach of `start`.
#[cfg(feature = "std")]
fn first_data(source: &(impl ReadAt + ?Sized), start: u64) -> io::Result<Option<u64>> {
    let (mut at, end) = (start, start.saturating_add(REACH as u64));
    while let Some(data) = source.data_after(at)?.filter(|data| data.start < end) {
        at = at.max(data.start);
        let len = end.saturating_sub(at).min(AROUND.1 as u64);
        let bytes = part(source, at, len as usize)?;
        let zeros = leading_zeros(&bytes);
        at = at.saturating_add(zeros as u64);
        if zeros < bytes.len() {
            return Ok(Some(at));
        }
        if zeros == 0 {
            break;
        }
    }
    Ok(None)
}

/// Returns the last nonzero byte within reach of the end.
#[cfg(feature = "std")]
fn last_data(source: &(impl ReadAt + ?Sized), len: u64) -> io::Result<Option<u64>> {
    let mut end = len;
    while end > len.saturating_sub(REACH as u64) {
        let start = end.saturating_sub(AROUND.1 as u64).max(len.saturating_sub(REACH as u64));
        let bytes = part(source, start, end.saturating_sub(start) as usize)?;
        if let Some(at) = trim_zeros(&bytes).len().checked_sub(1) {
            return Ok(Some(start.saturating_add(at as u64)));
        }
        end = start;
    }
    Ok(None)
}
