//! One file that is followed. It is read, never mapped: a file that shrinks must not kill the
//! process.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::path::Path;

use loginrec::detect::{Sample, Verdict};
use loginrec::formats::LAYOUTS;
use loginrec::open::OnAmbiguous;
use loginrec::read::{ReadAt as _, read_full_at};
use loginrec::{Container, FileKind, Layout, OpenOptions};
use loginrec_sources::{Compression, FileId};

use crate::diagnostics::{Diagnostics, reason};
use crate::file_name::FileName;
use crate::input::follow::family::changed;
use crate::input::follow::part::{Batch, How, Part, Source};
use crate::input::follow::place::{Edges, Place, numbers};
use crate::input::holes::passed_over;
use crate::input::inputs::ambiguous;
use crate::input::unopened::Unopened;

/// Most bytes to read at a time; as many decide the layout.
const ROUND: u64 = 16 << 20;
/// Shorter holes are read.
const LONG_HOLE: u64 = 1 << 20;

/// What reading has brought.
enum Read {
    Bytes,
    Nothing,
    /// The file is not what it was: it was cut, or written anew.
    Changed(&'static str),
}

/// Files that follow one another under a name in one reading: no name changes as often meanwhile.
const MOST_MOVES: u32 = 100;

/// Steps without a record; after that, others have their turn.
const MOST_STEPS: u32 = 1000;

const SHORTER: &str = "has become shorter";
const REWRITTEN: &str = "has other content than before";
pub(super) const REPLACED: &str = "was replaced";

/// One file that grows.
#[derive(Debug)]
pub(crate) struct Follower<'a> {
    pub(crate) name: FileName<'a>,
    pub(super) path: &'a Path,
    pub(super) how: How,
    pub(super) layout: Option<&'static Layout>,
    pub(super) kind: Option<FileKind>,
    /// The file that is read, its number, and whether it is a copy under another name.
    pub(super) source: Option<Source>,
    pub(super) id: Option<FileId>,
    pub(super) is_copy: bool,
    pub(super) changed: Option<i64>,
    /// The files to read after it.
    pub(super) parts: VecDeque<Part>,
    /// Bytes that are not yet a whole record, and their offset.
    pub(super) pending: Vec<u8>,
    pub(super) offset: u64,
    pub(super) index: u64,
    /// What was read before that.
    pub(super) edges: Edges,
    pub(super) old_until: u64,
    /// The end of the file before this one.
    pub(super) before: Option<Place>,
    /// The place to continue at, and why it has to be looked for.
    pub(super) known: Option<Place>,
    pub(super) why: &'static str,
    /// That of the cursor, until it is reached again.
    pub(super) resumed: Option<Place>,
    /// Whether no records have come from this file.
    pub(super) is_first: bool,
    /// Whether the file begins with a long hole.
    pub(super) has_hole_first: bool,
    /// Whether the last look showed another file under the name.
    pub(super) was_replaced: bool,
    /// How often another file was found under the name.
    pub(super) moves: u32,
    /// While the layout is unknown: the size at the last check. `None` for a file that had content
    /// from the start.
    pub(super) grown: Option<usize>,
    /// The last message, which is not repeated.
    pub(super) told: String,
    pub(super) begun: bool,
}

