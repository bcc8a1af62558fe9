//! Events on a machine, and the record that each platform stores for them.

use std::net::IpAddr;

use loginrec::layout::Role;
use loginrec::{Address, Entry, Exit, Failures, Layout, Text, UtType};

/// An event that programs log.
#[derive(Clone, Debug)]
pub struct Event {
    /// `ShutdownTime` for a shutdown, whatever type a platform stores for it.
    pub kind: UtType,
    /// Seconds and microseconds.
    pub time: (i64, i64),
    /// The terminal, without marks such as `~`, which [`Event::encode`] adds.
    pub line: Vec<u8>,
    /// The user.
    pub user: Vec<u8>,
    /// A remote host; the kernel's version in Linux's own events.
    pub host: Vec<u8>,
    /// The remote host's address.
    pub address: Option<IpAddr>,
    /// The process.
    pub pid: i64,
    /// The session; 0 if there is none.
    pub session: i64,
    /// The exit status of a process that ended.
    pub exit: Option<i32>,
}

impl Event {
    /// Makes one with all else empty. `time` is in seconds and microseconds.
    pub fn new(kind: UtType, time: (i64, i64)) -> Event {
        Event {
            kind,
            time,
            line: Vec::new(),
            user: Vec::new(),
            host: Vec::new(),
            address: None,
            pid: 0,
            session: 0,
            exit: None,
        }
    }

    /// Returns its record; `None` if the platform does not log such events.
    ///
    /// Values without a field are left out, and texts that are too long are cut, as programs
    /// do.
    pub fn encode(&self, layout: &Layout) -> Option<Vec<u8>> {
        let kind = stored(layout, self.kind)?;
        let room = |role| layout.field(role).map_or(0, |field| field.len);
        let linux = layout.platform.loosely_typed;
        let (line, user) = self.words(layout);
        let cut = |text: &'_ [u8], role| text.len().min(room(role));
        let mut entry = Entry::new(layout.platform);
        if room(Role::Type) > 0 {
            entry.raw_type = layout.platform.raw_type(kind);
        }
        entry.ut_tv.tv_sec = self.time.0;
        entry.ut_tv.tv_usec = if layout.has_microseconds() { self.time.1 } else { 0 };
        if layout.is_failures() {
            entry.failures = Some(self.failures(layout));
        }
        // A source is a host or a line.
        if layout.has(Role::Source) {
            let is_host = layout.has(Role::Status) || self.host.contains(&b'.');
            match is_host && !self.host.is_empty() {
                true => entry.ut_host = Text::new(&self.host),
                false => entry.ut_line = Text::new(line),
            }
            let record = layout.encode(&entry);
            return Some(record.unwrap_or_else(|why| panic!("{}: {why}: {entry:?}", layout.name)));
        }
        entry.ut_line = Text::new(&line[..cut(line, Role::Line)]);
        entry.ut_user = Text::new(&user[..cut(user, Role::User)]);
        if linux || !self.is_of_system() {
            entry.ut_host = Text::new(&self.host[..cut(&self.host, Role::Host)]);
            let id = if self.is_of_system() { b"~~" } else { &self.line[..] };
            entry.ut_id = Text::new(&id[id.len().saturating_sub(room(Role::Id))..]);
        }
        match room(Role::Pid) {
            0 => {}
            1..4 => entry.ut_pid = Some(self.pid % 32_768),
            _ => entry.ut_pid = Some(self.pid),
        }
        if room(Role::Session) > 2 && self.session != 0 {
            entry.ut_session = Some(self.session);
        }
        if room(Role::ExitStatus) > 0 {
            entry.ut_exit = self.exit.map(|e_exit| Exit { e_termination: 0, e_exit });
        }
        let octets = self.address.map(|ip| match ip {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        });
        entry.ut_addr = match octets.as_deref() {
            Some(v4 @ [_, _, _, _]) if room(Role::AddrV4) > 0 => Address::V4(v4),
            Some(v4 @ [_, _, _, _]) if room(Role::AddrV6) + room(Role::SocketAddress) > 0 => {
                Address::V4(v4)
            }
            Some(v6) if v6.len() > 4 && room(Role::AddrV6) + room(Role::SocketAddress) > 0 => {
                Address::V6(v6)
            }
            _ => Address::Absent,
        };
        let record = layout.encode(&entry);
        Some(record.unwrap_or_else(|why| panic!("{}: {why}: {entry:?}", layout.name)))
    }

    /// Returns numbers of failed logins.
    fn failures(&self, layout: &Layout) -> Failures {
        let mut failures = Failures::default();
        if layout.has(Role::Count) {
            failures.count = 1 + self.pid % 7;
        }
        if layout.has(Role::Limit) {
            failures.max = 5 * (self.pid % 2) as i32;
        }
        if layout.has(Role::Status) {
            let source = if self.host.is_empty() { Failures::TERMINAL } else { Failures::REMOTE };
            failures.status = Failures::VALID | source;
        }
        failures
    }

    /// Returns whether the event concerns the machine, not a user.
    fn is_of_system(&self) -> bool {
        use UtType::{BootTime, NewTime, OldTime, RunLvl, ShutdownTime};
        matches!(self.kind, BootTime | NewTime | OldTime | RunLvl | ShutdownTime)
    }

    /// Returns the texts of the fields for line and user.
    fn words(&self, layout: &Layout) -> (&[u8], &[u8]) {
        // FreeBSD leaves both empty where the type is enough.
        let bare = layout.field(Role::Micros).is_some();
        let marks = layout.field(Role::Type).is_none() || layout.platform.loosely_typed;
        match self.kind {
            UtType::UserProcess => (&self.line, &self.user),
            UtType::LoginProcess if self.user.is_empty() => (&self.line, b"LOGIN"),
            UtType::LoginProcess => (&self.line, &self.user),
            UtType::Empty => (b"", b""),
            _ if bare => (b"", b""),
            UtType::BootTime if marks => (b"~", b"reboot"),
            UtType::BootTime => (b"system boot", b""),
            UtType::ShutdownTime if marks => (b"~", b"shutdown"),
            UtType::ShutdownTime => (b"system down", b""),
            UtType::RunLvl => (b"~", b"runlevel"),
            UtType::OldTime if marks => (b"|", b"date"),
            UtType::NewTime if marks => (b"{", b"date"),
            UtType::OldTime => (b"old time", b""),
            UtType::NewTime => (b"new time", b""),
            _ => (&self.line, &self.user),
        }
    }
}

/// Returns the type that a platform stores for such events; `None` if it does not log them.
pub fn stored(layout: &Layout, kind: UtType) -> Option<UtType> {
    use UtType::{BootTime, DeadProcess, NewTime, OldTime, RunLvl, ShutdownTime, UserProcess};
    if !layout.is_log() {
        return (kind == UserProcess).then_some(kind);
    }
    if layout.field(Role::Type).is_none() {
        let known = [BootTime, DeadProcess, NewTime, OldTime, ShutdownTime, UserProcess];
        return known.contains(&kind).then_some(kind);
    }
    let linux = layout.platform.loosely_typed;
    let has = |kind| layout.platform.raw_type(kind).is_some();
    match kind {
        RunLvl => linux.then_some(kind),
        ShutdownTime if linux => Some(RunLvl),
        _ => has(kind).then_some(kind),
    }
}
