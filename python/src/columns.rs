//! Records as Arrow columns.

use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use arrow_array::types::{Int8Type, Int32Type};
use arrow_array::{
    ArrayRef, BinaryArray, DictionaryArray, Int8Array, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray, UInt64Array, new_null_array,
};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use loginrec::layout::Role;
use loginrec::platform::LAYOUTS;
use loginrec::{Event, FileKind, Layout, Record, Text, Timestamp, UtType};

/// The first seconds of the years 1 and 10000: what a `datetime` can have.
const YEARS: std::ops::Range<i64> = -62_135_596_800..253_402_300_800;
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

fn words(keys: DataType) -> DataType {
    DataType::Dictionary(Box::new(keys), Box::new(DataType::Utf8))
}

/// The columns, whatever the files: where a platform stores no such thing, all is null.
pub(crate) fn schema(raw: bool) -> SchemaRef {
    use DataType::{Binary, Int8, Int32, Int64, UInt64, Utf8};
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let mut fields = vec![
        Field::new("file", words(Int32), true),
        Field::new("layout", words(Int8), false),
        Field::new("index", UInt64, false),
        Field::new("offset", UInt64, false),
        Field::new("type", words(Int8), false),
        Field::new("raw_type", Int32, true),
        Field::new("event", words(Int8), false),
        Field::new("time", time, true),
        Field::new("user", Utf8, true),
        Field::new("line", Utf8, true),
        Field::new("host", Utf8, true),
        Field::new("id", Utf8, true),
        Field::new("pid", Int64, true),
        Field::new("session", Int64, true),
        Field::new("exit_termination", Int32, true),
        Field::new("exit_exit", Int32, true),
        Field::new("addr", Utf8, true),
        Field::new("uid", UInt64, true),
    ];
    if raw {
        fields.push(Field::new("raw", Binary, false));
    }
    Arc::new(Schema::new(fields))
}

/// What all records of a file have in common.
pub(crate) struct FileColumns<'a> {
    pub(crate) layout: &'static Layout,
    pub(crate) kind: Option<FileKind>,
    /// The file's number in `names`; `None` for bytes.
    pub(crate) file: Option<i32>,
    /// The paths of all files.
    pub(crate) names: &'a ArrayRef,
    pub(crate) schema: &'a SchemaRef,
    pub(crate) raw: bool,
}

/// A batch in the making.
pub(crate) struct Columns<'a> {
    of: &'a FileColumns<'a>,
    /// Position in `LAYOUTS` of the file's layout and of the last record's.
    own: i8,
    layouts: Vec<i8>,
    indexes: Vec<u64>,
    offsets: Vec<u64>,
    types: Vec<i8>,
    raw_types: Option<Vec<i32>>,
    events: Vec<i8>,
    times: Vec<i64>,
    timeless: Vec<usize>,
    user: Option<TextColumn>,
    line: Option<TextColumn>,
    host: Option<TextColumn>,
    id: Option<IdColumn>,
    pid: Option<Vec<i64>>,
    session: Option<Vec<i64>>,
    exit: Option<(Vec<i32>, Vec<i32>)>,
    addr: Option<AddressColumn>,
    uid: Option<Vec<u64>>,
    raw: Option<TextColumn>,
}

impl<'a> Columns<'a> {
    /// For up to `rows` records.
    pub(crate) fn new(of: &'a FileColumns<'a>, rows: usize) -> Columns<'a> {
        let layout = of.layout;
        let has = |role| layout.field(role).is_some();
        let text = |role| layout.field(role).map(|_| TextColumn::new(rows));
        let ints = |role| has(role).then(|| Vec::with_capacity(rows));
        let exit = has(Role::Termination) || has(Role::ExitStatus);
        let addr = has(Role::AddrV4) || has(Role::AddrV6) || has(Role::SocketAddress);
        Columns {
            of,
            own: number_of(layout),
            layouts: Vec::with_capacity(rows),
            indexes: Vec::with_capacity(rows),
            offsets: Vec::with_capacity(rows),
            types: Vec::with_capacity(rows),
            raw_types: has(Role::Type).then(|| Vec::with_capacity(rows)),
            events: Vec::with_capacity(rows),
            times: Vec::with_capacity(rows),
            timeless: Vec::new(),
            user: text(Role::User),
            line: text(Role::Line),
            host: text(Role::Host),
            id: text(Role::Id).map(|text| IdColumn::new(text, layout.dialect.binary_id)),
            pid: ints(Role::Pid),
            session: ints(Role::Session),
            exit: exit.then(|| (Vec::with_capacity(rows), Vec::with_capacity(rows))),
            addr: addr.then(|| AddressColumn::new(rows)),
            uid: layout.is_lastlog().then(|| Vec::with_capacity(rows)),
            raw: of.raw.then(|| TextColumn::new(rows)),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.times.len()
    }

