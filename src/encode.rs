//! Entries back to bytes: the inverse of reading, from the same descriptors.

use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;

use crate::address::{AF_INET6_FREEBSD, AF_INET6_NETBSD, Address};
use crate::endian::write_uint;
use crate::entry::Entry;
use crate::field::{Field, Role};
use crate::frame::{Framing, is_zero};
use crate::layout::Layout;
use crate::text::Text;
use crate::timestamp::Timestamp;
use crate::ut_type::UtType;

/// What a layout cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// The text is longer than the field.
    TooLong {
        /// The platform's name of the field.
        field: &'static str,
        /// Bytes in the text.
        len: usize,
        /// Bytes in the field.
        room: usize,
    },
    /// The number or address does not fit the field.
    OutOfRange {
        /// The platform's name of the field.
        field: &'static str,
    },
    /// The layout has no field for something that is set.
    NoField {
        /// What is set, as `pid`.
        what: &'static str,
    },
    /// The layout cannot say this type.
    Type {
        /// The type.
        ut_type: UtType,
    },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            EncodeError::TooLong { field, len, room } => {
                write!(f, "{field} has room for {room} bytes, not {len}")
            }
            EncodeError::OutOfRange { field } => write!(f, "the value does not fit {field}"),
            EncodeError::NoField { what } => write!(f, "the layout has no field for the {what}"),
            EncodeError::Type { ut_type } => write!(f, "the layout cannot say {ut_type}"),
        }
    }
}

impl core::error::Error for EncodeError {}

impl Layout {
    /// The bytes of `entry` as one record of this layout, with its length in front and
    /// without its zero tail where records are stored so (`freebsd-utx-log`).
    ///
    /// # Errors
    ///
    /// What the layout cannot hold: a text too long, a number out of range, anything
    /// set that has no field here. What an [`Entry`] says is not cut. What it does not
    /// know is not written: padding and reserved bytes become zero, `ut_syslen` counts
    /// the NUL, ports of socket addresses are kept only from one such field to another,
    /// and bytes behind the NUL of a text only where the field is as wide.
    ///
    /// ```
    /// use loginrec::{Entry, Text, platform};
    ///
    /// let layout = platform::by_name("freebsd-utmp-44-be").unwrap();
    /// let mut entry = Entry::new(layout.dialect);
    /// entry.ut_line = Text::new(b"ttyp0");
    /// entry.ut_user = Text::new(b"alice");
    /// entry.ut_tv.tv_sec = 946_684_800;
    /// let record = layout.encode(&entry)?;
    /// assert_eq!(record.len(), 44);
    /// assert_eq!(layout.entry(&record).ut_user, "alice");
    ///
    /// entry.ut_line = Text::new(b"pts/1000x");
    /// let error = layout.encode(&entry).unwrap_err();
    /// assert_eq!(error.to_string(), "ut_line has room for 8 bytes, not 9");
    /// # Ok::<(), loginrec::EncodeError>(())
    /// ```
    pub fn encode(&self, entry: &Entry<'_>) -> Result<Vec<u8>, EncodeError> {
        self.has_room(entry)?;
        let mut record = alloc::vec![0u8; self.size];
        for field in self.fields {
            let Some(out) = record.get_mut(field.offset..).and_then(|r| r.get_mut(..field.len))
            else {
                continue; // fields lie within the record: asserted at compile time
            };
            self.write(field, entry, out)?;
        }
        if self.framing == Framing::LengthPrefixed {
            if is_zero(&record) {
                return Err(EncodeError::Type { ut_type: UtType::Empty }); // no such length
            }
            while record.last() == Some(&0) {
                record.pop();
            }
            let [.., high, low] = record.len().to_be_bytes();
            record.splice(0..0, [high, low]);
        }
        Ok(record)
    }

    fn write(&self, field: &Field, entry: &Entry<'_>, out: &mut [u8]) -> Result<(), EncodeError> {
        let Timestamp { tv_sec, tv_usec } = entry.ut_tv;
        let exit = entry.ut_exit.unwrap_or_default();
        match field.role {
            Role::Type => self.int(field, self.raw_type_of(entry)?.into(), out),
            Role::Sec => self.int(field, tv_sec, out),
            Role::Usec => self.int(field, tv_usec, out),
            Role::Micros => {
                let usec = u64::try_from(tv_usec).ok().filter(|&usec| usec < 1_000_000);
                let micros = u64::try_from(tv_sec)
                    .ok()
                    .zip(usec)
                    .and_then(|(sec, usec)| sec.checked_mul(1_000_000)?.checked_add(usec))
                    .ok_or(EncodeError::OutOfRange { field: field.name })?;
                write_uint(self.endian, micros, out);
                Ok(())
            }
            Role::User => text(field, entry.ut_user, out),
            Role::Line => text(field, entry.ut_line, out),
            Role::Host => text(field, entry.ut_host, out),
            Role::Id => id(field, entry.ut_id, out),
            Role::Pid => self.int(field, entry.ut_pid.unwrap_or(0), out),
            Role::Session => self.int(field, entry.ut_session.unwrap_or(0), out),
            Role::Termination => self.int(field, exit.e_termination.into(), out),
            Role::ExitStatus => self.int(field, exit.e_exit.into(), out),
            Role::AddrV4 | Role::AddrV6 | Role::SocketAddress => {
                self.address(field, entry.ut_addr, out)
            }
            Role::HostLength => {
                let len = entry.ut_host.as_bytes().len();
                let counted = if len == 0 { 0 } else { len.saturating_add(1) };
                self.int(field, counted as i64, out)
            }
            Role::Padding | Role::Reserved => Ok(()),
        }
    }

