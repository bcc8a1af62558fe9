//! Sources of login records, shared by the command line and the Python package.
//!
//! * [`open_evidence`]: files opened to be read and not changed, not even their access times.
//! * [`Compression`]: compressed files, known by their first bytes, decompressed as they are read.
//! * [`open_root`]: the login records of whole systems, in folders and archives.
//! * [`SparseFile`]: a file whose holes are not read.
//! * [`Spool`]: what can be read only once, to be read again.
//! * [`Sha256Reader`]: the checksum of what is read.
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used))]
#![cfg_attr(not(test), deny(clippy::panic, clippy::unreachable))]

#[cfg(feature = "archives")]
mod archive;
mod checksum;
mod decompress;
mod evidence;
#[cfg(feature = "images")]
mod image;
mod problem;
mod root;
mod sparse_file;
mod spool;
mod tree;

pub use self::checksum::{Checksum, Sha256Reader, sha256};
pub use self::decompress::{Compression, DecompressError, Decompressor, uncompressed_name};
pub use self::evidence::{FileId, Refusal, is_descriptor, open_evidence, read_names};
pub use self::problem::{Problem, ProblemKind};
pub use self::root::{
    FoundFile, Log, Machine, Root, RootOptions, image_segments, is_root, open_disk, open_root,
    open_unallocated, rotated_copies,
};
pub use self::sparse_file::SparseFile;
pub use self::spool::Spool;
pub use self::tree::Held;
