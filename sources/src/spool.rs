//! Copies of sources that can be read only once, for reading at any offset.

use std::cell::RefCell;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use loginrec::read::{ReadAt, read_full_at};

/// Bytes compressed together. Reading one byte decompresses a whole block.
const BLOCK: usize = 16 << 10;
/// Bytes of all spools together that stay in memory; the others lie in temporary files.
const IN_MEMORY: usize = 16 << 20;
/// Decompressed blocks that are kept.
const UNPACKED: usize = 4;

/// Bytes in memory of all spools.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// The temporary file of all spools: each of many thousands cannot have its own.
static SHARED: Mutex<Weak<SharedFile>> = Mutex::new(Weak::new());

/// A temporary file, which ends with the last spool that needs it.
struct SharedFile {
    file: File,
    len: Mutex<u64>,
}

impl SharedFile {
    fn get() -> io::Result<Arc<SharedFile>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = shared.upgrade() {
            return Ok(file);
        }
        let file = Arc::new(SharedFile { file: tempfile::tempfile()?, len: Mutex::new(0) });
        *shared = Arc::downgrade(&file);
        Ok(file)
    }

    /// Appends bytes, and returns their offset.
    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        let mut len = self.len.lock().unwrap_or_else(PoisonError::into_inner);
        let offset = *len;
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)?;
        *len = offset.saturating_add(bytes.len() as u64);
        Ok(offset)
    }
}

/// A copy of a stream that can be read at any offset.
///
/// The bytes are compressed block by block. Some MiB stay in memory, the rest goes to a
/// temporary file that has no name and ends with the process. Blocks of zeros take no room.
///
/// ```
/// use std::io::Write as _;
/// use loginrec::read::ReadAt as _;
/// use loginrec_sources::Spool;
///
/// let mut spool = Spool::new();
/// spool.write_all(&[7; 100_000])?;
/// let mut byte = [0];
/// assert_eq!((spool.read_at(&mut byte, 99_999)?, byte), (1, [7]));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Default)]
pub struct Spool {
    blocks: Vec<Block>,
    /// The last bytes, less than a block.
    rest: Vec<u8>,
    /// The temporary file, and the number of its bytes that are of this spool.
    file: Option<Arc<SharedFile>>,
    file_len: u64,
    /// Bytes that this spool has in memory.
    held: usize,
    /// Room to compress a block in.
    packed: Vec<u8>,
    /// Blocks that have been unpacked, the last one first, with their numbers.
    unpacked: RefCell<Vec<(usize, Vec<u8>)>>,
}

/// [`BLOCK`] bytes. What is as long as that is not compressed.
enum Block {
    Zeros,
    Memory(Box<[u8]>),
    File { offset: u64, len: usize },
}

impl Spool {
    /// Returns an empty spool.
    pub fn new() -> Spool {
        Spool::default()
    }

    /// Returns the number of bytes that have been written.
    pub fn len(&self) -> u64 {
        (self.blocks.len() as u64)
            .saturating_mul(BLOCK as u64)
            .saturating_add(self.rest.len() as u64)
    }

    /// Returns whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts the whole block away that `rest` is.
    fn seal(&mut self) -> io::Result<()> {
        let block = match self.rest.iter().all(|&byte| byte == 0) {
            true => Block::Zeros,
            false => self.pack()?,
        };
        self.blocks.try_reserve(1)?;
        self.blocks.push(block);
        self.rest.clear();
        Ok(())
    }

    fn pack(&mut self) -> io::Result<Block> {
        self.packed.resize(lz4_flex::block::get_maximum_output_size(BLOCK), 0);
        let packed = lz4_flex::block::compress_into(&self.rest, &mut self.packed).ok();
        let packed = packed.and_then(|len| self.packed.get(..len)).filter(|b| b.len() < BLOCK);
        let bytes = packed.unwrap_or(&self.rest);
        let mut copy = Vec::new();
        let held = HELD.fetch_add(bytes.len(), Ordering::Relaxed);
        if held < IN_MEMORY && copy.try_reserve_exact(bytes.len()).is_ok() {
            self.held = self.held.saturating_add(bytes.len());
            copy.extend_from_slice(bytes);
            return Ok(Block::Memory(copy.into()));
        }
        HELD.fetch_sub(bytes.len(), Ordering::Relaxed);
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(SharedFile::get().map_err(no_place)?),
        };
        let (offset, len) = (file.append(bytes).map_err(no_place)?, bytes.len());
        self.file_len = self.file_len.saturating_add(len as u64);
        Ok(Block::File { offset, len })
    }

    /// Decompresses a block; `into` has its length.
    fn unpack(&self, block: &Block, into: &mut [u8]) -> io::Result<()> {
        let mut stored = [0; BLOCK];
        let packed = match (block, &self.file) {
            (Block::Memory(packed), _) => packed,
            (&Block::File { offset, len }, Some(file)) => {
                let stored = stored.get_mut(..len).unwrap_or_default();
                match read_full_at(&file.file, stored, offset) {
                    (_, Some(error)) => return Err(error),
                    (read, None) if read < len => return Err(io::ErrorKind::UnexpectedEof.into()),
                    _ => &*stored,
                }
            }
            _ => {
                into.fill(0);
                return Ok(());
            }
        };
        if packed.len() == BLOCK {
            into.copy_from_slice(packed);
            return Ok(());
        }
        let unpacked = lz4_flex::block::decompress_into(packed, into);
        unpacked.map(drop).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}

