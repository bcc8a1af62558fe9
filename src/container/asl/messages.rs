//! Version 2: messages and texts back to back. The file is read record by record, because the
//! pointers from message to message are the last thing that a writer sets.

use alloc::vec::Vec;
use core::mem;

use crate::container::asl::header;
use crate::container::asl::keys::{self, LoginKey};
use crate::container::asl::login::Login;
use crate::container::asl::texts::{self, Texts};
use crate::container::asl::window::Window;
use crate::container::asl::word::{Word, be16, be32, be64, inline};
use crate::container::source::Source;
use crate::container::stored_row::push_fault;
use crate::error::Error;
use crate::scan::before_nul;
use crate::value::link::Link;
use crate::value::timestamp::Timestamp;

/// Bytes before the keys and values of a message.
const HEAD: usize = 114;
/// Where its numbers and words are.
const NEXT: usize = 6;
const ID: usize = 14;
const TIME: usize = 22;
const NANOSECONDS: usize = 30;
const COUNT: usize = 62;
const SENDER: usize = 74;
const FACILITY: usize = 82;
/// What the length of a message counts besides its keys and values.
const COUNTED: usize = 116;
/// Bytes before what a length counts.
const UNCOUNTED: usize = 6;
/// The longest message: some 65,000 keys and values.
const LONGEST: usize = 1 << 20;
/// The shortest text that is a record of its own, with its NUL: shorter ones are in the words.
const SHORTEST_TEXT: usize = 9;
/// Bytes of a text that are looked at to find where records go on.
const LOOKED_AT: usize = 64;

/// A record of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// A message, with its length.
    Message(usize),
    /// A text, with its length.
    Text(u64),
    /// The beginning of a record that needs this many bytes, and the file ends before.
    Cut(u64),
    Nothing,
}

/// The messages of a file, in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    at: u64,
    window: Window,
    texts: Texts,
    /// Where the messages so far lead; zero after the last one that is linked.
    next: u64,
    /// The header's length, if the file ends within it.
    cut_header: Option<u64>,
    /// The last facility that was read, and whether it is that of logins.
    facility: Option<(u64, bool)>,
}

/// A step through the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A login was appended, and the faults in its values.
    Login,
    /// A fault was appended.
    Fault,
    End,
}

impl Messages {
    /// Begins after the header, or at the first byte if there is none.
    pub(crate) fn new(source: &dyn Source) -> Messages {
        let at = if header::is_there(source) { header::LEN as u64 } else { 0 };
        // Of a file without a header, any message may be the first.
        let next = header::first(source).unwrap_or(u64::MAX);
        let len = source.len();
        let cut_header = (at > len).then_some(at);
        Messages { at, next, cut_header, ..Messages::default() }
    }

    /// Reads on to the next login or fault.
    pub(crate) fn advance(&mut self, source: &dyn Source, out: &mut Vec<u8>) -> Step {
        let size = source.len();
        if let Some(need) = self.cut_header.take() {
            self.next = 0;
            push_fault(&Error::Truncated { offset: 0, need, have: size }, out);
            return Step::Fault;
        }
        while self.at < size {
            let offset = self.at;
            match self.look(source, offset, size) {
                Found::Text(len)
                    if self.is_followed(source, offset.saturating_add(len), size)
                        || self.is_sound(source, offset, len) =>
                {
                    self.at = offset.saturating_add(len);
                }
                Found::Message(len) => {
                    self.at = offset.saturating_add(len as u64);
                    if let Some(step) = self.message(source, offset, len, out) {
                        return step;
                    }
                }
                damage => {
                    self.skip(source, size, damage, out);
                    return Step::Fault;
                }
            }
        }
        // A writer appends a message before it sets the offset of it: the file was longer.
        let next = mem::take(&mut self.next);
        if (size..u64::MAX).contains(&next) {
            push_fault(&Error::Truncated { offset: size, need: HEAD as u64, have: 0 }, out);
            return Step::Fault;
        }
        Step::End
    }

