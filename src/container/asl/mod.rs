//! The store of the Apple System Log: files of messages with keys and values, some of which are
//! logins.
//!
//! All numbers are big-endian on every machine. Version 2 is a list of messages and texts; version
//! 1 (Mac OS X 10.5.0 to 10.5.5) consists of slots of 80 bytes.

pub(crate) mod header;
mod keys;
mod login;
pub(crate) mod messages;
pub(crate) mod slots;
mod texts;
mod window;
mod word;
