//! A file as a database of pyutmpx: iterable any number of times.

use std::net::{IpAddr, Ipv6Addr};
use std::path::Path;
use std::sync::Arc;

use loginrec::open::OpenErrorKind;
use loginrec::{Exit, FileKind, Record, UtType, system};
use pyo3::exceptions::{PyFileNotFoundError, PyValueError};
use pyo3::prelude::*;

use crate::clock::Clock;
use crate::damage::OnDamage;
use crate::errors;
use crate::input::{Given, Origin};
use crate::log_source::{Log, LogOptions};
use crate::pyutmpx::exit_status::ExitStatus;
use crate::pyutmpx::lastlog_entry::LastlogEntry;
use crate::pyutmpx::utmp_entry::UtmpEntry;
use crate::record_cursor::RecordCursor;
use crate::source::Source;
use crate::strings::{Strings, TextErrors};

/// An iterable, read-only view of a file: what `pyutmpx.open()` returns.
///
/// Keeps the file open, up to the length it had then. Yields `utmp_entry`, or `lastlog_entry` if
/// the file is a lastlog.
#[pyclass(name = "database", module = "loginrec.pyutmpx", frozen)]
pub(crate) struct Database {
    log: Arc<Log>,
    options: EntryOptions,
}

#[pymethods]
impl Database {
    /// The path as given; `None` for bytes.
    #[getter]
    fn path(&self) -> Option<&std::ffi::OsStr> {
        self.log.path().map(Path::as_os_str)
    }

    /// The name of the layout the file is read as; `None` if it is empty.
    #[getter]
    fn layout(&self) -> Option<&'static str> {
        self.log.layout.map(|layout| layout.name)
    }

    fn __iter__(&self, py: Python<'_>) -> PyResult<EntryIterator> {
        EntryIterator::new(py, Arc::clone(&self.log), self.options)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let path = match self.path() {
            Some(path) => path.into_pyobject(py)?.repr()?.to_string_lossy().into_owned(),
            None => format!("<{} bytes>", self.log.source().len()),
        };
        Ok(format!("pyutmpx.open({path})"))
    }
}

/// Options of an iterator.
#[derive(Clone, Copy)]
pub(crate) struct EntryOptions {
    errors: TextErrors,
    all: bool,
    damage: OnDamage,
}

/// Opens a source as a database.
#[pyfunction]
#[pyo3(
    signature = (source, *, errors=None, all=false, damage=None),
    text_signature = "(source, *, errors='strict', all=False, damage='warn')"
)]
pub(crate) fn open_database(
    py: Python<'_>,
    source: &Given,
    errors: Option<TextErrors>,
    all: bool,
    damage: Option<OnDamage>,
) -> PyResult<Database> {
    let log = Log::open(py, source.0.clone(), |_| None)?;
    let damage = damage.unwrap_or(OnDamage::Warn);
    let options = EntryOptions { errors: errors.unwrap_or(TextErrors::STRICT), all, damage };
    Ok(Database { log, options })
}

/// Returns where this platform keeps its file of a kind: utmp, wtmp, btmp, lastlog.
#[pyfunction]
pub(crate) fn system_path(kind: &str) -> PyResult<Option<&'static std::ffi::OsStr>> {
    Ok(system::path(kind_of(kind)?).map(Path::as_os_str))
}

/// Reads the running system's file of a kind, whole, as it is now.
#[pyfunction]
pub(crate) fn read_system(py: Python<'_>, kind: &str) -> PyResult<EntryIterator> {
    let kind = kind_of(kind)?;
    let Some(path) = system::path(kind) else {
        return Err(PyFileNotFoundError::new_err("this platform has no such file"));
    };
    let log = py.detach(|| read_native(path, kind));
    let log = Arc::new(log.map_err(|why| errors::open(py, Some(path), why))?);
    let options = EntryOptions { errors: TextErrors::STRICT, all: false, damage: OnDamage::Warn };
    EntryIterator::new(py, log, options)
}

