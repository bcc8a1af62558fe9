//! Compressed files, known by their first bytes, unpacked in memory.

use std::io::{self, ErrorKind, Read};

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::StreamingDecoder;

use crate::report::reason;
use crate::size::Size;

/// As many bytes as tell a format.
pub(crate) const HEAD: usize = 10;

const CHUNK: usize = 64 << 10;
/// The memory an xz file may ask for besides its content, in KiB; `xz -9` asks for 65 MiB.
const XZ_MEMORY: u32 = 1 << 20;

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

/// What was in a compressed file.
#[derive(Debug)]
pub(crate) struct Unpacked {
    pub(crate) bytes: Vec<u8>,
    /// Why that is not all.
    pub(crate) damage: Option<String>,
}

/// Why unpacking ends early.
enum Stop {
    /// Nothing of it may be used.
    Refused(io::Error),
    /// What was unpacked before may be.
    Damaged(String),
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

    fn name(self) -> &'static str {
        match self {
            Format::Gzip => "gzip",
            Format::Bzip2 => "bzip2",
            Format::Xz => "xz",
            Format::Framed => "zstd or lz4",
        }
    }

    /// Unpacks all members of `data`, up to `limit` bytes. Of damaged data it gives what
    /// comes before the damage.
    pub(crate) fn unpack(self, data: &[u8], limit: u64) -> io::Result<Unpacked> {
        let mut bytes = Vec::new();
        let damage = match self.members(data, &mut Sink { bytes: &mut bytes, limit }) {
            Ok(()) => None,
            Err(Stop::Refused(error)) => return Err(error),
            Err(Stop::Damaged(why)) => {
                let name = match Frame::of(data) {
                    Some(Frame::Zstd) => "zstd",
                    Some(Frame::Lz4) => "lz4",
                    Some(Frame::Skipped) | None => self.name(),
                };
                let why = format!("damaged {name} data: {why}");
                if bytes.is_empty() {
                    return Err(io::Error::new(ErrorKind::InvalidData, why));
                }
                Some(format!("{why}; the {} bytes before that are read", bytes.len()))
            }
        };
        Ok(Unpacked { bytes, damage })
    }

    fn members(self, mut data: &[u8], sink: &mut Sink<'_>) -> Result<(), Stop> {
        loop {
            data = match self {
                Format::Gzip => {
                    let mut member = GzDecoder::new(data);
                    sink.take(&mut member)?;
                    member.into_inner()
                }
                Format::Bzip2 => {
                    let mut member = BzDecoder::new(data);
                    sink.take(&mut member)?;
                    member.into_inner()
                }
                Format::Xz => {
                    let mut member = XzReader::new_mem_limit(data, false, XZ_MEMORY);
                    sink.take(&mut member)?;
                    member.into_inner()
                }
                Format::Framed => frame(data, sink)?,
            };
            // Zeros fill the last block of a tape, and stand between the streams of an xz.
            let padding = data.iter().take_while(|&&byte| byte == 0).count();
            let rest = data.get(padding..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(());
            }
            if Format::of(rest) != Some(self) {
                let len = rest.len();
                return Err(Stop::Damaged(format!("the last {len} bytes are something else")));
            }
            data = rest;
        }
    }
}

/// The frames of zstd and lz4.
enum Frame {
    Zstd,
    Lz4,
    /// Not content. `pzstd` begins its files with one.
    Skipped,
}

impl Frame {
    fn of(head: &[u8]) -> Option<Frame> {
        match head {
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Frame::Zstd),
            [0x04, 0x22, 0x4d, 0x18, ..] => Some(Frame::Lz4),
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Frame::Skipped),
            _ => None,
        }
    }
}

