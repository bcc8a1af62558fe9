//! Which records to look at: constant work whatever the file's size.

use alloc::borrow::Cow;
use alloc::vec::Vec;
#[cfg(feature = "std")]
use std::io::{self, Read, Seek, SeekFrom};

use crate::error::Error;
use crate::frame::{Frames, Framing, is_zero, leading_zeros, trailing_zeros};
#[cfg(feature = "std")]
use crate::hash::is_database;
use crate::hash::{Pairs, Value};
use crate::layout::Layout;
#[cfg(feature = "std")]
use crate::stream::NextData;

/// Places looked at in a file.
const PLACES: usize = 32;
/// Every how many places are enough to weigh a layout that nothing else comes near.
const EVERY: usize = 8;
/// As many records those are; of a file with no more, all.
pub(super) const FEW: usize = WHOLE / EVERY;
/// Places at which a glance is taken.
pub(super) const GLANCES: usize = 4;
/// Records looked at in each place: neighbours show whether times go on.
const NEIGHBOURS: usize = 2;
/// Every how many places are enough to see that nothing fits, and how many those are.
const APART: usize = 3;
const SPREAD: usize = PLACES / APART + 1;
/// Files with no more records than this are looked at whole.
const WHOLE: usize = PLACES * NEIGHBOURS;
/// How far one place looks for data in a hole of a sparse file.
const REACH: usize = 1 << 20;
/// How much of a database is looked at: sixty-four of the largest pages.
const DATABASE_REACH: usize = 4 << 20;
/// One byte more than a `struct lastlogx` can have.
const LONGEST_VALUE: usize = 433;

/// How much of the beginning of a file is read: what a place reaches, and a `faillog`.
#[cfg(feature = "std")]
const HEAD: usize = REACH;
/// What is read around a place: a record that began before it, and some behind.
#[cfg(feature = "std")]
const AROUND: (u64, usize) = (2 << 10, 8 << 10);

/// How many records are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Records {
    /// All of a small file, some dozens of a large one.
    All,
    /// An eighth of those, in neighbours as well.
    Few,
}
pub(super) use Records::{All, Few};

/// Those parts of a file that detection looks at, so that it need not be in memory whole.
///
/// ```
/// use std::fs::File;
/// use loginrec::detect::{Hints, Sample};
///
/// let mut file = File::open("fixtures/openbsd-utmp-304-le/wtmp")?;
/// let found = Sample::read(&mut file)?.detect(&Hints::default());
/// assert_eq!(found.layout().unwrap().name, "openbsd-utmp-304-le");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sample<'a> {
    /// Bytes in the file, as far as is known.
    pub(super) len: u64,
    /// Whether it ends there.
    pub(super) ends: bool,
    /// Parts of it with their offsets; the first is the beginning.
    parts: Vec<(u64, Cow<'a, [u8]>)>,
    /// Offsets spread over the file at which there is something other than zero.
    places: Vec<u64>,
}

