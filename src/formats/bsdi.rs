//! BSD/OS 2: untyped records with names of 16 and hosts of 32 bytes.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{ByteOrder, Endian, I32};
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::{Lastlog, Utmp, Wtmp};

/// utmp and wtmp.
pub static UTMP: Platform = Platform::new(
    "BSD/OS",
    EventRules::Bsd,
    &[],
    &[(Utmp, "/var/run/utmp"), (Wtmp, "/var/log/wtmp")],
);

/// lastlog.
pub static LASTLOG: Platform =
    Platform::new("BSD/OS", EventRules::Lastlog, &[], &[(Lastlog, "/var/log/lastlog")]);

/// `struct utmp`.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Utmp60<O: ByteOrder> {
    pub ut_line: [u8; 8],
    pub ut_name: [u8; 16],
    pub ut_host: [u8; 32],
    pub ut_time: I32<O>,
}

record! {
    impl[O: ByteOrder + 'static] Utmp60<O>, Endian::of(O::ORDER), &UTMP;
    ut_line @ 0: Line,
    ut_name @ 8: User,
    ut_host @ 24: Host,
    ut_time @ 56: Sec,
}

/// `struct lastlog`; the slot number is the user id.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Lastlog44<O: ByteOrder> {
    pub ll_time: I32<O>,
    pub ll_line: [u8; 8],
    pub ll_host: [u8; 32],
}

record! {
    impl[O: ByteOrder + 'static] Lastlog44<O>, Endian::of(O::ORDER), &LASTLOG;
    ll_time @ 0: Sec,
    ll_line @ 4: Line,
    ll_host @ 12: Host,
}
