//! Code asks what a platform or a layout does, never which one it is. The platforms' own files
//! state the facts; nothing else compares their names.

use std::fs;
use std::path::{Path, PathBuf};

/// Files that may compare names: the platforms' own, and the lookup by name.
const EXEMPT: &[&str] = &["src/platform/", "src/formats/"];

/// The forms that a comparison of names has.
const BANNED: &[&str] = &[
    "system ==",
    "system !=",
    "match layout.name",
    ".name.starts_with(\"",
    ".name.strip_prefix(\"",
    ".name.contains(\"",
    ".name == \"",
    ".name != \"",
    "match platform.system",
    "ptr::eq(layout.platform",
    "ptr::eq(entry.platform",
];

fn sources(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut folders, mut files) = (vec![root.join(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

#[test]
fn names_of_platforms_and_layouts_are_not_compared() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut checked = 0;
    for path in ["src", "cli/src", "python/src"].into_iter().flat_map(sources) {
        let name = path.strip_prefix(root).unwrap().display().to_string();
        if EXEMPT.iter().any(|exempt| name.starts_with(exempt)) {
            continue;
        }
        checked += 1;
        for (number, line) in (1..).zip(fs::read_to_string(&path).unwrap().lines()) {
            let code = line.split("//").next().unwrap_or_default();
            for banned in BANNED {
                assert!(!code.contains(banned), "{name}:{number} compares names: {line}");
            }
        }
    }
    assert!(checked > 100, "only {checked} files");
}

/// A new platform is one file: what it does is written there, not in lists elsewhere.
#[test]
fn systems_are_named_in_their_own_files_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut systems: Vec<&str> =
        loginrec::formats::LAYOUTS.iter().map(|layout| layout.platform.system).collect();
    systems.sort_unstable();
    systems.dedup();
    for path in ["src", "cli/src", "python/src"].into_iter().flat_map(sources) {
        let name = path.strip_prefix(root).unwrap().display().to_string();
        if EXEMPT.iter().any(|exempt| name.starts_with(exempt)) {
            continue;
        }
        for (number, line) in (1..).zip(fs::read_to_string(&path).unwrap().lines()) {
            let code = line.split("//").next().unwrap_or_default();
            for system in &systems {
                let literal = format!("\"{system}\"");
                assert!(!code.contains(&literal), "{name}:{number} names a system: {line}");
            }
        }
    }
}
