//! Texts that are records of their own.

use alloc::vec::Vec;

use crate::container::asl::window::Window;
use crate::container::asl::word::{be16, be32};
use crate::container::source::Source;

/// Bytes before a text: its type and its length.
pub(super) const HEAD: usize = 6;
/// The type of a record that is a text.
pub(super) const TYPE: u16 = 1;
/// The longest text that is read. No name of a user, host or terminal is nearly as long.
const LONGEST: usize = 64 << 10;
/// Bytes of a text that are read at first. Longer ones are not kept.
const KEPT: usize = 256;
/// Texts that are kept: the writer remembers at most 256 of them.
const PLACES: usize = 1024;

/// Texts that were read lately, by their offsets.
#[derive(Debug, Default)]
pub(super) struct Texts {
    kept: Vec<Kept>,
    /// The last text that was too long to be kept.
    long: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
struct Kept {
    /// Zero for none: the header is there.
    offset: u64,
    text: Vec<u8>,
}

/// Returns the text of a record, without its NUL; `None` if it is not a text.
fn text(record: &[u8]) -> Option<&[u8]> {
    let len = usize::try_from(be32(record, 2)).ok()?;
    let text = record.get(HEAD..)?.get(..len)?;
    match text.split_last() {
        Some((0, text)) if be16(record, 0) == TYPE => Some(text),
        _ => None,
    }
}

impl Texts {
    /// Returns the text at `offset`; `None` if there is none.
    pub(super) fn get<'a>(
        &'a mut self,
        source: &dyn Source,
        window: &'a Window,
        offset: u64,
    ) -> Option<&'a [u8]> {
        if let Some(head) = window.get(offset, HEAD) {
            let len = HEAD.saturating_add(be32(head, 2) as usize);
            if len > HEAD.saturating_add(LONGEST) || be16(head, 0) != TYPE {
                return None;
            }
            if let Some(record) = window.get(offset, len) {
                return text(record);
            }
        }
        if self.kept.is_empty() {
            self.kept.resize(PLACES, Kept::default());
        }
        // Texts begin at any byte; the multiplier spreads neighbors over all places.
        let place = (offset.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize % PLACES;
        let Texts { kept, long } = self;
        let kept = kept.get_mut(place)?;
        if kept.offset != offset || offset == 0 {
            kept.offset = 0;
            let mut record = [0; HEAD + KEPT];
            let read = source.read_at(&mut record, offset);
            let record = record.get(..read).unwrap_or_default();
            let len = be32(record, 2) as usize;
            if be16(record, 0) != TYPE || len > LONGEST {
                return None;
            }
            if len > KEPT {
                long.resize(HEAD.saturating_add(len), 0);
                let read = source.read_at(long, offset);
                return text(long.get(..read)?);
            }
            let found = text(record)?;
            kept.text.clear();
            kept.text.extend_from_slice(found);
            kept.offset = offset;
        }
        Some(&kept.text)
    }
}
