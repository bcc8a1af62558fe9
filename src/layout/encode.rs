//! Encodes entries: the inverse of reading, from the same descriptors.

use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;

use crate::container::Container;
use crate::endian::write_uint;
use crate::entry::Entry;
use crate::layout::descriptor::Layout;
use crate::layout::field::{Field, Role};
use crate::scan::{is_zero, trim_zeros};
use crate::value::address::Address;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;
use crate::value::ut_type::UtType;

/// The reason why a layout cannot store an entry.
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
        /// The name of the value, such as `pid`.
        what: &'static str,
    },
    /// Records are rows of a database or messages of a log, which are not written.
    NoRecord,
    /// The layout has no number for this type.
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
            EncodeError::NoRecord => f.write_str("databases and messages are read, not written"),
            EncodeError::Type { ut_type } => {
                write!(f, "the layout has no number for the type {ut_type}")
            }
        }
    }
}

impl core::error::Error for EncodeError {}

impl Layout {
    /// Encodes `entry` as one record of this layout, with its length before it and without its
    /// trailing zeros if the file stores them so (`freebsd-utx-log`).
    ///
    /// # Errors
    ///
    /// If the layout cannot store the entry: a text is too long, a number is out of range, or a
    /// value has no field. Nothing is truncated. Bytes that an [`Entry`] does not have are not
    /// written: padding and reserved bytes become zero, `ut_syslen` counts the NUL, ports of socket
    /// addresses are kept only from one such field to another, and bytes after the NUL of a text
    /// only if the field has the same length.
    ///
    /// ```
    /// use loginrec::{Entry, Text, formats};
    ///
    /// let layout = formats::by_name("freebsd-utmp-44-be").unwrap();
    /// let mut entry = Entry::new(layout.platform);
    /// entry.ut_line = Text::new(b"ttyp0");
    /// entry.ut_user = Text::new(b"alice");
    /// entry.ut_tv.tv_sec = 946_684_800;
    /// let record = layout.encode(&entry)?;
    /// assert_eq!(record.len(), 44);
    /// assert_eq!(layout.decode(&record).ut_user, "alice");
    ///
    /// entry.ut_line = Text::new(b"pts/1000x");
    /// let error = layout.encode(&entry).unwrap_err();
    /// assert_eq!(error.to_string(), "ut_line has room for 8 bytes, not 9");
    /// # Ok::<(), loginrec::layout::EncodeError>(())
    /// ```
    pub fn encode(&self, entry: &Entry<'_>) -> Result<Vec<u8>, EncodeError> {
        if self.container.has_rows() {
            return Err(EncodeError::NoRecord);
        }
        self.has_room(entry)?;
        let mut record = alloc::vec![0u8; self.size];
        for field in self.fields {
            let Some(out) = record.get_mut(field.offset..).and_then(|r| r.get_mut(..field.len))
            else {
                continue; // fields lie within the record: asserted at compile time
            };
            self.write(field, entry, out)?;
        }
        if self.container == Container::LengthPrefixed {
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
        let failures = entry.failures.unwrap_or_default();
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
            Role::Count => self.int(field, failures.count, out),
            Role::Limit => self.int(field, failures.max.into(), out),
            Role::LockSeconds => self.int(field, failures.lock_seconds, out),
            Role::Status => self.int(field, failures.status.into(), out),
            Role::Source if entry.ut_host.raw().is_empty() => text(field, entry.ut_line, out),
            Role::Source => text(field, entry.ut_host, out),
            Role::RemoteUser => text(field, entry.remote_user.unwrap_or_default(), out),
            Role::LoginHost => text(field, entry.ut_host, out),
            Role::Padding | Role::Reserved => Ok(()),
            Role::Logout | Role::Service => Ok(()),
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
        // Cygwin's field is larger than an IPv4 address.
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
            // Without a family, an IPv6 address that ends in zeros would read as IPv4.
            (Role::AddrV6, Some(IpAddr::V6(v6))) if v6.to_bits() & (u128::MAX >> 32) != 0 => {
                bytes.extend(v6.octets());
            }
            (Role::SocketAddress, Some(IpAddr::V4(v4))) => {
                bytes.extend([16, 2, 0, 0]);
                bytes.extend(v4.octets());
            }
            (Role::SocketAddress, Some(IpAddr::V6(v6))) => {
                bytes.extend([28, self.platform.af_inet6, 0, 0, 0, 0, 0, 0]);
                bytes.extend(v6.octets());
            }
            _ => return Err(EncodeError::OutOfRange { field: field.name }),
        }
        out.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        Ok(())
    }

    /// Returns the number that this layout stores for the entry's type.
    fn raw_type_of(&self, entry: &Entry<'_>) -> Result<i32, EncodeError> {
        match entry.raw_type {
            Some(raw) if entry.platform.numbers_types_as(self.platform) => Ok(raw),
            _ => {
                let ut_type = entry.ut_type();
                self.platform.raw_type(ut_type).ok_or(EncodeError::Type { ut_type })
            }
        }
    }

    /// Rejects values that would be lost silently.
    fn has_room(&self, entry: &Entry<'_>) -> Result<(), EncodeError> {
        let failures = entry.failures.unwrap_or_default();
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
            (failures.count != 0, Role::Count, "number of failures"),
            (failures.max != 0, Role::Limit, "limit of failures"),
            (failures.lock_seconds != 0, Role::LockSeconds, "lock time"),
            (failures.status != 0, Role::Status, "status"),
            (
                entry.remote_user.is_some_and(|user| !user.is_empty()),
                Role::RemoteUser,
                "remote user",
            ),
        ];
        for (is_set, role, what) in set {
            if is_set && !self.has(role) {
                return Err(EncodeError::NoField { what });
            }
        }
        if entry.ut_tv.tv_usec != 0 && !self.has_microseconds() {
            return Err(EncodeError::NoField { what: "microseconds" });
        }
        if entry.logout.is_some() {
            return Err(EncodeError::NoField { what: "logout" });
        }
        if entry.service.is_some_and(|service| !service.is_empty()) {
            return Err(EncodeError::NoField { what: "service" });
        }
        let addresses = [Role::AddrV4, Role::AddrV6, Role::SocketAddress];
        if !is_zero(entry.ut_addr.raw()) && addresses.iter().all(|&r| !self.has(r)) {
            return Err(EncodeError::NoField { what: "address" });
        }
        if !self.has(Role::Type) && !self.is_lastlog() && !self.is_failures() {
            let unset = entry.ut_tv == Timestamp::default();
            let read = self.platform.untyped(entry.ut_line, entry.ut_user, unset);
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

/// Encodes an identifier: bytes, including zeros within it.
fn id(field: &Field, id: Text<'_>, out: &mut [u8]) -> Result<(), EncodeError> {
    let len = trim_zeros(id.raw()).len();
    if len > field.len {
        return Err(EncodeError::TooLong { field: field.name, len, room: field.len });
    }
    out.iter_mut().zip(id.raw()).for_each(|(to, from)| *to = *from);
    Ok(())
}
