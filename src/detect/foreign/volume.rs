//! Recognizes disk images: partition tables, file systems, volumes.

use crate::detect::foreign::bytes::{Bytes, is_power};
use crate::detect::foreign::kind::{Foreign, ForeignClass::Volume};
use crate::endian::Endian;
use crate::scan::is_zero;

const fn volume(name: &'static str) -> Foreign {
    Foreign::new(name, Volume)
}

const GPT: Foreign = volume("a disk with a GPT partition table");
const MBR: Foreign = volume("a disk with an MBR partition table");
const APPLE: Foreign = volume("a disk with an Apple partition map");
const SUN: Foreign = volume("a disk with a Sun label");
const SGI: Foreign = volume("a disk with an SGI volume header");
const BSD: Foreign = volume("a disk with a BSD label");
const EXT: Foreign = volume("an ext2, ext3 or ext4 file system");
const XFS: Foreign = volume("an XFS file system");
const UFS: Foreign = volume("a UFS file system");
const BTRFS: Foreign = volume("a Btrfs file system");
const F2FS: Foreign = volume("an F2FS file system");
const EROFS: Foreign = volume("an EROFS file system");
const SQUASHFS: Foreign = volume("a SquashFS file system");
const REISERFS: Foreign = volume("a ReiserFS file system");
const JFS: Foreign = volume("a JFS file system");
const ZFS: Foreign = volume("a part of a ZFS pool");
const MINIX: Foreign = volume("a MINIX file system");
const APFS: Foreign = volume("an APFS container");
const HFS: Foreign = volume("an HFS+ file system");
const FAT: Foreign = volume("a FAT file system");
const NTFS: Foreign = volume("an NTFS file system");
const EXFAT: Foreign = volume("an exFAT file system");
const ISO: Foreign = volume("an ISO 9660 file system");
const LVM: Foreign = volume("a physical volume of LVM");
const LUKS: Foreign = volume("a volume encrypted with LUKS");
const RAID: Foreign = volume("a part of a Linux RAID");
const SWAP: Foreign = volume("Linux swap space");

pub(super) fn find(bytes: &Bytes<'_>) -> Option<Foreign> {
    first_sector(bytes).or_else(|| further_in(bytes)).or_else(|| boot_sector(bytes))
}

/// Those that say so at their beginning.
fn first_sector(bytes: &Bytes<'_>) -> Option<Foreign> {
    let found = match bytes.head {
        [b'X', b'F', b'S', b'B', ..] if is_power(bytes.be(4, 4), 512, 65_536) => XFS,
        [b'h', b's', b'q', b's', ..] if bytes.le(28, 2) == 4 => SQUASHFS,
        [b'L', b'U', b'K', b'S', 0xba, 0xbe, 0, 1 | 2, ..] => LUKS,
        [b'E', b'R', ..] if bytes.has(512, b"PM") => APPLE,
        [0x0b, 0xe5, 0xa9, 0x41, ..] if sums_to_zero(bytes) => SGI,
        _ if bytes.has(32, b"NXSB") && is_power(bytes.le(36, 4), 4096, 65_536) => APFS,
        _ => return None,
    };
    Some(found)
}

/// Returns the first sector of an SGI disk: 128 big-endian numbers whose sum is zero.
fn sums_to_zero(bytes: &Bytes<'_>) -> bool {
    let (words, _) = bytes.at(0, 512).as_chunks::<4>();
    words.iter().fold(0u32, |sum, word| sum.wrapping_add(u32::from_be_bytes(*word))) == 0
}

/// File systems whose magic number follows the space for a boot program.
fn further_in(bytes: &Bytes<'_>) -> Option<Foreign> {
    if bytes.has(512, b"EFI PART\0\0\x01\0") || bytes.has(4096, b"EFI PART\0\0\x01\0") {
        return Some(GPT);
    }
    match bytes.at(1024, 4) {
        [0x10, 0x20, 0xf5, 0xf2] => return Some(F2FS),
        [0xe2, 0xe1, 0xf5, 0xe0] => return Some(EROFS),
        [b'H', b'+', 0, 4] | [b'H', b'X', 0, 5] => return Some(HFS),
        _ => {}
    }
    let found = match () {
        () if is_ext(bytes) => EXT,
        () if is_minix(bytes) => MINIX,
        () if is_ufs(bytes) => UFS,
        () if bytes.has(65_600, b"_BHRfS_M") && bytes.le(65_584, 8) == 65_536 => BTRFS,
        () if bytes.has(32_769, b"CD001\x01") => ISO,
        () if bytes.has(65_588, b"ReIsEr") => REISERFS,
        () if bytes.has(32_768, b"JFS1") && bytes.le(32_772, 4) < 3 => JFS,
        () if is_zfs(bytes) => ZFS,
        () if (0..4).any(|sector| is_lvm(bytes, sector)) => LVM,
        () if [0, 4096].into_iter().any(|at| bytes.has(at, b"\xfc\x4e\x2b\xa9\x01\0\0\0")) => RAID,
        () if bytes.has(4086, b"SWAPSPACE2") || bytes.has(65_526, b"SWAPSPACE2") => SWAP,
        () if is_bsd_label(bytes) => BSD,
        () if is_sun_label(bytes) => SUN,
        () => return None,
    };
    Some(found)
}

