//! FreeBSD. Since 9: `struct futx` of `lib/libc/gen/utxdb.h`, packed and big-endian on every
//! architecture; the larger `struct utmpx` of the manual is never written to disk. `utx.log` stores
//! each record after its length and without its trailing zeros. Logouts have neither line nor user:
//! sessions are paired by the identifier. Until 8: `struct utmp`, untyped.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{BE, ByteOrder, Endian, I32, U32, U64};
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform, SessionKey};
use crate::value::file_kind::FileKind::{Lastlog, Utmp, Wtmp};
use crate::value::ut_type::UtType::{self, *};

/// `ut_type` of `utmpx.h`: the numbers of the pyutmpx API.
const UT_TYPES: &[UtType] = &[
    Empty,
    BootTime,
    OldTime,
    NewTime,
    UserProcess,
    InitProcess,
    LoginProcess,
    DeadProcess,
    ShutdownTime,
];

/// utx.active, utx.log and utx.lastlogin.
pub static UTX: Platform = Platform {
    log_kind: Some(Wtmp),
    binary_id: true,
    bare_events: true, // utx_to_futx() of lib/libc/gen/utxdb.c
    session_key: SessionKey::Id,
    max_pid: 99_999,
    clears_texts: true,
    one_writer: true,
    ..Platform::new(
        "FreeBSD",
        EventRules::Typed,
        UT_TYPES,
        &[
            (Utmp, "/var/run/utx.active"),
            (Wtmp, "/var/log/utx.log"),
            (Lastlog, "/var/log/utx.lastlogin"),
        ],
    )
};

/// utmp and wtmp until FreeBSD 8. Its lastlog is that of BSD.
pub static UTMP: Platform = Platform {
    max_pid: 99_999,
    ..Platform::new(
        "FreeBSD",
        EventRules::Bsd,
        &[],
        &[(Utmp, "/var/run/utmp"), (Wtmp, "/var/log/wtmp")],
    )
};

/// `struct futx`.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Futx {
    pub fu_type: u8,
    pub fu_tv: U64<BE>,
    pub fu_id: [u8; 8],
    pub fu_pid: U32<BE>,
    pub fu_user: [u8; 32],
    pub fu_line: [u8; 16],
    pub fu_host: [u8; 128],
}

record! {
    impl[] Futx, Endian::Big, &UTX;
    fu_type @ 0: Type,
    fu_tv @ 1: Micros,
    fu_id @ 9: Id,
    fu_pid @ 17: Pid,
    fu_user @ 21: User,
    fu_line @ 53: Line,
    fu_host @ 69: Host;
    const IS_TRIMMED: bool = true;
}

/// `struct utmp`.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp44<O: ByteOrder> {
    pub ut_line: [u8; 8],
    pub ut_name: [u8; 16],
    pub ut_host: [u8; 16],
    pub ut_time: I32<O>,
}

record! {
    impl[O: ByteOrder + 'static] Utmp44<O>, Endian::of(O::ORDER), &UTMP;
    ut_line @ 0: Line,
    ut_name @ 8: User,
    ut_host @ 24: Host,
    ut_time @ 40: Sec,
}
