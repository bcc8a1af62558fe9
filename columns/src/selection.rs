//! Selects columns of a kind of row.

use std::fmt;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};
#[cfg(feature = "parquet")]
use loginrec::contract::ValueKind;
use loginrec::contract::{Column, Row, RowKind};

use crate::storage::Storage;

/// The selected columns of a table, in the selected order, with the schema.
///
/// The names are those of [`Column::flat_names`]. All files have the same columns: fields that a
/// platform does not store are null. Every column may contain nulls.
#[derive(Clone, Debug)]
pub struct Selection {
    pub(crate) columns: Arc<[Selected]>,
    /// Whether records have to be decoded for the columns; the next field, whether there are
    /// others.
    pub(crate) is_decoded: bool,
    pub(crate) is_stored: bool,
    schema: SchemaRef,
}

/// An Arrow column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Selected {
    pub(crate) column: Column,
    /// Index of the column's value: an exit status has two, a text has its hexadecimal digits.
    pub(crate) part: usize,
    name: &'static str,
}

impl Selected {
    /// Returns the Arrow type.
    pub(crate) fn data_type(&self) -> DataType {
        Storage::of(self.column).data_type()
    }
}

impl Selection {
    /// Selects every column that a table has, in the order of the contract.
    pub fn all<R: Row>() -> Selection {
        Selection::new(R::COLUMNS.iter().flat_map(|&column| parts(column)).collect())
    }

    /// Selects everything that is known of a row, for files that outlive the program: columns that
    /// tables omit, after each stored text its bytes where they are not UTF-8, and at the end
    /// `error`, for rows of what was not read. The stored bytes of a record are only included if
    /// they are asked for.
    pub fn everything<R: Row>(with_raw: bool) -> Selection {
        Selection::of(R::COLUMNS, with_raw)
    }

    /// Selects everything of a kind of row, as [`Selection::everything`] does.
    pub fn of_kind(kind: RowKind, with_raw: bool) -> Selection {
        Selection::of(kind.columns(), with_raw)
    }

    fn of(columns: &[Column], with_raw: bool) -> Selection {
        let columns = columns.iter().filter(|&&column| with_raw || column != Column::Raw);
        let columns = columns.chain(&[Column::Error]);
        Selection::new(columns.flat_map(|&column| whole(column)).collect())
    }

    /// Selects columns by name. This includes columns that tables usually omit, such as `raw`.
    ///
    /// # Errors
    ///
    /// If a name is unknown or given twice.
    pub fn named<R: Row>(
        names: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Selection, SelectionError> {
        Selection::pick(R::COLUMNS, &[], names)
    }

    /// Selects columns of a kind of row by name, as [`Selection::named`] does; `error` is one of
    /// them.
    ///
    /// # Errors
    ///
    /// If a name is unknown or given twice.
    pub fn named_of_kind(
        kind: RowKind,
        names: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Selection, SelectionError> {
        Selection::pick(kind.columns(), &[Column::Error], names)
    }

    fn pick(
        of: &'static [Column],
        more: &'static [Column],
        names: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Selection, SelectionError> {
        let candidates = || of.iter().chain(more).flat_map(|&column| whole(column));
        let mut columns: Vec<Selected> = Vec::new();
        for name in names {
            let name = name.as_ref();
            match candidates().find(|candidate| candidate.name == name) {
                None => {
                    let known = candidates().map(|candidate| candidate.name).collect();
                    return Err(SelectionError::Unknown { name: name.to_owned(), known });
                }
                Some(column) if columns.contains(&column) => {
                    return Err(SelectionError::Twice { name: name.to_owned() });
                }
                Some(column) => columns.push(column),
            }
        }
        Ok(Selection::new(columns))
    }

    /// Adds a column at the end, unless it is selected already.
    #[must_use]
    pub fn with(self, column: Column) -> Selection {
        let mut columns = self.columns.to_vec();
        if columns.iter().all(|selected| selected.column != column) {
            columns.push(Selected { column, part: 0, name: column.name() });
        }
        Selection::new(columns)
    }

    fn new(columns: Vec<Selected>) -> Selection {
        let field = |selected: &Selected| Field::new(selected.name, selected.data_type(), true);
        let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
        let is_stored = |selected: &Selected| {
            matches!(
                selected.column,
                Column::Machine
                    | Column::Source
                    | Column::File
                    | Column::Layout
                    | Column::Index
                    | Column::Offset
                    | Column::Uid
                    | Column::Raw
            )
        };
        // Where a row of a database is; it is known once the row is decoded.
        let is_place = |selected: &Selected| {
            matches!(
                selected.column,
                Column::Part
                    | Column::Page
                    | Column::Rowid
                    | Column::State
                    | Column::FoundAs
                    | Column::Lost
                    | Column::Copies
            )
        };
        Selection {
            is_decoded: columns.iter().any(|selected| !is_stored(selected)),
            is_stored: columns.iter().any(|selected| is_stored(selected) || is_place(selected)),
            schema: Arc::new(schema),
            columns: columns.into(),
        }
    }

    /// Returns the names of the columns that are best stored as differences: numbers and times that
    /// grow from row to row.
    #[cfg(feature = "parquet")]
    pub(crate) fn growing(&self) -> impl Iterator<Item = &'static str> {
        let columns = self.columns.iter().filter(|selected| is_growing(selected.column));
        columns.map(|selected| selected.name)
    }

    /// Returns the schema of the table.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

/// Returns whether the values of a column grow from row to row, so that their differences are
/// small and hardly any value recurs.
#[cfg(feature = "parquet")]
const fn is_growing(column: Column) -> bool {
    matches!(column.kind(), ValueKind::Time)
        || matches!(
            column,
            Column::Index
                | Column::Offset
                | Column::Uid
                | Column::LoginOffset
                | Column::LogoutOffset
                | Column::DownOffset
        )
}

/// Returns the Arrow columns of a column that tables have.
fn parts(column: Column) -> impl Iterator<Item = Selected> {
    let names = column.flat_names().iter().enumerate();
    names.map(move |(part, &name)| Selected { column, part, name })
}

/// Returns the Arrow columns of a column, those included that tables omit.
fn whole(column: Column) -> impl Iterator<Item = Selected> {
    let other = Selected { column, part: 0, name: column.name() };
    let hex = hex_name(column).map(|name| Selected { column, part: 1, name });
    parts(column).chain((!column.is_flat()).then_some(other)).chain(hex)
}

/// Returns the name of the column that has the bytes of a stored text.
const fn hex_name(column: Column) -> Option<&'static str> {
    Some(match column {
        Column::User => "user_hex",
        Column::Line => "line_hex",
        Column::Host => "host_hex",
        Column::Id => "id_hex",
        Column::Service => "service_hex",
        Column::RemoteUser => "remote_user_hex",
        Column::Kernel => "kernel_hex",
        _ => return None,
    })
}

/// The reason why columns cannot be selected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SelectionError {
    /// No column has this name.
    Unknown {
        /// The name.
        name: String,
        /// All valid names.
        known: Vec<&'static str>,
    },
    /// A column is given twice.
    Twice {
        /// The name.
        name: String,
    },
}

impl fmt::Display for SelectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SelectionError::Unknown { name, known } => {
                write!(f, "unknown column '{name}': {}", known.join(", "))
            }
            SelectionError::Twice { name } => write!(f, "column '{name}' is given twice"),
        }
    }
}

impl std::error::Error for SelectionError {}