    #[inline]
    pub(crate) fn push(&mut self, record: &Record<'_>, base: (u64, u64)) {
        let entry = record.entry();
        self.layouts.push(match std::ptr::eq(record.layout(), self.of.layout) {
            true => self.own,
            false => number_of(record.layout()),
        });
        self.indexes.push(base.0.wrapping_add(record.index()));
        self.offsets.push(base.1.wrapping_add(record.offset()));
        self.types.push(entry.ut_type() as i8);
        if let Some(raw_types) = &mut self.raw_types {
            raw_types.push(entry.raw_type.unwrap_or_default());
        }
        self.events.push(entry.event_in(self.of.kind) as i8);
        let Timestamp { tv_sec, tv_usec } = entry.ut_tv;
        let known = YEARS.contains(&tv_sec) && (0..MICROS).contains(&tv_usec);
        if !known {
            self.timeless.push(self.times.len());
        }
        self.times.push(if known { tv_sec * MICROS + tv_usec } else { 0 });
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
        if let Some((termination, exit)) = &mut self.exit {
            let status = entry.ut_exit.unwrap_or_default();
            termination.push(status.e_termination);
            exit.push(status.e_exit);
        }
        if let Some(addr) = &mut self.addr {
            addr.push(entry.addr());
        }
        if let Some(uid) = &mut self.uid {
            uid.push(record.uid().unwrap_or_default());
        }
        if let Some(raw) = &mut self.raw {
            raw.push(record.bytes());
        }
    }

