//! Reads the files for the page.

use std::collections::HashMap;
use std::env;
use std::path::Path;

use loginrec::audit::Finding;
use loginrec::session::{Boot, BootTracker, Session, SessionTracker};
use loginrec::{Entry, Event, FileKind, Layout, Record, Text, Timestamp};
use serde_json::{Value, json};

use crate::commands::report::failed::Failed;
use crate::commands::report::names::Names;
use crate::diagnostics::{Diagnostics, Stop};
use crate::file_name::FileName;
use crate::input::audited_file::AuditedFile;
use crate::input::history::History;
use crate::input::inputs::Inputs;
use crate::input::passwd;
use crate::ledger::KnownSum;
use crate::output::interval::file_value;
use crate::sources::MachineFiles;

/// The most sessions of a page.
const SESSIONS: usize = 50_000;

/// The data of the page.
#[derive(Default)]
pub(super) struct Collected {
    names: Names,
    machines: Vec<String>,
    files: Vec<Value>,
    sessions: Vec<Shown>,
    left_out: usize,
    /// Sessions, and failed logins, without a time that can be shown.
    timeless: (u64, u64),
    boots: Vec<(i64, Option<i64>, &'static str)>,
    clocks: Vec<(i64, i64)>,
    failed: Failed,
    findings: Vec<Value>,
    is_full: bool,
}

/// A session.
#[derive(Debug)]
struct Shown {
    begin: i64,
    seconds: Option<i64>,
    user: u32,
    line: u32,
    source: u32,
    machine: usize,
    how: &'static str,
    is_disputed: bool,
    place: String,
}

/// A file while it is read.
struct FileSpan {
    records: u64,
    times: Option<(i64, i64)>,
}

impl Collected {
    /// Reads the files of a machine.
    pub(super) fn machine(
        &mut self,
        machine: &MachineFiles,
        named: Option<&Path>,
        inputs: &mut Inputs,
        report: &mut Diagnostics,
    ) -> Result<(), Stop> {
        let passwd = passwd::text(named, machine, report);
        let mut users: HashMap<u64, &[u8]> = HashMap::new();
        // As in getpwuid(3): the first of two names with one id.
        passwd::entries(&passwd).for_each(|(name, uid)| _ = users.entry(uid).or_insert(name));
        let history = History::of(machine, inputs, |_| None, report)?;
        if history.names().is_empty() {
            return Ok(());
        }
        let name = machine.name.as_deref().unwrap_or_default();
        self.machines.push(Text::new(name.as_bytes()).to_string());
        let formats = history.formats();
        let has_history = formats
            .iter()
            .any(|(kind, layout)| layout.is_some() && matches!(kind, None | Some(FileKind::Wtmp)));
        let mut spans: Vec<FileSpan> =
            formats.iter().map(|_| FileSpan { records: 0, times: None }).collect();
        let names = history.names();
        let (mut sessions, mut boots) = (SessionTracker::new(), BootTracker::new());
        let mut old_clock = None;
        history.records(report, |number, record| {
            let entry = record.entry();
            let at = usize::try_from(number).unwrap_or(usize::MAX);
            if let Some(span) = spans.get_mut(at) {
                span.add(&entry);
            }
            let Some(&(kind, Some(layout))) = formats.get(at) else { return Ok(()) };
            let event = entry.event_in(kind);
            if layout.is_failures() || event == Event::FailedLogin {
                self.failure(record, &entry, &users, names.get(at));
                return Ok(());
            }
            let is_history = match kind {
                Some(FileKind::Utmp) => !has_history,
                kind => matches!(kind, None | Some(FileKind::Wtmp)) && !layout.is_lastlog(),
            };
            if !is_history {
                return Ok(());
            }
            match event {
                Event::ClockOld => old_clock = Some(entry.ut_tv.tv_sec),
                Event::ClockNew => {
                    let new = entry.ut_tv.tv_sec;
                    self.clocks.push((old_clock.take().unwrap_or(new), new));
                }
                _ => {}
            }
            for session in sessions.push(number, record, &entry) {
                self.session(&session, names);
            }
            if let Some(boot) = boots.push(number, record, &entry) {
                self.boot(&boot);
            }
            Ok(())
        })?;
        for session in sessions.finish() {
            self.session(&session, names);
        }
        if let Some(boot) = boots.finish() {
            self.boot(&boot);
        }
        self.is_full |= sessions.is_full();
        for ((name, span), (kind, layout)) in names.iter().zip(spans).zip(formats) {
            self.files.push(span.row(name, kind, layout));
        }
        Ok(())
    }

