//! Container images: layers over one another.

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::Value;

use crate::tree::{Held, Kind, Tree};

/// The largest manifest that is read, in bytes.
const MANIFEST: usize = 4 << 20;
/// The deepest chain of indexes.
const DEEPEST: usize = 4;

/// One image: its layers, the lowest first.
pub(crate) struct Layers {
    pub(crate) name: Option<String>,
    layers: Vec<Rc<dyn Tree>>,
}

/// Returns the images that `docker save` has written to an archive, or those of an OCI layout.
pub(crate) fn images(tree: &Rc<dyn Tree>) -> Vec<Layers> {
    let docker = json(&**tree, Path::new("manifest.json"));
    let images = docker.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let of_docker = images.iter().filter_map(|image| {
        let paths = image.get("Layers")?.as_array()?.iter().filter_map(Value::as_str);
        let name = image.pointer("/RepoTags/0").and_then(Value::as_str).map(str::to_owned);
        Layers::of(tree, name, paths.map(PathBuf::from))
    });
    let found: Vec<Layers> = of_docker.collect();
    if !found.is_empty() {
        return found;
    }
    let mut found = Vec::new();
    if let Some(index) = json(&**tree, Path::new("index.json")) {
        add_oci(tree, &index, None, 0, &mut found);
    }
    found
}

/// Adds the images that an index of an OCI layout names.
fn add_oci(
    tree: &Rc<dyn Tree>,
    index: &Value,
    name: Option<&str>,
    depth: usize,
    found: &mut Vec<Layers>,
) {
    let blob = |item: &Value| {
        let (kind, digest) = item.get("digest")?.as_str()?.split_once(':')?;
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (is_plain(kind) && is_plain(digest)).then(|| Path::new("blobs").join(kind).join(digest))
    };
    if let Some(layers) = index.get("layers").and_then(Value::as_array) {
        let paths = layers.iter().filter_map(blob);
        found.extend(Layers::of(tree, name.map(str::to_owned), paths));
    }
    let manifests =
        index.get("manifests").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for item in manifests.iter().filter(|_| depth < DEEPEST) {
        let own =
            item.pointer("/annotations/org.opencontainers.image.ref.name").and_then(Value::as_str);
        let next = blob(item).and_then(|path| json(&**tree, &path));
        if let Some(next) = next {
            add_oci(tree, &next, own.or(name), depth.saturating_add(1), found);
        }
    }
}

fn json(tree: &dyn Tree, path: &Path) -> Option<Value> {
    matches!(tree.kind(path), Ok(Kind::File)).then_some(())?;
    serde_json::from_slice(&tree.read(path, MANIFEST).ok()?).ok()
}

impl Layers {
    fn of(
        tree: &Rc<dyn Tree>,
        name: Option<String>,
        paths: impl Iterator<Item = PathBuf>,
    ) -> Option<Layers> {
        let layers: Vec<_> = paths.filter_map(|path| tree.nested(&path)).collect();
        (!layers.is_empty()).then_some(Layers { name, layers })
    }

    /// Returns the layer that has a path, and what it has there.
    fn find(&self, path: &Path) -> io::Result<(&dyn Tree, Kind)> {
        for layer in self.layers.iter().rev() {
            match layer.kind(path) {
                Ok(kind) => return Ok((&**layer, kind)),
                Err(error) if error.kind() == ErrorKind::NotADirectory => return Err(error),
                Err(_) => {}
            }
            if hides(&**layer, path) {
                break;
            }
        }
        Err(ErrorKind::NotFound.into())
    }
}

/// Returns whether a layer hides what those below it have at a path.
fn hides(layer: &dyn Tree, path: &Path) -> bool {
    path.ancestors().any(|path| {
        let Some((folder, name)) = path.parent().zip(path.file_name()) else { return false };
        let mut mark = OsString::from(".wh.");
        mark.push(name);
        layer.kind(&folder.join(mark)).is_ok() || layer.kind(&folder.join(OPAQUE)).is_ok()
    })
}

/// In a folder that hides all of those below it.
const OPAQUE: &str = ".wh..wh..opq";

impl Tree for Layers {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        self.find(path).map(|(_, kind)| kind)
    }

    fn link(&self, path: &Path) -> io::Result<PathBuf> {
        self.find(path)?.0.link(path)
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        let mut names: Vec<OsString> = Vec::new();
        let (mut is_there, mut hidden) = (false, Vec::new());
        for layer in self.layers.iter().rev() {
            if let Ok(own) = layer.names(folder) {
                is_there = true;
                for name in own {
                    let text = name.to_string_lossy();
                    match text.strip_prefix(".wh.") {
                        Some(gone) => hidden.push(OsString::from(gone)),
                        None if !names.contains(&name) => names.push(name),
                        None => {}
                    }
                }
                // A layer may have a file itself that it hides in others.
                names.retain(|name| {
                    !hidden.contains(name) || layer.kind(&folder.join(name)).is_ok()
                });
            }
            if layer.kind(&folder.join(OPAQUE)).is_ok() || hides(&**layer, folder) {
                break;
            }
        }
        names.retain(|name| self.kind(&folder.join(name)).is_ok());
        if is_there { Ok(names) } else { Err(ErrorKind::NotFound.into()) }
    }

    fn held(&self, path: &Path) -> io::Result<Option<Held>> {
        self.find(path)?.0.held(path)
    }

    fn full(&self, path: &Path) -> PathBuf {
        match (self.find(path), self.layers.last()) {
            (Ok((layer, _)), _) => layer.full(path),
            (Err(_), Some(top)) => top.full(path),
            (Err(_), None) => path.to_owned(),
        }
    }

    fn archive(&self, path: &Path) -> Option<PathBuf> {
        match self.find(path) {
            Ok((layer, _)) => layer.archive(path),
            Err(_) => None,
        }
    }
}
