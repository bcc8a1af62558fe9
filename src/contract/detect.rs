//! Rows of detected files.

use alloc::string::String;

use crate::contract::column::Column;
use crate::contract::sink::{Row, Sink, Source};
use crate::contract::write::{integer_or_null, name, word_or_null};
use crate::detect::Verdict;
use crate::layout::Layout;
use crate::value::file_kind::FileKind;
use crate::value::timestamp::Timestamp;

/// A file with its detected format.
#[derive(Clone, Copy, Debug)]
pub struct DetectionRow<'a> {
    /// The machine and the file.
    pub source: Source<'a>,
    /// The format; `None` for an empty file and for one that is not recognized.
    pub layout: Option<&'static Layout>,
    /// The file's kind.
    pub kind: Option<FileKind>,
    /// Number of records; `None` if they were not counted.
    pub records: Option<u64>,
    /// The first and the last time.
    pub times: Option<(Timestamp, Timestamp)>,
    /// The result of detection; recognized, if the format was given.
    pub verdict: Verdict,
    /// Number of bits by which the best format leads the next one.
    pub margin: Option<i32>,
    /// The format that came second.
    pub runner_up: Option<&'static Layout>,
    /// The reasons, in sentences.
    pub reasons: &'a [String],
}

impl DetectionRow<'_> {
    /// Returns the name of the verdict. An empty file counts as recognized: it has no records of
    /// any format.
    pub fn verdict(&self) -> &'static str {
        match self.verdict {
            Verdict::Recognized | Verdict::Empty => "recognised",
            Verdict::Ambiguous => "ambiguous",
            Verdict::NotRecognized => "not-recognised",
        }
    }
}

impl Row for DetectionRow<'_> {
    const COLUMNS: &'static [Column] = &[
        Column::Machine,
        Column::Source,
        Column::File,
        Column::Layout,
        Column::Kind,
        Column::Records,
        Column::First,
        Column::Last,
        Column::Verdict,
        Column::Margin,
        Column::RunnerUp,
        Column::Reasons,
    ];

    fn write(&self, to: &mut impl Sink) {
        self.source.write_machine(to);
        name(to, Column::File, self.source.file);
        word_or_null(to, Column::Layout, self.layout.map(|layout| layout.name));
        word_or_null(to, Column::Kind, self.kind.map(FileKind::name));
        integer_or_null(to, Column::Records, self.records);
        for (column, time) in [
            (Column::First, self.times.map(|(first, _)| first)),
            (Column::Last, self.times.map(|(_, last)| last)),
        ] {
            match time.filter(|time| time.has_calendar_form()) {
                Some(time) => to.time(column, time),
                None => to.null(column),
            }
        }
        to.word(Column::Verdict, self.verdict());
        integer_or_null(to, Column::Margin, self.margin);
        word_or_null(to, Column::RunnerUp, self.runner_up.map(|next| next.name));
        to.list(Column::Reasons, &mut self.reasons.iter().map(|reason| reason.as_str()));
    }
}
