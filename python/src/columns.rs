//! Records as Arrow columns.

mod column;
mod text;

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use arrow_array::types::{Int8Type, Int32Type};
use arrow_array::{
    ArrayRef, DictionaryArray, Int8Array, Int32Array, Int64Array, RecordBatch, RecordBatchOptions,
    StringArray, TimestampMicrosecondArray, UInt64Array, new_null_array,
};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use arrow_schema::{ArrowError, SchemaRef};
use loginrec::layout::Role;
use loginrec::platform::LAYOUTS;
use loginrec::{Entries, Entry, Event, FileKind, Layout, Record, Records, Text, Timestamp, UtType};

pub(crate) use self::column::{Column, schema};
use self::text::{AddressColumn, IdColumn, TextColumn};

/// Records of one batch, and of one more window at most where those are not all of one size.
pub(crate) const BATCH: usize = 1 << 14;

/// The first seconds of the years 1 and 10000: what a `datetime` can have.
const YEARS: Range<i64> = -62_135_596_800..253_402_300_800;
const MICROS: i64 = 1_000_000;

static TYPES: LazyLock<ArrayRef> = LazyLock::new(|| {
    let all = UtType::ALL.iter().chain(&[UtType::Unknown]);
    Arc::new(StringArray::from_iter_values(all.map(|ut_type| ut_type.name())))
});
static EVENTS: LazyLock<ArrayRef> = LazyLock::new(|| {
    Arc::new(StringArray::from_iter_values(Event::ALL.iter().map(|event| event.name())))
});
static NAMES: LazyLock<ArrayRef> = LazyLock::new(|| {
    Arc::new(StringArray::from_iter_values(LAYOUTS.iter().map(|layout| layout.name)))
});

/// What all records of a file have in common.
pub(crate) struct FileColumns<'a> {
    pub(crate) layout: &'static Layout,
    pub(crate) kind: Option<FileKind>,
    pub(crate) chosen: &'a [Column],
    pub(crate) schema: &'a SchemaRef,
    /// The file's number in `names`; `None` for bytes.
    pub(crate) file: Option<i32>,
    /// The paths of all files.
    pub(crate) names: &'a ArrayRef,
}

impl FileColumns<'_> {
    fn files(&self, rows: usize) -> Result<ArrayRef, ArrowError> {
        let data_type = Column::File.data_type();
        let Some(file) = self.file else { return Ok(new_null_array(&data_type, rows)) };
        let keys = Int32Array::from_value(file, rows);
        Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, Arc::clone(self.names))?))
    }
}

/// A batch in the making. Of the columns, those are there that are asked for and that the
/// platform has.
pub(crate) struct Columns<'a> {
    of: &'a FileColumns<'a>,
    rows: usize,
    place: Place,
    content: Content,
}

/// What records are by their place.
#[derive(Default)]
struct Place {
    /// Positions in `LAYOUTS`: of the file's layout, and of each record's.
    own: i8,
    layout: Option<Vec<i8>>,
    index: Option<Vec<u64>>,
    offset: Option<Vec<u64>>,
    uid: Option<Vec<u64>>,
    raw: Option<TextColumn>,
}

/// What records say.
#[derive(Default)]
struct Content {
    kind: Option<FileKind>,
    r#type: Option<Vec<i8>>,
    raw_type: Option<Vec<i32>>,
    event: Option<Vec<i8>>,
    time: Option<TimeColumn>,
    user: Option<TextColumn>,
    line: Option<TextColumn>,
    host: Option<TextColumn>,
    id: Option<IdColumn>,
    pid: Option<Vec<i64>>,
    session: Option<Vec<i64>>,
    termination: Option<Vec<i32>>,
    exit: Option<Vec<i32>>,
    addr: Option<AddressColumn>,
}

