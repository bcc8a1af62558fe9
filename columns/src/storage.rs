//! The Arrow storage of a column's values.

use std::sync::{Arc, LazyLock};

use arrow_array::ArrayRef;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_schema::{ArrowError, DataType, TimeUnit};
use loginrec::contract::{Column, ValueKind};
use loginrec::formats;
use loginrec::{Event, UtType};

use crate::names::NameColumn;
use crate::number::{FlagColumn, NumberColumn};
use crate::text::{ListColumn, TextColumn};
use crate::words::{WordColumn, WordList};

static LAYOUT_NAMES: LazyLock<Arc<WordList>> =
    LazyLock::new(|| WordList::new(formats::all().map(|layout| layout.name)));
static TYPES: LazyLock<Arc<WordList>> = LazyLock::new(|| {
    let all = UtType::ALL.iter().chain(&[UtType::Unknown]);
    WordList::new(all.map(|ut_type| ut_type.name()))
});
static EVENTS: LazyLock<Arc<WordList>> =
    LazyLock::new(|| WordList::new(Event::ALL.iter().map(|event| event.name())));

/// Returns the key of a type in [`TYPES`].
#[inline]
pub(crate) fn type_key(ut_type: UtType) -> u8 {
    // The discriminants equal the positions in the list, which is checked at compile time.
    const {
        let (mut all, mut place) = (UtType::ALL, 0);
        while let [first, rest @ ..] = all {
            assert!(*first as usize == place);
            (all, place) = (rest, place + 1);
        }
        assert!(UtType::Unknown as usize == place && place < 256);
    }
    ut_type as u8
}

/// Returns the key of an event in [`EVENTS`].
#[inline]
pub(crate) fn event_key(event: Event) -> u8 {
    const {
        let (mut all, mut place) = (Event::ALL, 0);
        while let [first, rest @ ..] = all {
            assert!(*first as usize == place);
            (all, place) = (rest, place + 1);
        }
        assert!(place <= 256);
    }
    event as u8
}

/// A kind of Arrow column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    Text,
    Bytes,
    Int32,
    Int64,
    Time,
    Flag,
    /// Two columns of 32-bit integers.
    Exit,
    List,
    Types,
    Events,
    Layouts,
    Names,
}

impl Storage {
    /// Returns how a column is stored.
    #[inline(always)]
    pub(crate) const fn of(column: Column) -> Storage {
        // A table, which is optimized out if the column is known.
        const TABLE: [Storage; Column::ALL.len()] = {
            let mut table = [Storage::Text; Column::ALL.len()];
            let (mut columns, mut slots, mut place) = (Column::ALL, &mut table as &mut [_], 0);
            while let ([column, more @ ..], [slot, others @ ..]) = (columns, slots) {
                assert!(*column as usize == place);
                *slot = Storage::choose(*column);
                (columns, slots, place) = (more, others, place + 1);
            }
            table
        };
        #[expect(clippy::indexing_slicing, reason = "the table has every column")]
        TABLE[column as usize]
    }

    /// Depends on the type of the values, except for a few columns.
    const fn choose(column: Column) -> Storage {
        match column {
            Column::File | Column::LoginFile | Column::LogoutFile | Column::DownFile => {
                Storage::Names
            }
            Column::Layout | Column::Alternative | Column::RunnerUp | Column::Name => {
                Storage::Layouts
            }
            Column::Type => Storage::Types,
            Column::Event => Storage::Events,
            _ => match column.kind() {
                ValueKind::Integer if column.is_narrow() => Storage::Int32,
                ValueKind::Integer => Storage::Int64,
                ValueKind::Time => Storage::Time,
                ValueKind::Bytes => Storage::Bytes,
                ValueKind::Flag => Storage::Flag,
                ValueKind::Exit => Storage::Exit,
                ValueKind::List => Storage::List,
                _ => Storage::Text,
            },
        }
    }

