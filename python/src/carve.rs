//! Records in bytes of any kind.

use std::sync::Arc;

use loginrec::carve::{Carver, Hit, Scanner};
use loginrec::read::{OwnedRecord, ReadAt as _};
use pyo3::prelude::*;

use crate::errors;
use crate::input::{Content, Given, Origin};
use crate::record::{Record, RecordFactory};
use crate::source::Source;
use crate::work;

/// Bytes looked at at a time.
const PIECE: usize = 1 << 20;

/// A record that was found, with its confidence and its run.
type Found = (OwnedRecord, i32, u64);

/// Finds records in a disk image, a memory dump, a damaged file: returns each with its confidence
/// in bits and the number of its run.
#[pyfunction]
#[pyo3(signature = (given, *, min_confidence=None))]
pub(crate) fn carve_source(
    py: Python<'_>,
    given: &Given,
    min_confidence: Option<i32>,
) -> PyResult<Vec<(Record, i32, u64)>> {
    let input = given.0.clone();
    let found = work::run(py, move || {
        let source = match input.content {
            Content::Kept(source) => source,
            Content::Path(path) => Arc::new(Source::open(&path)?),
        };
        search(&source, min_confidence)
    })?;
    let origin = Arc::clone(&given.0.origin);
    let found = found.map_err(|error| errors::os_error(py, origin.path(), &error))?;
    // Nothing but the place of a record shows its kind.
    let origin = Origin { kind: None, ..Origin::clone(&origin) };
    let mut factory = RecordFactory::new(py, Arc::new(origin))?;
    let found = found.iter().map(|(record, confidence, run)| {
        Ok((factory.make(py, &record.record())?, *confidence, *run))
    });
    found.collect()
}

fn search(source: &Source, min_confidence: Option<i32>) -> std::io::Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut take = |hit: Hit<'_>| {
        found.push((OwnedRecord::from(hit.record), hit.confidence, hit.run));
    };
    let mut carver = Carver::new(Scanner::default());
    if let Some(least) = min_confidence {
        carver = carver.min_confidence(least);
    }
    let mut piece = vec![0; PIECE];
    let mut at = 0_u64;
    loop {
        let read = source.read_at(&mut piece, at)?;
        if read == 0 || work::is_cancelled() {
            break;
        }
        carver.push(piece.get(..read).unwrap_or_default(), &mut take);
        at = at.saturating_add(read as u64);
    }
    carver.finish(&mut take);
    Ok(found)
}
