//! Apple A/UX, and DG/UX, which has the same record: System V with a host.
//!
//! `ut_host` is filled for logins only; other records have old memory there. Machines without a
//! battery have records of 1904 and 1975.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{BE, Endian, I16, I32};
use crate::formats::svr4;
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::{Utmp, Wtmp};

/// utmp and wtmp.
pub static UTMP: Platform = Platform::new(
    "A/UX",
    EventRules::Typed,
    svr4::UT_TYPES,
    &[(Utmp, "/etc/utmp"), (Wtmp, "/etc/wtmp")],
);

/// `struct utmp`.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp52 {
    pub ut_user: [u8; 8],
    pub ut_id: [u8; 4],
    pub ut_line: [u8; 12],
    pub ut_pid: I16<BE>,
    pub ut_type: I16<BE>,
    pub e_termination: I16<BE>,
    pub e_exit: I16<BE>,
    pub ut_time: I32<BE>,
    pub ut_host: [u8; 16],
}

record! {
    impl[] Utmp52, Endian::Big, &UTMP;
    ut_user @ 0: User,
    ut_id @ 8: Id,
    ut_line @ 12: Line,
    ut_pid @ 24: Pid,
    ut_type @ 26: Type,
    e_termination @ 28: Termination,
    e_exit @ 30: ExitStatus,
    ut_time @ 32: Sec,
    ut_host @ 36: LoginHost,
}
