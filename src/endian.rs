//! Byte orders. No other module names the crates that implement them.

pub use zerocopy::byteorder::{ByteOrder, I16, I32, I64, Order, U16, U32, U64};
pub use zerocopy::{BE, LE};

use byteorder::ByteOrder as _;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The byte order of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Endian {
    /// Least significant byte first: x86, most ARM, RISC-V, VAX, Alpha.
    Little,
    /// Most significant byte first: SPARC, PowerPC, s390x, m68k, PA-RISC.
    Big,
    /// PDP-11: 16-bit words are little-endian, the high word of a `long` first.
    Pdp,
}

impl Endian {
    /// Returns the value for a byte order of the type level.
    pub const fn of(order: Order) -> Endian {
        match order {
            Order::LittleEndian => Endian::Little,
            Order::BigEndian => Endian::Big,
        }
    }
}

/// A 32-bit `long` as a PDP-11 stores it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct PdpI32([u8; 4]);

impl PdpI32 {
    /// Returns the value.
    #[inline]
    pub fn get(&self) -> i32 {
        let [high0, high1, low0, low1] = self.0;
        i32::from_le_bytes([low0, low1, high0, high1])
    }
}

/// An integer field of a record: any width, sign and byte order.
pub(crate) trait Int {
    /// Returns the value; a `u64` above `i64::MAX` wraps.
    fn int(&self) -> i64;
}

macro_rules! ints {
    ($($t:ident),*) => { $(
        impl<O: ByteOrder> Int for $t<O> {
            #[inline]
            fn int(&self) -> i64 {
                self.get() as i64
            }
        }
    )* };
}
ints!(I16, I32, I64, U16, U32, U64);

impl Int for u8 {
    #[inline]
    fn int(&self) -> i64 {
        (*self).into()
    }
}

impl Int for PdpI32 {
    #[inline]
    fn int(&self) -> i64 {
        self.get().into()
    }
}

/// Reads up to eight bytes as an unsigned integer of `width` bytes. Missing bytes count as zero, as
/// in the trimmed records of FreeBSD.
#[inline]
pub(crate) fn read_uint(order: Endian, bytes: &[u8], width: usize) -> u64 {
    match (order, bytes) {
        (_, &[a]) if width == 1 => a.into(),
        (Endian::Little, &[a, b]) if width == 2 => u16::from_le_bytes([a, b]).into(),
        (Endian::Big, &[a, b]) if width == 2 => u16::from_be_bytes([a, b]).into(),
        (Endian::Little, &[a, b, c, d]) if width == 4 => u32::from_le_bytes([a, b, c, d]).into(),
        (Endian::Big, &[a, b, c, d]) if width == 4 => u32::from_be_bytes([a, b, c, d]).into(),
        (Endian::Pdp, &[a, b, c, d]) if width == 4 => u32::from_le_bytes([c, d, a, b]).into(),
        (Endian::Little, &[a, b, c, d, e, f, g, h]) if width == 8 => {
            u64::from_le_bytes([a, b, c, d, e, f, g, h])
        }
        (Endian::Big, &[a, b, c, d, e, f, g, h]) if width == 8 => {
            u64::from_be_bytes([a, b, c, d, e, f, g, h])
        }
        _ => read_part(order, bytes, width),
    }
}

/// Reads other widths, and integers that are cut short.
fn read_part(order: Endian, bytes: &[u8], width: usize) -> u64 {
    let mut stored = [0u8; 8];
    let width = width.min(8);
    for (to, from) in stored.iter_mut().zip(bytes.iter().take(width)) {
        *to = *from;
    }
    match order {
        Endian::Little => byteorder::LittleEndian::read_u64(&stored),
        Endian::Big => {
            let unused = 64u32.saturating_sub(bits(width));
            byteorder::BigEndian::read_u64(&stored).checked_shr(unused).unwrap_or(0)
        }
        Endian::Pdp => {
            let [a, b, c, d, ..] = stored;
            u32::from_le_bytes([c, d, a, b]).into()
        }
    }
}

/// Reads as [`read_uint`] does, and extends the sign from `width` bytes.
#[inline]
pub(crate) fn read_int(order: Endian, bytes: &[u8], width: usize) -> i64 {
    match (order, bytes) {
        // The usual case.
        (Endian::Little, &[a, b, c, d]) if width == 4 => i32::from_le_bytes([a, b, c, d]).into(),
        _ => read_any_int(order, bytes, width),
    }
}

#[inline(never)]
fn read_any_int(order: Endian, bytes: &[u8], width: usize) -> i64 {
    let shift = 64u32.saturating_sub(bits(width.clamp(1, 8)));
    ((read_uint(order, bytes, width) << shift) as i64) >> shift
}

/// Writes the low `out.len()` bytes of `value`; the inverse of [`read_uint`].
pub(crate) fn write_uint(order: Endian, value: u64, out: &mut [u8]) {
    let le = value.to_le_bytes();
    let [a, b, c, d, ..] = le;
    match order {
        Endian::Little => out.iter_mut().zip(le).for_each(|(to, from)| *to = from),
        Endian::Big => out.iter_mut().rev().zip(le).for_each(|(to, from)| *to = from),
        Endian::Pdp => out.iter_mut().zip([c, d, a, b]).for_each(|(to, from)| *to = from),
    }
}

fn bits(width: usize) -> u32 {
    (width as u32).saturating_mul(8)
}