    /// Returns what is at `at`.
    fn look(&mut self, source: &dyn Source, at: u64, size: u64) -> Found {
        let head = self.window.read(source, at, HEAD);
        self::look(head, size.saturating_sub(at))
    }

    /// Returns whether a text ends at `at`: with a NUL, before another record or the end.
    fn is_followed(&self, source: &dyn Source, at: u64, size: u64) -> bool {
        let mut bytes = [0; 1 + HEAD];
        let begin = at.saturating_sub(1);
        let len = size.saturating_sub(begin).min(bytes.len() as u64) as usize;
        let found = match self.window.get(begin, len) {
            Some(found) => found,
            None => {
                let read = source.read_at(&mut bytes, begin);
                bytes.get(..read).unwrap_or_default()
            }
        };
        match found.split_first() {
            Some((0, [])) => true,
            Some((0, head)) => look(head, size.saturating_sub(at)) != Found::Nothing,
            _ => false,
        }
    }

    /// Skips bytes that are no record, up to the next record that another one follows.
    fn skip(&mut self, source: &dyn Source, size: u64, damage: Found, out: &mut Vec<u8>) {
        let begin = self.at;
        // The message that leads on may be the damaged one.
        self.next = u64::MAX;
        let mut at = begin.saturating_add(1);
        while let Some(place) = self.next_zero(source, at) {
            at = place.saturating_add(1);
            let is_record = match self.look(source, place, size) {
                Found::Message(len) => {
                    let end = place.saturating_add(len as u64);
                    end >= size || self.is_followed(source, end, size) || len > HEAD
                }
                Found::Text(len) if self.is_text(source, place, len) => {
                    self.is_followed(source, place.saturating_add(len), size)
                }
                _ => false,
            };
            if is_record {
                let len = place.saturating_sub(begin);
                push_fault(&Error::Skipped { offset: begin, len }, out);
                self.at = place;
                return;
            }
        }
        let have = size.saturating_sub(begin);
        let error = match damage {
            Found::Cut(need) => Error::Truncated { offset: begin, need, have },
            _ => Error::Skipped { offset: begin, len: have },
        };
        push_fault(&error, out);
        self.at = size;
    }

    /// Returns where the next zero is that is followed by a zero or a one: each record begins so.
    fn next_zero(&mut self, source: &dyn Source, mut at: u64) -> Option<u64> {
        const PIECE: usize = 4 << 10;
        loop {
            let piece = self.window.read(source, at, PIECE);
            let next = piece.windows(2).position(|pair| matches!(pair, [0, 0 | 1]));
            match (next, piece.len().checked_sub(1)?) {
                (Some(found), _) => return Some(at.saturating_add(found as u64)),
                (None, 0) => return None,
                (None, passed) => at = at.saturating_add(passed as u64),
            }
        }
    }

    /// Returns whether a record is a text with a NUL at its end and none before.
    fn is_sound(&mut self, source: &dyn Source, at: u64, len: u64) -> bool {
        let record = self.window.read(source, at, len as usize);
        let text = record.get(texts::HEAD..).unwrap_or_default();
        text.len() >= SHORTEST_TEXT && leading_text(text) == text.len().saturating_sub(1)
    }

    /// Returns whether a record looks like a text that a writer would store.
    fn is_text(&mut self, source: &dyn Source, at: u64, len: u64) -> bool {
        let shown = len.min(LOOKED_AT as u64) as usize;
        let record = self.window.read(source, at, shown);
        let text = record.get(texts::HEAD..).unwrap_or_default();
        let text = match len > LOOKED_AT as u64 {
            true => text,
            false => text.split_last().map_or(text, |(_, text)| text),
        };
        text.len().saturating_add(1) >= SHORTEST_TEXT && !text.contains(&0)
    }

