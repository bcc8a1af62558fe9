//! Kinds of files without login records, and advice for them.

use core::fmt;

/// A kind of file without login records, or with records inside another format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Foreign {
    /// The name with its article, such as `a tar archive`.
    pub name: &'static str,
    /// The class it belongs to, which decides the advice.
    pub class: ForeignClass,
}

/// A class of files without login records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum ForeignClass {
    /// An archive: tar, cpio, zip.
    Archive,
    /// A compressed file: gzip, xz.
    Compressed,
    /// A disk image in a container format: E01, qcow2, VMDK.
    DiskImage,
    /// A raw disk, partition or volume: MBR, GPT, ext4, LVM.
    Volume,
    /// A database: SQLite, Berkeley DB.
    Database,
    /// A file that is read together with a database: its log or its journal.
    DatabasePart,
    /// A program, a library or an object file.
    Program,
    /// Any other text.
    Text,
    /// Text that `undump` turns back into records: from fwtmp or utmpdump, or JSON lines.
    Dump,
    /// A placeholder for a file that is stored elsewhere: a Git LFS pointer.
    Pointer,
    /// Process accounting.
    Accounting,
    /// A picture, a document, a packet capture.
    Other,
}

impl Foreign {
    pub(super) const fn new(name: &'static str, class: ForeignClass) -> Foreign {
        Foreign { name, class }
    }

    /// Returns advice for the next step; empty if there is none.
    pub fn advice(&self) -> &'static str {
        match self.class {
            ForeignClass::Archive => "unpack it first",
            ForeignClass::Compressed => "decompress it first",
            ForeignClass::DiskImage => "mount it read-only, or convert it to a raw image",
            ForeignClass::Volume => "mount it read-only for --root; carve finds records in it",
            ForeignClass::Database => "it has no login records",
            ForeignClass::DatabasePart => {
                "name the database itself; what is beside it is read with it"
            }
            ForeignClass::Dump => "undump turns it back into records",
            ForeignClass::Pointer => "fetch the file it refers to",
            ForeignClass::Accounting => "it contains processes, not logins",
            ForeignClass::Program | ForeignClass::Text | ForeignClass::Other => "",
        }
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.advice() {
            "" => f.write_str(self.name),
            advice => write!(f, "{}: {advice}", self.name),
        }
    }
}
