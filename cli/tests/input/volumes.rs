//! Disk images of other systems than ext4 alone: XFS, UFS, LVM2.

use std::fs;
use std::path::Path;
use std::process::Command;

use loginrec_testing::{Scratch, fixture, run, skip, text, told};

use crate::archives::{put, system, tool};
use crate::images::{mkfs, rows, with_mbr};

/// The description of a tree that `mkfs.xfs -p` takes.
fn prototype(folder: &Path, depth: usize, lines: &mut String) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(Result::unwrap).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (name, path) = (entry.file_name(), entry.path());
        let name = name.to_str().unwrap();
        let indent = " ".repeat(depth);
        match path.is_dir() {
            true => {
                lines.push_str(&format!("{indent}{name} d--755 0 0\n"));
                prototype(&path, depth + 1, lines);
                lines.push_str(&format!("{indent}$\n"));
            }
            false => {
                lines.push_str(&format!("{indent}{name} ---644 0 0 {}\n", path.display()));
            }
        }
    }
}

/// Makes an XFS with the files of a folder; `None` without the tool.
fn mkfs_xfs(scratch: &Scratch, folder: &str, options: &[&str]) -> Option<String> {
    let mut lines = "/dev/null\n0 0\nd--755 0 0\n".to_owned();
    prototype(Path::new(folder), 1, &mut lines);
    lines.push_str("$\n");
    let prototype = scratch.file("prototype", lines.as_bytes());
    let image = scratch.path("xfs.img");
    fs::File::create(&image).unwrap().set_len(320 << 20).unwrap();
    let args = [&["-q", "-f", "-p", &prototype], options, &[&image]].concat();
    tool(&scratch.path(""), "mkfs.xfs", &args).then_some(image)
}

/// A folder with more names than fit an inode, a block, and one level of an index.
fn many_names(folder: &str) {
    for count in [30, 150, 2500] {
        for number in 0..count {
            put(folder, &format!("srv/{count}/a_name_of_some_length_{number}"), b"");
        }
    }
}

#[test]
fn rows_of_xfs_are_those_of_the_folder() {
    let scratch = Scratch::new();
    let folder = scratch.path("web01");
    system(&folder);
    many_names(&folder);
    // In a folder with an index, and before the others in it.
    put(&folder, "srv/2500/wtmp", &fixture("linux-glibc-384-le/wtmp"));
    let expected = rows(&folder);
    let all: &[&[&str]] = &[
        &[],
        &["-m", "bigtime=0,reflink=0,rmapbt=0,finobt=0", "-i", "sparse=0"],
        &["-m", "crc=0", "-n", "ftype=0"],
        &["-m", "crc=0", "-n", "ftype=1", "-i", "size=2048"],
        &["-b", "size=1024", "-n", "size=8192", "-d", "agcount=3"],
        &["-i", "nrext64=1", "-n", "size=65536"],
    ];
    for options in all {
        let Some(image) = mkfs_xfs(&scratch, &folder, options) else { return };
        for ((command, rows), (_, expected)) in rows(&image).iter().zip(&expected) {
            assert_eq!(rows, expected, "{command:?} {options:?}");
        }
        let (status, stderr) = told(&run(&["dump", "--scan", "--root", &image]));
        assert_eq!((status, stderr.as_str()), (0, ""), "{options:?}");
        let scanned = run(&["dump", "--scan", "--root", &image, "--format", "csv"]).stdout;
        assert!(text(&scanned).contains("srv/2500/wtmp"), "{options:?}");
    }
}

/// A mounted file system, until it is dropped.
struct Mounted<'p>(&'p str);

impl Mounted<'_> {
    fn new<'p>(image: &str, place: &'p str) -> Option<Mounted<'p>> {
        let output = Command::new("mount").args(["-o", "loop", image, place]).output();
        output.is_ok_and(|output| output.status.success()).then_some(Mounted(place))
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        assert!(Command::new("umount").arg(self.0).status().unwrap().success());
    }
}

