//! What the functions are given: files and bytes with what is known about them, names of layouts.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loginrec::contract::EscapedUtf8;
use loginrec::formats::by_name;
use loginrec::{FileKind, Layout};
use loginrec_sources::uncompressed_name;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyTuple};

use crate::source::Source;
use crate::work;

/// Bytes asked of a file object at a time.
const PIECE: usize = 1 << 20;

/// A file or bytes, with what is known about them.
#[derive(Clone)]
pub(crate) struct Input {
    pub(crate) content: Content,
    pub(crate) origin: Arc<Origin>,
    pub(crate) layout: Option<&'static Layout>,
}

#[derive(Clone)]
pub(crate) enum Content {
    Path(PathBuf),
    Kept(Arc<Source>),
}

/// The origin of records: the facts about its file that each record keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) path: Option<PathBuf>,
    /// The kind: the one given, or that of its content and name.
    pub(crate) kind: Option<FileKind>,
    pub(crate) machine: Option<String>,
    /// The archive that has the file.
    pub(crate) archive: Option<String>,
}

impl Origin {
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Returns the path as rows have it: bytes that are not UTF-8 as `\xNN`.
    pub(crate) fn name(&self) -> Option<String> {
        let path = self.path.as_deref()?;
        Some(match path.to_str() {
            Some(path) => path.to_owned(),
            None => EscapedUtf8(path.as_os_str().as_encoded_bytes()).to_string(),
        })
    }

    /// Returns the name without folders and without the suffix of compression.
    pub(crate) fn base(&self, is_packed: bool) -> Option<String> {
        let name = self.path.as_deref()?.file_name()?.to_string_lossy().into_owned();
        Some(match is_packed {
            true => uncompressed_name(&name).to_owned(),
            false => name,
        })
    }

    /// Returns the machine and the file as rows have them. `file` is [`Origin::name`].
    pub(crate) fn source<'a>(&'a self, file: Option<&'a str>) -> loginrec::contract::Source<'a> {
        loginrec::contract::Source { machine: self.machine(), file }
    }

    pub(crate) fn machine(&self) -> Option<loginrec::contract::Machine<'_>> {
        let name = self.machine.as_deref()?;
        Some(loginrec::contract::Machine { name, archive: self.archive.as_deref() })
    }
}

/// A file, or bytes, with what is known about them: ``Source(data, name=, kind=, machine=,
/// layout=)``.
///
/// ``data`` is a path, bytes or a file object. ``name`` is the name that rows and messages have; its
/// last part shows the kind unless ``kind`` is given: ``'wtmp'``, ``'btmp'``, ``'utmp'``,
/// ``'lastlog'`` or ``'failures'``.
#[pyclass(name = "Source", module = "loginrec", frozen)]
pub(crate) struct Given(pub(crate) Input);

#[pymethods]
impl Given {
    #[new]
    #[pyo3(signature = (data, name=None, *, kind=None, machine=None, layout=None))]
    fn new(
        data: &Bound<'_, PyAny>,
        name: Option<PathBuf>,
        kind: Option<KindName>,
        machine: Option<String>,
        layout: Option<LayoutName>,
    ) -> PyResult<Given> {
        let py = data.py();
        let (content, path) = if let Ok(bytes) = data.cast::<PyBytes>() {
            let bytes: PyBackedBytes = bytes.extract()?;
            (kept(py, move || Source::python(bytes))?, None)
        } else if data.hasattr("read")? {
            let reader = PyReader(data.clone().unbind());
            let source = Source::of_reader(reader).map_err(PyErr::from)?;
            let own = data.getattr("name").ok().and_then(|name| name.extract().ok());
            (Content::Kept(Arc::new(source)), own)
        } else {
            let path: PathBuf = data.extract()?;
            (Content::Path(path.clone()), Some(path))
        };
        let (kind, path) = (kind.map(|KindName(kind)| kind), name.or(path));
        let origin = Arc::new(Origin { path, kind, machine, archive: None });
        let layout = layout.map(|LayoutName(layout)| layout);
        Ok(Given(Input { content, origin, layout }))
    }

    /// The path or the name; `None` for bytes without one.
    #[getter]
    fn name(&self) -> Option<&std::ffi::OsStr> {
        self.0.origin.path().map(Path::as_os_str)
    }

