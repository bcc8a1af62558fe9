//! Findings that weigh little alone, and more together.

use std::collections::{BTreeMap, BTreeSet};
use std::format;
use std::string::String;
use std::vec::Vec;

use crate::audit::finding::{Finding, Rule, Severity};
use crate::audit::innocent::INNOCENTS;

pub(super) static SEVERAL_TRACES: Rule = Rule {
    id: "several-traces",
    severity: Severity::Medium,
    title: "three findings of low severity about one minute",
    meaning: "Consistent with records of that minute having been forged or changed: each finding \
        has a common innocent cause, but not the same one. Findings that a program causes \
        throughout a file, and those of one innocent cause, count once.",
    expected: "records without any such finding",
    innocent: &["several accidents at the same time, such as a crash with a clock that is wrong"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

/// Findings of different causes that together are worth a look.
const ENOUGH: usize = 3;
/// Findings of a rule in a file from which on they are a habit of the writing program.
const HABIT: usize = 5;
/// Findings that say only how a file is written or damaged.
const NO_TRACE: &[&str] =
    &["host-address-mismatch", "rotation-overlap", "rotation-gap", "gap", "no-record"];

/// Returns what stands for the innocent cause of a rule: rules with one cause are one piece of
/// evidence.
fn cause(rule: &Rule) -> &'static str {
    let shared = INNOCENTS.iter().find(|innocent| innocent.rules.contains(&rule.id));
    shared.map_or(rule.id, |innocent| innocent.who)
}

/// Returns a finding for each minute in which findings of low severity have three causes and none
/// weighs more.
pub(super) fn together(findings: &[Finding]) -> Vec<Finding> {
    let mut of_rule: BTreeMap<(u32, &str), usize> = BTreeMap::new();
    for finding in findings {
        let count = of_rule.entry((finding.file, finding.rule.id)).or_default();
        *count = count.saturating_add(1);
    }
    let is_habit = |finding: &Finding| {
        let habit = of_rule.get(&(finding.file, finding.rule.id)).is_some_and(|&n| n >= HABIT);
        // Records in glibc's damaged form have several wrong numbers each.
        habit || of_rule.contains_key(&(finding.file, "time64-record"))
    };
    let mut minutes: BTreeMap<i64, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        let (Some(time), true) = (finding.time, finding.severity >= Severity::Low) else {
            continue;
        };
        minutes.entry(time.tv_sec.div_euclid(60)).or_default().push(finding);
    }
    let traces = |minute: &Vec<&Finding>| -> Option<Finding> {
        if minute.iter().any(|finding| finding.severity > Severity::Low) {
            return None;
        }
        let counts = |finding: &&&Finding| {
            !is_habit(finding) && !NO_TRACE.contains(&finding.rule.id) && finding.index.is_some()
        };
        let counted: Vec<&&Finding> = minute.iter().filter(counts).collect();
        let causes: BTreeSet<&str> = counted.iter().map(|finding| cause(finding.rule)).collect();
        if causes.len() < ENOUGH {
            return None;
        }
        let rules: BTreeSet<&str> = counted.iter().map(|finding| finding.rule.id).collect();
        let rules: Vec<&str> = rules.into_iter().collect();
        let first = counted.iter().find(|finding| finding.subject.is_some()).or(counted.first())?;
        let message: String = format!(
            "{} about this minute: consistent with records forged or changed, as no single \
             innocent cause leaves all of them",
            rules.join(", ")
        );
        let finding = Finding {
            rule: &SEVERAL_TRACES,
            severity: SEVERAL_TRACES.severity,
            message,
            more: 0,
            ..(**first).clone()
        };
        Some(finding)
    };
    minutes.values().filter_map(traces).collect()
}
