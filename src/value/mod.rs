//! The values of a record: texts, times, addresses, and the words for what they mean.

pub(crate) mod address;
pub(crate) mod event;
pub(crate) mod failures;
pub(crate) mod file_kind;
pub(crate) mod key;
pub(crate) mod link;
pub(crate) mod row_state;
pub(crate) mod text;
pub(crate) mod timestamp;
pub(crate) mod unknown_name;
pub(crate) mod ut_type;

pub use self::timestamp::ParseTimestampError;
pub use self::unknown_name::UnknownName;
