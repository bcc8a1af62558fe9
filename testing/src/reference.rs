//! A second reader of records, to compare the library's own with.

use loginrec::layout::{Field, Role};
use loginrec::{Address, Entry, Layout, Text, Timestamp, endian::Endian};

/// Decodes a record field by field from the layout's descriptor. Missing bytes count as zero.
///
/// # Panics
///
/// If an integer field is longer than eight bytes.
pub fn decode_by_fields<'a>(layout: &Layout, record: &'a [u8]) -> Entry<'a> {
    let mut entry = Entry::new(layout.platform);
    for field in layout.fields {
        let start = field.offset.min(record.len());
        let bytes = &record[start..(field.offset + field.len).min(record.len())];
        let int = || integer(layout.endian, field, bytes);
        match field.role {
            Role::Type => entry.raw_type = Some(int() as i32),
            Role::Sec => entry.ut_tv.tv_sec = int(),
            Role::Usec => entry.ut_tv.tv_usec = int(),
            Role::Micros => {
                let micros = int() as u64;
                let (tv_sec, tv_usec) = ((micros / 1_000_000) as i64, (micros % 1_000_000) as i64);
                entry.ut_tv = Timestamp { tv_sec, tv_usec };
            }
            Role::User => entry.ut_user = Text::new(bytes),
            Role::Line => entry.ut_line = Text::new(bytes),
            Role::Host => entry.ut_host = Text::new(bytes),
            Role::Id => entry.ut_id = Text::new(bytes),
            Role::Pid => entry.ut_pid = Some(int()),
            Role::Session => entry.ut_session = Some(int()),
            Role::Termination => {
                entry.ut_exit.get_or_insert_default().e_termination = int() as i32;
            }
            Role::ExitStatus => entry.ut_exit.get_or_insert_default().e_exit = int() as i32,
            Role::AddrV4 => entry.ut_addr = Address::V4(bytes),
            Role::AddrV6 => entry.ut_addr = Address::V6(bytes),
            Role::SocketAddress => entry.ut_addr = Address::Socket(bytes),
            Role::Count => entry.failures.get_or_insert_default().count = int(),
            Role::Limit => entry.failures.get_or_insert_default().max = int() as i32,
            Role::LockSeconds => entry.failures.get_or_insert_default().lock_seconds = int(),
            Role::Status => {
                entry.failures.get_or_insert_default().status = int() as i32;
                let source = match entry.ut_host.raw() {
                    [] => entry.ut_line,
                    _ => entry.ut_host,
                };
                let place = if int() & 2 == 2 { &mut entry.ut_host } else { &mut entry.ut_line };
                *place = source;
                let other = if int() & 2 == 2 { &mut entry.ut_line } else { &mut entry.ut_host };
                *other = Text::default();
            }
            Role::Source => {
                let text = Text::new(bytes);
                let shown = String::from_utf8_lossy(text.as_bytes()).into_owned();
                match shown.contains(['.', ':']) && !shown.starts_with(':') && !shown.contains('/')
                {
                    true => entry.ut_host = text,
                    false => entry.ut_line = text,
                }
            }
            Role::LoginHost if entry.raw_type == Some(7) => entry.ut_host = Text::new(bytes),
            Role::RemoteUser => entry.remote_user = Some(Text::new(bytes)),
            _ => {}
        }
    }
    entry
}

/// Returns the integer whose bytes begin with `bytes`, extended from the length of the field.
fn integer(order: Endian, field: &Field, bytes: &[u8]) -> i64 {
    let mut stored = vec![0; field.len];
    stored[..bytes.len()].copy_from_slice(bytes);
    match order {
        Endian::Big => {}
        Endian::Little => stored.reverse(),
        // The high word comes first; each word is little-endian.
        Endian::Pdp => stored.chunks_mut(2).for_each(<[u8]>::reverse),
    }
    let negative = field.signed && stored.first().is_some_and(|byte| byte & 0x80 != 0);
    let mut wide = [if negative { 0xff } else { 0 }; 8];
    let start = wide.len() - stored.len();
    wide[start..].copy_from_slice(&stored);
    i64::from_be_bytes(wide)
}
