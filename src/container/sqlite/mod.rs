//! Reads SQLite databases with their write-ahead log and rollback journal.
//!
//! Nothing is written, created or locked, and no SQL is run: rows are read from the b-trees as
//! SQLite would read them. Damage only affects the rows it hits. Work and memory are bounded: every
//! page is visited once, and few are kept.
//!
//! * [`source`] `varint` [`value`] [`text`] [`header`] [`node`]: decode bytes.
//! * [`wal`] [`journal`] `page_size` [`pager`]: find the file of a page.
//! * `overflow` [`tree`] `freelist`: the cells of a b-tree.
//! * `residue`: rows that the database no longer has.
//! * [`ddl`] [`schema`] `salvage` [`rows`] [`database`] [`facts`]: the rows of a table.

pub(crate) mod database;
pub(crate) mod ddl;
pub(crate) mod facts;
mod freelist;
pub(crate) mod header;
pub(crate) mod journal;
mod node;
mod overflow;
mod page_size;
pub(crate) mod pager;
mod pages;
pub(crate) mod residue;
pub(crate) mod rows;
mod salvage;
pub(crate) mod schema;
pub(crate) mod source;
pub(crate) mod text;
pub(crate) mod tree;
pub(crate) mod value;
mod varint;
pub(crate) mod wal;

#[cfg(all(test, feature = "std"))]
mod tests;
