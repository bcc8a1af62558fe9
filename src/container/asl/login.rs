//! Puts a message together as a login.

use alloc::vec::Vec;

use zerocopy::{FromZeros as _, IntoBytes as _};

use crate::container::asl::keys::{LoginKey, identifier, number};
use crate::container::stored_row::{
    HAS_PID, HAS_ROWID, HAS_SERVICE, HAS_TYPE, Head, TEXTS, Use, push_fault,
};
use crate::error::Error;
use crate::value::link::Link;
use crate::value::timestamp::Timestamp;

/// The type of a process that has ended, on macOS.
const DEAD_PROCESS: i32 = 8;

/// A login that is being put together at the end of some bytes.
pub(super) struct Login {
    head: Head,
    /// Where its head is.
    begin: usize,
    /// When the message was written.
    logged: Timestamp,
    /// Words that lead to no text, some of them.
    lost: Vec<u64>,
    sec: Option<i64>,
    usec: Option<i64>,
}

impl Login {
    /// Begins with the message as it is stored.
    pub(super) fn new(
        offset: u64,
        id: u64,
        logged: Timestamp,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Login {
        let mut head = Head::new_zeroed();
        head.offset = offset.into();
        head.rowid = (id as i64).into();
        head.has = HAS_ROWID;
        head.payload = (payload.len() as u32).into();
        let begin = out.len();
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(payload);
        Login { head, begin, logged, lost: Vec::new(), sec: None, usec: None }
    }

    /// Sets how the message is reached.
    pub(super) fn link(&mut self, link: Link) {
        self.head.copies = (link as u32).into();
    }

    /// Sets the program that sent the message.
    pub(super) fn sender(&mut self, text: &[u8], out: &mut Vec<u8>) {
        self.text(Use::Service, text, out);
        self.head.has |= HAS_SERVICE;
    }

    /// Sets a value, if it makes sense.
    pub(super) fn set(&mut self, key: LoginKey, value: &[u8], out: &mut Vec<u8>) {
        match key {
            LoginKey::User => self.text(Use::User, value, out),
            LoginKey::Line => self.text(Use::Line, value, out),
            LoginKey::Host => self.text(Use::Host, value, out),
            LoginKey::Id => {
                (self.head.id, self.head.id_len) = identifier(value).unwrap_or_default();
            }
            LoginKey::Pid => {
                if let Some(pid) = number(value) {
                    self.head.pid = pid.into();
                    self.head.has |= HAS_PID;
                }
            }
            LoginKey::Type => {
                if let Some(raw_type) = number(value).and_then(|value| i32::try_from(value).ok()) {
                    self.head.raw_type = raw_type.into();
                    self.head.has |= HAS_TYPE;
                }
            }
            LoginKey::Sec => self.sec = number(value),
            LoginKey::Usec => self.usec = number(value),
        }
    }

    /// Sets a text. No writer uses a key twice; the first one counts.
    fn text(&mut self, of: Use, text: &[u8], out: &mut Vec<u8>) {
        let body = self.begin.saturating_add(size_of::<Head>());
        let place = TEXTS.iter().position(|known| *known == of).unwrap_or_default();
        if let Some([begin, len]) = self.head.texts.get_mut(place)
            && len.get() == 0
        {
            *begin = (out.len().saturating_sub(body) as u32).into();
            *len = (text.len() as u32).into();
            out.extend_from_slice(text);
        }
    }

    /// Notes whether a word led to a text; the error is the word.
    pub(super) fn note(&mut self, read: Result<(), u64>) {
        /// One damaged place is often behind many of them.
        const MOST: usize = 64;
        self.lost.extend(read.err().filter(|_| self.lost.len() < MOST));
    }

    /// Completes the login, and appends what is lost of it.
    ///
    /// A logout keeps the time of its login where a terminal window is closed, so that the time of
    /// its message counts.
    pub(super) fn end(mut self, out: &mut Vec<u8>) {
        let is_logout = self.head.raw_type.get() == DEAD_PROCESS;
        let stored = self.sec.filter(|_| !is_logout);
        let (sec, usec) = match stored {
            Some(sec) => (sec, self.usec.unwrap_or_default()),
            None => (self.logged.tv_sec, self.logged.tv_usec),
        };
        self.head.sec = sec.into();
        self.head.usec = (u32::try_from(usec).unwrap_or(u32::MAX)).into();
        self.head.len = (out.len().saturating_sub(self.begin) as u32).into();
        let body = self.begin.saturating_add(size_of::<Head>());
        if let Some(place) = out.get_mut(self.begin..body) {
            place.copy_from_slice(self.head.as_bytes());
        }
        let offset = self.head.offset.get();
        for to in self.lost {
            push_fault(&Error::Reference { offset, to }, out);
        }
    }
}
