use core::net::IpAddr;

use time::OffsetDateTime;

use crate::address::Address;
use crate::dialect::{Dialect, Event, FileKind};
use crate::text::Text;
use crate::timestamp::Timestamp;
use crate::ut_type::UtType;

/// One login record in platform-neutral form. Borrows its text from the file.
///
/// The fields are what is stored, under the names of `struct utmpx`; the methods say
/// what it means. A field the platform does not store is `None` or empty.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Entry<'a> {
    /// The platform's numbering and rules.
    pub dialect: &'static Dialect,
    /// The stored type number; `None` where records have no type (old BSD, lastlog).
    pub raw_type: Option<i32>,
    /// When, as stored.
    pub ut_tv: Timestamp,
    /// User name (`ut_name` on BSD).
    pub ut_user: Text<'a>,
    /// Terminal without `/dev/`, or a mark as `~`.
    pub ut_line: Text<'a>,
    /// Remote host, X display, or the kernel release of a Linux boot.
    pub ut_host: Text<'a>,
    /// `inittab` id, terminal suffix or binary session token.
    pub ut_id: Text<'a>,
    /// Process id. Linux run level records keep two characters here.
    pub ut_pid: Option<i64>,
    /// Session id or terminal index.
    pub ut_session: Option<i64>,
    /// Exit status of a dead process; levels of a run level record.
    pub ut_exit: Option<Exit>,
    /// Remote address as stored; see [`Entry::addr`].
    pub ut_addr: Address<'a>,
}

/// `ut_exit`. Meaningful in `DEAD_PROCESS` records only, and there seldom filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Exit {
    /// Signal number; systemd stores a `waitid` code, run level records a character.
    pub e_termination: i32,
    /// Exit status; run level records a character.
    pub e_exit: i32,
}

impl<'a> Entry<'a> {
    /// An entry with nothing set. Fill its fields and hand it to
    /// [`Layout::encode`](crate::Layout::encode).
    pub const fn new(dialect: &'static Dialect) -> Entry<'a> {
        Entry {
            dialect,
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
        }
    }

    /// The canonical type: looked up in the platform's numbering, or derived from
    /// line and user where no type is stored.
    #[inline]
    pub fn ut_type(&self) -> UtType {
        match self.raw_type {
            Some(raw) => self.dialect.ut_type(raw),
            None => {
                let unset = self.ut_tv == Timestamp::default();
                self.dialect.untyped(self.ut_line, self.ut_user, unset)
            }
        }
    }

    /// What happened, as far as the record alone tells. A `btmp` needs
    /// [`Entry::event_in`].
    #[inline]
    pub fn event(&self) -> Event {
        match self.is_unset() {
            true => Event::Empty,
            false => self.dialect.event(self.ut_type(), self.ut_line, self.ut_user),
        }
    }

    /// What happened, given what the file is kept for: in a `btmp` every record is a
    /// failed login, whatever its type.
    pub fn event_in(&self, kind: Option<FileKind>) -> Event {
        match kind {
            Some(FileKind::Btmp) if !self.is_unset() => Event::FailedLogin,
            _ => self.event(),
        }
    }

    /// Remote address, if one is set.
    #[inline]
    pub fn addr(&self) -> Option<IpAddr> {
        self.ut_addr.ip()
    }

    /// When, in UTC; `None` if no calendar has it. [`Entry::ut_tv`] always has the
    /// numbers.
    #[inline]
    pub fn time(&self) -> Option<OffsetDateTime> {
        self.ut_tv.to_utc()
    }

    /// Whether type, time, line, user, host and pid are all zero.
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

/// Equal as stored: same numbers, same bytes in every field, same platform rules.
impl PartialEq for Entry<'_> {
    fn eq(&self, other: &Self) -> bool {
        core::ptr::eq(self.dialect, other.dialect) && self.same_content(other)
    }
}

impl Eq for Entry<'_> {}

impl Entry<'_> {
    /// Whether both say the same, apart from the platform they were read as.
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
    }
}

/// Type and event, the stored numbers and texts, the address.
#[cfg(feature = "serde")]
impl serde::Serialize for Entry<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut map = serializer.serialize_struct("Entry", 12)?;
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
        map.end()
    }
}
