//! Linux: the damaged 384-byte records of glibc 2.34 to 2.39.
//!
//! On 32-bit ports a program built with `_TIME_BITS=64` used a larger `struct utmp` than the
//! library (glibc bug 30701). `updwtmp` and `pututline` kept its first 384 bytes, so the time has
//! the offset of the larger record. Such records occur among normal ones; [`Utmp384`] recognizes
//! each of them.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::container::Container;
use crate::endian::{ByteOrder, Endian, I16, I32, I64, Order};
use crate::formats::glibc::{UTMP, Utmp384};
use crate::layout::Layout;
use crate::layout::raw_record::record;
use crate::layout::raw_record::sealed::Decode as _;
use crate::value::address::Address;
use crate::value::text::Text;
use crate::value::ut_type::UtType;

/// Returns the damaged form of `record`, which comes from a file of [`Utmp384`]; `None` if it is a
/// normal record.
pub(super) fn variant<O: ByteOrder + 'static>(record: &[u8]) -> Option<&'static Layout> {
    let normal = Utmp384::<O>::ref_from_bytes(record).ok().filter(|r| r.is_suspect())?;
    let [.., 0, 0, 0, 0, 0, 0, 0, 0] = normal.__glibc_reserved else { return None };
    let align8 = Time64Align8::<O>::ref_from_bytes(record).ok()?;
    if normal.tv_sec.get() == 0
        && align8.__pad_session == [0; 4]
        && (is_time(align8.tv_sec.get(), align8.tv_usec.get())
            && !is_global_address(normal)
            && !is_dead_with_address(normal, align8)
            || !is_normal(normal, align8))
    {
        return Some(
            const { &Layout::of::<Time64Align8<O>>(align8_name(O::ORDER), Container::Array) },
        );
    }
    let align4 = Time64Align4::<O>::ref_from_bytes(record).ok()?;
    if is_time(align4.tv_sec.get(), align4.tv_usec.get()) && !reads_as_normal(normal, align4) {
        return Some(
            const { &Layout::of::<Time64Align4<O>>(align4_name(O::ORDER), Container::Array) },
        );
    }
    None
}

/// Returns whether this is a time since 1990. A machine whose clock was at 1970 writes normal
/// records with small seconds, which must not be taken for damaged ones.
fn is_time(sec: i64, usec: i64) -> bool {
    (631_152_000..4_102_444_800).contains(&sec) && (0..1_000_000).contains(&usec)
}

/// Returns whether the record may be a normal one of the year 1970, whatever the damaged form has
/// as microseconds. In little-endian files that form has its seconds where a normal record has
/// microseconds, in big-endian files where it has its address. No address in use begins like a time
/// from 2004 to 2097: [global](is_global_address) ones are earlier times, local ones later.
fn is_normal<O: ByteOrder>(normal: &Utmp384<O>, align8: &Time64Align8<O>) -> bool {
    let usec = 0_i64..1_000_000;
    match O::ORDER {
        Order::LittleEndian => usec.contains(&i64::from(normal.tv_usec.get())),
        Order::BigEndian => {
            normal.tv_usec.get() != 0
                || usec.contains(&align8.tv_usec.get())
                || !(0x4000_0000..0xf000_0000).contains(&align8.tv_sec.get())
        }
    }
}

/// Returns whether the address of a normal record is one of `2000::/3`. In big-endian files, the
/// damaged form has a time before 2004 there; but programs that write it are of 2021 and later.
fn is_global_address<O: ByteOrder>(normal: &Utmp384<O>) -> bool {
    let [first, ..] = normal.ut_addr_v6;
    O::ORDER == Order::BigEndian && first >> 5 == 1
}

/// Returns whether this is the end of a session written by systemd: utmp gets the time zero and
/// keeps the address. In big-endian files that address is where the damaged form has its seconds.
fn is_dead_with_address<O: ByteOrder>(normal: &Utmp384<O>, align8: &Time64Align8<O>) -> bool {
    let bare =
        normal.tv_usec.get() == 0 && align8.tv_usec.get() == 0 && align8.ut_addr_v6 == [0; 16];
    bare && (UTMP.ut_type(normal.ut_type.get().into()) == UtType::DeadProcess
        || says_address(normal))
}

/// Returns whether the host is the address in numeric form.
fn says_address<O: ByteOrder>(normal: &Utmp384<O>) -> bool {
    let host = Text::new(&normal.ut_host).to_str().and_then(|host| host.parse().ok());
    host.is_some() && host == Address::V6(&normal.ut_addr_v6).ip()
}

/// Returns whether the record makes sense as a normal one. In little-endian files both forms agree
/// on the seconds. They differ where the damaged form has microseconds and the normal one an
/// address (such as 10.0.0.0, which the host may confirm), and where the damaged form has its
/// address and the normal one the second half of it.
fn reads_as_normal<O: ByteOrder>(normal: &Utmp384<O>, align4: &Time64Align4<O>) -> bool {
    if i64::from(normal.tv_sec.get() as u32) != align4.tv_sec.get() {
        return is_time(normal.tv_sec.get().into(), normal.tv_usec.get().into());
    }
    if align4.tv_usec.get() == 0 {
        // Normal addresses that begin with eight zeros have other bytes at the end (::1, mapped).
        let spills = normal.__glibc_reserved != [0; 20];
        let [0, 0, 0, 0, 0, 0, 0, 0, .., a, b, c, d] = normal.ut_addr_v6 else { return true };
        return align4.ut_addr_v6 == [0; 16] || ([a, b, c, d] != [0; 4] && !spills);
    }
    // A remote host has its address stored too. If the damaged reading has none, the supposed
    // microseconds are that address, such as 192.0.2.0, from a writer that stores none elsewhere
    // (busybox, dropbear; sshd in btmp). Displays and terminal programs have no address.
    let local = matches!(normal.ut_host, [0 | b':', ..]) || normal.ut_host.contains(&b'(');
    let ut_type = UTMP.ut_type(normal.ut_type.get().into());
    let process = matches!(ut_type, UtType::UserProcess | UtType::LoginProcess);
    let host_number = align4.tv_usec.get() > 0xffff;
    let remote = process && !local && host_number && align4.ut_addr_v6 == [0; 16];
    remote || says_address(normal) || Text::new(&normal.ut_line) == "ssh:notty"
}

const fn align8_name(order: Order) -> &'static str {
    match order {
        Order::LittleEndian => "linux-time64a8-384-le",
        Order::BigEndian => "linux-time64a8-384-be",
    }
}

const fn align4_name(order: Order) -> &'static str {
    match order {
        Order::LittleEndian => "linux-time64a4-384-le",
        Order::BigEndian => "linux-time64a4-384-be",
    }
}

/// The first 384 bytes of a record whose 64-bit integers are aligned to eight bytes:
/// ARM, MIPS, PowerPC, SPARC, PA-RISC.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Time64Align8<O: ByteOrder> {
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
    pub __glibc_reserved: [u8; 8],
}

record! {
    impl[O: ByteOrder + 'static] Time64Align8<O>, Endian::of(O::ORDER), &UTMP;
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
    __glibc_reserved @ 376: Reserved;
    const IS_VARIANT: bool = true;
}

/// The first 384 bytes of a record whose 64-bit integers are aligned to four bytes: x86,
/// SuperH.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Time64Align4<O: ByteOrder> {
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
    pub __glibc_reserved: [u8; 12],
}

record! {
    impl[O: ByteOrder + 'static] Time64Align4<O>, Endian::of(O::ORDER), &UTMP;
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
    __glibc_reserved @ 372: Reserved;
    const IS_VARIANT: bool = true;
}
