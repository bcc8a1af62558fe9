//! Logins that have not ended yet.

use std::vec::Vec;

use super::arena::Arena;
use super::facts::{Facts, key, pid};
use super::hasher::Hasher;
use super::index::{Index, NONE};
use super::login::{Login, Packed, set_ended, set_same_pid};
use super::opening::{Mark, Opening};
use crate::entry::Entry;
use crate::layout::Layout;

/// Ended logins of this many bytes are not worth sweeping.
const LITTER: usize = 64 << 10;

/// Sessions not ended yet, and those that the last record ended.
///
/// Logins lie packed behind one another in the order of their records. One that ends leaves
/// a hole; when there are more holes than logins they are swept out. Memory does not grow
/// with the logins there were, only with those open at once.
#[derive(Debug)]
pub(super) struct Open {
    logins: Arena,
    /// For the next sweep.
    spare: Arena,
    /// Bytes of logins that have ended.
    litter: usize,
    ended: Ended,
    /// The layouts of the logins: there is one, unless files of several machines are read.
    layouts: Vec<&'static Layout>,
    hasher: Hasher,
    by_key: Index,
    /// The last login of each process. Made when a logout contradicts its line for the first
    /// time: in most files none does.
    by_pid: Option<Index>,
}

/// What the last record ended.
#[derive(Clone, Copy, Debug)]
enum Ended {
    None,
    /// The login at this place.
    One(u32),
    All,
}

impl Open {
    pub(super) fn new() -> Open {
        Open {
            logins: Arena::default(),
            spare: Arena::default(),
            litter: 0,
            ended: Ended::None,
            layouts: Vec::new(),
            hasher: Hasher::new(),
            by_key: Index::default(),
            by_pid: None,
        }
    }

    /// A login, after the one open on the same line has ended; whether there was one.
    pub(super) fn login(&mut self, mark: Mark, entry: &Entry<'_>, clock: i64) -> bool {
        let key = key(mark.layout, entry);
        let hash = self.hasher.hash(key);
        let (facts, texts) = Facts::of(mark, entry);
        let packed = Packed::new(&facts, texts, (self.number(mark.layout), clock, hash));
        // Memory ends before the places do.
        let Some((at, bytes)) = self.logins.add(packed.len()) else { return false };
        packed.write(bytes);

        let Open { logins, layouts, .. } = self;
        let is = |at| has_key(logins, layouts, at, key);
        let replaced = self.by_key.put(hash, at, is);
        if let Some(by_pid) = &mut self.by_pid {
            add_pid(by_pid, &mut self.logins, &self.hasher, at);
        }
        if let Some(at) = replaced {
            self.end(at);
        }
        replaced.is_some()
    }

