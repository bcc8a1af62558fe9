//! `dump` prints the same whatever the number of threads.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::process::{Output, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use loginrec_testing::{Scratch, command, corpus, fixtures, run, run_with, text, told};

const GLIBC: &str = "linux-glibc-384-le";
const FORMS: &[&[&str]] = &[
    &["--format", "text"],
    &["--format", "jsonl"],
    &["--format", "jsonl", "--raw"],
    &["--format", "csv"],
    &["--format", "csv", "--csv-safe", "--unsigned-time"],
];

/// Returns standard output, standard error and the exit status.
fn all_of(output: Output) -> (String, i32, Vec<u8>) {
    let (status, stderr) = told(&output);
    (stderr, status, output.stdout)
}

/// Checks that no number of threads makes a difference; gives what is printed.
fn same(args: &[&str], stdin: &[u8]) -> (String, i32, Vec<u8>) {
    let of = |threads| all_of(run_with(&[&["dump", "--threads", threads], args].concat(), stdin));
    let one = of("1");
    for threads in ["2", "3", "8"] {
        let (stderr, status, stdout) = of(threads);
        assert_eq!((&stderr, status), (&one.0, one.1), "{threads} threads: {args:?}");
        assert!(stdout == one.2, "{threads} threads: {args:?}");
    }
    one
}

/// Records that differ, with texts of all kinds in them.
fn record(number: u32) -> Vec<u8> {
    let mut record = vec![0; 384];
    let mut put = |at: usize, bytes: &[u8]| record[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &[(number % 10) as u8, 0]);
    put(4, &number.to_le_bytes());
    put(8, format!("pts/{}", number % 64).as_bytes());
    let user = [&b"root"[..], b"=1+1", b"a\"b,c", b"\xff\xfe", b"al\0ice", b"[x]\\"];
    put(44, user[number as usize % user.len()]);
    put(76, format!("host{number}.example.org").as_bytes());
    put(340, &number.wrapping_mul(40_503).to_le_bytes());
    put(344, &(number % 1_000_001).to_le_bytes());
    put(348, &number.wrapping_mul(77).to_le_bytes());
    record
}

#[test]
fn of_every_fixture() {
    for fixture in fixtures() {
        let (_, status, stdout) = same(&["--format", "jsonl", fixture.name()], b"");
        assert!(status == 0 && !stdout.is_empty(), "{}", fixture.name());
        assert_eq!(stdout, all_of(run(&["dump", "--format", "jsonl", fixture.name()])).2);
    }
}

/// Longer than several windows, and cut off in the middle of a record.
#[test]
fn of_a_long_file_that_is_cut_off() {
    let scratch = Scratch::new();
    let mut bytes: Vec<u8> = (0..10_000).flat_map(record).collect();
    bytes.truncate(bytes.len() - 77);
    let path = scratch.file("wtmp", &bytes);
    for form in FORMS {
        let args = [&["--layout", GLIBC, &path], *form].concat();
        let (stderr, status, stdout) = same(&args, b"");
        let why = format!(
            "loginrec: {path}: byte 3839616: record cut short: 384 bytes needed, 307 left\n"
        );
        assert_eq!((stderr.as_str(), status), (why.as_str(), 4));
        let headings = usize::from(form[1] == "csv") + usize::from(form.contains(&"--raw"));
        assert_eq!(text(&stdout).lines().count(), 9_999 + headings);
        let (stderr, status, piped) = same(&[&args[..2], &["-"], *form].concat(), &bytes);
        assert!(stderr.starts_with("loginrec: standard input: byte 3839616: ") && status == 4);
        assert_eq!(text(&piped).lines().count(), 9_999 + headings);
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&bytes).unwrap();
    let mut packed = gzip.finish().unwrap();
    let gz = scratch.file("wtmp.gz", &packed);
    let whole = same(&["--layout", GLIBC, &path], b"");
    assert!(same(&["--layout", GLIBC, &gz], b"").2 == whole.2);
    // A file that cannot be unpacked further ends after the last whole record.
    packed.truncate(packed.len() / 2);
    let gz = scratch.file("wtmp.1.gz", &packed);
    let (stderr, status, stdout) = same(&["--layout", GLIBC, &gz], b"");
    assert!(status == 4 && stderr.lines().count() == 1, "{stderr}");
    assert!(stdout.len() > 1000 && whole.2.starts_with(&stdout));
    // Several files, of which one is not there.
    let none = scratch.path("none");
    let (stderr, status, _) = same(&[&path, &none, &path], b"");
    assert!(status == 4 && stderr.lines().count() == 3, "{stderr}");
}

