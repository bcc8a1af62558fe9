//! AIX on POWER: since 5.1 names of 256 bytes and 64-bit time, of which 32-bit programs see the low
//! half. AIX 4 had a 64-byte record.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{BE, Endian, I16, I32, I64};
use crate::formats::svr4::UT_TYPES;
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::{Btmp, Utmp, Wtmp};

/// utmp, wtmp and failedlogin.
pub static UTMP: Platform = Platform {
    max_pid: i32::MAX as i64,
    ..Platform::new(
        "AIX",
        EventRules::Typed,
        UT_TYPES,
        &[(Utmp, "/etc/utmp"), (Wtmp, "/var/adm/wtmp"), (Btmp, "/etc/security/failedlogin")],
    )
};

/// `struct utmp` since AIX 5.1.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs, non_snake_case)] // IBM's own names
pub struct Utmp648 {
    pub ut_user: [u8; 256],
    pub ut_id: [u8; 14],
    pub ut_line: [u8; 64],
    pub __pad0: [u8; 2],
    pub ut_pid: I32<BE>,
    pub ut_type: I16<BE>,
    pub __pad1: [u8; 2],
    pub ut_time: I64<BE>,
    pub e_termination: I16<BE>,
    pub e_exit: I16<BE>,
    pub ut_host: [u8; 256],
    pub dbl_word_pad: I32<BE>,
    pub reservedA: [u8; 8],
    pub reservedV: [u8; 24],
}

record! {
    impl[] Utmp648, Endian::Big, &UTMP;
    ut_user @ 0: User,
    ut_id @ 256: Id,
    ut_line @ 270: Line,
    __pad0 @ 334: Padding,
    ut_pid @ 336: Pid,
    ut_type @ 340: Type,
    __pad1 @ 342: Padding,
    ut_time @ 344: Sec,
    e_termination @ 352: Termination,
    e_exit @ 354: ExitStatus,
    ut_host @ 356: Host,
    dbl_word_pad @ 612: Reserved,
    reservedA @ 616: Reserved,
    reservedV @ 624: Reserved,
}

/// `struct utmp` of AIX 4. One header has a 16-bit pid and the exit status two bytes
/// earlier; size, time and host are the same either way.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp64 {
    pub ut_user: [u8; 8],
    pub ut_id: [u8; 14],
    pub ut_line: [u8; 12],
    pub ut_type: I16<BE>,
    pub ut_pid: I32<BE>,
    pub e_termination: I16<BE>,
    pub e_exit: I16<BE>,
    pub ut_time: I32<BE>,
    pub ut_host: [u8; 16],
}

record! {
    impl[] Utmp64, Endian::Big, &UTMP;
    ut_user @ 0: User,
    ut_id @ 8: Id,
    ut_line @ 22: Line,
    ut_type @ 34: Type,
    ut_pid @ 36: Pid,
    e_termination @ 40: Termination,
    e_exit @ 42: ExitStatus,
    ut_time @ 44: Sec,
    ut_host @ 48: Host,
}
