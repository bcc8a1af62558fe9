//! Facts about each platform: how it numbers types, what its records mean, where its files are.

use crate::value::address::AF_INET6_NETBSD;
use crate::value::event::Event;
use crate::value::file_kind::FileKind;
use crate::value::text::Text;
use crate::value::ut_type::UtType::{self, *};

/// The rules that turn type, line and user into an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventRules {
    /// glibc, musl, libc5, Cygwin: typed; shutdown is a run level record.
    Linux,
    /// BSD without a type: line and user decide.
    Bsd,
    /// NetBSD and DragonFly utmpx: typed, but `~`, `|`, `{`, `}` on the line decide.
    NetBsd,
    /// FreeBSD 9+, macOS, System V: the type decides.
    Typed,
    /// MINIX: typed, shutdown is a run level record on line `~`.
    Minix,
    /// lastlog: a used slot is a login.
    Lastlog,
    /// faillog and its kin: a record with a time is a failed login.
    Failures,
}

/// The field that a logout repeats from its login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionKey {
    /// The line.
    Line,
    /// The identifier (FreeBSD 9+): a logout has neither line nor user.
    Id,
}

/// Where a run level record keeps the level and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunLevelEncoding {
    /// In the two low bytes of the process id, the level in the lowest.
    Pid,
    /// In the exit status: the level is `e_termination`, the one before it `e_exit`.
    ExitStatus,
}

/// A run level and the one before it: characters such as `3` and `S`, or `N` for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RunLevel {
    /// The new level.
    pub level: u8,
    /// The level before.
    pub previous: u8,
}

impl RunLevel {
    /// Returns whether this level takes the machine down: 0 halts and 6 reboots on every platform.
    pub const fn is_down(self) -> bool {
        matches!(self.level, b'0' | b'6')
    }

    /// Returns whether this level takes down a machine that booted this many seconds before. The
    /// first level after a boot does not: SLS and early Slackware came up in level 6.
    pub const fn is_down_after(self, seconds: i64) -> bool {
        const LONGEST_BOOT: i64 = 300;
        let comes_up = 0 <= seconds && seconds <= LONGEST_BOOT;
        self.is_down() && !(comes_up && matches!(self.previous, 0 | b'N'))
    }
}

/// Which of two parallel histories a file belongs to, `wtmp` or `wtmpx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Twin {
    /// `utmp` and `wtmp`.
    Old,
    /// `utmpx` and `wtmpx`.
    Extended,
}

/// One platform's numbering, rules and habits for one kind of record.
///
/// Code asks what a platform does, never which platform it is: a new platform states its facts in
/// its own file.
#[derive(Debug)]
#[non_exhaustive]
#[cfg_attr(not(feature = "std"), allow(dead_code, reason = "the audit asks, and needs std"))]
pub struct Platform {
    /// The platform, e.g. `NetBSD`.
    pub system: &'static str,
    /// The meaning of each `ut_type` number; empty for untyped records.
    pub ut_types: &'static [UtType],
    /// Where the platform keeps these files, the usual place first.
    pub paths: &'static [(FileKind, &'static str)],
    /// The kind of file that is a log of length-prefixed records, if the platform's other files are
    /// arrays.
    pub(crate) log_kind: Option<FileKind>,
    /// Whether `ut_id` is a binary token rather than text.
    pub binary_id: bool,
    /// The field that a logout repeats from its login.
    pub session_key: SessionKey,
    /// Where run level records keep their levels.
    pub run_level: RunLevelEncoding,
    /// Whether the types have Linux's numbers but are often wrong, so that line and user take
    /// precedence.
    pub loosely_typed: bool,
    /// Whether a record of a login gets the time of its logout, and no other record has it.
    pub stores_logout: bool,
    /// Whether each file belongs to one user, whose name is that of the file.
    pub is_named_by_user: bool,
    /// The largest process id; `i64::MAX` if unknown.
    pub(crate) max_pid: i64,
    /// The address family of IPv6 in a `struct sockaddr`.
    pub(crate) af_inet6: u8,
    pub(crate) rules: EventRules,
    /// Which of two parallel histories this is, if the platform writes both.
    pub(crate) twin: Option<Twin>,
    /// Whether boots and clock changes have a time and nothing else, and the ends of processes no
    /// texts.
    pub(crate) bare_events: bool,
    /// Whether every writer clears padding.
    pub(crate) clears_padding: bool,
    /// Whether every writer clears reserved bytes.
    pub(crate) clears_reserved: bool,
    /// Whether every writer clears a text field before it fills it.
    pub(crate) clears_texts: bool,
    /// Whether every login has a process id.
    pub(crate) login_has_pid: bool,
    /// Whether a logout leaves out the user's name.
    pub(crate) logout_clears_user: bool,
    /// Whether boots, shutdowns and run levels have the kernel release as their host.
    pub(crate) host_at_boot_is_kernel: bool,
    /// Whether utmpdump(1) can write these files back, which loses part of them.
    pub(crate) has_utmpdump: bool,
    /// Whether all programs log in through one library call that writes every file.
    pub(crate) one_writer: bool,
}

