//! What rows are made of.

use std::collections::HashMap;
use std::sync::Arc;

use loginrec::contract::RowKind;
use loginrec_columns::Selection;

use crate::input::Origin;
use crate::log_source::Log;

/// What logins are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    User,
    Source,
    Line,
    Machine,
    Day,
    Hour,
    Weekday,
}

impl By {
    pub(crate) const NAMES: [(&'static str, By); 7] = [
        ("user", By::User),
        ("source", By::Source),
        ("line", By::Line),
        ("machine", By::Machine),
        ("day", By::Day),
        ("hour", By::Hour),
        ("weekday", By::Weekday),
    ];
}

/// Settings of some kinds of rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowOptions {
    pub(crate) correct_clock: bool,
    /// Names of users by their ids.
    pub(crate) users: HashMap<u64, String>,
    /// What a summary counts by.
    pub(crate) by: Vec<By>,
}

/// Files and what to make of them.
pub(crate) struct Plan {
    pub(crate) logs: Vec<Arc<Log>>,
    /// What could not be read, for rows that say so.
    pub(crate) unread: Vec<(Arc<Origin>, String)>,
    pub(crate) kind: RowKind,
    pub(crate) selection: Selection,
    pub(crate) options: RowOptions,
}

impl Plan {
    /// Returns the number of bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.logs.iter().map(|log| log.source().len()).sum()
    }

    /// Returns the files by machine, in the order of the machines' first files.
    pub(crate) fn machines(&self) -> Vec<Vec<Arc<Log>>> {
        let mut machines: Vec<Vec<Arc<Log>>> = Vec::new();
        for log in &self.logs {
            let of = |logs: &&mut Vec<Arc<Log>>| {
                logs.first().is_some_and(|first| first.origin.machine == log.origin.machine)
            };
            match machines.iter_mut().find(of) {
                Some(logs) => logs.push(Arc::clone(log)),
                None => machines.push(vec![Arc::clone(log)]),
            }
        }
        machines
    }

    pub(crate) fn user(&self, uid: Option<u64>) -> Option<&[u8]> {
        self.options.users.get(&uid?).map(String::as_bytes)
    }
}

/// Returns the user whom a file is named after.
pub(crate) fn user_of(log: &Log) -> Option<String> {
    let is_named = log.layout.is_some_and(|layout| layout.platform.is_named_by_user);
    log.origin.base(log.source().is_packed()).filter(|_| is_named)
}
