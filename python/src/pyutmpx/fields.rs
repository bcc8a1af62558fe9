//! Named, read-only fields that may be `None`, shared by the three entry types.

use pyo3::basic::CompareOp;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pyclass::boolean_struct::True;
use pyo3::types::{PyDict, PyTuple, PyType};
use pyo3::{PyClass, PyTypeInfo};

/// Fields by name, in the order of the repr.
pub(crate) type Named<'a, const N: usize> = [(&'static str, &'a Py<PyAny>); N];

/// A class that consists of such fields.
pub(crate) trait Fields<const N: usize> {
    fn fields(&self) -> Named<'_, N>;
}

/// Returns `name(field = value, …)`, as pyutmpx prints it: fields that are `None` are omitted.
/// `spell` may replace or omit a value.
pub(crate) fn repr<const N: usize>(
    py: Python<'_>,
    class: &str,
    this: &impl Fields<N>,
    spell: impl Fn(&str, &Bound<'_, PyAny>) -> PyResult<Option<String>>,
) -> PyResult<String> {
    let mut shown = Vec::with_capacity(N);
    for (name, value) in this.fields() {
        let value = value.bind(py);
        if !value.is_none()
            && let Some(text) = spell(name, value)?
        {
            shown.push(format!("{name} = {text}"));
        }
    }
    Ok(format!("pyutmpx.{class}({})", shown.join(", ")))
}

/// Returns the value's own `repr()`.
pub(crate) fn plain(_name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    // Text of a record may hold lone surrogates: repr() escapes those.
    Ok(Some(value.repr()?.to_string_lossy().into_owned()))
}

/// Returns the values as a tuple, for equality and hash.
fn values<'py, const N: usize>(
    py: Python<'py>,
    this: &impl Fields<N>,
) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, this.fields().map(|(_, value)| value))
}

/// Implements `__eq__`: entries of one class, or of its subclasses, compare by value.
pub(crate) fn equal<'py, T: Fields<N> + PyClass<Frozen = True> + Sync, const N: usize>(
    this: &T,
    other: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = other.py();
    match other.cast::<T>() {
        Ok(other) => values(py, this)?.rich_compare(values(py, other.get())?, CompareOp::Eq),
        Err(_) => Ok(py.NotImplemented().into_bound(py)),
    }
}

pub(crate) fn hash<const N: usize>(py: Python<'_>, this: &impl Fields<N>) -> PyResult<isize> {
    values(py, this)?.hash()
}

/// The result of `__getnewargs_ex__`: copies and pickles are made through the constructor.
pub(crate) type NewArgs<'py> = (Bound<'py, PyTuple>, Bound<'py, PyDict>);

pub(crate) fn new_args<'py, const N: usize>(
    py: Python<'py>,
    this: &impl Fields<N>,
) -> PyResult<NewArgs<'py>> {
    let keywords = PyDict::new(py);
    for (name, value) in this.fields() {
        keywords.set_item(name, value)?;
    }
    Ok((PyTuple::empty(py), keywords))
}

/// Rejects arguments that the constructor does not know, unless a subclass may want them for its
/// `__init__`.
pub(crate) fn refuse_others<T: PyTypeInfo>(
    class: &Bound<'_, PyType>,
    args: &Bound<'_, PyTuple>,
    others: Option<&Bound<'_, PyDict>>,
) -> PyResult<()> {
    if !class.is(class.py().get_type::<T>()) {
        return Ok(());
    }
    let name = class.name()?;
    if !args.is_empty() {
        return Err(PyTypeError::new_err(format!("{name}() takes keyword arguments only")));
    }
    match others.and_then(|others| others.keys().iter().next()) {
        Some(other) => {
            let message = format!("{name}() got an unexpected keyword argument {}", other.repr()?);
            Err(PyTypeError::new_err(message))
        }
        None => Ok(()),
    }
}

/// Checks that a subclass passes the same arguments to `super().__init__()` as `__new__` got:
/// entries are read-only from then on.
pub(crate) fn refuse_changes<const N: usize>(
    py: Python<'_>,
    this: &impl Fields<N>,
    keywords: Option<&Bound<'_, PyDict>>,
) -> PyResult<()> {
    let Some(keywords) = keywords else { return Ok(()) };
    for (name, value) in this.fields() {
        if let Some(given) = keywords.get_item(name)?
            && !given.eq(value.bind(py))?
        {
            let message = format!("{name} is read-only: set it in __new__, not in __init__");
            return Err(PyTypeError::new_err(message));
        }
    }
    Ok(())
}

/// Returns a field, `None` if it was not given.
pub(crate) fn or_none(py: Python<'_>, value: Option<Py<PyAny>>) -> Py<PyAny> {
    value.unwrap_or_else(|| py.None())
}
