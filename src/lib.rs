//! Reads the Unix login records of every platform: `utmp`, `wtmp`, `btmp`, `utmpx`,
//! `utx.*`, `lastlog`, `lastlogx`, from a copy on any machine, whatever machine wrote
//! them.
//!
//! Nothing is asked of the host and nothing of the C library: the bytes decide which
//! platform, record size and byte order a file has. Records are views, not copies.
//!
//! ```
//! use loginrec::{Event, LogFile};
//!
//! let wtmp = LogFile::open("fixtures/svr4-utmpx-372-be/wtmpx")?; // Solaris on SPARC
//! for entry in wtmp.entries() {
//!     let entry = entry?;
//!     if entry.event() == Event::Login {
//!         println!("{} {} on {} from {}", entry.ut_tv, entry.ut_user, entry.ut_line, entry.ut_host);
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Levels
//!
//! Each can be used without those above it.
//!
//! * [`LogFile`] opens a file or takes bytes, finds the layout, and gives records,
//!   entries or lastlog entries. [`utmp()`], [`wtmp()`], [`btmp()`] and [`lastlog()`]
//!   open the running system's own.
//! * [`Stream`] reads the records of a known layout from anything that can be read, in
//!   bounded memory; [`Backwards`] does so from the end.
//! * [`detect()`](detect::detect) says which layout bytes have, how sure that is, why,
//!   and what came near.
//! * [`Layout::records`] gives [`Record`] views over bytes of a known layout: place in
//!   the file, raw bytes, the platform's own struct. [`Layout::entries`] gives [`Entry`],
//!   the platform-neutral form, and [`Layout::encode`] turns one back into bytes.
//! * [`platform`] has each platform's records as `#[repr(C)]` structs with the
//!   platform's own field names, and [`platform::LAYOUTS`], the one table of all this
//!   crate can read.
//!
//! # What is an error
//!
//! Only lost framing: a record cut short, a length of zero, a damaged database page
//! ([`Error`]). It carries its byte offset, and reading goes on where it can. Whatever
//! else is odd is data: unknown types, times no calendar has, bytes behind a NUL, text
//! that is not UTF-8. All of it can be reached, none of it is repaired.
//!
//! # Numbers belong to the platform
//!
//! Type 7 is `USER_PROCESS` on Linux and `DEAD_PROCESS` on FreeBSD. [`Entry::ut_type`]
//! is the meaning, [`UtType::number`] its number in the pyutmpx API, `raw_type` what is
//! stored. What happened takes more than the type: [`Entry::event`] knows that a NetBSD
//! reboot is an `INIT_PROCESS` on line `~`.
//!
//! # Features
//!
//! * `std` (default): files and memory maps. Without it the crate needs `core` and
//!   `alloc` only; reading allocates nothing per record.
//! * `serde`: `Serialize` for entries, and both ways for the value types.
//!
//! The types of [`zerocopy`] and [`time`] are part of the interface.
#![no_std]
#![deny(unsafe_code)] // forbidden below in every module but `mmap`
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]
#![cfg_attr(not(test), deny(clippy::expect_used, clippy::panic, clippy::unreachable))]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::string_slice))]
#![cfg_attr(not(feature = "std"), allow(rustdoc::broken_intra_doc_links))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[forbid(unsafe_code)]
mod address;
#[cfg(feature = "std")]
#[forbid(unsafe_code)]
pub mod audit;
#[forbid(unsafe_code)]
pub mod carve;
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
#[forbid(unsafe_code)]
mod memory;
#[cfg(feature = "std")]
#[allow(unsafe_code)]
mod mmap;
#[forbid(unsafe_code)]
pub mod platform;
#[forbid(unsafe_code)]
mod record;
#[cfg(feature = "std")]
#[forbid(unsafe_code)]
pub mod session;
#[cfg(feature = "std")]
#[forbid(unsafe_code)]
mod stream;
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
pub use crate::stream::{Backwards, NextData, Stream, StreamError};
#[cfg(feature = "std")]
pub use crate::system::{btmp, lastlog, utmp, wtmp};
pub use crate::text::{Text, is_deceptive};
pub use crate::timestamp::Timestamp;
pub use crate::ut_type::UtType;

/// The examples of the README are tests.
#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
pub struct Readme;
