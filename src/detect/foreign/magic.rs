//! Recognizes files by magic numbers at their beginning or end.

use crate::detect::foreign::bytes::Bytes;
use crate::detect::foreign::kind::Foreign;
use crate::detect::foreign::kind::ForeignClass::{
    self, Archive, Compressed, Database, DatabasePart, DiskImage, Other, Program,
};
use crate::endian::Endian;
use crate::error::database::Part;

const EWF: Foreign = Foreign::new("an image in Expert Witness Format (EWF, E01)", DiskImage);
const VMDK: Foreign = Foreign::new("a VMDK disk image", DiskImage);
const VHD: Foreign = Foreign::new("a VHD disk image", DiskImage);
const DMG: Foreign = Foreign::new("an Apple disk image (DMG)", DiskImage);
const PARALLELS: Foreign = Foreign::new("a Parallels disk image", DiskImage);
const ELF: Foreign = Foreign::new("an ELF file", Program);
const MACH_O: Foreign = Foreign::new("a Mach-O program", Program);
const JAVA: Foreign = Foreign::new("a Java class", Program);
const AR: Foreign = Foreign::new("an ar archive", Archive);
const ASL: Foreign = Foreign::new("a file of the Apple System Log in an unknown version", Other);

const WAL: Foreign = Foreign::new("the write-ahead log of an SQLite database", DatabasePart);
const SHM: Foreign = Foreign::new("the index of an SQLite write-ahead log", DatabasePart);
const JOURNAL: Foreign = Foreign::new("the journal of an SQLite database", DatabasePart);

/// Returns the description of a log or a journal.
pub(in crate::detect) const fn database_part(part: Part) -> Foreign {
    match part {
        Part::Journal => JOURNAL,
        _ => WAL,
    }
}

pub(in crate::detect) const SQLITE: Foreign = Foreign::new("an SQLite database", Database);

/// A magic number that no record begins with, with name and class.
type Head = (&'static [u8], &'static str, ForeignClass);

/// Each contains a byte that is not text.
static HEADS: &[Head] = &[
    (b"SQLite format 3\0", "an SQLite database", Database),
    (b"QFI\xfb\0\0\0", "a qcow2 disk image", DiskImage),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", Archive),
    (b"Rar!\x1a\x07", "a RAR archive", Archive),
    (b"\xfd7zXZ\0", "xz data", Compressed),
    (b"\x89LZO\0\r\n\x1a\n", "lzop data", Compressed),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", Other),
    (b"\xed\xab\xee\xdb\x03", "an RPM package", Archive),
    (b"MSCF\0\0\0\0", "a cabinet archive", Archive),
    (b"xar!\0\x1c\0\x01", "a xar archive", Archive),
    (b"ElfFile\0", "a Windows event log", Other),
    (b"LPKSHHRH", "a journal of systemd", Other),
    (b"AFF10\r\n\0", "an AFF disk image", DiskImage),
    (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "a JPEG picture", Other),
];

/// Like [`HEADS`], but short or textual: only used if there are no records.
static LIKELY: &[Head] = &[
    (b"\x1f\x8b", "gzip data", Compressed),
    (b"\x1f\x9d", "data of compress(1)", Compressed),
    (b"\x1f\x1e", "data of pack(1)", Compressed),
    (b"BZh", "bzip2 data", Compressed),
    (b"\x28\xb5\x2f\xfd", "zstd data", Compressed),
    (b"\x04\x22\x4d\x18", "lz4 data", Compressed),
    (b"LZIP\x01", "lzip data", Compressed),
    (b"PK\x03\x04", "a zip archive", Archive),
    (b"SQLite", "the beginning of an SQLite database", Database),
    (b"\x7fELF", "an ELF file", Program),
    (b"\x89PNG", "a PNG picture", Other),
    (b"\xff\xd8\xff", "a JPEG picture", Other),
    (b"GIF8", "a GIF picture", Other),
    (b"%PDF-", "a PDF document", Other),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a Microsoft Office document", Other),
    (b"regf", "a hive of the Windows registry", Other),
    (b"\xd4\xc3\xb2\xa1", "a packet capture", Other),
    (b"\xa1\xb2\xc3\xd4", "a packet capture", Other),
    (b"\x0a\x0d\x0d\x0a", "a packet capture", Other),
    (b"MZ", "a DOS or Windows program", Program),
    (b"QFI\xfb", "a qcow2 disk image", DiskImage),
    (b"EVF", "an image in Expert Witness Format (EWF, E01)", DiskImage),
    (b"\0\x06\x15\x61", "a Berkeley DB 1.85 hash file without lastlogx values", Database),
    (b"\x61\x15\x06\0", "a Berkeley DB 1.85 hash file without lastlogx values", Database),
];