impl Platform {
    /// Returns a platform of which only the record format is known.
    pub(crate) const fn new(
        system: &'static str,
        rules: EventRules,
        ut_types: &'static [UtType],
        paths: &'static [(FileKind, &'static str)],
    ) -> Platform {
        Platform {
            system,
            ut_types,
            paths,
            log_kind: None,
            binary_id: false,
            session_key: SessionKey::Line,
            run_level: RunLevelEncoding::ExitStatus,
            loosely_typed: false,
            stores_logout: false,
            is_named_by_user: false,
            max_pid: i64::MAX,
            af_inet6: AF_INET6_NETBSD,
            rules,
            twin: None,
            bare_events: false,
            clears_padding: false,
            clears_reserved: false,
            clears_texts: false,
            login_has_pid: false,
            logout_clears_user: false,
            host_at_boot_is_kernel: false,
            has_utmpdump: false,
            one_writer: false,
        }
    }

    /// Returns a platform whose records are those of Linux: glibc, musl, libc5, Cygwin, ELKS.
    pub(crate) const fn like_linux(
        system: &'static str,
        ut_types: &'static [UtType],
        paths: &'static [(FileKind, &'static str)],
    ) -> Platform {
        Platform {
            run_level: RunLevelEncoding::Pid,
            loosely_typed: true,
            clears_texts: true,
            login_has_pid: true,
            ..Platform::new(system, EventRules::Linux, ut_types, paths)
        }
    }

    /// Returns whether both describe the same system, even if for different files.
    pub fn is_same_system(&self, other: &Platform) -> bool {
        self.system == other.system
    }

    /// Returns whether type numbers mean the same on both.
    #[inline]
    pub fn numbers_types_as(&self, other: &Platform) -> bool {
        core::ptr::eq(self.ut_types, other.ut_types) || self.has_equal_types(other)
    }

    #[inline(never)]
    fn has_equal_types(&self, other: &Platform) -> bool {
        self.ut_types == other.ut_types
    }

    /// Returns the meaning of a stored type number on this platform.
    #[inline]
    pub fn ut_type(&self, raw: i32) -> UtType {
        let known = usize::try_from(raw).ok().and_then(|i| self.ut_types.get(i));
        known.copied().unwrap_or(Unknown)
    }

    /// Returns the number that this platform stores for `ut_type`; `None` if it has none.
    pub fn raw_type(&self, ut_type: UtType) -> Option<i32> {
        if ut_type == Unknown {
            return None; // an undefined number stands for no type
        }
        let at = self.ut_types.iter().position(|&t| t == ut_type)?;
        i32::try_from(at).ok()
    }

    /// Returns the type of a record that stores none.
    pub(crate) fn untyped(&self, line: Text<'_>, user: Text<'_>, unset: bool) -> UtType {
        if matches!(self.rules, EventRules::Lastlog | EventRules::Failures) {
            // Time zero means never, even if line and host are still filled.
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

    /// Returns the event for a record of this type, line and user.
    pub(crate) fn event(&self, ut_type: UtType, line: Text<'_>, user: Text<'_>) -> Event {
        match self.rules {
            EventRules::Failures if ut_type != Empty => Event::FailedLogin,
            EventRules::Linux => linux(ut_type, line, user),
            EventRules::NetBsd => netbsd(ut_type, line, user),
            EventRules::Minix => minix(ut_type, line, user),
            EventRules::Bsd | EventRules::Typed | EventRules::Lastlog | EventRules::Failures => {
                by_type(ut_type)
            }
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

/// Lets line and user take precedence, as `last` of util-linux does: types are often wrong or
/// missing here.
fn linux(ut_type: UtType, line: Text<'_>, user: Text<'_>) -> Event {
    // The first byte rules out most cases.
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

/// Boots and shutdowns have one type and differ in the user.
fn minix(ut_type: UtType, line: Text<'_>, user: Text<'_>) -> Event {
    match (ut_type, line.as_bytes(), user.as_bytes()) {
        (_, b"~", b"reboot") => Event::Boot,
        (RunLvl | BootTime, b"~", _) => Event::Shutdown,
        // login of 3.2 leaves the type 0.
        (Empty, [_, ..], [_, ..]) => Event::Login,
        _ => by_type(ut_type),
    }
}

fn netbsd(ut_type: UtType, line: Text<'_>, user: Text<'_>) -> Event {
    match (ut_type, line.as_bytes(), user.as_bytes()) {
        (_, b"~", b"shutdown") => Event::Shutdown,
        (_, b"~", _) => Event::Boot,
        (_, b"|", _) => Event::ClockOld,
        (_, b"{" | b"}", _) => Event::ClockNew,
        // init writes it at boot, with the time of that boot; it is not a shutdown.
        (DownTime, ..) => Event::Unknown,
        (UserProcess, _, b"") => Event::Logout,
        _ => by_type(ut_type),
    }
}
