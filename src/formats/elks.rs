//! ELKS, the 16-bit subset of Linux: the libc5 record with 16-bit pid and 2-byte id.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{Endian, I16, I32, LE};
use crate::formats::libc5::UT_TYPES;
use crate::layout::raw_record::record;
use crate::platform::Platform;
use crate::value::file_kind::FileKind::Utmp;

/// utmp of ELKS.
pub static UTMP: Platform = Platform::like_linux("ELKS", UT_TYPES, &[(Utmp, "/var/run/utmp")]);

/// `struct utmp`.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp50 {
    pub ut_type: I16<LE>,
    pub ut_pid: I16<LE>,
    pub ut_line: [u8; 12],
    pub ut_id: [u8; 2],
    pub ut_time: I32<LE>,
    pub ut_user: [u8; 8],
    pub ut_host: [u8; 16],
    pub ut_addr: [u8; 4],
}

record! {
    impl[] Utmp50, Endian::Little, &UTMP;
    ut_type @ 0: Type,
    ut_pid @ 2: Pid,
    ut_line @ 4: Line,
    ut_id @ 16: Id,
    ut_time @ 18: Sec,
    ut_user @ 22: User,
    ut_host @ 30: Host,
    ut_addr @ 46: AddrV4,
}
