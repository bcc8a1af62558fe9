//! Linux: the damaged 384-byte records of glibc 2.34 to 2.39.
//!
//! On 32-bit ports a program built with `_TIME_BITS=64` saw a larger `struct utmp` than
//! the library (glibc bug 30701). `updwtmp` and `pututline` kept its first 384 bytes, so
//! the time stands where it does in the larger record. Such records lie among proper
//! ones; [`Utmp384`] finds them one by one.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::address::Address;
use crate::endian::{ByteOrder, Endian, I16, I32, I64, Order};
use crate::frame::Framing;
use crate::layout::{Layout, RawRecord as _, record};
use crate::platform::glibc::{UTMP, Utmp384};
use crate::text::Text;
use crate::ut_type::UtType;

/// The damaged form `record` has, if it lies in a file of
/// [`Utmp384`] and is none.
pub(super) fn variant<O: ByteOrder + 'static>(record: &[u8]) -> Option<&'static Layout> {
    let proper = Utmp384::<O>::ref_from_bytes(record).ok().filter(|r| r.is_suspect())?;
    let [.., 0, 0, 0, 0, 0, 0, 0, 0] = proper.__glibc_reserved else { return None };
    let align8 = Time64Align8::<O>::ref_from_bytes(record).ok()?;
    if proper.tv_sec.get() == 0
        && align8.__pad_session == [0; 4]
        && is_time(align8.tv_sec.get(), align8.tv_usec.get())
        && !is_dead_with_address(proper, align8)
    {
        return Some(
            const { &Layout::of::<Time64Align8<O>>(align8_name(O::ORDER), Framing::Fixed) },
        );
    }
    let align4 = Time64Align4::<O>::ref_from_bytes(record).ok()?;
    if is_time(align4.tv_sec.get(), align4.tv_usec.get()) && !reads_as_proper(proper, align4) {
        return Some(
            const { &Layout::of::<Time64Align4<O>>(align4_name(O::ORDER), Framing::Fixed) },
        );
    }
    None
}

/// Since 1990: a machine whose clock stood at 1970 writes proper records with small
/// seconds, which must not be taken for damaged ones.
fn is_time(sec: i64, usec: i64) -> bool {
    (631_152_000..4_102_444_800).contains(&sec) && (0..1_000_000).contains(&usec)
}

/// systemd ends a session in utmp with time zero and keeps the address. Big-endian, that
/// address stands where the damaged form has its seconds.
fn is_dead_with_address<O: ByteOrder>(proper: &Utmp384<O>, align8: &Time64Align8<O>) -> bool {
    let bare =
        proper.tv_usec.get() == 0 && align8.tv_usec.get() == 0 && align8.ut_addr_v6 == [0; 16];
    bare && (UTMP.ut_type(proper.ut_type.get().into()) == UtType::DeadProcess
        || says_address(proper))
}

/// Whether the host is the address in numbers.
fn says_address<O: ByteOrder>(proper: &Utmp384<O>) -> bool {
    let host = Text::new(&proper.ut_host).to_str().and_then(|host| host.parse().ok());
    host.is_some() && host == Address::V6(&proper.ut_addr_v6).ip()
}

/// Whether the record makes sense as it stands. Little-endian the forms agree on the
/// seconds; they differ where the damaged one has microseconds and the proper one an
/// address (10.0.0.0, say, which the host may confirm), and where the damaged one has
/// its address and the proper one the second half of it.
fn reads_as_proper<O: ByteOrder>(proper: &Utmp384<O>, align4: &Time64Align4<O>) -> bool {
    if i64::from(proper.tv_sec.get() as u32) != align4.tv_sec.get() {
        return is_time(proper.tv_sec.get().into(), proper.tv_usec.get().into());
    }
    if align4.tv_usec.get() == 0 {
        // Proper addresses that begin with eight zeros end in something (::1, mapped).
        let spills = proper.__glibc_reserved != [0; 20];
        let [0, 0, 0, 0, 0, 0, 0, 0, .., a, b, c, d] = proper.ut_addr_v6 else { return true };
        return align4.ut_addr_v6 == [0; 16] || ([a, b, c, d] != [0; 4] && !spills);
    }
    // A remote host comes with its address: without one in the damaged reading, what looks
    // like microseconds is that address, 192.0.2.0 say, of a writer that stores none
    // (busybox, dropbear; sshd in btmp). Displays and terminal programs have no address.
    let local = matches!(proper.ut_host, [0 | b':', ..]) || proper.ut_host.contains(&b'(');
    let ut_type = UTMP.ut_type(proper.ut_type.get().into());
    let process = matches!(ut_type, UtType::UserProcess | UtType::LoginProcess);
    let host_number = align4.tv_usec.get() > 0xffff;
    let remote = process && !local && host_number && align4.ut_addr_v6 == [0; 16];
    remote || says_address(proper) || Text::new(&proper.ut_line) == "ssh:notty"
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
