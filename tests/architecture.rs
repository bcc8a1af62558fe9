//! How the crates are built: which modules may name which, and what only some may do.

#[path = "architecture/house.rs"]
mod house;
#[path = "architecture/paths.rs"]
mod paths;

use std::fs;

use house::{Graph, House, circles, folders, within};

/// The library from the ground up: a module names itself and those before it.
const LIBRARY: &[&[&str]] = &[
    &["endian"],    // the words for byte order
    &["error"],     // what can go wrong
    &["scan"],      // NULs, plain text, zeros
    &["value"],     // texts, times, addresses, types, events
    &["platform"],  // a platform's numbers, rules and paths
    &["entry"],     // the platform-neutral record
    &["container"], // where a record starts and ends
    &["layout"],    // what a record looks like, entries back to bytes
    &["formats"],   // every layout there is
    &["evidence"],  // how well bytes read as a record
    &["align"],     // records that do not stand where they should
    &["read"],      // records and entries from bytes and readers
    &["session"],   // logins with their ends
    &["detect"],    // which layout is it
    &["carve"],     // records in raw bytes
    &["open"],      // files, and the running system's own
    &["audit"],     // what does not fit
    &["contract"],  // the columns of every kind of row
];

/// The command line. Modules on one line do not name each other.
const CLI: &[&[&str]] = &[
    &["file_name"],             // names of files, as they may be printed
    &["ledger"],                // which files are evidence
    &["diagnostics"],           // messages and exit statuses
    &["sources"],               // the files to read, and whose they are
    &["args"],                  // what can be typed
    &["input", "output"],       // from files to records, from values to bytes
    &["help", "run", "usage"], // what is printed of options, asked of a command, wrong with arguments
    &["commands", "multicall"], // what the program does, and under which names
    &["app", "fuzzing"],       // the command line as a whole, and the parsers alone
];

/// The native half of the Python package.
const PYTHON: &[&[&str]] = &[
    &["work"],                                             // threads, and signals meanwhile
    &["clock", "contract", "errors", "source", "strings"], // values to and from Python
    &["cells", "damage", "input"],                         // what is given, what is wrong in it
    &["log_source"],                                       // an open log
    &["detection", "history", "out", "plan", "record_cursor", "root"], // what can be asked of it
    &["batches"],                                          // records as columns
    &["rows"],                                             // rows of every kind as columns
    &["table"],                                            // the class of a table
    &["audit", "make", "pyutmpx", "sessions"],             // what is made of tables; pyutmpx
    &["record", "schema"],                                 // a record; the columns of a table
    &["carve", "log", "record_pickle"],                    // files of records
];

const CRATES: &[&str] = &["src", "cli/src", "python/src"];

/// No circles between the files of a crate, nor between the folders at any level.
#[test]
fn no_circles() {
    let mut found = Vec::new();
    for root in CRATES {
        let graph = House::read(root).graph();
        for circle in circles(&graph) {
            found.extend(ties(&graph, &circle).into_iter().map(|tie| format!("{root}: {tie}")));
        }
        for folder in folders(&graph) {
            for circle in circles(&within(&graph, &folder)) {
                found.push(format!("{root}/{}: between {circle:?}", folder.join("/")));
            }
        }
    }
    assert!(found.is_empty(), "circles:\n{}", found.join("\n"));
}

/// The arrows inside a circle.
fn ties(graph: &Graph, circle: &[Vec<String>]) -> Vec<String> {
    let from_here = |from: &Vec<String>| {
        let targets = graph[from].iter().filter(|to| circle.contains(to));
        let ties = targets.map(|to| format!("{} -> {}", from.join("::"), to.join("::")));
        ties.collect::<Vec<_>>()
    };
    circle.iter().flat_map(from_here).collect()
}

fn assert_layers(root: &str, layers: &[&[&str]]) {
    let graph = House::read(root).graph();
    let rank = |name: &str| layers.iter().position(|layer| layer.contains(&name));
    let parts = within(&graph, &[]);
    for (name, targets) in parts.iter().filter(|(name, _)| !name.is_empty()) {
        let from = rank(name).unwrap_or_else(|| panic!("{root}: {name} has no layer"));
        for target in targets {
            let to = rank(target).unwrap_or_else(|| {
                panic!("{root}/{name} names an item of the crate's root: name its module instead")
            });
            assert!(to < from, "{root}/{name} names {target}, which is not below it");
        }
    }
    let named = layers.iter().copied().flatten().filter(|name| parts.contains_key(**name));
    assert_eq!(named.count(), parts.len() - 1, "{root}: a layer without a module");
}

