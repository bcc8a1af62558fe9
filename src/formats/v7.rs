//! Seventh Edition, System III, 2BSD: line, name and time only. A clock change is a pair of records
//! on the lines `|` and `}`.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{ByteOrder, Endian, I32, PdpI32};
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::{Utmp, Wtmp};

/// utmp and wtmp of the Seventh Edition.
pub static UTMP: Platform =
    Platform::new("V7", EventRules::Bsd, &[], &[(Utmp, "/etc/utmp"), (Wtmp, "/usr/adm/wtmp")]);

/// `struct utmp` on machines with the usual order of bytes in a `long`.
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
