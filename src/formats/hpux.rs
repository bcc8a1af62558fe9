//! HP-UX 9 to 11: the System V record with a 32-bit pid, a host and an address. HP-UX 5 and
//! 6 wrote the 36-byte record of System V.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{BE, Endian, I16, I32, U16};
use crate::formats::svr4::UT_TYPES;
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::{Btmp, Utmp, Wtmp};

/// utmp, wtmp and btmp.
pub static UTMP: Platform = Platform::new(
    "HP-UX",
    EventRules::Typed,
    UT_TYPES,
    &[
        (Utmp, "/etc/utmp"),
        (Wtmp, "/var/adm/wtmp"),
        (Btmp, "/var/adm/btmp"),
        (Wtmp, "/etc/wtmp"),
        (Btmp, "/etc/btmp"),
    ],
);

/// `struct utmp`.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp60 {
    pub ut_user: [u8; 8],
    pub ut_id: [u8; 4],
    pub ut_line: [u8; 12],
    pub ut_pid: I32<BE>,
    pub ut_type: I16<BE>,
    pub e_termination: I16<BE>,
    pub e_exit: I16<BE>,
    pub ut_reserved1: U16<BE>,
    pub ut_time: I32<BE>,
    pub ut_host: [u8; 16],
    pub ut_addr: [u8; 4],
}

record! {
    impl[] Utmp60, Endian::Big, &UTMP;
    ut_user @ 0: User,
    ut_id @ 8: Id,
    ut_line @ 12: Line,
    ut_pid @ 24: Pid,
    ut_type @ 28: Type,
    e_termination @ 30: Termination,
    e_exit @ 32: ExitStatus,
    ut_reserved1 @ 34: Reserved,
    ut_time @ 36: Sec,
    ut_host @ 40: Host,
    ut_addr @ 56: AddrV4,
}
