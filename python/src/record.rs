//! One record with its place in the evidence.

use std::borrow::Cow;
use std::sync::Arc;

use loginrec::contract::{RecordRow, Token};
use loginrec::layout::Role;
use loginrec::read::{OwnedRecord, RowPlace};
use loginrec::{Entry, Event, Layout, Timestamp, UtType};
use pyo3::basic::CompareOp;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::clock::Clock;
use crate::contract;
use crate::input::Origin;
use crate::pyutmpx::exit_status::ExitStatus;
use crate::strings::{Strings, TextErrors, decode};

/// One record of a file: its meaning, its bytes and their place.
///
/// Text that is not UTF-8 has `\xNN` for each invalid byte; `raw` and `fields` have the bytes
/// themselves. A record does not keep the file open.
#[pyclass(module = "loginrec", frozen)]
pub(crate) struct Record {
    /// The event that the platform's rules derive: `'login'`, `'logout'`, `'boot'`, `'shutdown'`,
    /// `'run-level'`, `'clock-old'`, `'clock-new'`, `'prompt'`, `'init'`, `'accounting'`,
    /// `'signature'`, `'empty'`, `'unknown'`; in a btmp `'failed-login'`.
    #[pyo3(get)]
    event: Py<PyAny>,
    /// The meaning of the stored type, such as `'USER_PROCESS'`.
    #[pyo3(get)]
    r#type: Py<PyAny>,
    /// The time: an aware `datetime` in UTC; `None` if it is not a valid date.
    #[pyo3(get)]
    time: Py<PyAny>,
    /// User name; `None` if the platform stores none.
    #[pyo3(get)]
    user: Py<PyAny>,
    /// Terminal without `/dev/`, or a mark such as `'~'`.
    #[pyo3(get)]
    line: Py<PyAny>,
    /// Remote host, or the kernel release of a Linux boot; `None` if the platform stores none.
    #[pyo3(get)]
    host: Py<PyAny>,
    /// Process id; `None` if the platform stores none.
    #[pyo3(get)]
    pid: Py<PyAny>,
    origin: Arc<Origin>,
    layout: &'static Layout,
    bytes: Box<[u8]>,
    index: u64,
    offset: u64,
    uid: Option<u64>,
    /// The row of a database, which is more than its bytes.
    row: Option<Box<Row>>,
}

struct Row {
    record: OwnedRecord,
    place: RowPlace,
    /// The end of the session; `None` if it has none, or is not a valid date.
    logout: Py<PyAny>,
    service: Py<PyAny>,
}

#[pymethods]
impl Record {
    /// Ordinal in the file; in a lastlog, the slot.
    #[getter]
    fn index(&self) -> u64 {
        self.index
    }

    /// Byte offset in the file.
    #[getter]
    fn offset(&self) -> u64 {
        self.offset
    }

