//! Linux with libc4 or libc5 (until about 1998): one 32-bit time, short names.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{BE, ByteOrder, Endian, I16, I32};
use crate::formats::glibc;
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::{Lastlog, Utmp, Wtmp};
use crate::value::ut_type::UtType;

/// `ut_type`: the numbers of glibc, without `ACCOUNTING`.
pub(super) const UT_TYPES: &[UtType] = glibc::UT_TYPES.split_at(9).0;

/// utmp and wtmp of libc5.
pub static UTMP: Platform = Platform::like_linux(
    "Linux libc5",
    UT_TYPES,
    &[
        (Utmp, "/var/run/utmp"),
        (Wtmp, "/var/log/wtmp"),
        (Utmp, "/etc/utmp"),
        (Wtmp, "/etc/wtmp"),
        (Utmp, "/var/adm/utmp"),
        (Wtmp, "/var/adm/wtmp"),
        (Wtmp, "/usr/adm/wtmp"),
    ],
);

/// lastlog of libc5.
pub static LASTLOG: Platform = Platform::new(
    "Linux libc5",
    EventRules::Lastlog,
    &[],
    &[(Lastlog, "/var/log/lastlog"), (Lastlog, "/var/adm/lastlog"), (Lastlog, "/usr/adm/lastlog")],
);

/// `struct utmp` on i386. The oldest headers have two bytes of id and two of padding.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp56<O: ByteOrder> {
    pub ut_type: I16<O>,
    pub __pad_type: [u8; 2],
    pub ut_pid: I32<O>,
    pub ut_line: [u8; 12],
    pub ut_id: [u8; 4],
    pub ut_time: I32<O>,
    pub ut_user: [u8; 8],
    pub ut_host: [u8; 16],
    pub ut_addr: [u8; 4],
}

record! {
    impl[O: ByteOrder + 'static] Utmp56<O>, Endian::of(O::ORDER), &UTMP;
    ut_type @ 0: Type,
    __pad_type @ 2: Padding,
    ut_pid @ 4: Pid,
    ut_line @ 8: Line,
    ut_id @ 20: Id,
    ut_time @ 24: Sec,
    ut_user @ 28: User,
    ut_host @ 36: Host,
    ut_addr @ 52: AddrV4,
}

/// `struct utmp` on m68k with the 4-byte id.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp54 {
    pub ut_type: I16<BE>,
    pub ut_pid: I32<BE>,
    pub ut_line: [u8; 12],
    pub ut_id: [u8; 4],
    pub ut_time: I32<BE>,
    pub ut_user: [u8; 8],
    pub ut_host: [u8; 16],
    pub ut_addr: [u8; 4],
}

record! {
    impl[] Utmp54, Endian::Big, &UTMP;
    ut_type @ 0: Type,
    ut_pid @ 2: Pid,
    ut_line @ 6: Line,
    ut_id @ 18: Id,
    ut_time @ 22: Sec,
    ut_user @ 26: User,
    ut_host @ 34: Host,
    ut_addr @ 50: AddrV4,
}

/// `struct utmp` on m68k with the 2-byte id.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp52 {
    pub ut_type: I16<BE>,
    pub ut_pid: I32<BE>,
    pub ut_line: [u8; 12],
    pub ut_id: [u8; 2],
    pub ut_time: I32<BE>,
    pub ut_user: [u8; 8],
    pub ut_host: [u8; 16],
    pub ut_addr: [u8; 4],
}

record! {
    impl[] Utmp52, Endian::Big, &UTMP;
    ut_type @ 0: Type,
    ut_pid @ 2: Pid,
    ut_line @ 6: Line,
    ut_id @ 18: Id,
    ut_time @ 20: Sec,
    ut_user @ 24: User,
    ut_host @ 32: Host,
    ut_addr @ 48: AddrV4,
}

/// `struct lastlog`; the slot number is the user id.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Lastlog32<O: ByteOrder> {
    pub ll_time: I32<O>,
    pub ll_line: [u8; 12],
    pub ll_host: [u8; 16],
}

record! {
    impl[O: ByteOrder + 'static] Lastlog32<O>, Endian::of(O::ORDER), &LASTLOG;
    ll_time @ 0: Sec,
    ll_line @ 4: Line,
    ll_host @ 16: Host,
}
