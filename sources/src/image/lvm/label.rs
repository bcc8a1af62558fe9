//! The label of a physical volume, and the text about its group.

use std::io;
use std::rc::Rc;

use loginrec::read::ReadAt;

use crate::image::bytes::{array, le32, le64, read_exactly};
use crate::image::invalid;

const SECTOR: usize = 512;
/// The label is in one of this many sectors.
const SECTORS: usize = 4;
/// The longest text that is read. Areas have a MiB.
const LONGEST: u64 = 16 << 20;

/// A physical volume.
pub(super) struct Physical {
    /// Without the hyphens that the text has.
    pub(super) id: String,
    pub(super) disk: Rc<dyn ReadAt>,
}

/// Returns the sector with the label.
fn label(head: &[u8]) -> Option<&[u8]> {
    let mut sectors = head.chunks_exact(SECTOR).take(SECTORS);
    sectors
        .find(|sector| sector.starts_with(b"LABELONE") && array(sector, 24) == Some(*b"LVM2 001"))
}

/// Returns whether a partition that begins with `head` is a physical volume.
pub(in crate::image) fn is_physical(head: &[u8]) -> bool {
    label(head).is_some()
}

/// Reads the label, and the text about the group if there is one.
pub(super) fn physical(disk: &Rc<dyn ReadAt>) -> io::Result<(Physical, Option<Vec<u8>>)> {
    let damaged = || invalid("damaged label");
    let head = read_exactly(&**disk, 0, SECTOR * SECTORS)?;
    let label = label(&head).ok_or_else(damaged)?;
    let header = le32(label, 20).and_then(|at| usize::try_from(at).ok());
    let header = header.and_then(|at| label.get(at..)).ok_or_else(damaged)?;
    let id: [u8; 32] = array(header, 0).ok_or_else(damaged)?;
    let id = String::from_utf8(id.to_vec()).map_err(|_| damaged())?;
    let physical = Physical { id, disk: Rc::clone(disk) };
    // Two lists of places, each with an end of zeros: those for data, and those for texts.
    let mut places = header.get(40..).unwrap_or_default().chunks_exact(16);
    while places.next().is_some_and(|place| le64(place, 0) != Some(0)) {}
    let mut result = Ok(None);
    for place in places {
        let Some(at @ 1..) = le64(place, 0) else { break };
        match text(disk, at) {
            Ok(Some(text)) => return Ok((physical, Some(text))),
            Ok(None) => {}
            Err(error) => result = Err(error),
        }
    }
    result.map(|text| (physical, text))
}

/// Returns the text of an area; `None` if it has none.
fn text(disk: &Rc<dyn ReadAt>, area: u64) -> io::Result<Option<Vec<u8>>> {
    /// Set for an area that is not used.
    const IGNORED: u32 = 1;
    let header = read_exactly(&**disk, area, SECTOR)?;
    if header.get(4..20) != Some(b" LVM2 x[5A%r0N*>") {
        return Err(invalid("damaged area of metadata"));
    }
    let number = |at| le64(&header, at).unwrap_or_default();
    let (size, offset, len) = (number(32), number(40), number(48));
    if offset == 0 || le32(&header, 60).is_some_and(|flags| flags & IGNORED != 0) {
        return Ok(None);
    }
    if len > LONGEST.min(size) || offset >= size {
        return Err(invalid("damaged area of metadata"));
    }
    // The area is a ring after its header.
    let first = len.min(size.saturating_sub(offset));
    let read = |at: u64, len: u64| {
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        read_exactly(&**disk, area.saturating_add(at), len)
    };
    let mut text = read(offset, first)?;
    text.extend(read(SECTOR as u64, len.saturating_sub(first))?);
    Ok(Some(text))
}
