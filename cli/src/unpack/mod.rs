//! Compressed files, known by their first bytes, unpacked as they are read.

mod ahead;
mod format;
mod zstd;

use std::io::{self, ErrorKind, Read};
use std::mem;

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use self::ahead::Ahead;
use self::format::Frame;
pub(crate) use self::format::{Format, HEAD, plain_name};
use self::zstd::{Blocks, Part};
use crate::report::reason;
use crate::size::Size;

/// The memory an xz file may ask for besides its content, in KiB; `xz -9` asks for 65 MiB.
const XZ_MEMORY: u32 = 1 << 20;

impl Format {
    /// What `packed` holds, up to `limit` bytes.
    pub(crate) fn unpack<R: Read>(self, packed: R, limit: u64) -> Unpacker<R> {
        let member = Member::Next(Ahead::new(packed));
        Unpacker { format: self, name: self.name(), member, limit, given: 0, first: true }
    }
}

/// What is in all members of a compressed file, as it is read. Of damaged data it gives what
/// comes before the damage, then the error.
pub(crate) struct Unpacker<R: Read> {
    format: Format,
    /// The format of the member at hand, for people.
    name: &'static str,
    member: Member<R>,
    limit: u64,
    /// Bytes given so far.
    given: u64,
    first: bool,
}

/// Where reading has got to.
enum Member<R: Read> {
    /// Before a member, padding, or the end.
    Next(Ahead<R>),
    Gzip(Box<GzDecoder<Ahead<R>>>),
    Bzip2(BzDecoder<Ahead<R>>),
    Xz(Box<XzReader<Ahead<R>>>),
    Zstd(Box<StreamingDecoder<Blocks<R>, FrameDecoder>>),
    Lz4(Box<lz4_flex::frame::FrameDecoder<Watched<R>>>),
    /// More was unpacked than the limit allows.
    Burst,
    Over,
}

impl<R: Read> Read for Unpacker<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !buffer.is_empty() {
            let read = match &mut self.member {
                Member::Next(_) => {
                    self.begin()?;
                    continue;
                }
                Member::Gzip(member) => member.read(buffer),
                Member::Bzip2(member) => member.read(buffer),
                Member::Xz(member) => member.read(buffer),
                Member::Zstd(member) => member.read(buffer),
                Member::Lz4(member) => member.read(buffer),
                Member::Burst => {
                    self.member = Member::Over;
                    return Err(too_large("unpacks to more", self.limit));
                }
                Member::Over => return Ok(0),
            };
            match read {
                Ok(0) => self.end()?,
                Ok(read) => {
                    let room = self.limit.saturating_sub(self.given);
                    let given = usize::try_from(room).map_or(read, |room| room.min(read));
                    self.given += given as u64;
                    if given < read {
                        self.member = Member::Burst;
                    }
                    if given > 0 {
                        return Ok(given);
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                    return Err(self.damaged(EARLY));
                }
                Err(error) => return Err(self.damaged(&reason(&error))),
            }
        }
        Ok(0)
    }
}

const EARLY: &str = "it ends too early";

impl<R: Read> Unpacker<R> {
    fn damaged(&mut self, why: &str) -> io::Error {
        self.member = Member::Over;
        let mut why = format!("damaged {} data: {why}", self.name);
        if self.given > 0 {
            why += &format!("; the {} bytes before that are read", self.given);
        }
        io::Error::new(ErrorKind::InvalidData, why)
    }

    /// Begins the next member, if there is one.
    fn begin(&mut self) -> io::Result<()> {
        let Member::Next(mut input) = mem::replace(&mut self.member, Member::Over) else {
            return Ok(());
        };
        if !self.first {
            // Zeros fill the last block of a tape, and stand between the streams of an xz.
            input.pass_zeros().map_err(|error| self.damaged(&reason(&error)))?;
        }
        let head = input.peek(HEAD).map_err(|error| self.damaged(&reason(&error)))?;
        if head.is_empty() {
            return Ok(());
        }
        if Format::of(head) != Some(self.format) {
            let rest = io::copy(&mut input, &mut io::sink());
            let rest = rest.map_err(|error| self.damaged(&reason(&error)))?;
            return Err(self.damaged(&format!("the last {rest} bytes are something else")));
        }
        self.first = false;
        let frame = Frame::of(head);
        self.member = match (self.format, frame) {
            (Format::Gzip, _) => Member::Gzip(Box::new(GzDecoder::new(input))),
            (Format::Bzip2, _) => Member::Bzip2(BzDecoder::new(input)),
            (Format::Xz, _) => {
                Member::Xz(Box::new(XzReader::new_mem_limit(input, false, XZ_MEMORY)))
            }
            (Format::Framed, Some(Frame::Zstd)) => {
                self.name = "zstd";
                let frame = StreamingDecoder::new(Blocks::new(input));
                let mut frame = frame.map_err(|error| self.damaged(&error.to_string()))?;
                frame.get_mut().part = Part::Blocks;
                Member::Zstd(Box::new(frame))
            }
            (Format::Framed, Some(Frame::Lz4)) => {
                self.name = "lz4";
                let input = Watched { input, dry: false };
                Member::Lz4(Box::new(lz4_flex::frame::FrameDecoder::new(input)))
            }
            (Format::Framed, Some(Frame::Skipped) | None) => {
                let mut header = [0; 8];
                let [_, _, _, _, len @ ..] = match input.read_exact(&mut header) {
                    Ok(()) => header,
                    Err(_) => return Err(self.damaged(EARLY)),
                };
                let len = u64::from(u32::from_le_bytes(len));
                match io::copy(&mut input.by_ref().take(len), &mut io::sink()) {
                    Ok(passed) if passed == len => Member::Next(input),
                    _ => return Err(self.damaged(EARLY)),
                }
            }
        };
        Ok(())
    }

