//! macOS since 10.5: `struct utmpx32` of `gen/utmpx-darwin.h`, the form in the file for
//! 32-bit and 64-bit processes alike. History and last logins go to the system log, not to
//! a file. An `EMPTY` record may keep its id, pid and microseconds.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{ByteOrder, Endian, I16, I32};
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::Utmp;
use crate::value::ut_type::UtType::{self, *};

/// `ut_type` of `utmpx.h`.
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
    Signature,
    ShutdownTime,
];

/// utmpx.
pub static UTMPX: Platform = Platform {
    binary_id: true,
    max_pid: 99_999,
    clears_reserved: true,
    ..Platform::new("macOS", EventRules::Typed, UT_TYPES, &[(Utmp, "/var/run/utmpx")])
};

/// `struct utmpx32`.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmpx628<O: ByteOrder> {
    pub ut_user: [u8; 256],
    pub ut_id: [u8; 4],
    pub ut_line: [u8; 32],
    pub ut_pid: I32<O>,
    pub ut_type: I16<O>,
    pub __pad0: [u8; 2],
    pub tv_sec: I32<O>,
    pub tv_usec: I32<O>,
    pub ut_host: [u8; 256],
    pub ut_pad: [u8; 64],
}

record! {
    impl[O: ByteOrder + 'static] Utmpx628<O>, Endian::of(O::ORDER), &UTMPX;
    ut_user @ 0: User,
    ut_id @ 256: Id,
    ut_line @ 260: Line,
    ut_pid @ 292: Pid,
    ut_type @ 296: Type,
    __pad0 @ 298: Padding,
    tv_sec @ 300: Sec,
    tv_usec @ 304: Usec,
    ut_host @ 308: Host,
    ut_pad @ 564: Reserved,
}
