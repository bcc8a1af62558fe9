//! Where a followed file continues: under its name, in its rotated copies, in a file that took its
//! place.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, ErrorKind};
use std::mem;
use std::path::PathBuf;

use loginrec_sources::{FileId, SparseFile};

use crate::diagnostics::{Diagnostics, reason};
use crate::file_name::FileName;
use crate::input::follow::family::{Member, family};
use crate::input::follow::follower::{Follower, REPLACED};
use crate::input::follow::part::{Part, Source};
use crate::input::follow::place::{Edges, Place};

impl Follower<'_> {
    /// Leaves the file, to look for the place reached.
    pub(super) fn leave(&mut self, why: &'static str) {
        self.known = match self.offset >= self.old_until {
            true => Some(self.place()),
            false => self.resumed.clone(),
        };
        self.why = why;
        self.source = None;
        self.parts.clear();
        self.pending.clear();
    }

    /// Opens the file, or those that it has become. Returns whether there is one.
    pub(super) fn begin(&mut self, report: &Diagnostics) -> Result<bool, String> {
        match fs::metadata(self.path) {
            Ok(about) if !about.is_file() => {
                return Err("not a regular file; cannot be followed".to_owned());
            }
            Ok(about) if !self.begun && about.len() == 0 => self.grown = Some(0),
            _ => {}
        }
        match self.known.take() {
            Some(place) => self.parts = self.after(place, report),
            None => {
                let log = match Member::open(self.path, true) {
                    Ok(log) => log,
                    Err(error) => return self.wait(report, &error),
                };
                // Without a place, all records of the copies are old.
                let replays = mem::take(&mut self.how.replays);
                let before = if replays { family(self.path) } else { Vec::new() };
                let copies = before.into_iter().filter(|member| !member.is_log);
                self.parts = copies.map(Part::old).collect();
                let size = log.file.metadata().map_or(0, |about| about.len());
                let old_until = if mem::take(&mut self.how.new_only) { size } else { 0 };
                self.parts.push_back(Part { old_until, ..Part::whole(log) });
            }
        }
        self.begun = true;
        self.next_part(report);
        match self.source.is_none() && self.how.is_once {
            true => Err("no such file".to_owned()),
            false => Ok(self.source.is_some()),
        }
    }

    /// Returns what to read after a place.
    fn after(&mut self, place: Place, report: &Diagnostics) -> VecDeque<Part> {
        let mut family = family(self.path);
        let found = family.iter().rposition(|member| member.has(&place, self.how.max_size));
        let first = match found {
            Some(at) => at,
            None => {
                // What was written after it is in no file that has been read.
                let is_later = |member: &Member| {
                    member.is_log || place.changed.is_some() && member.changed > place.changed
                };
                family.iter().position(is_later).unwrap_or(family.len())
            }
        };
        if family.is_empty() {
            self.tell(report, "no such file: waiting for the file".to_owned());
            self.known = Some(place);
            return VecDeque::new();
        }
        self.say_where(family.get(first..).unwrap_or_default(), found.is_some(), report);
        let rest = family.split_off(first);
        let replays = mem::take(&mut self.how.replays);
        let mut parts: VecDeque<Part> = VecDeque::new();
        if replays {
            parts.extend(family.into_iter().map(Part::old));
        }
        for (at, member) in rest.into_iter().enumerate() {
            parts.push_back(match found.is_some() && at == 0 {
                true if replays => Part { old_until: place.offset, ..Part::whole(member) },
                true => {
                    let (offset, index) = (place.offset, place.index);
                    Part { offset, index, ..Part::whole(member) }
                }
                false => Part::whole(member),
            });
        }
        parts
    }

    /// Says which files are read, if it is not simply the log that continues.
    fn say_where(&mut self, members: &[Member], is_found: bool, report: &Diagnostics) {
        let [first, ..] = members else { return };
        let shown = FileName::new(&first.path).shown;
        let why = match (is_found, self.why) {
            (true, "" | REPLACED) if first.is_log => return,
            (true, REPLACED) if members.len() == 2 => {
                "was replaced: the new one is read from its start".to_owned()
            }
            (true, REPLACED) => {
                let between = members.len().saturating_sub(2);
                format!("was replaced: {between} files in between are read, then it from its start")
            }
            (true, "") => format!("was rotated: the rest of {shown} is read, then what followed"),
            (true, why) => {
                format!("{why}: the rest of it is read from {shown}, then it from its start")
            }
            (false, "") => {
                "what was read of it before is in no file any more: it is read from its start"
                    .to_owned()
            }
            (false, REPLACED) => "was replaced: the new one is read from its start".to_owned(),
            (false, why) => format!("{why}: it is read from its start"),
        };
        self.tell(report, why);
    }

    /// Continues with the next file to read.
    pub(super) fn next_part(&mut self, report: &Diagnostics) {
        self.source = None;
        while let Some(part) = self.parts.pop_front() {
            match self.take(part) {
                Ok(()) => return,
                Err((path, why)) => {
                    let path = FileName::new(&path).shown;
                    report.warn(&self.name, format_args!("{path} is left out: {why}"));
                }
            }
        }
    }

    fn take(&mut self, part: Part) -> Result<(), (PathBuf, String)> {
        let Part { member, offset, index, old_until } = part;
        let unpacked = match member.is_log {
            true => Ok(None),
            false => member.unpacked(self.how.max_size),
        };
        let (id, is_copy, changed) = (member.id, !member.is_log, member.changed);
        let (source, id) = match unpacked {
            Ok(Some(spool)) => (Source::Unpacked(spool), None),
            Ok(None) => (Source::File(SparseFile::new(member.file)), id),
            Err(why) => return Err((member.path, why)),
        };
        // Of a file of which nothing was read only its number is known, which it keeps if it is cut.
        if self.offset > 0 {
            self.before = Some(self.place());
        }
        self.edges = Edges::read(&source, offset).map_err(|error| (member.path, reason(&error)))?;
        (self.source, self.id, self.is_copy, self.changed) = (Some(source), id, is_copy, changed);
        (self.offset, self.index, self.old_until) = (offset, index, old_until);
        self.pending.clear();
        (self.is_first, self.has_hole_first, self.was_replaced) = (offset == 0, false, false);
        self.grown = self.grown.map(|_| 0);
        Ok(())
    }

    /// Returns whether nothing came between the file that was read before and this one.
    pub(super) fn is_next(&self) -> bool {
        let Some(before) = &self.before else { return true };
        let family = family(self.path);
        let found = family.iter().rposition(|member| member.has(before, self.how.max_size));
        let Some(rest) = found.and_then(|at| family.get(at.saturating_add(1)..)) else {
            return true;
        };
        // An empty copy has nothing to read.
        let is_empty = |member: &&Member| {
            !member.is_log && member.file.metadata().is_ok_and(|about| about.len() == 0)
        };
        let mut rest = rest.iter().filter(|member| !is_empty(member));
        let log = rest.next();
        log.is_some_and(|log| log.is_log && log.id == self.id) && rest.next().is_none()
    }

    /// Returns whether the name belongs to another file.
    pub(super) fn is_replaced(&self) -> bool {
        // A rotated file may still receive its last records.
        let Ok(now) = fs::metadata(self.path) else { return false };
        match (self.id, FileId::of(&now)) {
            (Some(open), Some(now)) => open != now,
            _ => self.is_copy || now.len() < self.position(),
        }
    }

    /// Read to its end: continue with the file that has its name now.
    pub(super) fn move_on(&mut self, report: &Diagnostics) {
        // A longer copy of the same file may have taken its place.
        if self.offset > 0
            && let Ok(log) = Member::open(self.path, true)
            && log.has(&self.place(), 0)
        {
            let (offset, index, old_until) = (self.offset, self.index, self.old_until);
            self.parts.push_back(Part { member: log, offset, index, old_until });
            return self.next_part(report);
        }
        self.say_cut_short(report);
        self.leave(REPLACED);
        self.grown = Some(0);
    }

    pub(super) fn say_cut_short(&self, report: &Diagnostics) {
        if !self.pending.is_empty() {
            let (offset, have) = (self.offset, self.pending.len());
            let why = format!("byte {offset}: record cut short: {have} bytes of it are there");
            report.warn(&self.name, why);
        }
    }

    /// A missing file may appear later; a file that cannot be read from the start stays unreadable.
    fn wait(&mut self, report: &Diagnostics, error: &io::Error) -> Result<bool, String> {
        let is_missing = error.kind() == ErrorKind::NotFound;
        if !self.begun && !is_missing || self.how.is_once {
            return Err(reason(error));
        }
        self.begun = true;
        self.grown = Some(0);
        // All of a file that appears later is new.
        self.how.new_only = false;
        self.tell(report, format!("{}: waiting for the file", reason(error)));
        Ok(false)
    }
}
