//! Login records made up: of any layout, of any length, the same from one seed on every host.
//!
//! Benches, `compare.sh` and tests take their files from here, so that what is measured is
//! what is tested. What happens on a machine is told as [`Event`]s; how a platform stores
//! them is known in one place.
#![allow(dead_code, unused_imports, unreachable_pub)] // who includes it uses a part

pub mod event;
pub mod ground;
pub mod guesses;
pub mod hostile;
pub mod image;
pub mod lastlog;
pub mod machine;
pub mod people;
pub mod rng;
pub mod tree;

use loginrec::Layout;

pub use self::event::Event;
pub use self::machine::Machine;
pub use self::rng::Rng;

/// A wtmp of so many records: years of an ordinary machine.
pub fn history(layout: &Layout, records: usize, seed: u64) -> Vec<u8> {
    bytes(Machine::new(seed, Machine::pause(records as u64)), layout, records)
}

/// The first `records` records that a platform writes of `events`.
pub fn bytes(events: impl Iterator<Item = Event>, layout: &Layout, records: usize) -> Vec<u8> {
    let mut file = Vec::with_capacity(records.saturating_mul(layout.size));
    events.filter_map(|event| event.encode(layout)).take(records).for_each(|r| file.extend(r));
    file
}
