//! `carve`: what is hidden in an image is printed and extracted as it was.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use serde_json::Value;

use crate::common::{clean, root, run, run_with, text, told};

/// Bytes that are no records, and no rule in them.
fn noise(len: usize, mut seed: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < len {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        bytes.extend(seed.to_be_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// An image with one fixture at an odd offset.
fn image(fixture: &str) -> (Vec<u8>, Vec<u8>) {
    let file = fs::read(root().join(fixture)).unwrap();
    ([&noise(777, 1)[..], &file, &noise(5001, 2)].concat(), file)
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    text(bytes).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Every run that is extracted, in its order, is the hidden file, and `dump` reads it.
#[test]
fn extracted_runs_are_the_files_that_were_hidden() {
    let folder = tempfile::tempdir().unwrap();
    for fixture in [
        "fixtures/glibc-s390x/utmp",
        "fixtures/linux-utmps-400-be/wtmp",
        "fixtures/netbsd-utmpx-520-le/wtmpx",
        "fixtures/svr4-utmpx-372-be/wtmpx",
        "fixtures/freebsd-utx-log/utx.log",
        "fixtures/aix-utmp-648-be/wtmp",
    ] {
        let (bytes, file) = image(fixture);
        let place = folder.path().join("disk.img");
        fs::write(&place, bytes).unwrap();
        let runs = folder.path().join(fixture.replace('/', "_"));
        let (place, into) = (place.to_str().unwrap(), runs.to_str().unwrap());
        let layout = fixture.split('/').nth(1).unwrap();
        let layout = if layout == "glibc-s390x" { "linux-glibc-400-be" } else { layout };
        let printed = clean(
            &["carve", "--layout", layout, "--format", "jsonl", "--extract", into, place],
            b"",
        );
        let printed = lines(&printed);
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
        let dumped = lines(&clean(&["dump", "--layout", layout, "--format", "jsonl", name], b""));
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
        // What exists stays.
        let again = run(&["carve", "--layout", layout, "--extract", into, place]);
        let (status, why) = told(&again);
        assert!(status == 4 && why.contains("exists: --force replaces it"), "{status}: {why}");
        clean(&["carve", "--layout", layout, "--force", "--extract", into, place], b"");
    }
}

/// One output, however the image comes and however many threads look at it.
#[test]
fn pipes_compression_and_threads_make_no_difference() {
    let folder = tempfile::tempdir().unwrap();
    let (bytes, file) = image("fixtures/glibc-x86_64/wtmp");
    // Longer than some windows, with records over their edges.
    let long = [&bytes[..], &noise((1 << 20) - 8000, 3), &file, &noise(3 << 20, 4), &file].concat();
    let place = folder.path().join("disk.img");
    fs::write(&place, &long).unwrap();
    let place = place.to_str().unwrap();
    let one = clean(&["carve", "--threads", "1", place], b"");
    assert!(text(&one).lines().count() > 60);
    assert_eq!(clean(&["carve", "--threads", "3", place], b""), one);
    assert_eq!(clean(&["carve", "--threads", "2", "-"], &long), one);
    assert_eq!(clean(&["carve", "-"], &long), one);
    let packed = folder.path().join("packed");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&long).unwrap();
    fs::write(&packed, gzip.finish().unwrap()).unwrap();
    assert_eq!(clean(&["carve", packed.to_str().unwrap()], b""), one);
}

/// A sparse file of a tebibyte takes no longer than its data.
#[test]
fn holes_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("sparse.img");
    let record = fs::read(root().join("fixtures/glibc-x86_64/wtmp")).unwrap();
    let mut file = File::create(&place).unwrap();
    let far = (1_u64 << 40) + 4096;
    file.seek(SeekFrom::Start(far)).unwrap();
    file.write_all(&record[..4 * 384]).unwrap();
    file.set_len(far + (1 << 30)).unwrap();
    if is_full(&place) {
        eprintln!("skipped: this file system has no holes");
        return;
    }
    let found = lines(&clean(&["carve", "--format", "jsonl", place.to_str().unwrap()], b""));
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
    // Nothing found is an answer.
    let nothing = run_with(&["carve", "-"], &noise(100_000, 9));
    assert_eq!((nothing.status.code(), nothing.stdout.len()), (Some(0), 0));
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
    assert!(lines(&slots).iter().any(|row| row["layout"] == "linux-lastlog-292-le"));
}
