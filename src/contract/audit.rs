//! Rows of findings and rules.

use std::vec::Vec;

use crate::audit::{Finding, Rule};
use crate::contract::column::Column;
use crate::contract::sink::{Row, Sink, Source};
use crate::contract::write::{integer_or_null, name, null_time, text, time, word_or_null};
use crate::layout::Layout;
use crate::value::text::Text;

/// A finding.
#[derive(Clone, Copy, Debug)]
pub struct FindingRow<'a> {
    /// The machine and the file.
    pub source: Source<'a>,
    /// The layout of the file; `None` for an empty file.
    pub layout: Option<&'static Layout>,
    /// The finding.
    pub finding: &'a Finding,
}

impl Row for FindingRow<'_> {
    const COLUMNS: &'static [Column] = &[
        Column::Machine,
        Column::Source,
        Column::Time,
        Column::RawSec,
        Column::RawUsec,
        Column::Rule,
        Column::Severity,
        Column::Title,
        Column::User,
        Column::Line,
        Column::Host,
        Column::File,
        Column::Layout,
        Column::Index,
        Column::Offset,
        Column::Bytes,
        Column::Message,
        Column::Expected,
        Column::Innocent,
        Column::Technique,
        Column::More,
    ];

    fn write(&self, to: &mut impl Sink) {
        let FindingRow { source, layout, finding } = *self;
        let rule = finding.rule;
        source.write_machine(to);
        match (finding.time, layout) {
            (Some(at), Some(layout)) => time(to, Column::Time, at, layout),
            _ => null_time(to, Column::Time),
        }
        to.word(Column::Rule, rule.id);
        to.word(Column::Severity, finding.severity.name());
        name(to, Column::Title, Some(rule.title));
        let subject = finding.subject.as_ref();
        text(to, Column::User, subject.and_then(|subject| stored(&subject.user)));
        text(to, Column::Line, subject.and_then(|subject| stored(&subject.line)));
        text(to, Column::Host, subject.and_then(|subject| stored(&subject.host)));
        name(to, Column::File, source.file);
        word_or_null(to, Column::Layout, layout.map(|layout| layout.name));
        integer_or_null(to, Column::Index, finding.index);
        to.integer(Column::Offset, finding.offset.into());
        to.bytes(Column::Bytes, &finding.bytes);
        name(to, Column::Message, Some(&finding.message));
        name(to, Column::Expected, Some(rule.expected));
        to.list(Column::Innocent, &mut rule.innocent.iter().copied());
        technique(to, rule);
        to.integer(Column::More, finding.more.into());
    }
}

/// A rule of the catalog.
#[derive(Clone, Copy, Debug)]
pub struct RuleRow<'a>(pub &'a Rule);

impl Row for RuleRow<'_> {
    const COLUMNS: &'static [Column] = &[
        Column::Rule,
        Column::Severity,
        Column::Title,
        Column::Meaning,
        Column::Expected,
        Column::Innocent,
        Column::Technique,
    ];

    fn write(&self, to: &mut impl Sink) {
        let RuleRow(rule) = *self;
        to.word(Column::Rule, rule.id);
        to.word(Column::Severity, rule.severity.name());
        name(to, Column::Title, Some(rule.title));
        name(to, Column::Meaning, Some(rule.meaning));
        name(to, Column::Expected, Some(rule.expected));
        to.list(Column::Innocent, &mut rule.innocent.iter().copied());
        technique(to, rule);
    }
}

fn technique(to: &mut impl Sink, rule: &Rule) {
    match rule.technique {
        Some(technique) => to.word(Column::Technique, technique),
        None => to.null(Column::Technique),
    }
}

fn stored(text: &Option<Vec<u8>>) -> Option<Text<'_>> {
    text.as_deref().map(Text::new)
}
