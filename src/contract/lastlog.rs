//! Rows of last logins.

use crate::contract::column::Column;
use crate::contract::sink::{Row, Sink, Source};
use crate::contract::write::{
    address, integer, integer_or_null, name, null_time, service, text, time, word_or_null,
};
use crate::entry::Entry;
use crate::layout::Layout;
use crate::layout::field::Role;
use crate::value::text::Text;

/// The last login of a user, or a user who never logged in.
#[derive(Clone, Copy, Debug, Default)]
pub struct LastlogRow<'a> {
    /// The machine and the file.
    pub source: Source<'a>,
    /// The user id, of the record or of the passwd.
    pub uid: Option<u64>,
    /// The name in the passwd; used if records have no name.
    pub name: Option<&'a [u8]>,
    /// The record: its layout, offset and entry.
    pub login: Option<(&'static Layout, u64, &'a Entry<'a>)>,
}

impl Row for LastlogRow<'_> {
    const COLUMNS: &'static [Column] = &[
        Column::Machine,
        Column::Source,
        Column::Uid,
        Column::User,
        Column::Line,
        Column::Host,
        Column::Addr,
        Column::Time,
        Column::RawSec,
        Column::RawUsec,
        Column::Service,
        Column::File,
        Column::Layout,
        Column::Offset,
    ];

    fn write(&self, to: &mut impl Sink) {
        let LastlogRow { source, uid, login, .. } = *self;
        source.write_machine(to);
        integer(to, Column::Uid, uid);
        match login {
            Some((layout, _, entry)) => {
                let named = self.name.map(Text::new);
                text(
                    to,
                    Column::User,
                    if layout.has(Role::User) { Some(entry.ut_user) } else { named },
                );
                text(to, Column::Line, layout.has(Role::Line).then_some(entry.ut_line));
                text(to, Column::Host, layout.has(Role::Host).then_some(entry.ut_host));
                address(to, entry);
            }
            None => {
                text(to, Column::User, self.name.map(Text::new));
                [Column::Line, Column::Host, Column::Addr]
                    .into_iter()
                    .for_each(|column| to.absent(column));
            }
        }
        // Second 0 means never, as in shadow's lastlog.
        match login.filter(|(_, _, entry)| entry.ut_tv.tv_sec != 0) {
            Some((layout, _, entry)) => time(to, Column::Time, entry.ut_tv, layout),
            None => null_time(to, Column::Time),
        }
        match login {
            Some((layout, _, entry)) => service(to, entry, layout),
            None => to.absent(Column::Service),
        }
        name(to, Column::File, source.file);
        word_or_null(to, Column::Layout, login.map(|(layout, ..)| layout.name));
        integer_or_null(to, Column::Offset, login.map(|(_, offset, _)| offset));
    }
}
