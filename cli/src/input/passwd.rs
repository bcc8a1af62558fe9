//! The names of users, from the passwd of an image.

use std::io::{self, Read};
use std::path::Path;

use crate::diagnostics::{Diagnostics, reason};
use crate::file_name::FileName;
use crate::input::stored::{self, Stored};
use crate::sources::MachineFiles;

/// The longest passwd that is read, in bytes.
const LONGEST: u64 = 64 << 20;

/// Returns the text of the given passwd, or of the machine's own; empty if there is neither. If it
/// cannot be read, users have no names, and the command continues.
pub(crate) fn text(
    named: Option<&Path>,
    machine: &MachineFiles,
    report: &mut Diagnostics,
) -> Vec<u8> {
    let Some(path) = named.or(machine.passwd.as_deref()) else { return Vec::new() };
    let name = FileName::new(path);
    read(&name, report).unwrap_or_else(|error| {
        report.damaged(&name, reason(&error));
        Vec::new()
    })
}

fn read(name: &FileName<'_>, report: &mut Diagnostics) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let reader: Box<dyn Read> = match stored::open(name, report)? {
        Stored::File(file) => Box::new(file),
        Stored::Held(held) => Box::new(held),
        Stored::Once(reader) => reader,
    };
    reader.take(LONGEST).read_to_end(&mut text)?;
    Ok(text)
}

/// Returns the names and ids in `name:password:uid:...` lines, in their order. Other lines (a
/// comment, an entry of NIS, garbage) are skipped. Names are as stored: they may be invalid UTF-8
/// or contain control characters.
pub(crate) fn entries(passwd: &[u8]) -> impl Iterator<Item = (&[u8], u64)> {
    passwd.split(|&byte| byte == b'\n').filter_map(|line| {
        let mut fields = line.split(|&byte| byte == b':');
        let (name, _, uid) = (fields.next()?, fields.next()?, fields.next()?);
        let uid = str::from_utf8(uid).ok()?.parse().ok()?;
        (!matches!(name, [] | [b'#' | b'+' | b'-', ..])).then_some((name, uid))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_good_and_bad() {
        let passwd: &[u8] = b"root:x:0:0:root:/root:/bin/sh\ntoor:*:0:0::/:\n# daemon:x:1\n\
            +::7::::\n\xe9ve:x:1001:\nnobody:x:-2:\n:x:5:\nshort:x\n\0\xff\nlast:x:4294967294:0";
        let found: Vec<_> = entries(passwd).collect();
        let expected: &[(&[u8], u64)] =
            &[(b"root", 0), (b"toor", 0), (b"\xe9ve", 1001), (b"last", 4_294_967_294)];
        assert_eq!(found, expected);
    }
}
