//! Records from bytes, and from sources that are read piece by piece.
//!
//! [`Records`](crate::Records) iterates over bytes in memory. [`RecordStream`] reads what can
//! be read once, [`Chunks`] and [`ChunksRev`] read a source at any offset ([`ReadAt`]),
//! forwards and backwards; all three in bounded memory.

#[cfg(feature = "std")]
mod chunker;
#[cfg(feature = "std")]
pub(crate) mod chunks;
#[cfg(feature = "std")]
pub(crate) mod chunks_rev;
#[cfg(feature = "std")]
mod database_info;
pub(crate) mod entries;
#[cfg(feature = "std")]
pub(crate) mod error;
#[cfg(feature = "std")]
mod feed;
#[cfg(feature = "std")]
mod hole;
#[cfg(feature = "std")]
pub(crate) mod lookup;
#[cfg(feature = "std")]
mod plan;
#[cfg(feature = "std")]
pub(crate) mod read_at;
pub(crate) mod record;
#[cfg(feature = "std")]
pub(crate) mod rows;
#[cfg(feature = "std")]
mod stream;

#[cfg(feature = "std")]
pub use self::chunks::Chunks;
#[cfg(feature = "std")]
pub use self::chunks_rev::ChunksRev;
#[cfg(feature = "std")]
pub use self::database_info::DatabaseInfo;
pub use self::entries::Entries;
#[cfg(feature = "std")]
pub use self::error::ReadError;
#[cfg(feature = "std")]
pub use self::hole::Hole;
#[cfg(feature = "std")]
pub use self::lookup::Lookup;
#[cfg(feature = "std")]
pub use self::read_at::{ReadAt, read_full, read_full_at};
pub use self::record::{FoundAs, Key, Link, OwnedRecord, RowPlace, RowState};
#[cfg(feature = "std")]
pub use self::stream::RecordStream;
#[cfg(feature = "std")]
pub use crate::align::is_on_grid;
pub use crate::error::PageFault;
pub use crate::error::database::{DatabaseFault, Part};
