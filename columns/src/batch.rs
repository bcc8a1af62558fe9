//! Rows as a batch of Arrow columns.

use std::net::IpAddr;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::ArrowError;
use loginrec::contract::{
    Column, Integer, Machine, Meaning, Place, RecordRow, Row, Sink, Source, Token,
};
use loginrec::{Event, Exit, FileKind, Layout, Record, Records, Text, Timestamp};

use crate::names::FileNames;
use crate::selection::Selection;
use crate::storage::{Slot, Storage, event_key, type_key};

const COLUMNS: usize = Column::ALL.len();

/// Collects rows of one kind into a batch. Columns that are not selected, or that have no value in
/// any row, take neither time nor memory.
#[derive(Debug)]
pub struct BatchBuilder<'a> {
    selection: Selection,
    /// Indexed by the column's number.
    slots: Box<[Slot; COLUMNS]>,
    rows: usize,
    /// Number of rows to make room for.
    capacity: usize,
    /// The names of all files, and the number of the file that all rows are from, if it is one.
    file: Option<(&'a FileNames, i32)>,
    /// The user whom the file is named after.
    user: Option<&'a [u8]>,
    /// The machine that the file is from.
    machine: Option<Machine<'a>>,
    /// Whether a [seldom](is_seldom) column has a value.
    has_seldom: bool,
}

/// Columns that hardly any record has a value for. As long as none has, one question settles
/// them all.
const fn is_seldom(column: Column) -> bool {
    matches!(
        column,
        Column::RawSec
            | Column::RawUsec
            | Column::Logout
            | Column::LogoutRawSec
            | Column::LogoutRawUsec
            | Column::Service
            | Column::RemoteUser
            | Column::Count
            | Column::Max
            | Column::LockSeconds
            | Column::Status
            | Column::Valid
            | Column::Part
            | Column::Page
            | Column::Rowid
            | Column::State
            | Column::FoundAs
            | Column::Lost
            | Column::Copies
            | Column::Raw
    )
}

