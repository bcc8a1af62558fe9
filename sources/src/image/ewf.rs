//! Images in Expert Witness Format: `disk.E01`, `disk.E02` and so on.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use ewf::{EwfReader, SegmentSource};
use loginrec::read::ReadAt;

use super::invalid;
use crate::evidence::open_segment;

/// Opens an image with all its segments, of which `path` is the first.
pub(super) fn open(path: &Path) -> io::Result<Rc<dyn ReadAt>> {
    let mut sources = Vec::new();
    for path in segments(path) {
        let file = open_segment(&path)?;
        let len = file.metadata()?.len();
        sources.push(SegmentSource::sub(Arc::new(file), 0, len));
    }
    let reader = EwfReader::open_lazy_from_sources(sources).map_err(|e| invalid(e.to_string()))?;
    Ok(Rc::new(Ewf { reader }))
}

struct Ewf {
    reader: EwfReader,
}

impl ReadAt for Ewf {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.reader.read_at(buffer, offset).map_err(|error| invalid(error.to_string()))
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.reader.total_size())
    }
}

/// Returns the segments of an image that exist: `.E01` to `.E99`, then `.EAA` to `.ZZZ`.
pub(super) fn segments(first: &Path) -> Vec<PathBuf> {
    let mut found = vec![first.to_owned()];
    let Some(suffix) = first.extension().and_then(|suffix| suffix.to_str()) else { return found };
    let Some(letter) = suffix.strip_suffix("01").and_then(|rest| rest.bytes().next()) else {
        return found;
    };
    let base = if letter.is_ascii_lowercase() { b'a' } else { b'A' };
    let numbered = (2..100).map(|number| format!("{}{number:02}", char::from(letter)));
    let lettered = (0..).map(|number: u32| {
        let of = |digit: u32| char::from(base.saturating_add((digit % 26) as u8));
        let first = char::from(letter.saturating_add((number / 676) as u8));
        format!("{first}{}{}", of(number / 26), of(number))
    });
    for suffix in numbered.chain(lettered.take(20 * 676)) {
        let path = first.with_extension(suffix);
        if !fs::metadata(&path).is_ok_and(|about| about.is_file()) {
            break;
        }
        found.push(path);
    }
    found
}
