//! Rows of failed logins counted by user.

use crate::contract::column::Column;
use crate::contract::sink::{Row, Sink, Source};
use crate::contract::write::{FAILURES, failures, integer, name, null_time, text, time};
use crate::entry::Entry;
use crate::layout::Layout;
use crate::layout::field::Role;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

/// The failed logins of a user, as `failures` lists them: all of them in one row, or of
/// pam_faillock each in a row.
#[derive(Clone, Copy, Debug)]
pub struct FailuresRow<'a> {
    /// The machine and the file.
    pub source: Source<'a>,
    /// The layout of the record.
    pub layout: &'static Layout,
    /// Its byte offset.
    pub offset: u64,
    /// The user id.
    pub uid: Option<u64>,
    /// The user's name, in the passwd or that of the file.
    pub user: Option<&'a [u8]>,
    /// The record.
    pub entry: &'a Entry<'a>,
}

impl Row for FailuresRow<'_> {
    const COLUMNS: &'static [Column] = &[
        Column::Machine,
        Column::Source,
        Column::Uid,
        Column::User,
        Column::Line,
        Column::Host,
        Column::Time,
        Column::RawSec,
        Column::RawUsec,
        Column::RemoteUser,
        Column::Count,
        Column::Max,
        Column::LockSeconds,
        Column::Status,
        Column::Valid,
        Column::File,
        Column::Layout,
        Column::Offset,
    ];

    fn write(&self, to: &mut impl Sink) {
        let FailuresRow { source, layout, entry, .. } = *self;
        source.write_machine(to);
        integer(to, Column::Uid, self.uid);
        text(to, Column::User, self.user.map(Text::new));
        text(to, Column::Line, layout.has(Role::Line).then_some(entry.ut_line));
        text(to, Column::Host, layout.has(Role::Host).then_some(entry.ut_host));
        match entry.ut_tv == Timestamp::default() {
            true => null_time(to, Column::Time),
            false => time(to, Column::Time, entry.ut_tv, layout),
        }
        match entry.failures {
            Some(numbers) => failures(to, entry, &numbers, layout),
            None => to.all_absent(FAILURES),
        }
        name(to, Column::File, source.file);
        to.word(Column::Layout, layout.name);
        to.integer(Column::Offset, self.offset.into());
    }
}
