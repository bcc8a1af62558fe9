//! Pairs logins and boots with their ends.
//!
//! [`sessions`] and [`boots`] turn an iterator over records into one over sessions or boots.
//! [`SessionTracker`] and [`BootTracker`] take records one at a time, and keep none of them: use
//! them for a file that is read in pieces, or that is still being written.

mod boots;
mod numbers;
mod record_ref;
mod stored;
mod table;
mod tracker;

use core::fmt;

pub use self::boots::{Boot, BootTracker, Boots, boots};
pub use self::record_ref::{Location, RecordRef};
pub use self::stored::StoredRecord;
pub use self::tracker::{ClosedSessions, Session, SessionTracker, Sessions, sessions};

use crate::entry::Entry;
use crate::value::event::Event;
use crate::value::timestamp::Timestamp;
use crate::value::ut_type::UtType;

/// The end of a session or of an uptime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum End {
    /// The user logged out, or the line was closed.
    Logout,
    /// The system was shut down.
    Shutdown,
    /// The system booted again without a shutdown. The session ended at an unknown time before that
    /// boot.
    Crash,
    /// Another login followed on the same line.
    Replaced,
    /// It had not ended when the records ended.
    Open,
}

impl End {
    /// Returns the name used in JSON and CSV.
    pub const fn name(self) -> &'static str {
        match self {
            End::Logout => "logout",
            End::Shutdown => "shutdown",
            End::Crash => "crash",
            End::Replaced => "replaced",
            End::Open => "open",
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Returns whether a record is a shutdown, or a run level that takes down what `boot` brought up.
fn is_down(event: Event, entry: &Entry<'_>, boot: Option<RecordRef>) -> bool {
    match event {
        Event::Shutdown => true,
        Event::RunLevel if entry.ut_type() == UtType::RunLvl => {
            let up = boot.map(|boot| entry.ut_tv.tv_sec.saturating_sub(boot.time.tv_sec));
            entry.run_level().is_some_and(|level| level.is_down_after(up.unwrap_or(i64::MAX)))
        }
        _ => false,
    }
}

/// Returns the microseconds from one time to another; 0 if a database has NULL for one of them.
fn micros_between(from: Timestamp, to: Timestamp) -> i128 {
    match [from, to].contains(&Timestamp::ABSENT) {
        true => 0,
        false => micros(to).saturating_sub(micros(from)),
    }
}

/// Returns the microseconds since the epoch.
fn micros(time: Timestamp) -> i128 {
    let seconds = i128::from(time.tv_sec).saturating_mul(1_000_000);
    seconds.saturating_add(i128::from(time.tv_usec))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_duration_from_or_to_null() {
        let time = |tv_sec| Timestamp { tv_sec, ..Timestamp::default() };
        assert_eq!(micros_between(time(5), time(7)), 2_000_000);
        assert_eq!(micros_between(Timestamp::ABSENT, time(7)), 0);
        assert_eq!(micros_between(time(7), Timestamp::ABSENT), 0);
    }
}
