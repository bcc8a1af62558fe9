//! DragonFly: NetBSD's utmpx with sixteen reserved bytes before the session, and the
//! untyped `struct utmp` it had before. Its lastlogx is in [`lastlogx`](crate::formats::lastlogx).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{Endian, I16, I32, I64, LE, U16};
use crate::formats::netbsd::UT_TYPES;
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
use crate::value::address::AF_INET6_FREEBSD;
use crate::value::file_kind::FileKind::{Utmp, Wtmp};

/// utmpx and wtmpx.
pub static UTMPX: Platform = Platform {
    af_inet6: AF_INET6_FREEBSD,
    ..Platform::new(
        "DragonFly",
        EventRules::NetBsd,
        UT_TYPES,
        &[(Utmp, "/var/run/utmpx"), (Wtmp, "/var/log/wtmpx")],
    )
};

/// utmp and wtmp before utmpx.
pub static UTMP: Platform = Platform::new(
    "DragonFly",
    EventRules::Bsd,
    &[],
    &[(Utmp, "/var/run/utmp"), (Wtmp, "/var/log/wtmp")],
);

/// `struct utmpx` on x86-64.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmpx512 {
    pub ut_name: [u8; 32],
    pub ut_id: [u8; 4],
    pub ut_line: [u8; 32],
    pub ut_host: [u8; 256],
    pub ut_unused: [u8; 16],
    pub ut_session: U16<LE>,
    pub ut_type: I16<LE>,
    pub ut_pid: I32<LE>,
    pub e_termination: U16<LE>,
    pub e_exit: U16<LE>,
    pub ut_ss: [u8; 128],
    pub tv_sec: I64<LE>,
    pub tv_usec: I64<LE>,
    pub ut_unused2: [u8; 16],
}

record! {
    impl[] Utmpx512, Endian::Little, &UTMPX;
    ut_name @ 0: User,
    ut_id @ 32: Id,
    ut_line @ 36: Line,
    ut_host @ 68: Host,
    ut_unused @ 324: Reserved,
    ut_session @ 340: Session,
    ut_type @ 342: Type,
    ut_pid @ 344: Pid,
    e_termination @ 348: Termination,
    e_exit @ 350: ExitStatus,
    ut_ss @ 352: SocketAddress,
    tv_sec @ 480: Sec,
    tv_usec @ 488: Usec,
    ut_unused2 @ 496: Reserved,
}

/// `struct utmpx` on i386.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmpx504 {
    pub ut_name: [u8; 32],
    pub ut_id: [u8; 4],
    pub ut_line: [u8; 32],
    pub ut_host: [u8; 256],
    pub ut_unused: [u8; 16],
    pub ut_session: U16<LE>,
    pub ut_type: I16<LE>,
    pub ut_pid: I32<LE>,
    pub e_termination: U16<LE>,
    pub e_exit: U16<LE>,
    pub ut_ss: [u8; 128],
    pub tv_sec: I32<LE>,
    pub tv_usec: I32<LE>,
    pub ut_unused2: [u8; 16],
}

record! {
    impl[] Utmpx504, Endian::Little, &UTMPX;
    ut_name @ 0: User,
    ut_id @ 32: Id,
    ut_line @ 36: Line,
    ut_host @ 68: Host,
    ut_unused @ 324: Reserved,
    ut_session @ 340: Session,
    ut_type @ 342: Type,
    ut_pid @ 344: Pid,
    e_termination @ 348: Termination,
    e_exit @ 350: ExitStatus,
    ut_ss @ 352: SocketAddress,
    tv_sec @ 480: Sec,
    tv_usec @ 484: Usec,
    ut_unused2 @ 488: Reserved,
}

/// `struct utmp` on x86-64.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp48 {
    pub ut_line: [u8; 8],
    pub ut_name: [u8; 16],
    pub ut_host: [u8; 16],
    pub ut_time: I64<LE>,
}

record! {
    impl[] Utmp48, Endian::Little, &UTMP;
    ut_line @ 0: Line,
    ut_name @ 8: User,
    ut_host @ 24: Host,
    ut_time @ 40: Sec,
}
