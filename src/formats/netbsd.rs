//! NetBSD: `struct utmp` of `utmp.h` (untyped) and `struct utmpx` of `utmpx.h` (typed),
//! each with a lastlog of its own.
//!
//! `utmpx` begins with a `SIGNATURE` record, `wtmpx` seldom does. A reboot or shutdown in `wtmpx`
//! is an `INIT_PROCESS` record on line `~`. MINIX 3.2 and later write version 1 for 32-bit ports,
//! whatever their signature record says.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{ByteOrder, Endian, I32, I64, U16};
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform, Twin};
use crate::value::file_kind::FileKind::{Lastlog, Utmp, Wtmp};
use crate::value::ut_type::UtType::{self, *};

/// `ut_type` of NetBSD, DragonFly and MINIX 3.2.
pub(super) const UT_TYPES: &[UtType] = &[
    Empty,
    RunLvl,
    BootTime,
    OldTime,
    NewTime,
    InitProcess,
    LoginProcess,
    UserProcess,
    DeadProcess,
    Accounting,
    Signature,
    DownTime,
];

/// utmp and wtmp of NetBSD 6 and later.
pub static UTMP: Platform = Platform {
    twin: Some(Twin::Old),
    ..Platform::new(
        "NetBSD",
        EventRules::Bsd,
        &[],
        &[(Utmp, "/var/run/utmp"), (Wtmp, "/var/log/wtmp")],
    )
};

/// lastlog of NetBSD 6 and later.
pub static LASTLOG: Platform =
    Platform::new("NetBSD", EventRules::Lastlog, &[], &[(Lastlog, "/var/log/lastlog")]);

/// utmpx and wtmpx of NetBSD.
pub static UTMPX: Platform = Platform {
    twin: Some(Twin::Extended),
    ..Platform::new(
        "NetBSD",
        EventRules::NetBsd,
        UT_TYPES,
        &[(Utmp, "/var/run/utmpx"), (Wtmp, "/var/log/wtmpx")],
    )
};

/// lastlogx of NetBSD and DragonFly: values of a Berkeley DB hash file.
pub static LASTLOGX: Platform =
    Platform::new("NetBSD", EventRules::Lastlog, &[], &[(Lastlog, "/var/log/lastlogx")]);

/// `struct utmp` with 64-bit time.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp40<O: ByteOrder> {
    pub ut_line: [u8; 8],
    pub ut_name: [u8; 8],
    pub ut_host: [u8; 16],
    pub ut_time: I64<O>,
}

record! {
    impl[O: ByteOrder + 'static] Utmp40<O>, Endian::of(O::ORDER), &UTMP;
    ut_line @ 0: Line,
    ut_name @ 8: User,
    ut_host @ 16: Host,
    ut_time @ 32: Sec,
}

/// `struct lastlog` with 64-bit time; the slot number is the user id.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Lastlog32<O: ByteOrder> {
    pub ll_time: I64<O>,
    pub ll_line: [u8; 8],
    pub ll_host: [u8; 16],
}

record! {
    impl[O: ByteOrder + 'static] Lastlog32<O>, Endian::of(O::ORDER), &LASTLOG;
    ll_time @ 0: Sec,
    ll_line @ 8: Line,
    ll_host @ 16: Host,
}

/// `struct utmpx` version 1 (NetBSD 2 to 5) on 32-bit ports.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct UtmpxV1_512<O: ByteOrder> {
    pub ut_name: [u8; 32],
    pub ut_id: [u8; 4],
    pub ut_line: [u8; 32],
    pub ut_host: [u8; 256],
    pub ut_session: U16<O>,
    pub ut_type: U16<O>,
    pub ut_pid: I32<O>,
    pub e_termination: U16<O>,
    pub e_exit: U16<O>,
    pub ut_ss: [u8; 128],
    pub tv_sec: I32<O>,
    pub tv_usec: I32<O>,
    pub ut_pad: [u8; 40],
}

