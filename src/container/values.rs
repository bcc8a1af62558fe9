//! Values of a Berkeley DB hash file as records.

use alloc::vec::Vec;

use crate::container::bdb::{LONGEST_VALUE, Pairs, Value};
use crate::container::frame::{Frame, Item};
use crate::error::Error;
use crate::value::key::Key;

/// The values of a hash database.
#[derive(Clone, Debug)]
pub(super) struct Values<'a> {
    pairs: Pairs<'a>,
    fragmented: &'a [u8],
    index: u64,
}

impl<'a> Values<'a> {
    /// `fragmented` contains the values that span several pages; see [`reassemble`].
    pub(super) fn new(pairs: Pairs<'a>, fragmented: &'a [u8]) -> Self {
        Values { pairs, fragmented, index: 0 }
    }

    pub(super) fn next(&mut self) -> Option<Item<'a>> {
        let pair = match self.pairs.next()? {
            Ok(pair) => pair,
            Err(error) => return Some(Err(error)),
        };
        let bytes = match pair.value {
            Value::Whole(bytes) => bytes,
            Value::Fragmented(parts) => {
                let fits = Some(parts.len).filter(|&len| len <= LONGEST_VALUE);
                let Some(len) = fits.and_then(|len| usize::try_from(len).ok()) else {
                    let len = parts.len;
                    return Some(Err(Error::ValueLength { offset: pair.offset, len }));
                };
                match self.fragmented.split_at_checked(len) {
                    Some((bytes, rest)) if len > 0 => {
                        self.fragmented = rest;
                        bytes
                    }
                    _ => {
                        let len = parts.len;
                        return Some(Err(Error::Fragmented { offset: pair.offset, len }));
                    }
                }
            }
        };
        let key = Some(Key::Uid(pair.uid.into()));
        let frame = Frame { index: self.index, offset: pair.offset, key, bytes };
        self.index = self.index.saturating_add(1);
        Some(Ok(frame))
    }
}

/// Returns the values of a database that span several pages and could be records, one after
/// another.
pub(super) fn reassemble(data: &[u8]) -> Vec<u8> {
    let mut values = Vec::new();
    let Ok(pairs) = Pairs::new(data) else { return values };
    for pair in pairs.flatten() {
        if let Value::Fragmented(parts) = pair.value
            && parts.len <= LONGEST_VALUE
        {
            parts.parts().for_each(|part| values.extend_from_slice(part));
        }
    }
    values
}
