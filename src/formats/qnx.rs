//! QNX Neutrino 6: names of 14 bytes, unsigned seconds.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{ByteOrder, Endian, I16, I32, U32};
use crate::formats::svr4::UT_TYPES;
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};

/// utmp and wtmp.
pub static UTMP: Platform = Platform::new(
    "QNX",
    EventRules::Typed,
    UT_TYPES,
    &[], // its <paths.h> is not available
);

/// `struct utmp`.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp48<O: ByteOrder> {
    pub ut_user: [u8; 14],
    pub ut_id: [u8; 4],
    pub ut_line: [u8; 14],
    pub ut_pid: I32<O>,
    pub ut_type: I16<O>,
    pub e_termination: I16<O>,
    pub e_exit: I16<O>,
    pub ut_spare: I16<O>,
    pub ut_time: U32<O>,
}

record! {
    impl[O: ByteOrder + 'static] Utmp48<O>, Endian::of(O::ORDER), &UTMP;
    ut_user @ 0: User,
    ut_id @ 14: Id,
    ut_line @ 18: Line,
    ut_pid @ 32: Pid,
    ut_type @ 36: Type,
    e_termination @ 38: Termination,
    e_exit @ 40: ExitStatus,
    ut_spare @ 42: Reserved,
    ut_time @ 44: Sec,
}