    /// Returns whether no file could be read.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    fn session(&mut self, session: &Session<'_>, files: &[FileName<'_>]) {
        let entry = session.login.entry();
        let begin = session.login.at();
        if !is_shown(begin.time.tv_sec) {
            self.timeless.0 = self.timeless.0.saturating_add(1);
            return;
        }
        let file = |number: u32| {
            let name = file_value(files, number).unwrap_or_default();
            Text::new(name.as_bytes()).to_string()
        };
        let mut place = format!("{}:{}", file(begin.location.file), begin.location.offset);
        if let Some(closing) = session.closing.map(|mark| mark.location) {
            place += "..";
            if closing.file != begin.location.file {
                place += &format!("{}:", file(closing.file));
            }
            place += &closing.offset.to_string();
        }
        let ended = session.ended().map(|ended| ended.tv_sec).filter(|ended| is_shown(*ended));
        self.sessions.push(Shown {
            begin: begin.time.tv_sec,
            seconds: ended.map(|ended| ended.saturating_sub(begin.time.tv_sec)),
            user: self.names.number(entry.ut_user.as_bytes()),
            line: self.names.number(entry.ut_line.as_bytes()),
            source: self.names.source(&entry),
            machine: self.machines.len().saturating_sub(1),
            how: session.end.name(),
            is_disputed: session.disputed,
            place,
        });
        if self.sessions.len() > 2 * SESSIONS {
            self.keep_newest();
        }
    }

    fn keep_newest(&mut self) {
        // Stable: sessions of one second stay in the order of their ends.
        self.sessions.sort_by_key(|session| std::cmp::Reverse(session.begin));
        self.left_out += self.sessions.len().saturating_sub(SESSIONS);
        self.sessions.truncate(SESSIONS);
    }

    fn boot(&mut self, boot: &Boot) {
        let begin = boot.boot.at().time.tv_sec;
        let down = boot.closing.map(|closing| closing.time.tv_sec).filter(|down| is_shown(*down));
        if is_shown(begin) {
            self.boots.push((begin, down, boot.end.name()));
        }
    }

    fn failure(
        &mut self,
        record: &Record<'_>,
        entry: &Entry<'_>,
        users: &HashMap<u64, &[u8]>,
        file: Option<&FileName<'_>>,
    ) {
        let layout = record.layout();
        let count = match entry.failures {
            // pam_faillock has a record for each.
            Some(_) if layout.has(loginrec::layout::Role::Status) => 1,
            Some(counted) => u64::try_from(counted.count).unwrap_or_default(),
            None => 1,
        };
        if count == 0 {
            return;
        }
        if entry.ut_tv == Timestamp::default() || !is_shown(entry.ut_tv.tv_sec) {
            self.timeless.1 = self.timeless.1.saturating_add(count);
            return;
        }
        let uid = record.uid();
        let named = uid.and_then(|uid| users.get(&uid).copied());
        let named = named.or_else(|| file.and_then(|file| file.user_of(layout)));
        let user = match (named, uid) {
            (Some(name), _) => self.names.number(name),
            (None, Some(uid)) => self.names.number(uid.to_string().as_bytes()),
            (None, None) => self.names.number(entry.ut_user.as_bytes()),
        };
        let source = self.names.source(entry);
        self.failed.add(entry.ut_tv.tv_sec, user, source, count);
    }

