//! Rows of records.

use core::net::IpAddr;

use crate::contract::column::Column;
use crate::contract::sink::{Columns, Meaning, Place, Row, Sink, Source};
use crate::contract::write::{
    FAILURES, address, failures, id, integer, logout, name, no_time, null_time, service, text,
    time, word, word_or_null,
};
use crate::entry::Entry;
use crate::error::database::Part;
use crate::layout::Layout;
use crate::layout::field::Role;
use crate::read::record::{Record, RowPlace};
use crate::value::event::Event;
use crate::value::file_kind::FileKind;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

/// The columns of a record, followed by others.
macro_rules! record_columns {
    ($($more:ident)*) => {
        &[
            Column::Machine,
            Column::Source,
            Column::File,
            Column::Layout,
            Column::Index,
            Column::Offset,
            Column::Part,
            Column::Page,
            Column::Rowid,
            Column::State,
            Column::FoundAs,
            Column::Lost,
            Column::Copies,
            Column::Uid,
            Column::Type,
            Column::RawType,
            Column::Event,
            Column::Time,
            Column::RawSec,
            Column::RawUsec,
            Column::Logout,
            Column::LogoutRawSec,
            Column::LogoutRawUsec,
            Column::User,
            Column::Line,
            Column::Host,
            Column::Id,
            Column::Pid,
            Column::Session,
            Column::Exit,
            Column::Addr,
            Column::Service,
            Column::RemoteUser,
            Column::Count,
            Column::Max,
            Column::LockSeconds,
            Column::Status,
            Column::Valid,
            Column::Raw,
            $(Column::$more,)*
        ]
    };
}

/// A record, as `dump` prints it.
#[derive(Clone, Copy, Debug)]
pub struct RecordRow<'a> {
    /// The machine and the file.
    pub source: Source<'a>,
    /// The record's own layout.
    pub layout: &'static Layout,
    /// [`Record::index`].
    pub index: u64,
    /// [`Record::offset`].
    pub offset: u64,
    /// [`Record::uid`].
    pub uid: Option<u64>,
    /// [`Record::row_place`].
    pub place: Option<RowPlace>,
    /// The decoded record. It may differ from [`Record::entry`] in how seconds are read.
    pub entry: &'a Entry<'a>,
    /// The event; see [`Entry::event_in`].
    pub event: Event,
    /// The name of the file, if records belong to the user who is named by it.
    pub user: Option<&'a [u8]>,
    /// The stored bytes, for rows that have them.
    pub raw: Option<&'a [u8]>,
}

impl<'a> RecordRow<'a> {
    /// Returns the row of a record, without its bytes.
    #[inline(always)]
    pub fn new(
        source: Source<'a>,
        record: &Record<'a>,
        entry: &'a Entry<'a>,
        event: Event,
    ) -> RecordRow<'a> {
        let (layout, index, offset) = (record.layout(), record.index(), record.offset());
        let (uid, place) = (record.uid(), record.row_place());
        RecordRow { source, layout, index, offset, uid, place, entry, event, user: None, raw: None }
    }
}

impl Row for RecordRow<'_> {
    const COLUMNS: &'static [Column] = record_columns![];

    // One function for the whole row, so that the compiler knows each key: a key is then a move or
    // two. Rows of databases have their own, and the columns that only they have cost others
    // nothing.
    #[inline(always)]
    fn write(&self, to: &mut impl Sink) {
        match self.place {
            None => self.write_record(to),
            Some(place) => self.write_stored_row(to, place),
        }
    }
}

