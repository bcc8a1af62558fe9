//! Last logins and the users they belong to.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use loginrec::{Entry, Event, Framing, LogFile, Record, Text};

/// A user in a passwd.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) uid: u64,
}

/// A login, a user, or both.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) account: Option<Account<'a>>,
    pub(crate) login: Option<(Record<'a>, Entry<'a>)>,
}

impl<'a> Row<'a> {
    pub(crate) fn uid(&self) -> Option<u64> {
        let of_record = self.login.and_then(|(record, _)| record.uid());
        self.account.map(|account| account.uid).or(of_record)
    }

    /// The name, where passwd or record has one.
    pub(crate) fn name(&self) -> Option<&'a [u8]> {
        let stored = self.login.map(|(_, entry)| entry.ut_user.as_bytes());
        let named = self.account.map(|account| account.name).or(stored);
        named.filter(|name| !name.is_empty())
    }

    /// When, 0 for never: shadow takes it for that too.
    pub(crate) fn seconds(&self) -> i64 {
        self.login.map_or(0, |(_, entry)| entry.ut_tv.tv_sec)
    }
}

/// What a record says about whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key<'a> {
    Uid(u64),
    Name(&'a [u8]),
}

/// The logins of one file and the users of a passwd.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    by_name: bool,
    logins: Vec<(Record<'a>, Entry<'a>)>,
    accounts: &'a [Account<'a>],
}

impl<'a> Rows<'a> {
    /// Whether records of this file are found by name, not by uid.
    pub(crate) fn by_name(log: &LogFile<'_>) -> bool {
        log.layout().is_some_and(|layout| layout.framing == Framing::Fixed)
    }

    pub(crate) fn new(
        by_name: bool,
        mut logins: Vec<(Record<'a>, Entry<'a>)>,
        accounts: &'a [Account<'a>],
    ) -> Rows<'a> {
        match by_name {
            true => logins.retain(|(_, entry)| entry.event() == Event::Login),
            // A database has its records in no order.
            false => logins.sort_by_key(|(record, _)| record.uid()),
        }
        Rows { by_name, logins, accounts }
    }

    pub(crate) fn newest(&self) -> i64 {
        self.logins.iter().map(|(_, entry)| entry.ut_tv.tv_sec).max().unwrap_or(0)
    }

    /// The users of the passwd in its order, then the logins of others.
    pub(crate) fn in_order(&self) -> Vec<Row<'a>> {
        let mut of_key: HashMap<Key<'_>, Vec<usize>> = HashMap::new();
        for (at, (record, entry)) in self.logins.iter().enumerate() {
            let key = match record.uid() {
                Some(uid) if !self.by_name => Key::Uid(uid),
                _ => Key::Name(entry.ut_user.as_bytes()),
            };
            of_key.entry(key).or_default().push(at);
        }
        let mut rows = Vec::new();
        let mut known = vec![false; self.logins.len()];
        for &account in self.accounts {
            let key = match self.by_name {
                true => Key::Name(account.name),
                false => Key::Uid(account.uid),
            };
            let before = rows.len();
            for &at in of_key.get(&key).into_iter().flatten() {
                let login = self.logins.get(at).copied();
                rows.push(Row { account: Some(account), login });
                if let Some(known) = known.get_mut(at) {
                    *known = true;
                }
            }
            if rows.len() == before {
                rows.push(Row { account: Some(account), login: None });
            }
        }
        let others = self.logins.iter().zip(known).filter(|(_, known)| !known);
        rows.extend(others.map(|(&login, _)| Row { account: None, login: Some(login) }));
        rows
    }
}

/// Which users are asked for.
#[derive(Debug)]
pub(crate) struct Wanted {
    name: Vec<u8>,
    /// `None` for a name that no passwd explains.
    pub(crate) uids: Option<RangeInclusive<u64>>,
}

impl Wanted {
    /// A name if there is such a user, else an id or a range of ids.
    pub(crate) fn parse(text: &str, accounts: &[Account<'_>]) -> Wanted {
        let known = accounts.iter().find(|account| account.name == text.as_bytes());
        let uids = known.map(|account| account.uid..=account.uid).or_else(|| range(text));
        Wanted { name: text.as_bytes().to_vec(), uids }
    }

    pub(crate) fn takes(&self, row: &Row<'_>) -> bool {
        let by_uid =
            self.uids.as_ref().zip(row.uid()).is_some_and(|(uids, uid)| uids.contains(&uid));
        by_uid || row.name().is_some_and(|name| Text::new(name).as_bytes() == self.name)
    }
}

/// `5`, `5-9`, `5-`, `-9`.
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
