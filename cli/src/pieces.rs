//! Parts of a file to be written, and what text and JSON have in common on the way there.

use std::net::IpAddr;

use loginrec::layout::Role;
use loginrec::platform::by_name;
use loginrec::{Address, Framing, Layout, Timestamp};

/// Bytes and where they belong.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Offset in the file; `None` for right behind the piece before.
    pub(crate) offset: Option<u64>,
    pub(crate) bytes: Vec<u8>,
}

/// The layout in whose files a layout lies: itself, or that of the whole file for the
/// damaged records of glibc's time64 accident.
pub(crate) fn home(layout: &'static Layout) -> &'static Layout {
    let forms = ["linux-time64a8-", "linux-time64a4-"];
    let form = forms.iter().find_map(|form| layout.name.strip_prefix(form));
    form.and_then(|rest| by_name(&format!("linux-glibc-{rest}"))).unwrap_or(layout)
}

/// Refuses what cannot be built from records.
pub(crate) fn writable(layout: &'static Layout) -> Result<(), String> {
    match layout.framing {
        Framing::Database => Err(format!(
            "{} is a database: its records can be dumped, but the database cannot be rebuilt \
             from them; copy the file itself",
            layout.name
        )),
        _ => Ok(()),
    }
}

/// Where the record of a user stands in a lastlog; `None` in other files.
pub(crate) fn slot(layout: &Layout, uid: Option<u64>) -> Result<Option<u64>, String> {
    match (layout.framing, uid) {
        (Framing::Indexed, Some(uid)) => match uid.checked_mul(layout.size as u64) {
            Some(offset) => Ok(Some(offset)),
            None => Err(format!("uid {uid} is too large")),
        },
        (Framing::Indexed, None) => {
            Err(format!("no uid: a record of {} stands where its uid says", layout.name))
        }
        (_, Some(_)) => Err(format!(
            "a lastlog record has no place in {}: name a lastlog layout with --layout",
            layout.name
        )),
        (_, None) => Ok(None),
    }
}

/// A time for a layout with signed 32-bit seconds: from 2038 to 2106 it is the bytes that
/// read as that time unsigned.
pub(crate) fn stored(layout: &Layout, mut tv: Timestamp) -> Timestamp {
    let narrow = |field: &&loginrec::layout::Field| field.signed && field.len == 4;
    if layout.field(Role::Sec).as_ref().is_some_and(narrow)
        && (1 << 31..1 << 32).contains(&tv.tv_sec)
    {
        tv.tv_sec -= 1 << 32;
    }
    tv
}

/// An address in the smallest form that holds it. 0.0.0.0 means "none" in every record.
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
