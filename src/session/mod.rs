//! Logins and what became of them, boots and what became of those.
//!
//! [`sessions`] and [`boots`] turn an iterator of records into one of sessions or boots.
//! [`Pairing`] and [`UpTimes`] are the machines inside: records are pushed into them one at a
//! time, and none is needed any longer when the push is over. They work on a file that is
//! read piece by piece, or that is still being written.

mod arena;
mod boots;
mod facts;
mod hasher;
mod index;
mod login;
mod open;
mod opening;
mod pairing;

pub use self::boots::{Boot, Boots, UpTimes, boots};
pub use self::opening::{Mark, Opening, Place};
pub use self::pairing::{Ended, Pairing, Session, Sessions, sessions};

use crate::dialect::{Event, Rules};
use crate::entry::Entry;
use crate::timestamp::Timestamp;
use crate::ut_type::UtType;

/// How a session, or a time the system was up, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum End {
    /// The user logged out, or the line was closed.
    Logout,
    /// The system was shut down.
    Shutdown,
    /// The system came up again without having been shut down. When the session ended
    /// is not known; it was before that boot.
    Crash,
    /// Somebody logged in on the same line.
    Replaced,
    /// Not by the end of the records.
    Open,
}

impl End {
    /// The word used in JSON and CSV.
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

/// A shutdown, or a run level that is one: 0 halts and 6 reboots everywhere.
fn is_down(event: Event, entry: &Entry<'_>) -> bool {
    match event {
        Event::Shutdown => true,
        Event::RunLevel if entry.ut_type() == UtType::RunLvl => {
            let level = match entry.dialect.rules {
                Rules::Linux => entry.ut_pid.map(|pid| pid & 0xff),
                _ => entry.ut_exit.map(|exit| exit.e_termination.into()),
            };
            level == Some(i64::from(b'0')) || level == Some(i64::from(b'6'))
        }
        _ => false,
    }
}

/// Microseconds since the epoch.
fn micros(time: Timestamp) -> i128 {
    let seconds = i128::from(time.tv_sec).saturating_mul(1_000_000);
    seconds.saturating_add(i128::from(time.tv_usec))
}
