//! One file per platform; one row per layout here.

pub mod aix;
pub mod bsd;
pub mod bsdi;
pub mod cygwin;
pub mod dragonfly;
pub mod elks;
pub mod freebsd;
pub mod glibc;
pub mod hpux;
pub mod lastlogx;
pub mod libc5;
pub mod macos;
pub mod minix;
pub mod musl;
pub mod netbsd;
pub mod openbsd;
pub mod qnx;
pub mod svr4;
pub mod time64;
pub mod tru64;
pub mod v7;

use crate::endian::{BE, LE};
use crate::frame::Framing::{Database, Fixed, Indexed, LengthPrefixed};
use crate::layout::{Layout, RawRecord};

/// Writes the table once as data ([`LAYOUTS`]) and once as a dispatch (`visit`).
macro_rules! layouts {
    ($($name:literal $raw:ty, $framing:ident;)*) => {
        /// Every layout this crate can read. Detection tries them in this order, which
        /// decides between layouts that read a file the same.
        pub static LAYOUTS: &[Layout] = &[$(Layout::of::<$raw>($name, $framing)),*];

        /// Turns a layout back into its record type: once per file, not per record.
        pub(crate) fn visit<V: Visitor>(layout: &Layout, visitor: V) -> V::Output {
            match layout.name {
                $($name => visitor.visit::<$raw>(),)*
                _ => visitor.one_by_one(),
            }
        }
    };
}