/// An extent tree, holes and a log with changes, which only a running system makes.
#[test]
fn what_a_kernel_wrote_to_xfs() {
    let scratch = Scratch::new();
    let (folder, place) = (scratch.path("web01"), scratch.path("mount"));
    system(&folder);
    let Some(image) = mkfs_xfs(&scratch, &folder, &[]) else { return };
    fs::create_dir(&place).unwrap();
    let Some(mounted) = Mounted::new(&image, &place) else {
        return skip("XFS cannot be mounted here");
    };
    // A slot of a lastlog in every second block, so that each is an extent.
    let slot = fixture("linux-lastlog-292-le/lastlog");
    let slot = slot.chunks(292).find(|slot| slot.iter().any(|byte| *byte != 0)).unwrap();
    let mut lastlog = vec![0; 292 * 28 * 600];
    for block in (0..600).step_by(2) {
        lastlog[292 * 28 * block..][..292].copy_from_slice(slot);
    }
    let sparse = |path: &str| {
        use std::os::unix::fs::FileExt as _;

        let file = fs::File::create(path).unwrap();
        file.set_len(lastlog.len() as u64).unwrap();
        for block in (0..600).step_by(2) {
            file.write_all_at(slot, 292 * 28 * block as u64).unwrap();
            file.sync_all().unwrap();
        }
    };
    sparse(&format!("{place}/var/log/lastlog"));
    let is_running = fs::copy(&image, scratch.path("running.img")).is_ok();
    drop(mounted);
    assert!(is_running);
    put(&folder, "var/log/lastlog", &lastlog);
    for ((command, rows), (_, expected)) in rows(&image).iter().zip(&rows(&folder)) {
        assert_eq!(rows, expected, "{command:?}");
    }
    let (status, stderr) = told(&run(&["dump", &image]));
    assert_eq!((status, stderr.as_str()), (0, ""));
    let (_, stderr) = told(&run(&["dump", &scratch.path("running.img")]));
    assert!(stderr.contains("log, which is not applied") && stderr.contains("carve"), "{stderr}");
}

/// A disklabel of the BSDs with the file system at `begin` sectors as its partition `a`.
fn with_label(system: &[u8], begin: u32, offset: u32, is_big: bool) -> Vec<u8> {
    let sectors = (system.len() / 512) as u32;
    let mut disk = vec![0; begin as usize * 512];
    disk.extend_from_slice(system);
    let mut put = |at: usize, value: u32, len: usize| {
        let bytes = if is_big { value.to_be_bytes() } else { value.to_le_bytes() };
        let bytes = if is_big { &bytes[4 - len..] } else { &bytes[..len] };
        disk[512 + at..512 + at + len].copy_from_slice(bytes);
    };
    put(0, 0x8256_4557, 4);
    put(40, 512, 4);
    put(132, 0x8256_4557, 4);
    put(138, 3, 2);
    for (number, size, offset) in [(0, sectors, offset + begin), (2, sectors + begin, offset)] {
        put(148 + number * 16, size, 4);
        put(148 + number * 16 + 4, offset, 4);
        put(148 + number * 16 + 12, 7 << if is_big { 24 } else { 0 }, 4);
    }
    disk
}

