//! The columns of kinds of rows.

use arrow_schema::DataType;
use loginrec::contract::{Column, RowKind};
use loginrec_columns::Selection;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::make::kind_of;
use crate::table::schema_capsule;

/// The columns of a kind of rows with their types.
#[pyclass(module = "loginrec", frozen)]
pub(crate) struct Schema {
    kind: RowKind,
    selection: Selection,
}

#[pymethods]
impl Schema {
    /// The kind of rows.
    #[getter]
    fn rows(&self) -> &'static str {
        self.kind.name()
    }

    /// The names of the columns.
    #[getter]
    fn names(&self) -> Vec<&str> {
        self.selection.schema().fields().iter().map(|field| field.name().as_str()).collect()
    }

    /// The columns as Spark declares them: a value for `spark.read.schema()`.
    #[getter]
    fn ddl(&self) -> String {
        let fields = self.selection.schema().fields().iter();
        let fields = fields.map(|field| format!("`{}` {}", field.name(), spark(field.data_type())));
        fields.collect::<Vec<_>>().join(", ")
    }

    /// Returns the types in an `arrow_schema` capsule.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema_capsule(py, self.selection.schema())
    }

    fn __repr__(&self) -> String {
        format!("<loginrec.Schema {}: {}>", self.kind, self.ddl())
    }
}

fn spark(is: &DataType) -> &'static str {
    match is {
        DataType::Int32 => "INT",
        DataType::Int64 => "BIGINT",
        DataType::Boolean => "BOOLEAN",
        DataType::Binary => "BINARY",
        DataType::Timestamp(..) => "TIMESTAMP",
        DataType::List(_) => "ARRAY<STRING>",
        _ => "STRING",
    }
}

/// Returns the columns of a kind of rows: `'records'`, `'sessions'`, `'boots'`, `'timeline'`,
/// `'findings'`, `'lastlog'`, `'failures'` or `'summary'`. `raw=True` adds the records' bytes.
#[pyfunction]
#[pyo3(signature = (rows=None, *, raw=false), text_signature = "(rows='records', *, raw=False)")]
pub(crate) fn schema(rows: Option<&str>, raw: bool) -> PyResult<Schema> {
    let kind = kind_of(rows.unwrap_or("records"))?;
    let selection = Selection::of_kind(kind, false);
    let selection = if raw { selection.with(Column::Raw) } else { selection };
    Ok(Schema { kind, selection })
}
