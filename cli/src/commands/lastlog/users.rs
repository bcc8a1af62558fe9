//! Last logins and their users.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use loginrec::read::OwnedRecord;
use loginrec::{Entry, Layout, Record, Text, Timestamp};

/// A user in a passwd.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) uid: u64,
}

/// A last login.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Login<'a> {
    pub(crate) layout: &'static Layout,
    pub(crate) uid: Option<u64>,
    pub(crate) offset: u64,
    pub(crate) entry: Entry<'a>,
}

impl<'a> Login<'a> {
    pub(crate) fn of(kept: &'a OwnedRecord) -> Login<'a> {
        let record = kept.record();
        Login::new(&record, record.entry())
    }

    pub(crate) fn new(record: &Record<'a>, entry: Entry<'a>) -> Login<'a> {
        Login { layout: record.layout(), uid: record.uid(), offset: record.offset(), entry }
    }
}

/// A login, a user, or both.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) account: Option<Account<'a>>,
    pub(crate) login: Option<Login<'a>>,
}

impl<'a> Row<'a> {
    pub(crate) fn uid(&self) -> Option<u64> {
        let of_record = self.login.and_then(|login| login.uid);
        self.account.map(|account| account.uid).or(of_record)
    }

    /// Returns the name, if passwd or record has one.
    pub(crate) fn name(&self) -> Option<&'a [u8]> {
        let stored = self.login.map(|login| login.entry.ut_user.as_bytes());
        let named = self.account.map(|account| account.name).or(stored);
        named.filter(|name| !name.is_empty())
    }

    /// Returns the time; 0 means never, as in shadow.
    pub(crate) fn seconds(&self) -> i64 {
        let time = self.login.map(|login| login.entry.ut_tv);
        time.filter(|time| *time != Timestamp::ABSENT).map_or(0, |time| time.tv_sec)
    }
}

/// The owner of a record, as the record stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key<'a> {
    Uid(u64),
    Name(&'a [u8]),
}

/// The users of a passwd and their logins in one file.
#[derive(Debug)]
pub(crate) struct Users<'a> {
    /// Whether records of this file are keyed by name, not by uid.
    by_name: bool,
    accounts: &'a [Account<'a>],
    /// Maps each user to an index of the lists below.
    lists: HashMap<Key<'a>, usize>,
    logins: Vec<Vec<OwnedRecord>>,
}

impl<'a> Users<'a> {
    pub(crate) fn new(by_name: bool, accounts: &'a [Account<'a>]) -> Users<'a> {
        let keys = accounts.iter().map(|account| match by_name {
            true => Key::Name(account.name),
            false => Key::Uid(account.uid),
        });
        let mut lists = HashMap::new();
        for key in keys {
            let next = lists.len();
            lists.entry(key).or_insert(next);
        }
        let logins = lists.iter().map(|_| Vec::new()).collect();
        Users { by_name, accounts, lists, logins }
    }

    fn key<'l>(&self, login: &Login<'l>) -> Key<'l> {
        match login.uid {
            Some(uid) if !self.by_name => Key::Uid(uid),
            _ => Key::Name(login.entry.ut_user.as_bytes()),
        }
    }

    /// Returns whether a login belongs to a user in the passwd.
    pub(crate) fn has(&self, login: &Login<'_>) -> bool {
        self.lists.contains_key(&self.key(login))
    }

    /// Keeps a login if it belongs to a user in the passwd.
    pub(crate) fn keep(&mut self, record: &Record<'_>, login: &Login<'_>) {
        let list = self.lists.get(&self.key(login)).copied();
        if let Some(kept) = list.and_then(|list| self.logins.get_mut(list)) {
            kept.push(OwnedRecord::from(*record));
        }
    }

    /// Returns the users in the order of the passwd, including those who never logged in.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.accounts.iter().flat_map(|&account| {
            let key = if self.by_name { Key::Name(account.name) } else { Key::Uid(account.uid) };
            let list = self.lists.get(&key).and_then(|&list| self.logins.get(list));
            let kept = list.map(Vec::as_slice).unwrap_or_default();
            let never = kept.is_empty().then_some(Row { account: Some(account), login: None });
            let logins = kept.iter().map(Login::of);
            logins.map(move |login| Row { account: Some(account), login: Some(login) }).chain(never)
        })
    }
}

/// The users that the option selects.
#[derive(Debug)]
pub(crate) struct UserFilter {
    name: Vec<u8>,
    /// `None` for a name that is not in any passwd.
    pub(crate) uids: Option<RangeInclusive<u64>>,
}

impl UserFilter {
    /// Parses a name if there is such a user, else an id or a range of ids.
    pub(crate) fn parse(text: &str, accounts: &[Account<'_>]) -> UserFilter {
        let known = accounts.iter().find(|account| account.name == text.as_bytes());
        let uids = known.map(|account| account.uid..=account.uid).or_else(|| range(text));
        UserFilter { name: text.as_bytes().to_vec(), uids }
    }

    pub(crate) fn takes(&self, row: &Row<'_>) -> bool {
        let by_uid =
            self.uids.as_ref().zip(row.uid()).is_some_and(|(uids, uid)| uids.contains(&uid));
        by_uid || row.name().is_some_and(|name| Text::new(name).as_bytes() == self.name)
    }
}

/// Parses `5`, `5-9`, `5-` or `-9`.
fn range(text: &str) -> Option<RangeInclusive<u64>> {
    let number = |text: &str, open: u64| match text {
        "" => Some(open),
        digits => digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit())),
    };
    match text.split_once('-') {
        Some(("", "")) => None,
        Some((min, max)) => Some(number(min, 0)?..=number(max, u64::MAX)?),
        None if text.is_empty() => None,
        None => number(text, 0).map(|uid| uid..=uid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_users() {
        assert_eq!(range("5"), Some(5..=5));
        assert_eq!(range("5-9"), Some(5..=9));
        assert_eq!(range("5-"), Some(5..=u64::MAX));
        assert_eq!(range("-9"), Some(0..=9));
        for name in ["", "-", "a", "5-a", "+5", "5-+9", "1-2-3"] {
            assert_eq!(range(name), None, "{name}");
        }
    }
}