impl RecordRow<'_> {
    #[inline(always)]
    fn write_record(&self, to: &mut impl Sink) {
        self.write_place(to, None);
        self.write_content_of(to, None);
        self.write_raw(to);
    }

    #[inline(never)]
    fn write_stored_row(&self, to: &mut impl Sink, place: RowPlace) {
        self.write_place(to, Some(place));
        self.write_content_of(to, Some(place));
        self.write_raw(to);
    }

    #[inline(always)]
    fn write_place(&self, to: &mut impl Sink, place: Option<RowPlace>) {
        let RecordRow { source, layout, index, offset, uid, .. } = *self;
        to.place(Place { source, layout });
        to.integer(Column::Index, index.into());
        to.integer(Column::Offset, offset.into());
        match place {
            Some(place) => row_place(to, place, layout),
            None => to.all_absent(ROW_PLACE),
        }
        integer(to, Column::Uid, uid);
    }

    #[inline(always)]
    fn write_raw(&self, to: &mut impl Sink) {
        match self.raw {
            Some(raw) => to.bytes(Column::Raw, raw),
            None => to.absent(Column::Raw),
        }
    }

    /// Writes the columns that say what the record says, from [`Column::Type`] to
    /// [`Column::Valid`]: the row without the place and the bytes of the record.
    #[inline(always)]
    pub fn write_content(&self, to: &mut impl Sink) {
        self.write_content_of(to, self.place);
    }

    #[inline(always)]
    fn write_content_of(&self, to: &mut impl Sink, place: Option<RowPlace>) {
        let RecordRow { layout, uid, entry, event, .. } = *self;
        let is_event = uid.is_none() && layout.is_log();
        let meaning = is_event.then(|| (entry.ut_type(), event));
        to.meaning(Meaning { event: meaning, raw_type: entry.raw_type });
        let is_absent = place.is_some() && entry.ut_tv == Timestamp::ABSENT;
        let is_unset = event == Event::Empty || entry.failures.is_some();
        match is_absent || is_unset && entry.ut_tv == Timestamp::default() {
            true => null_time(to, Column::Time),
            false => time(to, Column::Time, entry.ut_tv, layout),
        }
        match place {
            Some(_) => logout(to, entry, layout),
            None => no_time(to, Column::Logout),
        }
        let user = layout.has(Role::User).then_some(entry.ut_user);
        column(to, Column::User, Role::User, user.or(self.user.map(Text::new)), place);
        let line = layout.has(Role::Line).then_some(entry.ut_line);
        column(to, Column::Line, Role::Line, line, place);
        let host = layout.has(Role::Host).then_some(entry.ut_host);
        column(to, Column::Host, Role::Host, host, place);
        id(to, entry, layout);
        integer(to, Column::Pid, entry.ut_pid);
        integer(to, Column::Session, entry.ut_session);
        match entry.ut_exit {
            Some(exit) => to.exit(Column::Exit, exit),
            None => to.absent(Column::Exit),
        }
        address(to, entry);
        match place {
            Some(_) => service(to, entry, layout),
            None => to.absent(Column::Service),
        }
        match entry.failures {
            Some(numbers) => failures(to, entry, &numbers, layout),
            None => to.all_absent(FAILURES),
        }
    }
}

/// Writes a text of a record; null if it is overwritten.
#[inline(always)]
fn column(
    to: &mut impl Sink,
    column: Column,
    role: Role,
    value: Option<Text<'_>>,
    place: Option<RowPlace>,
) {
    match place.is_some_and(|place| place.lacks(role)) {
        true => to.null(column),
        false => text(to, column, value),
    }
}

/// The columns that say where a row is in a database.
const ROW_PLACE: Columns = Columns::of(&[
    Column::Part,
    Column::Page,
    Column::Rowid,
    Column::State,
    Column::FoundAs,
    Column::Lost,
    Column::Copies,
]);

/// Those of them that only rows have that are not live.
const FOUND: Columns = Columns::of(&[Column::FoundAs, Column::Lost, Column::Copies]);

/// Where a row is.
fn row_place(to: &mut impl Sink, place: RowPlace, layout: &'static Layout) {
    if place.link.is_some() {
        // A message has a number, and is on no page.
        to.absent(Column::Part);
        to.absent(Column::Page);
        integer(to, Column::Rowid, place.rowid);
        to.absent(Column::State);
        return to.all_absent(FOUND);
    }
    word_or_null(to, Column::Part, place.part.map(Part::as_str));
    match place.page {
        0 => to.null(Column::Page),
        page => to.integer(Column::Page, u64::from(page).into()),
    }
    match place.rowid {
        Some(rowid) => to.integer(Column::Rowid, rowid.into()),
        None => to.null(Column::Rowid),
    }
    to.word(Column::State, place.state.as_str());
    match place.found_as {
        Some(found_as) => {
            to.word(Column::FoundAs, found_as.as_str());
            to.list(Column::Lost, &mut place.lost(layout));
            to.integer(Column::Copies, u64::from(place.copies).into());
        }
        None => to.all_absent(FOUND),
    }
}

