//! The format of a record: the [`Layout`] descriptor, and the [`RawRecord`] trait it is computed
//! from.

mod constructor;
pub(crate) mod decode;
mod descriptor;
pub(crate) mod encode;
pub(crate) mod field;
mod key_fields;
pub(crate) mod raw_record;

pub use self::descriptor::Layout;
pub use self::encode::EncodeError;
pub use self::field::{Field, Role};
pub(crate) use self::key_fields::KeyFields;
pub use self::raw_record::RawRecord;
