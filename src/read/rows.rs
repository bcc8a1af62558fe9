//! Rows of a database and messages of a log, chunk by chunk.

use std::boxed::Box;
use std::cell::Cell;
use std::io;
use std::vec::{IntoIter, Vec};

use crate::container::asl::messages::{Messages, Step};
use crate::container::asl::slots::SlotMessages;
use crate::container::row::RowMap;
use crate::container::session::Session;
use crate::container::source::Source;
use crate::container::sqlite::database::Database;
use crate::container::sqlite::header::Encoding;
use crate::container::sqlite::residue::{self, Found};
use crate::container::sqlite::rows::Rows;
use crate::container::sqlite::schema::Table;
use crate::container::sqlite::source::Files;
use crate::container::stored_row::push_fault;
use crate::container::{Container, Position};
use crate::error::Error;
use crate::error::database::{DatabaseFault, Part};
use crate::layout::Layout;
use crate::read::error::ReadError;
use crate::read::feed::Feed;
use crate::read::read_at::{ReadAt, read_full_at};
use crate::read::record::{Records, RowState};

/// A source as the reader of databases asks it. Keeps the first error.
struct AtSource<'s> {
    source: &'s dyn ReadAt,
    len: u64,
    error: Cell<Option<(u64, io::Error)>>,
}

impl<'s> AtSource<'s> {
    fn new(source: &'s dyn ReadAt) -> AtSource<'s> {
        let (len, error) = match source.size() {
            Ok(len) => (len, None),
            Err(error) => (0, Some((0, error))),
        };
        AtSource { source, len, error: Cell::new(error) }
    }
}

impl Source for AtSource<'_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> usize {
        let (read, error) = read_full_at(self.source, buffer, offset);
        if let Some(error) = error {
            let first = self.error.take().unwrap_or((offset, error));
            self.error.set(Some(first));
        }
        read
    }
}

/// Calls `f` with a database and its log and journal. The error is that of the system, if something
/// could not be read.
pub(crate) fn with_files<T>(
    source: &dyn ReadAt,
    f: impl FnOnce(Files<'_>) -> T,
) -> (T, Option<(u64, io::Error)>) {
    let main = AtSource::new(source);
    let beside = |part| source.beside(part).map(AtSource::new);
    let (wal, journal) = (beside(Part::Wal), beside(Part::Journal));
    let wal_source = wal.as_ref().map(|wal| wal as &dyn Source);
    let journal_source = journal.as_ref().map(|journal| journal as &dyn Source);
    let files = match source.beside(Part::Db) {
        // A log or a journal is read with its database.
        Some(_) => Files { main: &main, wal: None, journal: None },
        None => Files::of(&main, wal_source, journal_source),
    };
    let done = f(files);
    let beside = [wal, journal].into_iter().flatten().find_map(|source| source.error.take());
    (done, main.error.take().or(beside))
}

/// Most bytes of a database that is read as a whole: a lastlogx of some 600,000 users.
pub(crate) const DATABASE_LIMIT: u64 = 256 << 20;
/// Bytes of a stream that are read at a time.
const PIECE: usize = 256 << 10;

/// Why a larger one is not read.
pub(super) fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "a database of more than 256 MiB is not read")
}

/// Reads a database that comes as a stream: its pages are in no order.
fn read_all(feed: &mut impl Feed, buffer: &mut Vec<u8>) -> Result<(), ReadError> {
    loop {
        let filled = buffer.len();
        buffer.resize(filled.saturating_add(PIECE), 0);
        let room = buffer.get_mut(filled..).unwrap_or_default();
        let (read, error) = feed.fill(room, filled as u64);
        buffer.truncate(filled.saturating_add(read));
        match error {
            Some(error) => return Err(ReadError::new(buffer.len() as u64, error)),
            None if read == 0 => return Ok(()),
            None if buffer.len() as u64 > DATABASE_LIMIT => {
                return Err(ReadError::new(0, too_large()));
            }
            None => {}
        }
    }
}

/// A file that is being read.
#[derive(Debug)]
enum Open {
    Table(Box<OpenTable>),
    Messages(Messages),
    Slots(SlotMessages),
    Session(Session),
}

/// A database that is being read.
#[derive(Debug)]
struct OpenTable {
    database: Database,
    table: Table,
    rows: Rows,
    map: RowMap,
    /// The rows that the database no longer has; `None` before they were looked for.
    found: Option<IntoIter<Found>>,
}

/// Reads the rows of the table that a layout is about.
#[derive(Debug, Default)]
pub(crate) struct RowReader {
    open: Option<Open>,
    /// Whether to look for rows that the database no longer has.
    is_deleted_too: bool,
    is_begun: bool,
    is_over: bool,
    /// The rows of this chunk.
    bytes: Vec<u8>,
    /// The number of the first of them.
    index: u64,
    rows: u64,
}

impl RowReader {
    /// Returns, after the rows of the table, those that the database no longer has.
    pub(super) fn deleted(&mut self, yes: bool) {
        self.is_deleted_too = yes;
    }