/// Bytes of a file that belong to no record, as `dump --raw` prints them: skipped bytes, the content
/// of a database of records, and at the end the bytes after the last whole record.
#[derive(Clone, Copy, Debug)]
pub struct TailRow<'a> {
    /// The machine and the file.
    pub source: Source<'a>,
    /// The layout of the file; `None` for an empty file.
    pub layout: Option<&'static Layout>,
    /// Byte offset of the bytes.
    pub offset: u64,
    /// The bytes; there may be none.
    pub bytes: &'a [u8],
    /// What the bytes are.
    pub stray: Stray,
}

/// What bytes are that belong to no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stray {
    /// They were skipped; records follow.
    Skipped,
    /// They are content of a lastlogx, which keeps its records in a database: with all of it the
    /// file can be restored.
    Content,
    /// They are the last ones of the file.
    End,
}

impl TailRow<'_> {
    /// The event of the last row of a file.
    pub const END: &'static str = "end";
    /// The event of a row of skipped bytes.
    pub const SKIPPED: &'static str = "skipped";
    /// The event of a row with a piece of a database.
    pub const CONTENT: &'static str = "content";
}

impl Row for TailRow<'_> {
    const COLUMNS: &'static [Column] = &[
        Column::Machine,
        Column::Source,
        Column::File,
        Column::Layout,
        Column::Event,
        Column::Offset,
        Column::Raw,
    ];

    fn write(&self, to: &mut impl Sink) {
        self.source.write_machine(to);
        name(to, Column::File, self.source.file);
        word_or_null(to, Column::Layout, self.layout.map(|layout| layout.name));
        let event = match self.stray {
            Stray::Skipped => TailRow::SKIPPED,
            Stray::Content => TailRow::CONTENT,
            Stray::End => TailRow::END,
        };
        to.word(Column::Event, event);
        to.integer(Column::Offset, self.offset.into());
        to.bytes(Column::Raw, self.bytes);
    }
}

/// A record found by carving.
#[derive(Clone, Copy, Debug)]
pub struct CarvedRow<'a> {
    /// The record; its file is the image.
    pub record: RecordRow<'a>,
    /// [`Hit::run`](crate::carve::Hit::run).
    pub run: u64,
    /// [`Hit::confidence`](crate::carve::Hit::confidence).
    pub confidence: i32,
    /// [`Hit::alternative`](crate::carve::Hit::alternative).
    pub alternative: Option<&'static Layout>,
}

impl Row for CarvedRow<'_> {
    const COLUMNS: &'static [Column] = record_columns![Run Confidence Alternative];

    #[inline(always)]
    fn write(&self, to: &mut impl Sink) {
        self.record.write(to);
        to.integer(Column::Run, self.run.into());
        to.integer(Column::Confidence, self.confidence.into());
        word(to, Column::Alternative, self.alternative.map(|layout| layout.name));
    }
}

/// The login that a logout ends, if pairing found it.
#[derive(Clone, Copy, Debug)]
pub struct LoginRef<'a> {
    /// The file of the login.
    pub file: &'a str,
    /// Byte offset of its record.
    pub offset: u64,
    /// The record of the login.
    pub entry: &'a Entry<'a>,
}

/// An event, as `timeline` lists it.
#[derive(Clone, Copy, Debug)]
pub struct TimelineRow<'a> {
    /// The machine and the file.
    pub source: Source<'a>,
    /// The file's kind.
    pub kind: Option<FileKind>,
    /// The record.
    pub record: &'a Record<'a>,
    /// The decoded record.
    pub entry: &'a Entry<'a>,
    /// Whether the event is the [end](Entry::logout) that the record holds: a logout, or the
    /// shutdown after a boot.
    pub is_end: bool,
    /// The name of the user whose last login or failure this is, from a passwd or the name of the
    /// file.
    pub user: Option<&'a [u8]>,
    /// The login that this logout ends. It names the user, the host and the address where the
    /// record itself does not.
    pub login: Option<LoginRef<'a>>,
}

