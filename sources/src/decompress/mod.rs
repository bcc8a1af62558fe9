//! Decompresses files, detected by their first bytes, while they are read.

mod format;
mod lookahead;
mod zstd;

use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::mem;

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use self::format::Frame;
pub use self::format::{Compression, uncompressed_name};
use self::lookahead::Lookahead;
use self::zstd::{Blocks, Part};

/// The memory an xz file may ask for besides its content, in KiB; `xz -9` asks for 65 MiB. As
/// much as zstd allows.
const XZ_MEMORY: u32 = 128 << 10;

impl Compression {
    /// Returns a reader of the content of `compressed`, up to `limit` bytes of it.
    pub fn decompress<R: Read>(self, compressed: R, limit: u64) -> Decompressor<R> {
        let member = Member::Next(Lookahead::new(compressed));
        Decompressor {
            compression: self,
            name: self.name(),
            member,
            limit,
            decoded: 0,
            is_first: true,
        }
    }
}

/// The content of all members of a compressed file.
///
/// Reading returns everything before damage, then an [`io::Error`] that contains a
/// [`DecompressError`].
pub struct Decompressor<R: Read> {
    compression: Compression,
    /// The format of the current member.
    name: &'static str,
    member: Member<R>,
    limit: u64,
    /// Bytes decoded so far.
    decoded: u64,
    is_first: bool,
}

impl<R: Read> fmt::Debug for Decompressor<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decompressor")
            .field("compression", &self.compression)
            .field("limit", &self.limit)
            .field("decoded", &self.decoded)
            .finish_non_exhaustive()
    }
}

/// The reason why the content of a compressed file ends early.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecompressError {
    /// The compressed data is damaged; an [`ErrorKind::InvalidData`].
    Damaged {
        /// The name of the format.
        format: &'static str,
        /// The cause.
        reason: String,
        /// Number of bytes read before the damage.
        decoded: u64,
    },
    /// Decoding needs more memory than is allowed for it; an [`ErrorKind::OutOfMemory`].
    Window {
        /// The name of the format.
        format: &'static str,
        /// Size of the window of decoded data that the file refers to, in bytes.
        size: u64,
    },
    /// The content is longer than the limit; an [`ErrorKind::FileTooLarge`].
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
}

impl fmt::Display for DecompressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecompressError::Damaged { format, reason, decoded } => {
                write!(f, "damaged {format} data: {reason}")?;
                match decoded {
                    0 => Ok(()),
                    _ => write!(f, "; the {decoded} bytes before that are read"),
                }
            }
            DecompressError::Window { format, size } => {
                let mib = size.div_ceil(1 << 20);
                write!(
                    f,
                    "needs a window of {mib} MiB to decode; unpack it first with {format} -d"
                )?;
                write!(f, " --long={}", size.max(&1).ilog2())
            }
            DecompressError::TooLarge { limit } => write!(f, "unpacks to more than {limit} bytes"),
        }
    }
}

impl std::error::Error for DecompressError {}

