//! What a record looks like: the [`Layout`] descriptor and the [`RawRecord`] trait it
//! is computed from.

use core::any::TypeId;
use core::fmt;
use core::mem::size_of;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::address::Address;
use crate::dialect::Dialect;
use crate::endian::{ByteOrder, Endian, I16, I32, I64, PdpI32, U16, U32, U64, read_int, read_uint};
use crate::entry::{Entry, Exit};
use crate::frame::Framing;
use crate::text::Text;
use crate::timestamp::Timestamp;

/// A platform's record as it lies in the file.
///
/// To add one: a `#[repr(C)]` struct with the zerocopy derives, `record!` to say what
/// each field means, and one row in [`LAYOUTS`](crate::platform::LAYOUTS).
pub trait RawRecord: FromBytes + Immutable + IntoBytes + KnownLayout + Unaligned + 'static {
    /// The byte order of every integer in the record.
    const ENDIAN: Endian;
    /// The platform's numbering and rules.
    const DIALECT: &'static Dialect;
    /// Every byte of the record, in order.
    const FIELDS: &'static [Field];
    /// Whether some records of such a file have another layout of the same size, so
    /// that [`RawRecord::is_suspect`] must be asked.
    const HAS_VARIANTS: bool = false;
    /// Whether such records lie only among those of another layout, as whose
    /// [`RawRecord::variant`] they are found: detection names that one.
    const IS_VARIANT: bool = false;

    /// The record in platform-neutral form. Loads only: decisions belong to
    /// [`Entry`]'s methods, or loops over records stop being fast.
    fn entry(&self) -> Entry<'_>;

    /// A cheap test that is true for every record [`RawRecord::variant`] may know.
    #[inline]
    fn is_suspect(&self) -> bool {
        false
    }

    /// The layout of a record that lies in a file of `Self` but is none.
    fn variant(_record: &[u8]) -> Option<&'static Layout> {
        None
    }

    /// All whole records in `data`, and what is left over. This is a cast.
    #[inline]
    fn slice_from(data: &[u8]) -> (&[Self], &[u8])
    where
        Self: Sized,
    {
        // Alignment is 1 and a slice may be empty, so this cannot fail.
        <[Self]>::ref_from_prefix(data).unwrap_or((&[], data))
    }
}

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

/// Implements [`RawRecord`] from one list: `name @ offset: Role` for every byte.
///
/// The offsets are the platform's, copied from a compiled `offsetof` dump; a struct
/// that disagrees does not compile, nor (in `Layout::of`) does one with a byte
/// unnamed. `$endian` is the value of the struct's byte order.
macro_rules! record {
    (
        impl[$($generics:tt)*] $raw:ty, $endian:expr, $dialect:expr;
        $($($name:ident).+ @ $offset:literal : $role:ident),* $(,)?
        $(; $($extra:item)*)?
    ) => {
        impl<$($generics)*> $crate::layout::RawRecord for $raw {
            const ENDIAN: $crate::endian::Endian = $endian;
            const DIALECT: &'static $crate::dialect::Dialect = $dialect;
            const FIELDS: &'static [$crate::layout::Field] = {
                $(assert!(
                    core::mem::offset_of!(Self, $($name).+) == $offset,
                    concat!(stringify!($($name).+), " is not at ", $offset)
                );)*
                &[$(
                    $crate::layout::Field::of(
                        stringify!($($name).+),
                        $offset,
                        $crate::layout::Role::$role,
                        |r: &Self| &r.$($name).+,
                    )
                ),*]
            };

            #[inline]
            fn entry(&self) -> $crate::entry::Entry<'_> {
                let mut entry = $crate::entry::Entry::new($dialect);
                $($crate::layout::load!(entry, self.$($name).+, $role);)*
                entry
            }

            $($($extra)*)?
        }
    };
}
pub(crate) use record;

