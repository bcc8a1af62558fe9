//! Parts of a file to be written, and helpers shared by the text and JSON parsers.

use std::net::IpAddr;

use loginrec::layout::Role;
use loginrec::{Address, Container, Layout, Timestamp};

/// Bytes and their place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FilePart {
    /// Offset in the file; `None` means right after the previous part.
    pub(crate) offset: Option<u64>,
    pub(crate) bytes: Vec<u8>,
}

/// Rejects layouts that cannot be built from records.
pub(crate) fn writable(layout: &'static Layout) -> Result<(), String> {
    match layout.container {
        container if container.is_database() => Err(format!(
            "{} is a database or a log of messages: its records can be dumped, but the file cannot \
             be rebuilt from them; copy the file itself",
            layout.name
        )),
        _ => Ok(()),
    }
}

/// Returns the offset of a user's record in a lastlog; `None` in other files.
pub(crate) fn slot(layout: &Layout, uid: Option<u64>) -> Result<Option<u64>, String> {
    match (layout.container, uid) {
        (Container::Slots, Some(uid)) => match uid.checked_mul(layout.size as u64) {
            Some(offset) => Ok(Some(offset)),
            None => Err(format!("uid {uid} is too large")),
        },
        (Container::Slots, None) => {
            Err(format!("no uid, which determines the place of a record of {}", layout.name))
        }
        (_, Some(_)) => Err(format!(
            "a lastlog record does not fit {}: choose a lastlog layout with --layout",
            layout.name
        )),
        (_, None) => Ok(None),
    }
}

/// Converts a time for a layout with signed 32-bit seconds: times from 2038 to 2106 become the
/// bytes that read as that time if unsigned.
pub(crate) fn stored(layout: &Layout, mut tv: Timestamp) -> Timestamp {
    let narrow = |field: &&loginrec::layout::Field| field.signed && field.len == 4;
    if layout.field(Role::Sec).as_ref().is_some_and(narrow)
        && (1 << 31..1 << 32).contains(&tv.tv_sec)
    {
        tv.tv_sec -= 1 << 32;
    }
    tv
}

/// Returns an address in the smallest form that holds it. 0.0.0.0 means "none" in every record.
pub(crate) fn address(ip: Option<IpAddr>, octets: &mut [u8; 16]) -> Address<'_> {
    match ip {
        Some(IpAddr::V4(v4)) if !v4.is_unspecified() => {
            let (head, _) = octets.split_at_mut(4);
            head.copy_from_slice(&v4.octets());
            Address::V4(head)
        }
        Some(IpAddr::V6(v6)) => {
            *octets = v6.octets();
            Address::V6(octets)
        }
        _ => Address::Absent,
    }
}
