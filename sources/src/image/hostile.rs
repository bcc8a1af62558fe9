//! Damaged images: file systems of real tools in which bytes of the metadata are changed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use loginrec::read::{ReadAt, read_full_at};
use loginrec_testing::{Rng, Scratch, skip};

use crate::tree::{Kind, Tree};

/// An image with some changed bytes.
struct Damaged {
    image: Rc<Vec<u8>>,
    changes: Vec<(u64, u8)>,
}

impl ReadAt for Damaged {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let read = self.image.read_at(buffer, offset)?;
        for (at, value) in &self.changes {
            if let Some(byte) = at.checked_sub(offset).filter(|at| *at < read as u64) {
                buffer[byte as usize] = *value;
            }
        }
        Ok(read)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.image.len() as u64)
    }
}

/// Reads all of a tree, up to a limit. Returns the number of files whose first bytes were read.
fn read_all(tree: &dyn Tree, folder: &Path, depth: usize, left: &mut u32) -> u32 {
    let mut files = 0;
    for name in tree.names(folder).unwrap_or_default() {
        let path: PathBuf = folder.join(name);
        *left = left.saturating_sub(1);
        if *left == 0 || depth > 20 {
            break;
        }
        match tree.kind(&path) {
            Ok(Kind::Folder) => files += read_all(tree, &path, depth + 1, left),
            Ok(Kind::Link) => drop(tree.link(&path)),
            Ok(Kind::File) => {
                if let Ok(Some(held)) = tree.held(&path) {
                    let mut bytes = vec![0; 256 << 10];
                    let (_, error) = read_full_at(&*held.bytes, &mut bytes, 0);
                    let _ = held.bytes.data_after(1 << 40);
                    files += u32::from(error.is_none());
                }
            }
            _ => {}
        }
    }
    files
}

/// Opens an image with changes, and reads everything in it.
fn read_damaged(image: &Rc<Vec<u8>>, changes: Vec<(u64, u8)>) -> u32 {
    let disk: Rc<dyn ReadAt> = Rc::new(Damaged { image: Rc::clone(image), changes });
    let mut problems = Vec::new();
    let Ok(tree) = super::read(Path::new("disk.img"), &disk, &mut problems) else { return 0 };
    read_all(&*tree, Path::new(""), 0, &mut 5000)
}

fn try_damage(image: Vec<u8>, files: u32, seed: u64) {
    let image = Rc::new(image);
    assert_eq!(read_damaged(&image, Vec::new()), files);
    // Metadata is where the bytes are not zero.
    let places: Vec<usize> = (0..image.len()).filter(|at| image[*at] != 0).collect();
    let mut rng = Rng::new(seed);
    for _ in 0..400 {
        let changes = (0..rng.range(1, 40)).map(|_| {
            let at = match rng.one_in(3) {
                true => places[rng.index(places.len().min(2000))],
                false => places[rng.index(places.len())],
            };
            let value = *[0, 0xff, image[at] ^ 1 << rng.below(8), rng.any() as u8]
                .get(rng.index(4))
                .unwrap();
            (at as u64, value)
        });
        read_damaged(&image, changes.collect());
    }
}

