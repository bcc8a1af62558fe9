//! Seventh Edition, System III, 2BSD: line, name, time, nothing else. The clock change pair
//! is `|` and `}`.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::dialect::FileKind::{Utmp, Wtmp};
use crate::dialect::{Dialect, Rules};
use crate::endian::{ByteOrder, Endian, I32, PdpI32};
use crate::layout::record;

/// utmp and wtmp of the Seventh Edition.
pub static UTMP: Dialect =
    Dialect::new("V7", Rules::Bsd, &[], &[(Utmp, "/etc/utmp"), (Wtmp, "/usr/adm/wtmp")]);

/// `struct utmp` on machines with an ordinary `long`.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp20<O: ByteOrder> {
    pub ut_line: [u8; 8],
    pub ut_name: [u8; 8],
    pub ut_time: I32<O>,
}

record! {
    impl[O: ByteOrder + 'static] Utmp20<O>, Endian::of(O::ORDER), &UTMP;
    ut_line @ 0: Line,
    ut_name @ 8: User,
    ut_time @ 16: Sec,
}

/// `struct utmp` on a PDP-11, whose `long` has its high word first.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp20Pdp {
    pub ut_line: [u8; 8],
    pub ut_name: [u8; 8],
    pub ut_time: PdpI32,
}

record! {
    impl[] Utmp20Pdp, Endian::Pdp, &UTMP;
    ut_line @ 0: Line,
    ut_name @ 8: User,
    ut_time @ 16: Sec,
}
