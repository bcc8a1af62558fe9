//! Linux with glibc (and uClibc, dietlibc, GNU/Hurd): `struct utmp` of `bits/utmp.h`
//! and `struct lastlog` of `lastlog.h`.
//!
//! All forms share the head up to `ut_exit`; they differ in the width and alignment of session and
//! time. 64-bit does not mean 400 bytes: x86-64, ppc64le and riscv64 keep 32-bit times. Addresses
//! are in network order on every machine.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{BE, ByteOrder, Endian, I16, I32, I64};
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
#[cfg(feature = "std")]
use crate::value::file_kind::FileKind;
use crate::value::file_kind::FileKind::{Btmp, Lastlog, Utmp, Wtmp};
use crate::value::ut_type::UtType::{self, *};

/// `ut_type` of `bits/utmp.h`; `NEW_TIME` comes before `OLD_TIME`, unlike System V.
pub(super) const UT_TYPES: &[UtType] = &[
    Empty,
    RunLvl,
    BootTime,
    NewTime,
    OldTime,
    InitProcess,
    LoginProcess,
    UserProcess,
    DeadProcess,
    Accounting,
];

/// Facts that all writers on Linux share, whatever their C library.
pub(super) const LINUX: Platform = Platform {
    max_pid: 4_194_304,
    clears_padding: true,
    clears_reserved: true,
    logout_clears_user: true,
    host_at_boot_is_kernel: true,
    has_utmpdump: true,
    ..Platform::like_linux("Linux", UT_TYPES, &[])
};

/// utmp, wtmp and btmp of glibc.
pub static UTMP: Platform = Platform {
    paths: &[
        (Utmp, "/var/run/utmp"),
        (Utmp, "/run/utmp"),
        (Wtmp, "/var/log/wtmp"),
        (Btmp, "/var/log/btmp"),
        (Utmp, "/var/run/utmpx"),
        (Wtmp, "/var/log/wtmpx"),
    ],
    ..LINUX
};

/// lastlog of every Linux library.
pub static LASTLOG: Platform =
    Platform::new("Linux", EventRules::Lastlog, &[], &[(Lastlog, "/var/log/lastlog")]);

/// Whether glibc gave the machine this is compiled for records with 32-bit times: all 32-bit
/// machines, and the 64-bit ones that can run programs of a 32-bit forebear.
#[cfg(feature = "std")]
const HAS_SHORT_TIMES: bool = cfg!(any(
    target_arch = "x86",
    target_arch = "x86_64",
    target_arch = "arm",
    target_arch = "mips",
    target_arch = "mips64",
    target_arch = "powerpc",
    target_arch = "powerpc64",
    target_arch = "riscv32",
    target_arch = "riscv64",
    target_arch = "sparc",
    target_arch = "sparc64"
));

/// Returns the name of the layout in which glibc keeps files of a kind on the machine this is
/// compiled for.
#[cfg(feature = "std")]
pub(crate) fn native_name(kind: FileKind) -> &'static str {
    match (kind, HAS_SHORT_TIMES, cfg!(target_endian = "little")) {
        (Lastlog, true, true) => "linux-lastlog-292-le",
        (Lastlog, true, false) => "linux-lastlog-292-be",
        (Lastlog, false, true) => "linux-lastlog-296-le",
        (Lastlog, false, false) => "linux-lastlog-296-be",
        (_, true, true) => "linux-glibc-384-le",
        (_, true, false) => "linux-glibc-384-be",
        (_, false, true) => "linux-glibc-400-le",
        (_, false, false) => "linux-glibc-400-be",
    }
}

/// `struct utmp` where session and time are 32 bits wide: x86, x86-64, 32-bit ARM, MIPS,
/// PowerPC, RISC-V, SPARC. Seconds are unsigned since glibc 2.40.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp384<O: ByteOrder> {
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
    pub tv_sec: I32<O>,
    pub tv_usec: I32<O>,
    pub ut_addr_v6: [u8; 16],
    pub __glibc_reserved: [u8; 20],
}

record! {
    impl[O: ByteOrder + 'static] Utmp384<O>, Endian::of(O::ORDER), &UTMP;
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
    tv_sec @ 340: Sec,
    tv_usec @ 344: Usec,
    ut_addr_v6 @ 348: AddrV6,
    __glibc_reserved @ 364: Reserved;
    const HAS_VARIANTS: bool = true;

    /// Returns true if seconds or microseconds are zero, as in the damaged forms (see
    /// [`time64`](crate::formats::time64)). If the microseconds are, other bytes must be in place
    /// of the address; normal records mostly have no address there, or IPv4.
    #[inline]
    fn is_suspect(&self) -> bool {
        let odd = || !matches!(u128::from_be_bytes(self.ut_addr_v6).trailing_zeros(), 96..=103 | 128);
        self.tv_sec.get() == 0 || (self.tv_usec.get() == 0 && odd())
    }
}

/// `struct utmp` on m68k, where integers are aligned to two bytes.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp382 {
    pub ut_type: I16<BE>,
    pub ut_pid: I32<BE>,
    pub ut_line: [u8; 32],
    pub ut_id: [u8; 4],
    pub ut_user: [u8; 32],
    pub ut_host: [u8; 256],
    pub e_termination: I16<BE>,
    pub e_exit: I16<BE>,
    pub ut_session: I32<BE>,
    pub tv_sec: I32<BE>,
    pub tv_usec: I32<BE>,
    pub ut_addr_v6: [u8; 16],
    pub __glibc_reserved: [u8; 20],
}

