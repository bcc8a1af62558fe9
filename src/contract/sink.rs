//! Outputs that rows are written to.

use core::net::IpAddr;

use crate::contract::column::Column;
use crate::contract::value::Token;
use crate::entry::Exit;
use crate::layout::Layout;
use crate::value::event::Event;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;
use crate::value::ut_type::UtType;

/// Columns that stand together and that most records lack.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    list: &'static [Column],
    flat: usize,
}

impl Columns {
    pub(super) const fn of(list: &'static [Column]) -> Columns {
        let (mut rest, mut flat) = (list, 0_usize);
        while let [column, others @ ..] = rest {
            flat = flat.saturating_add(column.is_flat() as usize);
            rest = others;
        }
        Columns { list, flat }
    }

    /// Returns the number of those that are [flat](Column::is_flat).
    #[inline(always)]
    pub const fn flat(self) -> usize {
        self.flat
    }
}

/// An output format, which takes the values of a row one by one.
///
/// [`Row::write`] makes one call for each of the row's columns, in their order. A sink that writes
/// objects omits [absent](Sink::absent) values; one that writes lines leaves their cells empty,
/// except those of columns that are not [flat](Column::is_flat).
pub trait Sink {
    /// Writes nothing: the source has no such field.
    fn absent(&mut self, column: Column);

    /// Writes nothing for several columns one after another.
    #[inline(always)]
    fn all_absent(&mut self, columns: Columns) {
        columns.list.iter().for_each(|&column| self.absent(column));
    }

    /// Writes null: the source has the field, but it is empty.
    fn null(&mut self, column: Column);

    /// Writes text as stored. It may contain any bytes, and the sink escapes them.
    fn text(&mut self, column: Column, text: Text<'_>);

    /// Writes an integer.
    fn integer(&mut self, column: Column, number: Integer);

    /// Writes a time that [has a calendar form](Timestamp::has_calendar_form).
    fn time(&mut self, column: Column, time: Timestamp);

    /// Writes an address.
    fn address(&mut self, column: Column, address: IpAddr);

    /// Writes bytes.
    fn bytes(&mut self, column: Column, bytes: &[u8]);

    /// Writes true or false.
    fn flag(&mut self, column: Column, flag: bool);

    /// Writes an exit status.
    fn exit(&mut self, column: Column, exit: Exit);

    /// Writes an id that may be binary.
    fn token(&mut self, column: Column, token: Token<'_>);

    /// Writes several texts.
    fn list(&mut self, column: Column, items: &mut dyn Iterator<Item = &str>);

    /// Writes a name defined by this crate, which needs no escaping.
    fn word(&mut self, column: Column, word: &'static str) {
        self.text(column, Text::new(word.as_bytes()));
    }

    /// Writes the columns of the place. A sink may cache its output: most rows have the same place
    /// as the one before.
    fn place(&mut self, place: Place<'_>)
    where
        Self: Sized,
    {
        place.write(self);
    }

    /// Writes the columns of the record's type. A sink may cache its output.
    fn meaning(&mut self, meaning: Meaning)
    where
        Self: Sized,
    {
        meaning.write(self);
    }
}

/// One row of a kind.
pub trait Row {
    /// The columns, in the order in which they are written.
    const COLUMNS: &'static [Column];

    /// Writes the row: calls the sink once for each column, in the order of
    /// [`COLUMNS`](Row::COLUMNS).
    fn write(&self, to: &mut impl Sink);
}

/// An integer of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integer {
    /// A number that may be negative.
    Signed(i64),
    /// A number that is not negative.
    Unsigned(u64),
}

impl From<i64> for Integer {
    #[inline]
    fn from(number: i64) -> Integer {
        Integer::Signed(number)
    }
}

impl From<i32> for Integer {
    #[inline]
    fn from(number: i32) -> Integer {
        Integer::Signed(number.into())
    }
}

impl From<u64> for Integer {
    #[inline]
    fn from(number: u64) -> Integer {
        Integer::Unsigned(number)
    }
}

/// The machine and file of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Source<'a> {
    /// The machine, if it has a name.
    pub machine: Option<Machine<'a>>,
    /// The file; `None` for bytes without a name.
    pub file: Option<&'a str>,
}

/// The machine that a file is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine<'a> {
    /// The name.
    pub name: &'a str,
    /// The archive or disk image that has the file, if it is not in a folder.
    pub archive: Option<&'a str>,
}

impl Source<'_> {
    /// Writes the columns of the machine and the archive.
    #[inline]
    pub(super) fn write_machine(&self, to: &mut impl Sink) {
        let machine = self.machine.map(|machine| machine.name);
        let archive = self.machine.and_then(|machine| machine.archive);
        for (column, name) in [(Column::Machine, machine), (Column::Source, archive)] {
            match name {
                Some(name) => to.text(column, Text::new(name.as_bytes())),
                None => to.absent(column),
            }
        }
    }
}

/// The columns of a record's place: machine, archive, file, layout.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The machine and the file.
    pub source: Source<'a>,
    /// The record's own layout.
    pub layout: &'static Layout,
}

impl Place<'_> {
    /// Its columns.
    pub const COLUMNS: [Column; 4] =
        [Column::Machine, Column::Source, Column::File, Column::Layout];

    /// Writes each column.
    pub fn write(&self, to: &mut impl Sink) {
        self.source.write_machine(to);
        match self.source.file {
            Some(file) => to.text(Column::File, Text::new(file.as_bytes())),
            None => to.absent(Column::File),
        }
        to.word(Column::Layout, self.layout.name);
    }
}

/// The columns of a record's type: type, number of the type, event. Records of a lastlog have none
/// of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The type and the event.
    pub event: Option<(UtType, Event)>,
    /// The stored number.
    pub raw_type: Option<i32>,
}

impl Meaning {
    /// Its columns.
    pub const COLUMNS: [Column; 3] = [Column::Type, Column::RawType, Column::Event];

    /// Writes each column.
    pub fn write(&self, to: &mut impl Sink) {
        match self.event {
            Some((ut_type, _)) => to.word(Column::Type, ut_type.name()),
            None => to.absent(Column::Type),
        }
        match self.raw_type {
            Some(raw_type) => to.integer(Column::RawType, raw_type.into()),
            None => to.absent(Column::RawType),
        }
        match self.event {
            Some((_, event)) => to.word(Column::Event, event.name()),
            None => to.absent(Column::Event),
        }
    }
}
