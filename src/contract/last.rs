//! Rows of `last`.

use crate::contract::column::Column;
use crate::contract::sink::{Row, Sink, Source};
use crate::contract::write::{address, integer_or_null, name, null_time, text, time, word_or_null};
use crate::entry::Entry;
use crate::layout::Layout;
use crate::layout::field::Role;
use crate::value::event::Event;
use crate::value::timestamp::Timestamp;

/// A line of `last` or `lastb`: a login with its end as last(1) finds it, a boot, a shutdown, a
/// failed login.
#[derive(Clone, Copy, Debug)]
pub struct LastRow<'a> {
    /// The machine and the file.
    pub source: Source<'a>,
    /// The layout of the record.
    pub layout: &'static Layout,
    /// Its byte offset.
    pub offset: u64,
    /// The record.
    pub entry: &'a Entry<'a>,
    /// What it means.
    pub event: Event,
    /// The time of its end, if it has one.
    pub ended: Option<Timestamp>,
    /// How it ended: `logout`, `shutdown`, `crash`, `open`; `None` for what lasts no time.
    pub how: Option<&'static str>,
}

impl Row for LastRow<'_> {
    const COLUMNS: &'static [Column] = &[
        Column::Machine,
        Column::Source,
        Column::Event,
        Column::User,
        Column::Line,
        Column::Host,
        Column::Addr,
        Column::Login,
        Column::LoginRawSec,
        Column::LoginRawUsec,
        Column::Logout,
        Column::LogoutRawSec,
        Column::LogoutRawUsec,
        Column::Seconds,
        Column::How,
        Column::File,
        Column::Layout,
        Column::Offset,
    ];

    fn write(&self, to: &mut impl Sink) {
        let LastRow { source, layout, entry, ended, .. } = *self;
        source.write_machine(to);
        to.word(Column::Event, self.event.name());
        text(to, Column::User, layout.has(Role::User).then_some(entry.ut_user));
        text(to, Column::Line, layout.has(Role::Line).then_some(entry.ut_line));
        text(to, Column::Host, layout.has(Role::Host).then_some(entry.ut_host));
        address(to, entry);
        time(to, Column::Login, entry.ut_tv, layout);
        match ended {
            Some(ended) => time(to, Column::Logout, ended, layout),
            None => null_time(to, Column::Logout),
        }
        let seconds = ended.map(|ended| ended.tv_sec.saturating_sub(entry.ut_tv.tv_sec));
        integer_or_null(to, Column::Seconds, seconds);
        word_or_null(to, Column::How, self.how);
        name(to, Column::File, source.file);
        to.word(Column::Layout, layout.name);
        to.integer(Column::Offset, self.offset.into());
    }
}
