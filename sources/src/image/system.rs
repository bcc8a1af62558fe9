//! File systems by their superblocks.

use std::io;
use std::rc::Rc;

use loginrec::read::ReadAt;

use super::bytes::array;
use super::ext::{self, ExtTree};
use super::{ufs, xfs};
use crate::tree::Tree;

/// The file systems that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    Ext,
    Xfs,
    Ufs,
}

impl System {
    /// Returns what a partition that begins with `head` has; `None` for anything else.
    pub(super) fn of(head: &[u8]) -> Option<System> {
        match head {
            head if xfs::is_xfs(head) => Some(System::Xfs),
            head if ext::is_ext(head) => Some(System::Ext),
            head if ufs::is_ufs(head) => Some(System::Ufs),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            System::Ext => "ext2, ext3 or ext4",
            System::Xfs => "XFS",
            System::Ufs => "UFS",
        }
    }

    /// Returns its UUID as text.
    pub(super) fn uuid(self, head: &[u8]) -> Option<String> {
        let at = match self {
            System::Ext => 1024 + 104,
            System::Xfs => 32,
            System::Ufs => return None,
        };
        let uuid: [u8; 16] = array(head, at)?;
        let mut text = String::new();
        for (number, byte) in uuid.iter().enumerate() {
            if matches!(number, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            text.push_str(&format!("{byte:02x}"));
        }
        Some(text)
    }

    /// Returns its label.
    pub(super) fn label(self, head: &[u8]) -> String {
        let label = match self {
            System::Ext => head.get(1024 + 120..1024 + 136),
            System::Xfs => head.get(108..120),
            System::Ufs => ufs::label(head),
        };
        let label = label.unwrap_or_default();
        let label = label.split(|byte| *byte == 0).next().unwrap_or_default();
        String::from_utf8_lossy(label).into_owned()
    }

    /// Opens a disk that begins with `head`. `note` is told what is worth knowing.
    pub(super) fn open(
        self,
        disk: &Rc<dyn ReadAt>,
        head: &[u8],
        note: &mut dyn FnMut(&str),
    ) -> io::Result<Rc<dyn Tree>> {
        match self {
            System::Ext => Ok(Rc::new(ExtTree::open(Rc::clone(disk))?)),
            System::Xfs => xfs::open(disk, note),
            System::Ufs => ufs::open(disk, head),
        }
    }
}
