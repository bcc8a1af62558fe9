//! Sessions and boots of any records: each login once, each end after its beginning.

use std::collections::HashSet;

use loginrec::session::{boots, sessions};
use loginrec::{Container, Record};

use super::records::{self, chosen};
use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "sessions",
    run,
    seeds: || records::numbered(Some(Container::Array)),
    made_up: records::made_up,
    words: records::WORDS,
};

fn run(input: &[u8]) {
    let Some((layout, data)) = chosen(input) else { return };
    let all: Vec<(u32, Record<'_>)> =
        layout.records(data).flatten().map(|record| (0, record)).collect();
    let mut logins = HashSet::new();
    for correct in [false, true] {
        logins.clear();
        for session in sessions(all.iter().copied()).correct_clock(correct) {
            let login = session.login.at().location;
            assert!(logins.insert(login.index), "a login is one session");
            if let Some(closing) = session.closing {
                assert!(closing.location.index > login.index, "ended before it began");
            }
            assert_eq!(session.closing.is_some(), session.ended().is_some());
            let _ = session.micros();
        }
        assert!(logins.len() <= all.len());
    }
    let mut begun = HashSet::new();
    for boot in boots(all.iter().copied()) {
        assert!(begun.insert(boot.boot.at().location.index), "a boot once");
        if let Some(closing) = boot.closing {
            assert!(closing.location.index > boot.boot.at().location.index);
        }
    }
}
