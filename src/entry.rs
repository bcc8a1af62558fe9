use core::net::IpAddr;

use time::OffsetDateTime;

use crate::platform::{Platform, RunLevel, RunLevelEncoding, SessionKey};
use crate::scan::trim_zeros;
use crate::value::address::Address;
use crate::value::event::Event;
use crate::value::failures::Failures;
use crate::value::file_kind::FileKind;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;
use crate::value::ut_type::UtType;

/// One login record in platform-neutral form. Its texts borrow from the file.
///
/// The fields hold what is stored, under the names of `struct utmpx`; the methods interpret it. A
/// field that the platform does not store is `None` or empty.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Entry<'a> {
    /// The platform's numbering and rules.
    pub platform: &'static Platform,
    /// The stored type number; `None` where records have no type (old BSD, lastlog).
    pub raw_type: Option<i32>,
    /// The time, as stored.
    pub ut_tv: Timestamp,
    /// User name (`ut_name` on BSD).
    pub ut_user: Text<'a>,
    /// Terminal without `/dev/`, or a mark such as `~`.
    pub ut_line: Text<'a>,
    /// Remote host, X display, or the kernel release of a Linux boot.
    pub ut_host: Text<'a>,
    /// `inittab` id, terminal suffix or binary session token.
    pub ut_id: Text<'a>,
    /// Process id. Run level records of Linux store two characters here.
    pub ut_pid: Option<i64>,
    /// Session id or terminal index.
    pub ut_session: Option<i64>,
    /// Exit status of a dead process; the levels of a run level record.
    pub ut_exit: Option<Exit>,
    /// Remote address as stored; see [`Entry::addr`].
    pub ut_addr: Address<'a>,
    /// The end of the session, or the shutdown, if a record stores both begin and end (wtmpdb).
    /// `None` if it does not, or if the end is not known yet.
    pub logout: Option<Timestamp>,
    /// The program that logged the user in, such as `sshd`, if the record stores it.
    pub service: Option<Text<'a>>,
    /// The numbers of a record about failed logins.
    pub failures: Option<Failures>,
    /// The user's name on the remote machine, if the record stores it (OpenBSD failedlogin).
    pub remote_user: Option<Text<'a>>,
}

/// Exit status of a process (`ut_exit`). It applies to `DEAD_PROCESS` records only, and few
/// programs fill it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Exit {
    /// Signal number. systemd stores a `waitid` code, run level records a character.
    pub e_termination: i32,
    /// Exit status; run level records a character.
    pub e_exit: i32,
}

impl<'a> Entry<'a> {
    /// Returns an entry with nothing set, to be filled and given to
    /// [`Layout::encode`](crate::Layout::encode).
    pub const fn new(platform: &'static Platform) -> Entry<'a> {
        Entry {
            platform,
            raw_type: None,
            ut_tv: Timestamp { tv_sec: 0, tv_usec: 0 },
            ut_user: Text::new(&[]),
            ut_line: Text::new(&[]),
            ut_host: Text::new(&[]),
            ut_id: Text::new(&[]),
            ut_pid: None,
            ut_session: None,
            ut_exit: None,
            ut_addr: Address::Absent,
            logout: None,
            service: None,
            failures: None,
            remote_user: None,
        }
    }

    /// Sets the source of a failed login: its host if it is an address or a name, else its line.
    pub(crate) fn set_source(&mut self, source: &'a [u8]) {
        let text = Text::new(source);
        let shown = text.as_bytes();
        let has_mark = shown.iter().any(|byte| matches!(byte, b'.' | b':'));
        let is_host = has_mark && !shown.starts_with(b":") && !shown.contains(&b'/');
        self.place_source(text, is_host);
    }

    /// Moves the source of a failed login to where the status of pam_faillock says it belongs.
    pub(crate) fn settle_source(&mut self, status: i32) {
        let is_line = self.ut_host.raw().is_empty();
        let source = if is_line { self.ut_line } else { self.ut_host };
        self.place_source(source, status & Failures::REMOTE != 0);
    }

    fn place_source(&mut self, source: Text<'a>, is_host: bool) {
        (self.ut_line, self.ut_host) = match is_host {
            true => (Text::default(), source),
            false => (source, Text::default()),
        };
    }

    /// Returns the canonical type: from the platform's numbering, or from line and user if no type
    /// is stored.
    #[inline]
    pub fn ut_type(&self) -> UtType {
        match self.raw_type {
            Some(raw) => self.platform.ut_type(raw),
            None => {
                let unset = self.ut_tv == Timestamp::default();
                self.platform.untyped(self.ut_line, self.ut_user, unset)
            }
        }
    }

    /// Returns the event, as far as the record alone shows it. For records of a `btmp` use
    /// [`Entry::event_in`].
    #[inline]
    pub fn event(&self) -> Event {
        match self.is_unset() {
            true => Event::Empty,
            false => self.platform.event(self.ut_type(), self.ut_line, self.ut_user),
        }
    }

    /// Returns the event, given the kind of the file: in a `btmp` every record is a failed login,
    /// whatever its type.
    #[inline]
    pub fn event_in(&self, kind: Option<FileKind>) -> Event {
        match kind {
            Some(FileKind::Btmp) if !self.is_unset() => Event::FailedLogin,
            _ => self.event(),
        }
    }

    /// Returns the remote address, if one is set.
    #[inline]
    pub fn addr(&self) -> Option<IpAddr> {
        self.ut_addr.ip()
    }

    /// Returns the time in UTC; `None` if it is not a valid date. [`Entry::ut_tv`] always has the
    /// stored numbers.
    #[inline]
    pub fn time(&self) -> Option<OffsetDateTime> {
        self.ut_tv.to_utc()
    }

    /// Returns the run level and the one before it; `None` if the record has no field for them.
    /// Only meaningful for [`Event::RunLevel`].
    pub fn run_level(&self) -> Option<RunLevel> {
        match self.platform.run_level {
            RunLevelEncoding::Pid => self.ut_pid.map(|pid| {
                let [level, previous, ..] = pid.to_le_bytes();
                RunLevel { level, previous }
            }),
            RunLevelEncoding::ExitStatus => self.ut_exit.map(|exit| {
                let ([level, ..], [previous, ..]) =
                    (exit.e_termination.to_le_bytes(), exit.e_exit.to_le_bytes());
                RunLevel { level, previous }
            }),
        }
    }

    /// Returns the bytes that a logout shares with its login: the line, or on FreeBSD 9 and later
    /// the identifier without trailing zeros. Empty if there are none.
    #[inline]
    pub fn session_key(&self) -> &'a [u8] {
        match self.platform.session_key {
            SessionKey::Line => self.ut_line.as_bytes(),
            SessionKey::Id => trim_zeros(self.ut_id.raw()),
        }
    }

