//! Disk images as roots: a file system that mkfs has made, alone, in partitions, and in the formats
//! of other programs.

use std::fs;

use loginrec_testing::{Scratch, fixture, json_lines, run, skip, text, told};
use serde_json::Value;

use crate::archives::{everything, put, system, tool};

/// Makes a file system of some MiB with the files of a folder.
pub(crate) fn mkfs(scratch: &Scratch, folder: &str, kind: &str, size: u64) -> Option<String> {
    let image = scratch.path(&format!("disk.{kind}"));
    let file = fs::File::create(&image).unwrap();
    file.set_len(size << 20).unwrap();
    let program = format!("mkfs.{kind}");
    let made = tool(&scratch.path(""), &program, &["-q", "-F", "-d", folder, &image]);
    made.then_some(image)
}

/// A table with the file system as its second partition.
pub(crate) fn with_mbr(system: &[u8]) -> Vec<u8> {
    let mut disk = vec![0; 1 << 20];
    let sectors = (system.len() / 512) as u32;
    let mut entry = |number: usize, kind: u8, begin: u32, len: u32| {
        let at = 446 + number * 16;
        disk[at + 4] = kind;
        disk[at + 8..at + 12].copy_from_slice(&begin.to_le_bytes());
        disk[at + 12..at + 16].copy_from_slice(&len.to_le_bytes());
    };
    entry(0, 0x82, 64, 64);
    entry(1, 0x83, 2048, sectors);
    disk[510..512].copy_from_slice(&[0x55, 0xaa]);
    disk.extend_from_slice(system);
    disk
}

fn with_gpt(system: &[u8]) -> Vec<u8> {
    let mut disk = vec![0; 1 << 20];
    disk[446 + 4] = 0xee;
    disk[446 + 12..446 + 16].copy_from_slice(&[0xff; 4]);
    disk[510..512].copy_from_slice(&[0x55, 0xaa]);
    disk[512..520].copy_from_slice(b"EFI PART");
    let number = |disk: &mut Vec<u8>, at: usize, value: u64, len: usize| {
        disk[at..at + len].copy_from_slice(&value.to_le_bytes()[..len]);
    };
    number(&mut disk, 512 + 72, 2, 8);
    number(&mut disk, 512 + 80, 128, 4);
    number(&mut disk, 512 + 84, 128, 4);
    disk[1024..1040].fill(7);
    number(&mut disk, 1024 + 32, 2048, 8);
    number(&mut disk, 1024 + 40, 2047 + (system.len() / 512) as u64, 8);
    disk.extend_from_slice(system);
    disk
}

/// Rows without what only a folder of this host has: how much of a file is allocated.
pub(crate) fn rows(root: &str) -> Vec<(Vec<&'static str>, Vec<Value>)> {
    let mut all = everything(root);
    all.retain(|(command, _)| command[0] != "audit");
    all
}

#[test]
fn rows_of_images_are_those_of_the_folder() {
    let scratch = Scratch::new();
    let folder = scratch.path("web01");
    system(&folder);
    let expected = rows(&folder);
    for kind in ["ext2", "ext3", "ext4"] {
        let Some(image) = mkfs(&scratch, &folder, kind, 16) else { return };
        let bytes = fs::read(&image).unwrap();
        for (name, bytes) in
            [("raw", bytes.clone()), ("mbr", with_mbr(&bytes)), ("gpt", with_gpt(&bytes))]
        {
            let path = scratch.file(&format!("{name}.img"), &bytes);
            for ((command, rows), (_, expected)) in rows(&path).iter().zip(&expected) {
                assert_eq!(rows, expected, "{command:?} {kind} {name}");
            }
        }
        let rows = json_lines(&run(&["boots", "--format", "jsonl", &image]).stdout);
        assert_eq!((&rows[0]["machine"], &rows[0]["source"]), (&"web01".into(), &image.into()));
    }
}

