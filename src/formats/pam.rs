//! Linux-PAM: tallylog of pam_tally2, by user id, and the files of pam_faillock, one for each user.
//!
//! pam_tally2 counts attempts before the password is checked, and a login clears the record.
//! pam_faillock writes a record for each failure, reuses invalid ones, and writes none while the
//! account is locked; a login empties the file.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{ByteOrder, Endian, U16, U64};
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::Failures;

/// tallylog of pam_tally2.
pub static TALLYLOG: Platform =
    Platform::new("Linux", EventRules::Failures, &[], &[(Failures, "/var/log/tallylog")]);

/// Files of pam_faillock, each named after its user.
pub static FAILLOCK: Platform = Platform {
    is_named_by_user: true,
    ..Platform::new(
        "Linux",
        EventRules::Failures,
        &[],
        &[(Failures, "/var/run/faillock/*"), (Failures, "/run/faillock/*")],
    )
};

/// `struct tallylog`, the same on every machine but for the byte order. `fail_line` is a host, else
/// a terminal, else `unknown`.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Tallylog64<O: ByteOrder> {
    pub fail_line: [u8; 52],
    pub reserved: [u8; 2],
    pub fail_cnt: U16<O>,
    pub fail_time: U64<O>,
}

record! {
    impl[O: ByteOrder + 'static] Tallylog64<O>, Endian::of(O::ORDER), &TALLYLOG;
    fail_line @ 0: Source,
    reserved @ 52: Reserved,
    fail_cnt @ 54: Count,
    fail_time @ 56: Sec,
}

/// `struct tally`. `source` is a host, a terminal or a service, as `status` tells; it may fill its
/// field.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Faillock64<O: ByteOrder> {
    pub source: [u8; 52],
    pub reserved: [u8; 2],
    pub status: U16<O>,
    pub time: U64<O>,
}

record! {
    impl[O: ByteOrder + 'static] Faillock64<O>, Endian::of(O::ORDER), &FAILLOCK;
    source @ 0: Source,
    reserved @ 52: Reserved,
    status @ 54: Status,
    time @ 56: Sec,
}