    /// Reads the next rows of a source, or of a stream, which is read into `buffer` as a whole.
    pub(super) fn next_of<'a>(
        &'a mut self,
        layout: &'static Layout,
        feed: &mut impl Feed,
        buffer: &mut Vec<u8>,
        target: usize,
    ) -> Result<Option<Records<'a>>, ReadError> {
        if let Some(source) = feed.source() {
            return self.next(layout, source, target);
        }
        if !self.is_begun && !self.is_over {
            self.is_over = true;
            read_all(feed, buffer)?;
            self.is_over = false;
        }
        self.next(layout, buffer, target)
    }

    /// Reads the next rows, about `target` bytes of them. `None` at the end.
    pub(super) fn next<'a>(
        &'a mut self,
        layout: &'static Layout,
        source: &dyn ReadAt,
        target: usize,
    ) -> Result<Option<Records<'a>>, ReadError> {
        if self.is_over {
            return Ok(None);
        }
        self.bytes.clear();
        self.index = self.index.saturating_add(self.rows);
        self.rows = 0;
        let ((), error) = with_files(source, |files| {
            if !self.is_begun {
                self.begin(layout, files);
            }
            self.fill(files, target);
        });
        if let Some((offset, error)) = error {
            self.is_over = true;
            return Err(ReadError::new(offset, error));
        }
        self.is_over |= self.bytes.is_empty();
        Ok((!self.is_over).then(|| self.records(layout)))
    }

    /// Reads all rows.
    pub(crate) fn all(
        layout: &'static Layout,
        source: &dyn ReadAt,
    ) -> (Vec<u8>, Option<io::Error>) {
        let mut reader = RowReader::default();
        let ((), error) = with_files(source, |files| {
            reader.begin(layout, files);
            reader.fill(files, usize::MAX);
        });
        (reader.bytes, error.map(|(_, error)| error))
    }

    fn records<'a>(&'a self, layout: &'static Layout) -> Records<'a> {
        let start = Position { offset: 0, index: self.index, zeros: 0 };
        layout.records_with(&[], &self.bytes).at(start)
    }

    /// Opens the database. What is wrong with it comes before the rows.
    fn begin(&mut self, layout: &'static Layout, files: Files<'_>) {
        self.is_begun = true;
        match layout.container {
            Container::Asl => self.open = Some(Open::Messages(Messages::new(files.main))),
            Container::AslSlots => self.open = Some(Open::Slots(SlotMessages::new(files.main))),
            Container::Session => self.open = Some(Open::Session(Session::default())),
            _ => self.begin_table(layout, files),
        }
    }

    fn begin_table(&mut self, layout: &'static Layout, files: Files<'_>) {
        let mut faults = Vec::new();
        if let Some(database) = Database::open(files, &mut faults) {
            let schema = &database.schema;
            let table = layout.rows.and_then(|rows| rows.defined(schema).or(rows.lost(schema)));
            if let Some(table) = table {
                let encoding = database.pager.header.encoding.unwrap_or(Encoding::Utf8);
                let columns = layout.fields.iter();
                let uses = columns.filter_map(|field| Some((field.name, field.role.row_use()?)));
                let is_micros = layout.has_microseconds();
                let mut map = RowMap::new(&table.definition, uses, encoding, is_micros);
                if files.alone().is_some() {
                    map.state = RowState::Unknown;
                }
                let rows = Rows::new(table.clone(), &database, false);
                let open = OpenTable { database, table, rows, map, found: None };
                self.open = Some(Open::Table(Box::new(open)));
            }
        } else if files.main.len() > 0 {
            let (part, fault) = (Part::Db, DatabaseFault::Header);
            faults.push(Error::Database { part, page: 1, offset: 0, fault });
        }
        faults.iter().for_each(|fault| push_fault(fault, &mut self.bytes));
    }

    fn fill(&mut self, files: Files<'_>, target: usize) {
        let Some(open) = &mut self.open else { return };
        let OpenTable { database, table, rows, map, found } = match open {
            Open::Table(open) => &mut **open,
            Open::Messages(messages) => {
                let advance = |out: &mut Vec<u8>| messages.advance(files.main, out);
                self.rows = self.rows.saturating_add(fill(&mut self.bytes, target, advance));
                return;
            }
            Open::Slots(slots) => {
                let advance = |out: &mut Vec<u8>| slots.advance(files.main, out);
                self.rows = self.rows.saturating_add(fill(&mut self.bytes, target, advance));
                return;
            }
            Open::Session(session) => {
                let advance = |out: &mut Vec<u8>| session.advance(files.main, out);
                self.rows = self.rows.saturating_add(fill(&mut self.bytes, target, advance));
                return;
            }
        };
        while self.bytes.len() < target && found.is_none() {
            match rows.advance(database, files) {
                Some(Ok(())) => {
                    map.push(&rows.row(), &mut self.bytes);
                    self.rows = self.rows.saturating_add(1);
                }
                Some(Err(fault)) => push_fault(&fault, &mut self.bytes),
                None if !self.is_deleted_too => break,
                None => {
                    let shape = map.shape(&table.definition);
                    *found = Some(residue::find(database, files, table, &shape).into_iter());
                }
            }
        }
        while self.bytes.len() < target
            && let Some(row) = found.as_mut().and_then(Iterator::next)
        {
            map.push_found(&row, &mut self.bytes);
            self.rows = self.rows.saturating_add(1);
        }
    }
}

/// Reads about `target` bytes of messages. Returns how many there are.
fn fill(bytes: &mut Vec<u8>, target: usize, mut advance: impl FnMut(&mut Vec<u8>) -> Step) -> u64 {
    let mut messages = 0u64;
    while bytes.len() < target {
        match advance(bytes) {
            Step::Login => messages = messages.saturating_add(1),
            Step::Fault => {}
            Step::End => break,
        }
    }
    messages
}
