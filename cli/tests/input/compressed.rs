//! Compressed files and pipes read as what is in them.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use loginrec_testing::{
    KnownFile, Scratch, clean, corpus, fixtures, json_lines, run, run_with, skip, told,
};

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// `bytes` in each format, with the suffix it goes by.
fn packed(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    bzip2.write_all(bytes).unwrap();
    let options = lzma_rust2::XzOptions::default();
    let mut xz = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    xz.write_all(bytes).unwrap();
    let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
    lz4.write_all(bytes).unwrap();
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    vec![
        ("gz", gzip(bytes)),
        ("bz2", bzip2.finish().unwrap()),
        ("xz", xz.finish().unwrap()),
        ("lz4", lz4.finish().unwrap()),
        ("zst", ruzstd::encoding::compress_to_vec(bytes, level)),
    ]
}

/// Returns the expected records of a fixture, without the name of the file.
fn expected(fixture: &KnownFile) -> Vec<serde_json::Value> {
    without_names(&fixture.expected())
}

fn without_names(lines: &[u8]) -> Vec<serde_json::Value> {
    let mut lines = json_lines(lines);
    lines.iter_mut().for_each(|line| drop(line.as_object_mut().unwrap().remove("file")));
    lines
}

#[test]
fn every_fixture_gzipped() {
    let scratch = Scratch::new();
    for fixture in fixtures() {
        // The name decides ties and the kind; the suffix must not be in the way.
        let name = fixture.name().rsplit('/').next().unwrap();
        // Files that are named after their users have no old ones.
        let is_named_by_user = ["faillock", "irix"].iter().any(|of| fixture.layout.contains(of));
        let old = if is_named_by_user { "" } else { ".1" };
        let path = scratch.file(&format!("{name}{old}.gz"), &gzip(&fixture.bytes()));
        let args = [&["dump", "--format", "jsonl"], fixture.options(), &[&path]].concat();
        assert_eq!(without_names(&clean(&args, b"")), expected(&fixture), "{}", fixture.name());
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn every_format_by_content_from_file_and_pipe() {
    let scratch = Scratch::new();
    for fixture in fixtures().iter().filter(|f| f.folder() == "linux-glibc-384-le") {
        for (suffix, packed) in packed(&fixture.bytes()) {
            let path = scratch.file(&format!("wtmp.{suffix}"), &packed);
            let bare = scratch.file("evidence", &packed);
            for path in [&path, &bare, "-"] {
                let lines = clean(&["dump", "--format", "jsonl", path], &packed);
                assert_eq!(without_names(&lines), expected(fixture), "{suffix} {path}");
            }
        }
    }
}

/// Files written by the usual programs, where these are installed.
#[test]
fn every_program() {
    let fixtures = fixtures();
    let fixture = fixtures.iter().find(|f| f.folder() == "linux-glibc-384-le").unwrap();
    let bytes = fixture.bytes();
    for program in ["gzip", "bzip2", "xz", "zstd", "lz4"] {
        let child = Command::new(program)
            .arg("-c")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = child else {
            skip(&format!("there is no {program}"));
            continue;
        };
        child.stdin.take().unwrap().write_all(&bytes).unwrap();
        let packed = child.wait_with_output().unwrap().stdout;
        let twice = [&packed[..], &packed[..]].concat();
        let lines = clean(&["dump", "--format", "jsonl", "-"], &twice);
        let lines = without_names(&lines);
        assert_eq!(lines.len(), 2 * expected(fixture).len(), "{program}");
        assert_eq!(lines[..expected(fixture).len()], expected(fixture), "{program}");
    }
}

#[test]
fn the_corpus_compressed() {
    for suffix in ["gz", "bz2", "xz", "lz4"] {
        let plain = corpus("debian11-aarch64/wtmp");
        let packed = corpus(&format!("debian11-aarch64/wtmp.{suffix}"));
        if let (Some(plain), Some(packed)) = (plain, packed) {
            let plain = clean(&["dump", plain.to_str().unwrap()], b"");
            assert_eq!(clean(&["dump", packed.to_str().unwrap()], b""), plain, "{suffix}");
        }
    }
    // A tar is a root.
    let plain = corpus("debian11-aarch64/wtmp");
    if let (Some(tar), Some(plain)) = (corpus("debian11-aarch64/wtmp.tar"), plain) {
        let plain = clean(&["dump", plain.to_str().unwrap()], b"");
        let scratch = Scratch::new();
        let packed = scratch.file("wtmp.tar.gz", &gzip(&fs::read(&tar).unwrap()));
        for path in [tar.to_str().unwrap(), &packed] {
            assert_eq!(clean(&["dump", path], b""), plain, "{path}");
        }
    }
}

/// A frame header alone asks for the memory: it is not called damaged, and the memory is not taken.
#[test]
fn a_zstd_window_that_is_too_large() {
    // Magic, no checksum or content size, a window of 1 GiB; an empty last block.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3, 1, 0, 0];
    let (_scratch, path) = Scratch::with("wtmp.zst", &frame);
    let output = run(&["dump", &path]);
    let why = "needs a window of 1024 MiB to decode; unpack it first with zstd -d --long=30";
    assert_eq!(told(&output), (3, format!("loginrec: {path}: {why}\n")));
}

/// Files that are longer than what is read of them at first, and whose times go back.
#[test]
fn long_files_are_read_alike_however_they_come() {
    let scratch = Scratch::new();
    let fixtures = fixtures();
    let fixture = fixtures.iter().find(|f| f.folder() == "glibc-x86_64").unwrap();
    let bytes = fixture.bytes();
    let bytes = bytes.repeat((12 << 20) / bytes.len());
    let plain = scratch.file("wtmp", &bytes);
    let packed = scratch.file("wtmp.gz", &gzip(&bytes));
    for command in [
        &["dump", "--format", "csv"][..],
        &["dump", "--merge", "--format", "csv"],
        &["last", "--tz", "UTC", "-x", "-f"],
        &["sessions"],
        &["sessions", "--format", "csv"],
        &["sessions", "--since", "-2days", "--format", "csv"],
        &["boots", "--format", "csv"],
        &["timeline", "--format", "csv"],
        &["who", "--tz", "UTC", "-a"],
        &["audit", "--format", "jsonl"],
        &["detect", "--format", "jsonl"],
    ] {
        let read = |file: &str, stdin: &[u8]| {
            let output = run_with(&[command, &[file]].concat(), stdin);
            let stdout = loginrec_testing::text(&output.stdout);
            let name = if file == "-" { "standard input" } else { file };
            let value = format!("\"file\":\"{file}\"");
            (
                output.status,
                stdout
                    .replace(&packed, "-")
                    .replace(&plain, "-")
                    .replace(name, "-")
                    .replace(&value, ""),
            )
        };
        let expected = read(&plain, b"");
        let is_audit = command[0] == "audit";
        assert!(is_audit || expected.1.lines().count() > 0, "{command:?}");
        for (file, stdin) in [(packed.as_str(), &[][..]), ("-", &gzip(&bytes)), ("-", &bytes)] {
            let (status, mut stdout) = read(file, stdin);
            if is_audit {
                // Only of a file is the time of its last change known.
                let of_file = |line: &&str| !line.contains("mtime-before-records");
                stdout = stdout.lines().filter(of_file).collect::<Vec<_>>().join("\n");
                let plain = expected.1.lines().filter(of_file).collect::<Vec<_>>().join("\n");
                assert!(stdout.lines().count() == plain.lines().count(), "{command:?} {file}");
                continue;
            }
            // A pipe has no end to look at: how sure the layout is may differ.
            if command[0] == "detect" {
                assert!(stdout.contains("\"records\":"), "{stdout}");
                continue;
            }
            assert_eq!(status, expected.0, "{command:?} {file}");
            // The last line of `last` has the name without its folder.
            let words = |text: &str| -> Vec<String> {
                let lines = text.lines().filter(|line| !line.contains(" begins "));
                lines.flat_map(str::split_whitespace).map(str::to_owned).collect()
            };
            assert!(words(&stdout) == words(&expected.1), "{command:?} {file}");
        }
    }
}

#[test]
fn a_bomb() {
    let scratch = Scratch::new();
    let path = scratch.path("wtmp.gz");
    let mut out = GzEncoder::new(File::create(&path).unwrap(), Compression::fast());
    io::copy(&mut io::repeat(0).take(64 << 20), &mut out).unwrap();
    out.finish().unwrap();
    let (status, stderr) = told(&run(&["dump", "--max-size", "1M", &path]));
    assert_eq!(status, 3);
    assert!(
        stderr.ends_with("unpacks to more than 1 MiB: --max-size sets the limit\n"),
        "{stderr}"
    );
    // Data that is read twice is held in memory.
    let kept = ["dump", "--merge", "--layout=linux-glibc-384-le", "--max-size=1000", "-"];
    let (status, stderr) = told(&run_with(&kept, &[0; 1001]));
    assert_eq!(status, 3);
    assert!(stderr.ends_with("more than 1000 bytes: --max-size sets the limit\n"), "{stderr}");
}

#[test]
fn sizes_that_are_none() {
    for size in ["", "1.5G", "-1", "many"] {
        let (status, stderr) = told(&run(&["dump", &format!("--max-size={size}"), "x"]));
        assert!(status == 2 && stderr.contains("--max-size"), "{size}: {status} {stderr}");
    }
}

#[test]
fn cut_short() {
    let scratch = Scratch::new();
    let fixtures = fixtures();
    let fixture = fixtures.iter().find(|f| f.folder() == "linux-glibc-384-le").unwrap();
    let packed = gzip(&fixture.bytes());
    let path = scratch.file("wtmp.gz", &packed[..packed.len() * 3 / 4]);
    let output = run(&["dump", "--format", "jsonl", &path]);
    let (status, stderr) = told(&output);
    assert_eq!(status, 4, "{stderr}");
    assert!(stderr.contains("damaged gzip data: it ends too early; the "), "{stderr}");
    let lines = without_names(&output.stdout);
    let all = expected(fixture);
    assert!(!lines.is_empty() && lines.len() < all.len() && all.starts_with(&lines));

    let nothing = scratch.file("btmp.gz", &packed[..12]);
    let (status, stderr) = told(&run(&["dump", &nothing]));
    assert!(status == 3 && stderr.contains("damaged gzip data"), "{status} {stderr}");
}

/// The decoder holds the newest part of a frame back until the frame ends.
#[test]
fn a_cut_zstd_gives_its_last_whole_block() {
    let scratch = Scratch::new();
    let fixtures = fixtures();
    let fixture = fixtures.iter().find(|f| f.folder() == "linux-glibc-384-le").unwrap();
    let record = &fixture.bytes()[384..768];
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let packed = ruzstd::encoding::compress_to_vec(record.repeat(4000).as_slice(), level);
    let path = scratch.file("wtmp.zst", &packed[..packed.len() - 1]);
    let output = run(&["dump", &path]);
    let (status, stderr) = told(&output);
    assert_eq!(status, 4, "{stderr}");
    assert!(stderr.contains("damaged zstd data: it ends too early"), "{stderr}");
    let rows = output.stdout.iter().filter(|&&byte| byte == b'\n').count();
    assert!(rows > 3600, "{rows} of 4000");
}
