//! What the integration tests share: where the corpus lies, what its files are, and
//! files made up from a layout.
#![allow(dead_code, unused_imports, unreachable_pub)] // each test file uses a part

mod atlas;
#[path = "../../benches/generate/mod.rs"]
pub mod generate;
pub mod machine;
mod synth;

use std::fs;
use std::path::{Path, PathBuf};

pub use self::atlas::ATLAS;
pub use self::generate::Rng;
pub use self::synth::synthesize;

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder beside the repository, `None` with a printed line where it is absent.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let path = root().join("../shared").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: there is no {}", path.display());
    None
}

/// Our name for a layout of the atlas.
pub fn our_name(atlas: &str, endian: &str) -> &'static str {
    let row = ATLAS.iter().find(|(a, e, _)| *a == atlas && *e == endian);
    row.unwrap_or_else(|| panic!("{atlas} {endian} is not in the table")).2
}

/// One file whose layout is known.
pub struct Sample {
    pub path: PathBuf,
    pub layout: &'static str,
}

impl Sample {
    pub fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap()
    }
}

/// Every file of our own: `fixtures/<layout>/<file>`, and those of real C libraries.
pub fn fixtures() -> Vec<Sample> {
    let mut samples = Vec::new();
    for folder in sorted(&root().join("fixtures")) {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let Some(layout) = fixture_layout(&name) else { continue };
        for path in sorted(&folder) {
            if path.extension().is_none_or(|e| e != "jsonl") {
                samples.push(Sample { path, layout });
            }
        }
    }
    assert!(samples.len() > 90, "only {} fixtures", samples.len());
    samples
}

fn fixture_layout(folder: &str) -> Option<&'static str> {
    match folder {
        "glibc-x86_64" => Some("linux-glibc-384-le"),
        "glibc-mips" => Some("linux-glibc-384-be"),
        "glibc-m68k" => Some("linux-glibc-382-be"),
        "glibc-aarch64" => Some("linux-glibc-400-le"),
        "glibc-s390x" => Some("linux-glibc-400-be"),
        "musl-i386" => Some("linux-musl-396-le"),
        "utmps-i386" => Some("linux-glibc-392-le"),
        _ => ATLAS.iter().map(|row| row.2).find(|name| *name == folder),
    }
}

/// Every file of the corpus that has a layout; empty with a printed line where the
/// corpus is absent.
pub fn corpus() -> Vec<Sample> {
    let Some(corpus) = shared("corpus") else { return Vec::new() };
    let mut samples: Vec<Sample> =
        REAL.iter().map(|(path, layout)| Sample { path: corpus.join(path), layout }).collect();
    let generated = corpus.join("generated");
    for (machine, utmp, lastlog) in MACHINES {
        machine_files(&generated.join(machine), utmp, lastlog, &mut samples);
    }
    for folder in sorted(&generated.join("synth")) {
        let text = fs::read_to_string(folder.join("layout-name.json")).unwrap();
        let names: serde_json::Value = serde_json::from_str(&text).unwrap();
        let name =
            |key: &str| our_name(names[key].as_str().unwrap(), names["endian"].as_str().unwrap());
        machine_files(&folder, name("utmp"), name("lastlog"), &mut samples);
    }
    for path in sorted(&generated.join("tools-debian12/pairing")) {
        if path.extension().is_some_and(|e| e == "wtmp") {
            samples.push(Sample { path, layout: "linux-glibc-384-le" });
        }
    }
    samples
}

