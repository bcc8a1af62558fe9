//! What a record looks like: the [`Layout`] descriptor and the [`RawRecord`] trait it
//! is computed from.

pub(crate) mod decode;
mod outline;

use core::any::TypeId;
use core::fmt;
use core::mem::size_of;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

pub(crate) use self::outline::{Outline, Tell};
use crate::address::Address;
use crate::dialect::Dialect;
use crate::endian::Endian;
use crate::entry::{Entry, Exit};
use crate::error::Error;
pub use crate::field::{Field, FieldType, Role};
use crate::frame::{Frame, Frames, Framing};
use crate::text::Text;
use crate::timestamp::Timestamp;

/// A platform's record as it lies in the file. Sealed: exactly the structs of
/// [`platform`](crate::platform).
// To add one: a `#[repr(C)]` struct with the zerocopy derives, `record!` to say what each
// field means, and one row in `platform::LAYOUTS`.
pub trait RawRecord:
    sealed::Sealed + FromBytes + Immutable + IntoBytes + KnownLayout + Unaligned + 'static
{
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
    /// Whether files may store such records without their zero tail.
    const IS_TRIMMED: bool = false;

    /// The record in platform-neutral form.
    #[inline]
    fn entry(&self) -> Entry<'_> {
        // Of a whole record the length is known here: every check in `read` goes away.
        Self::read(self.as_bytes())
    }

    /// A record's bytes in platform-neutral form; missing bytes at the end read as zero.
    /// Loads only: decisions belong to [`Entry`]'s methods, or loops over records stop
    /// being fast.
    fn read(record: &[u8]) -> Entry<'_>;

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

pub(crate) mod sealed {
    pub trait Sealed {}
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
        impl<$($generics)*> $crate::layout::sealed::Sealed for $raw {}

        impl<$($generics)*> $crate::layout::RawRecord for $raw {
            const ENDIAN: $crate::endian::Endian = $endian;
            const DIALECT: &'static $crate::dialect::Dialect = $dialect;
            const FIELDS: &'static [$crate::field::Field] = {
                $(assert!(
                    core::mem::offset_of!(Self, $($name).+) == $offset,
                    concat!(stringify!($($name).+), " is not at ", $offset)
                );)*
                &[$(
                    $crate::field::Field::of(
                        stringify!($($name).+),
                        $offset,
                        $crate::field::Role::$role,
                        |r: &Self| &r.$($name).+,
                    )
                ),*]
            };

            #[inline]
            fn read(record: &[u8]) -> $crate::entry::Entry<'_> {
                let mut entry = $crate::entry::Entry::new($dialect);
                $($crate::layout::load!(
                    entry,
                    $crate::field::Stored::of(record, $offset, |r: &Self| &r.$($name).+),
                    $role
                );)*
                entry
            }

            $($($extra)*)?
        }
    };
}
pub(crate) use record;