fn folder(scratch: &Scratch) -> String {
    let folder = scratch.path("web01");
    let put = |path: &str, bytes: &[u8]| {
        let path = Path::new(&folder).join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    put("etc/hostname", b"web01\n");
    put("var/log/lastlog", &[7; 300_000]);
    for number in 0..200 {
        put(&format!("srv/a_name_of_some_length_{number}"), b"x");
    }
    folder
}

/// Runs a tool that writes `image`; `None` if it is not here.
fn made(program: &str, args: &[&str], image: &str) -> Option<Vec<u8>> {
    // mkfs.xfs makes small file systems only for its own tests.
    let small = ["TEST_DIR", "TEST_DEV", "QA_CHECK_FS"].map(|name| (name, "1"));
    match Command::new(program).args(args).envs(small).output() {
        Ok(output) => {
            assert!(output.status.success(), "{program}: {output:?}");
            Some(fs::read(image).unwrap())
        }
        Err(_) => {
            skip(&format!("{program} is not installed"));
            None
        }
    }
}

#[test]
fn damaged_xfs() {
    let scratch = Scratch::new();
    let folder = folder(&scratch);
    let mut lines = format!(
        "/dev/null\n0 0\nd--755 0 0\netc d--755 0 0\nhostname ---644 0 0 {folder}/etc/hostname\n\
         lnk l--777 0 0 hostname\n$\nvar d--755 0 0\nlog d--755 0 0\n\
         lastlog ---644 0 0 {folder}/var/log/lastlog\n$\n$\nsrv d--755 0 0\n"
    );
    for number in 0..200 {
        let name = format!("a_name_of_some_length_{number}");
        lines.push_str(&format!("{name} ---644 0 0 {folder}/srv/{name}\n"));
    }
    lines.push_str("$\n$\n");
    let prototype = scratch.file("prototype", lines.as_bytes());
    for (seed, version) in [(1, "crc=1"), (2, "crc=0")] {
        let image = scratch.path("disk.img");
        fs::File::create(&image).unwrap().set_len(20 << 20).unwrap();
        let args = ["-q", "-f", "-m", version, "-p", &prototype, &image];
        let Some(bytes) = made("mkfs.xfs", &args, &image) else { return };
        try_damage(bytes, 202, seed);
    }
}

#[test]
fn damaged_ufs() {
    let scratch = Scratch::new();
    let folder = folder(&scratch);
    for (seed, options, order) in
        [(3, "version=1,bsize=4096,fsize=512", "be"), (4, "version=2", "le")]
    {
        let image = scratch.path("disk.img");
        let args = ["-t", "ffs", "-B", order, "-s", "16m", "-o", options, &image, &folder];
        let Some(bytes) = made("makefs", &args, &image) else { return };
        try_damage(bytes, 202, seed);
    }
}

/// The headers and tables of images in blocks.
#[test]
fn damaged_containers() {
    let scratch = Scratch::new();
    let mut rng = Rng::new(5);
    let mut bytes = vec![0; 3 << 20];
    rng.fill(&mut bytes[1 << 20..(1 << 20) + 300_000]);
    let raw = scratch.file("disk.raw", &bytes);
    for (kind, options) in [
        ("vmdk", "subformat=monolithicSparse"),
        ("vmdk", "subformat=streamOptimized"),
        ("vpc", "subformat=dynamic,force_size=on"),
        ("vhdx", "subformat=dynamic"),
        ("qcow2", "cluster_size=65536"),
    ] {
        let image = scratch.path(&format!("disk.{kind}"));
        let args = ["convert", "-f", "raw", "-O", kind, "-o", options, &raw, &image];
        let Some(image) = made("qemu-img", &args, &image) else { return };
        let format = super::Format::of(&image[..1 << 17]).unwrap();
        let image = Rc::new(image);
        let places: Vec<usize> = (0..image.len()).filter(|at| image[*at] != 0).collect();
        let read = |changes| {
            let source = Rc::new(Damaged { image: Rc::clone(&image), changes });
            let disk = super::disk(Path::new("disk.img"), source, format).ok()?;
            let mut all = vec![0; 3 << 20];
            let (read, _) = read_full_at(&*disk, &mut all, 0);
            let _ = disk.read_at(&mut [0; 512], u64::MAX - 1000);
            Some((read, all))
        };
        assert_eq!(read(Vec::new()), Some((bytes.len(), bytes.clone())), "{kind} {options}");
        for _ in 0..300 {
            let changes = (0..rng.range(1, 4)).map(|_| {
                let at = places[rng.index(places.len().min(400))];
                (at as u64, rng.any() as u8)
            });
            read(changes.collect());
        }
    }
}

/// Every byte of a text of LVM2, and of what is before it.
#[test]
fn damaged_lvm() {
    let group = "vg {\nid = \"a\"\nseqno = 1\nextent_size = 8\nphysical_volumes {\npv0 {\n\
        id = \"mTbYfh-NZFv-atEi-nJQJ-EePf-SDTZ-4eOYDt\"\npe_start = 16\n}\n}\nlogical_volumes {\n\
        root {\nstatus = [\"VISIBLE\"]\nsegment1 {\nstart_extent = 0\nextent_count = 9\n\
        type = \"striped\"\nstripe_size = 8\nstripes = [\n\"pv0\", 0,\n\"pv0\", 5\n]\n}\n}\n}\n}\n";
    let mut disk = vec![0; 1 << 16];
    let mut put = |at: usize, bytes: &[u8]| disk[at..at + bytes.len()].copy_from_slice(bytes);
    put(512, b"LABELONE\x01\0\0\0\0\0\0\0\0\0\0\0\x20\0\0\0LVM2 001");
    put(544, b"mTbYfhNZFvatEinJQJEePfSDTZ4eOYDt");
    put(584, &[0, 0x20]);
    put(616, &[0, 0x10]);
    put(4100, b" LVM2 x[5A%r0N*>\x01\0\0\0");
    put(4129, &[0x10]);
    put(4137, &[2]);
    put(4144, &(group.len() as u64).to_le_bytes());
    put(4608, group.as_bytes());
    let image = Rc::new(disk);
    for at in (0..image.len()).filter(|at| image[*at] != 0) {
        for value in [0, 0xff, b'9', b'}', image[at] ^ 1] {
            read_damaged(&image, vec![(at as u64, value)]);
        }
    }
}
