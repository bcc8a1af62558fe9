//! The corpus: files of real machines and of real C libraries, in `../shared/corpus`.

use std::fs;
use std::path::Path;

use crate::atlas::layout_of;
use crate::known_file::KnownFile;
use crate::repository::{shared, sorted};

/// Every file of the corpus that has a layout; none, after a call of [`skip`](crate::skip),
/// on a machine without the corpus.
#[track_caller]
pub fn corpus_files() -> Vec<KnownFile> {
    let Some(corpus) = shared("corpus") else { return Vec::new() };
    let mut files: Vec<KnownFile> =
        REAL.iter().map(|(path, layout)| KnownFile { path: corpus.join(path), layout }).collect();
    let generated = corpus.join("generated");
    for (machine, utmp, lastlog) in MACHINES {
        machine_files(&generated.join(machine), utmp, lastlog, &mut files);
    }
    for folder in sorted(&generated.join("synth")) {
        let text = fs::read_to_string(folder.join("layout-name.json")).unwrap();
        let names: serde_json::Value = serde_json::from_str(&text).unwrap();
        let name =
            |key: &str| layout_of(names[key].as_str().unwrap(), names["endian"].as_str().unwrap());
        machine_files(&folder, name("utmp"), name("lastlog"), &mut files);
    }
    for path in sorted(&generated.join("tools-debian12/pairing")) {
        if path.extension().is_some_and(|e| e == "wtmp") {
            files.push(KnownFile { path, layout: "linux-glibc-384-le" });
        }
    }
    files
}

fn machine_files(
    folder: &Path,
    utmp: &'static str,
    lastlog: &'static str,
    files: &mut Vec<KnownFile>,
) {
    for (file, layout) in [("utmp", utmp), ("wtmp", utmp), ("btmp", utmp), ("lastlog", lastlog)] {
        let path = folder.join(file);
        if path.exists() {
            files.push(KnownFile { path, layout });
        }
    }
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
