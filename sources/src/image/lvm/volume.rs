//! The bytes of a logical volume.

use std::io;
use std::ops::Range;
use std::rc::Rc;

use loginrec::read::ReadAt;

use super::group::{Group, Logical};
use super::label::Physical;

/// A volume of linear segments and stripes.
pub(super) struct Linear {
    segments: Vec<Piece>,
    size: u64,
}

/// A segment. All numbers are in bytes.
struct Piece {
    begin: u64,
    len: u64,
    /// Bytes of a stripe; all of them if there is one disk.
    stripe: u64,
    disks: Vec<(Rc<dyn ReadAt>, u64)>,
}

impl Linear {
    /// The error says why the volume cannot be read.
    pub(super) fn new(
        group: &Group,
        logical: &Logical,
        known: &[Physical],
    ) -> Result<Linear, String> {
        let damaged = || "damaged metadata".to_owned();
        let mut segments = Vec::new();
        let mut size: u64 = 0;
        for segment in &logical.segments {
            if !matches!(segment.kind.as_str(), "striped" | "linear") {
                return Err(format!("a volume of type {}, which is not read", segment.kind));
            }
            let bytes = |extents: u64| extents.checked_mul(group.extent).ok_or_else(damaged);
            let (begin, len) = (bytes(segment.begin)?, bytes(segment.len)?);
            let is_alone = segment.stripes.len() == 1;
            let stripe = if is_alone { len } else { segment.stripe };
            if begin != size || len == 0 || stripe == 0 || segment.stripes.is_empty() {
                return Err(damaged());
            }
            let mut disks = Vec::new();
            for (name, first) in &segment.stripes {
                let place = group.places.iter().find(|place| place.name == *name);
                let place = place.ok_or_else(damaged)?;
                let disk = known.iter().find(|known| known.id == place.id);
                let disk = disk.ok_or("a part of it is on another disk")?;
                let at = place.begin.checked_add(bytes(*first)?).ok_or_else(damaged)?;
                disks.push((Rc::clone(&disk.disk), at));
            }
            size = size.checked_add(len).ok_or_else(damaged)?;
            segments.push(Piece { begin, len, stripe, disks });
        }
        Ok(Linear { segments, size })
    }
}

impl ReadAt for Linear {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let number = self.segments.partition_point(|piece| piece.begin <= offset);
        let piece = number.checked_sub(1).and_then(|number| self.segments.get(number));
        let Some(piece) = piece.filter(|_| offset < self.size) else { return Ok(0) };
        let within = offset.saturating_sub(piece.begin);
        let (stripe, skipped) = (within / piece.stripe, within % piece.stripe);
        let disks = piece.disks.len() as u64;
        let number = usize::try_from(stripe % disks).unwrap_or_default();
        let Some((disk, begin)) = piece.disks.get(number) else { return Ok(0) };
        let row = (stripe / disks).saturating_mul(piece.stripe);
        let left = piece.stripe.saturating_sub(skipped).min(piece.len.saturating_sub(within));
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let at = begin.saturating_add(row).saturating_add(skipped);
        disk.read_at(buffer.get_mut(..len).unwrap_or_default(), at)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn data_after(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        Ok((offset < self.size).then_some(offset..self.size))
    }
}
