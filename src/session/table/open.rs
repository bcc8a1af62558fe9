//! Logins that have not ended yet.

use std::vec::Vec;

use crate::entry::Entry;
use crate::layout::Layout;
use crate::session::numbers::{StoredNumbers, pid};
use crate::session::record_ref::RecordRef;
use crate::session::stored::StoredRecord;
use crate::session::table::arena::Arena;
use crate::session::table::hasher::Hasher;
use crate::session::table::index::{Full, Index, NONE};
use crate::session::table::packed::{Login, PackedLogin, set_ended, set_same_pid};

/// Ended logins of fewer bytes are not worth compacting.
const DEAD_BYTES: usize = 64 << 10;

/// Open sessions, and those that the last record ended.
///
/// Logins are packed one after another in the order of their records. One that ends leaves a hole;
/// when the holes outweigh the open logins, they are compacted. Memory grows with the logins open
/// at once, not with all logins so far.
#[derive(Debug)]
pub(in crate::session) struct Open {
    logins: Arena,
    /// The target of the next compaction.
    spare: Arena,
    /// Bytes of ended logins.
    dead_bytes: usize,
    ended: Ended,
    /// The layouts of the logins: one, unless files of several machines are read.
    layouts: Vec<&'static Layout>,
    hasher: Hasher,
    by_key: Index,
    /// The last login of each process. Built when a logout contradicts its line for the first time,
    /// which happens in few files.
    by_pid: Option<Index>,
    is_full: bool,
}

/// The sessions that the last record ended.
#[derive(Clone, Copy, Debug)]
enum Ended {
    None,
    /// The login at this place.
    One(u32),
    All,
}

impl Open {
    pub(in crate::session) fn new() -> Open {
        Open {
            logins: Arena::default(),
            spare: Arena::default(),
            dead_bytes: 0,
            ended: Ended::None,
            layouts: Vec::new(),
            hasher: Hasher::new(),
            by_key: Index::default(),
            by_pid: None,
            is_full: false,
        }
    }

    /// Returns whether logins are missing because memory ran out.
    pub(in crate::session) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Adds a login, after ending the one open on the same line. Returns whether there was one.
    pub(in crate::session) fn login(
        &mut self,
        record_ref: RecordRef,
        entry: &Entry<'_>,
        clock: i64,
    ) -> bool {
        let key = entry.session_key();
        let hash = self.hasher.hash(key);
        let (numbers, texts) = StoredNumbers::of(record_ref, entry);
        let packed =
            PackedLogin::new(&numbers, texts, (self.number(record_ref.layout), clock, hash));
        let Some((at, bytes)) = self.logins.add(packed.len()) else {
            return self.lose(hash, key);
        };
        packed.write(bytes);

        let Open { logins, layouts, .. } = self;
        let is = |at| has_key(logins, layouts, at, key);
        // Logins without a line have nothing in common.
        let replaced = match key.is_empty() {
            true => None,
            false => match self.by_key.put(hash, at, is) {
                Ok(replaced) => replaced,
                Err(Full) => return self.take_back(at),
            },
        };
        if let Some(by_pid) = &mut self.by_pid
            && add_pid(by_pid, &mut self.logins, &self.hasher, at).is_err()
        {
            self.is_full = true;
        }
        if let Some(at) = replaced {
            self.end(at);
        }
        replaced.is_some()
    }

    /// Ends the session that a login replaces for which there is no memory. Returns whether there
    /// was one.
    #[cold]
    fn lose(&mut self, hash: u32, key: &[u8]) -> bool {
        self.is_full = true;
        let Open { logins, layouts, .. } = &*self;
        let is = |at| has_key(logins, layouts, at, key);
        let replaced = if key.is_empty() { None } else { self.by_key.find(hash, is) };
        if let Some(at) = replaced {
            self.end_at(at);
        }
        replaced.is_some()
    }

    /// Removes a login that no logout would find. It replaces none.
    #[cold]
    fn take_back(&mut self, at: u32) -> bool {
        self.is_full = true;
        self.end(at);
        self.ended = Ended::None;
        false
    }

    /// Adds a login with a known end: it ends at once, and no other with it.
    pub(in crate::session) fn add_ended(&mut self, at: RecordRef, entry: &Entry<'_>, clock: i64) {
        let (numbers, texts) = StoredNumbers::of(at, entry);
        // No search needs to find it.
        let packed = PackedLogin::new(&numbers, texts, (self.number(at.layout), clock, 0));
        match self.logins.add(packed.len()) {
            Some((place, bytes)) => {
                packed.write(bytes);
                self.end(place);
            }
            None => self.is_full = true,
        }
    }

    /// Takes a login that no logout and no other login ends.
    pub(in crate::session) fn add_open(&mut self, at: RecordRef, entry: &Entry<'_>, clock: i64) {
        let (numbers, texts) = StoredNumbers::of(at, entry);
        let packed = PackedLogin::new(&numbers, texts, (self.number(at.layout), clock, 0));
        if let Some((_, bytes)) = self.logins.add(packed.len()) {
            packed.write(bytes);
        }
    }