    /// Ends the session that a logout ends, if there is one; returns whether line and
    /// process disagree about it.
    pub(super) fn logout(&mut self, mark: Mark, logout: &Entry<'_>) -> Option<bool> {
        let key = key(mark.layout, logout);
        let hash = self.hasher.hash(key);
        let Open { logins, layouts, .. } = &*self;
        let same_line = self.by_key.find(hash, |at| has_key(logins, layouts, at, key));
        let same = same_line.and_then(|at| self.get(at));
        let own = pid(logout);
        let agree = |login: Login<'_>| {
            let session = logout.ut_session.filter(|&session| session > 0);
            login.pid().zip(own).is_none_or(|(login, logout)| login == logout)
                || (session.is_some() && login.session() == session)
        };
        let (at, disputed) = match same_line {
            Some(at) if same.is_some_and(agree) => (at, false),
            _ => (own.and_then(|pid| self.find_pid(pid)).or(same_line)?, true),
        };
        let logins = &self.logins;
        self.by_key.remove(hash_of(logins, at), at);
        self.end(at);
        Some(disputed)
    }

    /// Ends all sessions. Those that had ended before have been forgotten.
    pub(super) fn end_all(&mut self) {
        self.ended = Ended::All;
        self.by_key.clear();
        self.by_pid = None;
    }

    /// The place of the first session ended by the last record.
    #[inline]
    pub(super) fn ended(&self) -> u32 {
        match self.ended {
            Ended::None => NONE,
            Ended::One(at) => at,
            Ended::All => self.open_from(self.logins.first()),
        }
    }

    /// The login of an ended session, the clock then, and the place of the next one.
    #[inline(always)]
    pub(super) fn opening(&self, at: u32) -> Option<(Opening<'_>, i64, u32)> {
        let login = self.get(at)?;
        let layout = *self.layouts.get(usize::from(login.layout()))?;
        let next = match self.ended {
            Ended::All => self.open_from(self.logins.after(at, login.len())),
            Ended::None | Ended::One(_) => NONE,
        };
        Some((Opening::new(login.facts(layout), login.texts()), login.clock(), next))
    }

    /// Forgets the sessions that have ended.
    #[inline]
    pub(super) fn forget_ended(&mut self) {
        match self.ended {
            Ended::None => {}
            Ended::One(_) => {
                if self.litter > LITTER && self.litter > self.logins.len() / 2 {
                    self.sweep();
                }
            }
            Ended::All => {
                self.logins.clear();
                self.litter = 0;
            }
        }
        self.ended = Ended::None;
    }

    /// Leaves out the logins that have ended. There are more of them than of others, so that
    /// each is moved for one that has been written: the time for it stays in proportion.
    #[cold]
    fn sweep(&mut self) {
        let mut kept = core::mem::take(&mut self.spare);
        self.by_key.clear();
        self.by_pid = None;
        for mut part in self.logins.parts() {
            while let Some(login) = Login::of(part)
                && let Some((bytes, behind)) = part.split_at_checked(Arena::room(login.len()))
            {
                if !login.has_ended()
                    && let Some((place, to)) = kept.add(bytes.len())
                    && let Some(to) = to.get_mut(..bytes.len())
                {
                    to.copy_from_slice(bytes);
                    self.by_key.put(login.hash(), place, |_| false);
                }
                part = behind;
            }
        }
        let mut swept = core::mem::replace(&mut self.logins, kept);
        if swept.capacity() <= LITTER.saturating_mul(2) {
            swept.clear();
            self.spare = swept;
        }
        self.litter = 0;
    }

    /// The first place from one on whose login has not ended.
    #[inline]
    fn open_from(&self, mut at: u32) -> u32 {
        while let Some(login) = self.get(at)
            && login.has_ended()
        {
            at = self.logins.after(at, login.len());
        }
        at
    }

    /// Ends a session that the index has no more.
    fn end(&mut self, at: u32) {
        let ended = self.logins.get_mut(at).map(set_ended).unwrap_or_default();
        self.litter = self.litter.saturating_add(ended);
        self.ended = Ended::One(at);
    }

    /// The last login of a process that is open.
    fn find_pid(&mut self, pid: i64) -> Option<u32> {
        if self.by_pid.is_none() {
            let mut by_pid = Index::default();
            let mut at = self.open_from(self.logins.first());
            while let Some(len) = self.get(at).map(Login::len) {
                add_pid(&mut by_pid, &mut self.logins, &self.hasher, at);
                at = self.open_from(self.logins.after(at, len));
            }
            self.by_pid = Some(by_pid);
        }
        let Open { logins, by_pid: Some(by_pid), hasher, .. } = self else { return None };
        let hash = hasher.hash(&pid.to_le_bytes());
        let newest = by_pid.find(hash, |at| login(logins, at).and_then(Login::pid) == Some(pid))?;
        let mut at = newest;
        while let Some(login) = login(logins, at).filter(|login| login.has_ended()) {
            at = login.same_pid();
        }
        // Those that have ended are passed by once.
        match at {
            NONE => by_pid.remove(hash, newest),
            _ if at != newest => {
                let is = |at| at == newest;
                by_pid.put(hash, at, is);
            }
            _ => {}
        }
        (at != NONE).then_some(at)
    }

    /// The number that stands for a layout in a login. There are fewer than 256.
    #[inline]
    fn number(&mut self, layout: &'static Layout) -> u8 {
        let known = self.layouts.iter().position(|known| core::ptr::eq(*known, layout));
        let number = known.unwrap_or_else(|| {
            self.layouts.push(layout);
            self.layouts.len().saturating_sub(1)
        });
        number as u8
    }

    #[inline]
    fn get(&self, at: u32) -> Option<Login<'_>> {
        login(&self.logins, at)
    }
}

#[inline]
fn login(logins: &Arena, at: u32) -> Option<Login<'_>> {
    Login::of(logins.get(at)?)
}

/// The hash of a login's key.
fn hash_of(logins: &Arena, at: u32) -> u32 {
    login(logins, at).map_or(0, Login::hash)
}

fn has_key(logins: &Arena, layouts: &[&'static Layout], at: u32, key: &[u8]) -> bool {
    let Some(login) = login(logins, at) else { return false };
    layouts.get(usize::from(login.layout())).is_some_and(|layout| login.key(layout) == key)
}

/// Makes a login the last of its process.
fn add_pid(by_pid: &mut Index, logins: &mut Arena, hasher: &Hasher, at: u32) {
    let Some(pid) = login(logins, at).and_then(Login::pid) else { return };
    let is = |at| login(logins, at).and_then(Login::pid) == Some(pid);
    let hash = hasher.hash(&pid.to_le_bytes());
    let before = by_pid.put(hash, at, is).unwrap_or(NONE);
    if let Some(bytes) = logins.get_mut(at) {
        set_same_pid(bytes, before);
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
            assert!(looks(&open) < 8 * COUNT, "{name}: {}", looks(&open));
            // The oldest first: the end of the chain. Every process is a wrong one.
            for n in 0..COUNT {
                let pid = if n % 2 == 0 { 8 } else { 7 };
                assert_eq!(open.logout(mark(), &entry(&make(n), pid)), Some(pid == 8), "{n}");
                open.forget_ended();
            }
            assert_eq!(open.open_from(open.logins.first()), NONE);
            assert!(looks(&open) < 24 * COUNT, "{name}: {}", looks(&open));
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
        assert!(open.logins.capacity() <= 256 << 10, "{}", open.logins.capacity());
        let (stays, ..) = open.opening(open.open_from(open.logins.first())).unwrap();
        assert_eq!(stays.entry().ut_line, "stays");
        open.end_all();
        open.forget_ended();
        assert_eq!(open.logins.len(), 0);
    }

    #[test]
    fn an_open_login_is_small() {
        let mut open = Open::new();
        let login = entry("pts/1234", 1_234_567);
        (0..1000).for_each(|_| assert!(open.login(mark(), &login, 0) || open.litter == 0));
        assert!(open.logins.len() <= 1000 * 72, "{}", open.logins.len());
    }
}
