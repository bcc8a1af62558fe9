//! Compressed formats, known by their first bytes.

/// As many bytes as tell a format.
pub(crate) const HEAD: usize = 10;

/// A compressed format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Gzip,
    Bzip2,
    Xz,
    /// zstd and lz4 share the frames that readers pass over, so one file may begin with
    /// those and be either.
    Framed,
}

impl Format {
    /// The format of data that begins with `head`; `None` if it is not compressed.
    pub(crate) fn of(head: &[u8]) -> Option<Format> {
        match head {
            [0x1f, 0x8b, 8, ..] => Some(Format::Gzip),
            // `BZh9` alone could be a terminal line; behind it is pi, or the root of pi at
            // the end of an empty file.
            [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] => {
                const MARKS: [&[u8]; 2] =
                    [b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90"];
                MARKS.iter().any(|mark| rest.starts_with(mark)).then_some(Format::Bzip2)
            }
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Format::Xz),
            head => Frame::of(head).map(|_| Format::Framed),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Format::Gzip => "gzip",
            Format::Bzip2 => "bzip2",
            Format::Xz => "xz",
            Format::Framed => "zstd or lz4",
        }
    }
}

/// The frames of zstd and lz4.
pub(super) enum Frame {
    Zstd,
    Lz4,
    /// Not content. `pzstd` begins its files with one.
    Skipped,
}

impl Frame {
    pub(super) fn of(head: &[u8]) -> Option<Frame> {
        match head {
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Frame::Zstd),
            [0x04, 0x22, 0x4d, 0x18, ..] => Some(Frame::Lz4),
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Frame::Skipped),
            _ => None,
        }
    }
}

/// A file's name without what a compressor put behind it.
pub(crate) fn plain_name(name: &str) -> &str {
    const SUFFIXES: [&str; 5] = [".gz", ".bz2", ".xz", ".zst", ".lz4"];
    let plain = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
    plain.unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_that_are_none() {
        for head in [&b""[..], b"\x1f", b"BZh9 a line", b"\xfd7zXZ", b"(\xb5/", b"tty01"] {
            assert_eq!(Format::of(head), None, "{head:?}");
        }
    }
}
