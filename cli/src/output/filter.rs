//! Selects rows by the options of the command line.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use loginrec::{Text, Timestamp};

use crate::args::filter::{EventArgs, WhenArgs, WhoArgs};
use crate::args::time::{TimeArg, within};
use crate::args::zone::Zone;
use crate::diagnostics::Diagnostics;

/// The options that a command has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Selection<'a> {
    pub(crate) who: Option<&'a WhoArgs>,
    pub(crate) when: Option<&'a WhenArgs>,
    pub(crate) events: Option<&'a EventArgs>,
    /// `--present`: what had begun by then and had not ended.
    pub(crate) present: Option<&'a TimeArg>,
}

/// The values of a row that filters compare. A row is not selected by a value that it lacks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Subject<'a> {
    pub(crate) user: Text<'a>,
    pub(crate) line: Text<'a>,
    pub(crate) host: Text<'a>,
    pub(crate) addr: Option<IpAddr>,
    pub(crate) event: &'a str,
    pub(crate) begin: Timestamp,
    /// When it ended, or the time up to which it is known to last.
    pub(crate) end: Timestamp,
}

/// The options with times that are known.
#[derive(Clone, Debug)]
pub(crate) struct Filter<'a> {
    selection: Selection<'a>,
    zone: &'a Zone,
    range: Range<Option<i64>>,
    during: Range<Option<i64>>,
    present: Option<i64>,
    /// Whether everything is selected.
    is_empty: bool,
}

impl<'a> Selection<'a> {
    /// Returns whether an option is given.
    pub(crate) fn is_given(&self) -> bool {
        let who = self.who.is_some_and(|WhoArgs { user, line, host }| {
            !user.is_empty() || !line.is_empty() || !host.is_empty()
        });
        let events = self.events.is_some_and(|events| !events.event.is_empty());
        who || events || self.has_times()
    }

    /// Returns whether an option that is a time is given.
    pub(crate) fn has_times(&self) -> bool {
        let when = self.when.is_some_and(|when| {
            let WhenArgs { since, until, during, hours, weekdays } = when;
            let times = since.is_some() || until.is_some() || during.is_some();
            times || hours.is_some() || weekdays.is_some()
        });
        when || self.present.is_some()
    }

    fn times(&self) -> [(&'static str, Option<&'a TimeArg>); 5] {
        let when = self.when;
        let during = when.and_then(|when| when.during.as_ref());
        [
            ("since", when.and_then(|when| when.since.as_ref())),
            ("until", when.and_then(|when| when.until.as_ref())),
            ("during", during.and_then(|during| during.from.as_ref())),
            ("during", during.and_then(|during| during.to.as_ref())),
            ("present", self.present),
        ]
    }

    /// Returns whether a time depends on what "now" is.
    pub(crate) fn is_relative(&self) -> bool {
        self.times().into_iter().any(|(_, time)| time.is_some_and(TimeArg::is_relative))
    }

    /// Says what "now" is, if a time depends on it.
    pub(crate) fn say_now(&self, newest: impl FnOnce() -> i64, report: &Diagnostics) {
        if self.is_relative() {
            let newest = Timestamp { tv_sec: newest(), tv_usec: 0 };
            report.note(format_args!("relative times count from the newest record, {newest}"));
        }
    }

    /// Finds the times. `now` is asked for only if one is relative.
    pub(crate) fn resolve(
        self,
        zone: &'a Zone,
        now: impl Fn() -> i64,
    ) -> Result<Filter<'a>, String> {
        let mut known = [None; 5];
        for (known, (option, time)) in known.iter_mut().zip(self.times()) {
            *known = time.map(|time| time.resolve(option, zone, &now)).transpose()?;
        }
        let [since, until, from, to, present] = known;
        let is_empty = !self.is_given();
        let (range, during) = (since..until, from..to);
        Ok(Filter { selection: self, zone, range, during, present, is_empty })
    }
}

