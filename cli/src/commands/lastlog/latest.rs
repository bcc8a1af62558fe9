//! Last logins by user, out of a history.

use std::collections::BTreeMap;
use std::io;

use loginrec::read::OwnedRecord;
use loginrec::{Event, FileKind, Text, Timestamp};

use crate::commands::lastlog::users::{Account, Login, Row};
use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;
use crate::input::file::Input;

/// The newest login of each user, by name.
#[derive(Default)]
pub(super) struct Latest<'n> {
    logins: BTreeMap<Vec<u8>, (OwnedRecord, FileName<'n>)>,
    /// The first file that was read.
    pub(super) name: Option<FileName<'n>>,
    /// Later logins are ignored: `--as-of`.
    until: Option<i64>,
}

impl<'n> Latest<'n> {
    /// Takes logins of up to `until`, in seconds.
    pub(super) fn up_to(until: Option<i64>) -> Latest<'n> {
        Latest { until, ..Latest::default() }
    }

    /// Reads a history.
    pub(super) fn read(
        &mut self,
        input: &mut Input,
        name: &FileName<'n>,
        report: &mut Diagnostics,
    ) -> io::Result<()> {
        self.name.get_or_insert_with(|| name.clone());
        input.records(name, report, |record| {
            let entry = record.entry();
            let is_login = entry.event() == Event::Login && entry.ut_tv != Timestamp::ABSENT;
            let is_later = self.until.is_some_and(|until| entry.ut_tv.tv_sec > until);
            if !is_login || is_later || entry.ut_user.is_empty() {
                return Ok(());
            }
            let user = entry.ut_user.as_bytes();
            let before = self.logins.get(user).map(|(kept, _)| kept.record().entry().ut_tv);
            if before.is_none_or(|before| before <= entry.ut_tv) {
                self.logins.insert(user.to_vec(), (OwnedRecord::from(*record), name.clone()));
            }
            Ok(())
        })
    }

    /// Returns whether a user logged in.
    pub(super) fn has(&self, user: &[u8]) -> bool {
        self.logins.contains_key(Text::new(user).as_bytes())
    }

    /// Returns the seconds of the newest login.
    pub(super) fn newest(&self) -> i64 {
        let times = self.logins.values().map(|(kept, _)| kept.record().entry().ut_tv.tv_sec);
        times.max().unwrap_or_default()
    }

    /// Calls the function with the users of the passwd in its order, then with the others by name,
    /// each with the file of the login.
    pub(super) fn each(
        &self,
        accounts: &[Account<'_>],
        mut f: impl FnMut(Row<'_>, &FileName<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let Some(first) = &self.name else { return Ok(()) };
        for account in accounts {
            match self.logins.get(Text::new(account.name).as_bytes()) {
                Some((kept, name)) => {
                    f(Row { account: Some(*account), login: Some(Login::of(kept)) }, name)?;
                }
                None => f(Row { account: Some(*account), login: None }, first)?,
            }
        }
        let is_known = |user: &[u8]| accounts.iter().any(|account| account.name == user);
        for (user, (kept, name)) in &self.logins {
            if !is_known(user) {
                f(Row { account: None, login: Some(Login::of(kept)) }, name)?;
            }
        }
        Ok(())
    }
}

/// Returns why a file has neither last logins nor a history of logins.
pub(super) fn refused(input: &Input) -> Option<&'static str> {
    if input.layout().is_some_and(loginrec::Layout::is_failures) {
        return Some("counts failed logins; use `loginrec failures`");
    }
    let why = "contains failed logins, not last logins; use `loginrec lastb -f FILE`";
    (input.kind() == Some(FileKind::Btmp)).then_some(why)
}