/// Says where there was no room.
fn no_place(error: io::Error) -> io::Error {
    let folder = std::env::temp_dir();
    io::Error::new(error.kind(), format!("no temporary file in {}: {error}", folder.display()))
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = BLOCK.saturating_sub(self.rest.len());
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.rest.try_reserve(taken.len())?;
        self.rest.extend_from_slice(taken);
        if self.rest.len() >= BLOCK {
            self.seal()?;
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ReadAt for Spool {
    fn read_at(&self, mut buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let number = usize::try_from(offset / BLOCK as u64).unwrap_or(usize::MAX);
        let within = usize::try_from(offset % BLOCK as u64).unwrap_or_default();
        let copy =
            |block: &[u8], buffer: &mut [u8]| block.get(within..).unwrap_or_default().read(buffer);
        match self.blocks.get(number) {
            None if number == self.blocks.len() => copy(&self.rest, buffer),
            None => Ok(0),
            Some(Block::Zeros) => {
                let len = buffer.len().min(BLOCK.saturating_sub(within));
                buffer = buffer.get_mut(..len).unwrap_or_default();
                buffer.fill(0);
                Ok(len)
            }
            Some(block) if within == 0 && buffer.len() >= BLOCK => {
                self.unpack(block, buffer.get_mut(..BLOCK).unwrap_or_default())?;
                Ok(BLOCK)
            }
            Some(block) => {
                let mut unpacked = self.unpacked.borrow_mut();
                match unpacked.iter().position(|(known, _)| *known == number) {
                    Some(at) => unpacked.get_mut(..=at).unwrap_or_default().rotate_right(1),
                    None => {
                        let (_, mut room) = match unpacked.len() < UNPACKED {
                            true => Default::default(),
                            false => unpacked.pop().unwrap_or_default(),
                        };
                        room.resize(BLOCK, 0);
                        self.unpack(block, &mut room)?;
                        unpacked.insert(0, (number, room));
                    }
                }
                unpacked.first().map_or(Ok(0), |(_, block)| copy(block, buffer))
            }
        }
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.len())
    }

    fn data_after(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        let first = usize::try_from(offset / BLOCK as u64).unwrap_or(usize::MAX);
        let zeros = |block: &Block| matches!(block, Block::Zeros);
        let rest = self.blocks.get(first..).unwrap_or_default();
        let hole = rest.iter().take_while(|block| zeros(block)).count();
        let data = rest.iter().skip(hole).take_while(|block| !zeros(block)).count();
        let at = |block: usize| (block as u64).saturating_mul(BLOCK as u64);
        let begin = first.saturating_add(hole);
        let end = match data == rest.len().saturating_sub(hole) {
            true => u64::MAX,
            false => at(begin.saturating_add(data)),
        };
        let start = at(begin).max(offset);
        Ok((start < self.len()).then_some(start..end))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        HELD.fetch_sub(self.held, Ordering::Relaxed);
    }
}

/// Without the bytes.
impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spool").field("len", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text, noise, zeros: in memory, in the file, and at the end.
    #[test]
    fn what_was_written_is_read_anywhere() {
        let mut rng = loginrec_testing::Rng::new(1);
        let mut bytes: Vec<u8> = Vec::new();
        while bytes.len() < 40 << 20 {
            let len = rng.index(40_000);
            match rng.index(8) {
                0 => bytes.resize(bytes.len() + 4 * len, 0),
                1 => bytes.extend(b"pts/0 alice 192.0.2.7 ".iter().cycle().take(len)),
                _ => bytes.extend((0..len).map(|_| rng.below(256) as u8)),
            }
        }
        let mut spool = Spool::new();
        for part in bytes.chunks(70_001) {
            spool.write_all(part).unwrap();
        }
        assert!(spool.file_len > 0 && spool.held < IN_MEMORY + BLOCK, "{}", spool.held);
        assert_eq!(spool.size().unwrap(), bytes.len() as u64);
        let mut buffer = vec![0; 50_000];
        for _ in 0..2000 {
            let (at, len) = (rng.index(bytes.len() + 100), rng.index(50_000));
            let (read, error) = read_full_at(&spool, &mut buffer[..len], at as u64);
            let expected = bytes.get(at..).unwrap_or_default();
            let expected = &expected[..len.min(expected.len())];
            assert!(error.is_none() && buffer[..read] == *expected, "{len} at {at}");
            // Bytes that are left out are zeros.
            let data = spool.data_after(at as u64).unwrap();
            let start = data.as_ref().map_or(bytes.len() as u64, |data| data.start) as usize;
            assert!(bytes.get(at..start).unwrap_or_default().iter().all(|&byte| byte == 0));
            assert!(data.is_none_or(|data| data.start >= at as u64 && data.end > data.start));
        }
        drop(spool);
        assert_eq!(HELD.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn zeros_take_no_room() {
        let mut spool = Spool::new();
        io::copy(&mut io::repeat(0).take(100 << 20), &mut spool).unwrap();
        spool.write_all(b"x").unwrap();
        assert_eq!((spool.held, spool.file_len), (0, 0));
        assert_eq!(spool.data_after(5).unwrap(), Some(100 << 20..u64::MAX));
        assert_eq!(spool.data_after((100 << 20) + 1).unwrap(), None);
    }
}
