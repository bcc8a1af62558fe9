//! Logins that have not ended yet.

use std::vec::Vec;

use super::index::{Hasher, Index, NONE};
use super::opening::{Facts, Mark, Opening, key, pid};
use crate::entry::Entry;

/// Garbage of this many bytes is not worth sweeping.
const LITTER: usize = 16 << 10;

/// One of them.
#[derive(Clone, Copy, Debug)]
struct Login {
    facts: Facts,
    /// By how much the clock had been set before.
    clock: i64,
    /// Where its texts begin.
    texts: usize,
    /// The logins before and after it.
    older: u32,
    newer: u32,
}

/// Sessions not ended yet, and those that the last record ended.
///
/// A login is an entry of one vector and its texts lie in another; both are used again.
/// Neither grows with the logins there were, only with those open at once.
#[derive(Debug)]
pub(super) struct Open {
    logins: Vec<Login>,
    /// The texts of logins, and holes.
    texts: Vec<u8>,
    /// Bytes of holes.
    litter: usize,
    oldest: u32,
    newest: u32,
    /// The first of those that the last record ended, linked by `newer`.
    ended: u32,
    /// The first unused entry, linked by `newer`.
    unused: u32,
    hasher: Hasher,
    by_key: Index,
    /// Made when a logout contradicts its line for the first time: in most files none does.
    by_pid: Option<Index>,
}

impl Open {
    pub(super) fn new() -> Open {
        Open {
            logins: Vec::new(),
            texts: Vec::new(),
            litter: 0,
            oldest: NONE,
            newest: NONE,
            ended: NONE,
            unused: NONE,
            hasher: Hasher::new(),
            by_key: Index::default(),
            by_pid: None,
        }
    }

    /// A login, after the one open on the same line has ended.
    pub(super) fn login(&mut self, mark: Mark, entry: &Entry<'_>, clock: i64) -> bool {
        let key = key(mark.layout, entry);
        let hash = self.hasher.hash(key);
        let replaced = self.find_key(hash, key);
        if let Some(at) = replaced {
            self.end(at);
        }

        let (facts, texts) = Facts::of(mark, entry);
        let login =
            Login { facts, clock, texts: self.texts.len(), older: self.newest, newer: NONE };
        self.texts.reserve(facts.len());
        for text in texts.into_iter().filter(|text| !text.is_empty()) {
            self.texts.extend_from_slice(text);
        }
        let at = self.put(login);
        match self.get_mut(self.newest) {
            Some(newest) => newest.newer = at,
            None => self.oldest = at,
        }
        self.newest = at;
        self.by_key.insert(at, hash);
        if let Some(by_pid) = &mut self.by_pid
            && let Some(pid) = facts.pid()
        {
            by_pid.insert(at, self.hasher.hash(&pid.to_le_bytes()));
        }
        replaced.is_some()
    }

    /// Ends the session that a logout ends, if there is one; returns whether line and
    /// process disagree about it.
    pub(super) fn logout(&mut self, mark: Mark, logout: &Entry<'_>) -> Option<bool> {
        let key = key(mark.layout, logout);
        let same_line = self.find_key(self.hasher.hash(key), key);
        let same = same_line.and_then(|at| self.get(at)).map(|login| &login.facts);
        let own = pid(logout);
        let agree = |login: &Facts| {
            let session = logout.ut_session.filter(|&session| session > 0);
            login.pid().zip(own).is_none_or(|(login, logout)| login == logout)
                || (session.is_some() && login.session() == session)
        };
        let (at, disputed) = match same_line {
            Some(at) if same.is_some_and(agree) => (at, false),
            _ => (own.and_then(|pid| self.find_pid(pid)).or(same_line)?, true),
        };
        self.end(at);
        Some(disputed)
    }

    /// Ends all sessions. Those that had ended before have been forgotten.
    pub(super) fn end_all(&mut self) {
        self.ended = core::mem::replace(&mut self.oldest, NONE);
        self.newest = NONE;
        self.by_key.clear();
        self.by_pid = None;
    }

