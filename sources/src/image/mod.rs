//! Disk images: raw or in a container, with partitions or without, and the file systems in them.

mod blocks;
mod bytes;
mod content;
mod disklabel;
mod ewf;
mod ext;
mod free;
#[cfg(test)]
mod hostile;
mod inodes;
mod lvm;
mod mounts;
mod partition;
mod qcow;
mod system;
mod ufs;
mod vhd;
mod vmdk;
mod volume;
mod xfs;

use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use loginrec::detect::{Reason, detect};
use loginrec::read::{ReadAt, read_full_at};

pub(crate) use self::free::free;
use self::partition::partitions;
use self::system::System;
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
    Vhd,
    Vhdx,
    Vmdk,
}

impl Format {
    /// Returns the format of an image that begins with `head`; `None` if it is none that is read.
    pub(crate) fn of(head: &[u8]) -> Option<Format> {
        match head {
            [b'E', b'V', b'F', 9, 13, 10, 0xff, 0, ..] => Some(Format::Ewf),
            [b'Q', b'F', b'I', 0xfb, 0, 0, 0, 2 | 3, ..] => Some(Format::Qcow2),
            head if head.starts_with(b"conectix") => Some(Format::Vhd),
            head if head.starts_with(b"vhdxfile") => Some(Format::Vhdx),
            head if vmdk::is_grains(head) || vmdk::is_text(head) => Some(Format::Vmdk),
            head if is_disk(head) => Some(Format::Raw),
            _ => None,
        }
    }

    /// Returns the name, with its article.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Format::Raw => "a disk image",
            Format::Ewf => "a disk image in Expert Witness Format (EWF)",
            Format::Qcow2 => "a disk image in qcow2 format",
            Format::Vhd => "a disk image in VHD format",
            Format::Vhdx => "a disk image in VHDX format",
            Format::Vmdk => "a disk image in VMDK format",
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
        Format::Vhd => vhd::open(source),
        Format::Vhdx => vhd::open_x(source),
        Format::Vmdk => vmdk::open(path, source),
    };
    disk.map_err(|error| {
        io::Error::new(error.kind(), format!("{} that cannot be read: {error}", format.name()))
    })
}

/// Returns the parts of a disk that may have a file system, each with its offset.
fn places(disk: &Rc<dyn ReadAt>) -> io::Result<Vec<(u64, Rc<dyn ReadAt>)>> {
    let all = partitions(disk)?;
    if all.is_empty() {
        return Ok(vec![(0, Rc::clone(disk))]);
    }
    let parts = all.into_iter().map(|place| {
        let part: Rc<dyn ReadAt> = Rc::new(Part::new(disk, place.begin, place.len));
        (place.begin, part)
    });
    Ok(parts.collect())
}

/// Returns whether a raw image begins with `head`.
fn is_disk(head: &[u8]) -> bool {
    System::of(head).is_some()
        || lvm::is_physical(head)
        || disklabel::is_label(head)
        || partition::is_table(head)
}

/// Returns the other files of an image: its segments or parts.
pub(crate) fn segments(path: &Path, head: &[u8]) -> Vec<PathBuf> {
    match Format::of(head) {
        Some(Format::Ewf) => ewf::segments(path).split_off(1),
        Some(Format::Vmdk) if vmdk::is_text(head) => vmdk::parts(path, head),
        _ => Vec::new(),
    }
}

