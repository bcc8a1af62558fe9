//! File systems of one machine, put together as its `/etc/fstab` says.

use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use loginrec::read::read_full_at;

use crate::tree::{Held, Kind, Tree};

/// The most bytes of a table that are read.
const LONGEST: usize = 64 << 10;

/// A file system of a disk.
#[derive(Clone)]
pub(super) struct Part {
    /// Its folder if there are several: `p1`, `rhel-root`.
    pub(super) name: String,
    pub(super) uuid: Option<String>,
    pub(super) label: String,
    pub(super) tree: Rc<dyn Tree>,
}

impl Part {
    /// Returns whether a table means this one.
    fn is(&self, device: &str) -> bool {
        let unquoted = |text: &str| text.trim_matches('"').to_owned();
        if let Some(uuid) = device.strip_prefix("UUID=") {
            return self.uuid.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(&unquoted(uuid)));
        }
        if let Some(label) = device.strip_prefix("LABEL=") {
            return !self.label.is_empty() && self.label == unquoted(label);
        }
        let Some(device) = device.strip_prefix("/dev/") else { return false };
        if let Some(name) = device.strip_prefix("mapper/") {
            return self.name == name;
        }
        if let Some(uuid) = device.strip_prefix("disk/by-uuid/") {
            return self.uuid.as_ref().is_some_and(|own| own == uuid);
        }
        // `/dev/rhel/root`; `/dev/sda2`, `/dev/nvme0n1p2`, `/dev/ada0s1a`, `/dev/wd0e` of the first
        // disk.
        if let Some((group, volume)) = device.split_once('/') {
            return self.name == super::lvm::mapper_name(group, volume);
        }
        const DISKS: &[&str] = &[
            "sda", "vda", "xvda", "hda", "nvme0n1p", "mmcblk0p", "ada0s", "ada0p", "da0s", "da0p",
            "vtbd0s", "vtbd0p", "nda0p", "nda0s", "ad0s",
        ];
        const LETTERED: &[&str] = &["wd0", "sd0", "ld0", "ada0", "da0", "vtbd0"];
        let own = self.name.strip_prefix('p').unwrap_or(&self.name);
        let rest = |disks: &[&str]| {
            disks.iter().find_map(|disk| device.strip_prefix(disk)).map(str::to_owned)
        };
        match (rest(DISKS), rest(LETTERED)) {
            (Some(number), _) => own == number,
            (None, Some(letter)) => own.trim_start_matches(|c: char| c.is_ascii_digit()) == letter,
            (None, None) => false,
        }
    }
}

/// Puts file systems into those whose table names them.
pub(super) fn mount(parts: Vec<Part>) -> Vec<(String, Rc<dyn Tree>)> {
    let mut is_mounted = vec![false; parts.len()];
    let mut trees: Vec<Rc<dyn Tree>> = Vec::new();
    for part in &parts {
        let mut mounts: Vec<(PathBuf, Rc<dyn Tree>)> = Vec::new();
        for (device, path) in table(&*part.tree) {
            let place = parts.iter().position(|other| other.is(&device));
            let free = place.and_then(|place| parts.get(place).zip(is_mounted.get_mut(place)));
            let Some((other, taken)) = free.filter(|(_, taken)| !**taken) else { continue };
            let is_known = mounts.iter().any(|(known, _)| *known == path);
            if !is_known && !Rc::ptr_eq(&other.tree, &part.tree) {
                *taken = true;
                mounts.push((path, Rc::clone(&other.tree)));
            }
        }
        trees.push(match mounts.is_empty() {
            true => Rc::clone(&part.tree),
            false => {
                // The deepest place that has a path counts.
                mounts.sort_by_key(|(path, _)| std::cmp::Reverse(path.iter().count()));
                Rc::new(Mounted { top: Rc::clone(&part.tree), mounts })
            }
        });
    }
    let parts = parts.into_iter().zip(trees).zip(is_mounted);
    parts.filter(|(_, is_mounted)| !is_mounted).map(|((part, tree), _)| (part.name, tree)).collect()
}

/// Returns the devices and places of a table; none if there is no table.
fn table(tree: &dyn Tree) -> Vec<(String, PathBuf)> {
    let path = Path::new("etc/fstab");
    if !matches!(tree.kind(path), Ok(Kind::File)) {
        return Vec::new();
    }
    let Ok(Some(held)) = tree.held(path) else { return Vec::new() };
    let mut text = vec![0; LONGEST];
    let (read, _) = read_full_at(&*held.bytes, &mut text, 0);
    text.truncate(read);
    let text = String::from_utf8_lossy(&text);
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let entries = lines.filter_map(|line| {
        let mut words = line.split_whitespace();
        let (device, place) = words.next().zip(words.next())?;
        let mut path = PathBuf::new();
        for component in Path::new(place.strip_prefix('/')?).components() {
            match component {
                Component::Normal(name) => path.push(name),
                Component::CurDir => {}
                _ => return None,
            }
        }
        (!path.as_os_str().is_empty()).then(|| (device.to_owned(), path))
    });
    entries.collect()
}

/// A file system with others in it.
struct Mounted {
    top: Rc<dyn Tree>,
    /// The deepest first.
    mounts: Vec<(PathBuf, Rc<dyn Tree>)>,
}

impl Mounted {
    /// Returns the file system that has a path, and the path there.
    fn find<'p>(&self, path: &'p Path) -> (&dyn Tree, &'p Path) {
        let found = self
            .mounts
            .iter()
            .find_map(|(place, tree)| path.strip_prefix(place).ok().map(|rest| (&**tree, rest)));
        found.unwrap_or((&*self.top, path))
    }
}

impl Tree for Mounted {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        let (tree, path) = self.find(path);
        tree.kind(path)
    }

    fn link(&self, path: &Path) -> io::Result<PathBuf> {
        let (tree, path) = self.find(path);
        tree.link(path)
    }

    fn names(&self, path: &Path) -> io::Result<Vec<OsString>> {
        let (tree, path) = self.find(path);
        tree.names(path)
    }

    fn held(&self, path: &Path) -> io::Result<Option<Held>> {
        let (tree, path) = self.find(path);
        tree.held(path)
    }
}