/// So long that several threads are the default.
#[test]
fn by_default() {
    let scratch = Scratch::new();
    let path = scratch.path("wtmp");
    let mut file = File::create(&path).unwrap();
    let records: Vec<u8> = (0..10_000).flat_map(record).collect();
    for _ in 0..5 {
        file.write_all(&records).unwrap();
    }
    drop(file);
    for form in [FORMS[0], FORMS[3]] {
        let args = [&["dump", "--layout", GLIBC, &path], form].concat();
        let default = all_of(run(&args));
        let one = all_of(run(&[&args[..], &["--threads", "1"]].concat()));
        assert!(default == one && one.1 == 0, "{form:?}: {}", one.0);
        // To a file as well as to a pipe.
        let out = scratch.path("out");
        let output = command(&[&args[..], &["--output", &out]].concat()).output().unwrap();
        assert_eq!(told(&output), (0, String::new()));
        assert!(fs::read(&out).unwrap() == one.2);
    }
}

/// A file that becomes shorter or longer while it is read. Nobody takes what is printed at
/// first, so that it waits near the beginning.
#[test]
fn of_a_file_that_changes_meanwhile() {
    let scratch = Scratch::new();
    let records: Vec<u8> = (0..20_000).flat_map(record).collect();
    let printed = |threads: &str, change: &dyn Fn(&File)| {
        let path = scratch.file("wtmp", &records);
        let args = ["dump", "--threads", threads, "--layout", GLIBC, &path];
        let mut child = command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.as_mut().unwrap();
        let mut out = child.stdout.take().unwrap();
        let mut lines = vec![0];
        out.read_exact(&mut lines).unwrap();
        change(&File::options().append(true).open(&path).unwrap());
        out.read_to_end(&mut lines).unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (lines, said.replace(&path, "wtmp"), child.wait().unwrap().code())
    };
    let whole = printed("1", &|_| {});
    assert_eq!((text(&whole.0).lines().count(), &whole.1[..], whole.2), (20_000, "", Some(0)));
    let shorter = |file: &File| file.set_len(384 * 15_000 + 100).unwrap();
    let longer = |mut file: &File| file.write_all(&records[..384 * 777]).unwrap();
    for threads in ["1", "2", "5"] {
        let (lines, said, status) = printed(threads, &shorter);
        assert_eq!((text(&lines).lines().count(), status), (15_000, Some(4)), "{threads}");
        assert!(whole.0.starts_with(&lines));
        assert_eq!(
            said,
            "loginrec: wtmp: byte 5760000: record cut short: 384 bytes needed, 100 left\n\
             loginrec: wtmp: became shorter while it was read: only 5760100 of 7680000 bytes are left\n"
        );
        let (lines, said, status) = printed(threads, &longer);
        assert_eq!((&said[..], status), ("", Some(0)));
        assert_eq!(text(&lines).lines().count(), 20_777);
        assert!(lines.starts_with(&whole.0));
        assert!(whole.0.starts_with(&lines[whole.0.len()..]));
    }
}

#[test]
fn of_the_corpus() {
    let Some(folder) = corpus("") else { return };
    let mut folders = vec![folder];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let about = entry.metadata().unwrap();
            if about.is_dir() {
                folders.push(entry.path());
            } else if about.len() < 1 << 20 && files < 300 {
                files += 1;
                let path = entry.path();
                let of = |threads| {
                    let args = ["dump", "--threads", threads, "--format", "jsonl", "--raw"];
                    all_of(run(&[&args[..], &[path.to_str().unwrap()]].concat()))
                };
                assert!(of("1") == of("3"), "{}", path.display());
            }
        }
    }
    assert!(files > 50, "{files} files");
}
