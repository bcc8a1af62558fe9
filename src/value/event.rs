//! The event that a record reports.

use core::fmt;

use crate::value::unknown_name::UnknownName;

/// The event that a record reports, decided from type, line, user and the platform's rules.
///
/// The type alone is not enough: a NetBSD reboot is an `INIT_PROCESS` on line `~`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Event {
    /// The system booted.
    Boot,
    /// The system was shut down properly.
    Shutdown,
    /// The run level changed.
    RunLevel,
    /// The time before the clock was set.
    ClockOld,
    /// The time after the clock was set.
    ClockNew,
    /// A user logged in.
    Login,
    /// A session ended.
    Logout,
    /// A terminal waits for a login.
    Prompt,
    /// init started a process.
    Init,
    /// A record of System V process accounting.
    Accounting,
    /// The version of the file's format; not an event.
    Signature,
    /// A refused login (`btmp`).
    FailedLogin,
    /// An unused record.
    Empty,
    /// A record that the platform's rules do not cover.
    Unknown,
}

impl Event {
    /// All events.
    pub const ALL: &'static [Event] = &[
        Event::Boot,
        Event::Shutdown,
        Event::RunLevel,
        Event::ClockOld,
        Event::ClockNew,
        Event::Login,
        Event::Logout,
        Event::Prompt,
        Event::Init,
        Event::Accounting,
        Event::Signature,
        Event::FailedLogin,
        Event::Empty,
        Event::Unknown,
    ];

    /// Returns the name used in JSON and CSV, such as `clock-old`.
    pub const fn name(self) -> &'static str {
        match self {
            Event::Boot => "boot",
            Event::Shutdown => "shutdown",
            Event::RunLevel => "run-level",
            Event::ClockOld => "clock-old",
            Event::ClockNew => "clock-new",
            Event::Login => "login",
            Event::Logout => "logout",
            Event::Prompt => "prompt",
            Event::Init => "init",
            Event::Accounting => "accounting",
            Event::Signature => "signature",
            Event::FailedLogin => "failed-login",
            Event::Empty => "empty",
            Event::Unknown => "unknown",
        }
    }
}

/// Parses the result of [`Event::name`].
impl core::str::FromStr for Event {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Event, UnknownName> {
        let known = Event::ALL.iter().copied().find(|known| known.name() == name);
        known.ok_or(UnknownName::new("event"))
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