/// One field of a struct into its place in an [`Entry`].
macro_rules! load {
    ($e:ident, $f:expr, Type) => {
        $e.raw_type = Some($crate::endian::Int::int(&$f) as i32)
    };
    ($e:ident, $f:expr, Sec) => {
        $e.ut_tv.tv_sec = $crate::endian::Int::int(&$f)
    };
    ($e:ident, $f:expr, Usec) => {
        $e.ut_tv.tv_usec = $crate::endian::Int::int(&$f)
    };
    ($e:ident, $f:expr, Micros) => {
        $e.ut_tv = $crate::timestamp::Timestamp::from_micros($crate::endian::Int::int(&$f) as u64)
    };
    ($e:ident, $f:expr, User) => {
        $e.ut_user = $crate::text::Text::new(&$f)
    };
    ($e:ident, $f:expr, Line) => {
        $e.ut_line = $crate::text::Text::new(&$f)
    };
    ($e:ident, $f:expr, Host) => {
        $e.ut_host = $crate::text::Text::new(&$f)
    };
    ($e:ident, $f:expr, Id) => {
        $e.ut_id = $crate::text::Text::new(&$f)
    };
    ($e:ident, $f:expr, Pid) => {
        $e.ut_pid = Some($crate::endian::Int::int(&$f))
    };
    ($e:ident, $f:expr, Session) => {
        $e.ut_session = Some($crate::endian::Int::int(&$f))
    };
    ($e:ident, $f:expr, Termination) => {
        $e.ut_exit.get_or_insert_default().e_termination = $crate::endian::Int::int(&$f) as i32
    };
    ($e:ident, $f:expr, ExitStatus) => {
        $e.ut_exit.get_or_insert_default().e_exit = $crate::endian::Int::int(&$f) as i32
    };
    ($e:ident, $f:expr, AddrV4) => {
        $e.ut_addr = $crate::address::Address::V4(&$f)
    };
    ($e:ident, $f:expr, AddrV6) => {
        $e.ut_addr = $crate::address::Address::V6(&$f)
    };
    ($e:ident, $f:expr, SocketAddress) => {
        $e.ut_addr = $crate::address::Address::Socket(&$f)
    };
    ($e:ident, $f:expr, HostLength) => {};
    ($e:ident, $f:expr, Padding) => {};
    ($e:ident, $f:expr, Reserved) => {};
}
pub(crate) use load;

const fn covers(fields: &[Field], size: usize) -> bool {
    let (mut rest, mut at) = (fields, 0usize);
    while let [field, tail @ ..] = rest {
        if field.offset != at {
            return false;
        }
        at = at.saturating_add(field.len);
        rest = tail;
    }
    at == size
}

/// A record layout: pure data, computed at compile time from a [`RawRecord`].
///
/// ```
/// let layout = loginrec::platform::by_name("openbsd-utmp-304-le").unwrap();
/// assert_eq!(layout.size, 304);
/// let time = layout.fields.iter().find(|f| f.name == "ut_time").unwrap();
/// assert_eq!((time.offset, time.len), (296, 8));
/// ```
#[non_exhaustive]
pub struct Layout {
    /// Stable name, e.g. `linux-glibc-384-le`.
    pub name: &'static str,
    /// Bytes in a whole record.
    pub size: usize,
    /// Byte order of the integers.
    pub endian: Endian,
    /// How records follow one another.
    pub framing: Framing,
    /// Every byte of the record.
    pub fields: &'static [Field],
    /// The platform's numbering, rules and paths.
    pub dialect: &'static Dialect,
    pub(crate) has_variants: bool,
    pub(crate) is_variant: bool,
    pub(crate) variant: fn(&[u8]) -> Option<&'static Layout>,
    type_id: fn() -> TypeId,
    decode: for<'a> fn(&Layout, &'a [u8]) -> Entry<'a>,
}

