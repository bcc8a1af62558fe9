//! Counted failures and sessions of logind: slots of any size, sources that fill their field, text
//! without an end.

use loginrec::detect::{Hints, Verdict, detect_with};
use loginrec::formats::{DATABASES, LAYOUTS};
use loginrec::{Container, FileKind, LogFile};
use loginrec_testing::{Rng, fixture};

use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "faillock",
    run,
    seeds: || {
        let files = [
            "linux-faillock-64-le/alice",
            "linux-faillock-64-be/alice",
            "linux-faillog-24-le/faillog",
            "linux-tallylog-64-le/tallylog",
            "openbsd-failedlogin-308-le/failedlogin",
        ];
        files.iter().map(|name| fixture(name)).collect()
    },
    made_up,
    words: &[
        b"192.0.2.17",
        b"2001:db8::17",
        b"tty1\0",
        b"sudo\0",
        b"\x03\0",
        b"\0\x05",
        b"\x7f\xff",
        b"# This is private data. Do not parse.\nUID=",
        b"\nREALTIME=1741165282123456\n",
        b"\nREMOTE_HOST=\\303\\253\\",
        b"\nCLASS=greeter\n",
    ],
};

/// Reading ends, records lie in the file, and detection names failures only where it reads them.
fn run(input: &[u8]) {
    let failures = LAYOUTS.iter().filter(|layout| layout.is_failures());
    let sessions = DATABASES.iter().filter(|layout| layout.container == Container::Session);
    for layout in failures.chain(sessions) {
        let log = LogFile::options().layout(layout).from_slice(input).unwrap();
        let mut count = 0_u64;
        for record in log.records().flatten() {
            count += 1;
            let entry = record.entry();
            assert_eq!(entry.failures.is_some(), layout.is_failures());
            let end = record.offset() + record.bytes().len() as u64;
            assert!(end <= input.len() as u64, "ends after the file");
        }
        let most = input.len().checked_div(layout.size).unwrap_or(1) as u64;
        assert!(count <= most, "{} records of {}", count, layout.name);
    }
    for name in ["faillog", "alice", "x.bin"] {
        let found = detect_with(input, &Hints::new().file_name(name));
        if found.verdict() == Verdict::Recognized
            && let Some(layout) = found.layout()
        {
            let kind = LogFile::options().file_name(name).from_slice(input).unwrap().kind();
            assert_eq!(layout.is_failures(), kind == Some(FileKind::Failures), "{}", layout.name);
        }
    }
}

fn made_up(rng: &mut Rng) -> Vec<u8> {
    let mut data = Vec::new();
    for _ in 0..1 + rng.index(9) {
        let mut record = [0; 64];
        let source = TARGET.words[rng.index(4)];
        record[..source.len()].copy_from_slice(source);
        record[54] = rng.any() as u8;
        record[56..60].copy_from_slice(&(1_700_000_000 + rng.below(99) as u32).to_le_bytes());
        data.extend(record);
    }
    data
}
