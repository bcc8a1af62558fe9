//! Which layout a file has, and why.

use loginrec::detect::{Detection as Found, Hints, Reason, Verdict, detect_with};
use loginrec::{LogFile, OpenErrorKind};
use pyo3::prelude::*;

use crate::errors;
use crate::input::Input;

/// What detection found.
#[pyclass(module = "loginrec", frozen, get_all)]
pub(crate) struct Detection {
    /// `'recognised'`, `'ambiguous'`, `'not-recognised'`, or `'empty'`.
    verdict: &'static str,
    /// The name of the layout; a guess if the verdict is `'ambiguous'`, `None` if the file is
    /// empty or not recognised.
    layout: Option<&'static str>,
    /// Evidence for it, in bits.
    score: i32,
    /// How many bits the next layout that reads the bytes differently is behind.
    margin: i32,
    /// The next best layout that reads the bytes differently.
    runner_up: Option<&'static str>,
    /// Names and scores of the layouts that could explain the bytes, best first.
    candidates: Vec<(&'static str, i32)>,
    /// Why, in words.
    reasons: Vec<String>,
}

impl Detection {
    pub(crate) fn of(found: &Found) -> Detection {
        let name = |verdict| match verdict {
            Verdict::Recognised => "recognised",
            Verdict::Ambiguous => "ambiguous",
            Verdict::Empty => "empty",
            _ => "not-recognised",
        };
        Detection {
            verdict: name(found.verdict()),
            layout: found.layout().map(|layout| layout.name),
            score: found.score(),
            margin: found.margin(),
            runner_up: found.runner_up().map(|next| next.layout.name),
            candidates: found.candidates().iter().map(|c| (c.layout.name, c.score)).collect(),
            reasons: found.reasons().iter().map(Reason::to_string).collect(),
        }
    }
}

#[pymethods]
impl Detection {
    fn __repr__(&self) -> String {
        let layout = self.layout.unwrap_or("-");
        format!("<loginrec.Detection {} layout={layout} margin={}>", self.verdict, self.margin)
    }
}

/// Says which layout a file has, how sure that is, and why.
///
/// `source` is a path or the bytes themselves. A file that is not recognised is no error
/// here: see `verdict`.
#[pyfunction]
pub(crate) fn detect(py: Python<'_>, source: Input) -> PyResult<Detection> {
    let (path, result) = py.detach(|| match source {
        Input::Bytes(bytes) => (None, Ok(detect_with(&bytes, &Hints::default()))),
        Input::Path(path) => {
            let result = match LogFile::options().guess(true).open(&path) {
                Ok(file) => Ok(file.detection().cloned()),
                Err(error) => match error.into_kind() {
                    OpenErrorKind::NotRecognised(found) | OpenErrorKind::Ambiguous(found) => {
                        Ok(Some(found))
                    }
                    kind => Err(kind),
                },
            };
            // A detection is there unless a layout is given.
            (
                Some(path),
                result.map(|found| found.unwrap_or_else(|| detect_with(&[], &Hints::default()))),
            )
        }
    });
    match result {
        Ok(found) => Ok(Detection::of(&found)),
        Err(kind) => Err(errors::open(py, path.as_deref(), kind)),
    }
}
