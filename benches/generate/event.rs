//! What happens on a machine, and how each platform writes it down.

use std::net::IpAddr;

use loginrec::layout::Role;
use loginrec::{Address, Entry, Exit, Layout, Text, UtType};

/// One thing that is logged. A shutdown is `ShutdownTime`, whatever a platform calls it.
#[derive(Clone, Debug)]
pub struct Event {
    pub kind: UtType,
    /// Seconds and microseconds.
    pub time: (i64, i64),
    /// The terminal; marks such as `~` are the platform's business.
    pub line: Vec<u8>,
    pub user: Vec<u8>,
    /// A remote host; the kernel's version in what Linux logs of itself.
    pub host: Vec<u8>,
    pub address: Option<IpAddr>,
    pub pid: i64,
    /// 0 for none.
    pub session: i64,
    pub exit: Option<i32>,
}

impl Event {
    /// With nothing but this.
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

    /// As a record; `None` if the platform logs no such thing.
    ///
    /// What has no field is left out, and what is too long is cut, as programs do.
    pub fn encode(&self, layout: &Layout) -> Option<Vec<u8>> {
        let kind = stored(layout, self.kind)?;
        let room = |role| layout.field(role).map_or(0, |field| field.len);
        let linux = layout.dialect.system == "Linux";
        let (line, user) = self.words(layout);
        let cut = |text: &'_ [u8], role| text.len().min(room(role));
        let mut entry = Entry::new(layout.dialect);
        if room(Role::Type) > 0 {
            entry.raw_type = layout.dialect.raw_type(kind);
        }
        entry.ut_tv.tv_sec = self.time.0;
        entry.ut_tv.tv_usec = if layout.has_microseconds() { self.time.1 } else { 0 };
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

    /// Whether it is the machine that does it.
    fn is_of_system(&self) -> bool {
        use UtType::{BootTime, NewTime, OldTime, RunLvl, ShutdownTime};
        matches!(self.kind, BootTime | NewTime | OldTime | RunLvl | ShutdownTime)
    }

    /// What stands in the fields for line and user.
    fn words(&self, layout: &Layout) -> (&[u8], &[u8]) {
        // FreeBSD leaves empty what the type says already.
        let bare = layout.field(Role::Micros).is_some();
        let marks = layout.field(Role::Type).is_none() || layout.dialect.system == "Linux";
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

/// The type under which a platform logs this, `None` if it does not.
pub fn stored(layout: &Layout, kind: UtType) -> Option<UtType> {
    use UtType::{BootTime, DeadProcess, NewTime, OldTime, RunLvl, ShutdownTime, UserProcess};
    if layout.is_lastlog() {
        return (kind == UserProcess).then_some(kind);
    }
    if layout.field(Role::Type).is_none() {
        let known = [BootTime, DeadProcess, NewTime, OldTime, ShutdownTime, UserProcess];
        return known.contains(&kind).then_some(kind);
    }
    let linux = layout.dialect.system == "Linux";
    let has = |kind| layout.dialect.raw_type(kind).is_some();
    match kind {
        RunLvl => linux.then_some(kind),
        ShutdownTime if linux => Some(RunLvl),
        _ => has(kind).then_some(kind),
    }
}