/// Unpacks one frame; gives what lies behind it.
fn frame<'a>(data: &'a [u8], sink: &mut Sink<'_>) -> Result<&'a [u8], Stop> {
    let ends = || Stop::Damaged("it ends too early".to_owned());
    match Frame::of(data) {
        Some(Frame::Zstd) => {
            let mut frame =
                StreamingDecoder::new(data).map_err(|error| Stop::Damaged(error.to_string()))?;
            let header = data.len() - frame.get_ref().len();
            let before = sink.bytes.len();
            match sink.take(&mut frame) {
                Err(Stop::Damaged(why)) => {
                    let ended = last_blocks(data, header, before, sink)?;
                    return Err(Stop::Damaged(ended.unwrap_or(why)));
                }
                other => other?,
            }
            let decoder = &frame.decoder;
            let stored = decoder.get_checksum_from_data();
            if stored.is_some() && stored != decoder.get_calculated_checksum() {
                return Err(Stop::Damaged("the checksum of its content is wrong".to_owned()));
            }
            Ok(frame.into_inner())
        }
        Some(Frame::Lz4) => {
            let mut frame = lz4_flex::frame::FrameDecoder::new(Watched { data, dry: false });
            sink.take(&mut frame)?;
            // This decoder takes the end of the input for the end of the frame.
            let rest = frame.into_inner();
            if rest.dry { Err(ends()) } else { Ok(rest.data) }
        }
        Some(Frame::Skipped) => {
            let (_, behind) = data.split_first_chunk::<4>().ok_or_else(ends)?;
            let (len, behind) = behind.split_first_chunk::<4>().ok_or_else(ends)?;
            let len = usize::try_from(u32::from_le_bytes(*len)).map_err(|_| ends())?;
            behind.get(len..).ok_or_else(ends)
        }
        None => Err(ends()),
    }
}

/// The decoder keeps the newest part of a frame, up to some MiB, until the frame ends. Of
/// one that ends too early it is given the whole blocks and an empty last one. Says so, or
/// `None` if the frame has its end and the damage is another.
fn last_blocks(
    data: &[u8],
    header: usize,
    before: usize,
    sink: &mut Sink<'_>,
) -> Result<Option<String>, Stop> {
    let mut end = header;
    while let Some([a, b, c, ..]) = data.get(end..) {
        let block = u32::from_le_bytes([*a, *b, *c, 0]);
        let repeated = block >> 1 & 3 == 1; // one byte stands for all
        let size = if repeated { 1 } else { block >> 3 };
        let behind = end.saturating_add(3).saturating_add(size as usize);
        if behind > data.len() {
            break;
        }
        if block & 1 == 1 && behind.saturating_add(4) <= data.len() {
            return Ok(None);
        }
        if block & 1 == 1 {
            break; // only the checksum behind it is missing: an empty block takes its place
        }
        end = behind;
    }
    // An empty last block, or the last block itself and a checksum nobody looks at.
    let whole = data.get(..end).unwrap_or_default();
    let rest = data.get(end..).unwrap_or_default();
    let last = if rest.first().is_some_and(|head| head & 1 == 1) { rest } else { &[1, 0, 0] };
    let source = whole.chain(last).chain(&[0; 4][..]);
    if let Ok(mut frame) = StreamingDecoder::new(source) {
        let known = (sink.bytes.len() - before) as u64;
        // What was read before is the same again.
        if io::copy(&mut frame.by_ref().take(known), &mut io::sink()).is_ok() {
            match sink.take(&mut frame) {
                Err(Stop::Refused(error)) => return Err(Stop::Refused(error)),
                Ok(()) | Err(Stop::Damaged(_)) => {}
            }
        }
    }
    Ok(Some("it ends too early".to_owned()))
}

/// Bytes, and whether somebody wanted more than there are.
struct Watched<'a> {
    data: &'a [u8],
    dry: bool,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.data.read(buffer)?;
        self.dry |= read == 0 && !buffer.is_empty();
        Ok(read)
    }
}

/// Where unpacked bytes go.
struct Sink<'a> {
    bytes: &'a mut Vec<u8>,
    limit: u64,
}

impl Sink<'_> {
    /// Reads to the end of a member.
    fn take(&mut self, member: &mut impl Read) -> Result<(), Stop> {
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = match member.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(read) => chunk.get(..read).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                    return Err(Stop::Damaged("it ends too early".to_owned()));
                }
                Err(error) => return Err(Stop::Damaged(reason(&error))),
            };
            if (self.bytes.len() + read.len()) as u64 > self.limit {
                return Err(Stop::Refused(too_large("unpacks to more", self.limit)));
            }
            let room = self.bytes.try_reserve(read.len());
            room.map_err(|_| Stop::Refused(ErrorKind::OutOfMemory.into()))?;
            self.bytes.extend_from_slice(read);
        }
    }
}