/// Opens the file systems of a disk. Those that are not read are named.
pub(crate) fn read(
    path: &Path,
    disk: &Rc<dyn ReadAt>,
    problems: &mut Vec<Problem>,
) -> io::Result<Rc<dyn Tree>> {
    let all = partitions(disk)?;
    let mut search = Search { path, is_whole: all.is_empty(), parts: Vec::new(), problems };
    let whole = partition::Partition { number: 0, begin: 0, len: disk.size()? };
    let mut physical = Vec::new();
    let mut places = Vec::new();
    for place in if search.is_whole { vec![whole] } else { all } {
        let bytes: Rc<dyn ReadAt> = Rc::new(Part::new(disk, place.begin, place.len));
        let name = format!("partition {}", place.number);
        let head = head_of(&bytes);
        if lvm::is_physical(&head) {
            physical.push(bytes);
            places.push(name);
            continue;
        }
        let lettered = lettered(disk, place.begin, &head);
        match lettered.is_empty() {
            true => search.part((format!("p{}", place.number), name), &bytes),
            false => {
                let prefix = |what: &str| match search.is_whole {
                    true => String::new(),
                    false => format!("{what}{}", place.number),
                };
                let (folder, name) = (prefix("p"), prefix(" "));
                search.is_whole = false;
                for (letter, bytes) in lettered {
                    let names = (format!("{folder}{letter}"), format!("partition{name}{letter}"));
                    search.part(names, &bytes);
                }
            }
        }
    }
    let volumes = lvm::volumes(&physical, &mut |number, why| {
        let place = places.get(number).map(String::as_str).unwrap_or_default();
        search.problem(place, &format!("LVM2: {why}"));
    });
    search.is_whole &= physical.is_empty();
    for volume in volumes {
        let place = format!("volume {}", volume.name);
        match volume.bytes {
            Ok(bytes) => search.part((volume.name, place), &bytes),
            Err(why) => search.problem(&place, &why),
        }
    }
    Ok(Rc::new(Volumes::new(path.to_owned(), mounts::mount(search.parts))))
}

/// Returns the file systems that a disklabel names, which is in a partition that begins at `begin`.
fn lettered(disk: &Rc<dyn ReadAt>, begin: u64, head: &[u8]) -> Vec<(char, Rc<dyn ReadAt>)> {
    let all = disklabel::partitions(head);
    // The third partition is what the label is about, or the whole disk.
    let whole = all.iter().find(|part| part.letter == 'c').map_or(0, |part| part.begin);
    let found = all.iter().filter(|part| part.letter != 'c').filter_map(|part| {
        // Offsets count from the beginning of the disk, or from that of the partition.
        let places = [
            part.begin,
            begin.saturating_add(part.begin),
            begin.saturating_add(part.begin.saturating_sub(whole)),
        ];
        places.iter().find_map(|place| {
            let bytes: Rc<dyn ReadAt> = Rc::new(Part::new(disk, *place, part.len));
            System::of(&head_of(&bytes)).map(|_| (part.letter, bytes))
        })
    });
    // The partition `d` of NetBSD is the whole disk.
    let mut found: Vec<(char, Rc<dyn ReadAt>)> = found.collect();
    found.dedup_by_key(|(letter, _)| *letter);
    found
}

fn head_of(bytes: &Rc<dyn ReadAt>) -> Vec<u8> {
    let mut head = vec![0; HEAD];
    let (read, _) = read_full_at(&**bytes, &mut head, 0);
    head.truncate(read);
    head
}

/// A search for the file systems of a disk.
struct Search<'s> {
    path: &'s Path,
    /// Whether the disk is one file system.
    is_whole: bool,
    parts: Vec<mounts::Part>,
    problems: &'s mut Vec<Problem>,
}

impl Search<'_> {
    /// Opens a partition or a volume, which has a name for its folder and one for messages.
    fn part(&mut self, (folder, place): (String, String), bytes: &Rc<dyn ReadAt>) {
        let head = head_of(bytes);
        let Some(system) = System::of(&head) else {
            return match name_of(&head) {
                Some(name) => self.problem(&place, &format!("{name}, which is not read")),
                // Unused space, swap, a boot loader.
                None if !self.is_whole => {}
                None => self.problem(&place, "no file system that is read"),
            };
        };
        let mut notes = Vec::new();
        match system.open(bytes, &head, &mut |note| notes.push(note.to_owned())) {
            Ok(tree) => self.parts.push(mounts::Part {
                name: folder,
                uuid: system.uuid(&head),
                label: system.label(&head),
                tree,
            }),
            Err(error) => self.problem(&place, &format!("{}: {error}", system.name())),
        }
        for note in notes {
            let note = self.at(&place, &note);
            self.problems.push(Problem::new(self.path.to_owned(), ProblemKind::Note(note)));
        }
    }

    fn problem(&mut self, place: &str, why: &str) {
        let why = self.at(place, &format!("{why}; carve finds records in it"));
        self.problems.push(Problem::new(self.path.to_owned(), ProblemKind::Damaged(why)));
    }

    fn at(&self, place: &str, why: &str) -> String {
        match self.is_whole {
            true => why.to_owned(),
            false => format!("{place}: {why}"),
        }
    }
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