    /// Reads a message; `None` if it is not a login. A value that is lost costs itself, not the
    /// message.
    fn message(
        &mut self,
        source: &dyn Source,
        offset: u64,
        len: usize,
        out: &mut Vec<u8>,
    ) -> Option<Step> {
        self.window.read(source, offset, len);
        let Messages { window, texts, facility, next, .. } = self;
        let window = &*window;
        let record = window.get(offset, len)?;
        let own = be64(record, NEXT);
        let link = match *next {
            next if next == offset || next == u64::MAX => Link::Linked,
            next if next > offset => Link::PassedOver,
            // Others follow it: it is not the one that was being written.
            _ if own > offset => Link::PassedOver,
            _ => Link::AfterEnd,
        };
        // Where the offsets ended, they may go on.
        if link == Link::Linked || *next < offset {
            *next = own;
        }
        let mut read = |word: Word, f: &mut dyn FnMut(&[u8])| match word {
            Word::Absent => Ok(()),
            Word::Inline(word) => inline(&word.to_be_bytes()).map(f).ok_or(word),
            Word::At(at) => texts.get(source, window, at).map(f).ok_or(at),
        };
        let lost = |to| Error::Reference { offset, to };

        let word = Word::new(record, FACILITY, 0);
        let is_login = match (word, *facility) {
            (Word::At(at), Some((known, is_login))) if known == at => is_login,
            _ => {
                let mut found = false;
                if let Err(to) = read(word, &mut |text| found = keys::is_login(text)) {
                    push_fault(&lost(to), out);
                    return Some(Step::Fault);
                }
                if let Word::At(at) = word {
                    *facility = Some((at, found));
                }
                found
            }
        };
        if !is_login {
            return None;
        }
        let (sec, nanoseconds) = (be64(record, TIME) as i64, be32(record, NANOSECONDS));
        let logged = Timestamp { tv_sec: sec, tv_usec: (nanoseconds / 1000).into() };
        let mut login = Login::new(offset, be64(record, ID), logged, record, out);
        login.link(link);
        let sent = read(Word::new(record, SENDER, 0), &mut |text| login.sender(text, out));
        login.note(sent);
        let words = record.get(HEAD..len.saturating_sub(8)).unwrap_or_default();
        for pair in words.chunks_exact(16) {
            let key = match Word::new(pair, 0, 0) {
                Word::Inline(word) => LoginKey::of_word(word),
                word => {
                    let mut key = None;
                    login.note(read(word, &mut |text| key = LoginKey::of(text)));
                    key
                }
            };
            let Some(key) = key else { continue };
            let found = read(Word::new(pair, 8, 0), &mut |text| login.set(key, text, out));
            login.note(found);
        }
        login.end(out);
        Some(Step::Login)
    }
}

/// Returns the number of bytes before the first NUL.
fn leading_text(bytes: &[u8]) -> usize {
    before_nul(bytes).len()
}

/// Returns what a record is that begins so, of a file with `left` more bytes.
fn look(head: &[u8], left: u64) -> Found {
    if left < UNCOUNTED as u64 {
        return Found::Cut(UNCOUNTED as u64);
    }
    let len = u64::from(be32(head, 2)).saturating_add(UNCOUNTED as u64);
    if len > LONGEST as u64 {
        return Found::Nothing;
    }
    let found = match be16(head, 0) {
        0 => {
            let Some(counted) = len.checked_sub((UNCOUNTED + COUNTED) as u64) else {
                return Found::Nothing;
            };
            let has_count = left < HEAD as u64 || u64::from(be32(head, COUNT)) == counted / 8;
            match has_count && counted % 16 == 0 {
                true => Found::Message(len as usize),
                false => return Found::Nothing,
            }
        }
        texts::TYPE if len > UNCOUNTED as u64 => Found::Text(len),
        _ => return Found::Nothing,
    };
    if len > left { Found::Cut(len) } else { found }
}
