//! `carve`: what is hidden in an image is printed and extracted as it was.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use loginrec_testing::{Rng, Scratch, clean, json_lines, root, run, run_with, skip, text, told};

/// Bytes that are no records, and no rule in them.
fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; len];
    Rng::new(seed).fill(&mut bytes);
    bytes
}

/// An image with one fixture at an odd offset.
fn image(fixture: &str) -> (Vec<u8>, Vec<u8>) {
    let file = fs::read(root().join(fixture)).unwrap();
    ([&noise(777, 1)[..], &file, &noise(5001, 2)].concat(), file)
}

/// Every run that is extracted, in its order, is the hidden file, and `dump` reads it.
#[test]
fn extracted_runs_are_the_files_that_were_hidden() {
    let scratch = Scratch::new();
    for fixture in [
        "fixtures/glibc-s390x/utmp",
        "fixtures/linux-utmps-400-be/wtmp",
        "fixtures/netbsd-utmpx-520-le/wtmpx",
        "fixtures/svr4-utmpx-372-be/wtmpx",
        "fixtures/freebsd-utx-log/utx.log",
        "fixtures/aix-utmp-648-be/wtmp",
    ] {
        let (bytes, file) = image(fixture);
        let place = scratch.folder().join("disk.img");
        fs::write(&place, bytes).unwrap();
        let runs = scratch.folder().join(fixture.replace('/', "_"));
        let (place, into) = (place.to_str().unwrap(), runs.to_str().unwrap());
        let layout = fixture.split('/').nth(1).unwrap();
        let layout = if layout == "glibc-s390x" { "linux-glibc-400-be" } else { layout };
        let printed = clean(
            &["carve", "--layout", layout, "--format", "jsonl", "--extract", into, place],
            b"",
        );
        let printed = json_lines(&printed);
        let mut names: Vec<_> = fs::read_dir(&runs).unwrap().map(|e| e.unwrap().path()).collect();
        names.sort();
        assert_eq!(names.len(), 1, "{fixture}: {names:?}");
        assert_eq!(
            names[0].file_name().unwrap().to_str().unwrap(),
            format!("disk.img-000000000777-{layout}")
        );
        let extracted = fs::read(&names[0]).unwrap();
        assert!(file.starts_with(&extracted), "{fixture}");
        assert!(extracted.len() * 10 >= file.len() * 9, "{fixture}: {}", extracted.len());
        // The rows are those of dump, but for the place and what carving adds.
        let name = names[0].to_str().unwrap();
        let dumped =
            json_lines(&clean(&["dump", "--layout", layout, "--format", "jsonl", name], b""));
        assert_eq!(dumped.len(), printed.len(), "{fixture}");
        for (mut carved, mut dumped) in printed.into_iter().zip(dumped) {
            assert_eq!(
                carved["offset"].as_u64().unwrap(),
                dumped["offset"].as_u64().unwrap() + 777
            );
            assert_eq!(carved["run"], 0);
            assert!(carved["confidence"].as_i64().unwrap() >= 14);
            for row in [&mut carved, &mut dumped] {
                for key in ["file", "offset", "run", "confidence", "alternative"] {
                    row.as_object_mut().unwrap().remove(key);
                }
            }
            assert_eq!(carved, dumped, "{fixture}");
        }
        // Existing files stay.
        let again = run(&["carve", "--layout", layout, "--extract", into, place]);
        let (status, why) = told(&again);
        assert!(status == 4 && why.contains("exists: --force replaces it"), "{status}: {why}");
        clean(&["carve", "--layout", layout, "--force", "--extract", into, place], b"");
    }
}

/// The output is the same however the image is given and for any number of threads.
#[test]
fn pipes_compression_and_threads_make_no_difference() {
    let scratch = Scratch::new();
    let (bytes, file) = image("fixtures/glibc-x86_64/wtmp");
    // Longer than some windows, with records over their edges.
    let long = [&bytes[..], &noise((1 << 20) - 8000, 3), &file, &noise(3 << 20, 4), &file].concat();
    let place = scratch.folder().join("disk.img");
    fs::write(&place, &long).unwrap();
    let place = place.to_str().unwrap();
    let one = clean(&["carve", "--threads", "1", place], b"");
    assert!(text(&one).lines().count() > 60);
    assert_eq!(clean(&["carve", "--threads", "3", place], b""), one);
    assert_eq!(clean(&["carve", "--threads", "2", "-"], &long), one);
    assert_eq!(clean(&["carve", "-"], &long), one);
    let packed = scratch.folder().join("packed");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&long).unwrap();
    fs::write(&packed, gzip.finish().unwrap()).unwrap();
    assert_eq!(clean(&["carve", packed.to_str().unwrap()], b""), one);
}