#[test]
fn rows_of_ufs_are_those_of_the_folder() {
    let scratch = Scratch::new();
    let folder = scratch.path("web01");
    system(&folder);
    many_names(&folder);
    // A file with blocks of pointers to blocks of pointers.
    let slot = fixture("linux-lastlog-292-le/lastlog");
    put(&folder, "var/log/lastlog", &slot.repeat(6_000_000 / slot.len()));
    let expected = rows(&folder);
    for (options, order) in [
        ("version=1", "le"),
        ("version=1,bsize=4096,fsize=512", "be"),
        ("version=2", "le"),
        ("version=2,bsize=4096,fsize=512", "be"),
        ("version=2,bsize=32768,fsize=4096", "le"),
    ] {
        let image = scratch.path("ufs.img");
        let args = ["-t", "ffs", "-B", order, "-s", "16m", "-o", options, &image, &folder];
        if !tool(&scratch.path(""), "makefs", &args) {
            return;
        }
        let bytes = fs::read(&image).unwrap();
        let is_big = order == "be";
        for (name, bytes) in [
            ("ufs.img", bytes.clone()),
            ("mbr.img", with_mbr(&bytes)),
            ("labeled.img", with_label(&bytes, 16, 0, is_big)),
            // In a partition, with offsets of the disk, as NetBSD counts, and with its own.
            ("netbsd.img", with_mbr(&with_label(&bytes, 64, 2048, is_big))),
            ("freebsd.img", with_mbr(&with_label(&bytes, 16, 0, is_big))),
        ] {
            let image = scratch.file(name, &bytes);
            for ((command, rows), (_, expected)) in rows(&image).iter().zip(&expected) {
                assert_eq!(rows, expected, "{command:?} {options} {name}");
            }
            let (status, stderr) = told(&run(&["dump", &image]));
            assert_eq!((status, stderr.as_str()), (0, ""), "{options} {name}");
        }
    }
}

/// What `pvcreate`, `vgcreate`, `lvcreate` and `lvextend` of LVM2 2.03.16 wrote, without what the
/// host was. The volume `root` has two segments, for it was extended after the others were made.
const GROUP: &str = r#"rhel {
id = "zEPz9b-FqKd-s24h-vITk-ITt3-xwn1-2yBmeo"
seqno = 5
format = "lvm2"
status = ["RESIZEABLE", "READ", "WRITE"]
flags = []
extent_size = 2048
max_lv = 0
max_pv = 0
metadata_copies = 0

physical_volumes {

pv0 {
id = "mTbYfh-NZFv-atEi-nJQJ-EePf-SDTZ-4eOYDt"
device = "/dev/loop0"

status = ["ALLOCATABLE"]
flags = []
dev_size = 131072
pe_start = 2048
pe_count = 63
}
}

logical_volumes {

root {
id = "x2X1Ty-1Qjn-Tr7z-c5Wg-yAtH-ideg-SJykVP"
status = ["READ", "WRITE", "VISIBLE"]
flags = []
creation_time = 1796087460
segment_count = 2

segment1 {
start_extent = 0
extent_count = 16

type = "striped"
stripe_count = 1

stripes = [
"pv0", 0
]
}
segment2 {
start_extent = 16
extent_count = 8

type = "striped"
stripe_count = 1

stripes = [
"pv0", 28
]
}
}

swap {
id = "GmHnVo-EtGs-gZ5C-hkFn-bya5-myWz-WWcJhS"
status = ["READ", "WRITE", "VISIBLE"]
flags = []
segment_count = 1

segment1 {
start_extent = 0
extent_count = 4

type = "striped"
stripe_count = 1

stripes = [
"pv0", 16
]
}
}

var_log {
id = "JMjt2M-Rpsh-btH9-nWme-K0pM-T4Hd-BNnDcQ"
status = ["READ", "WRITE", "VISIBLE"]
flags = []
segment_count = 1

segment1 {
start_extent = 0
extent_count = 8

type = "striped"
stripe_count = 1

stripes = [
"pv0", 20
]
}
}
}

}
# Generated by LVM2 version 2.03.16(2) (2022-05-18): Tue Dec  1 01:11:00 2026

contents = "Text Format Volume Group"
version = 1

description = "Write from lvextend -L 24M rhel/root."

creation_time = 1796087460	# Tue Dec  1 01:11:00 2026

"#;

