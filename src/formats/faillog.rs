//! faillog of shadow and pam_tally: failed logins by user id.
//!
//! A login sets the count to zero and leaves the rest; pam_tally clears the line and the time as
//! well. A record may hold only a limit or a lock time, which is no failure. `useradd` writes a
//! zero record for each new account, so the size of the file shows the highest user id.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{ByteOrder, Endian, I16, I32, I64, LE};
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::Failures;

/// faillog.
pub static FAILLOG: Platform = Platform::new(
    "Linux",
    EventRules::Failures,
    &[],
    &[
        (Failures, "/var/log/faillog"),
        (Failures, "/var/adm/faillog"),
        (Failures, "/usr/adm/faillog"),
    ],
);

/// `struct faillog` before it had a lock time (1993).
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Faillog20<O: ByteOrder> {
    pub fail_cnt: I16<O>,
    pub fail_max: I16<O>,
    pub fail_line: [u8; 12],
    pub fail_time: I32<O>,
}

record! {
    impl[O: ByteOrder + 'static] Faillog20<O>, Endian::of(O::ORDER), &FAILLOG;
    fail_cnt @ 0: Count,
    fail_max @ 2: Limit,
    fail_line @ 4: Line,
    fail_time @ 16: Sec,
}

/// `struct faillog` with 32-bit time.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Faillog24<O: ByteOrder> {
    pub fail_cnt: I16<O>,
    pub fail_max: I16<O>,
    pub fail_line: [u8; 12],
    pub fail_time: I32<O>,
    pub fail_locktime: I32<O>,
}

record! {
    impl[O: ByteOrder + 'static] Faillog24<O>, Endian::of(O::ORDER), &FAILLOG;
    fail_cnt @ 0: Count,
    fail_max @ 2: Limit,
    fail_line @ 4: Line,
    fail_time @ 16: Sec,
    fail_locktime @ 20: LockSeconds,
}

/// `struct faillog` with 64-bit time on i386, which aligns it to four bytes.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Faillog28 {
    pub fail_cnt: I16<LE>,
    pub fail_max: I16<LE>,
    pub fail_line: [u8; 12],
    pub fail_time: I64<LE>,
    pub fail_locktime: I32<LE>,
}

record! {
    impl[] Faillog28, Endian::Little, &FAILLOG;
    fail_cnt @ 0: Count,
    fail_max @ 2: Limit,
    fail_line @ 4: Line,
    fail_time @ 16: Sec,
    fail_locktime @ 24: LockSeconds,
}

/// `struct faillog` of 64-bit machines.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Faillog32<O: ByteOrder> {
    pub fail_cnt: I16<O>,
    pub fail_max: I16<O>,
    pub fail_line: [u8; 12],
    pub fail_time: I64<O>,
    pub fail_locktime: I64<O>,
}

record! {
    impl[O: ByteOrder + 'static] Faillog32<O>, Endian::of(O::ORDER), &FAILLOG;
    fail_cnt @ 0: Count,
    fail_max @ 2: Limit,
    fail_line @ 4: Line,
    fail_time @ 16: Sec,
    fail_locktime @ 24: LockSeconds,
}

/// `struct faillog` of 32-bit machines with 64-bit time: `long` is 32 bits wide.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct FaillogW32<O: ByteOrder> {
    pub fail_cnt: I16<O>,
    pub fail_max: I16<O>,
    pub fail_line: [u8; 12],
    pub fail_time: I64<O>,
    pub fail_locktime: I32<O>,
    pub __pad0: [u8; 4],
}

record! {
    impl[O: ByteOrder + 'static] FaillogW32<O>, Endian::of(O::ORDER), &FAILLOG;
    fail_cnt @ 0: Count,
    fail_max @ 2: Limit,
    fail_line @ 4: Line,
    fail_time @ 16: Sec,
    fail_locktime @ 24: LockSeconds,
    __pad0 @ 28: Padding,
}
