//! Findings and rules for people.

use std::io::{self, IsTerminal as _, Write};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use loginrec::audit::{Finding, RULES, Rule, Severity};
use serde::Serialize;

use crate::args::TableFormat;
use crate::audit::Source;
use crate::hex::hex;
use crate::json;
use crate::output::stdout;

/// How many bytes of a finding are shown; jsonl has them all.
const SHOWN: usize = 32;
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Info => DIM,
        Severity::Low => Style::new(),
        Severity::Medium => AnsiColor::Yellow.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default().bold(),
    }
}

/// Findings by file. Colours vanish where standard output is no terminal, or NO_COLOR is set.
#[derive(Debug)]
pub(crate) struct Text {
    out: io::BufWriter<AutoStream<io::StdoutLock<'static>>>,
}

impl Text {
    pub(crate) fn new() -> Text {
        let stdout = io::stdout().lock();
        // What a file gets does not depend on the environment.
        let out = match stdout.is_terminal() {
            true => AutoStream::auto(stdout),
            false => AutoStream::never(stdout),
        };
        Text { out: io::BufWriter::new(out) }
    }

    pub(crate) fn print(
        mut self,
        sources: &[Source<'_>],
        findings: &[Finding],
        below: &[Finding],
    ) -> io::Result<()> {
        for (number, source) in (0_u32..).zip(sources) {
            let records = match source.records {
                1 => "1 record".to_owned(),
                records => format!("{records} records"),
            };
            let (name, layout) = (&source.name.shown, source.layout());
            let mut own = findings.iter().filter(|finding| finding.file == number).peekable();
            let nothing = if own.peek().is_none() { ", nothing found" } else { "" };
            writeln!(self.out, "{BOLD}{name}{BOLD:#}: {layout}, {records}{nothing}")?;
            own.try_for_each(|finding| self.finding(finding))?;
        }
        if !sources.is_empty() {
            let (all, below) = (count(findings), below.len());
            let hidden = match below {
                0 => String::new(),
                below => format!("; {below} below --min-severity not shown"),
            };
            writeln!(self.out, "{all}{hidden}")?;
        }
        self.out.flush()
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let out = &mut self.out;
        let (rule, style) = (finding.rule, style(finding.severity));
        let place = match finding.index {
            Some(index) => format!("record {index}, byte {}", finding.offset),
            None if finding.offset == 0 && finding.bytes.is_empty() => "the file".to_owned(),
            None => format!("byte {}", finding.offset),
        };
        let technique = rule.technique.map(|id| format!(", ATT&CK {id}")).unwrap_or_default();
        let severity = finding.severity.name().to_uppercase();
        writeln!(
            out,
            "  {style}{severity:<6}{style:#} {BOLD}{}{BOLD:#} at {place}{technique}",
            rule.id
        )?;
        writeln!(out, "         {}", finding.message)?;
        if !finding.bytes.is_empty() {
            writeln!(out, "         {DIM}bytes{DIM:#}     {}", bytes(&finding.bytes))?;
        }
        writeln!(out, "         {DIM}expected{DIM:#}  {}", rule.expected)?;
        for (at, innocent) in rule.innocent.iter().enumerate() {
            let label = if at == 0 { "innocent" } else { "      or" };
            writeln!(out, "         {DIM}{label}{DIM:#}  {innocent}")?;
        }
        if finding.more > 0 {
            writeln!(out, "         and {} more of this rule, not listed", finding.more)?;
        }
        Ok(())
    }
}

fn bytes(bytes: &[u8]) -> String {
    match bytes.get(..SHOWN) {
        Some(head) if bytes.len() > SHOWN && bytes.iter().all(|&byte| byte == 0) => {
            format!("{}... ({} bytes, all zero)", hex(head.get(..8).unwrap_or(head)), bytes.len())
        }
        Some(head) if bytes.len() > SHOWN => format!("{}... ({} bytes)", hex(head), bytes.len()),
        _ => hex(bytes),
    }
}

/// As `3 findings: 1 high, 2 low`.
fn count(findings: &[Finding]) -> String {
    let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let parts: Vec<String> = Severity::ALL
        .iter()
        .rev()
        .map(|&severity| (of(severity), severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| format!("{count} {severity}"))
        .collect();
    match findings.len() {
        0 => "nothing found".to_owned(),
        1 => format!("1 finding: {}", parts.join(", ")),
        all => format!("{all} findings: {}", parts.join(", ")),
    }
}

/// A rule as JSON.
#[derive(Debug, Serialize)]
struct Row {
    rule: &'static str,
    severity: &'static str,
    title: &'static str,
    meaning: &'static str,
    expected: &'static str,
    innocent: &'static [&'static str],
    technique: Option<&'static str>,
}

impl Row {
    fn new(rule: &Rule) -> Row {
        Row {
            rule: rule.id,
            severity: rule.severity.name(),
            title: rule.title,
            meaning: rule.meaning,
            expected: rule.expected,
            innocent: rule.innocent,
            technique: rule.technique,
        }
    }
}

/// The catalogue.
pub(crate) fn rules(format: TableFormat) -> io::Result<()> {
    if format == TableFormat::Jsonl {
        let mut out = stdout();
        RULES.iter().try_for_each(|rule| json::write_line(&mut out, &Row::new(rule)))?;
        return out.flush();
    }
    let mut out = Text::new().out;
    for (at, rule) in RULES.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let technique = rule.technique.map(|id| format!(", ATT&CK {id}")).unwrap_or_default();
        writeln!(out, "{BOLD}{}{BOLD:#} ({}{technique}): {}", rule.id, rule.severity, rule.title)?;
        writeln!(out, "    {}", rule.meaning)?;
        writeln!(out, "    {DIM}expected{DIM:#}  {}", rule.expected)?;
        for (at, innocent) in rule.innocent.iter().enumerate() {
            let label = if at == 0 { "innocent" } else { "      or" };
            writeln!(out, "    {DIM}{label}{DIM:#}  {innocent}")?;
        }
    }
    out.flush()
}
