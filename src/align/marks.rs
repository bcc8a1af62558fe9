//! Where records may begin, judged by one byte: it rules out nearly every offset.

use alloc::vec::Vec;

use super::score::{is_searched, typed};
use crate::container::Container;
use crate::evidence::weights::is_line;
use crate::formats::LAYOUTS;
use crate::layout::Layout;
use crate::value::text::Text;

/// The layouts that may occur in a file, grouped by the place of their most telling byte.
#[derive(Debug, Default)]
pub(super) struct Marks {
    groups: Vec<Group>,
}

/// Layouts with that byte at the same offset.
#[derive(Debug)]
struct Group {
    at: usize,
    /// Whether the byte begins a line that has to be a known one.
    is_line: bool,
    /// One bit for each byte value that a record of one of the layouts can have there.
    bytes: [u64; 4],
    layouts: Vec<&'static Layout>,
}

impl Group {
    /// Returns whether a record of one of the layouts may be at the beginning of `rest`.
    fn begins(&self, rest: &[u8]) -> bool {
        let Some(from @ [byte, ..]) = rest.get(self.at..) else { return false };
        let word = self.bytes.get(usize::from(byte >> 6)).copied().unwrap_or(0);
        word >> (byte & 63) & 1 == 1 && (!self.is_line || is_known_line(from))
    }
}

impl Marks {
    /// Returns the marks of a file of `home`, which comes first.
    pub(super) fn of(home: &'static Layout) -> Marks {
        let mut groups: Vec<Group> = Vec::new();
        let untyped = LAYOUTS.iter().filter(|layout| is_searched(layout) && !is_typed(layout));
        let others = typed().chain(untyped).filter(|layout| *layout != home);
        for layout in core::iter::once(home).chain(others) {
            let at = layout.key_fields.type_byte.at();
            let is_line = layout != home && !is_typed(layout);
            let is_group = |group: &Group| group.at == at && group.is_line == is_line;
            let group = match groups.iter().position(is_group) {
                Some(known) => groups.get_mut(known),
                None => {
                    groups.push(Group { at, is_line, bytes: [0; 4], layouts: Vec::new() });
                    groups.last_mut()
                }
            };
            let Some(group) = group else { continue };
            for byte in 0..=u8::MAX {
                let is_one = layout.key_fields.type_byte.is_plausible_byte(byte);
                let word = group.bytes.get_mut(usize::from(byte >> 6));
                word.into_iter().for_each(|word| *word |= u64::from(is_one) << (byte & 63));
            }
            group.layouts.push(layout);
        }
        Marks { groups }
    }

    /// Returns the layouts of which a record may be at the beginning of `rest`.
    pub(super) fn at(&self, rest: &[u8]) -> impl Iterator<Item = &'static Layout> {
        let groups = self.groups.iter().filter(|group| group.begins(rest));
        groups.flat_map(|group| group.layouts.iter().copied())
    }
}

/// Returns whether a field that begins with `bytes` is a known line. The shortest field has eight.
fn is_known_line(bytes: &[u8]) -> bool {
    is_line(Text::new(bytes.get(..8).unwrap_or(bytes)).as_bytes())
}

fn is_typed(layout: &Layout) -> bool {
    layout.container == Container::Array && layout.key_fields.is_typed()
}
