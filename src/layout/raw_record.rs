//! The description of a record type: the [`RawRecord`] trait, and `record!`, which implements it
//! from a list of fields.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::Endian;
use crate::entry::Entry;
use crate::layout::field::Field;
use crate::platform::Platform;

/// A platform's record exactly as stored in the file. Sealed: implemented by the structs of
/// [`formats`](crate::formats) only.
///
/// ```
/// use loginrec::endian::LE;
/// use loginrec::formats::glibc::Utmp384;
/// use loginrec::layout::RawRecord as _;
///
/// let wtmp = std::fs::read("fixtures/glibc-x86_64/wtmp")?;
/// let (records, rest) = Utmp384::<LE>::slice_from(&wtmp);
/// assert!(rest.is_empty());
/// assert_eq!(records[6].ut_type.get(), 7);
/// # Ok::<(), std::io::Error>(())
/// ```
// To add one: a `#[repr(C)]` struct with the zerocopy derives, `record!` with the role of each
// field, and one row in `formats::LAYOUTS`.
pub trait RawRecord:
    sealed::Decode + FromBytes + Immutable + IntoBytes + KnownLayout + Unaligned + 'static
{
    /// The byte order of every integer in the record.
    const ENDIAN: Endian;
    /// The platform's numbering and rules.
    const PLATFORM: &'static Platform;
    /// Every byte of the record, in order.
    const FIELDS: &'static [Field];

    /// Returns the record in platform-neutral form.
    #[inline]
    fn entry(&self) -> Entry<'_> {
        // The length of a whole record is known here, which removes every check from `read`.
        Self::read(self.as_bytes())
    }

    /// Returns all whole records in `data`, and the remaining bytes. This is a cast.
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
    use crate::entry::Entry;
    use crate::layout::descriptor::Layout;

    /// Converts bytes to an entry.
    pub trait Decode {
        /// Whether some records of such a file have another layout of the same size, so that
        /// [`Decode::is_suspect`] must be called.
        const HAS_VARIANTS: bool = false;
        /// Whether such records occur only among those of another layout, whose
        /// [`Decode::variant`] recognizes them. Detection reports that layout.
        const IS_VARIANT: bool = false;
        /// Whether files may store such records without their trailing zeros.
        const IS_TRIMMED: bool = false;

        /// Decodes a record; missing bytes at the end count as zero. Loads only: decisions belong
        /// to the methods of [`Entry`], or loops over records become slow.
        fn read(record: &[u8]) -> Entry<'_>;

        /// Returns true for every record that [`Decode::variant`] may recognize, and for few
        /// others. Must be fast.
        #[inline]
        fn is_suspect(&self) -> bool {
            false
        }

        /// Returns the layout of a record that is stored in a file of `Self` but is not one. For
        /// records that another program damaged, the table in `formats` has the function.
        fn variant(_record: &[u8]) -> Option<&'static Layout> {
            None
        }
    }
}

/// Implements [`RawRecord`] from one list: `name @ offset: Role` for every byte.
///
/// The offsets are the platform's, copied from a compiled `offsetof` dump. A struct that differs
/// does not compile, nor does one with a byte that no field covers (see `Layout::of`). `$endian`
/// is the value of the struct's byte order.
macro_rules! record {
    (
        impl[$($generics:tt)*] $raw:ty, $endian:expr, $platform:expr;
        $($($name:ident).+ @ $offset:literal : $role:ident),* $(,)?
        $(; $($extra:item)*)?
    ) => {
        impl<$($generics)*> $crate::layout::raw_record::sealed::Decode for $raw {
            #[inline]
            fn read(record: &[u8]) -> $crate::entry::Entry<'_> {
                let mut entry = $crate::entry::Entry::new($platform);
                $($crate::layout::raw_record::load!(
                    entry,
                    $crate::layout::field::Stored::of(record, $offset, |r: &Self| &r.$($name).+),
                    $role
                );)*
                entry
            }

            $($($extra)*)?
        }

        impl<$($generics)*> $crate::layout::raw_record::RawRecord for $raw {
            const ENDIAN: $crate::endian::Endian = $endian;
            const PLATFORM: &'static $crate::platform::Platform = $platform;
            const FIELDS: &'static [$crate::layout::field::Field] = {
                $(assert!(
                    core::mem::offset_of!(Self, $($name).+) == $offset,
                    concat!(stringify!($($name).+), " is not at ", $offset)
                );)*
                &[$(
                    $crate::layout::field::Field::of(
                        stringify!($($name).+),
                        $offset,
                        $crate::layout::field::Role::$role,
                        |r: &Self| &r.$($name).+,
                    )
                ),*]
            };
        }
    };
}
pub(crate) use record;

/// Loads one stored field into its place in an [`Entry`].
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
        $e.ut_tv = $crate::value::timestamp::Timestamp::from_micros($f.int() as u64)
    };
    ($e:ident, $f:expr, User) => {
        $e.ut_user = $crate::value::text::Text::new($f.bytes)
    };
    ($e:ident, $f:expr, Line) => {
        $e.ut_line = $crate::value::text::Text::new($f.bytes)
    };
    ($e:ident, $f:expr, Host) => {
        $e.ut_host = $crate::value::text::Text::new($f.bytes)
    };
    ($e:ident, $f:expr, Id) => {
        $e.ut_id = $crate::value::text::Text::new($f.bytes)
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
        $e.ut_addr = $crate::value::address::Address::V4($f.bytes)
    };
    ($e:ident, $f:expr, AddrV6) => {
        $e.ut_addr = $crate::value::address::Address::V6($f.bytes)
    };
    ($e:ident, $f:expr, SocketAddress) => {
        $e.ut_addr = $crate::value::address::Address::Socket($f.bytes)
    };
    ($e:ident, $f:expr, Count) => {
        $e.failures.get_or_insert_default().count = $f.int()
    };
    ($e:ident, $f:expr, Limit) => {
        $e.failures.get_or_insert_default().max = $f.int() as i32
    };
    ($e:ident, $f:expr, LockSeconds) => {
        $e.failures.get_or_insert_default().lock_seconds = $f.int()
    };
    ($e:ident, $f:expr, Status) => {{
        let status = $f.int() as i32;
        $e.failures.get_or_insert_default().status = status;
        $e.settle_source(status);
    }};
    ($e:ident, $f:expr, Source) => {
        $e.set_source($f.bytes)
    };
    ($e:ident, $f:expr, RemoteUser) => {
        $e.remote_user = Some($crate::value::text::Text::new($f.bytes))
    };
    ($e:ident, $f:expr, LoginHost) => {
        if $e.ut_type() == $crate::value::ut_type::UtType::UserProcess {
            $e.ut_host = $crate::value::text::Text::new($f.bytes)
        }
    };
    ($e:ident, $f:expr, HostLength) => {};
    ($e:ident, $f:expr, Padding) => {};
    ($e:ident, $f:expr, Reserved) => {};
}
pub(crate) use load;
