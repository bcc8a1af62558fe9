//! 4.2BSD to 4.4BSD, SunOS 3 and 4, Ultrix, early NetBSD, OpenBSD and Mac OS X: records without a
//! type, distinguished by line and name. Strings may fill their field.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{ByteOrder, Endian, I32};
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::{Lastlog, Utmp, Wtmp};

/// utmp and wtmp of 4.2BSD and its kin.
pub static UTMP: Platform = Platform::new(
    "BSD",
    EventRules::Bsd,
    &[],
    &[
        (Utmp, "/var/run/utmp"),
        (Wtmp, "/var/log/wtmp"),
        (Utmp, "/etc/utmp"),
        (Wtmp, "/usr/adm/wtmp"),
        (Wtmp, "/var/adm/wtmp"),
    ],
);

/// lastlog of 4.3BSD and its kin, Solaris included.
pub static LASTLOG: Platform = Platform::new(
    "BSD",
    EventRules::Lastlog,
    &[],
    &[(Lastlog, "/var/log/lastlog"), (Lastlog, "/usr/adm/lastlog"), (Lastlog, "/var/adm/lastlog")],
);

/// `struct utmp`.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp36<O: ByteOrder> {
    pub ut_line: [u8; 8],
    pub ut_name: [u8; 8],
    pub ut_host: [u8; 16],
    pub ut_time: I32<O>,
}

record! {
    impl[O: ByteOrder + 'static] Utmp36<O>, Endian::of(O::ORDER), &UTMP;
    ut_line @ 0: Line,
    ut_name @ 8: User,
    ut_host @ 16: Host,
    ut_time @ 32: Sec,
}

/// `struct lastlog`; the slot number is the user id. Solaris and illumos have it too.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Lastlog28<O: ByteOrder> {
    pub ll_time: I32<O>,
    pub ll_line: [u8; 8],
    pub ll_host: [u8; 16],
}

record! {
    impl[O: ByteOrder + 'static] Lastlog28<O>, Endian::of(O::ORDER), &LASTLOG;
    ll_time @ 0: Sec,
    ll_line @ 4: Line,
    ll_host @ 12: Host,
}