    /// The record's bytes as stored.
    #[getter]
    fn raw<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.bytes)
    }

    /// The name of the layout it was read as. It differs from the file's for records of another
    /// shape, such as those of glibc 2.34 to 2.39 with 64-bit time.
    #[getter]
    fn layout(&self) -> &'static str {
        self.layout.name
    }

    /// The path of the file; `None` for bytes.
    #[getter]
    fn path(&self) -> Option<&std::ffi::OsStr> {
        self.origin.path().map(std::path::Path::as_os_str)
    }

    /// The machine, if the source has its name.
    #[getter]
    fn machine(&self) -> Option<&str> {
        self.origin.machine.as_deref()
    }

    /// The stored type number: 7 is USER_PROCESS on Linux and DEAD_PROCESS on FreeBSD. `None` if
    /// records have no type.
    #[getter]
    fn raw_type(&self) -> Option<i32> {
        self.entry().raw_type
    }

    /// The stored seconds since 1970.
    #[getter]
    fn tv_sec(&self) -> i64 {
        self.entry().ut_tv.tv_sec
    }

    /// The stored microseconds; a damaged record may hold any number.
    #[getter]
    fn tv_usec(&self) -> i64 {
        self.entry().ut_tv.tv_usec
    }

    /// `inittab` id or terminal suffix; `None` if the platform stores none, or a binary token
    /// (`fields` has it).
    #[getter]
    fn id(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let Some(field) = self.layout.field(Role::Id) else { return Ok(None) };
        let id = self.entry().ut_id;
        let text = match self.layout.platform.binary_id {
            true => Token::new(id, field.len).text(),
            false => Some(id),
        };
        match text {
            Some(text) => Ok(Some(decode(py, text.as_bytes(), TextErrors::ESCAPE)?.into_any())),
            None => Ok(None),
        }
    }

    /// Session id or terminal index; `None` if the platform stores none.
    #[getter]
    fn session(&self) -> Option<i64> {
        self.entry().ut_session
    }

    /// `exit_status` as stored, whatever the type; `None` if the platform stores none.
    #[getter]
    fn exit(&self, py: Python<'_>) -> PyResult<Option<Py<ExitStatus>>> {
        let Some(exit) = self.entry().ut_exit else { return Ok(None) };
        let int = |number: i32| PyResult::Ok(number.into_pyobject(py)?.into_any().unbind());
        let (termination, exit) = (int(exit.e_termination)?, int(exit.e_exit)?);
        Py::new(py, ExitStatus { termination, exit }).map(Some)
    }

    /// Remote address; `None` if none is stored.
    #[getter]
    fn addr(&self) -> Option<String> {
        self.entry().addr().map(|addr| addr.to_string())
    }

    /// The user id, in a lastlog.
    #[getter]
    fn uid(&self) -> Option<u64> {
        self.uid
    }

    /// The end of the session, if a row of a database has it: an aware `datetime` in UTC.
    #[getter]
    fn logout(&self, py: Python<'_>) -> Py<PyAny> {
        self.row.as_ref().map_or_else(|| py.None(), |row| row.logout.clone_ref(py))
    }

    /// The PAM service that logged the user in, if a row of a database has it.
    #[getter]
    fn service(&self, py: Python<'_>) -> Py<PyAny> {
        self.row.as_ref().map_or_else(|| py.None(), |row| row.service.clone_ref(py))
    }

    /// The number of the row; `None` in a table without them, and in any other file.
    #[getter]
    fn rowid(&self) -> Option<i64> {
        self.row.as_ref()?.place.rowid
    }

    /// The page of the database that the row begins on.
    #[getter]
    fn page(&self) -> Option<u32> {
        Some(self.row.as_ref()?.place.page)
    }

    /// The file that `offset` counts in: `'db'`, `'wal'` or `'journal'`.
    #[getter]
    fn part(&self) -> Option<&'static str> {
        Some(self.row.as_ref()?.place.part?.as_str())
    }

    /// `'live'`; of rows that the database no longer has `'superseded'`, `'deleted'`,
    /// `'uncommitted'` or `'undone'`; of a log or journal without its database `'unknown'`.
    #[getter]
    fn state(&self) -> Option<&'static str> {
        Some(self.row.as_ref()?.place.state.as_str())
    }

    /// The names of the columns that are overwritten, of a row that the database no longer has.
    #[getter]
    fn lost(&self) -> Vec<&'static str> {
        self.row.as_ref().map_or_else(Vec::new, |row| row.place.lost(self.layout).collect())
    }

    /// Returns every field under the platform's own name, in the order of the bytes: integers as
    /// `int`, everything else as `bytes`. Of a row the columns, NULL as `None`.
    #[getter]
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        if let Some(row) = &self.row {
            for field in self.layout.fields {
                all.set_item(field.name, column(py, &row.record.record(), field.role)?)?;
            }
            return Ok(all);
        }
        for field in self.layout.fields {
            match field.role {
                Role::User | Role::Line | Role::Host | Role::Id => {}
                Role::AddrV4 | Role::AddrV6 | Role::SocketAddress => {}
                Role::Padding | Role::Reserved => {}
                _ => {
                    all.set_item(field.name, field.int(self.layout.endian, &self.bytes))?;
                    continue;
                }
            }
            all.set_item(field.name, PyBytes::new(py, field.of_record(&self.bytes)))?;
        }
        Ok(all)
    }

    /// Returns the record as a dict with the keys of the command line's JSON: `json.dumps` of it is
    /// a line of `loginrec dump --format jsonl`. `raw=True` adds the bytes, in hex.
    #[pyo3(signature = (*, raw=false))]
    fn to_dict<'py>(&self, py: Python<'py>, raw: bool) -> PyResult<Bound<'py, PyDict>> {
        let entry = self.entry();
        let row = RecordRow {
            source: self.origin.source(self.path().map(|_| "")),
            layout: self.layout,
            index: self.index,
            offset: self.offset,
            uid: self.uid,
            place: self.row.as_ref().map(|row| row.place),
            event: entry.event_in(self.origin.kind),
            entry: &entry,
            user: self
                .origin
                .path()
                .and_then(std::path::Path::file_name)
                .map(std::ffi::OsStr::as_encoded_bytes)
                .filter(|_| self.layout.platform.is_named_by_user),
            raw: raw.then_some(&self.bytes),
        };
        contract::dict(py, &row, self.origin.path())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let show =
            |value: &Py<PyAny>| PyResult::Ok(value.bind(py).repr()?.to_string_lossy().into_owned());
        Ok(format!(
            "<loginrec.Record {} offset={} event={} user={} line={} host={} time={}>",
            self.index,
            self.offset,
            show(&self.event)?,
            show(&self.user)?,
            show(&self.line)?,
            show(&self.host)?,
            self.entry().ut_tv,
        ))
    }

    /// Compares the bytes, their place and the layout. The file's name does not count.
    fn __richcmp__(&self, other: &Bound<'_, PyAny>, op: CompareOp) -> PyResult<Py<PyAny>> {
        let py = other.py();
        let Ok(other) = other.cast::<Record>() else { return Ok(py.NotImplemented()) };
        let same = self.key() == other.get().key();
        match op {
            CompareOp::Eq => Ok(same.into_pyobject(py)?.to_owned().into_any().unbind()),
            CompareOp::Ne => Ok((!same).into_pyobject(py)?.to_owned().into_any().unbind()),
            _ => Ok(py.NotImplemented()),
        }
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Stored<'_>)> {
        if self.row.is_some() {
            return Err(PyTypeError::new_err("a row of a database: pickle its to_dict()"));
        }
        let make = py.import("loginrec._loginrec")?.getattr("record_again")?;
        let Origin { ref path, kind, ref machine, .. } = *self.origin;
        let path = path.as_deref().map(std::path::Path::as_os_str);
        let of = (path, kind.map(loginrec::FileKind::name), machine.as_deref());
        let place = (self.index, self.offset, self.uid);
        Ok((make, (self.layout.name, Cow::Borrowed(&*self.bytes), place, of)))
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        self.key().hash(&mut hasher);
        hasher.finish()
    }
}

