//! Disklabels of the BSDs: partitions with letters, in a partition of the disk or in all of it.

use super::bytes::{be16, be32, le16, le32};

/// At the beginning of a label, and again in it.
const MAGIC: u32 = 0x8256_4557;
/// Where it may begin, which depends on the processor.
const PLACES: [usize; 4] = [512, 64, 0, 128];
/// The most partitions of a label.
const MOST: u16 = 22;

/// A partition of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lettered {
    pub(super) letter: char,
    /// In bytes; from where the label is, or from the beginning of the disk.
    pub(super) begin: u64,
    pub(super) len: u64,
}

/// Returns whether a disk that begins with `head` has a label.
pub(super) fn is_label(head: &[u8]) -> bool {
    !partitions(head).is_empty()
}

/// Returns the partitions of the label in `head`; none if it has no label. That of the whole disk is
/// among them.
pub(super) fn partitions(head: &[u8]) -> Vec<Lettered> {
    let find = |u32_at: fn(&[u8], usize) -> Option<u32>| {
        PLACES.iter().find_map(|place| {
            let label = head.get(*place..)?;
            let has_magic = |at| u32_at(label, at) == Some(MAGIC);
            (has_magic(0) && has_magic(132)).then_some(label)
        })
    };
    let (label, is_big) = match (find(le32), find(be32)) {
        (Some(label), _) => (label, false),
        (None, Some(label)) => (label, true),
        (None, None) => return Vec::new(),
    };
    let u32_at = |at: usize| if is_big { be32(label, at) } else { le32(label, at) };
    let u16_at = |at: usize| if is_big { be16(label, at) } else { le16(label, at) };
    let sector = u64::from(u32_at(40).unwrap_or_default());
    if !matches!(sector, 512 | 1024 | 2048 | 4096) {
        return Vec::new();
    }
    let count = u16_at(138).unwrap_or_default().min(MOST);
    let mut found = Vec::new();
    for (number, letter) in (0..usize::from(count)).zip('a'..) {
        let at = number.saturating_mul(16).saturating_add(148);
        let (Some(len), Some(begin)) = (u32_at(at), u32_at(at.saturating_add(4))) else { break };
        if len > 0 {
            let bytes = |sectors: u32| u64::from(sectors).saturating_mul(sector);
            found.push(Lettered { letter, begin: bytes(begin), len: bytes(len) });
        }
    }
    found
}
