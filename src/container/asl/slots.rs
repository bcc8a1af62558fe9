//! Version 1: slots of 80 bytes, which are used again. Messages are in the order of their numbers,
//! not of the file.

use alloc::vec::Vec;

use crate::container::asl::header;
use crate::container::asl::keys::{self, LoginKey};
use crate::container::asl::login::Login;
use crate::container::asl::messages::Step;
use crate::container::asl::window::Window;
use crate::container::asl::word::{Word, be32, be64, inline};
use crate::container::source::Source;
use crate::container::stored_row::push_fault;
use crate::error::Error;
use crate::value::timestamp::Timestamp;

const SLOT: usize = 80;
/// The word that stands for no text.
const ABSENT: u64 = u64::MAX;
/// Keys and values of a slot, and where they are.
const PAIRS: usize = 4;
const FIRST_PAIR: usize = 9;
/// The most slots that are read for one message.
const LONGEST: u32 = 4096;
/// The most slots that are read for all messages, for each slot of the file: texts are shared.
const OFTEN: u64 = 64;
/// Slots of a larger file are not all read: 10.5 kept 25 MB at most.
const MOST_SLOTS: u32 = 3 << 20;

/// The types of slots.
const EMPTY: u8 = 0;
const MESSAGE: u8 = 2;
const LIST: u8 = 3;
const TEXT: u8 = 4;
const MORE_TEXT: u8 = 5;

/// The messages of a file.
#[derive(Debug, Default)]
pub(crate) struct SlotMessages {
    /// Numbers and slots of messages, the last one first.
    messages: Vec<(u64, u32)>,
    /// Numbers and slots of texts, by number.
    texts: Vec<(u64, u32)>,
    /// Slots of no known type: the first and their number, the last ones first.
    unknown: Vec<(u32, u32)>,
    /// Bytes after the last whole slot, which are reported at the end.
    rest: Option<(u64, u64)>,
    /// A text that was put together.
    text: Vec<u8>,
    /// How many slots may still be read, for the message and for all: lists and texts may be loops.
    left: (u32, u64),
}

impl SlotMessages {
    /// Reads every slot once.
    pub(crate) fn new(source: &dyn Source) -> SlotMessages {
        let mut found = SlotMessages::default();
        let mut window = Window::default();
        let size = source.len();
        let whole = size.checked_div(SLOT as u64).unwrap_or_default();
        let slots = u32::try_from(whole).unwrap_or(MOST_SLOTS).min(MOST_SLOTS);
        let first = u32::from(header::is_there(source));
        for number in first..slots {
            let slot = window.read(source, offset_of(number), SLOT);
            match slot.first() {
                Some(&MESSAGE) => found.messages.push((be64(slot, 5), number)),
                Some(&TEXT) => found.texts.push((be64(slot, 5), number)),
                Some(&(EMPTY | LIST | MORE_TEXT)) => {}
                _ => match found.unknown.last_mut() {
                    Some((first, count)) if first.saturating_add(*count) == number => {
                        *count = count.saturating_add(1);
                    }
                    _ => found.unknown.push((number, 1)),
                },
            }
        }
        found.left.1 = u64::from(slots).saturating_mul(OFTEN).max(LONGEST.into());
        let end = offset_of(slots);
        found.rest = (end < size).then(|| (end, size.saturating_sub(end)));
        found.texts.sort_unstable();
        // Slots in the order of the file, if a number is used twice.
        found.messages.sort_unstable();
        found.messages.reverse();
        found.unknown.reverse();
        found
    }

    /// Reads on to the next login or fault.
    pub(crate) fn advance(&mut self, source: &dyn Source, out: &mut Vec<u8>) -> Step {
        if let Some((first, count)) = self.unknown.pop() {
            let len = offset_of(count);
            push_fault(&Error::Skipped { offset: offset_of(first), len }, out);
            return Step::Fault;
        }
        while let Some((id, number)) = self.messages.pop() {
            if let Some(step) = self.message(source, id, number, out) {
                return step;
            }
        }
        match self.rest.take() {
            Some((offset, have)) if have < SLOT as u64 => {
                push_fault(&Error::Truncated { offset, need: SLOT as u64, have }, out);
                Step::Fault
            }
            Some((offset, len)) => {
                push_fault(&Error::Skipped { offset, len }, out);
                Step::Fault
            }
            None => Step::End,
        }
    }

