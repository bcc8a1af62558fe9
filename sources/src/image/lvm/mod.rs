//! Volumes of LVM2: linear ones and stripes, of any number of physical volumes on the disk.

mod group;
mod label;
mod text;
mod volume;

use std::rc::Rc;

use loginrec::read::ReadAt;

use self::group::Group;
pub(super) use self::label::is_physical;
use self::label::{Physical, physical};
use self::volume::Linear;

/// The most logical volumes of a disk.
const MOST: usize = 1024;

/// A logical volume.
pub(super) struct Volume {
    /// The names of the group and the volume: `rhel-root`.
    pub(super) name: String,
    /// The bytes, or why they cannot be had.
    pub(super) bytes: Result<Rc<dyn ReadAt>, String>,
}

/// Returns the name of a volume below `/dev/mapper`, in which hyphens of names are doubled.
pub(super) fn mapper_name(group: &str, volume: &str) -> String {
    format!("{}-{}", group.replace('-', "--"), volume.replace('-', "--"))
}

/// Returns the logical volumes of all physical ones. Physical volumes that cannot be read are told
/// to `damaged`, by their position.
pub(super) fn volumes(
    disks: &[Rc<dyn ReadAt>],
    damaged: &mut dyn FnMut(usize, String),
) -> Vec<Volume> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: Vec<Physical> = Vec::new();
    for (number, disk) in disks.iter().enumerate() {
        let found = physical(disk).and_then(|(physical, text)| {
            known.push(physical);
            text.map(|text| Group::parse(&text)).transpose()
        });
        match found {
            // Every physical volume has the text of its group; the newest one counts.
            Ok(Some(group)) => match groups.iter_mut().find(|known| known.id == group.id) {
                Some(known) if known.sequence < group.sequence => *known = group,
                Some(_) => {}
                None => groups.push(group),
            },
            Ok(None) => {}
            Err(error) => damaged(number, error.to_string()),
        }
    }
    let mut volumes = Vec::new();
    for group in &groups {
        for logical in group.volumes.iter().filter(|volume| volume.is_visible) {
            if volumes.len() >= MOST {
                return volumes;
            }
            let bytes = Linear::new(group, logical, &known);
            volumes.push(Volume {
                name: mapper_name(&group.name, &logical.name),
                bytes: bytes.map(|bytes| Rc::new(bytes) as Rc<dyn ReadAt>),
            });
        }
    }
    volumes
}
