//! What a record is to last(1), which does not believe the type alone.

use loginrec::dialect::Dialect;
use loginrec::{Entry, Event, Text, UtType};

/// A number outside the range of types that util-linux takes for a shutdown.
const SHUTDOWN_TIME: i32 = 254;
/// Wherever types have Linux's numbers.
const DEAD_PROCESS: i32 = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Boot,
    Shutdown,
    /// The character of the level; may be anything.
    RunLevel(u8),
    OldTime,
    NewTime,
    Login,
    Logout,
    /// Not for this list.
    Other,
    /// A type without a meaning.
    Unknown,
}

/// What a platform's records have to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habits {
    /// Types have Linux's numbers and habits.
    Linux,
    /// Logouts have no line, but the identifier of the login.
    FreeBsd,
    Other,
}

impl Habits {
    pub(super) fn of(dialect: &Dialect) -> Habits {
        match dialect.system {
            "Linux" | "Linux libc5" | "Cygwin" | "ELKS" => Habits::Linux,
            "FreeBSD" => Habits::FreeBsd,
            _ => Habits::Other,
        }
    }
}

impl Kind {
    #[inline(always)]
    pub(super) fn of(entry: &Entry<'_>, habits: Habits) -> Kind {
        match habits {
            Habits::Linux => linux(entry),
            _ => elsewhere(entry),
        }
    }

    /// A change to this level takes the machine down.
    pub(super) fn is_down(self, habits: Habits) -> bool {
        match self {
            Kind::RunLevel(b'0' | b'6') => true,
            // System V: power off.
            Kind::RunLevel(b'5') => habits != Habits::Linux,
            _ => false,
        }
    }
}

#[inline(always)]
fn linux(entry: &Entry<'_>) -> Kind {
    let first = |text: Text<'_>| text.raw().first().copied().unwrap_or(0);
    match (first(entry.ut_line), first(entry.ut_user)) {
        (b'~' | b'|' | b'{', _) => marked(entry),
        (_, 0) => Kind::Logout,
        (0, _) | (_, b'L') => named(entry),
        _ if entry.raw_type == Some(DEAD_PROCESS) => typed(entry),
        _ => Kind::Login,
    }
}

/// The line is no terminal.
#[inline(never)]
fn marked(entry: &Entry<'_>) -> Kind {
    // What is behind their ends changes nothing: none of what they are compared with has a NUL.
    let (line, user) = (entry.ut_line.raw(), entry.ut_user.raw());
    match line.first() {
        Some(b'~') if user.starts_with(b"shutdown") => Kind::Shutdown,
        Some(b'~') if user.starts_with(b"reboot") => Kind::Boot,
        Some(b'~') if user.starts_with(b"runlevel") => Kind::RunLevel(level(entry, Habits::Linux)),
        Some(b'~') => typed(entry),
        Some(b'|') if user.starts_with(b"date") => Kind::OldTime,
        Some(b'{') if user.starts_with(b"date") => Kind::NewTime,
        _ if entry.ut_user.is_empty() => Kind::Logout,
        _ => named(entry),
    }
}

/// There is a user, who may be none.
#[inline(never)]
fn named(entry: &Entry<'_>) -> Kind {
    let is_prompt = entry.ut_user.raw().starts_with(b"LOGIN");
    match is_prompt || entry.ut_line.is_empty() || entry.raw_type == Some(DEAD_PROCESS) {
        true => typed(entry),
        false => Kind::Login,
    }
}

/// What the type says.
#[inline(never)]
fn typed(entry: &Entry<'_>) -> Kind {
    match entry.ut_type() {
        _ if entry.raw_type == Some(SHUTDOWN_TIME) => Kind::Shutdown,
        UtType::RunLvl => Kind::RunLevel(level(entry, Habits::Linux)),
        UtType::BootTime => Kind::Boot,
        UtType::NewTime => Kind::NewTime,
        UtType::OldTime => Kind::OldTime,
        UtType::UserProcess => Kind::Login,
        UtType::DeadProcess => Kind::Logout,
        UtType::Unknown => Kind::Unknown,
        _ => Kind::Other,
    }
}

fn elsewhere(entry: &Entry<'_>) -> Kind {
    match entry.event() {
        Event::Boot => Kind::Boot,
        Event::Shutdown => Kind::Shutdown,
        Event::RunLevel => Kind::RunLevel(level(entry, Habits::Other)),
        Event::ClockOld => Kind::OldTime,
        Event::ClockNew => Kind::NewTime,
        Event::Login => Kind::Login,
        Event::Logout => Kind::Logout,
        _ => Kind::Other,
    }
}

/// Linux keeps the level in the process id; System V and the BSDs in the exit status, and
/// again at the end of the line.
fn level(entry: &Entry<'_>, habits: Habits) -> u8 {
    if habits == Habits::Linux {
        return (entry.ut_pid.unwrap_or_default() & 0xff) as u8;
    }
    let status = entry.ut_exit.and_then(|exit| u8::try_from(exit.e_termination).ok());
    let written = status.filter(u8::is_ascii_graphic);
    written.or(entry.ut_line.as_bytes().last().copied()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use loginrec::platform::LAYOUTS;

    use super::*;

    #[test]
    fn numbers_are_those_of_linux() {
        let dialects = LAYOUTS.iter().filter(|layout| !layout.is_lastlog()).map(|l| l.dialect);
        let linux = dialects.filter(|dialect| Habits::of(dialect) == Habits::Linux);
        for dialect in linux {
            let is_dead = |&raw: &i32| dialect.ut_type(raw) == UtType::DeadProcess;
            let numbers: Vec<i32> = (-1..300).filter(is_dead).collect();
            assert_eq!(numbers, [DEAD_PROCESS], "{}", dialect.system);
        }
    }
}
