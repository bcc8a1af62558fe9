//! The table of open logins.

mod arena;
mod hasher;
mod index;
mod memory;
pub(in crate::session) mod open;
mod packed;
