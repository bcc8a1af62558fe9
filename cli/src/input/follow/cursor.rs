//! `--cursor`: a small file that says how far each log has been read.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use loginrec::contract::EscapedUtf8;
use loginrec::formats;
use loginrec_sources::open_evidence;
use serde::{Deserialize, Serialize};
use tempfile::Builder;

use crate::diagnostics::reason;
use crate::file_name::FileName;
use crate::input::follow::place::{Place, Print};

/// The version of the format.
const VERSION: u32 = 1;
/// Longer files are no cursors.
const LONGEST: u64 = 16 << 20;

/// How far each log has been read.
#[derive(Debug)]
pub(crate) struct Cursor {
    path: PathBuf,
    places: BTreeMap<String, Place>,
}

/// The first line.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Head {
    loginrec_cursor: u32,
}

/// The line of a log.
#[derive(Debug, Deserialize, Serialize)]
struct Line {
    path: String,
    #[serde(default)]
    device: Option<u64>,
    #[serde(default)]
    inode: Option<u64>,
    layout: Option<String>,
    offset: u64,
    index: u64,
    changed: Option<i64>,
    first_bytes: u64,
    first_sha256: String,
    last_bytes: u64,
    last_sha256: String,
}

impl Cursor {
    /// Reads a cursor; a file that does not exist yet is an empty one. The error is a message for
    /// the user.
    pub(crate) fn open(path: &Path) -> Result<Cursor, String> {
        let mut cursor = Cursor { path: path.to_owned(), places: BTreeMap::new() };
        let shown = FileName::new(path).shown;
        let mut text = String::new();
        let read = match fs::metadata(path) {
            Ok(about) if !about.is_file() => Err(io::Error::other("not a regular file")),
            Ok(_) => {
                open_evidence(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(cursor),
            Err(error) => Err(error),
        };
        match read {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::InvalidData => text.clear(),
            Err(error) => return Err(format!("{shown}: {}", reason(&error))),
        }
        let not_one = || format!("{shown}: is not a cursor, and is not overwritten");
        let mut lines = text.lines();
        let head = lines.next().and_then(|line| serde_json::from_str::<Head>(line).ok());
        match head {
            Some(Head { loginrec_cursor: VERSION }) => {}
            Some(_) => return Err(format!("{shown}: is a cursor of a later version")),
            None => return Err(not_one()),
        }
        for (number, line) in (2..).zip(lines) {
            let line = serde_json::from_str::<Line>(line).ok();
            let known = line.and_then(|line| Some((line.path.clone(), line.place()?)));
            let (path, place) = known.ok_or_else(|| {
                format!("{shown}: line {number} is damaged; remove the file to begin again")
            })?;
            cursor.places.insert(path, place);
        }
        Ok(cursor)
    }

    /// Returns how far a log has been read.
    pub(crate) fn place(&self, log: &FileName<'_>) -> Option<Place> {
        self.places.get(&key(log)?).cloned()
    }

    /// Writes that a log has been read up to a place. The file changes at once, or not at all.
    pub(crate) fn save(&mut self, log: &FileName<'_>, place: Place) -> io::Result<()> {
        let Some(key) = key(log) else { return Ok(()) };
        if self.places.get(&key) == Some(&place) {
            return Ok(());
        }
        self.places.insert(key, place);
        self.write().map_err(|error| {
            let path = FileName::new(&self.path).shown;
            io::Error::other(format!("{path}: {}", reason(&error)))
        })
    }

    fn write(&self) -> io::Result<()> {
        let mut text = serde_json::to_string(&Head { loginrec_cursor: VERSION })?;
        text.push('\n');
        for (path, place) in &self.places {
            text.push_str(&serde_json::to_string(&Line::of(path, place))?);
            text.push('\n');
        }
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut file =
            Builder::new().prefix(".loginrec-").tempfile_in(folder.unwrap_or(Path::new(".")))?;
        // Not synchronized: the time between printing records and this is kept short, since they
        // are printed again if the process ends in it.
        file.write_all(text.as_bytes())?;
        file.persist(&self.path).map(drop).map_err(|error| error.error)
    }
}

/// Returns the name of a log in the cursor, which does not depend on the current folder.
fn key(log: &FileName<'_>) -> Option<String> {
    let path = std::path::absolute(log.path()?).ok()?;
    Some(EscapedUtf8(path.as_os_str().as_encoded_bytes()).to_string())
}

impl Line {
    fn of(path: &str, place: &Place) -> Line {
        let Place { id, layout, offset, index, changed, first, last } = place.clone();
        Line {
            path: path.to_owned(),
            device: id.map(|(device, _)| device),
            inode: id.map(|(_, inode)| inode),
            layout: layout.map(|layout| layout.name.to_owned()),
            offset,
            index,
            changed,
            first_bytes: first.len,
            first_sha256: first.sha256,
            last_bytes: last.len,
            last_sha256: last.sha256,
        }
    }

    fn place(self) -> Option<Place> {
        let layout = match &self.layout {
            Some(name) => Some(formats::by_name(name)?),
            None => None,
        };
        let first = Print { len: self.first_bytes, sha256: self.first_sha256 };
        let last = Print { len: self.last_bytes, sha256: self.last_sha256 };
        let is_possible = first.is_possible() && last.is_possible() && last.len <= self.offset;
        let id = self.device.zip(self.inode);
        let Line { offset, index, changed, .. } = self;
        is_possible.then_some(Place { id, layout, offset, index, changed, first, last })
    }
}
