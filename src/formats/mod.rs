//! The table of all layouts, with one file per platform.

pub mod aix;
pub mod aux;
pub mod bsd;
pub mod bsdi;
pub mod cygwin;
pub mod dragonfly;
pub mod elks;
pub mod failedlogin;
pub mod faillog;
pub mod freebsd;
pub mod glibc;
pub mod hpux;
pub mod irix;
mod lastlog2;
pub mod lastlogx;
pub mod libc5;
mod logind;
pub mod macos;
pub mod minix;
pub mod musl;
pub mod netbsd;
pub mod openbsd;
pub mod pam;
pub mod qnx;
pub mod svr4;
pub mod time64;
pub mod tru64;
pub mod v7;
mod wtmpdb;

use crate::container::Container::{
    Array, Asl, AslSlots, BerkeleyHash, LengthPrefixed, Session, Slots,
};
use crate::endian::{BE, LE};
use crate::layout::{Layout, RawRecord};
use crate::value::unknown_name::UnknownName;

/// Writes the table once as data ([`LAYOUTS`]) and once as a dispatch function (`visit`).
macro_rules! layouts {
    ($($name:literal $raw:ty, $container:ident $(, damaged_by = $variant:path)?;)*) => {
        /// All layouts this crate can read.
        ///
        /// Detection tries them in this order, which decides between layouts that decode a file
        /// identically.
        pub static LAYOUTS: &[Layout] = &[
            $(Layout::of::<$raw>($name, $container)$(.damaged_by($variant))?),*
        ];

        /// Calls the visitor with the record type of a layout: once per file, not per record.
        pub(crate) fn visit<V: Visitor>(layout: &Layout, visitor: V) -> V::Output {
            match layout.name {
                $($name => visitor.visit::<$raw>(),)*
                _ => visitor.one_by_one(),
            }
        }
    };
}

