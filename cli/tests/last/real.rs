//! Against util-linux, where it is installed: every option, three time zones, every file of
//! its layout, and generated ones.

use std::fs;
use std::path::{Path, PathBuf};

use crate::compare::{Style, difference};
use crate::generate::{Scratch, wtmp};
use crate::{command, root, run};

const OPTIONS: &[&[&str]] = &[
    &[],
    &["-x"],
    &["-xF"],
    &["-w", "-x"],
    &["-a"],
    &["-aR"],
    &["-iw"],
    &["-aiF"],
    &["--time-format", "iso", "--system", "--hostlast", "--fullnames"],
    &["--time-format", "notime", "-x"],
    &["-3"],
    &["-n", "2", "-x", "--nohostname"],
    &["reboot"],
    &["alice", "1"],
];

const ZONES: [&str; 3] = ["UTC", "America/Los_Angeles", "Asia/Kolkata"];

/// Where util-linux's tool is, if it is.
fn installed(tool: &str) -> Option<PathBuf> {
    let path = Path::new("/usr/bin").join(tool);
    let version = command(&path, &["-V"]).output().ok();
    let is = version.is_some_and(|out| String::from_utf8_lossy(&out.stdout).contains("util-linux"));
    if !is {
        eprintln!("skipped: no {tool} of util-linux");
    }
    is.then_some(path)
}

fn check(file: &str, options: &[&str], zone: &str) {
    for tool in ["last", "lastb"] {
        let Some(path) = installed(tool) else { return };
        let args = [options, &["-f", file]].concat();
        let theirs = command(path, &args).env("TZ", zone).output().unwrap();
        let args = [&[tool], args.as_slice()].concat();
        let ours = command(env!("CARGO_BIN_EXE_loginrec"), &args).env("TZ", zone).output().unwrap();
        let differs = difference(&ours.stdout, &theirs.stdout, &Style::of(options));
        assert_eq!(differs, None, "{tool} {options:?} {zone} {file}");
    }
}

/// Files of 384-byte little-endian records below a folder.
fn files(folder: &Path, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return eprintln!("skipped: no {}", folder.display());
    };
    for entry in entries.flatten() {
        let path = entry.path();
        // Records of glibc's time64 accident have the size, not the layout.
        if path.to_str().is_some_and(|path| path.contains("time64")) {
            continue;
        } else if path.is_dir() {
            files(&path, found);
        } else if entry
            .metadata()
            .is_ok_and(|about| about.len() % 384 == 0 && about.len() < 1 << 20)
        {
            let name = path.to_str().unwrap();
            let json = run(&["detect", "--format", "jsonl", name]);
            if String::from_utf8_lossy(&json.stdout).contains(r#""layout":"linux-glibc-384-le""#) {
                found.push(name.to_owned());
            }
        }
    }
}

#[test]
fn every_file_every_option_every_zone() {
    let mut found = Vec::new();
    files(&root().join("fixtures"), &mut found);
    files(&root().join("../shared/corpus"), &mut found);
    assert!(!found.is_empty());
    for file in &found {
        for (i, options) in OPTIONS.iter().enumerate() {
            check(file, options, ZONES[i % 3]);
        }
    }
    for zone in ZONES {
        OPTIONS.iter().for_each(|options| check(&found[0], options, zone));
    }
}

#[test]
fn generated_histories() {
    for seed in 0..300 {
        let file = Scratch::new(&format!("g{seed}"), &wtmp(seed));
        let options = OPTIONS[seed as usize % OPTIONS.len()];
        check(&file.path(), options, ZONES[seed as usize % 3]);
        check(&file.path(), &["-xF"], "UTC");
    }
}
