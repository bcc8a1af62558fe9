//! Parts of a file to be written, and helpers shared by the text and JSON parsers.

use std::io;
use std::net::IpAddr;

use loginrec::layout::Role;
use loginrec::{Address, Container, Layout, Timestamp};

use crate::output::writer::Target;

/// Bytes and their place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FilePart {
    /// Offset in the file; `None` means right after the previous part.
    pub(crate) offset: Option<u64>,
    pub(crate) bytes: Vec<u8>,
}

/// The side that failed.
#[derive(Debug)]
pub(super) enum Failure {
    Input(String),
    Output(io::Error),
}

impl From<String> for Failure {
    fn from(why: String) -> Failure {
        Failure::Input(why)
    }
}

/// Writes a part at its place. `kind` is `line` or `row`, `number` its number.
pub(super) fn put(
    target: &mut Target,
    part: &FilePart,
    kind: &str,
    number: u64,
) -> Result<(), Failure> {
    let position = target.position();
    let offset = part.offset.unwrap_or(position);
    if offset < position {
        return Err(Failure::Input(format!(
            "{kind} {number}: byte {offset} has already been written ({position} bytes are): sort \
             the {kind}s by offset or uid, without duplicates"
        )));
    }
    if target.is_too_far(offset) {
        return Err(Failure::Input(format!(
            "{kind} {number}: {} zeros are too many for standard output: choose a file with \
             --output, which can have holes",
            offset - position
        )));
    }
    target.skip_to(offset).and_then(|()| target.write(&part.bytes)).map_err(Failure::Output)
}

/// Rejects layouts that cannot be built from records.
pub(crate) fn writable(layout: &'static Layout) -> Result<(), String> {
    match layout.container {
        container if container.has_messages() => Err(format!(
            "{} is a log of messages: its logins can be dumped, but the log cannot be rebuilt \
             from them; copy the file itself",
            layout.name
        )),
        Container::Session => Err(format!(
            "{} is text: its session can be dumped, but the file cannot be rebuilt from that; \
             copy the file itself",
            layout.name
        )),
        container if container.is_database() => Err(format!(
            "{} is a database: its records can be dumped, but the database cannot be rebuilt \
             from them; copy the file itself",
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