#[test]
fn the_library_has_layers() {
    assert_layers("src", LIBRARY);
}

#[test]
fn the_command_line_has_layers() {
    assert_layers("cli/src", CLI);
}

#[test]
fn the_python_module_has_layers() {
    assert_layers("python/src", PYTHON);
}

/// A command stands alone; `app` is the only one to name them (and `fuzzing` their parsers).
#[test]
fn commands_do_not_name_each_other() {
    let graph = House::read("cli/src").graph();
    let commands = within(&graph, &["commands".to_owned()]);
    assert!(commands.len() > 10);
    for (command, targets) in commands {
        assert!(targets.is_empty(), "{command} names {targets:?}");
    }
}

#[test]
fn unsafe_stays_in_the_map() {
    for root in CRATES {
        for file in House::read(root).files {
            let mut words = file.code.split(|c: char| !c.is_alphanumeric() && c != '_');
            let may = file.path.ends_with("src/open/mmap.rs");
            assert_eq!(words.any(|word| word == "unsafe"), may, "{}", file.path.display());
        }
    }
    let lib = fs::read_to_string("src/lib.rs").unwrap();
    let forbidden = lib.matches("#[forbid(unsafe_code)]").count();
    let modules = LIBRARY.iter().copied().flatten().count();
    assert_eq!(forbidden, modules - 1);
}

/// Code that is written for the processor stays where it is looked for.
const TRICKS: &[&str] = &["inline(always)", "wrapping_", "transmute", "as_chunks"];

/// Besides `output/ascii`, with the reason of each.
const TRICKSTERS: &[(&str, &str)] = &[
    ("output/jsonl.rs", "keys become constants only where the row is one function"),
    ("output/csv.rs", "cells of that row"),
    ("output/prefix_cache.rs", "cells of that row"),
    ("output/utmpdump.rs", "a row's cells in one function: 3 % of its instructions"),
    ("commands/last/listing.rs", "one function from record to row, with the two below"),
    ("commands/last/pairing.rs", "called from three places: 17 % of the instructions of last"),
    ("commands/last/line_table.rs", "part of that function"),
    ("commands/last/time.rs", "the end of a session in the function of its line"),
];

#[test]
fn tricks_are_fenced() {
    let mut used = Vec::new();
    for file in House::read("cli/src").files {
        let path = file.path.strip_prefix("cli/src").unwrap().to_str().unwrap().to_owned();
        let found = TRICKS.iter().filter(|trick| file.code.contains(**trick));
        let found: Vec<_> = found.collect();
        if path.starts_with("output/ascii/") || found.is_empty() {
            continue;
        }
        assert!(TRICKSTERS.iter().any(|(may, _)| *may == path), "{path}: {found:?}");
        used.push(path);
    }
    for (path, _) in TRICKSTERS {
        assert!(used.iter().any(|used| used == path), "{path} needs no exception any more");
    }
}

/// Evidence is opened where its access time is left alone, and where it is entered in the ledger
/// of what may not be written.
#[test]
fn evidence_is_opened_in_one_place() {
    const OPENERS: [&str; 5] =
        ["File::open(", "fs::read(", "fs::read_to_string(", "fs::read_dir(", "open_evidence("];
    for root in ["cli/src", "sources/src"] {
        for file in House::read(root).files {
            let path = file.path.to_str().unwrap();
            let may = path.starts_with("sources/src/evidence/")
                || [
                    "cli/src/input/stored.rs",
                    "cli/src/input/follow/family.rs",
                    "cli/src/input/follow/cursor.rs",
                ]
                .contains(&path);
            let found = OPENERS.iter().filter(|opener| file.code.contains(**opener));
            let found: Vec<_> = found.collect();
            assert!(may || found.is_empty(), "{path}: {found:?}");
        }
    }
}

#[test]
fn files_are_small() {
    for root in CRATES {
        for file in House::read(root).files {
            assert!(file.lines <= 500, "{}: {} lines", file.path.display(), file.lines);
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