    /// Reads a message; `None` if it is not a login.
    fn message(
        &mut self,
        source: &dyn Source,
        id: u64,
        number: u32,
        out: &mut Vec<u8>,
    ) -> Option<Step> {
        let offset = offset_of(number);
        self.left.0 = LONGEST;
        let slot = read(source, number)?;
        let lost = |to| Error::Reference { offset, to };
        let mut is_login = false;
        if let Err(to) = self.read(source, word(&slot, 45), |text| is_login = keys::is_login(text))
        {
            push_fault(&lost(to), out);
            return Some(Step::Fault);
        }
        if !is_login {
            return None;
        }
        let logged = Timestamp { tv_sec: be64(&slot, 21) as i64, tv_usec: 0 };
        let mut login = Login::new(offset, id, logged, &slot, out);
        let sent = self.read(source, word(&slot, 37), |text| login.sender(text, out));
        login.note(sent);
        let (mut next, mut pairs, mut is_first) = (be32(&slot, 1), 0, true);
        while next != 0 {
            let list = self.next_slot(source, next).filter(|list| list.first() == Some(&LIST));
            let Some(list) = list else {
                login.note(Err(offset_of(next)));
                break;
            };
            if is_first {
                pairs = be32(&list, 5) as usize;
            }
            is_first = false;
            for n in 0..pairs.min(PAIRS) {
                let at = FIRST_PAIR.saturating_add(n.saturating_mul(16));
                let mut key = None;
                login.note(self.read(source, word(&list, at), |text| key = LoginKey::of(text)));
                let Some(key) = key else { continue };
                let value = word(&list, at.saturating_add(8));
                let found = self.read(source, value, |text| login.set(key, text, out));
                login.note(found);
            }
            pairs = pairs.saturating_sub(PAIRS);
            next = if pairs > 0 { be32(&list, 1) } else { 0 };
        }
        login.end(out);
        Some(Step::Login)
    }

    /// Passes a text on. The error is the word of a text that is lost.
    fn read(&mut self, source: &dyn Source, word: Word, f: impl FnOnce(&[u8])) -> Result<(), u64> {
        match word {
            Word::Absent => Ok(()),
            Word::Inline(word) => inline(&word.to_be_bytes()).map(f).ok_or(word),
            Word::At(id) => self.text(source, id).map(f).ok_or(id),
        }
    }

    /// Reads a slot; `None` if too many have been read.
    fn next_slot(&mut self, source: &dyn Source, number: u32) -> Option<[u8; SLOT]> {
        let (of_message, of_all) = self.left;
        self.left = (of_message.checked_sub(1)?, of_all.checked_sub(1)?);
        read(source, number)
    }

    /// Puts the text with this number together.
    fn text(&mut self, source: &dyn Source, id: u64) -> Option<&[u8]> {
        let place = self.texts.partition_point(|(known, _)| *known < id);
        let (_, number) = *self.texts.get(place).filter(|(known, _)| *known == id)?;
        let slot = self.next_slot(source, number)?;
        let len = be32(&slot, 21) as usize;
        self.text.clear();
        self.text.extend_from_slice(slot.get(25..)?);
        let mut next = be32(&slot, 1);
        while next != 0 && self.text.len() < len {
            let more = self.next_slot(source, next)?;
            if more.first() != Some(&MORE_TEXT) {
                return None;
            }
            self.text.extend_from_slice(more.get(5..)?);
            next = be32(&more, 1);
        }
        match self.text.get(..len)?.split_last() {
            Some((0, text)) => Some(text),
            _ => None,
        }
    }
}

fn offset_of(slot: u32) -> u64 {
    u64::from(slot).saturating_mul(SLOT as u64)
}

fn word(slot: &[u8], at: usize) -> Word {
    Word::new(slot, at, ABSENT)
}

fn read(source: &dyn Source, number: u32) -> Option<[u8; SLOT]> {
    let mut slot = [0; SLOT];
    (source.read_at(&mut slot, offset_of(number)) == SLOT).then_some(slot)
}
