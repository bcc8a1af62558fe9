//! systemd-logind: a file of text for each open session, which goes with the session. Where no utmp
//! is kept, they are the only list of who is logged in.

use crate::formats::glibc;
use crate::layout::{Field, Role};
use crate::platform::{EventRules, Platform};
use crate::value::file_kind::FileKind::Utmp;

/// `/run/systemd/sessions`.
pub(super) static SESSIONS: Platform = Platform::new(
    "Linux",
    EventRules::Typed,
    glibc::UTMP.ut_types,
    &[(Utmp, "/run/systemd/sessions/*")],
);

/// The keys that are read. A session in a window system has a display instead of a terminal.
pub(super) const KEYS: &[Field] = &[
    Field::column("USER", Role::User),
    Field::column("TTY", Role::Line),
    Field::column("REMOTE_HOST", Role::Host),
    Field::column("SERVICE", Role::Service),
    Field::column("LEADER", Role::Pid),
    Field::column("REALTIME", Role::Micros),
];