/// More than `--max-size` allows. `what` is "more" or ends with it.
pub(crate) fn too_large(what: &str, limit: u64) -> io::Error {
    let why = format!("{what} than {}: --max-size sets the limit", Size(limit));
    io::Error::new(ErrorKind::FileTooLarge, why)
}

/// A file's name without what a compressor put behind it.
pub(crate) fn plain_name(name: &str) -> &str {
    const SUFFIXES: [&str; 5] = [".gz", ".bz2", ".xz", ".zst", ".lz4"];
    let plain = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
    plain.unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn content() -> Vec<u8> {
        (0..3000_u32).flat_map(|n| (n * n % 251).to_le_bytes()).collect()
    }

    /// `content` in each format.
    fn packed(content: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(content).unwrap();
        let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
        bzip2.write_all(content).unwrap();
        let options = lzma_rust2::XzOptions::default();
        let mut xz = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
        xz.write_all(content).unwrap();
        let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
        lz4.write_all(content).unwrap();
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        vec![
            ("gzip", gzip.finish().unwrap()),
            ("bzip2", bzip2.finish().unwrap()),
            ("xz", xz.finish().unwrap()),
            ("lz4", lz4.finish().unwrap()),
            ("zstd", ruzstd::encoding::compress_to_vec(content, level)),
        ]
    }

    fn unpack(data: &[u8], limit: u64) -> io::Result<Unpacked> {
        Format::of(&data[..HEAD.min(data.len())]).unwrap().unpack(data, limit)
    }

    #[test]
    fn members_padding_and_what_follows() {
        let content = content();
        let twice = [&content[..], &content[..]].concat();
        for (format, packed) in packed(&content) {
            let whole = unpack(&packed, u64::MAX).unwrap();
            assert!(whole.bytes == content && whole.damage.is_none(), "{format}");
            for padding in [0, 4, 512] {
                let padding = vec![0; padding];
                let members = [&packed[..], &padding[..], &packed[..], &padding[..]].concat();
                let whole = unpack(&members, u64::MAX).unwrap();
                assert!(whole.bytes == twice && whole.damage.is_none(), "{format}");
            }
            let garbage = unpack(&[&packed[..], b"garbage"].concat(), u64::MAX).unwrap();
            assert_eq!(garbage.bytes, content, "{format}");
            assert!(garbage.damage.unwrap().contains("the last 7 bytes"), "{format}");
        }
    }

    #[test]
    fn the_limit_is_exact() {
        let content = content();
        let len = content.len() as u64;
        for (format, packed) in packed(&content) {
            assert_eq!(unpack(&packed, len).unwrap().bytes, content, "{format}");
            let error = unpack(&packed, len - 1).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::FileTooLarge, "{format}: {error}");
        }
    }

    #[test]
    fn frames_to_be_passed_over() {
        let content = content();
        let skipped = [b"\x5a\x2a\x4d\x18\x03\0\0\0abc", &packed(&content)[4].1[..]].concat();
        assert_eq!(unpack(&skipped, u64::MAX).unwrap().bytes, content);
    }

    #[test]
    fn every_truncation_is_noticed() {
        let content = content();
        for (format, packed) in packed(&content) {
            for len in HEAD..packed.len() {
                match unpack(&packed[..len], u64::MAX) {
                    Ok(part) => {
                        assert!(content.starts_with(&part.bytes), "{format} {len}");
                        assert!(part.damage.is_some(), "{format} {len}");
                    }
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::InvalidData, "{format} {len}")
                    }
                }
            }
        }
    }

    #[test]
    fn damage_anywhere_does_no_harm() {
        let content = content();
        let mut seed = 1_u32;
        let mut random = move || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as usize
        };
        for (_, packed) in packed(&content) {
            for _ in 0..2000 {
                let mut damaged = packed.clone();
                for _ in 0..1 + random() % 4 {
                    let at = 6 + random() % (damaged.len() - 6);
                    damaged[at] = random() as u8;
                }
                if let Some(format) = Format::of(&damaged) {
                    let _ = format.unpack(&damaged, 1 << 20);
                }
            }
        }
    }

    #[test]
    fn heads_that_are_none() {
        for head in [&b""[..], b"\x1f", b"BZh9 a line", b"\xfd7zXZ", b"(\xb5/", b"tty01"] {
            assert_eq!(Format::of(head), None, "{head:?}");
        }
    }
}
