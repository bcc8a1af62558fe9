//! Rows of sessions and boots.

use crate::contract::column::Column;
use crate::contract::sink::{Row, Sink, Source};
use crate::contract::write::{address, integer_or_null, name, null_time, text, time};
use crate::entry::Entry;
use crate::layout::field::Role;
use crate::session::{Boot, RecordRef, Session};

/// A session.
#[derive(Clone, Copy, Debug)]
pub struct SessionRow<'a> {
    /// The machine, and the file of the login.
    pub source: Source<'a>,
    /// The file of the record that ended it.
    pub logout_file: Option<&'a str>,
    /// The session.
    pub session: &'a Session<'a>,
    /// The decoded login record.
    pub entry: &'a Entry<'a>,
    /// Duration in seconds; of an open session, up to the time that counts as now.
    pub seconds: i64,
}

impl Row for SessionRow<'_> {
    const COLUMNS: &'static [Column] = &[
        Column::Machine,
        Column::Source,
        Column::User,
        Column::Line,
        Column::Host,
        Column::Addr,
        Column::Service,
        Column::Login,
        Column::LoginRawSec,
        Column::LoginRawUsec,
        Column::Logout,
        Column::LogoutRawSec,
        Column::LogoutRawUsec,
        Column::Seconds,
        Column::How,
        Column::Disputed,
        Column::File,
        Column::Offset,
        Column::LogoutFile,
        Column::LogoutOffset,
    ];

    fn write(&self, to: &mut impl Sink) {
        let SessionRow { source, logout_file, session, entry, seconds } = *self;
        let login = session.login.at();
        let layout = login.layout;
        source.write_machine(to);
        text(to, Column::User, layout.has(Role::User).then_some(entry.ut_user));
        text(to, Column::Line, layout.has(Role::Line).then_some(entry.ut_line));
        text(to, Column::Host, layout.has(Role::Host).then_some(entry.ut_host));
        address(to, entry);
        text(to, Column::Service, entry.service);
        time(to, Column::Login, login.time, layout);
        end(to, Column::Logout, session.closing);
        to.integer(Column::Seconds, seconds.into());
        to.word(Column::How, session.end.name());
        to.flag(Column::Disputed, session.disputed);
        name(to, Column::File, source.file);
        to.integer(Column::Offset, login.location.offset.into());
        end_place(to, [Column::LogoutFile, Column::LogoutOffset], session.closing, logout_file);
    }
}

/// An uptime.
#[derive(Clone, Copy, Debug)]
pub struct BootRow<'a> {
    /// The machine, and the file of the boot.
    pub source: Source<'a>,
    /// The file of the record that ended it.
    pub down_file: Option<&'a str>,
    /// The boot.
    pub boot: &'a Boot,
    /// Duration in seconds; while the system is up, up to the time that counts as now.
    pub seconds: i64,
}

impl Row for BootRow<'_> {
    const COLUMNS: &'static [Column] = &[
        Column::Machine,
        Column::Source,
        Column::Boot,
        Column::BootRawSec,
        Column::BootRawUsec,
        Column::Down,
        Column::DownRawSec,
        Column::DownRawUsec,
        Column::Seconds,
        Column::How,
        Column::Kernel,
        Column::File,
        Column::Offset,
        Column::DownFile,
        Column::DownOffset,
    ];

    fn write(&self, to: &mut impl Sink) {
        let BootRow { source, down_file, boot, seconds } = *self;
        let begin = boot.boot.at();
        source.write_machine(to);
        time(to, Column::Boot, begin.time, begin.layout);
        end(to, Column::Down, boot.closing);
        to.integer(Column::Seconds, seconds.into());
        to.word(Column::How, boot.end.name());
        let has_host = begin.layout.has(Role::Host);
        text(to, Column::Kernel, has_host.then_some(boot.boot.entry().ut_host));
        name(to, Column::File, source.file);
        to.integer(Column::Offset, begin.location.offset.into());
        end_place(to, [Column::DownFile, Column::DownOffset], boot.closing, down_file);
    }
}

/// Writes the time of the record that ended a session or uptime.
#[inline(always)]
fn end(to: &mut impl Sink, column: Column, closing: Option<RecordRef>) {
    match closing {
        Some(mark) => time(to, column, mark.time, mark.layout),
        None => null_time(to, column),
    }
}

/// Writes the place of the record that ended a session or uptime.
#[inline(always)]
fn end_place(
    to: &mut impl Sink,
    [file, offset]: [Column; 2],
    closing: Option<RecordRef>,
    closing_file: Option<&str>,
) {
    match closing {
        Some(_) => name(to, file, closing_file),
        None => to.null(file),
    }
    integer_or_null(to, offset, closing.map(|mark| mark.location.offset));
}