layouts! {
    "linux-glibc-384-le"            glibc::Utmp384<LE>,             Fixed;
    "linux-glibc-384-be"            glibc::Utmp384<BE>,             Fixed;
    "linux-glibc-382-be"            glibc::Utmp382,                 Fixed;
    "linux-glibc-400-le"            glibc::Utmp400<LE>,             Fixed;
    "linux-glibc-400-be"            glibc::Utmp400<BE>,             Fixed;
    "linux-glibc-392-le"            glibc::Utmp392<LE>,             Fixed;
    "linux-glibc-392-be"            glibc::Utmp392<BE>,             Fixed;
    "linux-glibc-390-be"            glibc::Utmp390,                 Fixed;
    "linux-utmps-400-le"            musl::Utmps400<LE>,             Fixed;
    "linux-utmps-400-be"            musl::Utmps400<BE>,             Fixed;
    "linux-musl-400-be"             musl::Musl400,                  Fixed;
    "linux-musl-396-le"             musl::Musl396Le,                Fixed;
    "linux-musl-396-be"             musl::Musl396Be,                Fixed;
    "linux-time64a8-384-le"         time64::Time64Align8<LE>,       Fixed;
    "linux-time64a8-384-be"         time64::Time64Align8<BE>,       Fixed;
    "linux-time64a4-384-le"         time64::Time64Align4<LE>,       Fixed;
    "linux-time64a4-384-be"         time64::Time64Align4<BE>,       Fixed;
    "linux-libc5-56-le"             libc5::Utmp56<LE>,              Fixed;
    "linux-libc5-56-be"             libc5::Utmp56<BE>,              Fixed;
    "linux-libc5-54-be"             libc5::Utmp54,                  Fixed;
    "linux-libc5-52-be"             libc5::Utmp52,                  Fixed;
    "linux-lastlog-292-le"          glibc::Lastlog292<LE>,          Indexed;
    "linux-lastlog-292-be"          glibc::Lastlog292<BE>,          Indexed;
    "linux-lastlog-296-le"          glibc::Lastlog296<LE>,          Indexed;
    "linux-lastlog-296-be"          glibc::Lastlog296<BE>,          Indexed;
    "linux-libc5-lastlog-32-le"     libc5::Lastlog32<LE>,           Indexed;
    "linux-libc5-lastlog-32-be"     libc5::Lastlog32<BE>,           Indexed;
    "netbsd-utmp-40-le"             netbsd::Utmp40<LE>,             Fixed;
    "netbsd-utmp-40-be"             netbsd::Utmp40<BE>,             Fixed;
    "netbsd-lastlog-32-le"          netbsd::Lastlog32<LE>,          Indexed;
    "netbsd-lastlog-32-be"          netbsd::Lastlog32<BE>,          Indexed;
    "netbsd-utmpx-520-le"           netbsd::Utmpx520<LE>,           Fixed;
    "netbsd-utmpx-520-be"           netbsd::Utmpx520<BE>,           Fixed;
    "netbsd-utmpx-516-le"           netbsd::Utmpx516<LE>,           Fixed;
    "netbsd-utmpx-516-be"           netbsd::Utmpx516<BE>,           Fixed;
    "netbsd-utmpx1-520-le"          netbsd::Utmpx1x520<LE>,         Fixed;
    "netbsd-utmpx1-520-be"          netbsd::Utmpx1x520<BE>,         Fixed;
    "netbsd-utmpx1-512-le"          netbsd::Utmpx1x512<LE>,         Fixed;
    "netbsd-utmpx1-512-be"          netbsd::Utmpx1x512<BE>,         Fixed;
    "netbsd-lastlogx-432-le"        lastlogx::Lastlogx432<LE>,      Database;
    "netbsd-lastlogx-432-be"        lastlogx::Lastlogx432<BE>,      Database;
    "netbsd-lastlogx-428-le"        lastlogx::Lastlogx428<LE>,      Database;
    "netbsd-lastlogx-428-be"        lastlogx::Lastlogx428<BE>,      Database;
    "netbsd-lastlogx1-432-le"       lastlogx::Lastlogx1x432<LE>,    Database;
    "netbsd-lastlogx1-432-be"       lastlogx::Lastlogx1x432<BE>,    Database;
    "netbsd-lastlogx1-424-le"       lastlogx::Lastlogx1x424<LE>,    Database;
    "netbsd-lastlogx1-424-be"       lastlogx::Lastlogx1x424<BE>,    Database;
    "freebsd-utx"                   freebsd::Futx,                  Fixed; // active, lastlogin
    "freebsd-utx-log"               freebsd::Futx,                  LengthPrefixed;
    "freebsd-utmp-44-le"            freebsd::Utmp44<LE>,            Fixed;
    "freebsd-utmp-44-be"            freebsd::Utmp44<BE>,            Fixed;
    "dragonfly-utmpx-512-le"        dragonfly::Utmpx512,            Fixed;
    "dragonfly-utmpx-504-le"        dragonfly::Utmpx504,            Fixed;
    "dragonfly-utmp-48-le"          dragonfly::Utmp48,              Fixed;
    "openbsd-utmp-304-le"           openbsd::Utmp304<LE>,           Fixed;
    "openbsd-utmp-304-be"           openbsd::Utmp304<BE>,           Fixed;
    "openbsd-utmp-300-le"           openbsd::Utmp300<LE>,           Fixed;
    "openbsd-utmp-300-be"           openbsd::Utmp300<BE>,           Fixed;
    "openbsd-lastlog-272-le"        openbsd::Lastlog272<LE>,        Indexed;
    "openbsd-lastlog-272-be"        openbsd::Lastlog272<BE>,        Indexed;
    "openbsd-lastlog-268-le"        openbsd::Lastlog268<LE>,        Indexed;
    "openbsd-lastlog-268-be"        openbsd::Lastlog268<BE>,        Indexed;
    "macos-utmpx-628-le"            macos::Utmpx628<LE>,            Fixed;
    "macos-utmpx-628-be"            macos::Utmpx628<BE>,            Fixed;
    "svr4-utmpx-372-le"             svr4::Futmpx372<LE>,            Fixed;
    "svr4-utmpx-372-be"             svr4::Futmpx372<BE>,            Fixed;
    "svr4-utmp-36-le"               svr4::Utmp36<LE>,               Fixed;
    "svr4-utmp-36-be"               svr4::Utmp36<BE>,               Fixed;
    "aix-utmp-648-be"               aix::Utmp648,                   Fixed;
    "aix4-utmp-64-be"               aix::Utmp64,                    Fixed;
    "hpux-utmp-60-be"               hpux::Utmp60,                   Fixed;
    "tru64-utmp-392-le"             tru64::Utmp392,                 Fixed;
    "osf1-utmp-156-le"              tru64::Utmp156,                 Fixed;
    "qnx-utmp-48-le"                qnx::Utmp48<LE>,                Fixed;
    "qnx-utmp-48-be"                qnx::Utmp48<BE>,                Fixed;
    "minix-utmp-52-le"              minix::Utmp52,                  Fixed;
    "bsd-utmp-36-le"                bsd::Utmp36<LE>,                Fixed;
    "bsd-utmp-36-be"                bsd::Utmp36<BE>,                Fixed;
    "bsd-lastlog-28-le"             bsd::Lastlog28<LE>,             Indexed;
    "bsd-lastlog-28-be"             bsd::Lastlog28<BE>,             Indexed;
    "bsdi-utmp-60-le"               bsdi::Utmp60<LE>,               Fixed;
    "bsdi-utmp-60-be"               bsdi::Utmp60<BE>,               Fixed;
    "bsdi-lastlog-44-le"            bsdi::Lastlog44<LE>,            Indexed;
    "bsdi-lastlog-44-be"            bsdi::Lastlog44<BE>,            Indexed;
    "cygwin-utmp-320-le"            cygwin::Utmp320,                Fixed;
    "cygwin-utmp-308-le"            cygwin::Utmp308,                Fixed;
    "cygwin-lastlog-280-le"         cygwin::Lastlog280,             Indexed;
    "cygwin-lastlog-276-le"         cygwin::Lastlog276,             Indexed;
    "elks-utmp-50-le"               elks::Utmp50,                   Fixed;
    "v7-utmp-20-le"                 v7::Utmp20<LE>,                 Fixed;
    "v7-utmp-20-be"                 v7::Utmp20<BE>,                 Fixed;
    "v7-utmp-20-pdp"                v7::Utmp20Pdp,                  Fixed;
}

/// Code to run with a layout's record type in hand.
pub(crate) trait Visitor: Sized {
    type Output;
    fn visit<R: RawRecord>(self) -> Self::Output;
    /// Without it, for a layout that is not in the table.
    fn one_by_one(self) -> Self::Output;
}

/// The layout called `name`.
pub fn by_name(name: &str) -> Option<&'static Layout> {
    LAYOUTS.iter().find(|layout| layout.name == name)
}
