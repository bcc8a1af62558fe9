//! The layout of a file, and the reasons for it.

use loginrec::detect::{Detection as Found, Hints, Reason, Verdict, detect_with};
use loginrec::open::OpenErrorKind;
use pyo3::prelude::*;

use crate::errors;
use crate::input::Input;
use crate::log_source::{Log, LogOptions};
use crate::source::Source;

/// The result of detection.
#[pyclass(module = "loginrec", frozen, get_all)]
pub(crate) struct Detection {
    /// `'recognised'`, `'ambiguous'`, `'not-recognised'`, or `'empty'`.
    verdict: &'static str,
    /// The name of the layout; a guess if the verdict is `'ambiguous'`, `None` if the file is
    /// empty or not recognised.
    layout: Option<&'static str>,
    /// Evidence for it, in bits.
    score: i32,
    /// How many bits ahead it is of the next layout that decodes the bytes differently.
    margin: i32,
    /// The next best layout that decodes the bytes differently.
    runner_up: Option<&'static str>,
    /// Names and scores of the layouts that could explain the bytes, best first.
    candidates: Vec<(&'static str, i32)>,
    /// The reasons, in words.
    reasons: Vec<String>,
}

impl Detection {
    pub(crate) fn of(found: &Found) -> Detection {
        let name = |verdict| match verdict {
            Verdict::Recognized => "recognised",
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

/// Identifies the layout of a file, with confidence and reasons.
///
/// `source` is a path or the bytes themselves. A file that is not recognized does not raise an
/// exception here: see `verdict`.
#[pyfunction]
pub(crate) fn detect(py: Python<'_>, source: Input) -> PyResult<Detection> {
    let (path, found) = py.detach(|| {
        let options = LogOptions { guess: true, ..LogOptions::default() };
        match source {
            Input::Bytes(bytes) => (None, Log::new(Source::python(bytes), None, options)),
            Input::Path(path) => {
                let source = Source::open(&path).map_err(OpenErrorKind::Io);
                let log = source.and_then(|source| Log::new(source, Some(path.clone()), options));
                (Some(path), log)
            }
        }
    });
    match found.map(|log| log.detection) {
        Ok(Some(found))
        | Err(OpenErrorKind::NotRecognized(found) | OpenErrorKind::Ambiguous(found)) => {
            Ok(Detection::of(&found))
        }
        // There is a detection unless a layout is given.
        Ok(None) => Ok(Detection::of(&detect_with(&[], &Hints::default()))),
        Err(why) => Err(errors::open(py, path.as_deref(), why)),
    }
}
