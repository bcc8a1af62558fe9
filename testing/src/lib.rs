//! Helpers for the tests, benches and fuzz targets of loginrec.
//!
//! * [`root`], [`fixture`], [`shared`]: where files lie. [`skip`]: what a test calls that
//!   cannot run here.
//! * [`fixtures`], [`corpus_files`]: files whose layout is known.
//! * [`generate`], [`LinuxHost`], [`Rng`]: files made up from a seed.
//! * [`decode_by_fields`]: a second reader of records.
//! * [`run`], [`clean`], [`Scratch`]: the program, and a folder to run it in.
//! * [`yardstick`]: loops by hand that the library's speed is compared with.

mod atlas;
mod corpus;
pub mod generate;
mod known_file;
pub mod linux_host;
mod program;
mod reference;
mod repository;
mod rng;
mod scratch;
mod skip;
pub mod yardstick;

pub use self::atlas::{ATLAS, layout_of};
pub use self::corpus::corpus_files;
pub use self::known_file::{KnownFile, fixtures};
pub use self::linux_host::LinuxHost;
pub use self::program::{
    clean, command, command_of, json_lines, loginrec, run, run_with, text, told,
};
pub use self::reference::decode_by_fields;
pub use self::repository::{corpus, fixture, readme_counts, root, shared};
pub use self::rng::Rng;
pub use self::scratch::Scratch;
pub use self::skip::skip;
