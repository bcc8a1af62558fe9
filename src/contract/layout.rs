//! Rows of formats.

use crate::contract::column::Column;
use crate::contract::sink::{Row, Sink};
use crate::contract::write::name;
use crate::endian::Endian;
use crate::layout::Layout;
use crate::layout::field::Role;

/// A format that can be read, as `layouts` lists it.
#[derive(Clone, Copy, Debug)]
pub struct LayoutRow {
    /// The format.
    pub layout: &'static Layout,
}

impl LayoutRow {
    /// Returns the name of the byte order.
    pub fn byte_order(&self) -> &'static str {
        match self.layout.endian {
            Endian::Little => "little",
            Endian::Big => "big",
            Endian::Pdp => "pdp",
        }
    }

    /// Returns the width of the seconds in bits.
    pub fn time_bits(&self) -> u64 {
        let seconds = self.layout.field(Role::Sec).or_else(|| self.layout.field(Role::Micros));
        seconds.map_or(0, |field| (field.len as u64).saturating_mul(8))
    }
}

impl Row for LayoutRow {
    const COLUMNS: &'static [Column] = &[
        Column::Name,
        Column::Size,
        Column::ByteOrder,
        Column::Framing,
        Column::System,
        Column::TimeBits,
        Column::Microseconds,
        Column::Paths,
    ];

    fn write(&self, to: &mut impl Sink) {
        let LayoutRow { layout } = *self;
        to.word(Column::Name, layout.name);
        to.integer(Column::Size, (layout.size as u64).into());
        to.word(Column::ByteOrder, self.byte_order());
        to.word(Column::Framing, layout.container.name());
        name(to, Column::System, Some(layout.platform.system));
        to.integer(Column::TimeBits, self.time_bits().into());
        to.flag(Column::Microseconds, layout.has_microseconds());
        to.list(Column::Paths, &mut layout.paths().map(|(_, path)| path));
    }
}