impl Filter<'_> {
    /// Returns the time after which nothing that begins is selected.
    pub(crate) fn until(&self) -> Option<i64> {
        self.range.end
    }

    /// Returns whether a row is selected, if other options select it. If not, it is counted in
    /// `missed`.
    #[inline]
    pub(crate) fn takes(&self, subject: &Subject<'_>, others: bool, missed: &Missed) -> bool {
        let is_taken = others && (self.is_empty || self.selects(subject));
        missed.add(subject, is_taken);
        is_taken
    }

    fn selects(&self, subject: &Subject<'_>) -> bool {
        let Selection { who, when, events, .. } = self.selection;
        let one_of = |wanted: &[String], text: Text<'_>| {
            wanted.is_empty() || wanted.iter().any(|wanted| text == wanted.as_str())
        };
        let who = who.is_none_or(|WhoArgs { user, line, host }| {
            let from = || host.iter().any(|host| host.takes(subject.host, subject.addr));
            one_of(user, subject.user) && one_of(line, subject.line) && (host.is_empty() || from())
        });
        let event = events.is_none_or(|EventArgs { event }| {
            event.is_empty() || event.iter().any(|event| event == subject.event)
        });
        let at = |tv_sec| Timestamp { tv_sec, tv_usec: 0 };
        let Range { start, end } = self.during;
        // A second lasts until the next one.
        let before_end = end.is_none_or(|end| subject.begin < at(end.saturating_add(1)));
        who && event
            && within(subject.begin, &self.range)
            && start.is_none_or(|start| subject.end >= at(start))
            && before_end
            && self.present.is_none_or(|present| {
                within(at(present), &(Some(subject.begin.tv_sec)..Some(subject.end.tv_sec)))
            })
            && when.is_none_or(|when| self.is_at_time_of_day(when, subject.begin))
    }

    fn is_at_time_of_day(&self, when: &WhenArgs, begin: Timestamp) -> bool {
        if when.hours.is_none() && when.weekdays.is_none() {
            return true;
        }
        let Some(local) = self.zone.local(begin.tv_sec) else { return false };
        let minute = i16::from(local.civil.hour()) * 60 + i16::from(local.civil.minute());
        when.hours.is_none_or(|hours| hours.takes(minute.unsigned_abs()))
            && when.weekdays.is_none_or(|days| days.takes(local.civil.weekday()))
    }
}

/// Rows that were not selected, to say what there is if none was.
#[derive(Debug, Default)]
pub(crate) struct Missed {
    is_any_selected: AtomicBool,
    rows: Mutex<MissedRows>,
}

#[derive(Debug, Default)]
struct MissedRows {
    count: u64,
    users: Values,
    lines: Values,
    hosts: Values,
    events: Values,
    times: Option<(Timestamp, Timestamp)>,
}

/// Different values of a column, in order.
#[derive(Debug, Default)]
struct Values {
    some: BTreeSet<String>,
    has_more: bool,
}

impl Values {
    /// Number of values that are kept.
    const KEPT: usize = 12;
    /// Characters of a value that are printed.
    const LONGEST: usize = 40;

    fn add(&mut self, value: String) {
        if value.is_empty() || self.some.contains(&value) {
            return;
        }
        match self.some.len() < Values::KEPT {
            true => drop(self.some.insert(value)),
            false => self.has_more = true,
        }
    }

    /// Appends the values with their name, if there are any.
    fn write(&self, text: &mut String, name: &str) {
        if self.some.is_empty() {
            return;
        }
        let short = |value: &String| match value.char_indices().nth(Values::LONGEST) {
            Some((end, _)) => format!("{}...", value.get(..end).unwrap_or_default()),
            None => value.clone(),
        };
        let values: Vec<String> = self.some.iter().map(short).collect();
        let more = if self.has_more { " and more" } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(text, "; {name}: {}{more}", values.join(", "));
    }
}

