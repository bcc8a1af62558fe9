//! OpenBSD: untyped records with names of 32 and hosts of 256 bytes; 64-bit time since 5.5.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{ByteOrder, Endian, I32, I64};
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::{Lastlog, Utmp, Wtmp};

/// utmp and wtmp.
pub static UTMP: Platform = Platform::new(
    "OpenBSD",
    EventRules::Bsd,
    &[],
    &[(Utmp, "/var/run/utmp"), (Wtmp, "/var/log/wtmp")],
);

/// lastlog.
pub static LASTLOG: Platform =
    Platform::new("OpenBSD", EventRules::Lastlog, &[], &[(Lastlog, "/var/log/lastlog")]);

/// `struct utmp` before 5.5.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp300<O: ByteOrder> {
    pub ut_line: [u8; 8],
    pub ut_name: [u8; 32],
    pub ut_host: [u8; 256],
    pub ut_time: I32<O>,
}

record! {
    impl[O: ByteOrder + 'static] Utmp300<O>, Endian::of(O::ORDER), &UTMP;
    ut_line @ 0: Line,
    ut_name @ 8: User,
    ut_host @ 40: Host,
    ut_time @ 296: Sec,
}

/// `struct utmp` since 5.5, the same on 32-bit ports.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp304<O: ByteOrder> {
    pub ut_line: [u8; 8],
    pub ut_name: [u8; 32],
    pub ut_host: [u8; 256],
    pub ut_time: I64<O>,
}

record! {
    impl[O: ByteOrder + 'static] Utmp304<O>, Endian::of(O::ORDER), &UTMP;
    ut_line @ 0: Line,
    ut_name @ 8: User,
    ut_host @ 40: Host,
    ut_time @ 296: Sec,
}

/// `struct lastlog` before 5.5; the slot number is the user id.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Lastlog268<O: ByteOrder> {
    pub ll_time: I32<O>,
    pub ll_line: [u8; 8],
    pub ll_host: [u8; 256],
}

record! {
    impl[O: ByteOrder + 'static] Lastlog268<O>, Endian::of(O::ORDER), &LASTLOG;
    ll_time @ 0: Sec,
    ll_line @ 4: Line,
    ll_host @ 12: Host,
}

/// `struct lastlog` since 5.5; the slot number is the user id.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Lastlog272<O: ByteOrder> {
    pub ll_time: I64<O>,
    pub ll_line: [u8; 8],
    pub ll_host: [u8; 256],
}

record! {
    impl[O: ByteOrder + 'static] Lastlog272<O>, Endian::of(O::ORDER), &LASTLOG;
    ll_time @ 0: Sec,
    ll_line @ 8: Line,
    ll_host @ 16: Host,
}