fn kind_of(name: &str) -> PyResult<FileKind> {
    match name {
        "utmp" => Ok(FileKind::Utmp),
        "wtmp" => Ok(FileKind::Wtmp),
        "btmp" => Ok(FileKind::Btmp),
        "lastlog" => Ok(FileKind::Lastlog),
        _ => Err(PyValueError::new_err("utmp, wtmp, btmp or lastlog")),
    }
}

/// Reads the whole file, so that the iterator has it as it is now. If the bytes are ambiguous, the
/// platform decides.
fn read_native(path: &Path, kind: FileKind) -> Result<Log, OpenErrorKind> {
    let bytes = std::fs::read(path).map_err(OpenErrorKind::Io)?;
    let source = Source::of_reader(bytes.as_slice()).map_err(OpenErrorKind::Io)?;
    let source = Arc::new(source);
    let native = system::layout(kind);
    let options = LogOptions { sibling: native, guess: true, ..LogOptions::default() };
    let origin = Origin { path: Some(path.to_owned()), ..Origin::default() };
    match Log::new(Arc::clone(&source), &origin, options) {
        // Zeros, or too few records.
        Err(OpenErrorKind::NotRecognized(_)) if native.is_some() => {
            let options = LogOptions { layout: native, ..LogOptions::default() };
            Log::new(source, &origin, options)
        }
        log => log,
    }
}

/// Iterator over entries.
#[pyclass(name = "iterator", module = "loginrec.pyutmpx")]
pub(crate) struct EntryIterator {
    cursor: RecordCursor,
    decoder: Decoder,
    options: EntryOptions,
    is_lastlog: bool,
}

impl EntryIterator {
    fn new(py: Python<'_>, log: Arc<Log>, options: EntryOptions) -> PyResult<EntryIterator> {
        let decoder = Decoder::new(py, options.errors)?;
        let is_lastlog = log.is_lastlog();
        Ok(EntryIterator { cursor: RecordCursor::new(log), decoder, options, is_lastlog })
    }
}

#[pymethods]
impl EntryIterator {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let EntryIterator { cursor, decoder, options, is_lastlog } = self;
        loop {
            let found = cursor.next(|log, record| match record {
                Ok(record) if *is_lastlog => decoder.lastlog_entry(py, &record, options.all),
                Ok(record) => decoder.utmp_entry(py, &record, options.all),
                Err(error) => options.damage.act(py, log.path(), error).map(|()| None),
            });
            match found {
                None => return Ok(None),
                Some(Ok(None)) => {}
                Some(entry) => return entry,
            }
        }
    }
}

/// Number of cached addresses.
const ADDRESSES: usize = 4096;

/// Turns records into entries.
struct Decoder {
    strings: Strings,
    clock: Clock,
    types: Vec<Py<PyAny>>,
    addresses: Vec<Option<(IpAddr, Py<PyAny>)>>,
    /// The last exit status: nearly always the same as in the record before.
    exit: Option<(Exit, Py<ExitStatus>)>,
}

impl Decoder {
    fn new(py: Python<'_>, errors: TextErrors) -> PyResult<Decoder> {
        let number = |number: u8| Ok(number.into_pyobject(py)?.into_any().unbind());
        Ok(Decoder {
            strings: Strings::new(py, errors),
            clock: Clock::new(py)?,
            types: (0..10).map(number).collect::<PyResult<_>>()?,
            addresses: (0..ADDRESSES).map(|_| None).collect(),
            exit: None,
        })
    }

