//! Keys of records in their file.

use alloc::vec::Vec;

use crate::value::text::Text;

/// The key of a record in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Key<'a> {
    /// Its ordinal, in files whose records follow one another.
    Index(u64),
    /// The user id: lastlog, lastlogx.
    Uid(u64),
    /// The user's name: databases with a row for each user.
    Name(Text<'a>),
    /// The row number: tables of an SQL database.
    Rowid(i64),
}

/// A [`Key`] with a name of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum OwnedKey {
    Index(u64),
    Uid(u64),
    Name(Vec<u8>),
    Rowid(i64),
}

impl OwnedKey {
    pub(crate) fn key(&self) -> Key<'_> {
        match self {
            OwnedKey::Index(index) => Key::Index(*index),
            OwnedKey::Uid(uid) => Key::Uid(*uid),
            OwnedKey::Name(name) => Key::Name(Text::new(name)),
            OwnedKey::Rowid(rowid) => Key::Rowid(*rowid),
        }
    }
}

impl From<Key<'_>> for OwnedKey {
    fn from(key: Key<'_>) -> OwnedKey {
        match key {
            Key::Index(index) => OwnedKey::Index(index),
            Key::Uid(uid) => OwnedKey::Uid(uid),
            Key::Name(name) => OwnedKey::Name(name.raw().to_vec()),
            Key::Rowid(rowid) => OwnedKey::Rowid(rowid),
        }
    }
}