layouts! {
    "linux-glibc-384-le"            glibc::Utmp384<LE>,             Array, damaged_by = time64::variant::<LE>;
    "linux-glibc-384-be"            glibc::Utmp384<BE>,             Array, damaged_by = time64::variant::<BE>;
    "linux-glibc-382-be"            glibc::Utmp382,                 Array;
    "linux-glibc-400-le"            glibc::Utmp400<LE>,             Array;
    "linux-glibc-400-be"            glibc::Utmp400<BE>,             Array;
    "linux-glibc-392-le"            glibc::Utmp392<LE>,             Array;
    "linux-glibc-392-be"            glibc::Utmp392<BE>,             Array;
    "linux-glibc-390-be"            glibc::Utmp390,                 Array;
    "linux-utmps-400-le"            musl::Utmps400<LE>,             Array;
    "linux-utmps-400-be"            musl::Utmps400<BE>,             Array;
    "linux-musl-400-be"             musl::Musl400,                  Array;
    "linux-musl-396-le"             musl::Musl396Le,                Array;
    "linux-musl-396-be"             musl::Musl396Be,                Array;
    "linux-time64a8-384-le"         time64::Time64Align8<LE>,       Array;
    "linux-time64a8-384-be"         time64::Time64Align8<BE>,       Array;
    "linux-time64a4-384-le"         time64::Time64Align4<LE>,       Array;
    "linux-time64a4-384-be"         time64::Time64Align4<BE>,       Array;
    "linux-libc5-56-le"             libc5::Utmp56<LE>,              Array;
    "linux-libc5-56-be"             libc5::Utmp56<BE>,              Array;
    "linux-libc5-54-be"             libc5::Utmp54,                  Array;
    "linux-libc5-52-be"             libc5::Utmp52,                  Array;
    "linux-lastlog-292-le"          glibc::Lastlog292<LE>,          Slots;
    "linux-lastlog-292-be"          glibc::Lastlog292<BE>,          Slots;
    "linux-lastlog-296-le"          glibc::Lastlog296<LE>,          Slots;
    "linux-lastlog-296-be"          glibc::Lastlog296<BE>,          Slots;
    "linux-libc5-lastlog-32-le"     libc5::Lastlog32<LE>,           Slots;
    "linux-libc5-lastlog-32-be"     libc5::Lastlog32<BE>,           Slots;
    "netbsd-utmp-40-le"             netbsd::Utmp40<LE>,             Array;
    "netbsd-utmp-40-be"             netbsd::Utmp40<BE>,             Array;
    "netbsd-lastlog-32-le"          netbsd::Lastlog32<LE>,          Slots;
    "netbsd-lastlog-32-be"          netbsd::Lastlog32<BE>,          Slots;
    "netbsd-utmpx-520-le"           netbsd::Utmpx520<LE>,           Array;
    "netbsd-utmpx-520-be"           netbsd::Utmpx520<BE>,           Array;
    "netbsd-utmpx-516-le"           netbsd::Utmpx516<LE>,           Array;
    "netbsd-utmpx-516-be"           netbsd::Utmpx516<BE>,           Array;
    "netbsd-utmpx1-520-le"          netbsd::UtmpxV1_520<LE>,         Array;
    "netbsd-utmpx1-520-be"          netbsd::UtmpxV1_520<BE>,         Array;
    "netbsd-utmpx1-512-le"          netbsd::UtmpxV1_512<LE>,         Array;
    "netbsd-utmpx1-512-be"          netbsd::UtmpxV1_512<BE>,         Array;
    "netbsd-lastlogx-432-le"        lastlogx::Lastlogx432<LE>,      BerkeleyHash;
    "netbsd-lastlogx-432-be"        lastlogx::Lastlogx432<BE>,      BerkeleyHash;
    "netbsd-lastlogx-428-le"        lastlogx::Lastlogx428<LE>,      BerkeleyHash;
    "netbsd-lastlogx-428-be"        lastlogx::Lastlogx428<BE>,      BerkeleyHash;
    "netbsd-lastlogx1-432-le"       lastlogx::LastlogxV1_432<LE>,    BerkeleyHash;
    "netbsd-lastlogx1-432-be"       lastlogx::LastlogxV1_432<BE>,    BerkeleyHash;
    "netbsd-lastlogx1-424-le"       lastlogx::LastlogxV1_424<LE>,    BerkeleyHash;
    "netbsd-lastlogx1-424-be"       lastlogx::LastlogxV1_424<BE>,    BerkeleyHash;
    "freebsd-utx"                   freebsd::Futx,                  Array; // active, lastlogin
    "freebsd-utx-log"               freebsd::Futx,                  LengthPrefixed;
    "freebsd-utmp-44-le"            freebsd::Utmp44<LE>,            Array;
    "freebsd-utmp-44-be"            freebsd::Utmp44<BE>,            Array;
    "dragonfly-utmpx-512-le"        dragonfly::Utmpx512,            Array;
    "dragonfly-utmpx-504-le"        dragonfly::Utmpx504,            Array;
    "dragonfly-utmp-48-le"          dragonfly::Utmp48,              Array;
    "openbsd-utmp-304-le"           openbsd::Utmp304<LE>,           Array;
    "openbsd-utmp-304-be"           openbsd::Utmp304<BE>,           Array;
    "openbsd-utmp-300-le"           openbsd::Utmp300<LE>,           Array;
    "openbsd-utmp-300-be"           openbsd::Utmp300<BE>,           Array;
    "openbsd-lastlog-272-le"        openbsd::Lastlog272<LE>,        Slots;
    "openbsd-lastlog-272-be"        openbsd::Lastlog272<BE>,        Slots;
    "openbsd-lastlog-268-le"        openbsd::Lastlog268<LE>,        Slots;
    "openbsd-lastlog-268-be"        openbsd::Lastlog268<BE>,        Slots;
    "macos-utmpx-628-le"            macos::Utmpx628<LE>,            Array;
    "macos-utmpx-628-be"            macos::Utmpx628<BE>,            Array;
    "svr4-utmpx-372-le"             svr4::Futmpx372<LE>,            Array;
    "svr4-utmpx-372-be"             svr4::Futmpx372<BE>,            Array;
    "svr4-utmp-36-le"               svr4::Utmp36<LE>,               Array;
    "svr4-utmp-36-be"               svr4::Utmp36<BE>,               Array;
    "aix-utmp-648-be"               aix::Utmp648,                   Array;
    "aix4-utmp-64-be"               aix::Utmp64,                    Array;
    "hpux-utmp-60-be"               hpux::Utmp60,                   Array;
    "tru64-utmp-392-le"             tru64::Utmp392,                 Array;
    "osf1-utmp-156-le"              tru64::Utmp156,                 Array;
    "qnx-utmp-48-le"                qnx::Utmp48<LE>,                Array;
    "qnx-utmp-48-be"                qnx::Utmp48<BE>,                Array;
    "minix-utmp-52-le"              minix::Utmp52,                  Array;
    "minix-utmp-48-le"              minix::Utmp48,                  Array;
    "aux-utmp-52-be"                aux::Utmp52,                    Array;
    "bsd-utmp-36-le"                bsd::Utmp36<LE>,                Array;
    "bsd-utmp-36-be"                bsd::Utmp36<BE>,                Array;
    "bsd-lastlog-28-le"             bsd::Lastlog28<LE>,             Slots;
    "bsd-lastlog-28-be"             bsd::Lastlog28<BE>,             Slots;
    "bsdi-utmp-60-le"               bsdi::Utmp60<LE>,               Array;
    "bsdi-utmp-60-be"               bsdi::Utmp60<BE>,               Array;
    "bsdi-lastlog-44-le"            bsdi::Lastlog44<LE>,            Slots;
    "bsdi-lastlog-44-be"            bsdi::Lastlog44<BE>,            Slots;
    "cygwin-utmp-320-le"            cygwin::Utmp320,                Array;
    "cygwin-utmp-308-le"            cygwin::Utmp308,                Array;
    "cygwin-lastlog-280-le"         cygwin::Lastlog280,             Slots;
    "cygwin-lastlog-276-le"         cygwin::Lastlog276,             Slots;
    "elks-utmp-50-le"               elks::Utmp50,                   Array;
    "v7-utmp-20-le"                 v7::Utmp20<LE>,                 Array;
    "v7-utmp-20-be"                 v7::Utmp20<BE>,                 Array;
    "v7-utmp-20-pdp"                v7::Utmp20Pdp,                  Array;
    "tru64-lastlog-292-le"          tru64::Lastlog292,              Slots;
    "svr42-lastlog-36-le"           svr4::Lastlog36,                Slots;
    "irix-lastlog-300-be"           irix::Lastlog300,               Array;
    "irix4-lastlog-84-be"           irix::Lastlog84,                Array;
    "irix5a-lastlog-36-be"          irix::Lastlog36,                Array;
    "linux-faillog-32-le"           faillog::Faillog32<LE>,         Slots;
    "linux-faillog-32-be"           faillog::Faillog32<BE>,         Slots;
    "linux-faillogw-32-le"          faillog::FaillogW32<LE>,        Slots;
    "linux-faillogw-32-be"          faillog::FaillogW32<BE>,        Slots;
    "linux-faillog-28-le"           faillog::Faillog28,             Slots;
    "linux-faillog-24-le"           faillog::Faillog24<LE>,         Slots;
    "linux-faillog-24-be"           faillog::Faillog24<BE>,         Slots;
    "linux-faillog-20-le"           faillog::Faillog20<LE>,         Slots;
    "linux-faillog-20-be"           faillog::Faillog20<BE>,         Slots;
    "linux-tallylog-64-le"          pam::Tallylog64<LE>,            Slots;
    "linux-tallylog-64-be"          pam::Tallylog64<BE>,            Slots;
    "linux-faillock-64-le"          pam::Faillock64<LE>,            Array;
    "linux-faillock-64-be"          pam::Faillock64<BE>,            Array;
    "openbsd-failedlogin-308-le"    failedlogin::Failedlogin308,    Slots;
    "openbsd-failedlogin-312-le"    failedlogin::Failedlogin312<LE>, Slots;
    "openbsd-failedlogin-312-be"    failedlogin::Failedlogin312<BE>, Slots;
    "openbsd-failedlogin32-312-le"  failedlogin::Failedlogin312Short<LE>, Slots;
    "openbsd-failedlogin32-312-be"  failedlogin::Failedlogin312Short<BE>, Slots;
    "openbsd-failedlogin54-312-le"  failedlogin::Failedlogin312Old<LE>, Slots;
    "openbsd-failedlogin54-312-be"  failedlogin::Failedlogin312Old<BE>, Slots;
    "openbsd-failedlogin-304-le"    failedlogin::Failedlogin304<LE>, Slots;
    "openbsd-failedlogin-304-be"    failedlogin::Failedlogin304<BE>, Slots;
    "openbsd-failedlogin-48-le"     failedlogin::Failedlogin48,     Slots;
    "openbsd-failedlogin-40-le"     failedlogin::Failedlogin40<LE>, Slots;
    "openbsd-failedlogin-40-be"     failedlogin::Failedlogin40<BE>, Slots;
}