    /// Ends the session that a logout ends, if there is one. Returns whether line and process
    /// disagree about it.
    pub(in crate::session) fn logout(&mut self, logout: &Entry<'_>) -> Option<bool> {
        let key = logout.session_key();
        if key.is_empty() {
            let at = self.find_pid(pid(logout)?).filter(|&at| self.is_user(at, logout))?;
            self.end_at(at);
            return Some(false);
        }
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
            // One of sshd's processes writes the login, another the logout: only a process
            // that is known from another line contradicts this one.
            _ => match own.and_then(|pid| self.find_pid(pid)) {
                Some(other) => (other, true),
                None => (same_line?, false),
            },
        };
        self.end_at(at);
        Some(disputed)
    }

    /// Returns whether a login has the user of a logout, if the logout names one.
    fn is_user(&self, at: u32, logout: &Entry<'_>) -> bool {
        let user = logout.ut_user.as_bytes();
        user.is_empty()
            || self.opening(at).is_some_and(|(login, ..)| login.entry().ut_user.as_bytes() == user)
    }

    /// Ends the session at this place.
    fn end_at(&mut self, at: u32) {
        self.by_key.remove(hash_of(&self.logins, at), at);
        self.end(at);
    }

    /// Ends all sessions. Those that ended before have been removed.
    pub(in crate::session) fn end_all(&mut self) {
        self.ended = Ended::All;
        self.by_key.clear();
        self.by_pid = None;
    }

    /// Returns the place of the first session that the last record ended.
    #[inline]
    pub(in crate::session) fn ended(&self) -> u32 {
        match self.ended {
            Ended::None => NONE,
            Ended::One(at) => at,
            Ended::All => self.open_from(self.logins.first()),
        }
    }

    /// Returns the login of an ended session, the clock at that time, and the place of the next
    /// one.
    #[inline(always)]
    pub(in crate::session) fn opening(&self, at: u32) -> Option<(StoredRecord<'_>, i64, u32)> {
        let login = self.get(at)?;
        let layout = *self.layouts.get(usize::from(login.layout()))?;
        let next = match self.ended {
            Ended::All => self.open_from(self.logins.after(at, login.len())),
            Ended::None | Ended::One(_) => NONE,
        };
        Some((StoredRecord::new(login.stored(layout), login.texts()), login.clock(), next))
    }

    /// Removes the sessions that have ended.
    #[inline]
    pub(in crate::session) fn forget_ended(&mut self) {
        match self.ended {
            Ended::None => {}
            Ended::One(_) => {
                if self.dead_bytes > DEAD_BYTES && self.dead_bytes > self.logins.len() / 2 {
                    self.compact();
                }
            }
            Ended::All => {
                self.logins.clear();
                self.dead_bytes = 0;
            }
        }
        self.ended = Ended::None;
    }

    /// Removes ended logins. They outnumber the others, so the time is proportional to the number
    /// of logins added.
    #[cold]
    fn compact(&mut self) {
        let mut kept = core::mem::take(&mut self.spare);
        self.by_key.clear();
        self.by_pid = None;
        if self.copy_open(&mut kept).is_err() {
            return self.keep_all();
        }
        let mut old = core::mem::replace(&mut self.logins, kept);
        if old.capacity() <= DEAD_BYTES.saturating_mul(2) {
            old.clear();
            self.spare = old;
        }
        self.dead_bytes = 0;
    }

    /// Copies the logins that have not ended, and puts their new places into the index.
    fn copy_open(&mut self, kept: &mut Arena) -> Result<(), Full> {
        for mut part in self.logins.parts() {
            while let Some(login) = Login::of(part)
                && let Some((bytes, behind)) = part.split_at_checked(Arena::room(login.len()))
            {
                if !login.has_ended() {
                    let (location, to) = kept.add(bytes.len()).ok_or(Full)?;
                    to.get_mut(..bytes.len()).ok_or(Full)?.copy_from_slice(bytes);
                    self.by_key.put(login.hash(), location, |_| false)?;
                }
                part = behind;
            }
        }
        Ok(())
    }

    /// Leaves the logins where they are if there is no memory for a second copy.
    #[cold]
    fn keep_all(&mut self) {
        self.by_key.clear();
        let mut at = self.open_from(self.logins.first());
        while let Some(login) = self.get(at) {
            let (hash, len) = (login.hash(), login.len());
            self.is_full |= self.by_key.put(hash, at, |_| false).is_err();
            at = self.open_from(self.logins.after(at, len));
        }
        // The next try is after as many bytes of logins have ended.
        self.dead_bytes = 0;
    }

    /// Returns the first place from `at` on whose login has not ended.
    #[inline]
    fn open_from(&self, mut at: u32) -> u32 {
        while let Some(login) = self.get(at)
            && login.has_ended()
        {
            at = self.logins.after(at, login.len());
        }
        at
    }

    /// Ends a session that is no longer in the index.
    fn end(&mut self, at: u32) {
        let ended = self.logins.get_mut(at).map(set_ended).unwrap_or_default();
        self.dead_bytes = self.dead_bytes.saturating_add(ended);
        self.ended = Ended::One(at);
    }

    /// Returns the last open login of a process.
    fn find_pid(&mut self, pid: i64) -> Option<u32> {
        if self.by_pid.is_none() {
            let mut by_pid = Index::default();
            let mut at = self.open_from(self.logins.first());
            while let Some(len) = self.get(at).map(Login::len) {
                let added = add_pid(&mut by_pid, &mut self.logins, &self.hasher, at);
                self.is_full |= added.is_err();
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
        // Ended logins are skipped once.
        match at {
            NONE => by_pid.remove(hash, newest),
            _ if at != newest => {
                let is = |at| at == newest;
                // It takes the place of another.
                let _ = by_pid.put(hash, at, is);
            }
            _ => {}
        }
        (at != NONE).then_some(at)
    }

    /// Returns the number of a layout for its logins. There are fewer than 256.
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

/// Returns the hash of a login's key.
fn hash_of(logins: &Arena, at: u32) -> u32 {
    login(logins, at).map_or(0, Login::hash)
}

fn has_key(logins: &Arena, layouts: &[&'static Layout], at: u32, key: &[u8]) -> bool {
    let Some(login) = login(logins, at) else { return false };
    layouts.get(usize::from(login.layout())).is_some_and(|layout| login.key(layout) == key)
}

/// Makes a login the last of its process.
fn add_pid(by_pid: &mut Index, logins: &mut Arena, hasher: &Hasher, at: u32) -> Result<(), Full> {
    let Some(pid) = login(logins, at).and_then(Login::pid) else { return Ok(()) };
    let is = |at| login(logins, at).and_then(Login::pid) == Some(pid);
    let hash = hasher.hash(&pid.to_le_bytes());
    let before = by_pid.put(hash, at, is)?.unwrap_or(NONE);
    if let Some(bytes) = logins.get_mut(at) {
        set_same_pid(bytes, before);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;
    use std::string::String;

    use crate::formats::by_name;
    use crate::layout::Layout;
    use crate::session::record_ref::Location;
    use crate::value::text::Text;
    use crate::value::ut_type::UtType;

    const COUNT: u64 = 20_000;

    fn layout() -> &'static Layout {
        by_name("linux-glibc-384-le").unwrap()
    }

    fn record_ref() -> RecordRef {
        let location = Location::default();
        RecordRef { location, time: Default::default(), layout: layout() }
    }

    fn entry(line: &str, pid: i64) -> Entry<'_> {
        let mut entry = Entry::new(layout().platform);
        entry.raw_type = layout().platform.raw_type(UtType::UserProcess);
        entry.ut_line = Text::new(line.as_bytes());
        entry.ut_pid = Some(pid);
        entry
    }

    /// Returns the number of slots that searches examined.
    fn looks(open: &Open) -> u64 {
        open.by_key.looks.get() + open.by_pid.as_ref().map_or(0, |index| index.looks.get())
    }

    /// Names made to share a bucket: equal in their low bits, in their high bits, or in their sum.
    /// They belong to one process, so that its logins are one long chain.
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
                open.login(record_ref(), &entry(&make(n), 7), 0);
            }
            assert!(looks(&open) < 8 * COUNT, "{name}: {}", looks(&open));
            // The oldest first, at the end of the chain. Every process is a wrong one.
            for n in 0..COUNT {
                let pid = if n % 2 == 0 { 8 } else { 7 };
                assert_eq!(open.logout(&entry(&make(n), pid)), Some(false), "{n}");
                open.forget_ended();
            }
            assert_eq!(open.open_from(open.logins.first()), NONE);
            assert!(looks(&open) < 24 * COUNT, "{name}: {}", looks(&open));
        }
    }

    /// Memory depends on the sessions open at once, not on all sessions so far.
    #[test]
    fn what_has_ended_leaves_its_place() {
        let mut open = Open::new();
        open.login(record_ref(), &entry("stays", 1), 0);
        let host = [b'h'; 256];
        for n in 0..50_000 {
            let line = format!("pts/{}", n % 50);
            let mut login = entry(&line, n);
            login.ut_host = Text::new(&host);
            open.login(record_ref(), &login, 0);
            if n % 3 == 0 {
                open.logout(&login);
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
        (0..1000)
            .for_each(|_| assert!(open.login(record_ref(), &login, 0) || open.dead_bytes == 0));
        assert!(open.logins.len() <= 1000 * 72, "{}", open.logins.len());
    }
}