fn machine_files(
    folder: &Path,
    utmp: &'static str,
    lastlog: &'static str,
    samples: &mut Vec<Sample>,
) {
    for (file, layout) in [("utmp", utmp), ("wtmp", utmp), ("btmp", utmp), ("lastlog", lastlog)] {
        let path = folder.join(file);
        if path.exists() {
            samples.push(Sample { path, layout });
        }
    }
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

const L384: &str = "linux-glibc-384-le";
const B384: &str = "linux-glibc-384-be";
const L292: &str = "linux-lastlog-292-le";
const B292: &str = "linux-lastlog-292-be";
const L296: &str = "linux-lastlog-296-le";
const B296: &str = "linux-lastlog-296-be";

/// Files of real machines.
const REAL: &[(&str, &str)] = &[
    ("centos7-x86_64/utmp", L384),
    ("centos7-x86_64/wtmp", L384),
    ("centos7-x86_64/btmp", L384),
    ("centos7-x86_64/lastlog", L292),
    ("debian11-aarch64/utmp", "linux-glibc-400-le"),
    ("debian11-aarch64/wtmp", "linux-glibc-400-le"),
    ("debian11-aarch64/lastlog", L296),
    ("debian13-riscv64/utmp", L384),
    ("debian13-riscv64/wtmp", L384),
    ("debian13-riscv64/lastlog", L292),
    ("ubuntu22-x86_64/btmp.1", L384),
    ("ubuntu22-x86_64/wtmp", L384),
    ("freebsd14-amd64/utx.active", "freebsd-utx"),
    ("freebsd14-amd64/utx.lastlogin", "freebsd-utx"),
    ("freebsd14-amd64/utx.log", "freebsd-utx-log"),
    ("netbsd93-amd64/utmp", "netbsd-utmp-40-le"),
    ("netbsd93-amd64/wtmp", "netbsd-utmp-40-le"),
    ("netbsd93-amd64/utmpx", "netbsd-utmpx-520-le"),
    ("netbsd93-amd64/wtmpx", "netbsd-utmpx-520-le"),
    ("netbsd93-amd64/lastlog", "netbsd-lastlog-32-le"),
    ("netbsd93-amd64/lastlogx", "netbsd-lastlogx-432-le"),
    ("openbsd74-amd64/utmp", "openbsd-utmp-304-le"),
    ("openbsd74-amd64/wtmp", "openbsd-utmp-304-le"),
    ("openbsd74-amd64/lastlog", "openbsd-lastlog-272-le"),
    ("linux-misc/utmp", L384),
    ("linux-misc/wtmp.1", L384),
    ("linux-misc/utmp_aarch64", "linux-glibc-400-le"),
    ("linux-misc/utmp_corrupted", L384),
    ("linux-misc/basic32.utmp", L384),
    ("macos/utmpx", "macos-utmpx-628-le"),
    ("solaris-sparc/utmpx.first40", "svr4-utmpx-372-be"),
    ("netbsd-lastlogx-synthetic/lastlogx-amd64-le-16384", "netbsd-lastlogx-432-le"),
    ("netbsd-lastlogx-synthetic/lastlogx-bigpairs-le-256", "netbsd-lastlogx-428-le"),
    ("netbsd-lastlogx-synthetic/lastlogx-i386-le-4096", "netbsd-lastlogx-428-le"),
    ("netbsd-lastlogx-synthetic/lastlogx-sparc64-be-8192", "netbsd-lastlogx-432-be"),
    ("netbsd-lastlogx-synthetic/lastlogx-v1-be-1024", "netbsd-lastlogx1-424-be"),
    ("generated/tools-debian12/utmpdump-r-roundtrip.wtmp", L384),
];

/// Folders of `generated/`: the record of utmp, wtmp and btmp, and that of lastlog.
const MACHINES: &[(&str, &str, &str)] = &[
    ("aarch64", "linux-glibc-400-le", L296),
    ("alpha", "linux-glibc-400-le", L296),
    ("armel", L384, L292),
    ("armhf", L384, L292),
    ("hppa", B384, B292),
    ("i386", L384, L292),
    ("m68k", "linux-glibc-382-be", B292),
    ("mips", B384, B292),
    ("mips64", B384, B292),
    ("mips64el", L384, L292),
    ("mipsel", L384, L292),
    ("mipsn32", B384, B292),
    ("mipsn32el", L384, L292),
    ("powerpc", B384, B292),
    ("ppc64", B384, B292),
    ("ppc64el", L384, L292),
    ("riscv64", L384, L292),
    ("s390x", "linux-glibc-400-be", B296),
    ("sparc", B384, B292),
    ("sparc64", B384, B292),
    ("x86_64", L384, L292),
    ("musl-aarch64", "linux-utmps-400-le", L296),
    ("musl-armhf", "linux-utmps-400-le", L296),
    ("musl-i386", "linux-musl-396-le", L296),
    ("musl-loongarch64", "linux-utmps-400-le", L296),
    ("musl-mips", "linux-musl-400-be", B296),
    ("musl-ppc64", "linux-musl-400-be", B296),
    ("musl-ppc64le", "linux-utmps-400-le", L296),
    ("musl-riscv64", "linux-utmps-400-le", L296),
    ("musl-s390x", "linux-musl-400-be", B296),
    ("musl-x86_64", "linux-utmps-400-le", L296),
    ("utmps-armhf", "linux-utmps-400-le", L296),
    ("utmps-i386", "linux-glibc-392-le", L296),
    ("utmps-s390x", "linux-utmps-400-be", B296),
    ("utmps-x86_64", "linux-utmps-400-le", L296),
    ("extra/armhf-time64-app-glibc236", L384, L292),
    ("extra/i386-time64-app-glibc236", L384, L292),
    ("extra/mips-time64-app-glibc236", B384, B292),
    ("extra/glibc-login-logout", L384, L292),
];