/// The layouts of rows of SQLite databases, known by their tables, of messages of the Apple System
/// Log, and of text. They are not among [`LAYOUTS`]: a row has no record type.
pub static DATABASES: &[Layout] = &[
    Layout::of_rows("linux-wtmpdb", &wtmpdb::WTMPDB, &wtmpdb::WTMP, wtmpdb::COLUMNS),
    Layout::of_rows("linux-lastlog2", &lastlog2::LASTLOG2, &lastlog2::TABLE, lastlog2::COLUMNS),
    Layout::of_rows(
        "linux-lastlog2-05",
        &lastlog2::LASTLOG2,
        &lastlog2::TABLE_05,
        lastlog2::COLUMNS_05,
    ),
    Layout::of_messages("macos-asl", Asl, &macos::ASL, macos::ASL_KEYS),
    Layout::of_messages("macos-asl1", AslSlots, &macos::ASL1, macos::ASL_KEYS),
    Layout::of_messages("linux-logind", Session, &logind::SESSIONS, logind::KEYS),
];

/// Returns every layout: those of records, then those of rows.
pub fn all() -> impl Iterator<Item = &'static Layout> + Clone {
    LAYOUTS.iter().chain(DATABASES)
}

/// Code that needs a layout's record type.
pub(crate) trait Visitor: Sized {
    type Output;
    fn visit<R: RawRecord>(self) -> Self::Output;
    /// Runs without the record type, for a layout that is not in the table.
    fn one_by_one(self) -> Self::Output;
}