impl Record {
    fn entry(&self) -> Entry<'_> {
        match &self.row {
            Some(row) => row.record.record().entry(),
            None => self.layout.decode(&self.bytes),
        }
    }

    fn key(&self) -> (&[u8], &str, u64, Option<u64>, Option<RowPlace>) {
        let place = self.row.as_ref().map(|row| row.place);
        (&self.bytes, self.layout.name, self.offset, self.uid, place)
    }
}

/// The values of a record, for pickle.
type Stored<'a> = (
    &'a str,
    Cow<'a, [u8]>,
    (u64, u64, Option<u64>),
    (Option<&'a std::ffi::OsStr>, Option<&'static str>, Option<&'a str>),
);

/// Makes records, and keeps the values that they share.
pub(crate) struct RecordFactory {
    origin: Arc<Origin>,
    strings: Strings,
    clock: Clock,
    types: Vec<(UtType, Py<PyAny>)>,
    events: Vec<(Event, Py<PyAny>)>,
    /// The layout of the last record, and whether it has a user and a host.
    layout: Option<(&'static Layout, bool, bool)>,
}

impl RecordFactory {
    pub(crate) fn new(py: Python<'_>, origin: Arc<Origin>) -> PyResult<RecordFactory> {
        let strings = Strings::new(py, TextErrors::ESCAPE);
        let clock = Clock::new(py)?;
        Ok(RecordFactory {
            origin,
            strings,
            clock,
            types: Vec::new(),
            events: Vec::new(),
            layout: None,
        })
    }

    pub(crate) fn make(
        &mut self,
        py: Python<'_>,
        record: &loginrec::Record<'_>,
    ) -> PyResult<Record> {
        let row = match record.row_place() {
            Some(place) => Some(Box::new(self.row(py, record, place)?)),
            None => None,
        };
        let place = (record.index(), record.offset(), record.uid());
        self.of_entry(py, &record.entry(), record.layout(), record.bytes(), place, row)
    }