impl<'a> TimelineRow<'a> {
    /// The event of a lastlog row.
    pub const LAST_LOGIN: &'static str = "last-login";

    /// Returns the event.
    pub fn event(&self) -> &'static str {
        let event = self.entry.event_in(self.kind);
        // FreeBSD's utx.lastlogin holds login records.
        let is_last = self.kind == Some(FileKind::Lastlog) && event == Event::Login;
        let is_slot = self.record.uid().is_some() && self.entry.failures.is_none();
        match is_slot || is_last {
            true => TimelineRow::LAST_LOGIN,
            false if self.is_end && event == Event::Boot => Event::Shutdown.name(),
            false if self.is_end => Event::Logout.name(),
            false => event.name(),
        }
    }

    /// Returns when it happened.
    pub fn time(&self) -> Timestamp {
        self.entry.logout.filter(|_| self.is_end).unwrap_or(self.entry.ut_tv)
    }

    /// Returns the user's name, from the passwd, from the record or from the login that it ends.
    pub fn user(&self) -> Text<'a> {
        match (self.user, self.login) {
            (Some(name), _) => Text::new(name),
            (None, Some(login)) if self.entry.ut_user.is_empty() => shown(login.entry.ut_user),
            (None, _) => self.entry.ut_user,
        }
    }

    /// The host, from the record or from the login that it ends.
    pub fn host(&self) -> Text<'a> {
        self.from().map_or(self.entry.ut_host, |login| shown(login.ut_host))
    }

    /// The address, from the record or from the login that it ends.
    pub fn addr(&self) -> Option<IpAddr> {
        self.from().unwrap_or(self.entry).addr()
    }

    /// The login, if it says where the user came from and the record itself does not.
    fn from(&self) -> Option<&'a Entry<'a>> {
        let has_none = self.entry.ut_host.is_empty() && self.entry.addr().is_none();
        self.login.filter(|_| has_none).map(|login| login.entry)
    }
}

/// A text of another record, without what is after its NUL.
fn shown(text: Text<'_>) -> Text<'_> {
    Text::new(text.as_bytes())
}

impl Row for TimelineRow<'_> {
    const COLUMNS: &'static [Column] = &[
        Column::Machine,
        Column::Source,
        Column::Time,
        Column::RawSec,
        Column::RawUsec,
        Column::Event,
        Column::User,
        Column::Uid,
        Column::Line,
        Column::Host,
        Column::Addr,
        Column::Pid,
        Column::Session,
        Column::Count,
        Column::File,
        Column::Layout,
        Column::Index,
        Column::Offset,
        Column::LoginFile,
        Column::LoginOffset,
    ];

    fn write(&self, to: &mut impl Sink) {
        let TimelineRow { source, record, entry, .. } = *self;
        let layout = record.layout();
        source.write_machine(to);
        time(to, Column::Time, self.time(), layout);
        to.word(Column::Event, self.event());
        let has_user = layout.has(Role::User) || self.user.is_some();
        text(to, Column::User, has_user.then(|| self.user()));
        integer(to, Column::Uid, record.uid());
        text(to, Column::Line, layout.has(Role::Line).then_some(entry.ut_line));
        text(to, Column::Host, layout.has(Role::Host).then_some(self.host()));
        address(to, self.from().unwrap_or(entry));
        integer(to, Column::Pid, entry.ut_pid);
        integer(to, Column::Session, entry.ut_session);
        let count = entry.failures.filter(|_| layout.has(Role::Count));
        integer(to, Column::Count, count.map(|numbers| numbers.count));
        name(to, Column::File, source.file);
        to.word(Column::Layout, layout.name);
        to.integer(Column::Index, record.index().into());
        to.integer(Column::Offset, record.offset().into());
        name(to, Column::LoginFile, self.login.map(|login| login.file));
        integer(to, Column::LoginOffset, self.login.map(|login| login.offset));
    }
}
