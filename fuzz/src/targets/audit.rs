//! Findings in any file: each lies in the file, and no message has unprintable text.

use loginrec::audit::{Audit, FileInfo};
use loginrec::{LogFile, Text};

use super::records::{self, chosen};
use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "audit",
    run,
    seeds: || records::numbered(None),
    made_up: records::made_up,
    words: records::WORDS,
};

fn run(input: &[u8]) {
    let Some((layout, data)) = chosen(input) else { return };
    let names = ["wtmp", "utmp", "btmp", "lastlog", "x"];
    let name = names[data.len() % names.len()];
    let log = LogFile::options().layout(layout).file_name(name).from_slice(data).unwrap();
    let mut audit = Audit::new();
    audit.read(&log, FileInfo::of(&log));
    for finding in audit.finish() {
        assert!(finding.offset <= data.len() as u64, "{finding:?}");
        let shown = finding.message.chars().find(|&c| Text::is_deceptive(c));
        assert_eq!(shown, None, "{finding:?}");
    }
}
