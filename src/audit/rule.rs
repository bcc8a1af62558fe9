//! What a rule is, and what it finds.

use std::borrow::ToOwned as _;
use std::collections::HashMap;
use std::fmt;
use std::string::String;
use std::vec::Vec;

/// How much a finding weighs once its innocent explanations are taken into account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Severity {
    /// Worth knowing when reading the file; not suspicious.
    Info,
    /// Has common innocent explanations.
    Low,
    /// Has innocent explanations, none of them common.
    Medium,
    /// Hardly anything innocent does this.
    High,
}

impl Severity {
    /// From the least to the most.
    pub const ALL: &'static [Severity] =
        &[Severity::Info, Severity::Low, Severity::Medium, Severity::High];

    /// The word used in JSON and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }

    /// The severity called `name`.
    pub fn from_name(name: &str) -> Option<Severity> {
        Self::ALL.iter().copied().find(|severity| severity.name() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One thing that is looked for; see [`RULES`](super::RULES).
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// Short and stable, as `zeroed-record`.
    pub id: &'static str,
    /// How much a finding usually weighs; a single [`Finding`] may weigh more or less.
    pub severity: Severity,
    /// What is seen, in a few words.
    pub title: &'static str,
    /// What it is consistent with, and when the rule applies.
    pub meaning: &'static str,
    /// What an untouched file has in that place.
    pub expected: &'static str,
    /// What else leaves the same trace.
    pub innocent: &'static [&'static str],
    /// The technique of MITRE ATT&CK it may be a trace of, as `T1070.002`.
    pub technique: Option<&'static str>,
    /// Whether it is a habit of the writing program, and weighs little, if many records of
    /// the file show it.
    pub(super) habit: bool,
}

impl Rule {
    /// A rule with nothing to say yet, for the tables.
    pub(super) const NEW: Rule = Rule {
        id: "",
        severity: Severity::Info,
        title: "",
        meaning: "",
        expected: "",
        innocent: &[],
        technique: None,
        habit: false,
    };
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}

/// Something in the evidence that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What was looked for.
    pub rule: &'static Rule,
    /// How much this one weighs.
    pub severity: Severity,
    /// Which file, as [`Audit::begin`](super::Audit::begin) numbered it.
    pub file: u32,
    /// Which record; `None` if it is about the file.
    pub index: Option<u64>,
    /// Byte offset in the file of `bytes`.
    pub offset: u64,
    /// The bytes concerned: a field, a record, what lies between records. At most a few
    /// hundred; empty if it is about the file.
    pub bytes: Vec<u8>,
    /// What was seen, in words. Text from the file is in it escaped.
    pub message: String,
    /// How many more findings of this rule in this file are not listed.
    pub more: u64,
}

/// Findings of one rule in one file that are listed.
const LISTED: u64 = 20;
/// The most bytes a finding carries.
const LONGEST: usize = 1024;

/// Where a finding is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) file: u32,
    pub(super) index: Option<u64>,
    pub(super) offset: u64,
}

/// Findings so far: bounded, whatever the file holds.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    tallies: HashMap<(u32, &'static str), Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    count: u64,
    listed: Vec<usize>,
}

impl Findings {
    pub(super) fn add(
        &mut self,
        rule: &'static Rule,
        severity: Severity,
        spot: Spot,
        bytes: &[u8],
        message: String,
    ) {
        let Spot { file, index, offset } = spot;
        let bytes = bytes.get(..LONGEST).unwrap_or(bytes).to_owned();
        let finding = Finding { rule, severity, file, index, offset, bytes, message, more: 0 };
        let tally = self.tallies.entry((file, rule.id)).or_default();
        tally.count = tally.count.saturating_add(1);
        if tally.count <= LISTED {
            tally.listed.push(self.list.len());
            self.list.push(finding);
            return;
        }
        // A heavier one takes the place of a lighter one.
        let lighter = tally.listed.iter().find_map(|&at| {
            let listed = self.list.get(at)?;
            (listed.severity < severity).then_some(at)
        });
        if let Some(place) = lighter.and_then(|at| self.list.get_mut(at)) {
            *place = finding;
        }
    }

    /// What a program does throughout weighs little. For the end of a file.
    pub(super) fn weigh_habits(&mut self, file: u32, records: u64) {
        for ((of, _), tally) in &self.tallies {
            let common = tally.count >= 5 && tally.count.saturating_mul(8) >= records;
            if *of != file || !common {
                continue;
            }
            for &at in &tally.listed {
                if let Some(finding) = self.list.get_mut(at).filter(|f| f.rule.habit) {
                    finding.severity = finding.severity.min(Severity::Low);
                }
            }
        }
    }

    /// In the order of files and offsets.
    pub(super) fn finish(mut self, order: impl Fn(&Rule) -> usize) -> Vec<Finding> {
        for tally in self.tallies.values() {
            let unlisted = tally.count.saturating_sub(LISTED);
            let last = tally.listed.iter().filter_map(|&at| Some((self.list.get(at)?.offset, at)));
            if let Some((_, last)) = last.max()
                && let Some(finding) = self.list.get_mut(last)
            {
                finding.more = unlisted;
            }
        }
        self.list.sort_by_key(|f| (f.file, f.offset, f.index, order(f.rule)));
        self.list
    }
}
