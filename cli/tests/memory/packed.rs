//! Input that can be read only once, or only from its beginning, is not held in memory.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::process::{Command, Output, Stdio};

use loginrec_testing::{Scratch, command};

use crate::large::peak;
use crate::wtmp::{SIZE, open_login, records};

const LIMIT: u64 = 64 << 20;
/// Records of the block that the content repeats, and how often it does.
const BLOCK: u32 = 10_000;
const BLOCKS: u32 = 70;
const RECORDS: u64 = (BLOCK * BLOCKS) as u64;

/// A command, and how many of its rows have to be sorted.
const COMMANDS: &[(&[&str], u64)] = &[
    (&["last", "--tz", "UTC", "-f"], 0),
    (&["sessions"], RECORDS / 2),
    (&["sessions", "--format", "jsonl"], 0),
    // The newest record is needed first, so the file is read once more.
    (&["sessions", "--since", "-3days", "--format", "csv"], 0),
    (&["boots"], 0),
    (&["timeline"], RECORDS),
    (&["timeline", "--format", "csv"], RECORDS),
    (&["audit"], 0),
    (&["dump"], 0),
    (&["dump", "--merge"], RECORDS),
    (&["detect"], 0),
    (&["who", "--tz", "UTC"], 0),
    (&["carve", "--layout", "linux-glibc-384-le"], 0),
];

fn assert_bounded(command: Command, rows: u64, what: &str) {
    let (peak, is_well) = peak(command);
    assert!(is_well, "{what}");
    assert!(peak > 1 << 20, "{what}: {peak} bytes: not measured");
    assert!(peak < LIMIT + 100 * rows, "{what}: {peak} bytes");
    eprintln!("{what}: {} KiB", peak >> 10);
}

/// Some KiB that unpack to 256 MiB, whose times go back again and again.
#[test]
fn a_bomb_in_64_mib() {
    let scratch = Scratch::new();
    let path = scratch.path("wtmp.gz");
    let block = records(0..BLOCK);
    let level = flate2::Compression::fast();
    let mut packed = flate2::write::GzEncoder::new(File::create(&path).unwrap(), level);
    (0..BLOCKS).for_each(|_| packed.write_all(&block).unwrap());
    packed.finish().unwrap();
    for (args, rows) in COMMANDS {
        assert_bounded(command(&[*args, &[&path]].concat()), *rows, &format!("{args:?}"));
        let mut piped = command(&[*args, &["-"]].concat());
        let mut cat = Command::new("cat").arg(&path).stdout(Stdio::piped()).spawn().unwrap();
        piped.stdin(cat.stdout.take().unwrap());
        assert_bounded(piped, *rows, &format!("{args:?} of a pipe"));
        cat.wait().unwrap();
    }
    // Uncompressed data from a pipe.
    for (args, rows) in COMMANDS.iter().take(2) {
        let mut piped = command(&[*args, &["-"]].concat());
        let (from, to) = io::pipe().unwrap();
        piped.stdin(from);
        let block = block.clone();
        let writer = std::thread::spawn(move || {
            let mut to = to;
            (0..BLOCKS).for_each(|_| to.write_all(&block).unwrap());
        });
        assert_bounded(piped, *rows, &format!("{args:?} of a plain pipe"));
        writer.join().unwrap();
    }
}

/// Runs a command with this much address space. It must not end with a signal.
fn limited(args: &[&str], path: &str, kib: u32) -> (Output, String) {
    use std::os::unix::process::ExitStatusExt as _;

    let script = format!("ulimit -v {kib}; exec \"$0\" \"$@\"");
    let mut sh = Command::new("sh");
    sh.args(["-c", &script]).arg(loginrec_testing::loginrec()).args(args).arg(path);
    let output = sh.env("RUST_BACKTRACE", "0").output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.signal(), None, "{args:?} {kib} KiB: {stderr}");
    assert!(!stderr.contains("panicked"), "{args:?} {kib} KiB: {stderr}");
    (output, stderr)
}

/// Where memory ends there is an error, and no signal.
#[test]
fn little_memory_is_an_error() {
    let scratch = Scratch::new();
    let path = scratch.file("wtmp", &records(0..BLOCK).repeat(20));
    assert!(path.len() < SIZE);
    for (args, _) in COMMANDS {
        for kib in [50_000, 60_000, 100_000, 200_000] {
            limited(args, &path, kib);
        }
    }
}

/// Commands that pair records, and others.
const PAIRING: &[&[&str]] = &[
    &["last", "--tz", "UTC", "-f"],
    &["sessions"],
    &["sessions", "--format", "jsonl"],
    &["timeline"],
    &["timeline", "--format", "csv"],
    &["boots"],
    &["audit"],
];

/// Either there is a message and an exit status for it, or all that there would be with more
/// memory.
#[test]
fn logins_that_never_end_in_little_memory() {
    let scratch = Scratch::new();
    let path = scratch.path("wtmp");
    let mut file = BufWriter::new(File::create(&path).unwrap());
    (0..700_000).for_each(|number| file.write_all(&open_login(number)).unwrap());
    file.into_inner().unwrap();
    for args in PAIRING {
        let whole = command(&[*args, &[&path]].concat()).output().unwrap();
        assert!(whole.status.success(), "{args:?}");
        let mut failed = 0;
        for kib in [50_000, 60_000, 120_000] {
            let (output, stderr) = limited(args, &path, kib);
            match output.status.code() {
                Some(0) => assert!(output.stdout == whole.stdout, "{args:?} {kib} KiB"),
                code => {
                    failed += 1;
                    assert!(matches!(code, Some(3 | 4)), "{args:?} {kib} KiB: {code:?} {stderr}");
                    assert!(stderr.contains("not enough memory"), "{args:?} {kib} KiB: {stderr}");
                }
            }
        }
        // Or the limits show nothing.
        assert!(failed > 0 || matches!(args[0], "boots" | "audit"), "{args:?}");
    }
}
