//! Disk images: raw or in a container, with partitions or without, and the file systems in them.

mod ewf;
mod ext;
mod partition;
mod qcow;
mod volume;

use std::io;
use std::path::Path;
use std::rc::Rc;

use loginrec::detect::{Reason, detect};
use loginrec::read::{ReadAt, read_full_at};

use self::ext::ExtTree;
use self::partition::partitions;
use self::volume::{Part, Volumes};
use crate::problem::{Problem, ProblemKind};
use crate::tree::Tree;

/// Bytes at the beginning of a partition that show what is in it.
const HEAD: usize = 128 << 10;

/// A format of disk images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Raw,
    Ewf,
    Qcow2,
}

impl Format {
    /// Returns the format of an image that begins with `head`; `None` if it is none that is read.
    pub(crate) fn of(head: &[u8]) -> Option<Format> {
        match head {
            [b'E', b'V', b'F', 9, 13, 10, 0xff, 0, ..] => Some(Format::Ewf),
            [b'Q', b'F', b'I', 0xfb, 0, 0, 0, 2 | 3, ..] => Some(Format::Qcow2),
            head if ext::is_ext(head) || partition::is_table(head) => Some(Format::Raw),
            _ => None,
        }
    }

    /// Returns the name, with its article.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Format::Raw => "a disk image",
            Format::Ewf => "a disk image in Expert Witness Format (EWF)",
            Format::Qcow2 => "a disk image in qcow2 format",
        }
    }
}

/// Returns the content of the disk, whatever the format of its image.
pub(crate) fn disk(
    path: &Path,
    source: Rc<dyn ReadAt>,
    format: Format,
) -> io::Result<Rc<dyn ReadAt>> {
    let disk = match format {
        Format::Raw => Ok(source),
        Format::Ewf => ewf::open(path),
        Format::Qcow2 => qcow::open(source),
    };
    disk.map_err(|error| {
        io::Error::new(error.kind(), format!("{} that cannot be read: {error}", format.name()))
    })
}

/// Opens the file systems of a disk. Those that are not read are named.
pub(crate) fn read(
    path: &Path,
    disk: &Rc<dyn ReadAt>,
    problems: &mut Vec<Problem>,
) -> io::Result<Rc<dyn Tree>> {
    let mut parts = Vec::new();
    let all = partitions(disk)?;
    let is_whole = all.is_empty();
    let whole = partition::Partition { number: 0, begin: 0, len: disk.size()? };
    for place in if is_whole { vec![whole] } else { all } {
        let bytes: Rc<dyn ReadAt> = Rc::new(Part::new(disk, place.begin, place.len));
        let mut head = vec![0; HEAD];
        let (read, _) = read_full_at(&*bytes, &mut head, 0);
        head.truncate(read);
        let why = match ext::is_ext(&head) {
            true => match ExtTree::open(bytes) {
                Ok(tree) => {
                    parts.push((place.number, tree));
                    continue;
                }
                Err(error) => error.to_string(),
            },
            false => match name_of(&head) {
                Some(name) => format!("{name}, which is not read"),
                // Unused space, swap, a boot loader.
                None if !is_whole => continue,
                None => "no file system that is read".to_owned(),
            },
        };
        let why = match is_whole {
            true => format!("{why}; carve finds records in it"),
            false => format!("partition {}: {why}; carve finds records in it", place.number),
        };
        problems.push(Problem::new(path.to_owned(), ProblemKind::Damaged(why)));
    }
    Ok(Rc::new(Volumes::new(path.to_owned(), parts)))
}

/// Returns the name of a file system or volume.
fn name_of(head: &[u8]) -> Option<&'static str> {
    detect(head).reasons().iter().find_map(|reason| match reason {
        Reason::Foreign(what) => Some(what.name),
        _ => None,
    })
}

fn invalid(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.into())
}
