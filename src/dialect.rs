//! How one platform numbers its types, what its records mean and where they lie.

use core::fmt;

use crate::text::Text;
use crate::ut_type::UtType::{self, *};

/// What a record says happened, decided from type, line, user and the platform's
/// rules. The type alone does not tell: a NetBSD reboot is `INIT_PROCESS` on line `~`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Event {
    /// The system came up.
    Boot,
    /// The system went down in order.
    Shutdown,
    /// The run level changed.
    RunLevel,
    /// The clock before it was set.
    ClockOld,
    /// The clock after it was set.
    ClockNew,
    /// Somebody logged in.
    Login,
    /// A session ended.
    Logout,
    /// A terminal waits for a login.
    Prompt,
    /// init started a process.
    Init,
    /// System V accounting.
    Accounting,
    /// The file's version, not an event.
    Signature,
    /// A login that was refused (`btmp`).
    FailedLogin,
    /// An unused record.
    Empty,
    /// Nothing the platform's rules know.
    Unknown,
}

impl Event {
    /// Every event.
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

    /// The event called `name`, as `clock-old`.
    pub fn from_name(name: &str) -> Option<Event> {
        Self::ALL.iter().copied().find(|event| event.name() == name)
    }

    /// The word used in JSON and CSV, as `clock-old`.
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

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a file is kept for. Bytes do not tell: a `btmp` has the records of a `wtmp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum FileKind {
    /// Who is logged in now; slots are reused.
    Utmp,
    /// The history of logins, logouts and boots.
    Wtmp,
    /// Failed logins.
    Btmp,
    /// Each user's last login.
    Lastlog,
}

impl FileKind {
    /// What a file name says: `btmp.1`, `wtmp-20240101.gz`, `failedlogin`, `utx.active`.
    /// Only a hint; `None` where the name says nothing.
    pub fn from_name(name: &str) -> Option<FileKind> {
        let starts = |heads: &[&str]| heads.iter().any(|head| name.starts_with(head));
        if starts(&["btmp", "failedlogin"]) {
            Some(FileKind::Btmp)
        } else if starts(&["lastlog", "utx.lastlogin"]) {
            Some(FileKind::Lastlog)
        } else if starts(&["wtmp", "utx.log"]) {
            Some(FileKind::Wtmp)
        } else if starts(&["utmp", "utx.active"]) {
            Some(FileKind::Utmp)
        } else {
            None
        }
    }
}

/// Which rules turn type, line and user into an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    /// glibc, musl, libc5, Cygwin: typed; shutdown is a run level record.
    Linux,
    /// BSD without a type: line and user say everything.
    Bsd,
    /// NetBSD and DragonFly utmpx: typed, but `~`, `|`, `{`, `}` on the line decide.
    NetBsd,
    /// FreeBSD 9+, macOS, System V: the type decides.
    Typed,
    /// MINIX: typed, shutdown is a run level record on line `~`.
    Minix,
    /// lastlog: a slot is a login.
    Lastlog,
}

/// One platform's numbering, meaning and places of one kind of record.
#[derive(Debug)]
#[non_exhaustive]
pub struct Dialect {
    /// The platform, as `NetBSD`.
    pub system: &'static str,
    /// What each `ut_type` number means; empty for untyped records.
    pub ut_types: &'static [UtType],
    /// Where the platform keeps these files, the usual place first.
    pub paths: &'static [(FileKind, &'static str)],
    /// Whether `ut_id` is a binary token rather than text.
    pub binary_id: bool,
    pub(crate) rules: Rules,
}

impl Dialect {
    pub(crate) const fn new(
        system: &'static str,
        rules: Rules,
        ut_types: &'static [UtType],
        paths: &'static [(FileKind, &'static str)],
    ) -> Dialect {
        Dialect { system, ut_types, paths, binary_id: false, rules }
    }

    pub(crate) const fn with_binary_id(self) -> Dialect {
        Dialect { binary_id: true, ..self }
    }

    /// What the stored number means here.
    #[inline]
    pub fn ut_type(&self, raw: i32) -> UtType {
        let known = usize::try_from(raw).ok().and_then(|i| self.ut_types.get(i));
        known.copied().unwrap_or(Unknown)
    }

    /// The number this platform stores for `ut_type`; `None` if it has none.
    pub fn raw_type(&self, ut_type: UtType) -> Option<i32> {
        if ut_type == Unknown {
            return None; // a hole in the numbering is not a number for it
        }
        let at = self.ut_types.iter().position(|&t| t == ut_type)?;
        i32::try_from(at).ok()
    }

    /// The type of a record that stores none.
    pub(crate) fn untyped(&self, line: Text<'_>, user: Text<'_>, unset: bool) -> UtType {
        if self.rules == Rules::Lastlog {
            // Time zero means never, whatever line and host still hold.
            return if unset { Empty } else { UserProcess };
        }
        match (line.as_bytes(), user.as_bytes()) {
            (b"", b"") if unset => Empty,
            (b"", _) => Unknown,
            (b"~", b"shutdown") => ShutdownTime,
            (b"~", _) => BootTime,
            (b"|", _) => OldTime,
            (b"{" | b"}", _) => NewTime,
            (_, b"") => DeadProcess,
            _ => UserProcess,
        }
    }

    /// What a record of this type, line and user means.
    pub(crate) fn event(&self, ut_type: UtType, line: Text<'_>, user: Text<'_>) -> Event {
        match self.rules {
            Rules::Linux => linux(ut_type, line, user),
            Rules::NetBsd => netbsd(ut_type, line, user),
            Rules::Minix if ut_type == RunLvl && line == "~" => Event::Shutdown,
            Rules::Bsd | Rules::Typed | Rules::Minix | Rules::Lastlog => by_type(ut_type),
        }
    }
}

fn by_type(ut_type: UtType) -> Event {
    match ut_type {
        Empty => Event::Empty,
        BootTime => Event::Boot,
        ShutdownTime | DownTime => Event::Shutdown,
        RunLvl => Event::RunLevel,
        OldTime => Event::ClockOld,
        NewTime => Event::ClockNew,
        UserProcess => Event::Login,
        DeadProcess => Event::Logout,
        LoginProcess => Event::Prompt,
        InitProcess => Event::Init,
        Accounting => Event::Accounting,
        Signature => Event::Signature,
        Processor | Unknown => Event::Unknown,
    }
}

/// Types are often wrong or left out here, so line and user are heard first, as
/// `last` of util-linux does.
fn linux(ut_type: UtType, line: Text<'_>, user: Text<'_>) -> Event {
    // The first byte rules out most of it.
    match line.raw().first() {
        // sshd writes this line to btmp only.
        Some(b's') if line == "ssh:notty" => return Event::FailedLogin,
        Some(b'~') => match user.as_bytes() {
            user if user.starts_with(b"shutdown") => return Event::Shutdown,
            user if user.starts_with(b"reboot") => return Event::Boot,
            user if user.starts_with(b"runlevel") => return Event::RunLevel,
            _ => {}
        },
        Some(b'|' | b'{' | b'}') if ut_type != DeadProcess && user == "date" => {
            match line.as_bytes() {
                b"|" => return Event::ClockOld,
                b"{" | b"}" => return Event::ClockNew,
                _ => {}
            }
        }
        _ => {}
    }
    match ut_type {
        DeadProcess => Event::Logout,
        RunLvl if user == "shutdown" => Event::Shutdown,
        UserProcess if user.is_empty() => Event::Logout,
        // utmps' logwtmp() leaves the type 0.
        Empty if line.is_empty() => Event::Empty,
        Empty if user.is_empty() => Event::Logout,
        Empty => Event::Login,
        _ => by_type(ut_type),
    }
}

fn netbsd(ut_type: UtType, line: Text<'_>, user: Text<'_>) -> Event {
    match (ut_type, line.as_bytes(), user.as_bytes()) {
        (_, b"~", b"shutdown") => Event::Shutdown,
        (_, b"~", _) => Event::Boot,
        (_, b"|", _) => Event::ClockOld,
        (_, b"{" | b"}", _) => Event::ClockNew,
        // init writes it at boot, with the time of that boot: no shutdown.
        (DownTime, ..) => Event::Unknown,
        (UserProcess, _, b"") => Event::Logout,
        _ => by_type(ut_type),
    }
}
