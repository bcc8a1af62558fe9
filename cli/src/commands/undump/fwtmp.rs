//! Turns the text of fwtmp back into records.
//!
//! The three names are read by columns, as `fwtmp -ic` does, and the rest by blanks. The date at the
//! end is local and repeats the seconds: it is not read.

use loginrec::formats::by_name;
use loginrec::layout::Role;
use loginrec::{Entry, Exit, Layout, Text, Timestamp};

use crate::commands::undump::place::{FilePart, stored, writable};
use crate::output::fwtmp::{FORMS, Form};

/// Reads lines as records of one layout.
#[derive(Debug)]
pub(crate) struct Lines {
    form: &'static Form,
    layout: &'static Layout,
}

impl Lines {
    /// Returns the reader of text that begins with this line; `None` if it is not of fwtmp.
    pub(crate) fn of(line: &[u8], named: Option<&'static Layout>) -> Option<Result<Lines, String>> {
        let form = *FORMS.iter().find(|form| Fields::of(form, line).is_some())?;
        let layout = named.or_else(|| by_name(form.layout))?;
        Some(writable(layout).map(|()| Lines { form, layout }))
    }

    /// Returns the layout of the records.
    pub(crate) fn layout(&self) -> &'static Layout {
        self.layout
    }

    /// Reads a line.
    pub(crate) fn part(&self, line: &[u8]) -> Result<Option<FilePart>, String> {
        let fields = Fields::of(self.form, line).ok_or_else(|| {
            format!("not a line of fwtmp as {} has it", self.form.layout.trim_end_matches("-be"))
        })?;
        let mut entry = Entry::new(self.layout.platform);
        let [user, id, name] = fields.names.map(Text::new);
        (entry.ut_user, entry.ut_id, entry.ut_line) = (user, id, name);
        entry.ut_host = Text::new(fields.host);
        entry.raw_type = Some(fields.ut_type);
        entry.ut_pid = Some(fields.pid);
        entry.ut_tv = stored(self.layout, fields.time);
        let has_session = self.form.is_long && self.layout.field(Role::Session).is_some();
        entry.ut_session = has_session.then_some(fields.session);
        if self.layout.field(Role::ExitStatus).is_some() {
            entry.ut_exit = Some(fields.exit);
        }
        let bytes = self.layout.encode(&entry).map_err(|error| error.to_string())?;
        Ok(Some(FilePart { offset: None, bytes }))
    }
}

/// The fields of a line.
struct Fields<'a> {
    names: [&'a [u8]; 3],
    pid: i64,
    ut_type: i32,
    exit: Exit,
    time: Timestamp,
    session: i64,
    host: &'a [u8],
}

impl<'a> Fields<'a> {
    /// Returns `None` if the line does not have these columns.
    fn of(form: &Form, line: &'a [u8]) -> Option<Fields<'a>> {
        let mut names: [&[u8]; 3] = [&[]; 3];
        for (name, (start, end)) in names.iter_mut().zip(form.names) {
            // A blank ends each column.
            if line.get(end) != Some(&b' ') {
                return None;
            }
            *name = line.get(start..end)?.trim_ascii_end();
        }
        let (_, end) = form.names[2];
        let rest = std::str::from_utf8(line.get(end..)?).ok()?;
        let mut words = rest.split_ascii_whitespace();
        let mut word = || words.next();
        let (first, second) = (word()?, word()?);
        let (pid, ut_type) = if form.type_first { (second, first) } else { (first, second) };
        let octal = |word: &str| {
            let digits = (word.len() >= 4).then_some(word)?;
            u16::from_str_radix(digits, 8).ok().map(|number| i32::from(number.cast_signed()))
        };
        let exit = Exit { e_termination: octal(word()?)?, e_exit: octal(word()?)? };
        let mut time = Timestamp { tv_sec: word()?.parse().ok()?, tv_usec: 0 };
        let (mut session, mut host) = (0, "");
        if form.is_long {
            time.tv_usec = word()?.parse().ok()?;
            session = word()?.parse().ok()?;
            // The length counts the closing NUL.
            if word()?.parse::<u16>().ok()? > 1 {
                host = word()?;
            }
        }
        let mut date: Vec<&str> = words.collect();
        // `Wed Mar  5 07:33:20 2025`, with the host before it on AIX.
        let at = date.len().checked_sub(5)?;
        let date_words = date.split_off(at);
        let is_date = date_words.get(3).is_some_and(|clock| clock.contains(':'));
        if form.type_first {
            host = date.first().copied().unwrap_or_default();
        }
        is_date.then_some(())?;
        let (pid, ut_type) = (pid.parse().ok()?, ut_type.parse().ok()?);
        Some(Fields { names, pid, ut_type, exit, time, session, host: host.as_bytes() })
    }
}