    fn int(&self, field: &Field, value: i64, out: &mut [u8]) -> Result<(), EncodeError> {
        write_uint(self.endian, value as u64, out);
        let fits = field.int_of(self.endian, out) == value;
        if fits { Ok(()) } else { Err(EncodeError::OutOfRange { field: field.name }) }
    }

    fn address(&self, field: &Field, addr: Address<'_>, out: &mut [u8]) -> Result<(), EncodeError> {
        let same = matches!(
            (field.role, addr),
            (Role::AddrV4, Address::V4(_))
                | (Role::AddrV6, Address::V6(_))
                | (Role::SocketAddress, Address::Socket(_))
        );
        let family =
            if self.dialect.system == "DragonFly" { AF_INET6_FREEBSD } else { AF_INET6_NETBSD };
        // Cygwin's field has more room than IPv4 needs.
        let spills = match addr {
            Address::V4(stored) => !is_zero(stored.get(4..).unwrap_or_default()),
            _ => false,
        };
        let mut bytes = Vec::new();
        match (field.role, addr.ip()) {
            _ if same && addr.raw().len() == out.len() => bytes.extend_from_slice(addr.raw()),
            (_, None) if is_zero(addr.raw()) => {}
            (Role::AddrV4 | Role::AddrV6, Some(IpAddr::V4(v4))) if !spills => {
                bytes.extend(v4.octets());
            }
            // Without a family, an IPv6 address that ends in zeros would be IPv4.
            (Role::AddrV6, Some(IpAddr::V6(v6))) if v6.to_bits() & (u128::MAX >> 32) != 0 => {
                bytes.extend(v6.octets());
            }
            (Role::SocketAddress, Some(IpAddr::V4(v4))) => {
                bytes.extend([16, 2, 0, 0]);
                bytes.extend(v4.octets());
            }
            (Role::SocketAddress, Some(IpAddr::V6(v6))) => {
                bytes.extend([28, family, 0, 0, 0, 0, 0, 0]);
                bytes.extend(v6.octets());
            }
            _ => return Err(EncodeError::OutOfRange { field: field.name }),
        }
        out.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        Ok(())
    }

    /// The number this layout stores for the entry's type.
    fn raw_type_of(&self, entry: &Entry<'_>) -> Result<i32, EncodeError> {
        match entry.raw_type {
            Some(raw) if entry.dialect.ut_types == self.dialect.ut_types => Ok(raw),
            _ => {
                let ut_type = entry.ut_type();
                self.dialect.raw_type(ut_type).ok_or(EncodeError::Type { ut_type })
            }
        }
    }

    /// Refuses what would be lost without a trace.
    fn has_room(&self, entry: &Entry<'_>) -> Result<(), EncodeError> {
        let set = [
            (!entry.ut_user.is_empty(), Role::User, "user"),
            (!entry.ut_line.is_empty(), Role::Line, "line"),
            (!entry.ut_host.is_empty(), Role::Host, "host"),
            (!is_zero(entry.ut_id.raw()), Role::Id, "id"),
            (entry.ut_pid.unwrap_or(0) != 0, Role::Pid, "pid"),
            (entry.ut_session.unwrap_or(0) != 0, Role::Session, "session"),
            (
                entry.ut_exit.unwrap_or_default() != Default::default(),
                Role::ExitStatus,
                "exit status",
            ),
        ];
        for (is_set, role, what) in set {
            if is_set && self.field(role).is_none() {
                return Err(EncodeError::NoField { what });
            }
        }
        if entry.ut_tv.tv_usec != 0 && !self.has_microseconds() {
            return Err(EncodeError::NoField { what: "microseconds" });
        }
        let addresses = [Role::AddrV4, Role::AddrV6, Role::SocketAddress];
        if !is_zero(entry.ut_addr.raw()) && addresses.iter().all(|&r| self.field(r).is_none()) {
            return Err(EncodeError::NoField { what: "address" });
        }
        if self.field(Role::Type).is_none() && !self.is_lastlog() {
            let unset = entry.ut_tv == Timestamp::default();
            let read = self.dialect.untyped(entry.ut_line, entry.ut_user, unset);
            let ut_type = entry.ut_type();
            if read != ut_type {
                return Err(EncodeError::Type { ut_type });
            }
        }
        Ok(())
    }
}

fn text(field: &Field, text: Text<'_>, out: &mut [u8]) -> Result<(), EncodeError> {
    let bytes = if text.raw().len() <= field.len { text.raw() } else { text.as_bytes() };
    if bytes.len() > field.len {
        return Err(EncodeError::TooLong { field: field.name, len: bytes.len(), room: field.len });
    }
    out.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    Ok(())
}

/// An identifier is bytes, zeros within it included.
fn id(field: &Field, id: Text<'_>, out: &mut [u8]) -> Result<(), EncodeError> {
    let len = id.raw().iter().rposition(|&b| b != 0).map_or(0, |last| last.saturating_add(1));
    if len > field.len {
        return Err(EncodeError::TooLong { field: field.name, len, room: field.len });
    }
    out.iter_mut().zip(id.raw()).for_each(|(to, from)| *to = *from);
    Ok(())
}
