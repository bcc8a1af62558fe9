//! Selects columns of a kind of row.

use std::fmt;
use std::sync::Arc;

use arrow_schema::{Field, Schema, SchemaRef};
use loginrec::contract::{Column, Row};

use crate::storage::Storage;

/// The selected columns of a table, in the selected order, with the schema.
///
/// The names are those of [`Column::flat_names`]. All files have the same columns: fields that a
/// platform does not store are null. Every column may contain nulls.
#[derive(Clone, Debug)]
pub struct Selection {
    pub(crate) columns: Vec<Selected>,
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
    /// Index of the column's value: an exit status has two.
    pub(crate) part: usize,
    name: &'static str,
}

impl Selection {
    /// Selects every column that a table has, in the order of the contract.
    pub fn all<R: Row>() -> Selection {
        Selection::new(R::COLUMNS.iter().flat_map(|&column| parts(column)).collect())
    }

    /// Selects columns by name. This includes columns that tables usually omit, such as `raw`.
    ///
    /// # Errors
    ///
    /// If a name is unknown or given twice.
    pub fn named<R: Row>(
        names: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Selection, SelectionError> {
        let mut columns: Vec<Selected> = Vec::new();
        for name in names {
            let name = name.as_ref();
            match candidates::<R>().find(|candidate| candidate.name == name) {
                None => {
                    let known = candidates::<R>().map(|candidate| candidate.name).collect();
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
    pub fn with(mut self, column: Column) -> Selection {
        if self.columns.iter().all(|selected| selected.column != column) {
            self.columns.push(Selected { column, part: 0, name: column.name() });
        }
        Selection::new(self.columns)
    }

    fn new(columns: Vec<Selected>) -> Selection {
        let field = |selected: &Selected| {
            Field::new(selected.name, Storage::of(selected.column).data_type(), true)
        };
        let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
        let is_stored = |selected: &Selected| {
            matches!(
                selected.column,
                Column::File
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
            columns,
        }
    }

    /// Returns the schema of the table.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

/// Returns the Arrow columns of a column that tables have.
fn parts(column: Column) -> impl Iterator<Item = Selected> {
    let names = column.flat_names().iter().enumerate();
    names.map(move |(part, &name)| Selected { column, part, name })
}

/// Returns every column that can be selected.
fn candidates<R: Row>() -> impl Iterator<Item = Selected> {
    R::COLUMNS.iter().flat_map(|&column| {
        let other = Selected { column, part: 0, name: column.name() };
        parts(column).chain((!column.is_flat()).then_some(other))
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