/// The physical volume of the group, with two volumes filled.
fn physical(root: &[u8], var_log: &[u8], group: &str, text_at: usize) -> Vec<u8> {
    let mut disk = vec![0; 64 << 20];
    let mut put = |at: usize, bytes: &[u8]| disk[at..at + bytes.len()].copy_from_slice(bytes);
    // The label in the second sector, as pvcreate writes it.
    put(512, b"LABELONE\x01\0\0\0\0\0\0\0\x3e\x95\xbc\x85\x20\0\0\0LVM2 001");
    put(544, b"mTbYfhNZFvatEinJQJEePfSDTZ4eOYDt\0\0\0\x04\0\0\0\0");
    // Data begins after a MiB; the area of the text is from 4096 up to there.
    put(584, &0x10_0000_u64.to_le_bytes());
    put(616, &4096_u64.to_le_bytes());
    put(624, &0xf_f000_u64.to_le_bytes());
    put(4096, b"\x85\x03\xb0\xcc LVM2 x[5A%r0N*>\x01\0\0\0");
    put(4120, &4096_u64.to_le_bytes());
    put(4128, &0xf_f000_u64.to_le_bytes());
    put(4136, &(text_at as u64).to_le_bytes());
    put(4144, &(group.len() as u64).to_le_bytes());
    // The area is a ring.
    let (first, rest) = group.as_bytes().split_at(group.len().min(0xf_f000 - text_at));
    put(4096 + text_at, first);
    put(4096 + 512, rest);
    let extent = |number: usize| (1 + number) << 20;
    put(extent(0), &root[..16 << 20]);
    put(extent(28), &root[16 << 20..]);
    put(extent(20), var_log);
    disk
}

/// The volume of `/var/log` is one of its own, as guides to harden a system ask for.
#[test]
fn volumes_of_lvm_are_put_together() {
    let scratch = Scratch::new();
    let folder = scratch.path("web01");
    system(&folder);
    let fstab = "# /etc/fstab\n/dev/mapper/rhel-root / ext4 defaults 1 1\n\
        /dev/rhel/var_log\t/var/log ext4 defaults,nodev 1 2\n/dev/mapper/rhel-swap none swap\n";
    put(&folder, "etc/fstab", fstab.as_bytes());
    let expected = rows(&folder);
    // The same tree in two file systems.
    let logs = scratch.path("logs");
    fs::rename(format!("{folder}/var/log"), &logs).unwrap();
    fs::create_dir(format!("{folder}/var/log")).unwrap();
    let Some(root) = mkfs(&scratch, &folder, "ext4", 24) else { return };
    let root = fs::read(root).unwrap();
    let Some(var_log) = mkfs(&scratch, &logs, "ext4", 8) else { return };
    let var_log = fs::read(var_log).unwrap();
    for (name, text_at) in [("first", 7680), ("wrapped", 0xf_f000 - 512)] {
        let disk = physical(&root, &var_log, GROUP, text_at);
        for (name, bytes) in
            [(format!("{name}.img"), disk.clone()), ("mbr.img".to_owned(), with_mbr(&disk))]
        {
            let image = scratch.file(&name, &bytes);
            for ((command, rows), (_, expected)) in rows(&image).iter().zip(&expected) {
                assert_eq!(rows, expected, "{command:?} {name}");
            }
            let (status, stderr) = told(&run(&["dump", &image]));
            assert_eq!((status, stderr.as_str()), (0, ""), "{name}");
        }
    }
    // What is not read is named: a volume of another type, one that is partly elsewhere.
    let first_volume = |from: &str, to: &str| {
        let group = GROUP.replacen(from, to, 1);
        let disk = physical(&root, &var_log, &group, 7680);
        told(&run(&["dump", &scratch.file("other.img", &disk)]))
    };
    for (from, to, named) in [
        ("type = \"striped\"", "type = \"thin\"", "volume rhel-root: a volume of type thin"),
        ("\"pv0\", 28", "\"pv1\", 28", "volume rhel-root: damaged metadata"),
        ("mTbYfh", "mTbYfi", "volume rhel-root: a part of it is on another disk"),
        ("extent_size", "extent_siz", "LVM2: damaged text"),
    ] {
        let (status, stderr) = first_volume(from, to);
        assert!(status != 101 && stderr.contains(named) && stderr.contains("carve"), "{stderr}");
    }
}
