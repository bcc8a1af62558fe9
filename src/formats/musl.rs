//! Linux with musl: `struct utmpx` of musl 1.2 as programs write it themselves (its own
//! functions do nothing), and the record of skarnet's utmps on Alpine.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{BE, ByteOrder, Endian, I16, I32, I64, LE};
use crate::formats::glibc::LINUX;
use crate::layout::raw_record::record;
use crate::platform::Platform;
use crate::value::file_kind::FileKind::{Btmp, Utmp, Wtmp};

/// utmp, wtmp and btmp of musl systems.
pub static UTMPX: Platform = Platform {
    paths: &[
        (Utmp, "/run/utmps/utmp"),
        (Wtmp, "/var/log/wtmp"),
        (Wtmp, "/var/log/wtmpd/wtmp"),
        (Utmp, "/var/log/utmp"),
        (Btmp, "/var/log/btmp"),
        (Btmp, "/var/log/btmpd/btmp"),
    ],
    ..LINUX
};

/// 32-bit session before 64-bit time: utmps in both orders, musl little-endian. With a
/// little-endian, nonnegative session its bytes are those of glibc's 400.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmps400<O: ByteOrder> {
    pub ut_type: I16<O>,
    pub __pad_type: [u8; 2],
    pub ut_pid: I32<O>,
    pub ut_line: [u8; 32],
    pub ut_id: [u8; 4],
    pub ut_user: [u8; 32],
    pub ut_host: [u8; 256],
    pub e_termination: I16<O>,
    pub e_exit: I16<O>,
    pub ut_session: I32<O>,
    pub __pad_session: [u8; 4],
    pub tv_sec: I64<O>,
    pub tv_usec: I64<O>,
    pub ut_addr_v6: [u8; 16],
    pub __glibc_reserved: [u8; 20],
    pub __pad_end: [u8; 4],
}

record! {
    impl[O: ByteOrder + 'static] Utmps400<O>, Endian::of(O::ORDER), &UTMPX;
    ut_type @ 0: Type,
    __pad_type @ 2: Padding,
    ut_pid @ 4: Pid,
    ut_line @ 8: Line,
    ut_id @ 40: Id,
    ut_user @ 44: User,
    ut_host @ 76: Host,
    e_termination @ 332: Termination,
    e_exit @ 334: ExitStatus,
    ut_session @ 336: Session,
    __pad_session @ 340: Padding,
    tv_sec @ 344: Sec,
    tv_usec @ 352: Usec,
    ut_addr_v6 @ 360: AddrV6,
    __glibc_reserved @ 376: Reserved,
    __pad_end @ 396: Padding,
}

/// musl big-endian: the padding comes before the session, so that a 64-bit read works.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Musl400 {
    pub ut_type: I16<BE>,
    pub __pad_type: [u8; 2],
    pub ut_pid: I32<BE>,
    pub ut_line: [u8; 32],
    pub ut_id: [u8; 4],
    pub ut_user: [u8; 32],
    pub ut_host: [u8; 256],
    pub e_termination: I16<BE>,
    pub e_exit: I16<BE>,
    pub __pad_session: [u8; 4],
    pub ut_session: I32<BE>,
    pub tv_sec: I64<BE>,
    pub tv_usec: I64<BE>,
    pub ut_addr_v6: [u8; 16],
    pub __glibc_reserved: [u8; 20],
    pub __pad_end: [u8; 4],
}

record! {
    impl[] Musl400, Endian::Big, &UTMPX;
    ut_type @ 0: Type,
    __pad_type @ 2: Padding,
    ut_pid @ 4: Pid,
    ut_line @ 8: Line,
    ut_id @ 40: Id,
    ut_user @ 44: User,
    ut_host @ 76: Host,
    e_termination @ 332: Termination,
    e_exit @ 334: ExitStatus,
    __pad_session @ 336: Padding,
    ut_session @ 340: Session,
    tv_sec @ 344: Sec,
    tv_usec @ 352: Usec,
    ut_addr_v6 @ 360: AddrV6,
    __glibc_reserved @ 376: Reserved,
    __pad_end @ 396: Padding,
}

/// musl little-endian where 64-bit integers are aligned to four bytes: i386.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Musl396Le {
    pub ut_type: I16<LE>,
    pub __pad_type: [u8; 2],
    pub ut_pid: I32<LE>,
    pub ut_line: [u8; 32],
    pub ut_id: [u8; 4],
    pub ut_user: [u8; 32],
    pub ut_host: [u8; 256],
    pub e_termination: I16<LE>,
    pub e_exit: I16<LE>,
    pub ut_session: I32<LE>,
    pub __pad_session: [u8; 4],
    pub tv_sec: I64<LE>,
    pub tv_usec: I64<LE>,
    pub ut_addr_v6: [u8; 16],
    pub __glibc_reserved: [u8; 20],
}

record! {
    impl[] Musl396Le, Endian::Little, &UTMPX;
    ut_type @ 0: Type,
    __pad_type @ 2: Padding,
    ut_pid @ 4: Pid,
    ut_line @ 8: Line,
    ut_id @ 40: Id,
    ut_user @ 44: User,
    ut_host @ 76: Host,
    e_termination @ 332: Termination,
    e_exit @ 334: ExitStatus,
    ut_session @ 336: Session,
    __pad_session @ 340: Padding,
    tv_sec @ 344: Sec,
    tv_usec @ 352: Usec,
    ut_addr_v6 @ 360: AddrV6,
    __glibc_reserved @ 376: Reserved,
}

/// musl big-endian where 64-bit integers are not aligned to eight bytes: m68k, or1k.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Musl396Be {
    pub ut_type: I16<BE>,
    pub __pad_type: [u8; 2],
    pub ut_pid: I32<BE>,
    pub ut_line: [u8; 32],
    pub ut_id: [u8; 4],
    pub ut_user: [u8; 32],
    pub ut_host: [u8; 256],
    pub e_termination: I16<BE>,
    pub e_exit: I16<BE>,
    pub __pad_session: [u8; 4],
    pub ut_session: I32<BE>,
    pub tv_sec: I64<BE>,
    pub tv_usec: I64<BE>,
    pub ut_addr_v6: [u8; 16],
    pub __glibc_reserved: [u8; 20],
}

record! {
    impl[] Musl396Be, Endian::Big, &UTMPX;
    ut_type @ 0: Type,
    __pad_type @ 2: Padding,
    ut_pid @ 4: Pid,
    ut_line @ 8: Line,
    ut_id @ 40: Id,
    ut_user @ 44: User,
    ut_host @ 76: Host,
    e_termination @ 332: Termination,
    e_exit @ 334: ExitStatus,
    __pad_session @ 336: Padding,
    ut_session @ 340: Session,
    tv_sec @ 344: Sec,
    tv_usec @ 352: Usec,
    ut_addr_v6 @ 360: AddrV6,
    __glibc_reserved @ 376: Reserved,
}
