//! IRIX: last logins, in one file for each user, which has the user's name and one record.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{BE, Endian, I32, U32};
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::{self, Lastlog};

const fn lastlog(paths: &'static [(FileKind, &'static str)]) -> Platform {
    Platform { is_named_by_user: true, ..Platform::new("IRIX", EventRules::Lastlog, &[], paths) }
}

/// Last logins since IRIX 5.0.
pub static LASTLOG: Platform = lastlog(&[(Lastlog, "/var/adm/lastlog/*")]);

/// Last logins of IRIX 4.
pub static LASTLOG4: Platform = lastlog(&[(Lastlog, "/usr/adm/lastlog/*")]);

/// `struct lastlog` of IRIX 5.1 to 6.5. Padding and level are not cleared. Of a remote login, the
/// line is the user's name on the other machine.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Lastlog300 {
    pub ll_time: I32<BE>,
    pub ll_line: [u8; 32],
    pub ll_host: [u8; 257],
    pub __pad0: [u8; 3],
    pub ll_level: U32<BE>,
}

record! {
    impl[] Lastlog300, Endian::Big, &LASTLOG;
    ll_time @ 0: Sec,
    ll_line @ 4: Line,
    ll_host @ 36: Host,
    __pad0 @ 293: Padding,
    ll_level @ 296: Reserved,
}

/// `struct lastlog` of IRIX 4.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Lastlog84 {
    pub ll_status: I32<BE>,
    pub ll_time: I32<BE>,
    pub ll_line: [u8; 12],
    pub ll_host: [u8; 64],
}

record! {
    impl[] Lastlog84, Endian::Big, &LASTLOG4;
    ll_status @ 0: Reserved,
    ll_time @ 4: Sec,
    ll_line @ 8: Line,
    ll_host @ 20: Host,
}

/// `struct lastlog` of the first release of IRIX 5.0.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Lastlog36 {
    pub ll_time: I32<BE>,
    pub ll_line: [u8; 12],
    pub ll_host: [u8; 16],
    pub ll_level: U32<BE>,
}

record! {
    impl[] Lastlog36, Endian::Big, &LASTLOG;
    ll_time @ 0: Sec,
    ll_line @ 4: Line,
    ll_host @ 16: Host,
    ll_level @ 32: Reserved,
}