    /// The kind that was given.
    #[getter]
    fn kind(&self) -> Option<&'static str> {
        self.0.origin.kind.map(FileKind::name)
    }

    /// The machine that the file is from.
    #[getter]
    fn machine(&self) -> Option<&str> {
        self.0.origin.machine.as_deref()
    }

    /// The archive or image that has the file.
    #[getter]
    fn archive(&self) -> Option<&str> {
        self.0.origin.archive.as_deref()
    }

    /// The name of the layout that was given.
    #[getter]
    fn layout(&self) -> Option<&'static str> {
        self.0.layout.map(|layout| layout.name)
    }

    /// Returns it with what is not known about it yet.
    #[pyo3(signature = (*, kind=None, machine=None, layout=None))]
    fn _with(
        &self,
        kind: Option<KindName>,
        machine: Option<String>,
        layout: Option<LayoutName>,
    ) -> Given {
        let Input { content, origin, layout: own } = self.0.clone();
        let layout = own.or(layout.map(|LayoutName(layout)| layout));
        let mut origin = Origin::clone(&origin);
        origin.kind = origin.kind.or(kind.map(|KindName(kind)| kind));
        origin.machine = origin.machine.or(machine);
        Given(Input { content, origin: Arc::new(origin), layout })
    }

    /// Returns it with another beginning of its name and its archive.
    fn _renamed(&self, before: &str, after: &str) -> Given {
        let renamed = |name: &str| match name.strip_prefix(before) {
            Some(rest) => format!("{after}{rest}"),
            None => name.to_owned(),
        };
        let mut origin = Origin::clone(&self.0.origin);
        let path = origin.path.as_deref().and_then(Path::to_str).map(renamed);
        origin.path = path.map(PathBuf::from).or(origin.path);
        origin.archive = origin.archive.as_deref().map(renamed);
        Given(Input { origin: Arc::new(origin), ..self.0.clone() })
    }

    /// Returns all bytes, decompressed.
    fn read<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let content = self.0.content.clone();
        let bytes = work::run(py, move || {
            let source = match content {
                Content::Path(path) => Arc::new(Source::open(&path)?),
                Content::Kept(source) => source,
            };
            source.part(0, usize::try_from(source.len()).unwrap_or(usize::MAX))
        })?;
        let path = self.0.origin.path();
        match bytes {
            Ok(bytes) => Ok(PyBytes::new(py, &bytes)),
            Err(error) => Err(crate::errors::os_error(py, path, &error)),
        }
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let data = match &self.0.content {
            Content::Path(path) => path.as_os_str().into_pyobject(py)?.into_any(),
            Content::Kept(_) => self.read(py)?.into_any(),
        };
        let Input { origin, layout, .. } = &self.0;
        let make = py.import("loginrec._sources")?.getattr("_source_again")?;
        let kind = origin.kind.map(FileKind::name);
        let layout = layout.map(|layout| layout.name);
        let (name, machine) = (self.name(), origin.machine.as_deref());
        Ok((make, (data, name, kind, machine, layout).into_pyobject(py)?))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let shown = match (self.name(), &self.0.content) {
            (Some(name), _) => name.into_pyobject(py)?.repr()?.to_string_lossy().into_owned(),
            (None, Content::Kept(source)) => format!("<{} bytes>", source.len()),
            (None, Content::Path(_)) => String::new(),
        };
        let machine = self.machine().map(|name| format!(" machine='{name}'"));
        let kind = self.kind().map(|kind| format!(" kind={kind}"));
        let (machine, kind) = (machine.unwrap_or_default(), kind.unwrap_or_default());
        Ok(format!("<loginrec.Source {shown}{machine}{kind}>"))
    }
}

fn kept(
    py: Python<'_>,
    open: impl FnOnce() -> io::Result<Source> + Send + 'static,
) -> PyResult<Content> {
    match work::run(py, open)? {
        Ok(source) => Ok(Content::Kept(Arc::new(source))),
        Err(error) => Err(crate::errors::os_error(py, None, &error)),
    }
}

/// A file object of Python.
struct PyReader(Py<PyAny>);

impl Read for PyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Python::attach(|py| {
            let wanted = buffer.len().min(PIECE);
            let read = self.0.bind(py).call_method1("read", (wanted,))?;
            if read.is_none() {
                return Err(PyValueError::new_err("the file object has nothing to read yet"));
            }
            let Ok(bytes) = read.cast::<PyBytes>() else {
                return Err(PyTypeError::new_err("a file object must be open in binary mode"));
            };
            let bytes = bytes.as_bytes();
            match buffer.get_mut(..bytes.len()) {
                Some(part) => part.copy_from_slice(bytes),
                None => return Err(PyValueError::new_err("read() gave more than was asked for")),
            }
            Ok(bytes.len())
        })
        .map_err(io::Error::from)
    }
}

/// A kind by name.
#[derive(Clone, Copy)]
pub(crate) struct KindName(pub(crate) FileKind);

impl<'py> FromPyObject<'_, 'py> for KindName {
    type Error = PyErr;

    fn extract(name: Borrowed<'_, 'py, PyAny>) -> PyResult<KindName> {
        let name: String = name.extract()?;
        let known = FileKind::ALL.iter().copied().find(|kind| kind.name() == name);
        known.map(KindName).ok_or_else(|| {
            let all: Vec<&str> = FileKind::ALL.iter().map(|kind| kind.name()).collect();
            PyValueError::new_err(format!("kind='{name}': {}", all.join(", ")))
        })
    }
}

/// A layout by name.
#[derive(Clone, Copy)]
pub(crate) struct LayoutName(pub(crate) &'static Layout);

impl<'py> FromPyObject<'_, 'py> for LayoutName {
    type Error = PyErr;

    fn extract(name: Borrowed<'_, 'py, PyAny>) -> PyResult<LayoutName> {
        let name: String = name.extract()?;
        let known = by_name(&name).map(LayoutName);
        known.ok_or_else(|| {
            let message = format!("unknown layout '{name}': see loginrec.layouts()");
            PyValueError::new_err(message)
        })
    }
}