/// A sparse file of a tebibyte takes no longer than its data.
#[test]
fn holes_are_passed_over() {
    let scratch = Scratch::new();
    let place = scratch.folder().join("sparse.img");
    let record = fs::read(root().join("fixtures/glibc-x86_64/wtmp")).unwrap();
    let mut file = File::create(&place).unwrap();
    let far = (1_u64 << 40) + 4096;
    file.seek(SeekFrom::Start(far)).unwrap();
    file.write_all(&record[..4 * 384]).unwrap();
    file.set_len(far + (1 << 30)).unwrap();
    if is_full(&place) {
        skip("this file system has no holes");
        return;
    }
    let found = json_lines(&clean(&["carve", "--format", "jsonl", place.to_str().unwrap()], b""));
    let places: Vec<u64> = found.iter().map(|row| row["offset"].as_u64().unwrap()).collect();
    assert_eq!(places, [far, far + 384, far + 768, far + 1152]);
}

#[cfg(unix)]
fn is_full(place: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(place).unwrap().blocks() > 1 << 20
}

#[cfg(not(unix))]
fn is_full(_: &Path) -> bool {
    true
}

#[test]
fn what_is_wrong_is_told() {
    let (status, why) = told(&run(&["carve", "no such image"]));
    assert!(status == 3 && why.contains("no such image: no such file"), "{status}: {why}");
    let (status, why) = told(&run(&["carve", "--layout", "glibc384", "-"]));
    assert!(status == 2 && why.contains("linux-glibc-384-le"), "{status}: {why}");
    let (status, _) = told(&run(&["carve", "--raw", "-"]));
    assert_eq!(status, 2);
    // Finding nothing is an answer.
    let nothing = run_with(&["carve", "-"], &noise(100_000, 9));
    assert_eq!((nothing.status.code(), nothing.stdout.len()), (Some(0), 0));
}

/// An image format that may store the disk compressed: finding nothing in it proves nothing.
#[test]
fn images_that_are_not_raw_are_named() {
    let scratch = Scratch::new();
    let heads: [(&str, &[u8]); 4] = [
        ("qcow2", b"QFI\xfb\0\0\0\x03"),
        ("EWF", b"EVF\x09\r\n\xff\0\x01\x01\0\0\0"),
        ("VMDK", b"KDMV\x01\0\0\0\x03\0\0\0"),
        ("VHDX", b"vhdxfile"),
    ];
    for (word, head) in heads {
        let empty = [head, &[0; 70_000]].concat();
        let place = scratch.file("vm.img", &empty);
        for output in [run(&["carve", &place]), run_with(&["carve", "-"], &empty)] {
            assert_eq!(output.status.code(), Some(3), "{word}");
            assert!(output.stdout.is_empty() && text(&output.stderr).contains(word), "{word}");
        }
        let (hidden, _) = image("fixtures/glibc-s390x/utmp");
        let output = run_with(&["carve", "-"], &[head, &[0; 5000], &hidden].concat());
        assert_eq!(output.status.code(), Some(4), "{word}");
        assert!(output.stdout.len() > 500 && text(&output.stderr).contains(word), "{word}");
    }
}

/// A group is every layout whose name begins so; lastlogs only if asked for.
#[test]
fn groups_of_layouts() {
    let (bytes, _) = image("fixtures/netbsd-utmpx-520-be/utmpx");
    assert!(clean(&["carve", "--layout", "linux", "-"], &bytes).is_empty());
    assert!(!clean(&["carve", "--layout", "netbsd", "-"], &bytes).is_empty());
    let (bytes, _) = image("fixtures/linux-lastlog-292-le/lastlog");
    let slots =
        clean(&["carve", "--layout", "linux", "--lastlog", "--format", "jsonl", "-"], &bytes);
    assert!(clean(&["carve", "--layout", "linux", "-"], &bytes).is_empty());
    assert!(json_lines(&slots).iter().any(|row| row["layout"] == "linux-lastlog-292-le"));
}

/// The last line of standard error says how much was looked at, and what was found.
#[test]
fn the_closing_line() {
    let (bytes, _) = image("fixtures/glibc-s390x/utmp");
    let (status, stderr) = told(&run_with(&["carve", "--layout", "linux", "-"], &bytes));
    let expected =
        format!("loginrec: standard input: looked at {} bytes: 5 records in 1 run\n", bytes.len());
    assert_eq!((status, stderr), (0, expected));
}
