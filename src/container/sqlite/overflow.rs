//! Rows longer than their page, which continue on a chain of other pages.

use alloc::vec::Vec;

use crate::container::sqlite::node::RawCell;
use crate::container::sqlite::pager::{Image, Pager};
use crate::container::sqlite::pages::PageSet;
use crate::container::sqlite::source::Files;

/// Length of the longest row that is read.
const LONGEST: u64 = 16 << 20;

/// The bytes of the last such row.
#[derive(Debug, Default)]
pub(super) struct Overflow {
    bytes: Vec<u8>,
}

impl Overflow {
    /// Returns the row that was assembled last.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Assembles a row. `None` if one of its pages is missing, or belongs to another row.
    pub(super) fn collect(
        &mut self,
        pager: &mut Pager,
        files: Files<'_>,
        visited: &mut PageSet,
        image: &Image,
        cell: &RawCell,
    ) -> Option<&[u8]> {
        let len = usize::try_from(cell.len).ok().filter(|_| cell.len <= LONGEST)?;
        self.bytes.clear();
        self.bytes.extend_from_slice(image.bytes.get(cell.local.clone())?);
        let usable = pager.header.usable();
        let mut next = cell.overflow;
        while self.bytes.len() < len {
            if !visited.insert(next) {
                return None;
            }
            let page = pager.page(files, next).ok()?;
            let (link, rest) = page.bytes.get(..usable)?.split_first_chunk()?;
            let wanted = len.saturating_sub(self.bytes.len()).min(rest.len());
            self.bytes.extend_from_slice(rest.get(..wanted)?);
            next = u32::from_be_bytes(*link);
        }
        Some(&self.bytes)
    }
}