impl<'a> Sample<'a> {
    /// A file that is `data`.
    pub fn whole(data: &'a [u8]) -> Sample<'a> {
        let len = data.len() as u64;
        let mut places = Vec::with_capacity(PLACES + 1);
        let apart = data.len() / PLACES;
        // From the place before on there is nothing but zeros up to here.
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
        let hole = trailing_zeros(end);
        if hole < end.len() {
            push(&mut places, data.len().saturating_sub(hole).saturating_sub(1) as u64);
        }
        Sample { len, ends: true, parts: [(0, Cow::Borrowed(data))].into(), places }
    }

    /// A file that begins with `data` and goes on, which is all there is to see of a pipe.
    /// What the end of a file tells is then not known: among layouts of records that have
    /// no type more stay ambiguous.
    pub fn beginning(data: &'a [u8]) -> Sample<'a> {
        Sample { ends: false, ..Sample::whole(data) }
    }

    /// The bytes at `at`, if they are there and were read.
    pub(super) fn get(&self, at: u64, len: usize) -> Option<&[u8]> {
        self.parts.iter().find_map(|(start, bytes)| {
            let from = usize::try_from(at.checked_sub(*start)?).ok()?;
            bytes.get(from..)?.get(..len)
        })
    }

    /// Up to `len` bytes of the beginning.
    pub(super) fn head(&self, len: usize) -> &[u8] {
        let head = self.parts.first().map(|(_, bytes)| &**bytes).unwrap_or_default();
        head.get(..len).unwrap_or(head)
    }

    /// What is behind the last whole record.
    pub(super) fn tail(&self, size: usize) -> &[u8] {
        let len = self.len.checked_rem(size as u64).unwrap_or(0);
        self.get(self.len.saturating_sub(len), len as usize).unwrap_or_default()
    }

    /// How many whole records of this size there are.
    pub(super) fn count(&self, size: usize) -> u64 {
        self.len.checked_div(size as u64).unwrap_or(0)
    }

    /// The record of this size at an index, if it was read.
    #[inline]
    pub(super) fn record(&self, index: u64, size: usize) -> Option<&[u8]> {
        self.get(index.checked_mul(size as u64)?, size)
    }

    /// The last whole record.
    pub(super) fn last(&self, size: usize) -> Option<&[u8]> {
        self.record(self.count(size).checked_sub(1)?, size)
    }

    /// Whether there is nothing but zeros as far as was looked.
    pub(super) fn is_zeros(&self) -> bool {
        self.places.is_empty()
    }

    /// A dozen places spread over the file, to see at once what is hopeless. Spread, for
    /// the beginning of a file may be damaged.
    pub(super) fn spread(&self) -> [u64; SPREAD] {
        let place = |i: usize| self.places.get(i.saturating_mul(APART)).copied();
        core::array::from_fn(|i| place(i).unwrap_or(u64::MAX))
    }

    /// Whether any byte is zero.
    pub(super) fn has_zero(&self) -> bool {
        self.parts.iter().any(|(_, bytes)| bytes.contains(&0))
    }

    /// Four of the places, the last one among them.
    pub(super) fn glances(&self) -> [u64; GLANCES] {
        let last = self.places.len().saturating_sub(1);
        // Where a file begins all layouts have a record: that tells least.
        let place = |i: usize| last.saturating_mul(GLANCES.saturating_sub(i)) / GLANCES;
        core::array::from_fn(|i| self.places.get(place(i)).copied().unwrap_or_default())
    }

    /// At least as many as [`Sample::records`] hands out of an array.
    pub(super) fn most_records(&self, size: usize, records: Records) -> u32 {
        const MOST: u64 = (PLACES as u64 + 1) * NEIGHBOURS as u64;
        let most = if records == All { MOST } else { MOST.div_ceil(EVERY as u64) };
        self.count(size).min(most) as u32
    }

    /// Hands some used records, read as `layout`, to `look` in the order of the file, until
    /// it has enough.
    pub(super) fn records(
        &self,
        layout: &Layout,
        records: Records,
        mut look: impl FnMut(&[u8]) -> bool,
    ) {
        // Of a lastlog the holes leave few places, which are all looked at.
        let behind_first = self.places.len().saturating_sub(1);
        let (most, step) = match records {
            All => (WHOLE, 1),
            Few => (FEW, behind_first.div_ceil(PLACES / EVERY).max(1)),
        };
        let size = layout.size as u64;
        let count = self.count(layout.size);
        if layout.framing == Framing::Database {
            values(self.head(DATABASE_REACH), look);
        } else if layout.framing == Framing::LengthPrefixed {
            // Enough for as many of the longest records, and not a hole of gigabytes.
            let start = self.head(REACH);
            for frame in Frames::new(start, layout.framing, layout.size, &[]).take(most) {
                let bytes = match frame {
                    Ok(frame) => frame.bytes,
                    // The file may end within a record.
                    Err(Error::Truncated { need, .. }) if need <= size.saturating_add(2) => return,
                    // Lost framing is a record that cannot be.
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
                next = first.saturating_add(NEIGHBOURS as u64);
                for index in first..next {
                    let Some(record) = self.record(index, layout.size) else { return };
                    if !is_zero(record) && !look(record) {
                        return;
                    }
                }
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
impl Sample<'static> {
    /// Reads what is looked at of a file: its first MiB, its end, and some places. The
    /// verdict is that on the whole.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or sought in.
    pub fn read<R: Read + Seek>(source: &mut R) -> io::Result<Sample<'static>> {
        Sample::sparse(source, |_, at| Ok(Some(at..u64::MAX)))
    }

    /// As [`Sample::read`], and reads no holes; see
    /// [`Stream::sparse`](crate::Stream::sparse).
    ///
    /// # Errors
    ///
    /// As [`Sample::read`].
    pub fn sparse<R: Read + Seek>(
        source: &mut R,
        next_data: NextData<R>,
    ) -> io::Result<Sample<'static>> {
        let len = source.seek(SeekFrom::End(0))?;
        let mut head = part(source, 0, HEAD)?;
        if is_database(&head) {
            head = part(source, 0, DATABASE_REACH)?;
        }
        if head.len() as u64 >= len {
            let Sample { len, ends, places, .. } = Sample::whole(&head);
            return Ok(Sample { len, ends, places, parts: [(0, Cow::Owned(head))].into() });
        }
        let mut places = Vec::with_capacity(PLACES + 1);
        for i in 0..PLACES as u64 {
            let start = len.checked_div(PLACES as u64).unwrap_or(0).saturating_mul(i);
            if let Some(place) = first_data(source, start, next_data)? {
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
        Ok(Sample { len, ends: true, parts, places })
    }
}

/// Up to `len` bytes at `at`.
#[cfg(feature = "std")]
fn part(source: &mut (impl Read + Seek), at: u64, len: usize) -> io::Result<Vec<u8>> {
    source.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::with_capacity(len);
    source.take(len as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The first byte that is not zero in reach of `start`.
#[cfg(feature = "std")]
fn first_data<R: Read + Seek>(
    source: &mut R,
    start: u64,
    next_data: NextData<R>,
) -> io::Result<Option<u64>> {
    let (mut at, end) = (start, start.saturating_add(REACH as u64));
    while let Some(data) = next_data(source, at)?.filter(|data| data.start < end) {
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

/// The last byte that is not zero in reach of the end.
#[cfg(feature = "std")]
fn last_data(source: &mut (impl Read + Seek), len: u64) -> io::Result<Option<u64>> {
    let mut end = len;
    while end > len.saturating_sub(REACH as u64) {
        let start = end.saturating_sub(AROUND.1 as u64).max(len.saturating_sub(REACH as u64));
        let bytes = part(source, start, end.saturating_sub(start) as usize)?;
        if let Some(at) = bytes.iter().rposition(|&byte| byte != 0) {
            return Ok(Some(start.saturating_add(at as u64)));
        }
        end = start;
    }
    Ok(None)
}

/// The first values of a hash database, those spread over pages put together.
fn values(data: &[u8], mut look: impl FnMut(&[u8]) -> bool) {
    let Ok(pairs) = Pairs::new(data.get(..DATABASE_REACH).unwrap_or(data)) else { return };
    for pair in pairs.take(WHOLE).flatten() {
        let go_on = match pair.value {
            Value::Whole(value) => look(value),
            Value::Scattered(parts) => {
                let mut whole = [0; LONGEST_VALUE];
                let bytes = parts.parts().flatten().zip(whole.iter_mut());
                let len = bytes.map(|(from, to)| *to = *from).count();
                look(whole.get(..len).unwrap_or_default())
            }
        };
        if !go_on {
            return;
        }
    }
}
