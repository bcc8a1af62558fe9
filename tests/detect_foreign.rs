//! Archives, images and other files with logs in them, or beside them: none is a log.
//!
//! `LOGINREC_FILES=1000` makes a thousand of each.

use loginrec::detect::{Foreign, ForeignClass, Hints, Reason, Verdict, detect, detect_with};
use loginrec::{Container, Layout, formats};
use loginrec_testing::generate::synthesize;
use loginrec_testing::{Rng, fixtures};

/// Returns what the data is recognized as.
fn foreign(data: &[u8]) -> Option<Foreign> {
    let found = detect(data);
    let of = |reason: &Reason| match reason {
        Reason::Foreign(foreign) => Some(*foreign),
        _ => None,
    };
    assert_eq!(found.verdict(), Verdict::NotRecognized, "{:?}", found.layout());
    found.reasons().iter().find_map(of)
}

fn put(data: &mut [u8], at: usize, bytes: &[u8]) {
    data[at..at + bytes.len()].copy_from_slice(bytes);
}

/// A log of some layout, as a member of an archive or a file in an image.
fn a_log(rng: &mut Rng) -> Vec<u8> {
    let arrays = |layout: &&&Layout| layout.container == Container::Array;
    let layouts: Vec<&Layout> = formats::LAYOUTS.iter().filter(|l| arrays(&l)).collect();
    let layout = layouts[rng.below(layouts.len() as u64) as usize];
    synthesize(layout, 1 + rng.below(60) as usize, 1_400_000_000, rng)
}

enum Tar {
    Ustar,
    Gnu,
    V7,
}

/// A name with the word for a log in it, as collectors give.
fn a_name(rng: &mut Rng) -> String {
    let folder = rng.pick(&["", "var/log/", "./var/adm/", "web01/uploads/auto/%2Fvar%2Flog%2F"]);
    let base = rng.pick(&["wtmp", "btmp.1", "utmpx", "lastlog", "wtmp-20240501"]);
    format!("{folder}{base}")
}

fn header(name: &str, len: usize, kind: u8, tar: &Tar, rng: &mut Rng) -> Vec<u8> {
    let mut block = vec![0; 512];
    put(&mut block, 0, name.as_bytes());
    let (uid, gid, mtime) = (rng.below(70_000), rng.below(2000), rng.below(1 << 31));
    put(&mut block, 100, format!("{:07o}\0", rng.below(0o1000)).as_bytes());
    put(&mut block, 108, format!("{uid:07o}\0").as_bytes());
    put(&mut block, 116, format!("{gid:07o}\0").as_bytes());
    put(&mut block, 124, format!("{len:011o}\0").as_bytes());
    put(&mut block, 136, format!("{mtime:011o}\0").as_bytes());
    put(&mut block, 148, b"        ");
    block[156] = kind;
    match tar {
        Tar::Ustar => put(&mut block, 257, b"ustar\x0000root"),
        Tar::Gnu => put(&mut block, 257, b"ustar  \0root"),
        Tar::V7 => block[156] = 0,
    }
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    put(&mut block, 148, format!("{sum:06o}\0 ").as_bytes());
    block
}

fn member(data: &[u8], kind: u8, tar: &Tar, rng: &mut Rng) -> Vec<u8> {
    let mut all = header(&a_name(rng), data.len(), kind, tar, rng);
    all.extend_from_slice(data);
    all.resize(all.len().next_multiple_of(512), 0);
    all
}

