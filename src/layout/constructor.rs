//! Makes a [`Layout`] from a record type, at compile time.

use core::any::TypeId;
use core::mem::size_of;

use crate::container::Container;
use crate::container::row::RowTable;
use crate::endian::Endian;
use crate::layout::decode;
use crate::layout::descriptor::Layout;
use crate::layout::field::{Field, Role};
use crate::layout::key_fields::KeyFields;
use crate::layout::raw_record::RawRecord;
use crate::platform::Platform;

const fn covers(fields: &[Field], size: usize) -> bool {
    let (mut rest, mut at) = (fields, 0usize);
    while let [field, tail @ ..] = rest {
        if field.offset != at {
            return false;
        }
        at = at.saturating_add(field.len);
        rest = tail;
    }
    at == size
}

/// Returns the roles of fields, one bit for each. A source is a host or a line.
const fn roles(fields: &[Field]) -> u32 {
    let (mut rest, mut roles) = (fields, 0);
    while let [field, tail @ ..] = rest {
        roles |= 1 << field.role as u32;
        if matches!(field.role, Role::LoginHost) {
            roles |= 1 << Role::Host as u32;
        }
        if matches!(field.role, Role::Source) {
            roles |= 1 << Role::Line as u32 | 1 << Role::Host as u32;
        }
        rest = tail;
    }
    roles
}

impl Layout {
    /// Returns the layout of `R` in `container`.
    ///
    /// Does not compile unless `R::FIELDS` covers every byte of `R` once.
    pub(crate) const fn of<R: RawRecord>(name: &'static str, container: Container) -> Layout {
        const {
            assert!(covers(R::FIELDS, size_of::<R>()), "fields leave a gap or overlap");
        }
        Layout {
            name,
            size: size_of::<R>(),
            endian: R::ENDIAN,
            container,
            fields: R::FIELDS,
            platform: R::PLATFORM,
            key_fields: KeyFields::of(R::FIELDS, R::ENDIAN, R::PLATFORM.ut_types),
            roles: roles(R::FIELDS),
            rows: None,
            has_variants: R::HAS_VARIANTS,
            is_variant: R::IS_VARIANT,
            variant: R::variant,
            type_id: TypeId::of::<R>,
            decode: decode::of::<R>,
            decode_stored: decode::stored::<R>,
        }
    }

    /// Returns the layout of the rows of a table. `fields` are its columns, by their names.
    pub(crate) const fn of_rows(
        name: &'static str,
        platform: &'static Platform,
        table: &'static RowTable,
        fields: &'static [Field],
    ) -> Layout {
        let rows = Layout::of_messages(name, Container::Sqlite, platform, fields);
        Layout { rows: Some(table), type_id: TypeId::of::<RowTable>, ..rows }
    }

    /// Returns the layout of messages with keys and values. `fields` are the keys.
    pub(crate) const fn of_messages(
        name: &'static str,
        container: Container,
        platform: &'static Platform,
        fields: &'static [Field],
    ) -> Layout {
        Layout {
            name,
            size: 0,
            endian: Endian::Big,
            container,
            fields,
            platform,
            key_fields: KeyFields::of(fields, Endian::Big, platform.ut_types),
            roles: roles(fields),
            rows: None,
            has_variants: false,
            is_variant: false,
            variant: |_| None,
            type_id: TypeId::of::<Field>,
            decode: decode::row,
            decode_stored: decode::row,
        }
    }

    /// Returns whether this is the layout of `R`.
    pub fn is<R: RawRecord>(&self) -> bool {
        (self.type_id)() == TypeId::of::<R>()
    }

    /// Returns this layout with a function that recognizes records damaged by another program. It
    /// replaces the record type's own.
    pub(crate) const fn damaged_by(self, variant: fn(&[u8]) -> Option<&'static Layout>) -> Layout {
        assert!(self.has_variants, "nobody asks for the variants of such records");
        Layout { variant, ..self }
    }
}
