//! Files: opened, mapped, read by offset, and located on the running system.

#[forbid(unsafe_code)]
pub(crate) mod error;
#[forbid(unsafe_code)]
pub(crate) mod identity;
#[forbid(unsafe_code)]
pub(crate) mod log_file;
#[forbid(unsafe_code)]
pub(crate) mod log_reader;
#[allow(unsafe_code)]
mod mmap;
#[forbid(unsafe_code)]
pub(crate) mod options;
#[forbid(unsafe_code)]
pub(crate) mod source_file;
#[forbid(unsafe_code)]
pub mod system;

pub use self::error::OpenErrorKind;
pub use self::identity::Identity;
pub use self::options::OnAmbiguous;
pub use self::source_file::{SourceFile, path_beside};
