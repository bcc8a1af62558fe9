//! The kind of a file: from the user, from its records, or from its name.
//!
//! A btmp has the same records as a wtmp. Whether a `USER_PROCESS` is a login or a refused one can
//! only be decided for the whole file. Boots, logouts, run levels and prompts are written to
//! histories only. sshd's line `ssh:notty` and prompts with a user name are refused logins. If
//! there are neither, as in a file with three records of one type, the name decides.

use crate::detect::found_kind::{FoundKind, KindBasis};
use crate::detect::hints::Hints;
use crate::detect::sample::{Full, Sample};
use crate::entry::Entry;
use crate::layout::Layout;
use crate::value::event::Event;
use crate::value::file_kind::FileKind;
use crate::value::timestamp::Timestamp;
use crate::value::ut_type::UtType;

impl Sample<'_> {
    /// Returns the file's kind, assuming that its records are of `layout`.
    pub fn kind(&self, layout: &'static Layout, hints: &Hints<'_>) -> FoundKind {
        let found = |kind, basis| FoundKind { kind, basis };
        if let Some(known) = hints.known_kind(layout) {
            return known;
        }
        let content = Content::of(layout, self);
        // Logs have no counts of failures, whatever the name.
        let named = hints.file_name.and_then(FileKind::from_file_name);
        let named = named.filter(|kind| *kind != FileKind::Failures);
        let keeps_failures = layout.platform.paths.iter().any(|(kind, _)| *kind == FileKind::Btmp);
        match (content.kind(named), named) {
            (Some(kind), _) => found(Some(kind), KindBasis::Content),
            (None, Some(kind)) => found(Some(kind), KindBasis::Name),
            (None, None) if content.history > 0 || content.lone_logouts > 0 => {
                found(content.slots.then_some(FileKind::Utmp), KindBasis::Content)
            }
            (None, None) if content.logins > 0 && keeps_failures => found(None, KindBasis::Open),
            (None, None) => found(None, KindBasis::Content),
        }
    }
}

/// Number of records whose line or id is stored.
const REMEMBERED: usize = 128;

/// Facts from the records about the kind of their file.
#[derive(Clone, Copy, Debug)]
struct Content {
    /// Boots, logouts, prompts and the like.
    history: u32,
    boots: u32,
    /// Logouts without a login; a failed login may look like one.
    lone_logouts: u32,
    /// Logins that were certainly refused, and prompts with a user name.
    refused: u32,
    prompts: u32,
    /// Logins that may have been refused.
    logins: u32,
    /// Whether times go back or records are empty, which happens if slots are reused.
    slots: bool,
    /// Whether an id, or a line without an id, occurs twice.
    repeats: bool,
    keys: [u64; REMEMBERED],
    last: Timestamp,
}

impl Content {
    /// Returns the facts from the sampled records, read as `layout`.
    fn of(layout: &'static Layout, sample: &Sample<'_>) -> Content {
        let mut content = Content {
            history: 0,
            boots: 0,
            lone_logouts: 0,
            refused: 0,
            prompts: 0,
            logins: 0,
            slots: false,
            repeats: false,
            keys: [0; REMEMBERED],
            last: Timestamp::default(),
        };
        sample.records(layout, Full, |record| {
            content.add(&layout.format_of(record).decode(record));
            !content.is_clear()
        });
        content
    }

    /// Returns whether more records are unlikely to change the result.
    fn is_clear(&self) -> bool {
        const ENOUGH: u32 = 3;
        self.history >= ENOUGH && self.is_history() && self.refused == 0
    }

    fn is_history(&self) -> bool {
        self.boots > 1 || (self.repeats && self.history > 0)
    }

    fn add(&mut self, entry: &Entry<'_>) {
        let user = entry.ut_user.as_bytes();
        match entry.event() {
            Event::Empty => self.slots = true,
            Event::FailedLogin => count(&mut self.refused),
            Event::Login if matches!(user, b"UNKNOWN" | b"UNKNOWN_USER") => {
                count(&mut self.refused);
            }
            Event::Login => {
                count(&mut self.logins);
                self.remember(entry);
            }
            Event::Prompt if user.is_empty() => {}
            Event::Prompt if !is_prompt(user) => count(&mut self.prompts),
            // A refused login may lack the user's name, and then looks like a logout.
            Event::Logout if entry.ut_type() == UtType::UserProcess => {}
            Event::Logout => match self.remember(entry) {
                true => count(&mut self.history),
                false => count(&mut self.lone_logouts),
            },
            Event::Prompt | Event::Init => {
                count(&mut self.history);
                self.remember(entry);
            }
            Event::Boot => {
                count(&mut self.history);
                count(&mut self.boots);
            }
            Event::Unknown => {}
            _ => count(&mut self.history),
        }
        if entry.ut_tv != Timestamp::default() {
            self.slots |= entry.ut_tv < self.last;
            self.last = entry.ut_tv;
        }
    }

    /// Stores the key of a utmp slot: its id, or its line. Returns whether it was already stored.
    fn remember(&mut self, entry: &Entry<'_>) -> bool {
        let key = match entry.ut_id.as_bytes() {
            [] => entry.ut_line.as_bytes(),
            id => id,
        };
        if key.is_empty() {
            return false;
        }
        // FNV-1a; zero means an empty slot.
        let hash = key.iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let is_known = self.keys.contains(&hash);
        self.repeats |= is_known;
        if !is_known && let Some(place) = self.keys.iter_mut().find(|key| **key == 0) {
            *place = hash;
        }
        is_known
    }

    /// Returns the kind if the records leave no doubt. A prompt with a user name is doubtful only
    /// if the file is called wtmp or utmp.
    fn kind(&self, named: Option<FileKind>) -> Option<FileKind> {
        /// Factor by which refused logins must outnumber other events.
        const MOST: u32 = 4;
        let refused = self.refused.saturating_add(match named {
            None | Some(FileKind::Btmp) => self.prompts,
            Some(_) => 0,
        });
        if refused > self.history.saturating_mul(MOST) {
            return Some(FileKind::Btmp);
        }
        self.is_history().then_some(FileKind::Wtmp)
    }
}

/// Returns whether the user field of a prompt contains a name.
fn is_prompt(user: &[u8]) -> bool {
    matches!(user, b"LOGIN" | b"GETTY" | b"login" | b"getty" | b".login")
}

fn count(counter: &mut u32) {
    *counter = counter.saturating_add(1);
}