impl Missed {
    #[inline]
    fn add(&self, subject: &Subject<'_>, is_taken: bool) {
        if is_taken {
            self.is_any_selected.store(true, Ordering::Relaxed);
        } else if !self.is_any_selected.load(Ordering::Relaxed) {
            self.keep(subject);
        }
    }

    fn keep(&self, subject: &Subject<'_>) {
        let Subject { user, line, host, addr, event, begin, .. } = *subject;
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.count += 1;
        rows.users.add(user.to_string());
        rows.lines.add(line.to_string());
        rows.hosts.add(match addr.filter(|_| host.is_empty()) {
            Some(addr) => addr.to_string(),
            None => host.to_string(),
        });
        rows.events.add(event.to_owned());
        let (first, last) = rows.times.unwrap_or((begin, begin));
        rows.times = Some((first.min(begin), last.max(begin)));
    }

    /// Says why there are no rows, which are called `what`, and what there is.
    pub(crate) fn explain(&self, selection: &Selection<'_>, what: &str, report: &Diagnostics) {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_any_selected.load(Ordering::Relaxed) || rows.count == 0 {
            return;
        }
        let Selection { who, events, .. } = *selection;
        let mut there = String::new();
        if who.is_some_and(|who| !who.user.is_empty()) {
            rows.users.write(&mut there, "users");
        }
        if who.is_some_and(|who| !who.line.is_empty()) {
            rows.lines.write(&mut there, "lines");
        }
        if who.is_some_and(|who| !who.host.is_empty()) {
            rows.hosts.write(&mut there, "hosts");
        }
        if events.is_some_and(|events| !events.event.is_empty()) {
            rows.events.write(&mut there, "events");
        }
        if let Some((first, last)) = rows.times.filter(|_| there.is_empty()) {
            let _ = write!(there, "; from {first} to {last}");
        }
        let s = if rows.count == 1 { "" } else { "s" };
        report.note(format_args!(
            "no {what} matches the options; the files have {} {what}{s}{there}",
            rows.count
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::filter::During;

    const T: i64 = 1_709_294_400; // 2024-03-01 12:00 UTC, a Friday

    fn takes(when: &WhenArgs, present: Option<&TimeArg>, begin: i64, end: i64) -> bool {
        let at = |tv_sec| Timestamp { tv_sec, tv_usec: 500_000 };
        let zone = Zone::utc();
        let selection = Selection { when: Some(when), present, ..Selection::default() };
        let filter = selection.resolve(&zone, || T).unwrap();
        let subject = Subject { begin: at(begin), end: at(end), ..Subject::default() };
        filter.takes(&subject, true, &Missed::default())
    }

    #[test]
    fn times_of_rows() {
        let during = |from, to| WhenArgs {
            during: Some(During { from: Some(TimeArg::At(from)), to: Some(TimeArg::At(to)) }),
            ..WhenArgs::default()
        };
        for (from, to, is_taken) in [
            (T, T + 9, true),
            (T - 9, T, true),
            (T + 100, T + 200, true),
            (T + 101, T + 200, false),
            (T - 9, T - 1, false),
            (T + 10, T + 20, true),
        ] {
            assert_eq!(takes(&during(from, to), None, T, T + 100), is_taken, "{from} {to}");
        }
        let everything = WhenArgs::default();
        for (present, is_taken) in [(T - 1, false), (T, true), (T + 100, true), (T + 101, false)] {
            let present = TimeArg::At(present);
            assert_eq!(takes(&everything, Some(&present), T, T + 100), is_taken, "{present:?}");
        }
    }

    /// Values are listed only if nothing is selected.
    #[test]
    fn missed_rows() {
        let missed = Missed::default();
        let subject = Subject { user: Text::new(b"alice"), ..Subject::default() };
        missed.add(&subject, false);
        assert_eq!(missed.rows.lock().unwrap().count, 1);
        missed.add(&subject, true);
        missed.add(&subject, false);
        assert_eq!(missed.rows.lock().unwrap().count, 1);
    }
}