    /// Returns `None` for skipped records: empty ones, and types without a number.
    fn utmp_entry(
        &mut self,
        py: Python<'_>,
        record: &Record<'_>,
        all: bool,
    ) -> PyResult<Option<Py<PyAny>>> {
        let entry = record.entry();
        let ut_type = entry.ut_type();
        let number = ut_type.number();
        let left_out = match ut_type {
            UtType::Empty => record.bytes().iter().all(|&byte| byte == 0),
            _ => number.is_none(),
        };
        if left_out && !all {
            return Ok(None);
        }
        let exit = match entry.ut_exit.filter(|_| ut_type == UtType::DeadProcess) {
            Some(exit) => self.exit_status(py, exit)?,
            None => py.None(),
        };
        let entry = UtmpEntry {
            r#type: match number.and_then(|number| self.types.get(usize::from(number))) {
                Some(number) => number.clone_ref(py),
                None => py.None(),
            },
            pid: unsigned(py, entry.ut_pid)?,
            line: self.strings.text(py, entry.ut_line)?,
            id: self.strings.text(py, entry.ut_id)?,
            user: self.strings.text(py, entry.ut_user)?,
            host: self.strings.text(py, entry.ut_host)?,
            exit,
            sid: unsigned(py, entry.ut_session)?,
            time: self.clock.carried(py, entry.ut_tv)?,
            addr: self.address(py, entry.addr())?,
        };
        Ok(Some(Py::new(py, entry)?.into_any()))
    }

    /// Returns `None` for a user who never logged in.
    fn lastlog_entry(
        &mut self,
        py: Python<'_>,
        record: &Record<'_>,
        all: bool,
    ) -> PyResult<Option<Py<PyAny>>> {
        let entry = record.entry();
        if entry.ut_tv.tv_sec == 0 && !all {
            return Ok(None);
        }
        let entry = LastlogEntry {
            uid: record.uid().unwrap_or_default().into_pyobject(py)?.into_any().unbind(),
            host: self.strings.text(py, entry.ut_host)?,
            line: self.strings.text(py, entry.ut_line)?,
            time: self.clock.carried(py, entry.ut_tv)?,
        };
        Ok(Some(Py::new(py, entry)?.into_any()))
    }

    fn exit_status(&mut self, py: Python<'_>, status: Exit) -> PyResult<Py<PyAny>> {
        if let Some((_, known)) = self.exit.as_ref().filter(|(of, _)| *of == status) {
            return Ok(known.clone_ref(py).into_any());
        }
        let int = |number: i32| PyResult::Ok(number.into_pyobject(py)?.into_any().unbind());
        let (termination, exit) = (int(status.e_termination)?, int(status.e_exit)?);
        let made = Py::new(py, ExitStatus { termination, exit })?;
        self.exit = Some((status, made.clone_ref(py)));
        Ok(made.into_any())
    }

    fn address(&mut self, py: Python<'_>, addr: Option<IpAddr>) -> PyResult<Py<PyAny>> {
        let Some(addr) = addr else { return Ok(self.strings.empty(py)) };
        let bits = match addr {
            IpAddr::V4(v4) => u64::from(v4.to_bits()),
            IpAddr::V6(v6) => (v6.to_bits() >> 64) as u64 ^ v6.to_bits() as u64,
        };
        let place = (bits.wrapping_mul(0x517c_c1b7_2722_0a95) >> 52) as usize;
        let slot = self.addresses.get_mut(place);
        if let Some(Some((known, text))) = &slot
            && *known == addr
        {
            return Ok(text.clone_ref(py));
        }
        let text = match addr {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => ntop(v6),
        };
        let text = text.into_pyobject(py)?.into_any().unbind();
        if let Some(slot) = slot {
            *slot = Some((addr, text.clone_ref(py)));
        }
        Ok(text)
    }
}

/// Formats like `inet_ntop`, which pyutmpx calls: an IPv4-compatible address ends in dotted form.
fn ntop(addr: Ipv6Addr) -> String {
    match addr.segments() {
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => {
            let [.., a, b, c, d] = addr.octets();
            format!("::{a}.{b}.{c}.{d}")
        }
        _ => addr.to_string(),
    }
}

/// Converts as pyutmpx does, which casts the C field to `unsigned long`.
fn unsigned(py: Python<'_>, number: Option<i64>) -> PyResult<Py<PyAny>> {
    match number {
        Some(number) => Ok((number as u64).into_pyobject(py)?.into_any().unbind()),
        None => Ok(py.None()),
    }
}