record! {
    impl[O: ByteOrder + 'static] UtmpxV1_512<O>, Endian::of(O::ORDER), &UTMPX;
    ut_name @ 0: User,
    ut_id @ 32: Id,
    ut_line @ 36: Line,
    ut_host @ 68: Host,
    ut_session @ 324: Session,
    ut_type @ 326: Type,
    ut_pid @ 328: Pid,
    e_termination @ 332: Termination,
    e_exit @ 334: ExitStatus,
    ut_ss @ 336: SocketAddress,
    tv_sec @ 464: Sec,
    tv_usec @ 468: Usec,
    ut_pad @ 472: Reserved,
}

/// `struct utmpx` version 1 (NetBSD 2 to 5) on LP64 ports: `tv_usec` is 64 bits wide.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct UtmpxV1_520<O: ByteOrder> {
    pub ut_name: [u8; 32],
    pub ut_id: [u8; 4],
    pub ut_line: [u8; 32],
    pub ut_host: [u8; 256],
    pub ut_session: U16<O>,
    pub ut_type: U16<O>,
    pub ut_pid: I32<O>,
    pub e_termination: U16<O>,
    pub e_exit: U16<O>,
    pub ut_ss: [u8; 128],
    pub tv_sec: I64<O>,
    pub tv_usec: I64<O>,
    pub ut_pad: [u8; 40],
}

record! {
    impl[O: ByteOrder + 'static] UtmpxV1_520<O>, Endian::of(O::ORDER), &UTMPX;
    ut_name @ 0: User,
    ut_id @ 32: Id,
    ut_line @ 36: Line,
    ut_host @ 68: Host,
    ut_session @ 324: Session,
    ut_type @ 326: Type,
    ut_pid @ 328: Pid,
    e_termination @ 332: Termination,
    e_exit @ 334: ExitStatus,
    ut_ss @ 336: SocketAddress,
    tv_sec @ 464: Sec,
    tv_usec @ 472: Usec,
    ut_pad @ 480: Reserved,
}

/// `struct utmpx` version 2 where 64-bit integers are aligned to four bytes: i386, m68k.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmpx516<O: ByteOrder> {
    pub ut_name: [u8; 32],
    pub ut_id: [u8; 4],
    pub ut_line: [u8; 32],
    pub ut_host: [u8; 256],
    pub ut_session: U16<O>,
    pub ut_type: U16<O>,
    pub ut_pid: I32<O>,
    pub e_termination: U16<O>,
    pub e_exit: U16<O>,
    pub ut_ss: [u8; 128],
    pub tv_sec: I64<O>,
    pub tv_usec: I32<O>,
    pub ut_pad: [u8; 40],
}

record! {
    impl[O: ByteOrder + 'static] Utmpx516<O>, Endian::of(O::ORDER), &UTMPX;
    ut_name @ 0: User,
    ut_id @ 32: Id,
    ut_line @ 36: Line,
    ut_host @ 68: Host,
    ut_session @ 324: Session,
    ut_type @ 326: Type,
    ut_pid @ 328: Pid,
    e_termination @ 332: Termination,
    e_exit @ 334: ExitStatus,
    ut_ss @ 336: SocketAddress,
    tv_sec @ 464: Sec,
    tv_usec @ 472: Usec,
    ut_pad @ 476: Reserved,
}

/// `struct utmpx` version 2 where 64-bit integers are aligned to eight bytes. The padding after the
/// time is not always zero.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmpx520<O: ByteOrder> {
    pub ut_name: [u8; 32],
    pub ut_id: [u8; 4],
    pub ut_line: [u8; 32],
    pub ut_host: [u8; 256],
    pub ut_session: U16<O>,
    pub ut_type: U16<O>,
    pub ut_pid: I32<O>,
    pub e_termination: U16<O>,
    pub e_exit: U16<O>,
    pub ut_ss: [u8; 128],
    pub tv_sec: I64<O>,
    pub tv_usec: I32<O>,
    pub __pad_tv: [u8; 4],
    pub ut_pad: [u8; 36],
    pub __pad_tail: [u8; 4],
}

record! {
    impl[O: ByteOrder + 'static] Utmpx520<O>, Endian::of(O::ORDER), &UTMPX;
    ut_name @ 0: User,
    ut_id @ 32: Id,
    ut_line @ 36: Line,
    ut_host @ 68: Host,
    ut_session @ 324: Session,
    ut_type @ 326: Type,
    ut_pid @ 328: Pid,
    e_termination @ 332: Termination,
    e_exit @ 334: ExitStatus,
    ut_ss @ 336: SocketAddress,
    tv_sec @ 464: Sec,
    tv_usec @ 472: Usec,
    __pad_tv @ 476: Padding,
    ut_pad @ 480: Reserved,
    __pad_tail @ 516: Padding,
}
