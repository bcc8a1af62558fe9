//! The kind of a record for last(1), which does not rely on the type alone.

use loginrec::platform::{Platform, SessionKey};
use loginrec::{Entry, Event, Text, UtType};

/// A number outside the range of types, which util-linux takes for a shutdown.
const SHUTDOWN_TIME: i32 = 254;
/// On all platforms whose types have Linux's numbers.
const DEAD_PROCESS: i32 = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Boot,
    Shutdown,
    /// The character of the level; may be any byte.
    RunLevel(u8),
    OldTime,
    NewTime,
    Login,
    Logout,
    /// Not for this list.
    Other,
    /// An undefined type.
    Unknown,
}

/// The conventions of a platform's types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TypeConvention {
    /// Types have Linux's numbers and convention.
    Linux,
    /// Logouts have no line, but the identifier of their login.
    FreeBsd,
    Other,
}

impl TypeConvention {
    pub(super) fn of(platform: &Platform) -> TypeConvention {
        match (platform.loosely_typed, platform.session_key) {
            (true, _) => TypeConvention::Linux,
            (_, SessionKey::Id) => TypeConvention::FreeBsd,
            _ => TypeConvention::Other,
        }
    }
}

impl Kind {
    #[inline]
    pub(super) fn of(entry: &Entry<'_>, convention: TypeConvention) -> Kind {
        match convention {
            TypeConvention::Linux => linux(entry),
            _ => elsewhere(entry),
        }
    }

    /// Returns whether a change to this level takes the machine down.
    pub(super) fn is_down(self, convention: TypeConvention) -> bool {
        match self {
            Kind::RunLevel(b'0' | b'6') => true,
            // System V: power off.
            Kind::RunLevel(b'5') => convention != TypeConvention::Linux,
            _ => false,
        }
    }
}

#[inline]
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

/// Returns the kind of a record whose line is not a terminal.
#[inline(never)]
fn marked(entry: &Entry<'_>) -> Kind {
    // Bytes after their ends do not matter: none of the texts they are compared with contains a
    // NUL.
    let (line, user) = (entry.ut_line.raw(), entry.ut_user.raw());
    match line.first() {
        Some(b'~') if user.starts_with(b"shutdown") => Kind::Shutdown,
        Some(b'~') if user.starts_with(b"reboot") => Kind::Boot,
        Some(b'~') if user.starts_with(b"runlevel") => {
            Kind::RunLevel(level(entry, TypeConvention::Linux))
        }
        Some(b'~') => typed(entry),
        Some(b'|') if user.starts_with(b"date") => Kind::OldTime,
        Some(b'{') if user.starts_with(b"date") => Kind::NewTime,
        _ if entry.ut_user.is_empty() => Kind::Logout,
        _ => named(entry),
    }
}

/// Returns the kind of a record with a user, whose name may be empty.
#[inline(never)]
fn named(entry: &Entry<'_>) -> Kind {
    let is_prompt = entry.ut_user.raw().starts_with(b"LOGIN");
    match is_prompt || entry.ut_line.is_empty() || entry.raw_type == Some(DEAD_PROCESS) {
        true => typed(entry),
        false => Kind::Login,
    }
}

/// Returns the kind that the type gives.
#[inline(never)]
fn typed(entry: &Entry<'_>) -> Kind {
    match entry.ut_type() {
        _ if entry.raw_type == Some(SHUTDOWN_TIME) => Kind::Shutdown,
        UtType::RunLvl => Kind::RunLevel(level(entry, TypeConvention::Linux)),
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
        Event::RunLevel => Kind::RunLevel(level(entry, TypeConvention::Other)),
        Event::ClockOld => Kind::OldTime,
        Event::ClockNew => Kind::NewTime,
        Event::Login => Kind::Login,
        Event::Logout => Kind::Logout,
        _ => Kind::Other,
    }
}

/// Returns the level. Linux stores it in the process id; System V and the BSDs in the exit status,
/// and again at the end of the line.
fn level(entry: &Entry<'_>, convention: TypeConvention) -> u8 {
    let stored = entry.run_level().unwrap_or_default().level;
    if convention == TypeConvention::Linux {
        return stored;
    }
    let written = Some(stored).filter(u8::is_ascii_graphic);
    written.or(entry.ut_line.as_bytes().last().copied()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use loginrec::formats::LAYOUTS;

    use super::*;

    #[test]
    fn numbers_are_those_of_linux() {
        let platforms = LAYOUTS.iter().filter(|layout| !layout.is_lastlog()).map(|l| l.platform);
        let linux =
            platforms.filter(|platform| TypeConvention::of(platform) == TypeConvention::Linux);
        for platform in linux {
            let is_dead = |&raw: &i32| platform.ut_type(raw) == UtType::DeadProcess;
            let numbers: Vec<i32> = (-1..300).filter(is_dead).collect();
            assert_eq!(numbers, [DEAD_PROCESS], "{}", platform.system);
        }
    }
}