impl<'a> Columns<'a> {
    /// For about so many records.
    pub(crate) fn new(of: &'a FileColumns<'a>, rows: usize) -> Columns<'a> {
        let layout = of.layout;
        let mut place = Place { own: number_of(layout), ..Place::default() };
        let mut content = Content { kind: of.kind, ..Content::default() };
        let has = |role| layout.field(role).is_some();
        let long = |role| has(role).then(|| Vec::with_capacity(rows));
        let short = |role| has(role).then(|| Vec::with_capacity(rows));
        let text = |role| has(role).then(|| TextColumn::new(rows));
        let ids = || Some(Vec::with_capacity(rows));
        let numbers = || Some(Vec::with_capacity(rows));
        for column in of.chosen {
            match column {
                Column::File => {}
                Column::Layout => place.layout = ids(),
                Column::Index => place.index = numbers(),
                Column::Offset => place.offset = numbers(),
                Column::Uid => place.uid = layout.is_lastlog().then(numbers).flatten(),
                Column::Raw => place.raw = Some(TextColumn::new(rows)),
                Column::Type => content.r#type = ids(),
                Column::RawType => content.raw_type = short(Role::Type),
                Column::Event => content.event = ids(),
                Column::Time => content.time = Some(TimeColumn::new(rows)),
                Column::User => content.user = text(Role::User),
                Column::Line => content.line = text(Role::Line),
                Column::Host => content.host = text(Role::Host),
                Column::Id => {
                    let id = text(Role::Id);
                    content.id = id.map(|text| IdColumn::new(text, layout.dialect.binary_id));
                }
                Column::Pid => content.pid = long(Role::Pid),
                Column::Session => content.session = long(Role::Session),
                Column::ExitTermination | Column::ExitExit => {
                    let either = short(Role::Termination).or_else(|| short(Role::ExitStatus));
                    match column {
                        Column::ExitExit => content.exit = either,
                        _ => content.termination = either,
                    }
                }
                Column::Addr => {
                    let roles = [Role::AddrV4, Role::AddrV6, Role::SocketAddress];
                    let any = roles.into_iter().any(has);
                    content.addr = any.then(|| AddressColumn::new(rows));
                }
            }
        }
        Columns { of, rows: 0, place, content }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// Adds the whole ones of some records.
    pub(crate) fn extend(&mut self, records: Records<'_>) {
        let Columns { of, rows, place, content } = self;
        let mut whole = 0;
        if of.chosen.iter().any(|column| column.is_content()) {
            // The record type is chosen once for all of them.
            Entries::from(records.clone()).for_each(|entry| {
                if let Ok(entry) = entry {
                    content.push(&entry);
                    whole += 1;
                }
            });
        }
        if whole == 0 || of.chosen.iter().any(|column| !column.is_content()) {
            whole = 0;
            records.flatten().for_each(|record| {
                place.push(of.layout, &record);
                whole += 1;
            });
        }
        *rows += whole;
    }

    pub(crate) fn finish(mut self) -> Result<RecordBatch, ArrowError> {
        let (of, rows) = (self.of, self.rows);
        let columns = of.chosen.iter().map(|&column| {
            let array = self.array(column)?;
            Ok(array.unwrap_or_else(|| new_null_array(&column.data_type(), rows)))
        });
        let columns = columns.collect::<Result<_, ArrowError>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(of.schema), columns, &options)
    }

    /// One column; `None` if all is null.
    fn array(&mut self, column: Column) -> Result<Option<ArrayRef>, ArrowError> {
        let Columns { of, rows, place, content } = self;
        let array: Option<Result<ArrayRef, ArrowError>> = match column {
            Column::File => Some(of.files(*rows)),
            Column::Layout => place.layout.take().map(|keys| dictionary(keys, &NAMES)),
            Column::Index => place.index.take().map(unsigned),
            Column::Offset => place.offset.take().map(unsigned),
            Column::Uid => place.uid.take().map(unsigned),
            Column::Raw => place.raw.take().map(TextColumn::finish_binary),
            Column::Type => content.r#type.take().map(|keys| dictionary(keys, &TYPES)),
            Column::RawType => content.raw_type.take().map(short),
            Column::Event => content.event.take().map(|keys| dictionary(keys, &EVENTS)),
            Column::Time => content.time.take().map(TimeColumn::finish),
            Column::User => content.user.take().map(TextColumn::finish),
            Column::Line => content.line.take().map(TextColumn::finish),
            Column::Host => content.host.take().map(TextColumn::finish),
            Column::Id => content.id.take().map(IdColumn::finish),
            Column::Pid => content.pid.take().map(long),
            Column::Session => content.session.take().map(long),
            Column::ExitTermination => content.termination.take().map(short),
            Column::ExitExit => content.exit.take().map(short),
            Column::Addr => content.addr.take().map(AddressColumn::finish),
        };
        array.transpose()
    }
}

