//! lastlog2 of util-linux, and the package of that name before: the last login of each user in a
//! table of an SQLite database, by name. Times are seconds.

use crate::container::row::RowTable;
use crate::layout::{Field, Role};
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind;

pub(crate) static LASTLOG2: Platform = Platform::new(
    "Linux",
    EventRules::Lastlog,
    &[],
    &[(FileKind::Lastlog, "/var/lib/lastlog/lastlog2.db")],
);

pub(crate) static TABLE: RowTable = RowTable {
    name: "Lastlog2",
    needs: ["Name", "Time"],
    definition: "CREATE TABLE Lastlog2(Name TEXT PRIMARY KEY, Time INTEGER, TTY TEXT, \
        RemoteHost TEXT, Service TEXT)",
};

pub(crate) const COLUMNS: &[Field] = &[
    Field::column("Name", Role::User),
    Field::column("Time", Role::Sec),
    Field::column("TTY", Role::Line),
    Field::column("RemoteHost", Role::Host),
    Field::column("Service", Role::Service),
];

/// The table of lastlog2 0.5 and 0.6.
pub(crate) static TABLE_05: RowTable = RowTable {
    name: "Lastlog",
    needs: ["Name", "Time"],
    definition: "CREATE TABLE Lastlog(Name TEXT PRIMARY KEY, Time INTEGER, TTY TEXT, \
        RemoteHost TEXT)",
};

pub(crate) const COLUMNS_05: &[Field] = &[
    Field::column("Name", Role::User),
    Field::column("Time", Role::Sec),
    Field::column("TTY", Role::Line),
    Field::column("RemoteHost", Role::Host),
];
