//! Headers and row numbers of login databases.

use std::format;
use std::string::String;

use crate::container::sqlite::facts::Facts;
use crate::read::DatabaseInfo;
use crate::value::event::Event;
use crate::value::timestamp::Timestamp;

use crate::audit::context::{RecordContext, at, is_pty, span};
use crate::audit::finding::{Findings, Location, Rule, Severity};

/// Seconds by which a clock may go back unnoticed.
const TOLERANCE: i64 = 120;
const DAY: i64 = 86_400;
/// Seconds between the two rows of a login that is recorded twice.
const TWICE: i64 = 2;

pub(in crate::audit) static ROWID_GAP: Rule = Rule {
    id: "rowid-gap",
    severity: Severity::Low,
    title: "numbers of rows that a wtmpdb skips",
    meaning: "Consistent with rows deleted from the database: each row gets the number after the \
        highest one, and wtmpdb itself deletes the oldest rows only. Medium if the rows before \
        and after are less than a day apart and are not the oldest ones.",
    expected: "numbers without gaps after the first row",
    innocent: &[
        "wtmpdb rotate, which deletes by time: rows whose times are out of order leave a gap among \
         the oldest ones",
        "an administrator who deleted rows of tests",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static ID_ORDER: Rule = Rule {
    id: "id-order",
    severity: Severity::Low,
    title: "a later login with an older time in a lastlog2.db",
    meaning: "Consistent with a time changed by hand: each login gets a new row number, the \
        highest so far, so that numbers and times rise together. Imported rows, which have no \
        service, are left out.",
    expected: "times in the order of the row numbers",
    innocent: &["a clock that was set back", "a user renamed with lastlog2 --rename"],
    technique: Some("T1070.006"),
    ..Rule::NEW
};

pub(in crate::audit) static SERVICE_MISSING: Rule = Rule {
    id: "service-missing",
    severity: Severity::Info,
    title: "a login in a wtmpdb twice, once without its service",
    meaning: "sshd and PAM both recorded it: the row of a pseudo-terminal without a service, and \
        within two seconds one of the same user with a service. Count one of them.",
    expected: "one row for each login",
    innocent: &["OpenSSH with wtmpdb support, and pam_wtmpdb without skip_if=sshd"],
    technique: None,
    ..Rule::NEW
};

pub(in crate::audit) static FOREIGN_WRITER: Rule = Rule {
    id: "foreign-writer",
    severity: Severity::Medium,
    title: "a database that another SQLite than the system's has written",
    meaning: "Consistent with rows changed by a program that brought its own SQLite. The \
        distributions with wtmpdb and lastlog2 build SQLite so that it clears what it deletes: \
        there, free blocks and free pages are zero. Low for two versions of SQLite in the headers \
        of the database, its log and its journal.",
    expected: "zeros where rows were deleted, and one version of SQLite",
    innocent: &[
        "a writer with its own SQLite, such as Teleport",
        "a system whose SQLite does not clear what it deletes",
        "an upgrade of SQLite between two writes",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static SCHEMA_CHANGED: Rule = Rule {
    id: "schema-changed",
    severity: Severity::Medium,
    title: "a login database with definitions that its writer does not make",
    meaning: "wtmpdb and lastlog2 create one table and change nothing afterwards: one change of \
        definitions, no user_version, no index, pages of 4096 bytes. A VACUUM, which removes \
        traces of deleted rows, counts as a change. High for a trigger: it can change or delete \
        rows as they are written.",
    expected: "one table, defined once",
    innocent: &[
        "an administrator's VACUUM or index",
        "a database created by another program before the first login",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static HOT_JOURNAL: Rule = Rule {
    id: "hot-journal",
    severity: Severity::Info,
    title: "a journal that undoes the last transaction",
    meaning: "The last transaction was not finished. Its rows are not listed, and SQLite would \
        remove them and the journal when it opens the file for writing.",
    expected: "no journal",
    innocent: &["a crash during a write", "a copy of a database in use"],
    technique: None,
    ..Rule::NEW
};

pub(in crate::audit) static LOG_NOT_CHECKPOINTED: Rule = Rule {
    id: "log-not-checkpointed",
    severity: Severity::Info,
    title: "a write-ahead log with pages of the database",
    meaning: "Rows in the log are listed. SQLite would move them to the database and delete the \
        log, with the older versions of rows in it, when the last program closes it.",
    expected: "no log",
    innocent: &["a database in use", "a program that ended without closing it"],
    technique: None,
    ..Rule::NEW
};

/// The rows of one database, in the order of their numbers.
#[derive(Debug, Default)]
pub(in crate::audit) struct Rows {
    pub(in crate::audit) tally: Tally,
    /// Number and time of the row before.
    before: Option<(i64, Timestamp)>,
    /// In a lastlog, the time of the last row that was not imported.
    logged: Option<Timestamp>,
    /// The end of the row before, if it is a login: user, time, whether it has a service.
    twin: Option<Twin>,
}

/// Sums over the rows.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::audit) struct Tally {
    /// The lowest and the highest row number.
    pub(in crate::audit) ids: Option<(i64, i64)>,
    pub(in crate::audit) rows: u64,
    pub(in crate::audit) logouts: u64,
    /// The first and the last time.
    pub(in crate::audit) times: Option<(Timestamp, Timestamp)>,
    /// Missing numbers after the first row.
    pub(in crate::audit) skipped: u64,
    /// Whether rows may be missing because the database is damaged.
    pub(in crate::audit) is_damaged: bool,
}

#[derive(Debug)]
struct Twin {
    user: std::vec::Vec<u8>,
    time: Timestamp,
    has_service: bool,
}

impl Rows {
    pub(in crate::audit) fn check(&mut self, context: &RecordContext<'_>, findings: &mut Findings) {
        let Some(place) = context.record.row_place().filter(|place| place.link.is_none()) else {
            return;
        };
        let (entry, time) = (&context.entry, context.time());
        self.tally.rows = self.tally.rows.saturating_add(1);
        let ended = u64::from(entry.logout.is_some());
        self.tally.logouts = self.tally.logouts.saturating_add(ended);
        let has_time = time != Timestamp::ABSENT;
        if has_time {
            let (first, last) = self.tally.times.unwrap_or((time, time));
            self.tally.times = Some((first.min(time), last.max(time)));
        }
        let Some(rowid) = place.rowid else { return };
        let (low, high) = self.tally.ids.unwrap_or((rowid, rowid));
        self.tally.ids = Some((low.min(rowid), high.max(rowid)));
        match context.layout.is_lastlog() {
            true => self.check_order(context, findings),
            false => {
                self.check_gap(context, rowid, findings);
                self.check_twin(context, findings);
            }
        }
        self.before = Some((rowid, if has_time { time } else { Timestamp::default() }));
    }

    fn check_gap(&mut self, context: &RecordContext<'_>, rowid: i64, findings: &mut Findings) {
        let Some((before, earlier)) = self.before else { return };
        let missing = rowid.saturating_sub(before).saturating_sub(1);
        if missing <= 0 || self.tally.is_damaged {
            return;
        }
        self.tally.skipped = self.tally.skipped.saturating_add(missing.unsigned_abs());
        let apart = context.sec().saturating_sub(earlier.tv_sec);
        let first = self.tally.times.map_or(0, |(first, _)| first.tv_sec);
        let is_oldest = self.tally.ids.is_some_and(|(low, _)| low > 1)
            && earlier.tv_sec.saturating_sub(first) < DAY;
        let severity = match apart.saturating_abs() < DAY && !is_oldest {
            true => Severity::Medium,
            false => ROWID_GAP.severity,
        };
        let ids = match missing {
            1 => format!("no row {}", before.saturating_add(1)),
            _ => format!("no rows {} to {}", before.saturating_add(1), rowid.saturating_sub(1)),
        };
        let message = format!(
            "{ids}: consistent with rows deleted between {} and {}",
            at(earlier),
            at(context.time())
        );
        context.find(findings, &ROWID_GAP, severity, message);
    }

    fn check_twin(&mut self, context: &RecordContext<'_>, findings: &mut Findings) {
        let (entry, time) = (&context.entry, context.time());
        let this = (context.event == Event::Login).then(|| Twin {
            user: entry.ut_user.as_bytes().into(),
            time,
            has_service: entry.service.is_some(),
        });
        let before = core::mem::replace(&mut self.twin, this);
        let (Some(before), Some(this)) = (before, &self.twin) else { return };
        let apart = time.tv_sec.saturating_sub(before.time.tv_sec).saturating_abs();
        let is_twin = before.user == this.user
            && apart <= TWICE
            && before.has_service != this.has_service
            && (this.has_service || is_pty(entry.ut_line.as_bytes()));
        if is_twin {
            let message = format!("{} is recorded twice at {}", entry.ut_user, at(time));
            context.find(findings, &SERVICE_MISSING, SERVICE_MISSING.severity, message);
        }
    }

    fn check_order(&mut self, context: &RecordContext<'_>, findings: &mut Findings) {
        let time = context.time();
        if time == Timestamp::ABSENT || context.entry.service.is_none() {
            return;
        }
        if let Some(earlier) = self.logged
            && time.tv_sec < earlier.tv_sec.saturating_sub(TOLERANCE)
        {
            let back = span(earlier.tv_sec.saturating_sub(time.tv_sec));
            let message = format!(
                "the login of {} at {} was recorded after one at {}: {back} back",
                context.entry.ut_user,
                at(time),
                at(earlier)
            );
            return context.find(findings, &ID_ORDER, ID_ORDER.severity, message);
        }
        self.logged = Some(time);
    }
}

/// Reports what the headers and pages say.
pub(in crate::audit) fn check(file: u32, database: &DatabaseInfo, findings: &mut Findings) {
    let facts = &database.0;
    let mut add = |rule, severity, offset, message: String| {
        let location = Location { file, offset, ..Location::default() };
        findings.add(rule, severity, location, &[], message);
    };
    for (severity, offset, message) in changes(facts) {
        add(&SCHEMA_CHANGED, severity, offset, message);
    }
    let size = u64::from(facts.header.page_size);
    if facts.residue > 0 {
        let page = u64::from(facts.residue_page);
        let message = format!(
            "{} bytes of deleted rows are left in free blocks and free pages, first on page {page}",
            facts.residue
        );
        let offset = page.saturating_sub(1).saturating_mul(size);
        add(&FOREIGN_WRITER, FOREIGN_WRITER.severity, offset, message);
    }
    let (own, now) = (facts.own_version, facts.header.sqlite_version);
    if own != now && own != 0 && now != 0 {
        let (own, now) = (version(own), version(now));
        let message = format!(
            "SQLite {own} wrote the database's header, SQLite {now} that of its log or journal"
        );
        add(&FOREIGN_WRITER, Severity::Low, 96, message);
    }
    if let Some(pages) = facts.journal {
        let message = format!("the journal restores {pages} pages");
        add(&HOT_JOURNAL, HOT_JOURNAL.severity, 0, message);
    }
    if let Some(frames) = facts.log.filter(|&frames| frames > 0) {
        let message = format!("{frames} pages of the log belong to the database");
        add(&LOG_NOT_CHECKPOINTED, LOG_NOT_CHECKPOINTED.severity, 0, message);
    }
}

/// Returns changes of the definitions that no login program makes: severity, offset and text.
fn changes(facts: &Facts) -> impl Iterator<Item = (Severity, u64, String)> {
    let Facts { header, indexes, triggers, tables, others, .. } = *facts;
    let usual = SCHEMA_CHANGED.severity;
    let counted = |count: u32, one: &str, more: &str| match count {
        0 => None,
        1 => Some(format!("{one} that no writer of logins makes")),
        _ => Some(format!("{count} {more} that no writer of logins makes")),
    };
    let cookie = match header.schema_cookie {
        0 | 1 => None,
        changes => Some(format!("definitions were changed {changes} times, or the file vacuumed")),
    };
    let version = (header.user_version != 0)
        .then(|| format!("user_version is {}, which no writer sets", header.user_version));
    let pages = (header.page_size != 4096)
        .then(|| format!("pages of {} bytes, where writers make 4096", header.page_size));
    let tables = counted(tables.saturating_add(others).saturating_sub(1), "a table", "tables");
    let all = [
        (Severity::High, 0, counted(triggers, "a trigger", "triggers")),
        (usual, 0, counted(indexes, "an index", "indexes")),
        (usual, 0, tables),
        (usual, 16, pages),
        (usual, 40, cookie),
        (usual, 60, version),
    ];
    all.into_iter().filter_map(|(severity, offset, message)| Some((severity, offset, message?)))
}

/// Returns the version in words: 3040001 is 3.40.1.
fn version(number: u32) -> String {
    let (major, rest) = (number / 1_000_000, number % 1_000_000);
    format!("{major}.{}.{}", rest / 1000, rest % 1000)
}
