//! Whole systems: folders, archives and disk images.

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use loginrec::read::ReadAt;
use loginrec::{Container, FileKind};
use loginrec_sources::{FoundFile, Held, RootOptions, uncompressed_name};
use pyo3::prelude::*;

use crate::errors;
use crate::input::{Content, Given, Input, LayoutName, Origin};
use crate::source::Source;
use crate::work;

/// A machine: its name, its files, and the names of its users by their ids.
type Machine = (String, Vec<Input>, HashMap<u64, String>);

/// The same for Python.
type Found = (String, Vec<Given>, HashMap<u64, String>);

/// Returns whether a path is that of a folder, an archive or an image.
#[pyfunction]
pub(crate) fn is_root(py: Python<'_>, path: PathBuf) -> PyResult<bool> {
    work::run(py, move || loginrec_sources::is_root(path))
}

/// Returns the machines below a root, each with its name, its files and the names of its users, and
/// what could not be read.
#[pyfunction]
#[pyo3(signature = (path, *, scan=false))]
pub(crate) fn machines_of(
    py: Python<'_>,
    path: PathBuf,
    scan: bool,
) -> PyResult<(Vec<Found>, Vec<String>)> {
    let own = path.clone();
    let found = work::run(py, move || look(&path, scan))?;
    let (machines, problems) = found.map_err(|error| errors::os_error(py, Some(&own), &error))?;
    let machines = machines.into_iter().map(|(name, files, users)| {
        let files = files.into_iter().map(Given).collect();
        (name, files, users)
    });
    Ok((machines.collect(), problems))
}

fn look(path: &std::path::Path, scan: bool) -> io::Result<(Vec<Machine>, Vec<String>)> {
    let options = RootOptions { scan, ..RootOptions::default() };
    let root = loginrec_sources::open_root(path, &options)?;
    let mut problems: Vec<String> = Vec::new();
    let said = |path: &std::path::Path, why: &dyn std::fmt::Display| {
        format!("'{}': {why}", path.display())
    };
    problems.extend(root.problems.iter().map(|problem| said(problem.path(), problem)));
    let mut machines = Vec::new();
    for machine in &root.machines {
        problems.extend(machine.problems(&[]).map(|problem| said(problem.path(), problem)));
        let mut files = Vec::new();
        for log in machine.logs() {
            match input(machine.name(), log.kind, &log.file) {
                Ok(input) => files.push(input),
                Err(error) => problems.push(said(&log.file.path, &error)),
            }
        }
        let users = machine.passwd().and_then(|file| users(&file).ok()).unwrap_or_default();
        machines.push((machine.name().to_owned(), files, users));
    }
    Ok((machines, problems))
}

fn input(machine: &str, kind: Option<FileKind>, file: &FoundFile) -> io::Result<Input> {
    let content = match &file.held {
        None => Content::Path(file.path.clone()),
        Some(held) => {
            let beside = |suffix: &str| {
                let ends = |path: &PathBuf| {
                    path.as_os_str().as_encoded_bytes().ends_with(suffix.as_bytes())
                };
                let found = file.beside.iter().find(|(path, _)| ends(path));
                found.map(|(_, held)| Source::of_reader(Reading::of(held))).transpose()
            };
            let (wal, journal) = (beside("-wal")?, beside("-journal")?);
            let source = Source::of_reader(Reading::of(held))?.beside_with(wal, journal);
            Content::Kept(Arc::new(source))
        }
    };
    let archive = file.archive.as_ref().map(|path| path.to_string_lossy().into_owned());
    // The content decides what a name leaves open, as for files that are named.
    let kind = kind.filter(|kind| name_kind(file) != Some(*kind));
    let path = Some(file.path.clone());
    let origin = Origin { path, kind, machine: Some(machine.to_owned()), archive };
    Ok(Input { content, origin: Arc::new(origin), layout: None })
}

fn name_kind(file: &FoundFile) -> Option<FileKind> {
    FileKind::from_file_name(&file.path.file_name()?.to_string_lossy())
}

/// Reads what is held from its beginning.
struct Reading<'a> {
    bytes: &'a dyn ReadAt,
    at: u64,
}

impl Reading<'_> {
    fn of(held: &Held) -> Reading<'_> {
        Reading { bytes: &*held.bytes, at: 0 }
    }
}

impl Read for Reading<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read_at(buffer, self.at)?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

/// Most bytes of a passwd.
const PASSWD: u64 = 16 << 20;

fn users(file: &FoundFile) -> io::Result<HashMap<u64, String>> {
    let mut text = Vec::new();
    match &file.held {
        Some(held) => _ = Reading::of(held).take(PASSWD).read_to_end(&mut text)?,
        None => {
            let file = loginrec_sources::open_evidence(&file.path)?;
            file.take(PASSWD).read_to_end(&mut text)?;
        }
    }
    let mut users = HashMap::new();
    for line in String::from_utf8_lossy(&text).lines() {
        let mut fields = line.split(':');
        if let (Some(name), Some(uid)) = (fields.next(), fields.nth(1))
            && let Ok(uid) = uid.parse()
        {
            // As in getpwuid(3): the first of two names with one id.
            users.entry(uid).or_insert_with(|| name.to_owned());
        }
    }
    Ok(users)
}

/// Returns the kind that the name of a file shows.
#[pyfunction]
pub(crate) fn kind_of_name(path: PathBuf) -> Option<&'static str> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    FileKind::from_file_name(uncompressed_name(&name)).map(FileKind::name)
}

/// Returns the record as it is stored in a file of this layout, with its length before it where
/// that is the container's.
#[pyfunction]
pub(crate) fn stored(layout: LayoutName, raw: &[u8]) -> Vec<u8> {
    let LayoutName(layout) = layout;
    match (layout.container, u16::try_from(raw.len())) {
        (Container::LengthPrefixed, Ok(len)) => [&len.to_be_bytes(), raw].concat(),
        _ => raw.to_vec(),
    }
}
