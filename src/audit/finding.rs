//! Rules and their findings.

use std::borrow::ToOwned as _;
use std::collections::HashMap;
use std::fmt;
use std::string::String;
use std::vec::Vec;

use crate::value::timestamp::Timestamp;
use crate::value::unknown_name::UnknownName;

/// The severity of a finding, with its innocent explanations taken into account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Severity {
    /// Useful for reading the file; not suspicious.
    Info,
    /// Has common innocent explanations.
    Low,
    /// Has innocent explanations, none of them common.
    Medium,
    /// Hardly any innocent cause is known.
    High,
}

impl Severity {
    /// All severities, the lowest first.
    pub const ALL: &'static [Severity] =
        &[Severity::Info, Severity::Low, Severity::Medium, Severity::High];

    /// Returns the name used in JSON and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }
}

/// Parses the result of [`Severity::name`].
impl core::str::FromStr for Severity {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Severity, UnknownName> {
        let known = Severity::ALL.iter().copied().find(|known| known.name() == name);
        known.ok_or(UnknownName::new("severity"))
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A kind of irregularity to look for; see [`RULES`](crate::audit::RULES).
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Rule {
    /// Short, stable name, such as `zeroed-record`.
    pub id: &'static str,
    /// The usual severity; a single [`Finding`] may have a higher or lower one.
    pub severity: Severity,
    /// The observation in a few words.
    pub title: &'static str,
    /// Possible causes, and when the rule applies.
    pub meaning: &'static str,
    /// The content of an untouched file in this place.
    pub expected: &'static str,
    /// Innocent causes of the same trace.
    pub innocent: &'static [&'static str],
    /// The technique of MITRE ATT&CK that may leave this trace, such as `T1070.002`.
    pub technique: Option<&'static str>,
    /// Whether many findings in one file are a habit of the writing program, and get a low
    /// severity.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) systematic: bool,
}

impl Rule {
    /// An empty rule, to be completed in the tables.
    pub(super) const NEW: Rule = Rule {
        id: "",
        severity: Severity::Info,
        title: "",
        meaning: "",
        expected: "",
        innocent: &[],
        technique: None,
        systematic: false,
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
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Finding {
    /// The rule that was violated.
    pub rule: &'static Rule,
    /// The severity of this finding.
    pub severity: Severity,
    /// The file, as numbered by [`Audit::begin`](crate::audit::Audit::begin).
    pub file: u32,
    /// The time of the record, or of the last record before it that has one; `None` for findings
    /// about the file.
    pub time: Option<Timestamp>,
    /// The user, line and host concerned, if the record is a login or logout.
    pub subject: Option<Subject>,
    /// Index of the record; `None` for findings about the file.
    pub index: Option<u64>,
    /// Byte offset in the file of `bytes`.
    pub offset: u64,
    /// The bytes concerned: a field, a record, or bytes between records. At most 1024; empty for
    /// findings about the file.
    pub bytes: Vec<u8>,
    /// The observation in words, with text from the file escaped.
    pub message: String,
    /// Number of further findings of this rule in this file that are not listed.
    pub more: u64,
}

impl Finding {
    /// Returns a finding of this rule about no place, to be completed: for callers that have stored
    /// findings elsewhere.
    pub fn new(rule: &'static Rule) -> Finding {
        Finding {
            rule,
            severity: rule.severity,
            file: 0,
            time: None,
            subject: None,
            index: None,
            offset: 0,
            bytes: Vec::new(),
            message: String::new(),
            more: 0,
        }
    }
}

/// The user, line and host of a login or logout: the texts of the record before the first NUL.
/// `None` if the platform stores no such text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Subject {
    /// The user.
    pub user: Option<Vec<u8>>,
    /// The terminal.
    pub line: Option<Vec<u8>>,
    /// The remote host.
    pub host: Option<Vec<u8>>,
}

/// Number of findings that are listed for one rule in one file.
const LISTED: u64 = 20;
/// Most bytes that a finding carries.
const LONGEST: usize = 1024;

/// The place of a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) file: u32,
    pub(super) index: Option<u64>,
    pub(super) offset: u64,
    /// The time of the record, if it has one.
    pub(super) time: Option<Timestamp>,
}

/// The findings so far: bounded, whatever the file holds.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    tallies: HashMap<(u32, &'static str), Tally>,
    /// The file being read, and the last time in it so far.
    latest: Option<(u32, Timestamp)>,
}

#[derive(Debug, Default)]
struct Tally {
    count: u64,
    listed: Vec<usize>,
}

impl Findings {
    /// Notes the time of a record, for later findings that have no time of their own.
    pub(super) fn passed(&mut self, location: Location) {
        if let Some(time) = location.time {
            self.latest = Some((location.file, time));
        }
    }

    pub(super) fn add(
        &mut self,
        rule: &'static Rule,
        severity: Severity,
        location: Location,
        bytes: &[u8],
        message: String,
    ) {
        self.add_about(rule, severity, location, bytes, message, None);
    }

    /// Adds a finding about a login or logout.
    pub(super) fn add_about(
        &mut self,
        rule: &'static Rule,
        severity: Severity,
        location: Location,
        bytes: &[u8],
        message: String,
        subject: Option<Subject>,
    ) {
        let Location { file, index, offset, time } = location;
        let bytes = bytes.get(..LONGEST).unwrap_or(bytes).to_owned();
        let is_within = index.is_some() || offset > 0;
        let before = self.latest.filter(|(latest, _)| *latest == file && is_within);
        let time = time.or(before.map(|(_, time)| time));
        let more = 0;
        let finding =
            Finding { rule, severity, file, time, subject, index, offset, bytes, message, more };
        let tally = self.tallies.entry((file, rule.id)).or_default();
        tally.count = tally.count.saturating_add(1);
        if tally.count <= LISTED {
            tally.listed.push(self.list.len());
            self.list.push(finding);
            return;
        }
        // A finding of higher severity replaces one of lower severity.
        let lighter = tally.listed.iter().find_map(|&at| {
            let listed = self.list.get(at)?;
            (listed.severity < severity).then_some(at)
        });
        if let Some(place) = lighter.and_then(|at| self.list.get_mut(at)) {
            *place = finding;
        }
    }

    /// Lowers the severity of findings that a program causes throughout the file. Called at its
    /// end.
    pub(super) fn downgrade_systematic(&mut self, file: u32, records: u64) {
        for ((of, _), tally) in &self.tallies {
            let common = tally.count >= 5 && tally.count.saturating_mul(8) >= records;
            if *of != file || !common {
                continue;
            }
            for &at in &tally.listed {
                if let Some(finding) = self.list.get_mut(at).filter(|f| f.rule.systematic) {
                    finding.severity = finding.severity.min(Severity::Low);
                }
            }
        }
    }

    /// Returns the findings in the order of files and offsets, with those that `further` makes of
    /// them.
    pub(super) fn finish(
        mut self,
        order: impl Fn(&Rule) -> usize,
        further: impl Fn(&[Finding]) -> Vec<Finding>,
    ) -> Vec<Finding> {
        for tally in self.tallies.values() {
            let unlisted = tally.count.saturating_sub(LISTED);
            let last = tally.listed.iter().filter_map(|&at| Some((self.list.get(at)?.offset, at)));
            if let Some((_, last)) = last.max()
                && let Some(finding) = self.list.get_mut(last)
            {
                finding.more = unlisted;
            }
        }
        let further = further(&self.list);
        self.list.extend(further);
        self.list.sort_by_key(|f| (f.file, f.offset, f.index, order(f.rule)));
        self.list
    }
}