record! {
    impl[] Utmp382, Endian::Big, &UTMP;
    ut_type @ 0: Type,
    ut_pid @ 2: Pid,
    ut_line @ 6: Line,
    ut_id @ 38: Id,
    ut_user @ 42: User,
    ut_host @ 74: Host,
    e_termination @ 330: Termination,
    e_exit @ 332: ExitStatus,
    ut_session @ 334: Session,
    tv_sec @ 338: Sec,
    tv_usec @ 342: Usec,
    ut_addr_v6 @ 346: AddrV6,
    __glibc_reserved @ 362: Reserved,
}

/// `struct utmp` where session and time are 64 bits wide: AArch64, s390x, Alpha,
/// LoongArch, IA-64.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp400<O: ByteOrder> {
    pub ut_type: I16<O>,
    pub __pad_type: [u8; 2],
    pub ut_pid: I32<O>,
    pub ut_line: [u8; 32],
    pub ut_id: [u8; 4],
    pub ut_user: [u8; 32],
    pub ut_host: [u8; 256],
    pub e_termination: I16<O>,
    pub e_exit: I16<O>,
    pub ut_session: I64<O>,
    pub tv_sec: I64<O>,
    pub tv_usec: I64<O>,
    pub ut_addr_v6: [u8; 16],
    pub __glibc_reserved: [u8; 20],
    pub __pad_end: [u8; 4],
}

record! {
    impl[O: ByteOrder + 'static] Utmp400<O>, Endian::of(O::ORDER), &UTMP;
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
    tv_sec @ 344: Sec,
    tv_usec @ 352: Usec,
    ut_addr_v6 @ 360: AddrV6,
    __glibc_reserved @ 376: Reserved,
    __pad_end @ 396: Padding,
}

/// `struct utmp` with 64-bit time aligned to four bytes: ARC, OpenRISC; also utmps and
/// uClibc-ng on 32-bit x86.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp392<O: ByteOrder> {
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
    pub tv_sec: I64<O>,
    pub tv_usec: I64<O>,
    pub ut_addr_v6: [u8; 16],
    pub __glibc_reserved: [u8; 20],
}

record! {
    impl[O: ByteOrder + 'static] Utmp392<O>, Endian::of(O::ORDER), &UTMP;
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
    tv_sec @ 340: Sec,
    tv_usec @ 348: Usec,
    ut_addr_v6 @ 356: AddrV6,
    __glibc_reserved @ 372: Reserved,
}

/// `struct utmp` with 64-bit time aligned to two bytes: uClibc-ng on m68k.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp390 {
    pub ut_type: I16<BE>,
    pub ut_pid: I32<BE>,
    pub ut_line: [u8; 32],
    pub ut_id: [u8; 4],
    pub ut_user: [u8; 32],
    pub ut_host: [u8; 256],
    pub e_termination: I16<BE>,
    pub e_exit: I16<BE>,
    pub ut_session: I32<BE>,
    pub tv_sec: I64<BE>,
    pub tv_usec: I64<BE>,
    pub ut_addr_v6: [u8; 16],
    pub __glibc_reserved: [u8; 20],
}

record! {
    impl[] Utmp390, Endian::Big, &UTMP;
    ut_type @ 0: Type,
    ut_pid @ 2: Pid,
    ut_line @ 6: Line,
    ut_id @ 38: Id,
    ut_user @ 42: User,
    ut_host @ 74: Host,
    e_termination @ 330: Termination,
    e_exit @ 332: ExitStatus,
    ut_session @ 334: Session,
    tv_sec @ 338: Sec,
    tv_usec @ 346: Usec,
    ut_addr_v6 @ 354: AddrV6,
    __glibc_reserved @ 370: Reserved,
}

/// `struct lastlog` of systems with [`Utmp384`]; the slot number is the user id.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Lastlog292<O: ByteOrder> {
    pub ll_time: I32<O>,
    pub ll_line: [u8; 32],
    pub ll_host: [u8; 256],
}

record! {
    impl[O: ByteOrder + 'static] Lastlog292<O>, Endian::of(O::ORDER), &LASTLOG;
    ll_time @ 0: Sec,
    ll_line @ 4: Line,
    ll_host @ 36: Host,
}

/// `struct lastlog` with 64-bit time; the slot number is the user id.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Lastlog296<O: ByteOrder> {
    pub ll_time: I64<O>,
    pub ll_line: [u8; 32],
    pub ll_host: [u8; 256],
}

record! {
    impl[O: ByteOrder + 'static] Lastlog296<O>, Endian::of(O::ORDER), &LASTLOG;
    ll_time @ 0: Sec,
    ll_line @ 8: Line,
    ll_host @ 40: Host,
}