/// One archive of each sort.
fn archives(rng: &mut Rng) -> Vec<(&'static str, Vec<u8>)> {
    let log = a_log(rng);
    let pax = format!(
        "30 mtime={}.123456789\n20 ctime={}\n",
        1_400_000_000 + rng.below(400_000_000),
        1_400_000_000 + rng.below(400_000_000)
    );
    let pax = pax.as_bytes();
    let tar = |members: &[Vec<u8>]| {
        let mut all = members.concat();
        all.resize(all.len() + 1024, 0);
        all
    };
    let (name, time) = (a_name(rng), 1_400_000_000 + rng.index(300_000_000));
    let fields = [rng.index(1 << 20), 0o100_644, rng.index(70_000), rng.index(2000), 1, time];
    let rest = [log.len(), 8, rng.index(64), 0, 0, name.len() + 1, 0];
    let newc = fields.iter().chain(&rest).map(|n| format!("{n:08X}")).collect::<String>();
    let newc = format!("{}{newc}{name}\0\0", rng.pick(&["070701", "070702"]));
    let odc = format!("070707{:06o}{:06o}{:058o}{name}\0", rng.below(512), rng.below(4096), 5);
    let mut old = vec![0xc7, 0x71, 0, 0, 1, 0, 0xa4, 0x81, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    put(&mut old, 2, &(rng.below(1 << 16) as u16).to_le_bytes());
    put(&mut old, 4, &(rng.below(1 << 16) as u16).to_le_bytes());
    old.extend_from_slice(&[(name.len() + 1) as u8, 0, 0, 0, 0, 1]);
    old.extend_from_slice(name.as_bytes());
    old.extend_from_slice(b"\0\0");
    let mut zip = b"PK\x03\x04".to_vec();
    zip.extend_from_slice(&[[10, 20, 45][rng.index(3)], 0, [0, 8][rng.index(2)], 0]);
    zip.extend_from_slice(&[[0, 8][rng.index(2)], 0]);
    zip.extend((0..8).map(|_| rng.below(256) as u8));
    zip.extend_from_slice(&(log.len() as u32).to_le_bytes());
    zip.extend_from_slice(&(log.len() as u32).to_le_bytes());
    zip.extend_from_slice(&[name.len() as u8, 0, 0, 0]);
    zip.extend_from_slice(name.as_bytes());
    let ar = format!("!<arch>\n{:<16}{:<12}0     0     100644  {:<10}`\n", "wtmp/", 0, log.len());
    let with_log = |head: &[u8]| [head, &log[..]].concat();
    vec![
        ("tar", tar(&[member(&log, b'0', &Tar::Ustar, rng)])),
        ("tar", tar(&[member(&log, b'0', &Tar::Gnu, rng), member(&log, b'0', &Tar::Gnu, rng)])),
        ("tar", tar(&[member(&log, 0, &Tar::V7, rng)])),
        ("tar", tar(&[member(pax, b'x', &Tar::Ustar, rng), member(&log, b'0', &Tar::Ustar, rng)])),
        ("cpio", with_log(newc.as_bytes())),
        ("cpio", with_log(odc.as_bytes())),
        ("cpio", with_log(&old)),
        ("zip", with_log(&zip)),
        ("ar", with_log(ar.as_bytes())),
    ]
}

/// A disk or a volume with a log somewhere in it.
fn volumes(rng: &mut Rng) -> Vec<(&'static str, Vec<u8>)> {
    let log = a_log(rng);
    let at = 8192 + 512 * rng.below(64) as usize;
    let blank = || {
        let mut image = vec![0; 1 << 18];
        let len = log.len().min(image.len() - at);
        put(&mut image, at, &log[..len]);
        image
    };
    let with = |parts: &[(usize, &[u8])]| {
        let mut image = blank();
        for (at, bytes) in parts {
            put(&mut image, *at, bytes);
        }
        image
    };
    let page = 512u16 << rng.below(6);
    let sqlite =
        [&b"SQLite format 3\0"[..], &page.to_be_bytes(), b"\x01\x01\0\x40\x20\x20"].concat();
    let (class, order) = (1 + rng.below(2) as u8, 1 + rng.below(2) as u8);
    let kinds = [2u16, 3, 4].map(|n| if order == 1 { n.to_le_bytes() } else { n.to_be_bytes() });
    let elf =
        [&b"\x7fELF"[..], &[class, order, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], &kinds[rng.index(3)]];
    let machine =
        [3u16, 62, 40, 183].map(|n| if order == 1 { n.to_le_bytes() } else { n.to_be_bytes() });
    let version = if order == 1 { [1, 0, 0, 0] } else { [0, 0, 0, 1] };
    let elf = [&elf.concat()[..], &machine[rng.index(4)], &version].concat();
    let le = |n: u32| n.to_le_bytes();
    let be = |n: u32| n.to_be_bytes();
    let mut entry = [0u8; 16];
    (entry[0], entry[4]) = (0x80, 0x83);
    put(&mut entry, 8, &le(2048));
    put(&mut entry, 12, &le(400_000));
    let (inodes, blocks, log_block) =
        (64 + 64 * rng.index(99), 256 + rng.index(9999), rng.index(3));
    let group = 8192 << log_block;
    let first = usize::from(log_block == 0);
    let ext = [inodes, blocks, 12, blocks / 2, inodes / 2, first, log_block, log_block, group];
    let ext: Vec<u8> = ext.iter().chain(&[group, inodes]).flat_map(|n| le(*n as u32)).collect();
    vec![
        ("ext", with(&[(1024, &ext[..]), (1080, b"\x53\xef\x01\0\x01\0"), (1100, &le(1))])),
        ("XFS", with(&[(0, b"XFSB"), (4, &be(4096))])),
        (
            "UFS",
            with(&[
                (8192 + 48, &le(8192)),
                (8192 + 52, &le(1024)),
                (8192 + 1372, &le(0x0001_1954)),
            ]),
        ),
        ("UFS", with(&[(65_584, &be(32_768)), (65_588, &be(4096)), (66_908, &be(0x1954_0119))])),
        ("Btrfs", with(&[(65_584, &le(65_536)), (65_600, b"_BHRfS_M")])),
        ("APFS", with(&[(32, b"NXSB"), (36, &le(4096))])),
        ("HFS", with(&[(1024, b"H+\0\x04")])),
        ("MBR", with(&[(446, &entry), (510, b"\x55\xaa")])),
        ("GPT", with(&[(510, b"\x55\xaa"), (512, b"EFI PART\0\0\x01\0")])),
        (
            "FAT",
            with(&[
                (0, b"\xeb\x3c\x90mkfs.fat\0\x02\x04\x04\0\x02\0\x02\0\x50\xf8"),
                (510, b"\x55\xaa"),
            ]),
        ),
        ("NTFS", with(&[(0, b"\xeb\x52\x90NTFS    "), (510, b"\x55\xaa")])),
        ("LVM", with(&[(512, b"LABELONE"), (536, b"LVM2 001")])),
        ("swap", with(&[(4086, b"SWAPSPACE2")])),
        ("EWF", with(&[(0, b"EVF\x09\r\n\xff\0\x01\x01\0\0\0")])),
        ("qcow2", with(&[(0, b"QFI\xfb\0\0\0\x03")])),
        ("VMDK", with(&[(0, b"KDMV\x01\0\0\0\x03\0\0\0")])),
        ("VHD ", with(&[((1 << 18) - 512, b"conectix\0\0\0\x02\0\x01\0\0")])),
        ("VHDX", with(&[(0, b"vhdxfile")])),
        ("SQLite", with(&[(0, &sqlite)])),
        ("ELF", with(&[(0, &elf)])),
    ]
}

/// The rows of the table in docs/detection.md about files that are not logs.
#[test]
fn none_is_a_log() {
    let files: u64 = std::env::var("LOGINREC_FILES").map_or(60, |n| n.parse().unwrap());
    let mut named = 0u32;
    for seed in 0..files {
        let rng = &mut Rng::new(seed + 4242);
        let mut all = archives(rng);
        all.extend(volumes(rng));
        for (word, data) in all {
            for name in ["wtmp", "lastlog", "x.bin"] {
                let hints = Hints::new().file_name(name);
                let found = detect_with(&data, &hints);
                assert_eq!(found.verdict(), Verdict::NotRecognized, "seed {seed} {word}");
            }
            let foreign = foreign(&data).unwrap_or_else(|| panic!("seed {seed} {word}"));
            assert!(foreign.name.contains(word), "{word}: {foreign}");
            named += 1;
        }
    }
    println!("archives, images and file systems: {named}, none taken for a log, all named");
}

#[test]
fn what_is_no_record_is_named() {
    let utf16: Vec<u8> = b"\xff\xfe"
        .iter()
        .copied()
        .chain("alice pts/0 192.0.2.7\r\n".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let mut acct = vec![0; 64 * 5];
    for record in acct.chunks_mut(64) {
        record[1] = 3;
        put(record, 24, &1_714_557_600u32.to_le_bytes());
        put(record, 48, b"sshd");
    }
    let mut class = vec![0; 400];
    put(&mut class, 0, b"\xca\xfe\xba\xbe\0\0\0\x41");
    for (data, word, class) in [
        (
            &b"alice    pts/0        192.0.2.7        Wed May  1 09:00\n"[..],
            "text",
            ForeignClass::Text,
        ),
        (&utf16, "UTF-16", ForeignClass::Text),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n",
            "LFS",
            ForeignClass::Pointer,
        ),
        (
            b"alice ts/1 pts/1   500  7 0000 0000 1144054800 250000 0 9 192.0.2.1 Mon Apr\n",
            "fwtmp",
            ForeignClass::Dump,
        ),
        (b"[7] [01101] [ts/0] [alice   ] [pts/0 ]\n", "utmpdump", ForeignClass::Dump),
        (b"<!DOCTYPE html>\n<html></html>\n", "HTML", ForeignClass::Text),
        (&acct, "acct", ForeignClass::Accounting),
        (&class, "Java", ForeignClass::Program),
    ] {
        let found = foreign(data).unwrap_or_else(|| panic!("{word}"));
        assert!(found.name.contains(word) && found.class == class, "{word}: {found}");
    }
}

/// Every genuine log is one under any name, whatever its texts begin with.
#[test]
fn no_log_is_taken_for_something_else() {
    let files: u64 = std::env::var("LOGINREC_FILES").map_or(20, |n| n.parse().unwrap());
    let is_foreign = |data: &[u8]| {
        detect(data).reasons().iter().any(|reason| matches!(reason, Reason::Foreign(_)))
    };
    for sample in fixtures() {
        assert!(!is_foreign(&sample.bytes()), "{}", sample.path.display());
    }
    for layout in formats::LAYOUTS {
        for seed in 0..files {
            let rng = &mut Rng::new(seed * 77 + 3);
            let n = 1 + rng.below(80) as usize;
            let data = synthesize(layout, n, 1_000_000_000 + (seed << 20) as i64, rng);
            assert!(!is_foreign(&data), "{} seed {seed}", layout.name);
        }
    }
}

/// The logs, their indexes and the journals that SQLite keeps beside a database, by any name.
#[test]
fn what_lies_beside_databases_is_named() {
    let Some(folder) = loginrec_testing::corpus("sqlite") else { return };
    let (mut found, mut empty) = ([0; 3], 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let Ok(files) = std::fs::read_dir(entry.unwrap().path()) else { continue };
        for path in files.map(|file| file.unwrap().path()) {
            let name = path.to_str().unwrap();
            let kind = ["-wal", "-shm", "-journal"].iter().position(|end| name.ends_with(end));
            let (Some(kind), data) = (kind, std::fs::read(&path).unwrap()) else { continue };
            // The rest of a journal that was ended, or of a log that was reset.
            if data.iter().take(8).all(|&byte| byte == 0) || name.contains("bad-header") {
                empty += 1;
                continue;
            }
            for name in [name, "lastlog", "wtmp", "x.bin"] {
                let detection = detect_with(&data, &Hints::new().file_name(name));
                let is_named = detection.reasons().iter().any(|reason| {
                    matches!(reason, Reason::Foreign(what)
                        if what.class == ForeignClass::DatabasePart && what.name.contains("SQLite"))
                });
                assert!(is_named, "{} as {name}: {:?}", path.display(), detection.reasons());
            }
            found[kind] += 1;
        }
    }
    println!("{found:?} named, {empty} empty");
    assert!(found[0] > 8 && found[1] > 5 && found[2] > 1, "{found:?}");
}
