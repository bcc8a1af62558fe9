//! Cygwin: `struct utmp` of `sys/utmp.h`. The larger `struct utmpx` of the API is never written to
//! disk, so microseconds are lost. `logwtmp` writes `USER_PROCESS` for logouts too, with an empty
//! user.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{Endian, I16, I32, I64, LE};
use crate::formats::libc5::UT_TYPES;
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::{Lastlog, Utmp, Wtmp};

/// utmp and wtmp of Cygwin.
pub static UTMP: Platform =
    Platform::like_linux("Cygwin", UT_TYPES, &[(Utmp, "/var/run/utmp"), (Wtmp, "/var/log/wtmp")]);

/// lastlog of Cygwin.
pub static LASTLOG: Platform =
    Platform::new("Cygwin", EventRules::Lastlog, &[], &[(Lastlog, "/var/log/lastlog")]);

/// `struct utmp` on x86-64. `ut_addr` is a `long` whose first four bytes may hold an
/// IPv4 address.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp320 {
    pub ut_type: I16<LE>,
    pub __pad_type: [u8; 2],
    pub ut_pid: I32<LE>,
    pub ut_line: [u8; 16],
    pub ut_id: [u8; 2],
    pub __pad_id: [u8; 6],
    pub ut_time: I64<LE>,
    pub ut_user: [u8; 16],
    pub ut_host: [u8; 256],
    pub ut_addr: [u8; 8],
}

record! {
    impl[] Utmp320, Endian::Little, &UTMP;
    ut_type @ 0: Type,
    __pad_type @ 2: Padding,
    ut_pid @ 4: Pid,
    ut_line @ 8: Line,
    ut_id @ 24: Id,
    __pad_id @ 26: Padding,
    ut_time @ 32: Sec,
    ut_user @ 40: User,
    ut_host @ 56: Host,
    ut_addr @ 312: AddrV4,
}

/// `struct utmp` on i686.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp308 {
    pub ut_type: I16<LE>,
    pub __pad_type: [u8; 2],
    pub ut_pid: I32<LE>,
    pub ut_line: [u8; 16],
    pub ut_id: [u8; 2],
    pub __pad_id: [u8; 2],
    pub ut_time: I32<LE>,
    pub ut_user: [u8; 16],
    pub ut_host: [u8; 256],
    pub ut_addr: [u8; 4],
}

record! {
    impl[] Utmp308, Endian::Little, &UTMP;
    ut_type @ 0: Type,
    __pad_type @ 2: Padding,
    ut_pid @ 4: Pid,
    ut_line @ 8: Line,
    ut_id @ 24: Id,
    __pad_id @ 26: Padding,
    ut_time @ 28: Sec,
    ut_user @ 32: User,
    ut_host @ 48: Host,
    ut_addr @ 304: AddrV4,
}

/// `struct lastlog` on x86-64; the slot number is the user id.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Lastlog280 {
    pub ll_time: I64<LE>,
    pub ll_line: [u8; 16],
    pub ll_host: [u8; 256],
}

record! {
    impl[] Lastlog280, Endian::Little, &LASTLOG;
    ll_time @ 0: Sec,
    ll_line @ 8: Line,
    ll_host @ 24: Host,
}

/// `struct lastlog` on i686; the slot number is the user id.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Lastlog276 {
    pub ll_time: I32<LE>,
    pub ll_line: [u8; 16],
    pub ll_host: [u8; 256],
}

record! {
    impl[] Lastlog276, Endian::Little, &LASTLOG;
    ll_time @ 0: Sec,
    ll_line @ 4: Line,
    ll_host @ 20: Host,
}
