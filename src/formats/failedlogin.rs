//! failedlogin of OpenBSD: failed logins by user id, written by login(1).
//!
//! A failure replaces line, name, host and time and adds one to the count; the next login sets the
//! count to zero and leaves the rest. `bl_name` is the user on the remote side, not the account. A
//! missing host clears one byte, so older text may follow its NUL.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{ByteOrder, Endian, I32, I64, LE, U32, U64};
use crate::layout::raw_record::record;
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::Failures;

/// failedlogin.
pub static FAILEDLOGIN: Platform =
    Platform::new("OpenBSD", EventRules::Failures, &[], &[(Failures, "/var/log/failedlogin")]);

/// `struct badlogin` since 5.5 on i386.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Failedlogin308 {
    pub bl_line: [u8; 8],
    pub bl_name: [u8; 32],
    pub bl_host: [u8; 256],
    pub bl_time: I64<LE>,
    pub count: U32<LE>,
}

record! {
    impl[] Failedlogin308, Endian::Little, &FAILEDLOGIN;
    bl_line @ 0: Line,
    bl_name @ 8: RemoteUser,
    bl_host @ 40: Host,
    bl_time @ 296: Sec,
    count @ 304: Count,
}

/// `struct badlogin` since 5.5 on 64-bit ports.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Failedlogin312<O: ByteOrder> {
    pub bl_line: [u8; 8],
    pub bl_name: [u8; 32],
    pub bl_host: [u8; 256],
    pub bl_time: I64<O>,
    pub count: U64<O>,
}

record! {
    impl[O: ByteOrder + 'static] Failedlogin312<O>, Endian::of(O::ORDER), &FAILEDLOGIN;
    bl_line @ 0: Line,
    bl_name @ 8: RemoteUser,
    bl_host @ 40: Host,
    bl_time @ 296: Sec,
    count @ 304: Count,
}

/// `struct badlogin` since 5.5 on 32-bit ports that align 64-bit integers to eight bytes.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Failedlogin312Short<O: ByteOrder> {
    pub bl_line: [u8; 8],
    pub bl_name: [u8; 32],
    pub bl_host: [u8; 256],
    pub bl_time: I64<O>,
    pub count: U32<O>,
    pub __pad0: [u8; 4],
}

record! {
    impl[O: ByteOrder + 'static] Failedlogin312Short<O>, Endian::of(O::ORDER), &FAILEDLOGIN;
    bl_line @ 0: Line,
    bl_name @ 8: RemoteUser,
    bl_host @ 40: Host,
    bl_time @ 296: Sec,
    count @ 304: Count,
    __pad0 @ 308: Padding,
}

/// `struct badlogin` before 5.5 on 64-bit ports.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Failedlogin312Old<O: ByteOrder> {
    pub bl_line: [u8; 8],
    pub bl_name: [u8; 32],
    pub bl_host: [u8; 256],
    pub bl_time: I32<O>,
    pub __pad0: [u8; 4],
    pub count: U64<O>,
}

record! {
    impl[O: ByteOrder + 'static] Failedlogin312Old<O>, Endian::of(O::ORDER), &FAILEDLOGIN;
    bl_line @ 0: Line,
    bl_name @ 8: RemoteUser,
    bl_host @ 40: Host,
    bl_time @ 296: Sec,
    __pad0 @ 300: Padding,
    count @ 304: Count,
}

/// `struct badlogin` before 5.5 on 32-bit ports.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Failedlogin304<O: ByteOrder> {
    pub bl_line: [u8; 8],
    pub bl_name: [u8; 32],
    pub bl_host: [u8; 256],
    pub bl_time: I32<O>,
    pub count: U32<O>,
}

record! {
    impl[O: ByteOrder + 'static] Failedlogin304<O>, Endian::of(O::ORDER), &FAILEDLOGIN;
    bl_line @ 0: Line,
    bl_name @ 8: RemoteUser,
    bl_host @ 40: Host,
    bl_time @ 296: Sec,
    count @ 300: Count,
}

/// `struct badlogin` of OpenBSD 2 on Alpha.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Failedlogin48 {
    pub bl_line: [u8; 8],
    pub bl_name: [u8; 8],
    pub bl_host: [u8; 16],
    pub bl_time: I32<LE>,
    pub __pad0: [u8; 4],
    pub count: U64<LE>,
}

record! {
    impl[] Failedlogin48, Endian::Little, &FAILEDLOGIN;
    bl_line @ 0: Line,
    bl_name @ 8: RemoteUser,
    bl_host @ 16: Host,
    bl_time @ 32: Sec,
    __pad0 @ 36: Padding,
    count @ 40: Count,
}

/// `struct badlogin` of OpenBSD 2 on 32-bit ports.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Failedlogin40<O: ByteOrder> {
    pub bl_line: [u8; 8],
    pub bl_name: [u8; 8],
    pub bl_host: [u8; 16],
    pub bl_time: I32<O>,
    pub count: U32<O>,
}

record! {
    impl[O: ByteOrder + 'static] Failedlogin40<O>, Endian::of(O::ORDER), &FAILEDLOGIN;
    bl_line @ 0: Line,
    bl_name @ 8: RemoteUser,
    bl_host @ 16: Host,
    bl_time @ 32: Sec,
    count @ 36: Count,
}
