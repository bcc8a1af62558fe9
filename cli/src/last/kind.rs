//! What a record is to last(1), which does not believe the type alone.

use loginrec::{Entry, Event, UtType};

/// A number outside the range of types that util-linux takes for a shutdown.
const SHUTDOWN_TIME: i32 = 254;

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

impl Kind {
    pub(super) fn of(entry: &Entry<'_>) -> Kind {
        match is_linux(entry) {
            true => linux(entry),
            false => elsewhere(entry),
        }
    }

    /// A change to this level takes the machine down.
    pub(super) fn is_down(self, entry: &Entry<'_>) -> bool {
        match self {
            Kind::RunLevel(b'0' | b'6') => true,
            // System V: power off.
            Kind::RunLevel(b'5') => !is_linux(entry),
            _ => false,
        }
    }
}

/// Whether the platform is one whose types have Linux's numbers and habits.
pub(super) fn is_linux(entry: &Entry<'_>) -> bool {
    matches!(entry.dialect.system, "Linux" | "Linux libc5" | "Cygwin" | "ELKS")
}

fn linux(entry: &Entry<'_>) -> Kind {
    // What is behind their ends changes nothing: none of what they are compared with has a NUL.
    let (line, user) = (entry.ut_line.raw(), entry.ut_user.raw());
    if line.starts_with(b"~") {
        if user.starts_with(b"shutdown") {
            return Kind::Shutdown;
        } else if user.starts_with(b"reboot") {
            return Kind::Boot;
        } else if user.starts_with(b"runlevel") {
            return Kind::RunLevel(level(entry));
        }
    } else {
        match line.first() {
            Some(b'|') if user.starts_with(b"date") => return Kind::OldTime,
            Some(b'{') if user.starts_with(b"date") => return Kind::NewTime,
            _ if entry.ut_user.is_empty() => return Kind::Logout,
            None | Some(0) => {}
            Some(_) if entry.ut_type() == UtType::DeadProcess => {}
            Some(_) if user.starts_with(b"LOGIN") => {}
            Some(_) => return Kind::Login,
        }
    }
    match entry.ut_type() {
        _ if entry.raw_type == Some(SHUTDOWN_TIME) => Kind::Shutdown,
        UtType::RunLvl => Kind::RunLevel(level(entry)),
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
        Event::RunLevel => Kind::RunLevel(level(entry)),
        Event::ClockOld => Kind::OldTime,
        Event::ClockNew => Kind::NewTime,
        Event::Login => Kind::Login,
        Event::Logout => Kind::Logout,
        _ => Kind::Other,
    }
}

/// Linux keeps the level in the process id; System V and the BSDs in the exit status, and
/// again at the end of the line.
fn level(entry: &Entry<'_>) -> u8 {
    if is_linux(entry) {
        return (entry.ut_pid.unwrap_or_default() & 0xff) as u8;
    }
    let status = entry.ut_exit.and_then(|exit| u8::try_from(exit.e_termination).ok());
    let written = status.filter(u8::is_ascii_graphic);
    written.or(entry.ut_line.as_bytes().last().copied()).unwrap_or_default()
}