    /// Adds the findings of a machine.
    pub(super) fn findings(&mut self, sources: &[AuditedFile<'_>], findings: &[Finding]) {
        for finding in findings {
            let at = usize::try_from(finding.file).unwrap_or(usize::MAX);
            let file = sources.get(at).map_or("", |source| &*source.name.value);
            let file = Text::new(file.as_bytes());
            let time = finding.time.map(|time| time.tv_sec);
            self.findings.push(json!({
                "rule": finding.rule.id,
                "severity": finding.severity.name(),
                "message": finding.message,
                "expected": finding.rule.expected,
                "innocent": finding.rule.innocent,
                "place": format!("{file}:{}", finding.offset),
                "time": time.filter(|time| is_shown(*time)),
                "more": finding.more,
            }));
        }
    }

    /// Returns what the script of the page reads.
    pub(super) fn into_data(mut self, is_audited: bool, hashes: &[KnownSum]) -> Value {
        self.keep_newest();
        self.sessions.sort_by_key(|session| session.begin);
        self.boots.sort_by_key(|(begin, ..)| *begin);
        self.clocks.retain(|(old, new)| is_shown(*old) && is_shown(*new));
        let other = self.names.number(b"(others)");
        let of_logins: std::collections::HashSet<u32> =
            self.sessions.iter().flat_map(|s| [s.user, s.source]).collect();
        let mut failed = self.failed.columns(other, &|number| of_logins.contains(&number));
        let of_failed = failed.user.iter().chain(&failed.source).copied();
        let of_lines = self.sessions.iter().map(|session| session.line);
        let used = of_logins.iter().copied().chain(of_failed).chain(of_lines).collect();
        let names = self.names.used(&used);
        for number in failed.user.iter_mut().chain(&mut failed.source) {
            *number = names.number(*number);
        }
        let mut notes: Vec<String> = Vec::new();
        if self.left_out > 0 {
            notes.push(format!("{} older sessions are not in this page.", self.left_out));
        }
        let (sessions, failures) = self.timeless;
        if sessions > 0 || failures > 0 {
            notes.push(format!(
                "{sessions} sessions and {failures} failed logins have no time that can be shown."
            ));
        }
        if self.failed.is_counted() {
            notes.push("Failed logins are counted by minute and source.".to_owned());
        }
        if self.is_full {
            notes.push("There was not enough memory for all sessions.".to_owned());
        }
        let mut before = 0;
        let begins = self.sessions.iter().map(|session| {
            session.begin.saturating_sub(std::mem::replace(&mut before, session.begin))
        });
        let begins: Vec<i64> = begins.collect();
        let column =
            |of: &dyn Fn(&Shown) -> Value| -> Vec<Value> { self.sessions.iter().map(of).collect() };
        let hows = ["logout", "shutdown", "crash", "replaced", "open"];
        let how = |session: &Shown| hows.iter().position(|how| *how == session.how);
        let disputed = self.sessions.iter().zip(0..).filter(|(session, _)| session.is_disputed);
        let disputed: Vec<usize> = disputed.map(|(_, number)| number).collect();
        let hashes = hashes.iter().map(|sum| {
            let path = Text::new(sum.path.as_os_str().as_encoded_bytes()).to_string();
            json!({ "path": path, "size": sum.len, "sha256": sum.sha256 })
        });
        json!({
            "version": concat!("loginrec ", env!("CARGO_PKG_VERSION")),
            "command": command_line(),
            "notes": notes,
            "names": names.shown,
            "machines": self.machines,
            "files": self.files,
            "hashes": hashes.collect::<Vec<Value>>(),
            "sessions": {
                "begin": begins,
                "seconds": column(&|session| json!(session.seconds)),
                "user": column(&|session| json!(names.number(session.user))),
                "line": column(&|session| json!(names.number(session.line))),
                "source": column(&|session| json!(names.number(session.source))),
                "machine": column(&|session| json!(session.machine)),
                "how": column(&|session| json!(how(session).unwrap_or(0))),
                "disputed": disputed,
                "place": column(&|session| json!(session.place)),
            },
            "boots": self.boots.iter().map(|(begin, down, how)| json!([begin, down, how]))
                .collect::<Vec<Value>>(),
            "clocks": self.clocks,
            "failed": failed,
            "isAudited": is_audited,
            "findings": self.findings,
        })
    }
}

impl FileSpan {
    fn add(&mut self, entry: &Entry<'_>) {
        self.records += 1;
        let time = entry.ut_tv;
        if time != Timestamp::default() && is_shown(time.tv_sec) {
            let (first, last) = self.times.unwrap_or((time.tv_sec, time.tv_sec));
            self.times = Some((first.min(time.tv_sec), last.max(time.tv_sec)));
        }
    }

    fn row(
        &self,
        name: &FileName<'_>,
        kind: Option<FileKind>,
        layout: Option<&'static Layout>,
    ) -> Value {
        json!({
            "name": name.shown,
            "kind": kind.map_or("", FileKind::name),
            "layout": layout.map_or("", |layout| layout.name),
            "records": self.records,
            "first": self.times.map(|(first, _)| first),
            "last": self.times.map(|(_, last)| last),
        })
    }
}

/// Returns whether a browser's calendar has a time: years 0 to 9999.
fn is_shown(seconds: i64) -> bool {
    (-62_167_219_200..253_402_300_800).contains(&seconds)
}

/// Returns the command line without the names of the page itself and of a manifest: the same input
/// makes the same page, wherever it is written.
fn command_line() -> String {
    let mut words = vec!["loginrec".to_owned()];
    let mut arguments = env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        let shown = Text::new(argument.as_encoded_bytes()).to_string();
        match &*shown {
            "-o" | "--output" | "--manifest" => _ = arguments.next(),
            text if text.starts_with("--output=") || text.starts_with("--manifest=") => {}
            text if text.starts_with("-o") => {}
            _ => words.push(shown),
        }
    }
    words.join(" ")
}