    /// Checks the end of a member.
    fn end(&mut self) -> io::Result<()> {
        let input = match mem::replace(&mut self.member, Member::Over) {
            Member::Next(input) => input,
            Member::Gzip(member) => member.into_inner(),
            Member::Bzip2(member) => member.into_inner(),
            Member::Xz(member) => member.into_inner(),
            Member::Zstd(member) => {
                let (blocks, decoder) = member.into_parts();
                let stored = decoder.get_checksum_from_data();
                if blocks.is_cut {
                    return Err(self.damaged(EARLY));
                }
                if stored.is_some() && stored != decoder.get_calculated_checksum() {
                    return Err(self.damaged("the checksum of its content is wrong"));
                }
                blocks.input
            }
            // This decoder takes the end of the input for the end of the frame.
            Member::Lz4(member) => match member.into_inner() {
                Watched { dry: true, .. } => return Err(self.damaged(EARLY)),
                Watched { input, .. } => input,
            },
            Member::Burst | Member::Over => return Ok(()),
        };
        self.member = Member::Next(input);
        Ok(())
    }
}

/// Bytes, and whether somebody wanted more than there are.
struct Watched<R> {
    input: Ahead<R>,
    dry: bool,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.dry |= read == 0 && !buffer.is_empty();
        Ok(read)
    }
}

/// More than `--max-size` allows. `what` is "more" or ends with it.
pub(crate) fn too_large(what: &str, limit: u64) -> io::Error {
    let why = format!("{what} than {}: --max-size sets the limit", Size(limit));
    io::Error::new(ErrorKind::FileTooLarge, why)
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

    /// What is in `data`, and why that is not all.
    fn unpack(data: &[u8], limit: u64) -> (Vec<u8>, Option<io::Error>) {
        let format = Format::of(&data[..HEAD.min(data.len())]).unwrap();
        let mut bytes = Vec::new();
        let error = format.unpack(data, limit).read_to_end(&mut bytes).err();
        (bytes, error)
    }

    #[test]
    fn members_padding_and_what_follows() {
        let content = content();
        let twice = [&content[..], &content[..]].concat();
        for (format, packed) in packed(&content) {
            let (bytes, error) = unpack(&packed, u64::MAX);
            assert!(bytes == content && error.is_none(), "{format}");
            for padding in [0, 4, 512] {
                let padding = vec![0; padding];
                let members = [&packed[..], &padding[..], &packed[..], &padding[..]].concat();
                let (bytes, error) = unpack(&members, u64::MAX);
                assert!(bytes == twice && error.is_none(), "{format}");
            }
            let (bytes, error) = unpack(&[&packed[..], b"garbage"].concat(), u64::MAX);
            assert_eq!(bytes, content, "{format}");
            assert!(error.unwrap().to_string().contains("the last 7 bytes"), "{format}");
        }
    }

    #[test]
    fn the_limit_is_exact() {
        let content = content();
        let len = content.len() as u64;
        for (format, packed) in packed(&content) {
            let (bytes, error) = unpack(&packed, len);
            assert!(bytes == content && error.is_none(), "{format}");
            let (bytes, error) = unpack(&packed, len - 1);
            assert_eq!(bytes, content[..content.len() - 1], "{format}");
            assert_eq!(error.unwrap().kind(), ErrorKind::FileTooLarge, "{format}");
        }
    }

    #[test]
    fn frames_to_be_passed_over() {
        let content = content();
        let skipped = [b"\x5a\x2a\x4d\x18\x03\0\0\0abc", &packed(&content)[4].1[..]].concat();
        assert_eq!(unpack(&skipped, u64::MAX).0, content);
    }

    #[test]
    fn every_truncation_is_noticed() {
        let content = content();
        for (format, packed) in packed(&content) {
            for len in HEAD..packed.len() {
                let (part, error) = unpack(&packed[..len], u64::MAX);
                assert!(content.starts_with(&part), "{format} {len}");
                assert_eq!(error.unwrap().kind(), ErrorKind::InvalidData, "{format} {len}");
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
                    let _ = io::copy(&mut format.unpack(&damaged[..], 1 << 20), &mut io::sink());
                }
            }
        }
    }
}