    /// The entry of the first session ended by the last record.
    pub(super) fn ended(&self) -> u32 {
        self.ended
    }

    /// The login of an ended session, the clock then, and the entry of the next one.
    pub(super) fn opening(&self, at: u32) -> Option<(Opening<'_>, i64, u32)> {
        let login = self.get(at)?;
        let texts = self.texts.get(login.texts..).unwrap_or_default();
        let texts = texts.get(..login.facts.len()).unwrap_or(texts);
        Some((Opening::new(login.facts, texts), login.clock, login.newer))
    }

    /// Forgets the sessions that have ended.
    #[inline]
    pub(super) fn forget_ended(&mut self) {
        if self.ended != NONE {
            self.forget();
        }
    }

    fn forget(&mut self) {
        if self.newest == NONE {
            self.logins.clear();
            self.texts.clear();
            (self.ended, self.unused, self.litter) = (NONE, NONE, 0);
            return;
        }
        while let Some(&Login { facts, newer, .. }) = self.get(self.ended) {
            let unused = core::mem::replace(&mut self.unused, self.ended);
            if let Some(login) = self.get_mut(self.ended) {
                login.newer = unused;
            }
            self.ended = newer;
            self.litter = self.litter.saturating_add(facts.len());
        }
        if self.litter > LITTER && self.litter > self.texts.len() / 2 {
            self.sweep();
        }
    }

    /// Closes the holes. There were more of them than of texts, so that each byte is moved
    /// for one that has been written: the time for it stays in proportion.
    fn sweep(&mut self) {
        let mut texts = Vec::with_capacity(self.texts.len().saturating_sub(self.litter));
        let mut at = self.oldest;
        while let Some(login) = usize::try_from(at).ok().and_then(|at| self.logins.get_mut(at)) {
            let begin = texts.len();
            let end = login.texts.saturating_add(login.facts.len());
            texts.extend_from_slice(self.texts.get(login.texts..end).unwrap_or_default());
            (login.texts, at) = (begin, login.newer);
        }
        (self.texts, self.litter) = (texts, 0);
    }

    /// Moves a login from the open sessions to the front of the ended.
    fn end(&mut self, at: u32) {
        let Some(&Login { facts, older, newer, .. }) = self.get(at) else { return };
        match self.get_mut(older) {
            Some(login) => login.newer = newer,
            None => self.oldest = newer,
        }
        match self.get_mut(newer) {
            Some(login) => login.older = older,
            None => self.newest = older,
        }
        self.by_key.remove(at);
        if let Some(by_pid) = self.by_pid.as_mut().filter(|_| facts.pid().is_some()) {
            by_pid.remove(at);
        }
        let next = core::mem::replace(&mut self.ended, at);
        if let Some(login) = self.get_mut(at) {
            login.newer = next;
        }
    }

    /// The number of an entry for a login.
    fn put(&mut self, login: Login) -> u32 {
        let at = self.unused;
        if let Some(unused) = self.get_mut(at) {
            let next = core::mem::replace(unused, login).newer;
            self.unused = next;
            return at;
        }
        let at = self.logins.len();
        if at == self.logins.capacity() {
            // Moving them costs more than room that is not used.
            self.logins.reserve_exact(at.saturating_mul(3).max(16));
        }
        self.logins.push(login);
        // Memory ends long before the numbers do.
        u32::try_from(at).unwrap_or(NONE)
    }

    fn find_key(&self, hash: u32, key: &[u8]) -> Option<u32> {
        self.by_key.find(hash, |at| {
            let Some(login) = self.get(at) else { return false };
            login.facts.key(self.texts.get(login.texts..).unwrap_or_default()) == key
        })
    }

    /// The last login of a process that is open.
    fn find_pid(&mut self, pid: i64) -> Option<u32> {
        if self.by_pid.is_none() {
            let mut index = Index::default();
            let mut at = self.oldest;
            while let Some(login) = self.get(at) {
                if let Some(pid) = login.facts.pid() {
                    index.insert(at, self.hasher.hash(&pid.to_le_bytes()));
                }
                at = login.newer;
            }
            self.by_pid = Some(index);
        }
        let hash = self.hasher.hash(&pid.to_le_bytes());
        let is = |at| self.get(at).is_some_and(|login| login.facts.pid() == Some(pid));
        self.by_pid.as_ref()?.find(hash, is)
    }

