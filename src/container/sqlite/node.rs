//! One page of a b-tree: its header and cells.

use core::ops::Range;

use crate::container::sqlite::header;
use crate::container::sqlite::source::{be16, be32};
use crate::container::sqlite::varint;
use crate::error::database::DatabaseFault;

/// The kind of a b-tree page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    IndexInterior,
    TableInterior,
    IndexLeaf,
    TableLeaf,
}

impl Kind {
    pub(super) fn is_leaf(self) -> bool {
        matches!(self, Kind::IndexLeaf | Kind::TableLeaf)
    }

    pub(super) fn is_table(self) -> bool {
        matches!(self, Kind::TableInterior | Kind::TableLeaf)
    }

    fn of(byte: u8) -> Option<Kind> {
        match byte {
            2 => Some(Kind::IndexInterior),
            5 => Some(Kind::TableInterior),
            10 => Some(Kind::IndexLeaf),
            13 => Some(Kind::TableLeaf),
            _ => None,
        }
    }
}

/// The header of a page of a b-tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Number of cells.
    pub(super) count: u16,
    /// Offset of the first free block; 0 if there is none.
    pub(super) first_free: u16,
    /// The page after that of the last cell, on interior pages.
    pub(super) right: u32,
    /// Offset of the pointers to the cells.
    pub(super) pointers: usize,
    /// Whether `count` is larger than the page allows.
    pub(super) is_crowded: bool,
    usable: usize,
}

/// A cell of a page: offsets and lengths in the bytes of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RawCell {
    pub(super) start: usize,
    /// The page before it, on interior pages.
    pub(super) child: u32,
    pub(super) rowid: Option<i64>,
    /// Length of the whole row in bytes.
    pub(super) len: u64,
    /// Number of those bytes on this page.
    pub(super) local: Range<usize>,
    /// The page with the next bytes; 0 if all are here.
    pub(super) overflow: u32,
    /// Offset of the end of the cell.
    pub(super) end: usize,
}

impl Node {
    /// Parses the header of a page with `usable` bytes of content.
    pub(super) fn parse(page: &[u8], number: u32, usable: usize) -> Option<Node> {
        let base = if number == 1 { header::LEN } else { 0 };
        let kind = Kind::of(*page.get(base)?)?;
        let at = |offset: usize| base.saturating_add(offset);
        let count = be16(page, at(3))?;
        let pointers = at(if kind.is_leaf() { 8 } else { 12 });
        let end = usize::from(count).saturating_mul(2).saturating_add(pointers);
        Some(Node {
            kind,
            count,
            first_free: be16(page, at(1))?,
            right: if kind.is_leaf() { 0 } else { be32(page, at(8))? },
            pointers,
            is_crowded: end > usable,
            usable,
        })
    }

    /// Returns whether a page is a b-tree page with all its cells inside.
    pub(super) fn is_sound(page: &[u8], number: u32) -> bool {
        let usable = page.len();
        Node::parse(page, number, usable).is_some_and(|node| {
            !node.is_crowded
                && (0..node.count).all(|n| match node.kind {
                    Kind::TableInterior => node.child(page, n).is_ok(),
                    _ => node.cell(page, n).is_ok(),
                })
        })
    }

    /// Returns the offset at which the pointers end.
    pub(super) fn pointers_end(&self) -> usize {
        usize::from(self.count).saturating_mul(2).saturating_add(self.pointers)
    }

    /// Returns the offset of cell `n`, if it is possible.
    pub(super) fn pointer(&self, page: &[u8], n: u16) -> Result<usize, DatabaseFault> {
        let at = usize::from(n).saturating_mul(2).saturating_add(self.pointers);
        let start = be16(page, at).ok_or(DatabaseFault::CutShort)?.into();
        match start >= self.pointers_end() && start < self.usable {
            true => Ok(start),
            false => Err(DatabaseFault::Pointer),
        }
    }

    /// Returns the page before cell `n`; that after the last one for `n` = `count`.
    pub(super) fn child(&self, page: &[u8], n: u16) -> Result<u32, DatabaseFault> {
        if n >= self.count {
            return Ok(self.right);
        }
        be32(page, self.pointer(page, n)?).ok_or(DatabaseFault::Cell)
    }

    /// Returns cell `n`, which interior pages of a table do not have.
    pub(super) fn cell(&self, page: &[u8], n: u16) -> Result<RawCell, DatabaseFault> {
        let start = self.pointer(page, n)?;
        let whole = page.len() >= self.usable;
        let fault = if whole { DatabaseFault::Cell } else { DatabaseFault::CutShort };
        RawCell::parse(page, start, self.kind, self.usable).ok_or(fault)
    }
}

impl RawCell {
    /// Parses a cell. `None` if it is not within the page.
    pub(super) fn parse(page: &[u8], start: usize, kind: Kind, usable: usize) -> Option<RawCell> {
        let mut rest = page.get(start..page.len().min(usable))?;
        let mut child = 0;
        if !kind.is_leaf() {
            child = be32(rest, 0)?;
            rest = rest.get(4..)?;
        }
        let (len, mut rest) = varint::take(rest)?;
        let mut rowid = None;
        if kind.is_table() {
            let (id, behind) = varint::take(rest)?;
            (rowid, rest) = (Some(id as i64), behind);
        }
        let at = page.len().min(usable).checked_sub(rest.len())?;
        let here = local(len, kind, usable);
        let local = at..at.checked_add(here)?;
        let whole = here as u64 == len;
        let overflow = if whole { 0 } else { be32(page.get(..usable)?, local.end)? };
        let end = local.end.checked_add(if whole { 0 } else { 4 })?;
        (rest.len() >= end.saturating_sub(at)).then_some(RawCell {
            start,
            child,
            rowid,
            len,
            local,
            overflow,
            end,
        })
    }
}

/// Returns how many bytes of a row of `len` bytes are on its page; the rest is on overflow pages.
fn local(len: u64, kind: Kind, usable: usize) -> usize {
    let share = |of: usize| (usable.saturating_sub(12).saturating_mul(of) / 255).saturating_sub(23);
    let most = match kind {
        Kind::TableLeaf => usable.saturating_sub(35),
        _ => share(64),
    };
    if len <= most as u64 {
        return len as usize;
    }
    let least = share(32);
    let chained = usable.saturating_sub(4) as u64;
    let last = len.saturating_sub(least as u64).checked_rem(chained).unwrap_or(0);
    match least.saturating_add(last as usize) {
        here if here <= most => here,
        _ => least,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The limits in the description of the format, for pages of 4096 and 512 bytes.
    #[test]
    fn how_much_of_a_row_is_in_its_page() {
        assert_eq!(local(4061, Kind::TableLeaf, 4096), 4061);
        assert_eq!(local(4062, Kind::TableLeaf, 4096), 489);
        assert_eq!(local(489 + 4092 + 5, Kind::TableLeaf, 4096), 494);
        assert_eq!(local(477, Kind::TableLeaf, 512), 477);
        assert_eq!(local(478, Kind::TableLeaf, 512), 39);
        assert_eq!(local(1002, Kind::IndexLeaf, 4096), 1002);
        assert_eq!(local(1003, Kind::IndexLeaf, 4096), 489);
    }
}