    /// Returns the Arrow type; of [`Storage::Exit`], that of each of its two columns.
    pub(crate) fn data_type(self) -> DataType {
        match self {
            Storage::Text
            | Storage::Types
            | Storage::Events
            | Storage::Layouts
            | Storage::Names => DataType::Utf8,
            Storage::Bytes => DataType::Binary,
            Storage::Int32 | Storage::Exit => DataType::Int32,
            Storage::Int64 => DataType::Int64,
            Storage::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Storage::Flag => DataType::Boolean,
            Storage::List => ListColumn::data_type(),
        }
    }

    /// Makes a column with room for `capacity` rows, whose first `nulls` rows are null.
    pub(crate) fn column(self, nulls: usize, capacity: usize) -> Slot {
        match self {
            Storage::Text => Slot::Text(TextColumn::new(nulls, capacity)),
            Storage::Bytes => Slot::Bytes(TextColumn::new(nulls, capacity)),
            Storage::Int32 => Slot::Int32(NumberColumn::new(nulls, capacity)),
            Storage::Int64 => Slot::Int64(NumberColumn::new(nulls, capacity)),
            Storage::Time => Slot::Time(NumberColumn::new(nulls, capacity)),
            Storage::Flag => Slot::Flag(FlagColumn::new(nulls, capacity)),
            Storage::Exit => Slot::Exit([(); 2].map(|()| NumberColumn::new(nulls, capacity))),
            Storage::List => Slot::List(ListColumn::new(nulls)),
            Storage::Types => Slot::Words(WordColumn::new(&TYPES, nulls, capacity)),
            Storage::Events => Slot::Words(WordColumn::new(&EVENTS, nulls, capacity)),
            Storage::Layouts => Slot::Words(WordColumn::new(&LAYOUT_NAMES, nulls, capacity)),
            Storage::Names => Slot::Names(NameColumn::new(nulls)),
        }
    }
}

/// One column of an unfinished batch.
// With an explicit tag: comparing one that is stored in a capacity takes seven instructions.
#[derive(Debug)]
#[repr(u8)]
pub(crate) enum Slot {
    /// Not selected.
    Unwanted,
    /// No row has had a value so far.
    Empty,
    Text(TextColumn),
    Bytes(TextColumn),
    Int32(NumberColumn<Int32Type>),
    Int64(NumberColumn<Int64Type>),
    Time(NumberColumn<TimestampMicrosecondType>),
    Flag(FlagColumn),
    Exit([NumberColumn<Int32Type>; 2]),
    List(ListColumn),
    Words(WordColumn),
    Names(NameColumn),
}

impl Slot {
    pub(crate) fn push_null(&mut self) {
        match self {
            Slot::Unwanted | Slot::Empty => {}
            Slot::Text(texts) | Slot::Bytes(texts) => texts.push_null(),
            Slot::Int32(numbers) => numbers.push_null(),
            Slot::Int64(numbers) => numbers.push_null(),
            Slot::Time(times) => times.push_null(),
            Slot::Flag(flags) => flags.push_null(),
            Slot::Exit(numbers) => numbers.iter_mut().for_each(NumberColumn::push_null),
            Slot::List(lists) => lists.push_null(),
            Slot::Words(words) => words.push_null(),
            Slot::Names(names) => names.push_null(),
        }
    }

    /// Makes the Arrow columns, two of an exit status and of a text; none if no row has a value.
    pub(crate) fn finish(self) -> Result<[Option<ArrayRef>; 2], ArrowError> {
        let array = match self {
            Slot::Unwanted | Slot::Empty => return Ok([None, None]),
            Slot::Exit(numbers) => return Ok(numbers.map(|numbers| Some(numbers.finish()))),
            Slot::Text(texts) => return texts.finish_with_hex(),
            Slot::Bytes(bytes) => bytes.finish_bytes()?,
            Slot::Int32(numbers) => numbers.finish(),
            Slot::Int64(numbers) => numbers.finish(),
            Slot::Time(times) => times.finish_times(),
            Slot::Flag(flags) => flags.finish(),
            Slot::List(lists) => lists.finish()?,
            Slot::Words(words) => words.finish()?,
            Slot::Names(names) => names.finish()?,
        };
        Ok([Some(array), None])
    }
}
