//! What the system alone needs, beneath which no program can get: `walk FOLDER` opens and
//! reads the first 64 KiB of every file, `seek FILE` reads what is no hole, slot by slot,
//! `read FILE` reads all of a file.

use std::error::Error;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use rustix::fs::{SeekFrom, seek};

/// The size of a slot of a Linux lastlog with 32-bit times.
const SLOT: u64 = 292;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    let args: Vec<&OsStr> = args.iter().map(|arg| arg.as_os_str()).collect();
    let count = match args[..] {
        [what, path] if what == "walk" => walk(path.as_ref(), &mut vec![0; 64 << 10])?,
        [what, path] if what == "seek" => slots(&File::open(path)?)?,
        [what, path] if what == "read" => read(&mut File::open(path)?)?,
        _ => return Err("usage: limits walk|seek|read PATH".into()),
    };
    println!("{count}");
    Ok(())
}

/// How many files there are.
fn walk(folder: &Path, buffer: &mut [u8]) -> Result<u64> {
    let mut files = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files += walk(&entry.path(), buffer)?;
        } else {
            let _ = File::open(entry.path())?.read(buffer)?;
            files += 1;
        }
    }
    Ok(files)
}

/// How many slots are used.
fn slots(file: &File) -> Result<u64> {
    let (mut used, mut at, mut buffer) = (0, 0, Vec::new());
    let end = file.metadata()?.len();
    while let Ok(data) = seek(file, SeekFrom::Data(at)) {
        let hole = seek(file, SeekFrom::Hole(data))?;
        // From the slot in which the data begin to that in which they end.
        let from = (data / SLOT * SLOT).max(at);
        let to = hole.next_multiple_of(SLOT).min(end);
        buffer.resize(256 * SLOT as usize, 0);
        for part in (from..to).step_by(buffer.len()) {
            let len = buffer.len().min((to - part) as usize);
            let part_of = &mut buffer[..len];
            file.read_exact_at(part_of, part)?;
            let slots = part_of.chunks_exact(SLOT as usize);
            used += slots.filter(|slot| slot[..4] != [0; 4]).count() as u64;
        }
        at = to;
    }
    Ok(used)
}

/// How many bytes there are. Some processors are slow to copy whole pages to 16 bytes behind the
/// beginning of one, which is where large allocations begin.
fn read(file: &mut File) -> Result<u64> {
    const AHEAD: usize = 64;
    let (mut bytes, mut buffer) = (0, vec![0; AHEAD + (128 << 10)]);
    loop {
        match file.read(&mut buffer[AHEAD..])? {
            0 => return Ok(bytes),
            more => bytes += more as u64,
        }
    }
}
