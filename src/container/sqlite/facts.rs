//! Facts from the headers and pages of a database besides its rows.

use alloc::vec::Vec;
use core::ops::Range;

use crate::container::sqlite::database::Database;
use crate::container::sqlite::freelist;
use crate::container::sqlite::header::{self, Header};
use crate::container::sqlite::node::Node;
use crate::container::sqlite::pages::PageSet;
use crate::container::sqlite::salvage::free_blocks;
use crate::container::sqlite::schema::ObjectKind;
use crate::container::sqlite::source::Files;
use crate::scan::is_zero;

/// Facts from the headers and pages of a database besides its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Facts {
    /// The header that is in force: that of the log or of the journal, if they have one.
    pub(crate) header: Header,
    /// The SQLite version in the main file's own header.
    pub(crate) own_version: u32,
    /// Frames of the log that belong to the database.
    pub(crate) log: Option<u64>,
    /// Pages that a hot journal restores.
    pub(crate) journal: Option<u64>,
    /// Indexes that somebody created.
    pub(crate) indexes: u32,
    pub(crate) triggers: u32,
    /// Tables and views besides the login tables.
    pub(crate) others: u32,
    /// Login tables.
    pub(crate) tables: u32,
    /// Bytes of free blocks and free pages that are not zero.
    pub(crate) residue: u64,
    /// The page of the first of them.
    pub(crate) residue_page: u32,
}

impl Facts {
    /// Reads every page once. `is_login` names the login tables.
    pub(crate) fn read(
        database: &mut Database,
        files: Files<'_>,
        is_login: impl Fn(&[u8]) -> bool,
    ) -> Facts {
        let Database { pager, schema } = database;
        let mut first = [0; header::LEN];
        files.main.read_at(&mut first, 0);
        let mut facts = Facts {
            header: pager.header,
            own_version: Header::parse(&first).map_or(0, |header| header.sqlite_version),
            log: pager.wal.as_ref().map(|wal| wal.committed),
            journal: pager.journal.as_ref().map(|journal| journal.page_numbers().count() as u64),
            indexes: 0,
            triggers: 0,
            others: 0,
            tables: 0,
            residue: 0,
            residue_page: 0,
        };
        for object in &schema.objects {
            let count = match object.kind {
                // SQLite's own: of keys, of statistics.
                _ if object.name.starts_with(b"sqlite_") => continue,
                ObjectKind::Table if is_login(&object.name) => &mut facts.tables,
                ObjectKind::Table | ObjectKind::View => &mut facts.others,
                ObjectKind::Index => &mut facts.indexes,
                ObjectKind::Trigger => &mut facts.triggers,
            };
            *count = count.saturating_add(1);
        }
        if pager.header.auto_vacuum {
            return facts; // whose pages of pointers look like others
        }
        let (usable, limit) = (pager.header.usable(), pager.limit());
        let mut free = PageSet::new(limit);
        let trunks = freelist::collect(pager, files, &mut free, &mut Vec::new());
        for number in 1..=limit {
            let Ok(image) = pager.page(files, number) else { continue };
            let page = image.bytes.as_slice();
            let used = match free.contains(number) {
                true if trunks.contains(number) => 0,
                true => bytes_set(page),
                false => match Node::parse(page, number, usable).filter(|node| !node.is_crowded) {
                    Some(node) => {
                        let blocks = free_blocks(page, &node).unwrap_or_default();
                        // The first four bytes are the next block and the length.
                        let after = |block: Range<usize>| {
                            page.get(block.start.saturating_add(4)..block.end).map(bytes_set)
                        };
                        blocks.into_iter().filter_map(after).fold(0, u64::saturating_add)
                    }
                    None => 0,
                },
            };
            if used > 0 && facts.residue == 0 {
                facts.residue_page = number;
            }
            facts.residue = facts.residue.saturating_add(used);
        }
        facts
    }
}

fn bytes_set(bytes: &[u8]) -> u64 {
    if is_zero(bytes) {
        return 0;
    }
    bytes.iter().filter(|&&byte| byte != 0).count() as u64
}
