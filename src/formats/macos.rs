//! macOS since 10.5: `struct utmpx32` of `gen/utmpx-darwin.h`, the form in the file for
//! 32-bit and 64-bit processes alike. An `EMPTY` record may keep its id, pid and microseconds.
//! History and last logins go to the Apple System Log.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{ByteOrder, Endian, I16, I32};
use crate::layout::raw_record::record;
use crate::layout::{Field, Role};
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::{self, Utmp, Wtmp};
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

/// In a copy of a Mac, `/var` is a link to the second folder, or is not there.
const PATHS: &[(FileKind, &str)] = &[(Utmp, "/var/run/utmpx"), (Utmp, "/private/var/run/utmpx")];

/// utmpx.
pub static UTMPX: Platform = Platform {
    binary_id: true,
    max_pid: 99_999,
    clears_reserved: true,
    ..Platform::new("macOS", EventRules::Typed, UT_TYPES, PATHS)
};

/// The logins in `/var/log/asl`: syslogd stores what programs send to the two facilities of utmpx
/// for a year. In 10.5 the files of each day had them.
pub static ASL: Platform = Platform {
    binary_id: true,
    max_pid: 99_999,
    ..Platform::new(
        "macOS",
        EventRules::Typed,
        UT_TYPES,
        &[(Wtmp, "/var/log/asl/*.asl"), (Wtmp, "/private/var/log/asl/*.asl")],
    )
};

/// The single store of 10.5.0 to 10.5.5.
pub static ASL1: Platform = Platform {
    binary_id: true,
    max_pid: 99_999,
    ..Platform::new(
        "macOS",
        EventRules::Typed,
        UT_TYPES,
        &[(Wtmp, "/var/log/asl.db"), (Wtmp, "/private/var/log/asl.db")],
    )
};

/// The keys of a login in a message, and its sender.
pub(crate) const ASL_KEYS: &[Field] = &[
    Field::column("ut_user", Role::User),
    Field::column("ut_id", Role::Id),
    Field::column("ut_line", Role::Line),
    Field::column("ut_pid", Role::Pid),
    Field::column("ut_type", Role::Type),
    Field::column("ut_tv.tv_sec", Role::Sec),
    Field::column("ut_tv.tv_usec", Role::Usec),
    Field::column("ut_host", Role::Host),
    Field::column("Sender", Role::Service),
];

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
