//! Against util-linux, where it is installed: every option, three time zones, every file of
//! its layout, and generated ones.

use std::fs;
use std::path::{Path, PathBuf};

use loginrec_testing::{Scratch, command, command_of, loginrec, root, run, shared, skip};

use crate::compare::{Style, difference};
use crate::generate::wtmp;

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

/// Returns the path of util-linux's tool, if it is installed.
fn installed(tool: &str) -> Option<PathBuf> {
    let path = Path::new("/usr/bin").join(tool);
    let version = command_of(&path, &["-V"]).output().ok();
    let is = version.is_some_and(|out| String::from_utf8_lossy(&out.stdout).contains("util-linux"));
    if !is {
        skip(&format!("there is no {tool} of util-linux"));
    }
    is.then_some(path)
}

type Tools = Vec<(&'static str, PathBuf)>;

fn last_and_lastb() -> Tools {
    ["last", "lastb"].into_iter().filter_map(|tool| Some((tool, installed(tool)?))).collect()
}

fn check(tools: &Tools, file: &str, options: &[&str], zone: &str) {
    for (tool, path) in tools {
        let args = [options, &["-f", file]].concat();
        let theirs = command_of(path, &args).env("TZ", zone).output().unwrap();
        let args = [&[*tool], args.as_slice()].concat();
        let ours = command(&args).env("TZ", zone).output().unwrap();
        let differs = difference(&ours.stdout, &theirs.stdout, &Style::of(options));
        assert_eq!(differs, None, "{tool} {options:?} {zone} {file}");
    }
}

/// Files of 384-byte little-endian records below a folder.
fn files(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
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
    let (tools, mut found) = (last_and_lastb(), Vec::new());
    files(&root().join("fixtures"), &mut found);
    if let Some(corpus) = shared("corpus") {
        files(&corpus, &mut found);
    }
    assert!(!found.is_empty());
    for file in &found {
        for (i, options) in OPTIONS.iter().enumerate() {
            check(&tools, file, options, ZONES[i % 3]);
        }
    }
    for zone in ZONES {
        OPTIONS.iter().for_each(|options| check(&tools, &found[0], options, zone));
    }
}

/// A part of the options for each file, so that all get their turn on many.
#[test]
fn generated_histories() {
    let (threads, tools) = (4, &last_and_lastb());
    std::thread::scope(|scope| {
        for part in 0..threads {
            scope.spawn(move || {
                for seed in (part..1000).step_by(threads) {
                    let (_scratch, file) = Scratch::with("wtmp", &wtmp(seed as u64));
                    let zone = ZONES[seed % ZONES.len()];
                    check(tools, &file, OPTIONS[seed % OPTIONS.len()], zone);
                    check(tools, &file, &["-xF"], "UTC");
                }
            });
        }
    });
}

/// Differences of `utmpdump -r` from `undump`: it pads the id with blanks, ends
/// the user at a blank, and loses an IPv6 address that ends in dotted digits.
fn excuse(theirs: &mut [u8], ours: &[u8], row: &str) {
    let id = &mut theirs[40..44];
    let used = id.iter().rposition(|&b| b != b' ').map_or(0, |at| at + 1);
    id[used..].fill(0);
    let user = &mut theirs[44..76];
    let len = user.iter().position(|&b| b == 0).unwrap_or(32);
    if ours[44..].starts_with(&[&user[..len], b" "].concat()) {
        user.copy_from_slice(&ours[44..76]);
    }
    let address = row.split("] [").nth(6).unwrap();
    if address.contains(':') && address.contains('.') {
        assert_eq!(theirs[348..364], [0; 16], "{row}");
        theirs[348..364].copy_from_slice(&ours[348..364]);
    }
}

/// Whether the address is what the microseconds of glibc's time64 accident look like: we read
/// the record as one of those.
fn is_time64(row: &str) -> bool {
    let address = row.split("] [").nth(6).unwrap().trim_end().parse::<std::net::Ipv4Addr>();
    address.is_ok_and(|ip| u32::from_le_bytes(ip.octets()) < 1_000_000)
}

/// `dump` is utmpdump, `undump` is `utmpdump -r` but for [`excuse`].
#[test]
fn generated_histories_as_utmpdump_text() {
    let Some(utmpdump) = installed("utmpdump") else { return };
    let output = |program: &Path, args: &[&str]| command_of(program, args).output().unwrap().stdout;
    let loginrec = loginrec();
    for seed in 0..1000 {
        let (_scratch, file) = Scratch::with("wtmp", &wtmp(seed));
        let layout = ["--layout", "linux-glibc-384-le"];
        let text = output(&utmpdump, &[&file]);
        let ours = output(&loginrec, &[&["dump"], &layout[..], &[&file]].concat());
        let (ours, theirs) = (String::from_utf8_lossy(&ours), String::from_utf8_lossy(&text));
        assert_eq!(ours.lines().count(), theirs.lines().count(), "{seed}");
        for (ours, theirs) in ours.lines().zip(theirs.lines()) {
            assert!(ours == theirs || is_time64(theirs), "{seed}: {ours} {theirs}");
        }

        let (_rows, rows) = Scratch::with("rows", &text);
        let mut theirs = output(&utmpdump, &["-r", &rows]);
        let ours = output(&loginrec, &["undump", &rows]);
        let lines = String::from_utf8_lossy(&text).into_owned();
        let records = theirs.chunks_exact_mut(384).zip(ours.chunks_exact(384));
        records.zip(lines.lines()).for_each(|((theirs, ours), row)| excuse(theirs, ours, row));
        assert!(ours == theirs, "{seed}: {} {}", ours.len(), theirs.len());
    }
}