    pub(crate) fn finish(self) -> Result<RecordBatch, ArrowError> {
        let FileColumns { file, names, schema, .. } = self.of;
        let rows = self.times.len();
        let null = |data_type: DataType| new_null_array(&data_type, rows);
        let files: ArrayRef = match file {
            Some(file) => {
                let keys = Int32Array::from_value(*file, rows);
                Arc::new(DictionaryArray::<Int32Type>::try_new(keys, Arc::clone(names))?)
            }
            None => null(words(DataType::Int32)),
        };
        let time_nulls = (!self.timeless.is_empty()).then(|| {
            let mut valid = BooleanBufferBuilder::new(rows);
            valid.append_n(rows, true);
            self.timeless.iter().for_each(|&row| valid.set_bit(row, false));
            NullBuffer::new(valid.finish())
        });
        let times = TimestampMicrosecondArray::new(self.times.into(), time_nulls);
        let long = |ints: Option<Vec<i64>>| match ints {
            Some(ints) => Arc::new(Int64Array::from(ints)) as ArrayRef,
            None => null(DataType::Int64),
        };
        let short = |ints: Option<Vec<i32>>| match ints {
            Some(ints) => Arc::new(Int32Array::from(ints)) as ArrayRef,
            None => null(DataType::Int32),
        };
        let text = |text: Option<TextColumn>| match text {
            Some(text) => Ok(Arc::new(text.finish(None)?) as ArrayRef),
            None => Ok::<_, ArrowError>(null(DataType::Utf8)),
        };
        let (termination, exit) = self.exit.unzip();
        let mut columns: Vec<ArrayRef> = vec![
            files,
            dictionary(self.layouts, &NAMES)?,
            Arc::new(UInt64Array::from(self.indexes)),
            Arc::new(UInt64Array::from(self.offsets)),
            dictionary(self.types, &TYPES)?,
            short(self.raw_types),
            dictionary(self.events, &EVENTS)?,
            Arc::new(times.with_timezone("UTC")),
            text(self.user)?,
            text(self.line)?,
            text(self.host)?,
            self.id.map_or_else(|| Ok(null(DataType::Utf8)), IdColumn::finish)?,
            long(self.pid),
            long(self.session),
            short(termination),
            short(exit),
            self.addr.map_or_else(|| Ok(null(DataType::Utf8)), AddressColumn::finish)?,
            match self.uid {
                Some(uid) => Arc::new(UInt64Array::from(uid)),
                None => null(DataType::UInt64),
            },
        ];
        if let Some(raw) = self.raw {
            let offsets = OffsetBuffer::new(raw.ends.into());
            columns.push(Arc::new(BinaryArray::try_new(offsets, raw.bytes.into(), None)?));
        }
        RecordBatch::try_new(Arc::clone(schema), columns)
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

/// Texts one behind the other, not looked at yet.
struct TextColumn {
    ends: Vec<i32>,
    bytes: Vec<u8>,
}

#[inline]
fn push_text(column: &mut Option<TextColumn>, text: Text<'_>) {
    if let Some(column) = column {
        column.push_padded(text.raw());
    }
}

impl TextColumn {
    fn new(rows: usize) -> TextColumn {
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        TextColumn { ends, bytes: Vec::with_capacity(rows * 8) }
    }

    /// The part before the first NUL.
    #[inline]
    fn push_padded(&mut self, field: &[u8]) {
        let before = self.bytes.len();
        // Nearly all texts are short: one copy of known length, cut where it ends.
        if let Some(head) = field.first_chunk::<16>() {
            let zeros = zero_bytes(head);
            if zeros != 0 {
                self.bytes.extend_from_slice(head);
                self.bytes.truncate(before + zeros.trailing_zeros() as usize / 8);
                self.ends.push(self.bytes.len() as i32);
                return;
            }
        }
        self.push(Text::new(field).as_bytes());
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        // A batch has 2^16 records of at most 2^11 bytes, three more for each that is no UTF-8.
        self.ends.push(self.bytes.len() as i32);
    }

    fn finish(self, nulls: Option<NullBuffer>) -> Result<StringArray, ArrowError> {
        let texts = match is_text(&self) {
            true => self,
            false => self.escaped(),
        };
        StringArray::try_new(OffsetBuffer::new(texts.ends.into()), texts.bytes.into(), nulls)
    }

    /// With `\xNN` for every byte that is not UTF-8.
    #[cold]
    fn escaped(&self) -> TextColumn {
        let mut texts = TextColumn::new(self.ends.len());
        for (start, end) in self.ends.iter().zip(self.ends.iter().skip(1)) {
            let text = self.bytes.get(*start as usize..*end as usize).unwrap_or_default();
            for chunk in text.utf8_chunks() {
                texts.bytes.extend_from_slice(chunk.valid().as_bytes());
                for byte in chunk.invalid() {
                    texts.bytes.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
                }
            }
            texts.ends.push(texts.bytes.len() as i32);
        }
        texts
    }
}

/// Whether each text is UTF-8, not only all of them together.
fn is_text(column: &TextColumn) -> bool {
    if column.bytes.is_ascii() {
        return true;
    }
    let Ok(all) = std::str::from_utf8(&column.bytes) else { return false };
    column.ends.iter().all(|&end| all.is_char_boundary(end as usize))
}

/// The high bit of the first byte that is zero, and maybe of later ones.
#[inline]
fn zero_bytes(bytes: &[u8; 16]) -> u128 {
    const ONES: u128 = u128::from_ne_bytes([1; 16]);
    let word = u128::from_le_bytes(*bytes);
    word.wrapping_sub(ONES) & !word & (ONES << 7)
}

/// Ids: text, or tokens that may be none.
struct IdColumn {
    text: TextColumn,
    tokens: Option<BooleanBufferBuilder>,
}

impl IdColumn {
    fn new(text: TextColumn, binary: bool) -> IdColumn {
        IdColumn { text, tokens: binary.then(|| BooleanBufferBuilder::new(0)) }
    }

    #[inline]
    fn push(&mut self, id: Text<'_>) {
        let Some(printable) = &mut self.tokens else { return self.text.push_padded(id.raw()) };
        let raw = id.raw();
        let end = raw.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        let token = raw.get(..end).unwrap_or(raw);
        let shown = token.iter().all(|byte| matches!(byte, b' '..=b'~'));
        printable.append(shown);
        self.text.push(if shown { token } else { &[] });
    }

    fn finish(self) -> Result<ArrayRef, ArrowError> {
        let nulls = self.tokens.map(|mut printable| NullBuffer::new(printable.finish()));
        Ok(Arc::new(self.text.finish(nulls)?))
    }
}

struct AddressColumn {
    text: TextColumn,
    there: BooleanBufferBuilder,
}

impl AddressColumn {
    fn new(rows: usize) -> AddressColumn {
        AddressColumn { text: TextColumn::new(rows), there: BooleanBufferBuilder::new(rows) }
    }

    #[inline]
    fn push(&mut self, addr: Option<IpAddr>) {
        self.there.append(addr.is_some());
        match addr {
            None => {}
            Some(IpAddr::V4(v4)) => {
                for (at, octet) in v4.octets().into_iter().enumerate() {
                    if at > 0 {
                        self.text.bytes.push(b'.');
                    }
                    push_decimal(&mut self.text.bytes, octet);
                }
            }
            Some(IpAddr::V6(v6)) => self.text.bytes.extend_from_slice(v6.to_string().as_bytes()),
        }
        self.text.ends.push(self.text.bytes.len() as i32);
    }

    fn finish(mut self) -> Result<ArrayRef, ArrowError> {
        let nulls = NullBuffer::new(self.there.finish());
        Ok(Arc::new(self.text.finish(Some(nulls))?))
    }
}

#[inline]
fn push_decimal(text: &mut Vec<u8>, octet: u8) {
    if octet >= 100 {
        text.push(b'0' + octet / 100);
    }
    if octet >= 10 {
        text.push(b'0' + octet / 10 % 10);
    }
    text.push(b'0' + octet % 10);
}
