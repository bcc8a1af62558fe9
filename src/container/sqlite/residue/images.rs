//! Every image of a page in the files of a database.

use alloc::vec::Vec;

use crate::container::source::Source;
use crate::container::sqlite::pager::Pager;
use crate::container::sqlite::source::{Files, MAGIC, be32};
use crate::error::database::Part;

/// Length of the header of a log, and of that of a frame.
const LOG_HEADER: u64 = 32;
const FRAME: u64 = 24;
/// Distance of the first page of a journal whose header is cleared.
const SECTOR: u64 = 512;

/// Where an image of a page comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// It was committed, or nobody knows.
    Gone,
    /// In a frame of the log behind the last commit.
    Uncommitted,
    /// In a page that a hot journal restores.
    Undone,
}

/// A page as it lies in a file.
#[derive(Debug)]
pub(super) struct PageImage {
    pub(super) number: u32,
    pub(super) part: Part,
    pub(super) offset: u64,
    pub(super) origin: Origin,
    /// Whether it is the page as the database has it now.
    pub(super) is_live: bool,
}

/// Calls `f` with every image and its bytes, which may be cut short.
pub(super) fn each(pager: &Pager, files: Files<'_>, mut f: impl FnMut(PageImage, &[u8])) {
    let size = pager.header.page_size as usize;
    let mut bytes = alloc::vec![0; size];
    let mut read = |source: &dyn Source, image: PageImage| {
        let read = source.read_at(&mut bytes, image.offset);
        let bytes = bytes.get(..read).unwrap_or_default();
        if read > 0 {
            f(image, bytes);
        }
    };
    let places = places(pager, files, size as u64);
    for (number, part, offset, origin) in places {
        let is_page = (1..=pager.limit()).contains(&number);
        let is_live = is_page && pager.place(number) == (part, offset);
        let source = match part {
            Part::Db => Some(files.main),
            Part::Wal => files.wal,
            Part::Journal => files.journal,
        };
        if let Some(source) = source {
            read(source, PageImage { number, part, offset, origin, is_live });
        }
    }
}

type PlaceOf = (u32, Part, u64, Origin);

fn places<'a>(
    pager: &'a Pager,
    files: Files<'a>,
    size: u64,
) -> impl Iterator<Item = PlaceOf> + use<'a> {
    let count = files.main.len().div_ceil(size.max(1));
    let main = (0..u32::try_from(count).unwrap_or(u32::MAX)).map(move |before| {
        let (number, offset) = (before.saturating_add(1), u64::from(before).saturating_mul(size));
        // Pages that the transaction added are behind the end.
        let is_undone = pager.place(number).0 == Part::Journal
            || pager.journal.is_some() && number > pager.limit();
        let origin = if is_undone { Origin::Undone } else { Origin::Gone };
        (number, Part::Db, offset, origin)
    });
    let frames = files.wal.into_iter().flat_map(move |log| frames(pager, log, size));
    let kept = files.journal.into_iter().flat_map(move |journal| kept(journal, size));
    main.chain(frames).chain(kept)
}

/// The frames of a log, whatever their checksums.
fn frames(pager: &Pager, log: &dyn Source, size: u64) -> Vec<PlaceOf> {
    let (mut found, mut at) = (Vec::new(), LOG_HEADER);
    let mut own = [0; 8];
    log.read_at(&mut own, 16);
    let committed = pager.wal.as_ref().map_or(0, |wal| wal.committed);
    let mut number = 0u64;
    while at.saturating_add(FRAME) < log.len() {
        let mut head = [0; 16];
        log.read_at(&mut head, at);
        let page = be32(&head, 0).unwrap_or_default();
        // Those of an earlier log were in the database once.
        let is_own = head.get(8..) == Some(&own) && head.iter().any(|&byte| byte != 0);
        let origin = if is_own && number >= committed { Origin::Uncommitted } else { Origin::Gone };
        found.push((page, Part::Wal, at.saturating_add(FRAME), origin));
        number = number.saturating_add(1);
        at = at.saturating_add(FRAME).saturating_add(size);
    }
    found
}

/// The pages of a journal, hot or spent, whatever its counts.
fn kept(journal: &dyn Source, size: u64) -> Vec<PlaceOf> {
    let (mut found, mut at) = (Vec::new(), 0u64);
    let mut head = [0; 28];
    journal.read_at(&mut head, 0);
    let stated = be32(&head, 20).filter(|sector| head.starts_with(MAGIC) && *sector > 0);
    let sector = stated.map_or(SECTOR, u64::from);
    let step = size.saturating_add(8);
    while at.saturating_add(12) < journal.len() {
        let is_read = journal.read_at(&mut head, at) > 12;
        let is_header = at.checked_rem(sector) == Some(0) && (at == 0 || head.starts_with(MAGIC));
        if is_header {
            at = at.saturating_add(sector);
            continue;
        }
        let page = be32(&head, 0).filter(|_| is_read).unwrap_or_default();
        found.push((page, Part::Journal, at.saturating_add(4), Origin::Gone));
        at = at.saturating_add(step);
        // The next segment begins at a sector, behind what fills the last one.
        let next = at.checked_next_multiple_of(sector).unwrap_or(u64::MAX);
        if next > at && journal.read_at(&mut head, next) > 12 && head.starts_with(MAGIC) {
            at = next;
        }
    }
    found
}