/// The length of the longest record of all layouts, in bytes.
pub const LONGEST: usize = {
    let (mut longest, mut rest) = (0, LAYOUTS);
    while let [layout, more @ ..] = rest {
        longest = if layout.size > longest { layout.size } else { longest };
        rest = more;
    }
    longest
};

/// The number of type numbers on the platform that has most of them.
pub(crate) const TYPE_COUNT: usize = {
    let (mut most, mut rest) = (0, LAYOUTS);
    while let [layout, more @ ..] = rest {
        let count = layout.platform.ut_types.len();
        most = if count > most { count } else { most };
        rest = more;
    }
    most
};

/// Databases assemble values up to this length.
const _: () = {
    let mut rest = LAYOUTS;
    while let [layout, more @ ..] = rest {
        let is_value = matches!(layout.container, BerkeleyHash);
        assert!(!is_value || layout.size as u64 <= crate::container::bdb::LONGEST_VALUE);
        rest = more;
    }
};

impl Layout {
    /// Returns the layout of the files that hold such records: another one for the damaged records
    /// of glibc 2.34 to 2.39 ([`time64`]), else this one.
    pub fn home(&'static self) -> &'static Layout {
        let is_home = |layout: &&Layout| {
            layout.has_variants && layout.size == self.size && layout.endian == self.endian
        };
        match self.is_variant {
            true => LAYOUTS.iter().find(is_home).unwrap_or(self),
            false => self,
        }
    }
}

/// Parses the name of a layout, as [`by_name`] does.
///
/// ```
/// use loginrec::Layout;
///
/// let layout: &Layout = "openbsd-utmp-304-le".parse()?;
/// assert_eq!(layout.to_string(), "openbsd-utmp-304-le");
/// # Ok::<(), loginrec::value::UnknownName>(())
/// ```
impl core::str::FromStr for &'static Layout {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<&'static Layout, UnknownName> {
        by_name(name).ok_or(UnknownName::new("layout"))
    }
}

/// Returns the layout with this name.
pub fn by_name(name: &str) -> Option<&'static Layout> {
    all().find(|layout| layout.name == name)
}
