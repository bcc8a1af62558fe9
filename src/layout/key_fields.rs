use crate::endian::Endian;
use crate::layout::field::{Field, Role};
use crate::value::ut_type::UtType;

/// The most significant byte for detection: the low byte of the type or, without types, the first
/// byte of the line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TypeByte {
    at: u16,
    /// The defined type numbers, one bit for each. Zero for layouts without types.
    types: u32,
}

impl TypeByte {
    /// Returns whether a record may have a defined, used type; without types, a line.
    #[inline]
    pub(crate) fn is_plausible(self, record: &[u8]) -> bool {
        record.get(self.at()).is_some_and(|byte| self.is_plausible_byte(*byte))
    }

    /// Where it is in a record.
    #[inline]
    pub(crate) fn at(self) -> usize {
        self.at.into()
    }

    /// As [`TypeByte::is_plausible`], of the byte itself.
    #[inline]
    pub(crate) fn is_plausible_byte(self, byte: u8) -> bool {
        match self.types {
            0 => (b' '..=b'~').contains(&byte),
            _ => self.is_used(byte.into()),
        }
    }

    #[inline]
    fn is_used(self, raw_type: i64) -> bool {
        (0..32).contains(&raw_type) && self.types >> raw_type & 1 == 1
    }
}

/// The fields of a layout that rule out most other bytes at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyFields {
    ut_type: Option<&'static Field>,
    pub(crate) type_byte: TypeByte,
    pub(crate) sec: Option<&'static Field>,
    pub(crate) usec: Option<&'static Field>,
    pub(crate) micros: Option<&'static Field>,
    pub(crate) host_length: Option<&'static Field>,
    /// The fields that are padding or reserved, one bit for each.
    gaps: u32,
}

impl KeyFields {
    pub(crate) const fn of(
        fields: &'static [Field],
        endian: Endian,
        ut_types: &[UtType],
    ) -> KeyFields {
        let (mut ut_type, mut sec, mut usec, mut micros) = (None, None, None, None);
        let mut host_length = None;
        let (mut low, mut line) = (0usize, 0usize);
        assert!(fields.len() <= 32);
        let (mut gaps, mut bit) = (0, 1u32);
        let mut rest = fields;
        while let [field, tail @ ..] = rest {
            match field.role {
                Role::Type => {
                    ut_type = Some(field);
                    low = match endian {
                        Endian::Big => field.offset.saturating_add(field.len.saturating_sub(1)),
                        Endian::Little | Endian::Pdp => field.offset,
                    };
                }
                Role::Sec => sec = Some(field),
                Role::Usec => usec = Some(field),
                Role::Micros => micros = Some(field),
                Role::Line => line = field.offset,
                Role::HostLength => host_length = Some(field),
                Role::Padding | Role::Reserved => gaps |= bit,
                _ => {}
            }
            bit = bit.wrapping_shl(1);
            rest = tail;
        }
        let (at, types) = if ut_type.is_some() { (low, bits(ut_types)) } else { (line, 0) };
        assert!(at <= u16::MAX as usize && (types == 0) == ut_type.is_none());
        let type_byte = TypeByte { at: at as u16, types };
        KeyFields { ut_type, type_byte, sec, usec, micros, host_length, gaps }
    }

    /// Returns whether a record has a defined, used type; without types, a line.
    #[inline]
    pub(crate) fn is_plausible(&self, endian: Endian, record: &[u8]) -> bool {
        let is_used = |ut_type: &Field| self.type_byte.is_used(ut_type.int(endian, record));
        self.type_byte.is_plausible(record) && self.ut_type.is_none_or(is_used)
    }

    /// Returns whether a record has a defined type, including that of unused records. True for
    /// layouts without types.
    #[inline]
    pub(crate) fn is_known(&self, endian: Endian, record: &[u8]) -> bool {
        self.ut_type.is_none_or(|ut_type| match ut_type.int(endian, record) {
            0 => true,
            raw_type => self.type_byte.is_used(raw_type),
        })
    }

    /// Returns the fields that are padding or reserved.
    pub(crate) fn gaps(
        &self,
        fields: &'static [Field],
    ) -> impl Iterator<Item = &'static Field> + use<> {
        let mut gaps = self.gaps;
        core::iter::from_fn(move || {
            let at = gaps.trailing_zeros();
            gaps &= gaps.wrapping_sub(1);
            fields.get(at as usize)
        })
    }

    /// Returns the length of the type in bytes.
    pub(crate) fn type_len(&self) -> usize {
        self.ut_type.map_or(0, |ut_type| ut_type.len)
    }

    /// Returns whether records have a type.
    #[inline]
    pub(crate) const fn is_typed(&self) -> bool {
        self.ut_type.is_some()
    }
}

const fn bits(ut_types: &[UtType]) -> u32 {
    assert!(ut_types.len() <= 32);
    let (mut bits, mut rest, mut bit) = (0, ut_types, 1u32);
    while let [ut_type, tail @ ..] = rest {
        if !matches!(ut_type, UtType::Empty | UtType::Unknown) {
            bits |= bit;
        }
        bit = bit.wrapping_shl(1);
        rest = tail;
    }
    bits
}
