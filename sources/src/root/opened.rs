//! Archives as roots, and which of their members may be needed.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use loginrec::read::ReadAt;

use super::content::{by_content, by_word};
use super::places::usual_places;
use super::rotation::RotatedName;
use super::{RootOptions, name};
use crate::archive::{self, Format, Keep, Recognizes, head_of};
use crate::evidence::open_source;
#[cfg(feature = "images")]
use crate::image;
use crate::problem::Problem;
use crate::tree::{Tree, decoded};

/// The files of an archive or an image, and what it is.
pub(super) type Opened = (Rc<dyn Tree>, &'static str);

/// Opens a file of this host that is an archive or an image; `None` if it is something else.
pub(super) fn open(
    path: &Path,
    options: &RootOptions,
    problems: &mut Vec<Problem>,
) -> io::Result<Option<Opened>> {
    let source = open_source(path)?;
    let head = head_of(&*source)?;
    let Some(format) = Format::of(&head) else { return open_image(path, source, &head, problems) };
    let tree = archive::read(path, &source, format, &kept(options), problems);
    Ok(Some((tree, format.name())))
}

/// Opens a disk image; `None` if it is something else.
#[cfg(feature = "images")]
fn open_image(
    path: &Path,
    source: Rc<dyn ReadAt>,
    head: &[u8],
    problems: &mut Vec<Problem>,
) -> io::Result<Option<Opened>> {
    let Some(format) = image::Format::of(head) else { return Ok(None) };
    let disk = image::disk(path, source, format)?;
    Ok(Some((image::read(path, &disk, problems)?, format.name())))
}

#[cfg(not(feature = "images"))]
fn open_image(
    _: &Path,
    _: Rc<dyn ReadAt>,
    _: &[u8],
    _: &mut Vec<Problem>,
) -> io::Result<Option<Opened>> {
    Ok(None)
}

/// Returns the content of the disk in an image that does not store it byte by byte; `None` for other
/// files.
///
/// # Errors
///
/// If the file or the image cannot be read.
pub fn open_disk(path: impl AsRef<Path>) -> io::Result<Option<Rc<dyn ReadAt>>> {
    #[cfg(feature = "images")]
    {
        let path = path.as_ref();
        let source = open_source(path)?;
        match image::Format::of(&head_of(&*source)?) {
            None | Some(image::Format::Raw) => Ok(None),
            Some(format) => image::disk(path, source, format).map(Some),
        }
    }
    #[cfg(not(feature = "images"))]
    {
        let _ = path;
        Ok(None)
    }
}

/// Returns the other files of an image: its segments, or the parts that its descriptor names.
pub fn image_segments(path: impl AsRef<Path>) -> Vec<PathBuf> {
    #[cfg(feature = "images")]
    {
        let path = path.as_ref();
        let head = open_source(path).and_then(|source| head_of(&*source));
        head.map_or_else(|_| Vec::new(), |head| image::segments(path, &head))
    }
    #[cfg(not(feature = "images"))]
    {
        let _ = path;
        Vec::new()
    }
}

/// Returns the disk in an image, raw or not, in which everything that a file has reads as zeros.
///
/// # Errors
///
/// If it cannot be read, or has no file system whose free space is known: ext2, ext3 and ext4.
pub fn open_unallocated(path: impl AsRef<Path>) -> io::Result<Rc<dyn ReadAt>> {
    #[cfg(feature = "images")]
    {
        let path = path.as_ref();
        let source = open_source(path)?;
        let format = image::Format::of(&head_of(&*source)?).unwrap_or(image::Format::Raw);
        image::free(image::disk(path, source, format)?)
    }
    #[cfg(not(feature = "images"))]
    {
        let _ = path;
        Err(io::Error::new(io::ErrorKind::Unsupported, "built without the feature `images`"))
    }
}

/// Returns whether a file is an archive.
pub(super) fn is_one(path: &Path) -> bool {
    let head = open_source(path).and_then(|source| head_of(&*source));
    head.is_ok_and(|head| Format::of(&head).is_some() || is_image(&head))
}

#[cfg(feature = "images")]
fn is_image(head: &[u8]) -> bool {
    image::Format::of(head).is_some()
}

#[cfg(not(feature = "images"))]
fn is_image(_: &[u8]) -> bool {
    false
}

/// Returns which members of an archive are kept.
fn kept(options: &RootOptions) -> Keep {
    // The last folder and the name of each place. A name with a `*` only counts in its folder.
    let places: Vec<(&'static str, &'static str)> = usual_places()
        .iter()
        .filter_map(|(_, place)| {
            let (folder, base) = place.rsplit_once('/')?;
            Some((folder.rsplit('/').next()?, base))
        })
        .collect();
    let names = options.names.iter().filter_map(|path| path.file_name());
    let names: Vec<OsString> = names.map(OsString::from).collect();
    let wants = move |path: &Path| {
        let Some(base) = path.file_name() else { return false };
        let base = decoded(&base.to_owned());
        let text = base.to_string_lossy();
        let stem = ["-wal", "-journal"].iter().find_map(|suffix| text.strip_suffix(suffix));
        let stem = OsString::from(stem.unwrap_or(&text));
        names.contains(&base)
            || by_word(&stem).is_some()
            || places.iter().any(|(folder, base)| {
                let is_here = || path.parent().and_then(Path::file_name) == Some(folder.as_ref());
                RotatedName::new(base, stem.clone()).is_some() && (!base.contains('*') || is_here())
            })
            || is_about_system(&text)
    };
    let recognizes = |path: &Path, head: &[u8]| by_content(path, head).is_some();
    Keep {
        wants: Box::new(wants),
        recognizes: options.scan.then(|| Box::new(recognizes) as Recognizes),
        max_size: options.max_size,
    }
}

/// Returns whether a file of this name says something about the system or the archive.
fn is_about_system(base: &str) -> bool {
    const OTHERS: &[&str] = &["passwd", "master.passwd", "manifest.json", "index.json"];
    name::may_name(base) || OTHERS.contains(&base) || base.starts_with(".wh.")
}

/// Returns whether a file has the name of an archive.
pub(super) fn has_archive_name(path: &Path) -> bool {
    archive::has_archive_name(path) || is_image_name(path)
}

/// Suffixes of disk images.
const IMAGES: &[&str] =
    &["e01", "qcow2", "raw", "dd", "img", "001", "vmdk", "vhd", "vhdx", "avhdx"];

fn is_image_name(path: &Path) -> bool {
    let suffix = path.extension().map(|suffix| suffix.to_string_lossy().to_ascii_lowercase());
    cfg!(feature = "images") && suffix.is_some_and(|suffix| IMAGES.contains(&suffix.as_str()))
}

/// Returns whether a file is a part of a VMDK with a descriptor beside it: `disk-flat.vmdk` or
/// `disk-s001.vmdk` of `disk.vmdk`.
pub(super) fn is_part(tree: &dyn Tree, path: &Path) -> bool {
    let part = || {
        let stem = path.file_name()?.to_str()?.strip_suffix(".vmdk")?;
        let (base, suffix) = stem.rsplit_once('-')?;
        let number = suffix.strip_prefix(['s', 'f']).unwrap_or_default();
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        (suffix == "flat" || is_number).then(|| path.with_file_name(format!("{base}.vmdk")))
    };
    part().is_some_and(|whole| tree.kind(&whole).is_ok())
}

/// Returns the container images in an archive, each with its name.
pub(super) fn images(tree: &Rc<dyn Tree>) -> Vec<(Option<String>, Rc<dyn Tree>)> {
    let images = archive::images(tree).into_iter();
    images.map(|image| (image.name.clone(), Rc::new(image) as Rc<dyn Tree>)).collect()
}
