//! Cells that rows have in common with earlier rows, formatted once.

use std::ptr;

use loginrec::Layout;
use loginrec::contract::{Machine, Meaning, Place};

use crate::output::ascii::number::push;

/// Formatted cells of earlier rows, for JSON lines and CSV.
#[derive(Clone, Debug)]
pub(super) struct PrefixCache {
    place: Option<PlaceCells>,
    /// By event and type, as far as there are slots.
    meanings: [Option<MeaningCells>; 16],
}

/// The columns of a place.
#[derive(Clone, Debug)]
struct PlaceCells {
    machine: Option<MachineName>,
    file: Option<Box<str>>,
    layout: &'static Layout,
    bytes: PaddedBytes,
}

/// A machine and its archive.
#[derive(Clone, Debug)]
struct MachineName {
    name: Box<str>,
    archive: Option<Box<str>>,
}

impl MachineName {
    fn of(machine: Machine<'_>) -> MachineName {
        MachineName { name: machine.name.into(), archive: machine.archive.map(Box::from) }
    }

    #[inline(always)]
    fn is_of(&self, machine: Machine<'_>) -> bool {
        is_same(Some(&self.name), Some(machine.name))
            && is_same(self.archive.as_deref(), machine.archive)
    }
}

impl PlaceCells {
    #[inline(always)]
    fn is_of(&self, place: &Place<'_>) -> bool {
        ptr::eq(self.layout, place.layout)
            && is_same(self.file.as_deref(), place.source.file)
            && match (&self.machine, place.source.machine) {
                (Some(own), Some(machine)) => own.is_of(machine),
                (own, machine) => own.is_none() && machine.is_none(),
            }
    }
}

/// Whether two names are equal. The names of files mostly have 8 to 32 bytes: compared in place,
/// they need no call.
#[inline(always)]
fn is_same(one: Option<&str>, other: Option<&str>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return one.is_none() && other.is_none() };
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    match one.len() {
        16..=32 => ends::<16>(one) == ends::<16>(other),
        8..16 => ends::<8>(one) == ends::<8>(other),
        _ => one == other,
    }
}

/// The first and the last `N` bytes, which may overlap: all bytes of at most twice as many.
#[inline(always)]
fn ends<const N: usize>(name: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
    name.first_chunk().zip(name.last_chunk())
}

/// The columns of a meaning.
#[derive(Clone, Debug)]
struct MeaningCells {
    meaning: Meaning,
    bytes: PaddedBytes,
}

impl PrefixCache {
    pub(super) fn new() -> PrefixCache {
        PrefixCache { place: None, meanings: Default::default() }
    }

    /// Appends the cells of a place, if they are those that were kept last.
    #[inline(always)]
    pub(super) fn push_place(&self, line: &mut Vec<u8>, place: &Place<'_>) -> bool {
        match &self.place {
            Some(cells) if cells.is_of(place) => {
                cells.bytes.push(line);
                true
            }
            _ => false,
        }
    }

    /// Keeps and appends the cells of a place.
    pub(super) fn keep_place(&mut self, line: &mut Vec<u8>, place: &Place<'_>, cells: Vec<u8>) {
        line.extend_from_slice(&cells);
        let machine = place.source.machine.map(MachineName::of);
        let file = place.source.file.map(Box::from);
        let bytes = PaddedBytes::new(cells);
        self.place = Some(PlaceCells { machine, file, layout: place.layout, bytes });
    }

    /// Appends the cells of a meaning, if they have been kept.
    #[inline(always)]
    pub(super) fn push_meaning(&self, line: &mut Vec<u8>, meaning: Meaning) -> bool {
        match self.meanings.get(slot(meaning)) {
            Some(Some(cells)) if cells.meaning == meaning => {
                cells.bytes.push(line);
                true
            }
            _ => false,
        }
    }

    /// Keeps and appends the cells of a meaning.
    pub(super) fn keep_meaning(&mut self, line: &mut Vec<u8>, meaning: Meaning, cells: Vec<u8>) {
        line.extend_from_slice(&cells);
        if let Some(kept) = self.meanings.get_mut(slot(meaning)) {
            *kept = Some(MeaningCells { meaning, bytes: PaddedBytes::new(cells) });
        }
    }
}

/// Where the cells of a meaning are kept.
#[inline(always)]
fn slot(meaning: Meaning) -> usize {
    // A btmp has one event and some types, a wtmp two events of one type.
    let event = meaning.event.map_or(0, |(_, event)| event as u8);
    let raw_type = meaning.raw_type.unwrap_or_default() as u8;
    usize::from(event.wrapping_mul(3).wrapping_add(raw_type) % 16)
}

/// Bytes that are written again and again.
#[derive(Clone, Debug)]
pub(super) struct PaddedBytes {
    /// With zeros after them, so that as much can always be copied.
    bytes: Vec<u8>,
    len: usize,
}

impl PaddedBytes {
    /// Types and events in JSON have less, and most places.
    const ROOM: usize = 80;

    fn new(mut bytes: Vec<u8>) -> PaddedBytes {
        let len = bytes.len();
        bytes.resize(len.max(PaddedBytes::ROOM), 0);
        PaddedBytes { bytes, len }
    }

    #[inline(always)]
    pub(super) fn push(&self, line: &mut Vec<u8>) {
        match self.bytes.first_chunk::<{ PaddedBytes::ROOM }>() {
            Some(bytes) if self.len <= PaddedBytes::ROOM => push(line, bytes, self.len),
            _ => line.extend_from_slice(self.bytes.get(..self.len).unwrap_or_default()),
        }
    }
}