/// Returns an error's text without the number of a system error.
fn reason(error: &io::Error) -> String {
    let words = match error.kind() {
        ErrorKind::IsADirectory => "is a directory".to_owned(),
        ErrorKind::NotFound => "no such file".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    match words.split_once(" (os error") {
        Some((words, _)) => words.to_owned(),
        None => words,
    }
}

/// The current member.
enum Member<R: Read> {
    /// Before a member, in padding, or at the end.
    Next(Lookahead<R>),
    Gzip(Box<GzDecoder<Lookahead<R>>>),
    Bzip2(BzDecoder<Lookahead<R>>),
    Xz(Box<XzReader<Lookahead<R>>>),
    Zstd(Box<StreamingDecoder<Blocks<R>, FrameDecoder>>),
    Lz4(Box<lz4_flex::frame::FrameDecoder<Watched<R>>>),
    /// The limit has been reached before the end.
    Exceeded,
    Finished,
}

impl<R: Read> Read for Decompressor<R> {
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
                Member::Exceeded => {
                    self.member = Member::Finished;
                    let error = DecompressError::TooLarge { limit: self.limit };
                    return Err(io::Error::new(ErrorKind::FileTooLarge, error));
                }
                Member::Finished => return Ok(0),
            };
            match read {
                Ok(0) => self.end()?,
                Ok(read) => {
                    let room = self.limit.saturating_sub(self.decoded);
                    let decoded = usize::try_from(room).map_or(read, |room| room.min(read));
                    self.decoded += decoded as u64;
                    if decoded < read {
                        self.member = Member::Exceeded;
                    }
                    if decoded > 0 {
                        return Ok(decoded);
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

impl<R: Read> Decompressor<R> {
    fn damaged(&mut self, why: &str) -> io::Error {
        self.member = Member::Finished;
        let error = DecompressError::Damaged {
            format: self.name,
            reason: why.to_owned(),
            decoded: self.decoded,
        };
        io::Error::new(ErrorKind::InvalidData, error)
    }

    /// Ends the content at a zstd frame that cannot be decoded.
    fn undecodable(&mut self, error: &FrameDecoderError) -> io::Error {
        let FrameDecoderError::WindowSizeTooBig { requested, .. } = error else {
            return self.damaged(&error.to_string());
        };
        self.member = Member::Finished;
        let error = DecompressError::Window { format: self.name, size: *requested };
        io::Error::new(ErrorKind::OutOfMemory, error)
    }

    /// Begins the next member, if there is one.
    fn begin(&mut self) -> io::Result<()> {
        let Member::Next(mut input) = mem::replace(&mut self.member, Member::Finished) else {
            return Ok(());
        };
        if !self.is_first {
            // Zeros fill the last block of a tape, and pad the streams of an xz.
            input.skip_zeros().map_err(|error| self.damaged(&reason(&error)))?;
        }
        let head =
            input.peek(Compression::HEAD_LEN).map_err(|error| self.damaged(&reason(&error)))?;
        if head.is_empty() {
            return Ok(());
        }
        if Compression::detect(head) != Some(self.compression) {
            let rest = io::copy(&mut input, &mut io::sink());
            let rest = rest.map_err(|error| self.damaged(&reason(&error)))?;
            return Err(self.damaged(&format!(
                "the last {rest} bytes are not {} data",
                self.compression.name()
            )));
        }
        self.is_first = false;
        let frame = Frame::of(head);
        self.member = match (self.compression, frame) {
            (Compression::Gzip, _) => Member::Gzip(Box::new(GzDecoder::new(input))),
            (Compression::Bzip2, _) => Member::Bzip2(BzDecoder::new(input)),
            (Compression::Xz, _) => {
                Member::Xz(Box::new(XzReader::new_mem_limit(input, false, XZ_MEMORY)))
            }
            (Compression::ZstdOrLz4, Some(Frame::Zstd)) => {
                self.name = "zstd";
                let frame = StreamingDecoder::new(Blocks::new(input));
                let mut frame = frame.map_err(|error| self.undecodable(&error))?;
                frame.get_mut().part = Part::Blocks;
                Member::Zstd(Box::new(frame))
            }
            (Compression::ZstdOrLz4, Some(Frame::Lz4)) => {
                self.name = "lz4";
                let input = Watched { input, is_dry: false };
                Member::Lz4(Box::new(lz4_flex::frame::FrameDecoder::new(input)))
            }
            (Compression::ZstdOrLz4, Some(Frame::Skipped) | None) => {
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
        let input = match mem::replace(&mut self.member, Member::Finished) {
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
            // This decoder treats the end of the input as the end of the frame.
            Member::Lz4(member) => match member.into_inner() {
                Watched { is_dry: true, .. } => return Err(self.damaged(EARLY)),
                Watched { input, .. } => input,
            },
            Member::Exceeded | Member::Finished => return Ok(()),
        };
        self.member = Member::Next(input);
        Ok(())
    }
}

/// A reader that records whether more was requested than there is.
struct Watched<R> {
    input: Lookahead<R>,
    is_dry: bool,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.is_dry |= read == 0 && !buffer.is_empty();
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn content() -> Vec<u8> {
        (0..3000_u32).flat_map(|n| (n * n % 251).to_le_bytes()).collect()
    }

    /// Returns `content` in each format.
    fn compressed(content: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
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

    /// Returns the content of `data`, and the error if there is one.
    fn unpack(data: &[u8], limit: u64) -> (Vec<u8>, Option<io::Error>) {
        let format = Compression::detect(&data[..Compression::HEAD_LEN.min(data.len())]).unwrap();
        let mut bytes = Vec::new();
        let error = format.decompress(data, limit).read_to_end(&mut bytes).err();
        (bytes, error)
    }

    #[test]
    fn members_padding_and_what_follows() {
        let content = content();
        let twice = [&content[..], &content[..]].concat();
        for (format, packed) in compressed(&content) {
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
        for (format, packed) in compressed(&content) {
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
        let skipped = [b"\x5a\x2a\x4d\x18\x03\0\0\0abc", &compressed(&content)[4].1[..]].concat();
        assert_eq!(unpack(&skipped, u64::MAX).0, content);
    }

    #[test]
    fn every_truncation_is_noticed() {
        let content = content();
        for (format, packed) in compressed(&content) {
            for len in Compression::HEAD_LEN..packed.len() {
                let (part, error) = unpack(&packed[..len], u64::MAX);
                assert!(content.starts_with(&part), "{format} {len}");
                assert_eq!(error.unwrap().kind(), ErrorKind::InvalidData, "{format} {len}");
            }
        }
    }

    #[test]
    fn damage_anywhere_does_no_harm() {
        let content = content();
        let mut rng = loginrec_testing::Rng::new(1);
        for (_, packed) in compressed(&content) {
            for _ in 0..2000 {
                let mut damaged = packed.clone();
                for _ in 0..1 + rng.index(4) {
                    let at = 6 + rng.index(damaged.len() - 6);
                    damaged[at] = rng.below(256) as u8;
                }
                if let Some(format) = Compression::detect(&damaged) {
                    let _ =
                        io::copy(&mut format.decompress(&damaged[..], 1 << 20), &mut io::sink());
                }
            }
        }
    }
}
