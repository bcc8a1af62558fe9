//! Login records, sessions and findings as [Arrow](https://arrow.apache.org) columns.
//!
//! The rows and their columns are those of [`loginrec::contract`]; a [`BatchBuilder`] takes rows of
//! any kind. The Python package hands the batches to pyarrow, polars, duckdb and pandas. With the
//! feature `parquet` they are written as Parquet files and Arrow streams.
//!
//! Numbers are `int64` or `int32` and texts are `utf8` in every column of every kind of row: engines
//! such as Spark refuse unsigned numbers and dictionaries.
//!
//! ```
//! use loginrec::contract::RecordRow;
//! use loginrec_columns::{BatchBuilder, FileNames, Selection};
//!
//! let layout = loginrec::formats::by_name("linux-glibc-384-le").ok_or("unknown layout")?;
//! let selection = Selection::named::<RecordRow>(["file", "time", "user"])?;
//! let names = FileNames::new(["/var/log/wtmp"]);
//! let mut batch = BatchBuilder::new(&selection, 2).of_file(&names, 0);
//! batch.extend(layout, layout.records(&[0; 768]), None);
//! let batch = batch.finish()?;
//! assert_eq!((batch.num_rows(), batch.num_columns()), (2, 3));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used))]
#![cfg_attr(not(test), deny(clippy::panic, clippy::unreachable))]

mod batch;
#[cfg(feature = "parquet")]
mod ipc;
mod names;
mod nulls;
mod number;
#[cfg(feature = "parquet")]
mod parquet;
mod selection;
mod storage;
#[cfg(feature = "parquet")]
mod stored;
mod text;
mod words;

pub use self::batch::BatchBuilder;
#[cfg(feature = "parquet")]
pub use self::ipc::IpcWriter;
pub use self::names::FileNames;
#[cfg(feature = "parquet")]
pub use self::parquet::ParquetWriter;
pub use self::selection::{Selection, SelectionError};
#[cfg(feature = "parquet")]
pub use self::stored::{StoredRow, StoredRows};
