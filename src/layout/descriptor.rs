//! The [`Layout`] descriptor.

use core::any::TypeId;
use core::fmt;

use crate::container::row::RowTable;
use crate::container::{Container, Frame};
use crate::endian::Endian;
use crate::entry::{Entry, Exit};
use crate::error::Error;
use crate::layout::field::{Field, Role};
use crate::layout::key_fields::KeyFields;
use crate::platform::{EventRules, Platform};
use crate::value::address::Address;
use crate::value::failures::Failures;
use crate::value::file_kind::FileKind;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;
use crate::value::ut_type::UtType;

/// The layout of a record: pure data, computed at compile time from a
/// [`RawRecord`](crate::layout::RawRecord).
///
/// ```
/// let layout = loginrec::formats::by_name("openbsd-utmp-304-le").unwrap();
/// assert_eq!(layout.size, 304);
/// let time = layout.fields.iter().find(|f| f.name == "ut_time").unwrap();
/// assert_eq!((time.offset, time.len), (296, 8));
/// ```
#[non_exhaustive]
pub struct Layout {
    /// Stable name, such as `linux-glibc-384-le`.
    pub name: &'static str,
    /// Length of a whole record in bytes.
    pub size: usize,
    /// Byte order of the integers.
    pub endian: Endian,
    /// How records follow one another.
    pub container: Container,
    /// Fields that cover every byte of the record, in order.
    pub fields: &'static [Field],
    /// The platform's numbering, rules and paths.
    pub platform: &'static Platform,
    pub(crate) key_fields: KeyFields,
    /// The roles of `fields`, one bit for each.
    pub(super) roles: u32,
    /// The table that has the rows, if records are rows of a database.
    pub(crate) rows: Option<&'static RowTable>,
    pub(crate) has_variants: bool,
    pub(crate) is_variant: bool,
    pub(crate) variant: fn(&[u8]) -> Option<&'static Layout>,
    pub(super) type_id: fn() -> TypeId,
    pub(super) decode: for<'a> fn(&Layout, &'a [u8]) -> Entry<'a>,
    pub(super) decode_stored: for<'a> fn(&Layout, &'a [u8]) -> Entry<'a>,
}

impl Layout {
    /// Returns whether records have a field with this role.
    #[inline]
    pub const fn has(&self, role: Role) -> bool {
        self.roles >> role as u32 & 1 == 1
    }

    /// Returns the field with this role.
    pub fn field(&self, role: Role) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.role == role)
    }

    /// Returns where the platform keeps files of this layout, the usual place first.
    pub fn paths(&self) -> impl Iterator<Item = (FileKind, &'static str)> + use<> {
        let Platform { paths, log_kind, .. } = *self.platform;
        let is_log = self.container == Container::LengthPrefixed;
        paths.iter().copied().filter(move |(kind, _)| (log_kind == Some(*kind)) == is_log)
    }

    /// Returns whether the platform keeps files of this kind in this layout.
    pub fn holds(&self, kind: FileKind) -> bool {
        self.paths().any(|(of, _)| of == kind)
    }

    /// Returns whether records are last logins: of a lastlog, lastlogx or lastlog2.
    pub const fn is_lastlog(&self) -> bool {
        matches!(self.platform.rules, EventRules::Lastlog)
    }

    /// Returns whether records count failed logins by user: of a faillog, tallylog, faillock or
    /// failedlogin.
    pub const fn is_failures(&self) -> bool {
        matches!(self.platform.rules, EventRules::Failures)
    }

    /// Returns whether records are events of a log rather than a user's last login or failures.
    pub const fn is_log(&self) -> bool {
        !self.is_lastlog() && !self.is_failures()
    }

    /// Returns whether records store fractions of a second.
    pub fn has_microseconds(&self) -> bool {
        self.key_fields.usec.or(self.key_fields.micros).is_some()
    }

    /// Returns whether seconds are 32 bits wide, so that the bytes of 1901 to 2038 and 1970 to 2106
    /// are the same; see [`Timestamp::unsigned32`].
    pub fn has_32bit_time(&self) -> bool {
        self.key_fields.sec.is_some_and(|field| field.len == 4)
    }

    /// Decodes one record's bytes as this layout. Missing bytes at the end count as zero.
    ///
    /// Some records of a file may have another layout, see [`Layout::format_of`].
    /// [`Record::entry`](crate::Record::entry) takes that into account.
    #[inline]
    pub fn decode<'a>(&self, record: &'a [u8]) -> Entry<'a> {
        (self.decode)(self, record)
    }

    /// Returns the layout of a record that is stored in a file of this one. It differs for records
    /// of another layout of the same size, which some programs wrote.
    #[inline]
    pub fn format_of(&'static self, record: &[u8]) -> &'static Layout {
        match self.has_variants {
            true => (self.variant)(record).unwrap_or(self),
            false => self,
        }
    }

    /// Decodes one record as the layout that [`Layout::format_of`] returns for it.
    #[inline]
    pub(crate) fn decode_stored<'a>(&self, record: &'a [u8]) -> Entry<'a> {
        (self.decode_stored)(self, record)
    }

    /// Checks that a frame can be a record: a database may hold values of any length.
    #[inline]
    pub(crate) fn check(&self, frame: &Frame<'_>) -> Result<(), Error> {
        match self.container {
            Container::BerkeleyHash if frame.bytes.len() != self.size => self.check_value(frame),
            _ => Ok(()),
        }
    }

    fn check_value(&self, frame: &Frame<'_>) -> Result<(), Error> {
        let (offset, len) = (frame.offset, frame.bytes.len() as u64);
        let known = (self.variant)(frame.bytes).is_some();
        known.then_some(()).ok_or(Error::ValueLength { offset, len })
    }

    /// Decodes a truncated record, field by field from the descriptor.
    pub(super) fn decode_fields<'a>(&self, record: &'a [u8]) -> Entry<'a> {
        let mut entry = Entry::new(self.platform);
        let mut exit: Option<Exit> = None;
        let mut failures: Option<Failures> = None;
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
                Role::Count => failures.get_or_insert_default().count = int(),
                Role::Limit => failures.get_or_insert_default().max = int() as i32,
                Role::LockSeconds => failures.get_or_insert_default().lock_seconds = int(),
                Role::Status => {
                    failures.get_or_insert_default().status = int() as i32;
                    entry.settle_source(int() as i32);
                }
                Role::Source => entry.set_source(bytes),
                Role::RemoteUser => entry.remote_user = Some(Text::new(bytes)),
                Role::LoginHost if entry.ut_type() == UtType::UserProcess => {
                    entry.ut_host = Text::new(bytes);
                }
                Role::LoginHost => {}
                Role::HostLength | Role::Padding | Role::Reserved => {}
                Role::Logout | Role::Service => {}
            }
        }
        entry.ut_exit = exit;
        entry.failures = failures;
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

/// Serializes the name.
#[cfg(feature = "serde")]
impl serde::Serialize for Layout {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

/// Prints the name.
impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Layout({})", self.name)
    }
}