    /// Returns whether type, time, line, user, host and pid are all zero.
    #[inline]
    pub fn is_unset(&self) -> bool {
        self.raw_type.unwrap_or(0) == 0
            && self.ut_tv == Timestamp::default()
            && self.ut_line.is_empty()
            && self.ut_user.is_empty()
            && self.ut_host.is_empty()
            && self.ut_pid.unwrap_or(0) == 0
    }
}

/// Compares what is stored: the numbers, every byte of each field, and the platform.
impl PartialEq for Entry<'_> {
    fn eq(&self, other: &Self) -> bool {
        core::ptr::eq(self.platform, other.platform) && self.same_content(other)
    }
}

impl Eq for Entry<'_> {}

impl Entry<'_> {
    /// Returns whether both hold the same values, whichever platform they were read as.
    pub(crate) fn same_content(&self, other: &Self) -> bool {
        self.raw_type == other.raw_type
            && self.ut_tv == other.ut_tv
            && self.ut_user.raw() == other.ut_user.raw()
            && self.ut_line.raw() == other.ut_line.raw()
            && self.ut_host.raw() == other.ut_host.raw()
            && self.ut_id.raw() == other.ut_id.raw()
            && self.ut_pid == other.ut_pid
            && self.ut_session == other.ut_session
            && self.ut_exit == other.ut_exit
            && self.ut_addr == other.ut_addr
            && self.logout == other.logout
            && self.service.map(Text::raw) == other.service.map(Text::raw)
            && self.failures == other.failures
            && self.remote_user.map(Text::raw) == other.remote_user.map(Text::raw)
    }
}

/// Serializes the entry as a struct with the names of this type's fields and methods.
///
/// The keys are `ut_type` (such as `USER_PROCESS`), `raw_type`, `event` (such as `login`), `ut_tv`
/// (`{"tv_sec": …, "tv_usec": …}`), `ut_user`, `ut_line`, `ut_host`, `ut_id` (text, escaped as
/// [`Text`] prints it), `ut_pid`, `ut_session`, `ut_exit` (`{"e_termination": …, "e_exit": …}`),
/// `addr`, `logout`, `service`, `failures` and `remote_user`. Fields that the platform does not store are null or empty.
/// These are the names of `struct utmpx`, for programs that process entries.
/// [`contract`](crate::contract) writes the shorter keys of the command line's JSON, with the
/// record's place.
#[cfg(feature = "serde")]
impl serde::Serialize for Entry<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut map = serializer.serialize_struct("Entry", 16)?;
        map.serialize_field("ut_type", &self.ut_type())?;
        map.serialize_field("raw_type", &self.raw_type)?;
        map.serialize_field("event", &self.event())?;
        map.serialize_field("ut_tv", &self.ut_tv)?;
        map.serialize_field("ut_user", &self.ut_user)?;
        map.serialize_field("ut_line", &self.ut_line)?;
        map.serialize_field("ut_host", &self.ut_host)?;
        map.serialize_field("ut_id", &self.ut_id)?;
        map.serialize_field("ut_pid", &self.ut_pid)?;
        map.serialize_field("ut_session", &self.ut_session)?;
        map.serialize_field("ut_exit", &self.ut_exit)?;
        map.serialize_field("addr", &self.addr())?;
        map.serialize_field("logout", &self.logout)?;
        map.serialize_field("service", &self.service)?;
        map.serialize_field("failures", &self.failures)?;
        map.serialize_field("remote_user", &self.remote_user)?;
        map.end()
    }
}
