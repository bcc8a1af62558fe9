use crate::endian::Endian;
use crate::field::{Field, Role};
use crate::ut_type::UtType;

/// Where a layout keeps what tells at once that bytes are none of its records.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outline {
    ut_type: Option<&'static Field>,
    /// The type numbers that mean something: a bit for each.
    types: u32,
    /// The byte that tells most: the low one of the type, or the first of the line.
    tell: usize,
    pub(crate) sec: Option<&'static Field>,
    pub(crate) usec: Option<&'static Field>,
    pub(crate) micros: Option<&'static Field>,
}

impl Outline {
    pub(crate) const fn of(
        fields: &'static [Field],
        endian: Endian,
        ut_types: &[UtType],
    ) -> Outline {
        let (mut ut_type, mut sec, mut usec, mut micros) = (None, None, None, None);
        let (mut low, mut line) = (0usize, 0usize);
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
                _ => {}
            }
            rest = tail;
        }
        let tell = if ut_type.is_some() { low } else { line };
        Outline { ut_type, types: bits(ut_types), tell, sec, usec, micros }
    }

    /// Whether a record has a type that is known and used; where there are none, a line.
    #[inline]
    pub(crate) fn tells(&self, endian: Endian, record: &[u8]) -> bool {
        let Some(&byte) = record.get(self.tell) else { return false };
        match self.ut_type {
            Some(ut_type) => self.is_used(byte.into()) && self.is_used(ut_type.int(endian, record)),
            None => (b' '..=b'~').contains(&byte),
        }
    }

    /// Whether a record has a type that means something, be it that the record is unused;
    /// true where there are no types.
    #[inline]
    pub(crate) fn is_known(&self, endian: Endian, record: &[u8]) -> bool {
        self.ut_type.is_none_or(|ut_type| match ut_type.int(endian, record) {
            0 => true,
            raw_type => self.is_used(raw_type),
        })
    }

    fn is_used(&self, raw_type: i64) -> bool {
        (0..32).contains(&raw_type) && self.types >> raw_type & 1 == 1
    }

    /// Whether records have a type.
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
