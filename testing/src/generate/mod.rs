//! Made-up login records: of any layout and length, the same from one seed on every host.
//!
//! Benches, `compare.sh` and tests take their files from here, so that the same is measured and
//! tested. The modules make [`Event`]s; how a platform stores one is known to [`event`] only.

mod asl;
pub mod background;
pub mod event;
mod guesses;
pub mod hostile;
pub mod image;
pub mod lastlog;
mod machine;
mod people;
mod synthetic;
pub mod tree;

use loginrec::Layout;

pub use self::asl::system_log;
pub use self::event::Event;
pub use self::guesses::guesses;
pub use self::machine::Machine;
pub use self::synthetic::synthesize;

/// Returns a wtmp of `records` records: years of an ordinary machine.
pub fn history(layout: &Layout, records: usize, seed: u64) -> Vec<u8> {
    bytes(Machine::new(seed, Machine::pause(records as u64)), layout, records)
}

/// Returns the first `records` records that a platform writes for `events`.
pub fn bytes(events: impl Iterator<Item = Event>, layout: &Layout, records: usize) -> Vec<u8> {
    let mut file = Vec::with_capacity(records.saturating_mul(layout.size));
    events.filter_map(|event| event.encode(layout)).take(records).for_each(|r| file.extend(r));
    file
}
