use crate::endian::Endian;
use crate::field::{Field, Role};
use crate::ut_type::UtType;

/// The byte of a record that tells most: the low one of the type, or where there are none
/// the first of the line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tell {
    at: u16,
    /// The type numbers that mean something: a bit for each. None where there are no types.
    types: u32,
}

impl Tell {
    pub(crate) const NONE: Tell = Tell { at: 0, types: 0 };

    /// Whether a record may have a type that is known and used; where there are none, a line.
    #[inline]
    pub(crate) fn tells(self, record: &[u8]) -> bool {
        let Some(&byte) = record.get(usize::from(self.at)) else { return false };
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

/// Where a layout keeps what tells at once that bytes are none of its records.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outline {
    ut_type: Option<&'static Field>,
    pub(crate) tell: Tell,
    pub(crate) sec: Option<&'static Field>,
    pub(crate) usec: Option<&'static Field>,
    pub(crate) micros: Option<&'static Field>,
    pub(crate) host_length: Option<&'static Field>,
    /// The fields that are padding or reserved: a bit for each.
    gaps: u32,
}

impl Outline {
    pub(crate) const fn of(
        fields: &'static [Field],
        endian: Endian,
        ut_types: &[UtType],
    ) -> Outline {
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
        let tell = Tell { at: at as u16, types };
        Outline { ut_type, tell, sec, usec, micros, host_length, gaps }
    }

    /// Whether a record has a type that is known and used; where there are none, a line.
    #[inline]
    pub(crate) fn tells(&self, endian: Endian, record: &[u8]) -> bool {
        let is_used = |ut_type: &Field| self.tell.is_used(ut_type.int(endian, record));
        self.tell.tells(record) && self.ut_type.is_none_or(is_used)
    }

    /// Whether a record has a type that means something, be it that the record is unused;
    /// true where there are no types.
    #[inline]
    pub(crate) fn is_known(&self, endian: Endian, record: &[u8]) -> bool {
        self.ut_type.is_none_or(|ut_type| match ut_type.int(endian, record) {
            0 => true,
            raw_type => self.tell.is_used(raw_type),
        })
    }

    /// The fields of the layout that are padding or reserved.
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

    /// Bytes in a type.
    pub(crate) fn type_len(&self) -> usize {
        self.ut_type.map_or(0, |ut_type| ut_type.len)
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
