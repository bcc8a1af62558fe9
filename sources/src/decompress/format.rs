//! Compressed formats, detected by their first bytes.

/// A compressed format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// gzip, `.gz`.
    Gzip,
    /// bzip2, `.bz2`.
    Bzip2,
    /// xz, `.xz`.
    Xz,
    /// Zstandard or LZ4, `.zst` and `.lz4`. A file of either may begin with frames that readers
    /// of both skip.
    ZstdOrLz4,
}

impl Compression {
    /// Number of bytes that [`Compression::detect`] examines.
    pub const HEAD_LEN: usize = 10;

    /// Returns the format of a file that begins with `head`; `None` if it is not compressed.
    pub fn detect(head: &[u8]) -> Option<Compression> {
        match head {
            [0x1f, 0x8b, 8, ..] => Some(Compression::Gzip),
            // `BZh9` alone could be the name of a terminal. It is followed by the digits of pi, or
            // of the square root of pi, which ends an empty file.
            [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] => {
                const MARKS: [&[u8]; 2] =
                    [b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90"];
                MARKS.iter().any(|mark| rest.starts_with(mark)).then_some(Compression::Bzip2)
            }
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Compression::Xz),
            head => Frame::of(head).map(|_| Compression::ZstdOrLz4),
        }
    }

    /// Returns the name of the format.
    pub fn name(self) -> &'static str {
        match self {
            Compression::Gzip => "gzip",
            Compression::Bzip2 => "bzip2",
            Compression::Xz => "xz",
            Compression::ZstdOrLz4 => "zstd or lz4",
        }
    }
}

/// A frame of a file of [`Compression::ZstdOrLz4`].
pub(super) enum Frame {
    Zstd,
    Lz4,
    /// Not content. Files of `pzstd` begin with one.
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

/// Returns a file's name without the suffix that a compressor added.
///
/// ```
/// assert_eq!(loginrec_sources::uncompressed_name("wtmp.1.gz"), "wtmp.1");
/// ```
pub fn uncompressed_name(name: &str) -> &str {
    const SUFFIXES: [&str; 5] = [".gz", ".bz2", ".xz", ".zst", ".lz4"];
    let plain = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
    plain.unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_heads() {
        for head in [&b""[..], b"\x1f", b"BZh9 a line", b"\xfd7zXZ", b"(\xb5/", b"tty01"] {
            assert_eq!(Compression::detect(head), None, "{head:?}");
        }
    }
}
