//! Reads the Unix login records of every platform: `utmp`, `wtmp`, `btmp`, `utmpx`,
//! `utx.*`, `lastlog`, `lastlogx`.
#![no_std]
#![deny(unsafe_code)] // forbidden below in every module but `mmap`
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]
#![cfg_attr(not(test), deny(clippy::expect_used, clippy::panic, clippy::unreachable))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[forbid(unsafe_code)]
mod address;
#[forbid(unsafe_code)]
pub mod detect;
#[forbid(unsafe_code)]
pub mod dialect;
#[forbid(unsafe_code)]
mod encode;
#[forbid(unsafe_code)]
pub mod endian;
#[forbid(unsafe_code)]
mod entries;
#[forbid(unsafe_code)]
mod entry;
#[forbid(unsafe_code)]
mod error;
#[forbid(unsafe_code)]
mod field;
#[cfg(feature = "std")]
#[forbid(unsafe_code)]
mod file;
#[forbid(unsafe_code)]
mod frame;
#[forbid(unsafe_code)]
mod hash;
#[forbid(unsafe_code)]
pub mod layout;
#[cfg(feature = "std")]
#[allow(unsafe_code)]
mod mmap;
#[forbid(unsafe_code)]
pub mod platform;
#[forbid(unsafe_code)]
mod record;
#[cfg(feature = "std")]
#[forbid(unsafe_code)]
pub mod system;
#[forbid(unsafe_code)]
mod text;
#[forbid(unsafe_code)]
mod timestamp;
#[forbid(unsafe_code)]
mod ut_type;

pub use crate::address::Address;
pub use crate::dialect::{Event, FileKind};
pub use crate::encode::EncodeError;
pub use crate::entries::{Entries, LastlogEntries, LastlogEntry};
pub use crate::entry::{Entry, Exit};
pub use crate::error::{Error, PageFault};
#[cfg(feature = "std")]
pub use crate::file::{LogFile, OpenError, OpenErrorKind, Options};
pub use crate::frame::Framing;
pub use crate::layout::Layout;
pub use crate::record::{Record, Records};
#[cfg(feature = "std")]
pub use crate::system::{btmp, lastlog, utmp, wtmp};
pub use crate::text::{Text, is_deceptive};
pub use crate::timestamp::Timestamp;
pub use crate::ut_type::UtType;