pub(super) fn certain(bytes: &Bytes<'_>) -> Option<Foreign> {
    let found = match bytes.head {
        [0x7f, b'E', b'L', b'F', 1 | 2, 1 | 2, 1, ..] => Some(ELF),
        [b'E' | b'L', b'V', b'F', 9, 13, 10, 255, 0, ..]
        | [b'E' | b'L', b'V' | b'E', b'F', b'2', 13, 10, 129, 0, ..] => Some(EWF),
        [b'K', b'D', b'M', b'V', 1..=3, 0, 0, 0, ..] | [b'C', b'O', b'W', b'D', 1, 0, 0, 0, ..] => {
            Some(VMDK)
        }
        [b'#', b' ', b'D', b'i', b's', b'k', ..] if bytes.has(0, b"# Disk DescriptorFile") => {
            Some(VMDK)
        }
        [b'c', b'o', b'n', b'e', ..] if bytes.has(0, b"conectix\0\0\0") => Some(VHD),
        [b'v', b'h', b'd', b'x', ..] if bytes.has(0, b"vhdxfile") => {
            Some(Foreign::new("a VHDX disk image", DiskImage))
        }
        [b'W', b'i', b't', b'h', ..]
            if bytes.has(0, b"WithoutFreeSpace\x02") || bytes.has(0, b"WithouFreSpacExt\x02") =>
        {
            Some(PARALLELS)
        }
        [0x37, 0x7f, 6, 0x82 | 0x83, 0, 0x2d, 0xe2, 0x18, ..] => Some(WAL),
        [0xd9, 0xd5, 5, 0xf9, 0x20, 0xa1, 0x63, 0xd7, ..] => Some(JOURNAL),
        // Both copies of the header, in the byte order of the machine.
        [0x18, 0xe2, 0x2d, 0, ..] | [0, 0x2d, 0xe2, 0x18, ..]
            if bytes.at(0, 48).len() == 48 && bytes.has(48, bytes.at(0, 48)) =>
        {
            Some(SHM)
        }
        [b'!', b'<', b'a', b'r', ..] if bytes.has(0, b"!<arch>\n") => Some(AR),
        [b'<', b'b' | b'a', ..] if bytes.has(0, b"<bigaf>\n") || bytes.has(0, b"<aiaff>\n") => {
            Some(AR)
        }
        [b'A', b'S', b'L', ..] if bytes.has(0, b"ASL DB\0\0\0\0\0\0") => Some(ASL),
        [0xca, 0xfe, 0xba, 0xbe, ..] => java_or_fat(bytes),
        [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] if is_mach_o(bytes, Endian::Little) => Some(MACH_O),
        [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] if is_mach_o(bytes, Endian::Big) => Some(MACH_O),
        [b'M', b'Z', ..] if is_pe(bytes) => Some(Foreign::new("a Windows program", Program)),
        [0x7f, 0x10, 0xda, 0xbe, ..] | [b'<', b'<', b'<', b' ', ..]
            if bytes.le(64, 4) == 0xbeda_107f =>
        {
            Some(Foreign::new("a VDI disk image", DiskImage))
        }
        _ => None,
    };
    found.or_else(|| of_heads(bytes, HEADS)).or_else(|| at_end(bytes))
}

pub(super) fn likely(bytes: &Bytes<'_>) -> Option<Foreign> {
    of_heads(bytes, LIKELY)
}

fn of_heads(bytes: &Bytes<'_>, heads: &[Head]) -> Option<Foreign> {
    let head = heads.iter().find(|(head, ..)| bytes.head.starts_with(head));
    head.map(|&(_, name, class)| Foreign::new(name, class))
}

/// Images with their header at the end.
fn at_end(bytes: &Bytes<'_>) -> Option<Foreign> {
    if bytes.has_before_end(512, b"conectix\0\0\0") || bytes.has_before_end(511, b"conectix\0\0\0")
    {
        return Some(VHD);
    }
    bytes.has_before_end(512, b"koly\0\0\0\x04\0\0\x02\0").then_some(DMG)
}

/// Distinguishes a Java class from a program for several processors: the latter has a small number
/// where a class has a version of 45 or more.
fn java_or_fat(bytes: &Bytes<'_>) -> Option<Foreign> {
    match bytes.be(4, 4) {
        1..=20 => Some(MACH_O),
        _ => matches!(bytes.be(6, 2), 45..=100).then_some(JAVA),
    }
}

/// Returns whether the processor type and the file type exist.
fn is_mach_o(bytes: &Bytes<'_>, order: Endian) -> bool {
    let (processor, kind) = (bytes.int(order, 4, 4) & 0x00ff_ffff, bytes.int(order, 12, 4));
    matches!(processor, 1..=18) && matches!(kind, 1..=12)
}

fn is_pe(bytes: &Bytes<'_>) -> bool {
    let at = bytes.le(0x3c, 4);
    usize::try_from(at).is_ok_and(|at| bytes.has(at, b"PE\0\0"))
}
