//! Pages of a database from its log, its journal, or its main file.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;

use crate::container::source::Source;
use crate::container::sqlite::header::{self, Header};
use crate::container::sqlite::journal::Journal;
use crate::container::sqlite::page_size;
use crate::container::sqlite::source::Files;
use crate::container::sqlite::wal::Wal;
use crate::error::Error;
use crate::error::database::{DatabaseFault, Part};

/// Bytes of pages to cache.
const CACHED: usize = 256 << 10;

/// Number of pages that a log or a journal is believed, if the file is shorter.
const PAGES: u32 = 1 << 20;

/// A page as it was read.
#[derive(Debug, Default)]
pub(crate) struct Image {
    pub(crate) number: u32,
    pub(crate) part: Part,
    /// Its offset in that file.
    pub(crate) offset: u64,
    /// Shorter than a page at the end of the file.
    pub(crate) bytes: Vec<u8>,
}

/// The files of a database as one. Keeps no file open: they are passed to each call.
#[derive(Debug)]
pub(crate) struct Pager {
    pub(crate) header: Header,
    pub(crate) wal: Option<Wal>,
    pub(crate) journal: Option<Journal>,
    /// Number of available pages.
    limit: u32,
    cache: Vec<Arc<Image>>,
    /// Largest number of cached pages.
    capacity: usize,
    /// The next page to evict.
    oldest: usize,
}

impl Pager {
    /// Reads the headers, and indexes log and journal. `None` if this is not a database; problems
    /// go to `faults`.
    pub(crate) fn open(files: Files<'_>, faults: &mut Vec<Error>) -> Option<Pager> {
        let mut wal = files.wal.and_then(|wal| Wal::read(wal, faults));
        let mut journal = files.journal.and_then(|journal| Journal::read(journal, faults));
        let first = first_page(files, wal.as_ref(), journal.as_ref());
        let mut fault = |part, page, fault| {
            faults.push(Error::Database { part, page, offset: 0, fault });
        };
        let parsed = Header::parse(&first);
        let is_headless = parsed.is_none();
        let stated = wal.as_ref().map(|wal| wal.page_size);
        let stated = stated.or(journal.as_ref().map(|journal| journal.page_size));
        let alone = files.alone();
        let size = || stated.filter(|_| alone.is_some()).or_else(|| page_size::guess(files.main));
        let mut header = parsed.or_else(|| size().map(Header::lost))?;
        if let Some(part) = alone {
            fault(part, 0, DatabaseFault::Alone);
        } else if is_headless {
            fault(Part::Db, 1, DatabaseFault::Header);
        } else if wal.is_none() && journal.is_none() {
            let size = page_size::corrected(files.main, &header);
            if size != header.page_size {
                fault(Part::Db, 1, DatabaseFault::PageSize);
                header.page_size = size;
            }
        }
        if header.encoding.is_none() {
            fault(Part::Db, 1, DatabaseFault::Encoding);
        }
        if header.read_version > 2 {
            fault(Part::Db, 1, DatabaseFault::Version);
        }
        let size = header.page_size;
        if wal.take_if(|wal| wal.page_size != size).is_some() {
            fault(Part::Wal, 0, DatabaseFault::OtherPageSize);
        }
        if journal.take_if(|journal| journal.page_size != size).is_some() {
            fault(Part::Journal, 0, DatabaseFault::OtherPageSize);
        }
        let there = files.main.len().div_ceil(size.into());
        let there = u32::try_from(there).unwrap_or(u32::MAX);
        let counted = wal.as_ref().and_then(|wal| wal.page_count);
        let limit = counted.or(journal.as_ref().map(|journal| journal.page_count));
        // Whoever forges the number shall not decide how long this takes.
        let limit = limit.map(|limit| limit.min(there.max(PAGES)));
        let capacity = CACHED.checked_div(size as usize).unwrap_or(0).clamp(4, 64);
        Some(Pager {
            header,
            wal,
            journal,
            limit: limit.unwrap_or(there),
            cache: Vec::new(),
            capacity,
            oldest: 0,
        })
    }

