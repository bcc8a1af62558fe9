//! One field of a record: its place and its role.

use core::marker::PhantomData;
use core::mem::size_of;

use zerocopy::{FromBytes, IntoBytes};

use crate::container::stored_row::Use;
use crate::endian::{
    ByteOrder, Endian, I16, I32, I64, Int, PdpI32, U16, U32, U64, read_int, read_uint,
};

/// One field of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// The platform's own name, such as `ut_user`.
    pub name: &'static str,
    /// Bytes from the start of the record.
    pub offset: usize,
    /// Length in bytes.
    pub len: usize,
    /// Whether an integer field is signed.
    pub signed: bool,
    /// The meaning of the bytes.
    pub role: Role,
}

/// The meaning of a field. Detection, decoding and encoding depend on nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// The stored type number.
    Type,
    /// Seconds since the epoch.
    Sec,
    /// Microseconds of the second.
    Usec,
    /// Microseconds since the epoch in one unsigned integer.
    Micros,
    /// User name.
    User,
    /// Terminal.
    Line,
    /// Remote host.
    Host,
    /// inittab id, terminal suffix, session token.
    Id,
    /// Process id.
    Pid,
    /// Session id.
    Session,
    /// Termination status.
    Termination,
    /// Exit status.
    ExitStatus,
    /// IPv4 address in the first four bytes, network order.
    AddrV4,
    /// IPv4 or IPv6 address in sixteen bytes, network order.
    AddrV6,
    /// BSD `struct sockaddr_storage`.
    SocketAddress,
    /// Length of the host text (System V `ut_syslen`).
    HostLength,
    /// Bytes that the C compiler added for alignment. Usually zero, but some platforms never clear
    /// them.
    Padding,
    /// Bytes that the platform reserves and clears.
    Reserved,
    /// When the session ended: a column of a database.
    Logout,
    /// The service that logged the user in: a column of a database.
    Service,
    /// Number of failed logins.
    Count,
    /// Number of failed logins that locks the account.
    Limit,
    /// Seconds for which the account is locked.
    LockSeconds,
    /// Status bits of pam_faillock.
    Status,
    /// Remote host, terminal or service of a failed login.
    Source,
    /// User name on the remote machine.
    RemoteUser,
    /// Remote host, if the record is a login; else bytes that no writer clears.
    LoginHost,
}

impl Role {
    /// Returns what a column of a database with this role is for.
    pub(crate) const fn row_use(self) -> Option<Use> {
        match self {
            Role::Type => Some(Use::Type),
            Role::Sec | Role::Micros => Some(Use::Time),
            Role::Logout => Some(Use::Logout),
            Role::User => Some(Use::User),
            Role::Line => Some(Use::Line),
            Role::Host => Some(Use::Host),
            Role::Service => Some(Use::Service),
            _ => None,
        }
    }
}

/// A type of a field: a type with alignment 1.
pub(crate) trait FieldType {
    /// Whether the type is a signed integer.
    const SIGNED: bool = false;
}
macro_rules! field_types {
    ($($t:ident $signed:literal),*) => { $(
        impl<O: ByteOrder> FieldType for $t<O> {
            const SIGNED: bool = $signed;
        }
    )* };
}
field_types!(I16 true, I32 true, I64 true, U16 false, U32 false, U64 false);
impl FieldType for u8 {}
impl FieldType for PdpI32 {
    const SIGNED: bool = true;
}
impl<const N: usize> FieldType for [u8; N] {}

impl Field {
    /// A column of a database, which has no fixed place in a record.
    pub(crate) const fn column(name: &'static str, role: Role) -> Field {
        Field { name, offset: 0, len: 0, signed: true, role }
    }

    /// Makes a field for `record!`: `_get` ties length and sign to the struct's own field type.
    pub(crate) const fn of<R, T: FieldType>(
        name: &'static str,
        offset: usize,
        role: Role,
        _get: fn(&R) -> &T,
    ) -> Field {
        Field { name, offset, len: size_of::<T>(), signed: T::SIGNED, role }
    }

    /// Returns this field's bytes of a record, as many as there are.
    #[inline]
    pub fn of_record<'a>(&self, record: &'a [u8]) -> &'a [u8] {
        let tail = record.get(self.offset..).unwrap_or_default();
        tail.get(..self.len).unwrap_or(tail)
    }

    /// Returns this field of a record as an integer; a `u64` above `i64::MAX` wraps.
    #[inline]
    pub fn int(&self, order: Endian, record: &[u8]) -> i64 {
        self.int_of(order, self.of_record(record))
    }

    /// Returns the integer in this field's own bytes.
    #[inline]
    pub(crate) fn int_of(&self, order: Endian, bytes: &[u8]) -> i64 {
        match self.signed {
            true => read_int(order, bytes, self.len),
            false => read_uint(order, bytes, self.len) as i64,
        }
    }
}

/// The stored bytes of one field, with its type.
pub(crate) struct Stored<'a, T> {
    pub(crate) bytes: &'a [u8],
    is: PhantomData<T>,
}

impl<'a, T> Stored<'a, T> {
    /// Takes a field for `record!`: `_get` ties the length to the struct's own field type.
    #[inline]
    pub(crate) fn of<R>(record: &'a [u8], offset: usize, _get: fn(&R) -> &T) -> Self {
        let tail = record.get(offset..).unwrap_or_default();
        Stored { bytes: tail.get(..size_of::<T>()).unwrap_or(tail), is: PhantomData }
    }

    /// Returns the integer; missing bytes count as zero.
    #[inline]
    pub(crate) fn int(self) -> i64
    where
        T: Int + FromBytes + IntoBytes,
    {
        match T::read_from_bytes(self.bytes) {
            Ok(whole) => whole.int(),
            Err(_) => padded::<T>(self.bytes).int(),
        }
    }
}

#[cold]
fn padded<T: FromBytes + IntoBytes>(bytes: &[u8]) -> T {
    let mut whole = T::new_zeroed();
    whole.as_mut_bytes().iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    whole
}