impl<'a> Follower<'a> {
    /// Returns `None` for standard input, which cannot be followed.
    pub(crate) fn new(name: FileName<'a>, how: How, place: Option<Place>) -> Option<Follower<'a>> {
        let path = name.path()?;
        let kind = how.kind.or_else(|| {
            path.file_name().and_then(|name| FileKind::from_file_name(&name.to_string_lossy()))
        });
        let layout = how.layout.or(place.as_ref().and_then(|place| place.layout));
        Some(Follower {
            name,
            path,
            how,
            layout,
            kind,
            source: None,
            id: None,
            is_copy: false,
            changed: None,
            parts: VecDeque::new(),
            pending: Vec::new(),
            offset: 0,
            index: 0,
            edges: Edges::default(),
            old_until: 0,
            before: None,
            known: place.clone(),
            why: "",
            resumed: place,
            is_first: true,
            has_hole_first: false,
            was_replaced: false,
            moves: 0,
            grown: None,
            told: String::new(),
            begun: false,
        })
    }

    /// Returns what was appended since the last call. If there was something, call again at once.
    /// An error is final.
    pub(crate) fn poll(&mut self, report: &Diagnostics) -> Result<Option<Batch>, String> {
        for _ in 0..MOST_STEPS {
            if self.source.is_none() && !self.begin(report)? {
                return Ok(None);
            }
            match self.read(report)? {
                // It may have been cut after it was opened, or while it was empty.
                Read::Bytes if self.offset == 0 && !self.is_copy && !self.is_next() => {
                    self.leave("");
                    continue;
                }
                Read::Bytes => {}
                Read::Changed(why) => {
                    self.leave(why);
                    continue;
                }
                Read::Nothing if !self.parts.is_empty() => {
                    self.say_cut_short(report);
                    self.next_part(report);
                    continue;
                }
                Read::Nothing if self.is_replaced() => {
                    // Who had the old file open may still write to it.
                    let is_final = self.how.is_once && self.moves < MOST_MOVES;
                    if mem::replace(&mut self.was_replaced, true) || is_final {
                        self.moves = self.moves.saturating_add(1);
                        self.move_on(report);
                        continue;
                    }
                }
                Read::Nothing => self.was_replaced = false,
            }
            match self.batch(report) {
                // Other files may have names like those of copies.
                Err(why) if self.is_copy => {
                    report.warn(&self.name, format_args!("a copy of it is left out: {why}"));
                    self.pending.clear();
                    self.next_part(report);
                }
                batch => return batch,
            }
        }
        Ok(None)
    }

    /// Returns the place up to which new records have come, after [`Follower::poll`].
    pub(crate) fn new_place(&self) -> Option<Place> {
        match self.source {
            Some(_) if self.offset >= self.old_until => Some(self.place()),
            _ => None,
        }
    }

    pub(super) fn place(&self) -> Place {
        if let Some(before) = self.before.as_ref().filter(|_| self.offset == 0) {
            return before.clone();
        }
        let Follower { layout, offset, index, changed, .. } = *self;
        let id = numbers(self.id);
        let place = Place {
            id,
            layout,
            offset,
            index,
            changed,
            first: Default::default(),
            last: Default::default(),
        };
        place.with_edges(&self.edges)
    }

    /// Reads what is new.
    fn read(&mut self, report: &Diagnostics) -> Result<Read, String> {
        let Some(source) = &self.source else { return Ok(Read::Nothing) };
        let len = source.size().map_err(|error| reason(&error))?;
        if len < self.position() {
            return Ok(Read::Changed(SHORTER));
        }
        let room = match self.layout {
            Some(layout) => self.room(layout, len, report).map_err(|error| reason(&error))?,
            None => {
                let position = self.position();
                let data = source.data_after(position).map_err(|error| reason(&error))?;
                let data = data.unwrap_or(len..u64::MAX);
                self.has_hole_first = position == 0 && data.start >= LONG_HOLE;
                let before_hole = match self.has_hole_first {
                    true => 0,
                    false => data.end.saturating_sub(position),
                };
                before_hole.min(ROUND.saturating_sub(self.pending.len() as u64))
            }
        };
        let room = room.min(len.saturating_sub(self.position()));
        let Some(source) = &self.source else { return Ok(Read::Nothing) };
        let (position, before) = (self.position(), self.pending.len());
        let changed_before = match source {
            Source::File(file) => changed(file.file()),
            Source::Unpacked(_) => self.changed,
        };
        self.pending.resize(before + room as usize, 0);
        let (read, error) =
            read_full_at(source, self.pending.get_mut(before..).unwrap_or_default(), position);
        self.pending.truncate(before + read);
        if let Some(error) = error {
            return Err(reason(&error));
        }
        // Looked at after reading: the file may have been cut and have grown again meanwhile.
        let is_same = self.edges.are_of(source, self.offset).map_err(|error| reason(&error))?;
        if !is_same || !self.has_pending(before).map_err(|error| reason(&error))? {
            return Ok(Read::Changed(REWRITTEN));
        }
        self.changed = changed_before;
        if read == 0 {
            return Ok(Read::Nothing);
        }
        self.told.clear();
        Ok(Read::Bytes)
    }

    /// Returns whether the beginning of the record that was incomplete is still there.
    fn has_pending(&self, before: usize) -> io::Result<bool> {
        const COMPARED: usize = 4096;
        let (Some(source), Some(begun)) = (&self.source, self.pending.get(..before.min(COMPARED)))
        else {
            return Ok(true);
        };
        let mut now = vec![0; begun.len()];
        let (_, error) = read_full_at(source, &mut now, self.offset);
        error.map_or(Ok(now == begun), Err)
    }

    /// Passes over the records in a long hole, and returns how much to read now: no more than up to
    /// the next hole.
    fn room(&mut self, layout: &Layout, len: u64, report: &Diagnostics) -> io::Result<u64> {
        let size = layout.size as u64;
        let position = self.position();
        let is_array = layout.container == Container::Array;
        let Some(source) = self.source.as_ref().filter(|_| is_array && position < len) else {
            return Ok(ROUND);
        };
        let data = source.data_after(position)?.unwrap_or(len..len);
        let hole = data.start.min(len).saturating_sub(position);
        if hole < LONG_HOLE {
            return Ok(ROUND.min(data.end.saturating_sub(position)));
        }
        // The record that has begun ends in the hole.
        if !self.pending.is_empty() {
            return Ok(size.saturating_sub(self.pending.len() as u64));
        }
        let records = hole / size;
        report.warn(&self.name, passed_over(self.offset, records * size, records));
        self.edges.push_hole(records * size);
        self.offset += records * size;
        self.index += records;
        Ok(size)
    }

    /// Returns the whole records among the bytes that were read.
    fn batch(&mut self, report: &Diagnostics) -> Result<Option<Batch>, String> {
        let Some(layout) = self.known_layout(report)? else { return Ok(None) };
        if !layout.is_log() {
            return Err("such a file is written in place and cannot be followed".to_owned());
        }
        let (len, records) = layout.whole_records(&self.pending);
        if len == 0 {
            return Ok(None);
        }
        let rest = self.pending.split_off(len.min(self.pending.len()));
        let bytes = mem::replace(&mut self.pending, rest);
        let Follower { kind, offset, index, old_until, how, .. } = *self;
        let unsigned_seconds = how.unsigned_seconds;
        self.edges.push(&bytes);
        self.offset += len as u64;
        self.index += records;
        let is_first = mem::replace(&mut self.is_first, false);
        Ok(Some(Batch {
            layout,
            kind,
            is_first,
            offset,
            index,
            old_until,
            unsigned_seconds,
            bytes,
        }))
    }

    /// Returns the layout: that of the first records, which is final.
    fn known_layout(&mut self, report: &Diagnostics) -> Result<Option<&'static Layout>, String> {
        if self.layout.is_some() || self.pending.is_empty() && !self.has_hole_first {
            return Ok(self.layout);
        }
        let Some(source) = &self.source else { return Ok(None) };
        if Compression::detect(&self.pending).is_some() {
            return Err("is compressed and cannot be followed".to_owned());
        }
        // Half a record of one layout may look like a whole record of another.
        let now = self.pending.len();
        if !self.is_copy && self.grown.is_some_and(|before| before != now) {
            self.grown = Some(now);
            return Ok(None);
        }
        let mut options = OpenOptions::new().on_ambiguous(OnAmbiguous::BestGuess);
        if let Some(base) = self.path.file_name() {
            options = options.file_name(base.to_string_lossy());
        }
        let identity = match options.identify(|| Sample::read(source)) {
            Ok(identity) => identity,
            Err(why) => {
                let longest = LAYOUTS.iter().map(|layout| layout.size).max().unwrap_or(0);
                return match self.grown.is_some() && self.pending.len() < longest {
                    true => Ok(None),
                    false => Err(Unopened(why).to_string()),
                };
            }
        };
        if let Some(found) = identity.detection().filter(|f| f.verdict() == Verdict::Ambiguous) {
            report.warn(&self.name, ambiguous(found));
        }
        self.layout = identity.layout();
        Ok(self.layout)
    }

    pub(super) fn tell(&mut self, report: &Diagnostics, why: String) {
        if self.told != why {
            report.warn(&self.name, &why);
            self.told = why;
        }
    }

    /// Returns the offset up to which the file has been read.
    pub(super) fn position(&self) -> u64 {
        self.offset + self.pending.len() as u64
    }
}
