//! Free pages.

use alloc::vec::Vec;

use crate::container::sqlite::pager::Pager;
use crate::container::sqlite::pages::PageSet;
use crate::container::sqlite::source::{Files, be32};
use crate::error::Error;
use crate::error::database::DatabaseFault;

/// Adds the free pages to `pages`, as far as their list is intact. Returns those that are part of
/// the list. Problems go to `faults`.
pub(super) fn collect(
    pager: &mut Pager,
    files: Files<'_>,
    pages: &mut PageSet,
    faults: &mut Vec<Error>,
) -> PageSet {
    let mut trunks = PageSet::new(pager.limit());
    let mut trunk = pager.header.free_trunk;
    while trunk != 0 {
        let image = match pager.page(files, trunk) {
            Ok(image) if pages.insert(trunk) => image,
            Ok(_) => {
                faults.push(pager.fault(trunk, DatabaseFault::FreeList));
                break;
            }
            Err(fault) => {
                faults.push(fault);
                break;
            }
        };
        trunks.insert(trunk);
        let number = |at| be32(&image.bytes, at).unwrap_or_default();
        let room = pager.header.usable().saturating_sub(8) / 4;
        let (next, count) = (number(0), number(4) as usize);
        if count > room {
            faults.push(pager.fault(trunk, DatabaseFault::FreeList));
        }
        for n in 0..count.min(room) {
            pages.insert(number(n.saturating_mul(4).saturating_add(8)));
        }
        trunk = next;
    }
    trunks
}