/// One stored field into its place in an [`Entry`].
macro_rules! load {
    ($e:ident, $f:expr, Type) => {
        $e.raw_type = Some($f.int() as i32)
    };
    ($e:ident, $f:expr, Sec) => {
        $e.ut_tv.tv_sec = $f.int()
    };
    ($e:ident, $f:expr, Usec) => {
        $e.ut_tv.tv_usec = $f.int()
    };
    ($e:ident, $f:expr, Micros) => {
        $e.ut_tv = $crate::timestamp::Timestamp::from_micros($f.int() as u64)
    };
    ($e:ident, $f:expr, User) => {
        $e.ut_user = $crate::text::Text::new($f.bytes)
    };
    ($e:ident, $f:expr, Line) => {
        $e.ut_line = $crate::text::Text::new($f.bytes)
    };
    ($e:ident, $f:expr, Host) => {
        $e.ut_host = $crate::text::Text::new($f.bytes)
    };
    ($e:ident, $f:expr, Id) => {
        $e.ut_id = $crate::text::Text::new($f.bytes)
    };
    ($e:ident, $f:expr, Pid) => {
        $e.ut_pid = Some($f.int())
    };
    ($e:ident, $f:expr, Session) => {
        $e.ut_session = Some($f.int())
    };
    ($e:ident, $f:expr, Termination) => {
        $e.ut_exit.get_or_insert_default().e_termination = $f.int() as i32
    };
    ($e:ident, $f:expr, ExitStatus) => {
        $e.ut_exit.get_or_insert_default().e_exit = $f.int() as i32
    };
    ($e:ident, $f:expr, AddrV4) => {
        $e.ut_addr = $crate::address::Address::V4($f.bytes)
    };
    ($e:ident, $f:expr, AddrV6) => {
        $e.ut_addr = $crate::address::Address::V6($f.bytes)
    };
    ($e:ident, $f:expr, SocketAddress) => {
        $e.ut_addr = $crate::address::Address::Socket($f.bytes)
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
    pub(crate) outline: Outline,
    pub(crate) has_variants: bool,
    pub(crate) is_variant: bool,
    pub(crate) variant: fn(&[u8]) -> Option<&'static Layout>,
    type_id: fn() -> TypeId,
    decode: for<'a> fn(&Layout, &'a [u8]) -> Entry<'a>,
    decode_own: for<'a> fn(&Layout, &'a [u8]) -> Entry<'a>,
    decode_next: for<'a> fn(&Layout, &mut Frames<'a>) -> Option<Result<Entry<'a>, Error>>,
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
            outline: Outline::of(R::FIELDS, R::ENDIAN, R::DIALECT.ut_types),
            has_variants: R::HAS_VARIANTS,
            is_variant: R::IS_VARIANT,
            variant: R::variant,
            type_id: TypeId::of::<R>,
            decode: decode::of::<R>,
            decode_own: decode::own::<R>,
            decode_next: decode::next::<R>,
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
        self.outline.usec.or(self.outline.micros).is_some()
    }

    /// Whether seconds are 32 bits wide, so that 1901 to 2038 and 1970 to 2106 are the
    /// same bytes; see [`Timestamp::unsigned32`].
    pub fn has_32bit_time(&self) -> bool {
        self.outline.sec.is_some_and(|field| field.len == 4)
    }

    /// One record's bytes in platform-neutral form. Missing bytes at the end read as
    /// zero.
    #[inline]
    pub fn entry<'a>(&self, record: &'a [u8]) -> Entry<'a> {
        (self.decode)(self, record)
    }

    /// The layout of a record that may have one of its own.
    #[inline]
    pub(crate) fn own(&'static self, record: &[u8]) -> &'static Layout {
        match self.has_variants {
            true => (self.variant)(record).unwrap_or(self),
            false => self,
        }
    }

    /// As [`Layout::entry`], of a record that may have a layout of its own.
    #[inline]
    pub(crate) fn own_entry<'a>(&self, record: &'a [u8]) -> Entry<'a> {
        (self.decode_own)(self, record)
    }

    /// The next of `frames` as [`Layout::own_entry`]. One call through a pointer, and the
    /// entry is built where the caller wants it.
    #[inline]
    pub(crate) fn next_entry<'a>(
        &self,
        frames: &mut Frames<'a>,
    ) -> Option<Result<Entry<'a>, Error>> {
        (self.decode_next)(self, frames)
    }

    /// Whether a frame can be a record: a database may hold values of any length.
    #[inline]
    pub(crate) fn check(&self, frame: &Frame<'_>) -> Result<(), Error> {
        match self.framing {
            Framing::Database if frame.bytes.len() != self.size => self.check_value(frame),
            _ => Ok(()),
        }
    }

    fn check_value(&self, frame: &Frame<'_>) -> Result<(), Error> {
        let (offset, len) = (frame.offset, frame.bytes.len() as u64);
        let known = (self.variant)(frame.bytes).is_some();
        known.then_some(()).ok_or(Error::ValueLength { offset, len })
    }

    /// As [`Layout::entry`], field by field from the descriptor alone. Reads records that
    /// are cut short, and checks the fast reader.
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

impl PartialEq for Layout {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Layout {}

impl core::hash::Hash for Layout {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Layout({})", self.name)
    }
}
