//! Reads login records written on any Unix: `utmp`, `wtmp`, `btmp`, `utmpx`, `utx.*`, `lastlog`,
//! `lastlogx`.
//!
//! The bytes of a file decide its platform, record size and byte order. The host it is read on
//! plays no part, and neither does the C library. Records are views of the file's bytes, not
//! copies.
//!
//! # Read records
//!
//! [`LogFile`] opens a file and detects its layout. [`Record`] is a view of one record with its
//! place in the file; [`Entry`] is its platform-neutral form.
//!
//! ```
//! use loginrec::{Event, LogFile};
//!
//! let wtmp = LogFile::open("fixtures/svr4-utmpx-372-be/wtmpx")?; // Solaris on SPARC
//! for record in &wtmp {
//!     let entry = record?.entry();
//!     if entry.event() == Event::Login {
//!         println!("{} {} on {} from {}", entry.ut_tv, entry.ut_user, entry.ut_line, entry.ut_host);
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Pair logins with logouts
//!
//! [`session::sessions`] returns sessions as they end, [`session::boots`] the times the system was
//! up.
//!
//! ```
//! use loginrec::{LogFile, session};
//!
//! let wtmp = LogFile::open("fixtures/freebsd-utx-log/utx.log")?;
//! for session in session::sessions(wtmp.records().flatten().map(|record| (0, record))) {
//!     println!("{}: {}, ended {:?}", session.login.entry().ut_user, session.end, session.ended());
//! }
//! # Ok::<(), loginrec::OpenError>(())
//! ```
//!
//! # Look for tampering
//!
//! [`audit`] checks the files of one machine by some eighty rules. Findings are indications, not
//! proof.
//!
//! ```
//! use loginrec::{LogFile, audit::{Audit, FileInfo}};
//!
//! let wtmp = LogFile::open("fixtures/glibc-x86_64/wtmp")?;
//! let mut audit = Audit::new();
//! audit.read(&wtmp, FileInfo::of(&wtmp));
//! for finding in audit.finish() {
//!     println!("byte {}: {}: {}", finding.offset, finding.rule.title, finding.message);
//! }
//! # Ok::<(), loginrec::OpenError>(())
//! ```
//!
//! # Find records in raw bytes
//!
//! [`carve`] finds the records of any platform in disk images, memory dumps and damaged files.
//!
//! ```
//! use loginrec::carve::{Carver, Scanner};
//!
//! let image = [&[0x55; 777], &std::fs::read("fixtures/glibc-s390x/wtmp")?[..]].concat();
//! let mut found = Vec::new();
//! let mut carver = Carver::new(Scanner::default());
//! carver.push(&image, |hit| found.push((hit.record.offset(), hit.record.layout())));
//! carver.finish(|hit| found.push((hit.record.offset(), hit.record.layout())));
//! assert_eq!(found[0], (777, "linux-glibc-400-be".parse()?));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Modules
//!
//! * [`LogReader`] reads a file without a memory map, in bounded memory: forwards, backwards, by
//!   index, in parts for several threads. [`read::RecordStream`] reads pipes.
//! * [`detect`](mod@detect) identifies the layout of bytes, with confidence and reasons.
//! * [`Layout::records`] reads bytes of a known layout. [`Records::entries`] is as fast as a loop
//!   over C structs. [`Layout::encode`] turns an entry back into bytes.
//! * [`formats`] has each platform's records as `#[repr(C)]` structs with the platform's own field
//!   names, and [`formats::LAYOUTS`], the table of all layouts.
//! * [`contract`] writes records, sessions, boots and findings with the keys of the command line's
//!   JSON.
//! * [`system`] opens the running system's own files.
//!
//! # Errors
//!
//! Only lost framing is an [`Error`]: a truncated record, a length of zero, a damaged database
//! page. An error has its byte offset, and reading continues after it if it can. Other oddities
//! are data: unknown types, invalid dates, bytes after a NUL, text that is not UTF-8. They can all
//! be accessed, and are never repaired.
//!
//! # Type numbers
//!
//! Type numbers belong to the platform: 7 is `USER_PROCESS` on Linux and `DEAD_PROCESS` on FreeBSD.
//! [`Entry::ut_type`] is the meaning, [`UtType::number`] its number in the pyutmpx API, `raw_type`
//! the stored number. [`Entry::event`] takes more than the type into account: a NetBSD reboot is
//! an `INIT_PROCESS` on line `~`.
//!
//! # Features
//!
//! * `std` (default): files and memory maps, sessions, audit. Without it the crate needs only
//!   `core` and `alloc`; reading allocates nothing per record.
//! * `serde`: `Serialize` for entries and findings, and `Deserialize` for plain values too.
//!
//! Types of the crates [`zerocopy`] and [`time`] are part of the API.
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
mod align;
#[cfg(feature = "std")]
#[forbid(unsafe_code)]
pub mod audit;
#[forbid(unsafe_code)]
pub mod carve;
#[forbid(unsafe_code)]
mod container;
#[forbid(unsafe_code)]
pub mod contract;
#[forbid(unsafe_code)]
pub mod detect;
#[forbid(unsafe_code)]
pub mod endian;
#[forbid(unsafe_code)]
mod entry;
#[forbid(unsafe_code)]
mod error;
#[forbid(unsafe_code)]
mod evidence;
#[forbid(unsafe_code)]
pub mod formats;
#[forbid(unsafe_code)]
pub mod layout;
#[cfg(feature = "std")]
pub mod open;
#[forbid(unsafe_code)]
pub mod platform;
#[forbid(unsafe_code)]
pub mod read;
#[forbid(unsafe_code)]
pub mod scan;
#[cfg(feature = "std")]
#[forbid(unsafe_code)]
pub mod session;
#[forbid(unsafe_code)]
pub mod value;

pub use crate::container::Container;
pub use crate::entry::{Entry, Exit};
pub use crate::error::Error;
pub use crate::layout::Layout;
#[cfg(feature = "std")]
pub use crate::open::error::OpenError;
#[cfg(feature = "std")]
pub use crate::open::log_file::LogFile;
#[cfg(feature = "std")]
pub use crate::open::log_reader::LogReader;
#[cfg(feature = "std")]
pub use crate::open::options::OpenOptions;
#[cfg(feature = "std")]
pub use crate::open::system;
pub use crate::read::record::{Record, Records};
pub use crate::value::address::Address;
pub use crate::value::event::Event;
pub use crate::value::failures::Failures;
pub use crate::value::file_kind::FileKind;
pub use crate::value::text::Text;
pub use crate::value::timestamp::Timestamp;
pub use crate::value::ut_type::UtType;

/// Runs the examples of the README as tests.
#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
pub struct Readme;