    fn get(&self, at: u32) -> Option<&Login> {
        self.logins.get(usize::try_from(at).ok()?)
    }

    fn get_mut(&mut self, at: u32) -> Option<&mut Login> {
        self.logins.get_mut(usize::try_from(at).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;
    use std::string::String;

    use crate::layout::Layout;
    use crate::platform::by_name;
    use crate::session::opening::Place;
    use crate::text::Text;
    use crate::ut_type::UtType;

    const COUNT: u64 = 20_000;

    fn layout() -> &'static Layout {
        by_name("linux-glibc-384-le").unwrap()
    }

    fn mark() -> Mark {
        let place = Place::default();
        Mark { place, time: Default::default(), layout: layout() }
    }

    fn entry(line: &str, pid: i64) -> Entry<'_> {
        let mut entry = Entry::new(layout().dialect);
        entry.raw_type = layout().dialect.raw_type(UtType::UserProcess);
        entry.ut_line = Text::new(line.as_bytes());
        entry.ut_pid = Some(pid);
        entry
    }

    /// Searches and what they looked at.
    fn looks(open: &Open) -> u64 {
        open.by_key.looks.get() + open.by_pid.as_ref().map_or(0, |index| index.looks.get())
    }

    /// Names made to share a bucket: alike in their low bits, in their high bits, in their
    /// sum. All from one process, so that its logins are one long chain.
    #[test]
    fn a_search_looks_at_few_whatever_the_names() {
        let low = |n: u64| format!("{n:08}AAAAAAAAAAAAAAAA");
        let high = |n: u64| format!("AAAAAAAAAAAAAA{n:08}");
        let sum = |n: u64| format!("{n:07}{:07}", 9_999_999 - n);
        let names: [(&str, &dyn Fn(u64) -> String); 3] =
            [("low", &low), ("high", &high), ("sum", &sum)];
        for (name, make) in names {
            let mut open = Open::new();
            for n in 0..COUNT {
                open.login(mark(), &entry(&make(n), 7), 0);
            }
            assert!(looks(&open) < 4 * COUNT, "{name}: {}", looks(&open));
            // The oldest first: the end of the chain. Every process is a wrong one.
            for n in 0..COUNT {
                let pid = if n % 2 == 0 { 8 } else { 7 };
                assert_eq!(open.logout(mark(), &entry(&make(n), pid)), Some(pid == 8), "{n}");
                open.forget_ended();
            }
            assert_eq!((open.oldest, open.newest), (NONE, NONE));
            assert!(looks(&open) < 12 * COUNT, "{name}: {}", looks(&open));
        }
    }

    /// However many sessions there were, memory is that of the few open at once.
    #[test]
    fn what_has_ended_leaves_its_place() {
        let mut open = Open::new();
        open.login(mark(), &entry("stays", 1), 0);
        let host = [b'h'; 256];
        for n in 0..50_000 {
            let line = format!("pts/{}", n % 50);
            let mut login = entry(&line, n);
            login.ut_host = Text::new(&host);
            open.login(mark(), &login, 0);
            if n % 3 == 0 {
                open.logout(mark(), &login);
            }
            open.forget_ended();
        }
        assert!(open.logins.len() <= 52, "{}", open.logins.len());
        assert!(open.texts.capacity() < 128 << 10, "{}", open.texts.capacity());
        let (stays, ..) = open.opening(open.oldest).unwrap();
        assert_eq!(stays.entry().ut_line, "stays");
        open.end_all();
        open.forget_ended();
        assert!(open.texts.is_empty());
    }

    #[test]
    fn an_open_login_is_small() {
        assert!(size_of::<Login>() <= 112, "{}", size_of::<Login>());
    }
}
