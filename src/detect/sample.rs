//! Which records to look at: constant work whatever the file's size.

use crate::error::Error;
use crate::frame::{Frames, Framing, is_zero, leading_zeros};
use crate::hash::{Pairs, Value};
use crate::layout::Layout;

/// Places looked at in a file.
const PLACES: usize = 32;
/// Records looked at in each place: neighbours show whether times go on.
const NEIGHBOURS: usize = 2;
/// Every how many places are enough to see that nothing fits.
const SPREAD: usize = 3;
/// Files with no more records than this are looked at whole.
const WHOLE: usize = PLACES * NEIGHBOURS;
/// How far one place looks for data in a hole of a sparse file.
const REACH: usize = 1 << 20;
/// How much of a database is looked at: sixty-four of the largest pages.
const DATABASE_REACH: usize = 4 << 20;
/// One byte more than a `struct lastlogx` can have.
const LONGEST_VALUE: usize = 433;

/// Byte offsets spread over a file at which there is something other than zero.
#[derive(Debug)]
pub(super) struct Places {
    offsets: [usize; PLACES + 1],
    len: usize,
}

impl Places {
    pub(super) fn of(data: &[u8]) -> Places {
        let mut places = Places { offsets: [0; PLACES + 1], len: 0 };
        for i in 0..PLACES {
            let start = data.len() / PLACES * i;
            let reach = data.get(start..).unwrap_or_default();
            let reach = reach.get(..REACH).unwrap_or(reach);
            let hole = leading_zeros(reach);
            if hole < reach.len() {
                places.push(start + hole);
            }
        }
        // A lastlog ends with the highest user id that ever logged in.
        if let Some(last) = data.iter().rev().take(REACH).position(|&b| b != 0) {
            places.push(data.len() - 1 - last);
        }
        places
    }

    fn push(&mut self, offset: usize) {
        let known = self.offsets.get(..self.len).unwrap_or_default();
        if known.last() != Some(&offset)
            && let Some(slot) = self.offsets.get_mut(self.len)
        {
            *slot = offset;
            self.len += 1;
        }
    }

    /// Whether there is nothing but zeros as far as was looked.
    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A dozen records spread over the file, to see at once what is hopeless. Spread, for
    /// the beginning of a file may be damaged.
    pub(super) fn spread<'a>(&self, size: usize, data: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        let mut last = None;
        self.offsets.iter().take(self.len).step_by(SPREAD).filter_map(move |offset| {
            let index = offset / size;
            if last.replace(index) == Some(index) {
                return None;
            }
            data.get(index * size..)?.get(..size)
        })
    }

    /// Hands some used records of `data`, read as `layout`, to `look` in the order of
    /// the file, until it has enough.
    pub(super) fn records(
        &self,
        layout: &Layout,
        data: &[u8],
        mut look: impl FnMut(&[u8]) -> bool,
    ) {
        let count = data.len() / layout.size;
        if layout.framing == Framing::Database {
            values(data, look);
        } else if layout.framing == Framing::LengthPrefixed {
            // Enough for as many of the longest records, and not a hole of gigabytes.
            let start = data.get(..REACH).unwrap_or(data);
            for frame in Frames::new(start, layout.framing, layout.size, &[]).take(WHOLE) {
                let bytes = match frame {
                    Ok(frame) => frame.bytes,
                    // The file may end within a record.
                    Err(Error::Truncated { need, .. }) if need <= layout.size as u64 + 2 => return,
                    // Lost framing is a record that cannot be.
                    Err(_) => &[],
                };
                if !look(bytes) {
                    return;
                }
            }
        } else if count <= WHOLE {
            for record in data.chunks_exact(layout.size).filter(|r| !is_zero(r)) {
                if !look(record) {
                    return;
                }
            }
        } else {
            let mut next = 0;
            for offset in self.offsets.iter().take(self.len) {
                let first = (offset / layout.size).max(next);
                next = first + NEIGHBOURS;
                for index in first..next {
                    let tail = data.get(index * layout.size..).unwrap_or_default();
                    let Some(record) = tail.get(..layout.size) else { return };
                    if !is_zero(record) && !look(record) {
                        return;
                    }
                }
            }
        }
    }
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
