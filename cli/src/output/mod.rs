//! Converts values to bytes. Nothing here depends on a command.

pub(crate) mod ascii;
#[cfg(feature = "parquet")]
mod columns;
pub(crate) mod csv;
pub(crate) mod destination;
pub(crate) mod duration;
pub(crate) mod escape;
mod export;
pub(crate) mod filter;
pub(crate) mod fwtmp;
pub(crate) mod interval;
pub(crate) mod jsonl;
pub(crate) mod listing;
pub(crate) mod manifest;
mod pending;
mod prefix_cache;
pub(crate) mod rows;
pub(crate) mod small_table;
pub(crate) mod table;
pub(crate) mod utmpdump;
pub(crate) mod writer;