impl Layout {
    /// The layout of `R` under `framing`.
    ///
    /// Does not compile unless `R::FIELDS` names every byte of `R` once.
    pub(crate) const fn of<R: RawRecord>(name: &'static str, framing: Framing) -> Layout {
        const {
            assert!(covers(R::FIELDS, size_of::<R>()), "fields leave a gap or overlap");
        }
        Layout {
            name,
            size: size_of::<R>(),
            endian: R::ENDIAN,
            framing,
            fields: R::FIELDS,
            dialect: R::DIALECT,
            has_variants: R::HAS_VARIANTS,
            is_variant: R::IS_VARIANT,
            variant: R::variant,
            type_id: TypeId::of::<R>,
            decode: decode::<R>,
        }
    }

    /// Whether this is the layout of `R`.
    pub fn is<R: RawRecord>(&self) -> bool {
        (self.type_id)() == TypeId::of::<R>()
    }

    /// The field with this role.
    pub fn field(&self, role: Role) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.role == role)
    }

    /// Whether records carry a user id instead of a name: lastlog and lastlogx.
    pub const fn is_lastlog(&self) -> bool {
        matches!(self.framing, Framing::Indexed | Framing::Database)
    }

    /// Whether records store parts of a second.
    pub fn has_microseconds(&self) -> bool {
        self.field(Role::Usec).or_else(|| self.field(Role::Micros)).is_some()
    }

    /// Whether seconds are 32 bits wide, so that 1901 to 2038 and 1970 to 2106 are the
    /// same bytes; see [`Timestamp::unsigned32`].
    pub fn has_32bit_time(&self) -> bool {
        self.field(Role::Sec).is_some_and(|f| f.len == 4)
    }

    /// One record's bytes in platform-neutral form. Missing bytes at the end read as
    /// zero.
    #[inline]
    pub fn entry<'a>(&self, record: &'a [u8]) -> Entry<'a> {
        (self.decode)(self, record)
    }

    /// As [`Layout::entry`], field by field from the descriptor alone. Reads records
    /// whose zero tail was not stored, and checks the fast reader.
    pub fn interpret<'a>(&self, record: &'a [u8]) -> Entry<'a> {
        let mut entry = Entry::new(self.dialect);
        let mut exit: Option<Exit> = None;
        for field in self.fields {
            let bytes = field.of_record(record);
            let int = || field.int(self.endian, record);
            match field.role {
                Role::Type => entry.raw_type = Some(int() as i32),
                Role::Sec => entry.ut_tv.tv_sec = int(),
                Role::Usec => entry.ut_tv.tv_usec = int(),
                Role::Micros => entry.ut_tv = Timestamp::from_micros(int() as u64),
                Role::User => entry.ut_user = Text::new(bytes),
                Role::Line => entry.ut_line = Text::new(bytes),
                Role::Host => entry.ut_host = Text::new(bytes),
                Role::Id => entry.ut_id = Text::new(bytes),
                Role::Pid => entry.ut_pid = Some(int()),
                Role::Session => entry.ut_session = Some(int()),
                Role::Termination => exit.get_or_insert_default().e_termination = int() as i32,
                Role::ExitStatus => exit.get_or_insert_default().e_exit = int() as i32,
                Role::AddrV4 => entry.ut_addr = Address::V4(bytes),
                Role::AddrV6 => entry.ut_addr = Address::V6(bytes),
                Role::SocketAddress => entry.ut_addr = Address::Socket(bytes),
                Role::HostLength | Role::Padding | Role::Reserved => {}
            }
        }
        entry.ut_exit = exit;
        entry
    }
}

#[inline]
fn decode<'a, R: RawRecord>(layout: &Layout, record: &'a [u8]) -> Entry<'a> {
    match R::ref_from_prefix(record) {
        Ok((raw, _)) => raw.entry(),
        Err(_) => layout.interpret(record),
    }
}

impl PartialEq for Layout {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Layout {}

impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Layout({})", self.name)
    }
}