#[test]
fn images_of_qemu() {
    let scratch = Scratch::new();
    let folder = scratch.path("web01");
    system(&folder);
    let expected = rows(&folder);
    let Some(image) = mkfs(&scratch, &folder, "ext4", 16) else { return };
    let all: &[(&str, &[&str])] = &[
        ("disk.qcow2", &["-O", "qcow2"]),
        ("disk.qcow2", &["-c", "-O", "qcow2"]),
        ("disk.vmdk", &["-O", "vmdk", "-o", "subformat=monolithicSparse"]),
        ("disk.vmdk", &["-O", "vmdk", "-o", "subformat=streamOptimized"]),
        ("split.vmdk", &["-O", "vmdk", "-o", "subformat=twoGbMaxExtentSparse"]),
        ("whole.vmdk", &["-O", "vmdk", "-o", "subformat=monolithicFlat"]),
        ("disk.vhd", &["-O", "vpc", "-o", "force_size=on"]),
        ("fixed.vhd", &["-O", "vpc", "-o", "subformat=fixed,force_size=on"]),
        ("disk.vhdx", &["-O", "vhdx"]),
        ("disk.vhdx", &["-O", "vhdx", "-o", "subformat=fixed"]),
    ];
    for (name, options) in all {
        let packed = scratch.path(name);
        let args = [&["convert", "-f", "raw"], *options, &[&image, &packed]].concat();
        if !tool(&scratch.path(""), "qemu-img", &args) {
            return;
        }
        for ((command, rows), (_, expected)) in rows(&packed).iter().zip(&expected) {
            assert_eq!(rows, expected, "{command:?} {options:?}");
        }
        // The decoded content of the disk is carved, with its offsets.
        let carve = |path: &str| run(&["carve", "--format", "csv", path]).stdout;
        let (own, raw) = (text(&carve(&packed)), text(&carve(&image)));
        assert!(raw.lines().count() > 14, "{raw}");
        assert_eq!(own.replace(&packed, ""), raw.replace(&image, ""), "{options:?}");
    }
}

/// A deleted file is found where no file lies, and the others are not.
#[test]
fn deleted_files_are_in_unallocated_space() {
    let scratch = Scratch::new();
    let folder = scratch.path("web01");
    system(&folder);
    let options: &[&[&str]] =
        &[&[], &["-b", "1024"], &["-O", "^64bit,^metadata_csum"], &["-O", "bigalloc"]];
    for options in options {
        let image = scratch.path("disk.img");
        fs::File::create(&image).unwrap().set_len(32 << 20).unwrap();
        let args = [&["-q", "-F", "-d", &folder], *options, &[&image]].concat();
        if !tool(&scratch.path(""), "mkfs.ext4", &args) {
            return;
        }
        let carve = |args: &[&str]| {
            let output = run(&[&["carve", "--format", "jsonl"], args].concat());
            let mut rows = json_lines(&output.stdout);
            for row in &mut rows {
                let row = row.as_object_mut().unwrap();
                // A neighbor in the next block adds to the confidence.
                let _ = ["run", "file", "confidence"].map(|key| row.remove(key));
            }
            rows
        };
        let before = carve(&["--unallocated", &image]);
        assert_eq!(before, Vec::<Value>::new(), "{options:?}");
        if !tool(&scratch.path(""), "debugfs", &["-w", "-R", "rm var/log/wtmp", &image]) {
            return;
        }
        let bytes = fs::read(&image).unwrap();
        let disk = scratch.file("mbr.img", &with_mbr(&bytes));
        for image in [&image, &disk] {
            let (free, all) = (carve(&["--unallocated", image]), carve(&[image]));
            assert_eq!(free.len(), 14, "{options:?}");
            assert!(all.len() > free.len(), "{options:?}");
            for row in &free {
                let same = all.iter().find(|other| other["offset"] == row["offset"]);
                assert_eq!(same, Some(row), "{options:?}");
            }
        }
    }
    let file = scratch.file("plain", &[7; 5000]);
    let (status, stderr) = told(&run(&["carve", "--unallocated", &file]));
    assert!(status != 0 && stderr.contains("leave out --unallocated"), "{stderr}");
}