    /// Returns the number of available pages.
    pub(crate) fn limit(&self) -> u32 {
        self.limit
    }

    /// Returns whether the page count of the header is correct, as far as it can be checked.
    pub(crate) fn is_counted(&self) -> bool {
        let Header { page_count, change_counter, valid_for, .. } = self.header;
        page_count == 0 || change_counter != valid_for || page_count >= self.limit
    }

    /// Returns the place of a page: file and offset.
    pub(crate) fn place(&self, number: u32) -> (Part, u64) {
        let in_wal = self.wal.as_ref().and_then(|wal| wal.pages.get(&number));
        if let Some(&offset) = in_wal {
            return (Part::Wal, offset);
        }
        let in_journal = self.journal.as_ref().and_then(|journal| journal.pages.get(&number));
        if let Some(&offset) = in_journal {
            return (Part::Journal, offset);
        }
        let before = u64::from(number.saturating_sub(1));
        (Part::Db, before.saturating_mul(self.header.page_size.into()))
    }

    /// Returns the fault of a page.
    pub(crate) fn fault(&self, number: u32, fault: DatabaseFault) -> Error {
        let (part, offset) = self.place(number);
        Error::Database { part, page: number, offset, fault }
    }

    /// Reads a page, which may be truncated.
    pub(crate) fn page(&mut self, files: Files<'_>, number: u32) -> Result<Arc<Image>, Error> {
        if let Some(image) = self.cache.iter().find(|image| image.number == number) {
            return Ok(Arc::clone(image));
        }
        let (part, offset) = self.place(number);
        let source = match part {
            Part::Db => Some(files.main),
            Part::Wal => files.wal,
            Part::Journal => files.journal,
        };
        let is_page = (1..=self.limit).contains(&number);
        let Some(source) = source.filter(|_| is_page) else {
            return Err(self.fault(number, DatabaseFault::Missing));
        };
        let mut bytes = self.spare();
        bytes.resize(self.header.page_size as usize, 0);
        let read = source.read_at(&mut bytes, offset);
        bytes.truncate(read);
        if read == 0 {
            return Err(self.fault(number, DatabaseFault::Missing));
        }
        let image = Arc::new(Image { number, part, offset, bytes });
        self.keep(Arc::clone(&image));
        Ok(image)
    }

    /// Returns a buffer for a page: that of an evicted page, if it is no longer in use.
    fn spare(&mut self) -> Vec<u8> {
        if self.cache.len() < self.capacity {
            return Vec::new();
        }
        let oldest = self.cache.get_mut(self.oldest).and_then(Arc::get_mut);
        oldest
            .map(|image| {
                image.number = 0;
                mem::take(&mut image.bytes)
            })
            .unwrap_or_default()
    }

    fn keep(&mut self, image: Arc<Image>) {
        if self.cache.len() < self.capacity {
            return self.cache.push(image);
        }
        if let Some(place) = self.cache.get_mut(self.oldest) {
            *place = image;
        }
        self.oldest = self.oldest.saturating_add(1).checked_rem(self.capacity).unwrap_or(0);
    }
}

/// Returns the header's bytes, from the first page.
fn first_page(files: Files<'_>, wal: Option<&Wal>, journal: Option<&Journal>) -> [u8; header::LEN] {
    let mut first = [0; header::LEN];
    let mut read = |source: Option<&dyn Source>, offset: Option<&u64>| match (source, offset) {
        (Some(source), Some(&offset)) => source.read_at(&mut first, offset) == header::LEN,
        _ => false,
    };
    let _ = read(files.wal, wal.and_then(|wal| wal.pages.get(&1)))
        || read(files.journal, journal.and_then(|journal| journal.pages.get(&1)))
        || read(Some(files.main), Some(&0));
    first
}
