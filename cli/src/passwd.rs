//! The names of users, from the passwd of an image.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use crate::args::Reading;
use crate::filename::FileName;
use crate::report::{Report, reason};
use crate::root;

/// The longest passwd that is read.
const LONGEST: u64 = 64 << 20;

/// The text of the passwd that is named, or of the one below `--root`; none if there is
/// neither. One that cannot be read leaves users without names, which is worth going on for.
pub(crate) fn text(named: Option<&Path>, reading: &Reading, report: &mut Report) -> Vec<u8> {
    let below = || reading.root.as_deref().and_then(root::passwd);
    let Some(path) = named.map(Path::to_owned).or_else(below) else { return Vec::new() };
    read(&path).unwrap_or_else(|error| {
        report.damaged(&FileName::new(&path), reason(&error));
        Vec::new()
    })
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    // Opening a pipe would wait for somebody to write to it.
    let about = fs::metadata(path)?;
    if !about.is_file() {
        let why = if about.is_dir() { "is a directory" } else { "is no ordinary file" };
        return Err(io::Error::new(ErrorKind::InvalidInput, why));
    }
    let mut text = Vec::new();
    File::open(path)?.take(LONGEST).read_to_end(&mut text)?;
    Ok(text)
}

/// The names and ids in `name:password:uid:...` lines, in their order. Whatever is no such
/// line (a comment, an entry of NIS, garbage) is passed over. A name is as stored: it need
/// not be UTF-8, nor fit for a terminal.
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
