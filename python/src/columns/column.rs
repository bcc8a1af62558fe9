//! Which columns there are, and which of them are asked for.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// One column, whatever the files: where a platform stores no such thing, all is null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    File,
    Layout,
    Index,
    Offset,
    Type,
    RawType,
    Event,
    Time,
    User,
    Line,
    Host,
    Id,
    Pid,
    Session,
    ExitTermination,
    ExitExit,
    Addr,
    Uid,
    Raw,
}

pub(crate) fn words(keys: DataType) -> DataType {
    DataType::Dictionary(Box::new(keys), Box::new(DataType::Utf8))
}

impl Column {
    /// All but `raw`.
    const USUAL: [Column; 18] = [
        Column::File,
        Column::Layout,
        Column::Index,
        Column::Offset,
        Column::Type,
        Column::RawType,
        Column::Event,
        Column::Time,
        Column::User,
        Column::Line,
        Column::Host,
        Column::Id,
        Column::Pid,
        Column::Session,
        Column::ExitTermination,
        Column::ExitExit,
        Column::Addr,
        Column::Uid,
    ];

    fn all() -> impl Iterator<Item = Column> {
        Column::USUAL.into_iter().chain([Column::Raw])
    }

    fn name(self) -> &'static str {
        match self {
            Column::File => "file",
            Column::Layout => "layout",
            Column::Index => "index",
            Column::Offset => "offset",
            Column::Type => "type",
            Column::RawType => "raw_type",
            Column::Event => "event",
            Column::Time => "time",
            Column::User => "user",
            Column::Line => "line",
            Column::Host => "host",
            Column::Id => "id",
            Column::Pid => "pid",
            Column::Session => "session",
            Column::ExitTermination => "exit_termination",
            Column::ExitExit => "exit_exit",
            Column::Addr => "addr",
            Column::Uid => "uid",
            Column::Raw => "raw",
        }
    }

    pub(crate) fn data_type(self) -> DataType {
        match self {
            Column::File => words(DataType::Int32),
            Column::Layout | Column::Type | Column::Event => words(DataType::Int8),
            Column::Index | Column::Offset | Column::Uid => DataType::UInt64,
            Column::RawType | Column::ExitTermination | Column::ExitExit => DataType::Int32,
            Column::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Column::User | Column::Line | Column::Host | Column::Id | Column::Addr => {
                DataType::Utf8
            }
            Column::Pid | Column::Session => DataType::Int64,
            Column::Raw => DataType::Binary,
        }
    }

    fn field(self) -> Field {
        let always = [Column::Layout, Column::Index, Column::Offset, Column::Type, Column::Event];
        let nullable = self != Column::Raw && !always.contains(&self);
        Field::new(self.name(), self.data_type(), nullable)
    }

    /// Whether it takes more than the place of a record.
    pub(crate) fn is_content(self) -> bool {
        let place = [Column::File, Column::Layout, Column::Index, Column::Offset, Column::Uid];
        self != Column::Raw && !place.contains(&self)
    }

    /// The columns asked for, in the order asked for; without names the usual ones.
    pub(crate) fn chosen(names: Option<Vec<String>>, raw: bool) -> PyResult<Vec<Column>> {
        let mut chosen = Vec::new();
        match names {
            None => chosen.extend(Column::USUAL),
            Some(names) => {
                for name in names {
                    let column = Column::all().find(|column| column.name() == name);
                    match column {
                        None => return Err(unknown(&name)),
                        Some(column) if chosen.contains(&column) => {
                            let message = format!("column '{name}' is named twice");
                            return Err(PyValueError::new_err(message));
                        }
                        Some(column) => chosen.push(column),
                    }
                }
            }
        }
        if raw && !chosen.contains(&Column::Raw) {
            chosen.push(Column::Raw);
        }
        Ok(chosen)
    }
}

fn unknown(name: &str) -> PyErr {
    let known: Vec<&str> = Column::all().map(Column::name).collect();
    PyValueError::new_err(format!("no column is called '{name}': {}", known.join(", ")))
}

pub(crate) fn schema(columns: &[Column]) -> SchemaRef {
    Arc::new(Schema::new(columns.iter().map(|column| column.field()).collect::<Vec<_>>()))
}
