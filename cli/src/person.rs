//! User, line, host and address of a record, for JSON and CSV.

use std::net::IpAddr;

use loginrec::layout::Role;
use loginrec::{Address, Entry, Layout};
use serde::Serialize;

use crate::row::{Shown, Stored};

/// Who, and from where. A key whose field the layout does not store is left out.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Person<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_residue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_residue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host_hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host_residue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) addr: Option<Option<IpAddr>>,
}

impl<'a> Person<'a> {
    pub(crate) fn new(layout: &Layout, entry: &Entry<'a>) -> Person<'a> {
        let user = Stored::of(layout, Role::User, entry.ut_user);
        let line = Stored::of(layout, Role::Line, entry.ut_line);
        let host = Stored::of(layout, Role::Host, entry.ut_host);
        Person {
            user: user.shown,
            user_hex: user.hex,
            user_residue: user.residue,
            line: line.shown,
            line_hex: line.hex,
            line_residue: line.residue,
            host: host.shown,
            host_hex: host.hex,
            host_residue: host.residue,
            addr: (entry.ut_addr != Address::Absent).then(|| entry.addr()),
        }
    }

    /// With a name from elsewhere: the record has none.
    pub(crate) fn named(self, name: &'a [u8]) -> Person<'a> {
        let user = Stored::name(name);
        Person { user: user.shown, user_hex: user.hex, ..self }
    }
}
