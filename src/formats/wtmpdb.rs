//! wtmpdb: the table `wtmp` of an SQLite database, a row for each session. Types have numbers of
//! their own. Times are microseconds. `Logout` is set when the session ends; a crash leaves it NULL.

use crate::container::row::RowTable;
use crate::layout::{Field, Role};
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind;
use crate::value::ut_type::UtType::{BootTime, Empty, RunLvl, UserProcess};

pub(crate) static WTMPDB: Platform = Platform {
    host_at_boot_is_kernel: true,
    stores_logout: true,
    ..Platform::new(
        "Linux",
        EventRules::Typed,
        &[Empty, BootTime, RunLvl, UserProcess],
        &[(FileKind::Wtmp, "/var/lib/wtmpdb/wtmp.db"), (FileKind::Wtmp, "/var/log/wtmp.db")],
    )
};

pub(crate) static WTMP: RowTable = RowTable {
    name: "wtmp",
    needs: ["User", "Login"],
    definition: "CREATE TABLE wtmp(ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT NOT NULL, \
        Login INTEGER, Logout INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT) STRICT",
};

pub(crate) const COLUMNS: &[Field] = &[
    Field::column("Type", Role::Type),
    Field::column("User", Role::User),
    Field::column("Login", Role::Micros),
    Field::column("Logout", Role::Logout),
    Field::column("TTY", Role::Line),
    Field::column("RemoteHost", Role::Host),
    Field::column("Service", Role::Service),
];