/// Returns the superblock: a magic number of two bytes, and a dozen numbers that must agree.
fn is_ext(bytes: &Bytes<'_>) -> bool {
    let at = |offset: usize, width| bytes.le(offset.saturating_add(1024), width);
    if at(56, 2) != 0xef53 {
        return false;
    }
    let (inodes, blocks, reserved) = (at(0, 4), at(4, 4), at(8, 4));
    let (free_blocks, free_inodes) = (at(12, 4), at(16, 4));
    let (first, block_size, per_group) = (at(20, 4), at(24, 4), at(32, 4));
    inodes > 0
        && blocks > 0
        && reserved.max(free_blocks) <= blocks
        && free_inodes <= inodes
        && first <= 1
        && block_size <= 6
        && (1..=524_288).contains(&per_group)
        && at(76, 4) <= 1
}

/// Versions 1 to 3, in either byte order.
fn is_minix(bytes: &Bytes<'_>) -> bool {
    let is = |order: Endian| {
        let old = matches!(bytes.int(order, 1040, 2), 0x137f | 0x138f | 0x2468 | 0x2478);
        let (inodes, maps) = (bytes.int(order, 1024, 2), bytes.int(order, 1028, 2));
        let (first, shift) = (bytes.int(order, 1032, 2), bytes.int(order, 1034, 2));
        // Boot block, superblock, maps and the table of inodes lie before the data.
        let is_old = old && inodes > 0 && maps > 0 && shift < 5 && first > maps;
        let is_new = bytes.int(order, 1048, 2) == 0x4d5a
            && is_power(bytes.int(order, 1052, 2), 1024, 32_768)
            && bytes.int(order, 1024, 4) > 0;
        is_old || is_new
    };
    is(Endian::Little) || is(Endian::Big)
}

/// Returns the superblock of FFS at the places where any system keeps it, in either byte order.
fn is_ufs(bytes: &Bytes<'_>) -> bool {
    [0, 8192, 65_536, 262_144].into_iter().any(|start: usize| {
        let magic = start.saturating_add(1372);
        let (size, piece) = (start.saturating_add(48), start.saturating_add(52));
        let is = |order: Endian| {
            matches!(bytes.int(order, magic, 4), 0x0001_1954 | 0x1954_0119)
                && is_power(bytes.int(order, size, 4), 4096, 65_536)
                && is_power(bytes.int(order, piece, 4), 512, 65_536)
        };
        is(Endian::Little) || is(Endian::Big)
    })
}

/// Returns a label of ZFS: a list of names and values 16 KiB in.
fn is_zfs(bytes: &Bytes<'_>) -> bool {
    let is_list = matches!(bytes.at(16_384, 4), [1, 0 | 1, 0, 0]);
    is_list && bytes.at(16_384, 256).windows(7).any(|name| name == b"version")
}

fn is_lvm(bytes: &Bytes<'_>, sector: usize) -> bool {
    let start = sector.saturating_mul(512);
    bytes.has(start, b"LABELONE") && bytes.has(start.saturating_add(24), b"LVM2 001")
}

/// Returns the label of 4.3BSD and later, which has its magic number twice.
fn is_bsd_label(bytes: &Bytes<'_>) -> bool {
    [0, 64, 128, 512].into_iter().any(|start: usize| {
        let twice = |order: Endian| {
            [start, start.saturating_add(132)]
                .into_iter()
                .all(|at| bytes.int(order, at, 4) == 0x8256_4557)
        };
        twice(Endian::Little) || twice(Endian::Big)
    })
}

/// Returns the label of SunOS: 256 numbers of 16 bits, of which the exclusive or is zero.
fn is_sun_label(bytes: &Bytes<'_>) -> bool {
    let (words, _) = bytes.at(0, 512).as_chunks::<2>();
    bytes.be(508, 2) == 0xdabe
        && words.iter().fold(0u16, |sum, word| sum ^ u16::from_be_bytes(*word)) == 0
}

/// Those with a boot sector of the PC.
fn boot_sector(bytes: &Bytes<'_>) -> Option<Foreign> {
    if !bytes.has(510, &[0x55, 0xaa]) {
        return None;
    }
    if bytes.has(3, b"NTFS    ") {
        return Some(NTFS);
    }
    if bytes.has(3, b"EXFAT   ") {
        return Some(EXFAT);
    }
    if is_fat(bytes) {
        return Some(FAT);
    }
    has_partitions(bytes).then_some(MBR)
}

fn is_fat(bytes: &Bytes<'_>) -> bool {
    matches!(bytes.head, [0xeb, _, 0x90, ..] | [0xe9, ..])
        && is_power(bytes.le(11, 2), 512, 4096)
        && is_power(bytes.le(13, 1), 1, 128)
        && bytes.le(14, 2) > 0
        && matches!(bytes.le(16, 1), 1 | 2)
        && matches!(bytes.le(21, 1), 0xf0 | 0xf8..=0xff)
}

/// Four entries that are empty or have a type, a start and a length.
fn has_partitions(bytes: &Bytes<'_>) -> bool {
    let (entries, _) = bytes.at(446, 64).as_chunks::<16>();
    let word = |bytes: [u8; 4]| u32::from_le_bytes(bytes);
    let is_used = |entry: &[u8; 16]| match *entry {
        [0 | 0x80, _, _, _, kind, _, _, _, a, b, c, d, e, f, g, h] => {
            kind != 0 && word([a, b, c, d]) > 0 && word([e, f, g, h]) > 0
        }
        _ => false,
    };
    let used = entries.iter().filter(|entry| is_used(entry)).count();
    used > 0 && entries.iter().all(|entry| is_used(entry) || is_zero(entry))
}
