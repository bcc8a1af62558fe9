//! MINIX 2 to 3.2: typed as System V, but boot and shutdown are on line `~` as on BSD, told apart by
//! the user. login of 3.2 leaves type and process id zero. MINIX 3.3 took over NetBSD's utmpx.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{Endian, I16, I32, LE};
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::{Btmp, Utmp, Wtmp};
use crate::value::ut_type::UtType::{self, *};

/// `ut_type` of `utmp.h`; 0 is an unused record, 3 and 4 are not defined.
const UT_TYPES: &[UtType] = &[
    Empty,
    RunLvl,
    BootTime,
    Unknown,
    Unknown,
    InitProcess,
    LoginProcess,
    UserProcess,
    DeadProcess,
];

/// utmp, wtmp and btmp.
pub static UTMP: Platform = Platform::new(
    "MINIX",
    EventRules::Minix,
    UT_TYPES,
    &[(Utmp, "/etc/utmp"), (Wtmp, "/usr/adm/wtmp"), (Btmp, "/usr/adm/btmp")],
);

/// `struct utmp` of 32-bit MINIX 2.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp52 {
    pub ut_user: [u8; 8],
    pub ut_id: [u8; 4],
    pub ut_line: [u8; 12],
    pub ut_host: [u8; 16],
    pub ut_pid: I32<LE>,
    pub ut_type: I16<LE>,
    pub __pad0: [u8; 2],
    pub ut_time: I32<LE>,
}

record! {
    impl[] Utmp52, Endian::Little, &UTMP;
    ut_user @ 0: User,
    ut_id @ 8: Id,
    ut_line @ 12: Line,
    ut_host @ 24: Host,
    ut_pid @ 40: Pid,
    ut_type @ 44: Type,
    __pad0 @ 46: Padding,
    ut_time @ 48: Sec,
}

/// `struct utmp` of MINIX 3.1 and 3.2, and of 16-bit MINIX 2.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp48 {
    pub ut_user: [u8; 8],
    pub ut_id: [u8; 4],
    pub ut_line: [u8; 12],
    pub ut_host: [u8; 16],
    pub ut_pid: I16<LE>,
    pub ut_type: I16<LE>,
    pub ut_time: I32<LE>,
}

record! {
    impl[] Utmp48, Endian::Little, &UTMP;
    ut_user @ 0: User,
    ut_id @ 8: Id,
    ut_line @ 12: Line,
    ut_host @ 24: Host,
    ut_pid @ 40: Pid,
    ut_type @ 42: Type,
    ut_time @ 44: Sec,
}