impl Place {
    #[inline]
    fn push(&mut self, own: &'static Layout, record: &Record<'_>) {
        if let Some(layouts) = &mut self.layout {
            let layout = record.layout();
            layouts.push(if std::ptr::eq(layout, own) { self.own } else { number_of(layout) });
        }
        if let Some(indexes) = &mut self.index {
            indexes.push(record.index());
        }
        if let Some(offsets) = &mut self.offset {
            offsets.push(record.offset());
        }
        if let Some(uids) = &mut self.uid {
            uids.push(record.uid().unwrap_or_default());
        }
        if let Some(raw) = &mut self.raw {
            raw.push(record.bytes());
        }
    }
}

impl Content {
    // One for all record types: one for each is no faster.
    #[inline(never)]
    fn push(&mut self, entry: &Entry<'_>) {
        if let Some(types) = &mut self.r#type {
            types.push(entry.ut_type() as i8);
        }
        if let Some(raw_types) = &mut self.raw_type {
            raw_types.push(entry.raw_type.unwrap_or_default());
        }
        if let Some(events) = &mut self.event {
            events.push(entry.event_in(self.kind) as i8);
        }
        if let Some(times) = &mut self.time {
            times.push(entry.ut_tv);
        }
        push_text(&mut self.user, entry.ut_user);
        push_text(&mut self.line, entry.ut_line);
        push_text(&mut self.host, entry.ut_host);
        if let Some(id) = &mut self.id {
            id.push(entry.ut_id);
        }
        if let Some(pid) = &mut self.pid {
            pid.push(entry.ut_pid.unwrap_or_default());
        }
        if let Some(session) = &mut self.session {
            session.push(entry.ut_session.unwrap_or_default());
        }
        if let Some(termination) = &mut self.termination {
            termination.push(entry.ut_exit.unwrap_or_default().e_termination);
        }
        if let Some(exit) = &mut self.exit {
            exit.push(entry.ut_exit.unwrap_or_default().e_exit);
        }
        if let Some(addr) = &mut self.addr {
            addr.push(entry.addr());
        }
    }
}

#[inline]
fn push_text(column: &mut Option<TextColumn>, text: Text<'_>) {
    if let Some(column) = column {
        column.push_padded(text.raw());
    }
}

fn number_of(layout: &Layout) -> i8 {
    let at = LAYOUTS.iter().position(|known| known == layout);
    at.and_then(|at| i8::try_from(at).ok()).unwrap_or_default()
}

fn dictionary(keys: Vec<i8>, words: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let keys = Int8Array::from(keys);
    Ok(Arc::new(DictionaryArray::<Int8Type>::try_new(keys, Arc::clone(words))?))
}

fn unsigned(numbers: Vec<u64>) -> Result<ArrayRef, ArrowError> {
    Ok(Arc::new(UInt64Array::from(numbers)))
}

fn long(numbers: Vec<i64>) -> Result<ArrayRef, ArrowError> {
    Ok(Arc::new(Int64Array::from(numbers)))
}

fn short(numbers: Vec<i32>) -> Result<ArrayRef, ArrowError> {
    Ok(Arc::new(Int32Array::from(numbers)))
}

struct TimeColumn {
    times: Vec<i64>,
    /// Rows of which no calendar has the time.
    timeless: Vec<usize>,
}

impl TimeColumn {
    fn new(rows: usize) -> TimeColumn {
        TimeColumn { times: Vec::with_capacity(rows), timeless: Vec::new() }
    }

    #[inline]
    fn push(&mut self, Timestamp { tv_sec, tv_usec }: Timestamp) {
        let known = YEARS.contains(&tv_sec) && (0..MICROS).contains(&tv_usec);
        if !known {
            self.timeless.push(self.times.len());
        }
        self.times.push(if known { tv_sec * MICROS + tv_usec } else { 0 });
    }

    fn finish(self) -> Result<ArrayRef, ArrowError> {
        let nulls = (!self.timeless.is_empty()).then(|| {
            let mut valid = BooleanBufferBuilder::new(self.times.len());
            valid.append_n(self.times.len(), true);
            self.timeless.iter().for_each(|&row| valid.set_bit(row, false));
            NullBuffer::new(valid.finish())
        });
        let times = TimestampMicrosecondArray::new(self.times.into(), nulls);
        Ok(Arc::new(times.with_timezone("UTC")))
    }
}
