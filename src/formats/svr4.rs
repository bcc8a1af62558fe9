//! System V and its heirs: `struct utmp` of System V to IRIX, UnixWare and SCO, and
//! `struct futmpx`, the form in the file of SVR4, Solaris and illumos for 32-bit and 64-bit
//! processes alike. Logouts keep the user name; compiler padding holds old memory.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{ByteOrder, Endian, I16, I32, LE, U32};
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform, Twin};
use crate::value::file_kind::FileKind::{Lastlog, Utmp, Wtmp};
use crate::value::ut_type::UtType::{self, *};

/// `ut_type` of System V, HP-UX, AIX, QNX, IRIX.
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
];

/// `ut_type` of Solaris and illumos.
const SOLARIS_UT_TYPES: &[UtType] = &[
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
    DownTime,
];

/// utmp and wtmp.
pub static UTMP: Platform = Platform {
    twin: Some(Twin::Old),
    ..Platform::new(
        "System V",
        EventRules::Typed,
        UT_TYPES,
        &[
            (Utmp, "/var/adm/utmp"),
            (Wtmp, "/var/adm/wtmp"),
            (Utmp, "/etc/utmp"),
            (Wtmp, "/etc/wtmp"),
        ],
    )
};

/// utmpx and wtmpx of Solaris, illumos, SVR4, IRIX 6.5, UnixWare 2, SCO.
pub static UTMPX: Platform = Platform {
    twin: Some(Twin::Extended),
    ..Platform::new(
        "Solaris",
        EventRules::Typed,
        SOLARIS_UT_TYPES,
        &[
            (Utmp, "/var/adm/utmpx"),
            (Wtmp, "/var/adm/wtmpx"),
            (Utmp, "/etc/utmpx"),
            (Wtmp, "/etc/wtmpx"),
        ],
    )
};

/// lastlog of SVR4.2 and UnixWare 1 and 2.
pub static LASTLOG: Platform =
    Platform::new("System V", EventRules::Lastlog, &[], &[(Lastlog, "/var/adm/lastlog")]);

/// `struct utmp`: a 16-bit pid, no host.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp36<O: ByteOrder> {
    pub ut_user: [u8; 8],
    pub ut_id: [u8; 4],
    pub ut_line: [u8; 12],
    pub ut_pid: I16<O>,
    pub ut_type: I16<O>,
    pub e_termination: I16<O>,
    pub e_exit: I16<O>,
    pub ut_time: I32<O>,
}

record! {
    impl[O: ByteOrder + 'static] Utmp36<O>, Endian::of(O::ORDER), &UTMP;
    ut_user @ 0: User,
    ut_id @ 8: Id,
    ut_line @ 12: Line,
    ut_pid @ 24: Pid,
    ut_type @ 26: Type,
    e_termination @ 28: Termination,
    e_exit @ 30: ExitStatus,
    ut_time @ 32: Sec,
}

/// `struct futmpx`. `ut_syslen` counts the NUL of the host, or not (sshd).
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Futmpx372<O: ByteOrder> {
    pub ut_user: [u8; 32],
    pub ut_id: [u8; 4],
    pub ut_line: [u8; 32],
    pub ut_pid: I32<O>,
    pub ut_type: I16<O>,
    pub e_termination: I16<O>,
    pub e_exit: I16<O>,
    pub __pad0: [u8; 2],
    pub tv_sec: I32<O>,
    pub tv_usec: I32<O>,
    pub ut_session: I32<O>,
    pub ut_pad: [u8; 20],
    pub ut_syslen: I16<O>,
    pub ut_host: [u8; 257],
    pub __pad1: [u8; 1],
}

record! {
    impl[O: ByteOrder + 'static] Futmpx372<O>, Endian::of(O::ORDER), &UTMPX;
    ut_user @ 0: User,
    ut_id @ 32: Id,
    ut_line @ 36: Line,
    ut_pid @ 68: Pid,
    ut_type @ 72: Type,
    e_termination @ 74: Termination,
    e_exit @ 76: ExitStatus,
    __pad0 @ 78: Padding,
    tv_sec @ 80: Sec,
    tv_usec @ 84: Usec,
    ut_session @ 88: Session,
    ut_pad @ 92: Reserved,
    ut_syslen @ 112: HostLength,
    ut_host @ 114: Host,
    __pad1 @ 371: Padding,
}

/// `struct lastlog` of SVR4.2; the slot number is the user id. `ll_level` is a security level.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Lastlog36 {
    pub ll_time: I32<LE>,
    pub ll_line: [u8; 12],
    pub ll_host: [u8; 16],
    pub ll_level: U32<LE>,
}

record! {
    impl[] Lastlog36, Endian::Little, &LASTLOG;
    ll_time @ 0: Sec,
    ll_line @ 4: Line,
    ll_host @ 16: Host,
    ll_level @ 32: Reserved,
}
