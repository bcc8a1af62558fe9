//! Findings and rules as text.

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use loginrec::audit::{Finding, INNOCENTS, LIMITS, RULES, Severity};
use loginrec::contract::RuleRow;

use crate::args::format::{FormulaGuard, OutputFormat};
use crate::diagnostics::Diagnostics;
use crate::input::audited_file::AuditedFile;
use crate::output::ascii::hex::hex;
use crate::output::rows::RowWriter;
use crate::output::writer::Output;

/// Bytes of a finding that are shown; jsonl has all of them.
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

/// Findings by file. Colors are omitted if standard output is not a terminal, or NO_COLOR is set.
#[derive(Debug)]
pub(crate) struct Text {
    text: AutoStream<Vec<u8>>,
    out: Output,
}

impl Text {
    pub(crate) fn new(out: Output) -> Text {
        // The content of a file must not depend on the environment.
        let choice = match out.is_terminal() {
            true => AutoStream::choice(&io::stdout()),
            false => ColorChoice::Never,
        };
        Text { text: AutoStream::new(Vec::new(), choice), out }
    }

    pub(crate) fn end(mut self) -> io::Result<()> {
        self.out.write_all(&self.text.into_inner())?;
        self.out.flush()
    }

    /// Prints the findings of one machine, below its name if it has one.
    pub(crate) fn print(
        &mut self,
        machine: Option<&str>,
        sources: &[AuditedFile<'_>],
        findings: &[Finding],
        below: &[Finding],
    ) -> io::Result<()> {
        if let Some(machine) = machine {
            writeln!(self.text, "==> {BOLD}{machine}{BOLD:#} <==")?;
        }
        for (number, source) in (0_u32..).zip(sources) {
            let records = match source.records {
                1 => "1 record".to_owned(),
                records => format!("{records} records"),
            };
            let (name, layout) = (&source.name.shown, source.layout());
            let mut own = findings.iter().filter(|finding| finding.file == number).peekable();
            let nothing = if own.peek().is_none() { ", nothing found" } else { "" };
            writeln!(self.text, "{BOLD}{name}{BOLD:#}: {layout}, {records}{nothing}")?;
            own.try_for_each(|finding| self.finding(finding))?;
        }
        if !sources.is_empty() {
            let (all, below) = (count(findings), below.len());
            let hidden = match below {
                0 => String::new(),
                below => format!("; {below} below --min-severity not shown"),
            };
            writeln!(self.text, "{all}{hidden}")?;
        }
        Ok(())
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let out = &mut self.text;
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

/// Returns a summary such as `3 findings: 1 high, 2 low`.
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

/// Prints the catalog of rules.
pub(crate) fn rules(format: OutputFormat, out: Output, report: &mut Diagnostics) -> io::Result<()> {
    if let Some(format) = format.rows() {
        let guard = FormulaGuard::default();
        let mut rows = RowWriter::begin::<RuleRow<'_>>(format, guard, out);
        RULES.iter().try_for_each(|rule| rows.row(&RuleRow(rule)))?;
        return rows.finish(report);
    }
    let mut text = Text::new(out);
    let out = &mut text.text;
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
    writeln!(out, "\n{BOLD}What honest programs leave{BOLD:#}")?;
    for innocent in INNOCENTS {
        writeln!(out, "  {}: {}", innocent.who, innocent.leaves)?;
        writeln!(out, "    {DIM}known from{DIM:#}  {}", innocent.source)?;
        writeln!(out, "    {DIM}lowers{DIM:#}      {}", innocent.rules.join(", "))?;
    }
    writeln!(out, "\n{BOLD}What cannot be seen in these files{BOLD:#}")?;
    for limit in LIMITS {
        writeln!(out, "  {limit}")?;
    }
    text.end()
}
