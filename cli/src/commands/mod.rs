//! One module for each command. None imports another.

pub(crate) mod ac;
pub(crate) mod audit;
pub(crate) mod boots;
pub(crate) mod carve;
pub(crate) mod describe;
pub(crate) mod detect;
pub(crate) mod dump;
pub(crate) mod failures;
pub(crate) mod generate;
pub(crate) mod last;
pub(crate) mod lastlog;
pub(crate) mod lastlog2;
pub(crate) mod layouts;
pub(crate) mod report;
pub(crate) mod schema;
pub(crate) mod sessions;
pub(crate) mod summary;
pub(crate) mod timeline;
pub(crate) mod undump;
pub(crate) mod who;
pub(crate) mod wtmpdb;