/// Parts of an image are one machine, and nothing but what is beside a descriptor is opened.
#[test]
fn parts_of_vmdk() {
    let scratch = Scratch::new();
    let folder = scratch.path("web01");
    system(&folder);
    let Some(image) = mkfs(&scratch, &folder, "ext4", 16) else { return };
    for kind in ["monolithicFlat", "twoGbMaxExtentSparse"] {
        let place = scratch.path(kind);
        fs::create_dir(&place).unwrap();
        let (packed, kind) = (format!("{place}/disk.vmdk"), format!("subformat={kind}"));
        let args = ["convert", "-f", "raw", "-O", "vmdk", "-o", &kind, &image, &packed];
        if !tool(&place, "qemu-img", &args) {
            return;
        }
        let output = run(&["boots", "--format", "jsonl", "--root", &place]);
        let rows = json_lines(&output.stdout);
        assert!(!rows.is_empty() && rows.iter().all(|row| row["machine"] == "web01"), "{rows:?}");
        let one = json_lines(&run(&["boots", "--format", "jsonl", &packed]).stdout);
        assert_eq!(rows.len(), one.len());
        // Each part is evidence.
        let names = fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path());
        let names: Vec<String> = names.map(|path| path.to_str().unwrap().to_owned()).collect();
        for command in ["boots", "carve"] {
            let manifest = scratch.path("manifest.jsonl");
            run(&[command, &packed, "--manifest", &manifest]);
            let rows = json_lines(&fs::read(&manifest).unwrap());
            for name in &names {
                assert!(rows.iter().any(|row| row["path"] == **name), "{command} {name}");
                let before = fs::read(name).unwrap();
                let (status, _) = told(&run(&[command, &packed, "-o", name]));
                assert!(status != 0 && fs::read(name).unwrap() == before, "{command} {name}");
            }
        }
        let text = fs::read_to_string(&packed).unwrap();
        for (name, why) in [("../disk.vmdk", "not beside it"), ("none.vmdk", "none.vmdk")] {
            let at = text.find("\nRW ").unwrap();
            let open = text[at..].find('"').unwrap() + at + 1;
            let close = text[open..].find('"').unwrap() + open;
            fs::write(&packed, format!("{}{name}{}", &text[..open], &text[close..])).unwrap();
            let (status, stderr) = told(&run(&["dump", &packed]));
            assert!(status != 0 && stderr.contains(why), "{stderr}");
        }
        let child = text.replace("parentCID=ffffffff", "parentCID=01234567");
        fs::write(&packed, child).unwrap();
        let (status, stderr) = told(&run(&["dump", &packed]));
        assert!(status != 0 && stderr.contains("needs another image"), "{stderr}");
    }
}

/// A file system that is not read is named, with the next step.
#[test]
fn what_is_not_read_is_named() {
    let scratch = Scratch::new();
    let mut btrfs = vec![0; 1 << 20];
    btrfs[0x10040..0x10048].copy_from_slice(b"_BHRfS_M");
    btrfs[0x10030..0x10038].copy_from_slice(&0x10000_u64.to_le_bytes());
    let disk = scratch.file("btrfs.img", &with_mbr(&btrfs));
    let (status, stderr) = told(&run(&["dump", &disk]));
    assert_eq!(status, 3, "{stderr}");
    assert!(stderr.contains("partition 2: ") && stderr.contains("carve"), "{stderr}");
    // Damage is no reason to end: not of an image either.
    let folder = scratch.path("web01");
    put(&folder, "var/log/wtmp", &fixture("linux-glibc-384-le/wtmp"));
    let Some(image) = mkfs(&scratch, &folder, "ext4", 16) else {
        skip("there is no mkfs.ext4");
        return;
    };
    let mut bytes = fs::read(&image).unwrap();
    let end = bytes.len() / 3;
    for at in (2048..end).step_by(997) {
        bytes[at] ^= 0x55;
    }
    let damaged = scratch.file("damaged.img", &bytes);
    let (status, stderr) = told(&run(&["dump", &damaged]));
    assert!(status >= 3 && !stderr.contains("panicked"), "{stderr}");
}