    /// Makes a record of its bytes.
    pub(crate) fn of_bytes(
        &mut self,
        py: Python<'_>,
        layout: &'static Layout,
        bytes: Vec<u8>,
        place: (u64, u64, Option<u64>),
    ) -> PyResult<Record> {
        self.of_entry(py, &layout.decode(&bytes), layout, &bytes, place, None)
    }

    #[inline]
    fn of_entry(
        &mut self,
        py: Python<'_>,
        entry: &Entry<'_>,
        layout: &'static Layout,
        bytes: &[u8],
        (index, offset, uid): (u64, u64, Option<u64>),
        row: Option<Box<Row>>,
    ) -> PyResult<Record> {
        let (has_user, has_host) = self.columns(layout);
        let strings = &mut self.strings;
        let mut text = |there: bool, text| match there {
            true => strings.text(py, text),
            false => Ok(py.None()),
        };
        Ok(Record {
            user: text(has_user, entry.ut_user)?,
            line: text(true, entry.ut_line)?,
            host: text(has_host, entry.ut_host)?,
            event: name(py, &mut self.events, entry.event_in(self.origin.kind), Event::name),
            r#type: name(py, &mut self.types, entry.ut_type(), UtType::name),
            time: self.clock.exact(py, entry.ut_tv)?,
            pid: entry.ut_pid.into_pyobject(py)?.unbind(),
            origin: Arc::clone(&self.origin),
            layout,
            bytes: bytes.into(),
            index,
            offset,
            uid,
            row,
        })
    }

    #[cold]
    fn row(
        &mut self,
        py: Python<'_>,
        record: &loginrec::Record<'_>,
        place: RowPlace,
    ) -> PyResult<Row> {
        let entry = record.entry();
        Ok(Row {
            record: OwnedRecord::from(*record),
            place,
            logout: match entry.logout {
                Some(logout) => self.clock.exact(py, logout)?,
                None => py.None(),
            },
            service: match entry.service {
                Some(service) => self.strings.text(py, service)?,
                None => py.None(),
            },
        })
    }

    fn columns(&mut self, layout: &'static Layout) -> (bool, bool) {
        match self.layout {
            Some((known, user, host)) if std::ptr::eq(known, layout) => (user, host),
            _ => {
                let has = |role| layout.field(role).is_some();
                let (user, host) = (has(Role::User), has(Role::Host));
                self.layout = Some((layout, user, host));
                (user, host)
            }
        }
    }
}

/// Returns a column of a row, as it is stored.
fn column<'py>(
    py: Python<'py>,
    record: &loginrec::Record<'_>,
    role: Role,
) -> PyResult<Bound<'py, PyAny>> {
    let entry = record.entry();
    let micros = |time: Timestamp| time.tv_sec.saturating_mul(1_000_000) + time.tv_usec;
    let time = Some(entry.ut_tv).filter(|time| *time != Timestamp::ABSENT);
    let number = match role {
        Role::Type => entry.raw_type.map(i64::from),
        Role::Sec => time.map(|time| time.tv_sec),
        Role::Micros => time.map(micros),
        Role::Logout => entry.logout.map(micros),
        _ => {
            let text = match role {
                Role::User => Some(entry.ut_user),
                Role::Line => Some(entry.ut_line),
                Role::Host => Some(entry.ut_host),
                _ => entry.service,
            };
            let text = text.filter(|_| !record.is_null(role));
            let bytes = text.map(|text| PyBytes::new(py, text.raw()));
            return bytes.into_pyobject(py).map_err(Into::into);
        }
    };
    Ok(number.into_pyobject(py)?)
}

/// Returns a word of a short list as an object made only once.
fn name<T: Copy + PartialEq>(
    py: Python<'_>,
    known: &mut Vec<(T, Py<PyAny>)>,
    value: T,
    spell: fn(T) -> &'static str,
) -> Py<PyAny> {
    if let Some((_, name)) = known.iter().find(|(of, _)| *of == value) {
        return name.clone_ref(py);
    }
    let name = pyo3::types::PyString::intern(py, spell(value)).into_any().unbind();
    known.push((value, name.clone_ref(py)));
    name
}