impl<'a> BatchBuilder<'a> {
    /// Makes a builder with room for `capacity` rows; more may be added.
    pub fn new(selection: &Selection, capacity: usize) -> BatchBuilder<'a> {
        let mut slots = Box::new([const { Slot::Unwanted }; COLUMNS]);
        for selected in selection.columns.iter() {
            if let Some(slot) = slots.get_mut(selected.column as usize) {
                *slot = Slot::Empty;
            }
        }
        BatchBuilder {
            selection: selection.clone(),
            slots,
            rows: 0,
            capacity,
            file: None,
            user: None,
            machine: None,
            has_seldom: false,
        }
    }

    /// Treats all rows as from the file with this number, whatever file they have.
    #[must_use]
    pub fn of_file(mut self, names: &'a FileNames, number: i32) -> BatchBuilder<'a> {
        self.file = Some((names, number));
        *self.slot(Column::File) = Slot::Unwanted;
        self
    }

    /// Sets the user of records in a file that is named after its user, such as one of
    /// pam_faillock.
    #[must_use]
    pub fn of_user(self, user: &'a [u8]) -> BatchBuilder<'a> {
        BatchBuilder { user: Some(user), ..self }
    }

    /// Sets the machine of the records that [`BatchBuilder::extend`] adds.
    #[must_use]
    pub fn of_machine(self, machine: Option<Machine<'a>>) -> BatchBuilder<'a> {
        BatchBuilder { machine, ..self }
    }

    /// Returns how many rows have been added.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Returns the number of bytes of all texts so far. A column has room for 2^31, escapes
    /// included: a writer of long texts ends a batch well before.
    pub fn bytes(&self) -> usize {
        let texts = self.slots.iter().map(|slot| match slot {
            Slot::Text(texts) | Slot::Bytes(texts) => texts.bytes(),
            _ => 0,
        });
        texts.sum()
    }

    /// Returns whether no row has been added.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Adds a row.
    #[inline]
    pub fn push(&mut self, row: &impl Row) {
        row.write(self);
        self.rows += 1;
    }

    /// Adds a row of another kind, with the columns that both kinds have; the others are null.
    pub fn push_other<R: Row>(&mut self, row: &R) {
        let columns = Arc::clone(&self.selection.columns);
        let lacks = |column: &Column| !R::COLUMNS.contains(column);
        let mut done = None;
        for column in columns.iter().map(|selected| selected.column).filter(lacks) {
            // Both parts of a column follow each other.
            if done.replace(column) != Some(column) {
                self.null(column);
            }
        }
        self.push(row);
    }

    /// Adds the records of a file with this layout and kind. Errors among them are skipped.
    pub fn extend(
        &mut self,
        layout: &'static Layout,
        records: Records<'_>,
        kind: Option<FileKind>,
    ) {
        if !self.selection.is_decoded {
            return records.flatten().for_each(|record| {
                self.push_stored(&record);
                self.rows += 1;
            });
        }
        // The record type is chosen once for all of them.
        let mut is_wanted = |column| !matches!(self.slot(column), Slot::Unwanted);
        // Empty records have no time.
        let has_event = is_wanted(Column::Event) || is_wanted(Column::Time);
        let has_place = self.selection.is_stored;
        let is_lastlog = layout.container == loginrec::Container::Slots || layout.is_lastlog();
        records.entries().for_each(|item| {
            let Ok((record, entry)) = item else { return };
            let event = if has_event { entry.event_in(kind) } else { Event::Unknown };
            let source = Source::default();
            if has_place {
                let row = RecordRow::new(source, &record, &entry, event);
                let (user, raw) = (self.user, Some(record.bytes()));
                return self.push_record(&RecordRow { user, raw, ..row });
            }
            // The layout of the file has the same fields, and is already available.
            let uid = is_lastlog.then_some(0);
            let (index, offset, entry, raw) = (0, 0, &entry, None);
            let place = record.row_place();
            let user = self.user;
            let row =
                RecordRow { source, layout, index, offset, uid, place, entry, event, user, raw };
            self.push_content(&row);
        });
    }

    // One function for all record types: one for each is not faster.
    #[inline(never)]
    fn push_record(&mut self, row: &RecordRow<'_>) {
        self.push(row);
    }

    /// Adds a record of which neither place nor bytes are wanted.
    #[inline(never)]
    fn push_content(&mut self, row: &RecordRow<'_>) {
        row.write_content(self);
        self.rows += 1;
    }

    /// Adds the machine of the file; without one, both columns are empty in all rows.
    #[inline]
    fn push_machine(&mut self) {
        let Some(Machine { name, archive }) = self.machine else { return };
        self.text(Column::Machine, Text::new(name.as_bytes()));
        match archive {
            Some(archive) => self.text(Column::Source, Text::new(archive.as_bytes())),
            None => self.null(Column::Source),
        }
    }

    /// Adds the columns of a record that need no decoding.
    #[inline]
    fn push_stored(&mut self, record: &Record<'_>) {
        self.push_machine();
        self.word(Column::Layout, record.layout().name);
        self.integer(Column::Index, record.index().into());
        self.integer(Column::Offset, record.offset().into());
        match record.uid() {
            Some(uid) => self.integer(Column::Uid, uid.into()),
            None => self.null(Column::Uid),
        }
        self.bytes(Column::Raw, record.bytes());
    }

    /// Makes the batch.
    ///
    /// # Errors
    ///
    /// An [`ArrowError`] if the columns are not of one length or a dictionary is full.
    pub fn finish(mut self) -> Result<RecordBatch, ArrowError> {
        let (rows, selection) = (self.rows, self.selection.clone());
        // The parts of one column may be selected at any two places.
        let mut halves: Vec<(Column, [Option<ArrayRef>; 2])> = Vec::new();
        let mut columns = Vec::with_capacity(selection.columns.len());
        for selected in selection.columns.iter() {
            let slot = std::mem::replace(self.slot(selected.column), Slot::Unwanted);
            let array = match (selected.column, self.file) {
                (Column::File, Some((names, number))) => Some(names.column(number, rows)?),
                (column, _) => {
                    let known = halves.iter().position(|(known, _)| *known == column);
                    let at = match known {
                        Some(at) => at,
                        None => {
                            halves.push((column, slot.finish()?));
                            halves.len() - 1
                        }
                    };
                    let parts = halves.get(at).map(|(_, parts)| parts);
                    parts.and_then(|parts| parts.get(selected.part)).cloned().flatten()
                }
            };
            let nulls = || new_null_array(&selected.data_type(), rows);
            columns.push(array.unwrap_or_else(nulls));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(selection.schema()), columns, &options)
    }

    #[inline(always)]
    fn slot(&mut self, column: Column) -> &mut Slot {
        #[expect(clippy::indexing_slicing, reason = "there is a slot for every column")]
        &mut self.slots[column as usize]
    }

    /// Adds the first value of a column, or a rare one.
    #[cold]
    #[inline(never)]
    fn other(&mut self, column: Column, value: Value<'_>) {
        value.push(self.begun(column));
    }

    /// Returns a column that has values.
    fn begun(&mut self, column: Column) -> &mut Slot {
        let (rows, capacity) = (self.rows, self.capacity);
        self.has_seldom |= is_seldom(column);
        let slot = self.slot(column);
        if let Slot::Empty = slot {
            *slot = Storage::of(column).column(rows, capacity);
        }
        slot
    }
}

/// A value to be added to a column.
enum Value<'a> {
    Text(Text<'a>),
    Word(&'static str),
    Integer(Integer),
    Time(Timestamp),
    Address(IpAddr),
    Bytes(&'a [u8]),
    Flag(bool),
    Exit(Exit),
    /// The number of a word.
    Key(u8),
    Token(Token<'a>),
}

impl Value<'_> {
    fn push(self, to: &mut Slot) {
        match (to, self) {
            (Slot::Text(texts), Value::Text(text)) => texts.push_padded(text.raw()),
            (Slot::Text(texts), Value::Word(word)) => texts.push(word.as_bytes()),
            (Slot::Text(texts), Value::Address(address)) => texts.push_address(address),
            (Slot::Names(names), Value::Text(text)) => names.push(text.as_bytes()),
            (Slot::Text(texts), Value::Token(token)) => texts.push_token(token),
            (Slot::Words(words), Value::Word(word)) => words.push(word),
            (Slot::Words(words), Value::Key(key)) => words.push_key(key),
            (Slot::Int32(numbers), Value::Integer(Integer::Signed(n))) => numbers.try_push(n),
            (Slot::Int32(numbers), Value::Integer(Integer::Unsigned(n))) => numbers.try_push(n),
            (Slot::Int64(numbers), Value::Integer(Integer::Signed(n))) => numbers.push(n),
            (Slot::Int64(numbers), Value::Integer(Integer::Unsigned(n))) => numbers.try_push(n),
            (Slot::Time(times), Value::Time(time)) => times.push_time(time),
            (Slot::Bytes(texts), Value::Bytes(bytes)) => texts.push(bytes),
            (Slot::Flag(flags), Value::Flag(flag)) => flags.push(flag),
            (Slot::Exit([termination, status]), Value::Exit(exit)) => {
                termination.push(exit.e_termination);
                status.push(exit.e_exit);
            }
            // A value of another type than the contract defines.
            (slot, _) => slot.push_null(),
        }
    }
}

// Each method handles the common columns, which every record has; `other` handles the rest.
impl Sink for BatchBuilder<'_> {
    #[inline(always)]
    fn absent(&mut self, column: Column) {
        if !is_seldom(column) || self.has_seldom {
            self.null(column);
        }
    }

    #[inline(always)]
    fn null(&mut self, column: Column) {
        match self.slot(column) {
            Slot::Unwanted | Slot::Empty => {}
            slot => slot.push_null(),
        }
    }

    #[inline(always)]
    fn text(&mut self, column: Column, text: Text<'_>) {
        match self.slot(column) {
            Slot::Unwanted => {}
            Slot::Text(texts) => texts.push_padded(text.raw()),
            _ => self.other(column, Value::Text(text)),
        }
    }

    #[inline(always)]
    fn word(&mut self, column: Column, word: &'static str) {
        match self.slot(column) {
            Slot::Unwanted => {}
            Slot::Words(words) => words.push(word),
            _ => self.other(column, Value::Word(word)),
        }
    }

    #[inline(always)]
    fn integer(&mut self, column: Column, number: Integer) {
        // The compiler keeps only the type that the column has.
        match (Storage::of(column), self.slot(column), number) {
            (_, Slot::Unwanted, _) => {}
            (Storage::Int64, Slot::Int64(numbers), Integer::Unsigned(n)) => numbers.try_push(n),
            (Storage::Int64, Slot::Int64(numbers), Integer::Signed(n)) => numbers.push(n),
            (Storage::Int32, Slot::Int32(numbers), Integer::Signed(n)) => numbers.try_push(n),
            _ => self.other(column, Value::Integer(number)),
        }
    }

    #[inline(always)]
    fn time(&mut self, column: Column, time: Timestamp) {
        match self.slot(column) {
            Slot::Unwanted => {}
            Slot::Time(times) => times.push_time(time),
            _ => self.other(column, Value::Time(time)),
        }
    }

    #[inline(always)]
    fn address(&mut self, column: Column, address: IpAddr) {
        match self.slot(column) {
            Slot::Unwanted => {}
            Slot::Text(texts) => texts.push_address(address),
            _ => self.other(column, Value::Address(address)),
        }
    }

    #[inline(always)]
    fn bytes(&mut self, column: Column, bytes: &[u8]) {
        match self.slot(column) {
            Slot::Unwanted => {}
            Slot::Bytes(texts) => texts.push(bytes),
            _ => self.other(column, Value::Bytes(bytes)),
        }
    }

    fn flag(&mut self, column: Column, flag: bool) {
        match self.slot(column) {
            Slot::Unwanted => {}
            _ => self.other(column, Value::Flag(flag)),
        }
    }

    #[inline(always)]
    fn exit(&mut self, column: Column, exit: Exit) {
        match self.slot(column) {
            Slot::Unwanted => {}
            Slot::Exit([termination, status]) => {
                termination.push(exit.e_termination);
                status.push(exit.e_exit);
            }
            _ => self.other(column, Value::Exit(exit)),
        }
    }

    fn token(&mut self, column: Column, token: Token<'_>) {
        match self.slot(column) {
            Slot::Unwanted => {}
            _ => self.other(column, Value::Token(token)),
        }
    }

    fn list(&mut self, column: Column, items: &mut dyn Iterator<Item = &str>) {
        match self.begun(column) {
            Slot::List(lists) => lists.push(items),
            slot => slot.push_null(),
        }
    }

    #[inline(always)]
    fn place(&mut self, place: Place<'_>) {
        match self.file {
            Some(_) => {
                self.push_machine();
                self.word(Column::Layout, place.layout.name);
            }
            None => place.write(self),
        }
    }

    #[inline(always)]
    fn meaning(&mut self, meaning: Meaning) {
        let Some((ut_type, event)) = meaning.event else { return meaning.write(self) };
        for (column, key) in [(Column::Type, type_key(ut_type)), (Column::Event, event_key(event))]
        {
            match self.slot(column) {
                Slot::Unwanted => {}
                Slot::Words(words) => words.push_key(key),
                _ => self.other(column, Value::Key(key)),
            }
        }
        match meaning.raw_type {
            Some(number) => self.integer(Column::RawType, number.into()),
            None => self.null(Column::RawType),
        }
    }
}
