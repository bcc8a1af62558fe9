//! Sessions and boots.

use std::ops::ControlFlow;

use loginrec::Timestamp;
use loginrec::contract::{BootRow, SessionRow};
use loginrec::session::{Boot, BootTracker, Session, SessionTracker};

use crate::history::History;
use crate::out::Out;
use crate::plan::Plan;

const MICROS: i128 = 1_000_000;

fn seconds(micros: i128) -> i64 {
    let seconds = micros / MICROS;
    i64::try_from(seconds).unwrap_or(if seconds < 0 { i64::MIN } else { i64::MAX })
}

/// Rows are made as sessions end. Those still open come last, and count up to the newest record.
pub(super) fn sessions(plan: &Plan, out: &mut Out<'_>) -> ControlFlow<()> {
    for logs in plan.machines() {
        let mut history = History::new(logs);
        let mut tracker = SessionTracker::new().correct_clock(plan.options.correct_clock);
        let names = History {
            logs: history.logs.clone(),
            names: history.names.clone(),
            newest: Timestamp::default(),
        };
        history.each(|number, log, item| match item {
            Ok((record, entry)) => {
                let mut ended = tracker.push(number, record, entry);
                ended.try_for_each(|session| session_row(out, &names, &session, None))
            }
            Err(fault) => out.fault(log, fault),
        })?;
        if tracker.is_full() {
            return out.fail(&"not enough memory for the logins that are open at once");
        }
        let newest = Some(history.newest);
        tracker.finish().try_for_each(|session| session_row(out, &names, &session, newest))?;
    }
    ControlFlow::Continue(())
}

fn session_row(
    out: &mut Out<'_>,
    history: &History,
    session: &Session<'_>,
    newest: Option<Timestamp>,
) -> ControlFlow<()> {
    let until = newest.unwrap_or_default();
    let micros = session.micros().unwrap_or_else(|| session.micros_until(until));
    let source = history.source(session.login.at().location.file);
    let logout_file = session.closing.and_then(|end| history.name(end.location.file));
    let entry = session.login.entry();
    let seconds = seconds(micros);
    out.row(&SessionRow { source, logout_file, session, entry: &entry, seconds })
}

pub(super) fn boots(plan: &Plan, out: &mut Out<'_>) -> ControlFlow<()> {
    for logs in plan.machines() {
        let mut history = History::new(logs);
        let mut tracker = BootTracker::new();
        let names = History {
            logs: history.logs.clone(),
            names: history.names.clone(),
            newest: Timestamp::default(),
        };
        history.each(|number, log, item| match item {
            Ok((record, entry)) => match tracker.push(number, record, entry) {
                Some(boot) => boot_row(out, &names, &boot, Timestamp::default()),
                None => ControlFlow::Continue(()),
            },
            Err(fault) => out.fault(log, fault),
        })?;
        if let Some(boot) = tracker.finish() {
            boot_row(out, &names, &boot, history.newest)?;
        }
    }
    ControlFlow::Continue(())
}

fn boot_row(
    out: &mut Out<'_>,
    history: &History,
    boot: &Boot,
    newest: Timestamp,
) -> ControlFlow<()> {
    let begin = boot.boot.at();
    let micros = |time: Timestamp| i128::from(time.tv_sec) * MICROS + i128::from(time.tv_usec);
    let lasted = boot.micros().unwrap_or_else(|| micros(newest) - micros(begin.time));
    let source = history.source(begin.location.file);
    let down_file = boot.closing.and_then(|end| history.name(end.location.file));
    out.row(&BootRow { source, down_file, boot, seconds: seconds(lasted) })
}
