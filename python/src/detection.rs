//! The layout of a file, and the reasons for it.

use loginrec::detect::{Detection as Found, Hints, Reason, Verdict, detect_with};
use loginrec::formats::by_name;
use loginrec::open::OpenErrorKind;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::input::Given;
use crate::log_source::{Log, LogOptions, Opened, Unopened};

/// The result of detection.
#[pyclass(module = "loginrec", frozen, get_all)]
#[derive(PartialEq, Eq)]
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
    /// Returns everything as a dict.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        all.set_item("verdict", self.verdict)?;
        all.set_item("layout", self.layout)?;
        all.set_item("score", self.score)?;
        all.set_item("margin", self.margin)?;
        all.set_item("runner_up", self.runner_up)?;
        all.set_item("candidates", &self.candidates)?;
        all.set_item("reasons", &self.reasons)?;
        Ok(all)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Detection>().is_ok_and(|other| *self == *other.get())
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        (self.verdict, self.layout, self.score, self.margin).hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyDict>,))> {
        let make = py.import("loginrec._loginrec")?.getattr("detection_again")?;
        Ok((make, (self.to_dict(py)?,)))
    }

    fn __repr__(&self) -> String {
        let layout = self.layout.unwrap_or("-");
        format!("<loginrec.Detection {} layout={layout} margin={}>", self.verdict, self.margin)
    }
}

/// Identifies the layout of a source.
#[pyfunction]
pub(crate) fn detect_source(py: Python<'_>, given: &Given) -> PyResult<Detection> {
    let input = given.0.clone();
    let path = input.origin.path.clone();
    let options = LogOptions { guess: true, ..LogOptions::default() };
    let Opened { logs, failed } = Log::open_all(py, vec![input], options, |_| None)?;
    let failed = failed.into_iter().next().map(|(_, why)| why);
    match failed {
        Some(Unopened::Failed(
            OpenErrorKind::NotRecognized(found) | OpenErrorKind::Ambiguous(found),
        )) => Ok(Detection::of(&found)),
        Some(why) => Err(why.into_error(py, path.as_deref())),
        None => match logs.first().and_then(|log| log.detection.as_ref()) {
            Some(found) => Ok(Detection::of(found)),
            // There is a detection unless a layout is given.
            None => Ok(Detection::of(&detect_with(&[], &Hints::default()))),
        },
    }
}

/// Makes a detection of its values: the other half of pickle.
#[pyfunction]
pub(crate) fn detection_again(values: &Bound<'_, PyDict>) -> PyResult<Detection> {
    let unknown = || PyValueError::new_err("a detection of another version");
    let get = |key| values.get_item(key)?.ok_or_else(unknown);
    let name = |name: String| by_name(&name).map(|layout| layout.name).ok_or_else(unknown);
    let verdict: String = get("verdict")?.extract()?;
    let verdicts = ["recognised", "ambiguous", "empty", "not-recognised"];
    let candidates: Vec<(String, i32)> = get("candidates")?.extract()?;
    Ok(Detection {
        verdict: verdicts.into_iter().find(|known| *known == verdict).ok_or_else(unknown)?,
        layout: get("layout")?.extract::<Option<String>>()?.map(name).transpose()?,
        score: get("score")?.extract()?,
        margin: get("margin")?.extract()?,
        runner_up: get("runner_up")?.extract::<Option<String>>()?.map(name).transpose()?,
        candidates: candidates
            .into_iter()
            .map(|(layout, score)| Ok((name(layout)?, score)))
            .collect::<PyResult<_>>()?,
        reasons: get("reasons")?.extract()?,
    })
}
