//! Tru64 UNIX, and Digital UNIX and OSF/1 before it, on Alpha.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{Endian, I16, I32, I64, LE};
use crate::formats::svr4;
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::{Lastlog, Utmp, Wtmp};
use crate::value::ut_type::UtType::{self, *};

/// `ut_type` of Tru64 5.
const UT_TYPES: &[UtType] = &[
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
    Processor,
];

/// utmp and wtmp since Tru64 5.
pub static UTMP: Platform = Platform::new(
    "Tru64",
    EventRules::Typed,
    UT_TYPES,
    &[(Utmp, "/var/adm/utmp"), (Wtmp, "/var/adm/wtmp")],
);

/// utmp and wtmp of OSF/1, Digital UNIX, Tru64 4.
pub static OSF1: Platform = Platform::new(
    "OSF/1",
    EventRules::Typed,
    svr4::UT_TYPES,
    &[(Utmp, "/var/adm/utmp"), (Wtmp, "/var/adm/wtmp")],
);

/// `struct utmp` since Tru64 5.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp392 {
    pub ut_user: [u8; 64],
    pub ut_id: [u8; 14],
    pub ut_line: [u8; 32],
    pub ut_type: I16<LE>,
    pub ut_pid: I32<LE>,
    pub e_termination: I16<LE>,
    pub e_exit: I16<LE>,
    pub tv_sec: I64<LE>,
    pub tv_usec: I32<LE>,
    pub tv_reserved: I32<LE>,
    pub ut_host: [u8; 256],
}

record! {
    impl[] Utmp392, Endian::Little, &UTMP;
    ut_user @ 0: User,
    ut_id @ 64: Id,
    ut_line @ 78: Line,
    ut_type @ 110: Type,
    ut_pid @ 112: Pid,
    e_termination @ 116: Termination,
    e_exit @ 118: ExitStatus,
    tv_sec @ 120: Sec,
    tv_usec @ 128: Usec,
    tv_reserved @ 132: Reserved,
    ut_host @ 136: Host,
}

/// `struct utmp` of OSF/1, Digital UNIX, Tru64 4.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp156 {
    pub ut_user: [u8; 32],
    pub ut_id: [u8; 14],
    pub ut_line: [u8; 32],
    pub ut_type: I16<LE>,
    pub ut_pid: I32<LE>,
    pub e_termination: I16<LE>,
    pub e_exit: I16<LE>,
    pub ut_time: I32<LE>,
    pub ut_host: [u8; 64],
}

record! {
    impl[] Utmp156, Endian::Little, &OSF1;
    ut_user @ 0: User,
    ut_id @ 32: Id,
    ut_line @ 46: Line,
    ut_type @ 78: Type,
    ut_pid @ 80: Pid,
    e_termination @ 84: Termination,
    e_exit @ 86: ExitStatus,
    ut_time @ 88: Sec,
    ut_host @ 92: Host,
}

/// lastlog since Tru64 5.
pub static LASTLOG: Platform =
    Platform::new("Tru64", EventRules::Lastlog, &[], &[(Lastlog, "/var/adm/lastlog")]);

/// `struct lastlog` since Tru64 5, the same bytes as on Linux; the slot number is the user id.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Lastlog292 {
    pub ll_time: I32<LE>,
    pub ll_line: [u8; 32],
    pub ll_host: [u8; 256],
}

record! {
    impl[] Lastlog292, Endian::Little, &LASTLOG;
    ll_time @ 0: Sec,
    ll_line @ 4: Line,
    ll_host @ 36: Host,
}
