//! The page size of a database whose header is lost or wrong.

use crate::container::source::Source;
use crate::container::sqlite::header::Header;
use crate::container::sqlite::node::{Kind, Node};

/// Number of pages to examine.
const LOOKED_AT: u64 = 64;

const SIZES: [u32; 8] = [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536];

/// Returns the page size in the header, unless the file shows that another one is correct.
pub(super) fn corrected(source: &dyn Source, header: &Header) -> u32 {
    let counted = |size: u32| u64::from(header.page_count).saturating_mul(size.into());
    let reserved = header.reserved.into();
    if ends_at(source, header.page_size, reserved) {
        return header.page_size;
    }
    let fits = |size: &u32| counted(*size) == source.len() && ends_at(source, *size, reserved);
    SIZES.into_iter().find(fits).unwrap_or(header.page_size)
}

/// Returns the page size of a file that looks like a database without its header.
pub(super) fn guess(source: &dyn Source) -> Option<u32> {
    SIZES.into_iter().find(|&size| ends_at(source, size, 0) && is_grid(source, size))
}

/// Returns whether the first page contains table definitions, and its cells end where a page of
/// this size does. Cells are written from the end of a page backwards.
fn ends_at(source: &dyn Source, size: u32, reserved: usize) -> bool {
    let mut page = alloc::vec![0; size as usize];
    if source.read_at(&mut page, 0) != page.len() {
        return false;
    }
    let usable = page.len().saturating_sub(reserved);
    let Some(node) = Node::parse(&page, 1, usable) else { return false };
    if !node.kind.is_table() || node.is_crowded || node.count == 0 {
        return false;
    }
    let end = |n| match node.kind {
        Kind::TableLeaf => node.cell(&page, n).ok().map(|cell| cell.end),
        // Four bytes and a rowid below 128.
        _ => node.pointer(&page, n).ok().and_then(|start| start.checked_add(5)),
    };
    let last = (0..node.count).map(end).try_fold(0, |last, end| Some(last.max(end?)));
    last == Some(usable)
}

/// Returns whether pages of this size begin like pages of a database.
fn is_grid(source: &dyn Source, size: u32) -> bool {
    let pages = source.len().checked_div(size.into()).unwrap_or(0).min(LOOKED_AT);
    (1..pages).all(|n| {
        let mut kind = [0];
        let read = source.read_at(&mut kind, n.saturating_mul(size.into()));
        // 0 on overflow pages, and in the list of free pages.
        read == 1 && matches!(kind, [0 | 2 | 5 | 10 | 13])
    })
}
