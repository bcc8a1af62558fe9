//! One field of a record: where it lies and what it means.

use core::marker::PhantomData;
use core::mem::size_of;

use zerocopy::{FromBytes, IntoBytes};

use crate::endian::{
    ByteOrder, Endian, I16, I32, I64, Int, PdpI32, U16, U32, U64, read_int, read_uint,
};

/// One field of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// The platform's own name.
    pub name: &'static str,
    /// Bytes from the start of the record.
    pub offset: usize,
    /// Bytes in the field.
    pub len: usize,
    /// Whether an integer field is signed.
    pub signed: bool,
    /// What the bytes mean.
    pub role: Role,
}

/// What a field is for. Detection, the generic reader and the writer know only this.
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
    /// Bytes the C compiler put in for alignment. Usually zero, but never cleared by
    /// some platforms.
    Padding,
    /// Bytes the platform reserves and zeroes.
    Reserved,
}

/// A type a field may have. Sealed: exactly the types with alignment 1.
pub trait FieldType: sealed::Sealed {
    /// Whether the type is a signed integer.
    const SIGNED: bool = false;
}
mod sealed {
    pub trait Sealed {}
}
macro_rules! field_types {
    ($($t:ident $signed:literal),*) => { $(
        impl<O: ByteOrder> sealed::Sealed for $t<O> {}
        impl<O: ByteOrder> FieldType for $t<O> {
            const SIGNED: bool = $signed;
        }
    )* };
}
field_types!(I16 true, I32 true, I64 true, U16 false, U32 false, U64 false);
impl sealed::Sealed for u8 {}
impl FieldType for u8 {}
impl sealed::Sealed for PdpI32 {}
impl FieldType for PdpI32 {
    const SIGNED: bool = true;
}
impl<const N: usize> sealed::Sealed for [u8; N] {}
impl<const N: usize> FieldType for [u8; N] {}

impl Field {
    /// For `record!`: `_get` ties length and sign to the struct's own field type.
    pub(crate) const fn of<R, T: FieldType>(
        name: &'static str,
        offset: usize,
        role: Role,
        _get: fn(&R) -> &T,
    ) -> Field {
        Field { name, offset, len: size_of::<T>(), signed: T::SIGNED, role }
    }

    /// This field's part of a record, as much of it as is there.
    #[inline]
    pub fn of_record<'a>(&self, record: &'a [u8]) -> &'a [u8] {
        let tail = record.get(self.offset..).unwrap_or_default();
        tail.get(..self.len).unwrap_or(tail)
    }

    /// This field of a record as an integer; a `u64` above `i64::MAX` wraps.
    #[inline]
    pub fn int(&self, order: Endian, record: &[u8]) -> i64 {
        self.int_of(order, self.of_record(record))
    }

    /// The integer in this field's own bytes.
    #[inline]
    pub(crate) fn int_of(&self, order: Endian, bytes: &[u8]) -> i64 {
        match self.signed {
            true => read_int(order, bytes, self.len),
            false => read_uint(order, bytes, self.len) as i64,
        }
    }
}

/// What a record stores of one field, and the field's type.
pub(crate) struct Stored<'a, T> {
    pub(crate) bytes: &'a [u8],
    is: PhantomData<T>,
}

impl<'a, T> Stored<'a, T> {
    /// For `record!`: `_get` ties the length to the struct's own field type.
    #[inline]
    pub(crate) fn of<R>(record: &'a [u8], offset: usize, _get: fn(&R) -> &T) -> Self {
        let tail = record.get(offset..).unwrap_or_default();
        Stored { bytes: tail.get(..size_of::<T>()).unwrap_or(tail), is: PhantomData }
    }

    /// The integer; missing bytes read as zero.
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
