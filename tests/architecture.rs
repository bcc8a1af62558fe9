//! The layers of the crate: a module imports only from itself and from names above it
//! here. (`lib.rs` cannot hold this order: rustfmt sorts it.)

use std::fs;
use std::path::{Path, PathBuf};

const LAYERS: &[&str] = &[
    "endian",    // the words for byte order
    "error",     // what can go wrong
    "text",      // a character field
    "timestamp", // a stored time
    "address",   // a stored address
    "ut_type",   // the meanings of ut_type
    "dialect",   // a platform's numbers, rules and paths
    "entry",     // the platform-neutral record
    "hash",      // the Berkeley DB behind lastlogx
    "frame",     // where a record starts and ends
    "field",     // one field of a record
    "layout",    // what a record looks like
    "encode",    // entries back to bytes
    "record",    // a view of one, an iterator of many
    "platform",  // every layout there is
    "entries",   // normalised iteration
    "stream",    // records from a reader, window by window
    "memory",    // room for what is kept
    "session",   // logins with their ends
    "detect",    // which layout is it
    "carve",     // records in raw bytes
    "mmap",      // bytes of a file
    "file",      // all of the above
    "audit",     // what does not fit
    "system",    // the running system's files
];

fn sources(module: &str) -> Vec<PathBuf> {
    let file = PathBuf::from(format!("src/{module}.rs"));
    let mut all: Vec<PathBuf> = file.exists().then_some(file).into_iter().collect();
    if let Ok(folder) = fs::read_dir(format!("src/{module}")) {
        all.extend(folder.map(|entry| entry.unwrap().path()));
    }
    assert!(!all.is_empty(), "{module} has no file");
    all
}

fn imports(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let uses = text.lines().map(str::trim_start).filter_map(|l| l.strip_prefix("use crate::"));
    uses.map(|l| l.split([':', ';']).next().unwrap().to_owned()).collect()
}

#[test]
fn imports_point_down() {
    for (rank, module) in LAYERS.iter().enumerate() {
        for file in sources(module) {
            for target in imports(&file) {
                let found = LAYERS.iter().position(|m| *m == target);
                let at = format!("{}: use crate::{target}", file.display());
                assert!(found.is_some(), "{at}: import the module, not a re-export");
                assert!(found.unwrap() <= rank, "{at}: points up");
            }
        }
    }
}

#[test]
fn every_module_has_a_layer() {
    let lib = fs::read_to_string("src/lib.rs").unwrap();
    let mut modules = 0;
    for line in lib.lines().map(|l| l.trim_start_matches("pub ")) {
        if let Some(name) = line.strip_prefix("mod ").and_then(|l| l.strip_suffix(';')) {
            assert!(LAYERS.contains(&name), "{name} has no layer");
            modules += 1;
        }
    }
    assert_eq!(modules, LAYERS.len());
}

/// The one module that may.
#[test]
fn unsafe_stays_in_the_map() {
    for module in LAYERS.iter().filter(|m| **m != "mmap") {
        for file in sources(module) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains("unsafe "), "{}", file.display());
        }
    }
    let lib = fs::read_to_string("src/lib.rs").unwrap();
    let forbidden = lib.matches("#[forbid(unsafe_code)]").count();
    assert_eq!(forbidden, LAYERS.len() - 1);
}

#[test]
fn files_are_small() {
    for module in LAYERS {
        for file in sources(module) {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            assert!(lines <= 410, "{} has {lines} lines", file.display());
        }
    }
}

/// zerocopy, byteorder, time, memmap2; whatever else is optional.
#[test]
fn dependencies_stay_few() {
    let manifest: toml::Table = fs::read_to_string("Cargo.toml").unwrap().parse().unwrap();
    let dependencies = manifest["dependencies"].as_table().unwrap();
    let fixed = ["byteorder", "memmap2", "time", "zerocopy"];
    for (name, spec) in dependencies {
        let optional = spec.get("optional").and_then(|o| o.as_bool()) == Some(true);
        assert!(fixed.contains(&name.as_str()) || optional, "{name}");
    }
}
