//! NetBSD and DragonFly: `struct lastlogx` of `utmpx.h`, the values of the hash database
//! `/var/log/lastlogx`. The length of a value determines its layout. Bytes after the socket address
//! are leaked stack memory; DragonFly never sets the address at all.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::container::Container;
use crate::endian::{ByteOrder, Endian, I32, I64, Order};
use crate::formats::netbsd::LASTLOGX;
use crate::layout::Layout;
use crate::layout::raw_record::{RawRecord, record};

/// Returns the layout of a value with another length than the rest: after an upgrade a database may
/// still hold old values. `None` for a value of the usual length.
fn sibling<O: ByteOrder + 'static, R: RawRecord>(value: &[u8]) -> Option<&'static Layout> {
    const fn name(order: Order, [little, big]: [&'static str; 2]) -> &'static str {
        match order {
            Order::LittleEndian => little,
            Order::BigEndian => big,
        }
    }
    const X424: [&str; 2] = ["netbsd-lastlogx1-424-le", "netbsd-lastlogx1-424-be"];
    const X428: [&str; 2] = ["netbsd-lastlogx-428-le", "netbsd-lastlogx-428-be"];
    const X432: [&str; 2] = ["netbsd-lastlogx-432-le", "netbsd-lastlogx-432-be"];
    match value.len() {
        len if len == size_of::<R>() => None,
        424 => Some(
            const { &Layout::of::<LastlogxV1_424<O>>(name(O::ORDER, X424), Container::BerkeleyHash) },
        ),
        428 => Some(
            const { &Layout::of::<Lastlogx428<O>>(name(O::ORDER, X428), Container::BerkeleyHash) },
        ),
        432 => Some(
            const { &Layout::of::<Lastlogx432<O>>(name(O::ORDER, X432), Container::BerkeleyHash) },
        ),
        _ => None,
    }
}

/// Version 1 on 32-bit ports; DragonFly i386.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct LastlogxV1_424<O: ByteOrder> {
    pub tv_sec: I32<O>,
    pub tv_usec: I32<O>,
    pub ll_line: [u8; 32],
    pub ll_host: [u8; 256],
    pub ll_ss: [u8; 128],
}

record! {
    impl[O: ByteOrder + 'static] LastlogxV1_424<O>, Endian::of(O::ORDER), &LASTLOGX;
    tv_sec @ 0: Sec,
    tv_usec @ 4: Usec,
    ll_line @ 8: Line,
    ll_host @ 40: Host,
    ll_ss @ 296: SocketAddress;
    const HAS_VARIANTS: bool = true;

    fn variant(value: &[u8]) -> Option<&'static Layout> {
        sibling::<O, Self>(value)
    }
}

/// Version 1 on LP64 ports; DragonFly x86-64.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct LastlogxV1_432<O: ByteOrder> {
    pub tv_sec: I64<O>,
    pub tv_usec: I64<O>,
    pub ll_line: [u8; 32],
    pub ll_host: [u8; 256],
    pub ll_ss: [u8; 128],
}

record! {
    impl[O: ByteOrder + 'static] LastlogxV1_432<O>, Endian::of(O::ORDER), &LASTLOGX;
    tv_sec @ 0: Sec,
    tv_usec @ 8: Usec,
    ll_line @ 16: Line,
    ll_host @ 48: Host,
    ll_ss @ 304: SocketAddress;
    const HAS_VARIANTS: bool = true;

    fn variant(value: &[u8]) -> Option<&'static Layout> {
        sibling::<O, Self>(value)
    }
}

/// Version 2 (NetBSD 6 and later) where 64-bit integers are aligned to four bytes.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Lastlogx428<O: ByteOrder> {
    pub tv_sec: I64<O>,
    pub tv_usec: I32<O>,
    pub ll_line: [u8; 32],
    pub ll_host: [u8; 256],
    pub ll_ss: [u8; 128],
}

record! {
    impl[O: ByteOrder + 'static] Lastlogx428<O>, Endian::of(O::ORDER), &LASTLOGX;
    tv_sec @ 0: Sec,
    tv_usec @ 8: Usec,
    ll_line @ 12: Line,
    ll_host @ 44: Host,
    ll_ss @ 300: SocketAddress;
    const HAS_VARIANTS: bool = true;

    fn variant(value: &[u8]) -> Option<&'static Layout> {
        sibling::<O, Self>(value)
    }
}

/// Version 2 where 64-bit integers are aligned to eight bytes.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Lastlogx432<O: ByteOrder> {
    pub tv_sec: I64<O>,
    pub tv_usec: I32<O>,
    pub __pad_tv: [u8; 4],
    pub ll_line: [u8; 32],
    pub ll_host: [u8; 256],
    pub ll_ss: [u8; 128],
}

record! {
    impl[O: ByteOrder + 'static] Lastlogx432<O>, Endian::of(O::ORDER), &LASTLOGX;
    tv_sec @ 0: Sec,
    tv_usec @ 8: Usec,
    __pad_tv @ 12: Padding,
    ll_line @ 16: Line,
    ll_host @ 48: Host,
    ll_ss @ 304: SocketAddress;
    const HAS_VARIANTS: bool = true;

    fn variant(value: &[u8]) -> Option<&'static Layout> {
        sibling::<O, Self>(value)
    }
}
