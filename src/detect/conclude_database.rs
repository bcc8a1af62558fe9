//! The verdict on an SQLite database.

use alloc::vec::Vec;

use crate::container::sqlite::header::Header;
use crate::detect::candidate::Candidate;
use crate::detect::database::FoundDatabase;
use crate::detect::detection::{Detection, Verdict};
use crate::detect::foreign::{SQLITE, database_part};
use crate::detect::reason::Reason;
use crate::evidence::score::Evidence;

/// Bits for a database with a login table: nothing else can be meant.
pub(super) const CERTAIN: i32 = 200;

/// Names the login table of a database, or that it has none.
pub(super) fn conclude(database: &FoundDatabase) -> Detection {
    let FoundDatabase { layout, first_table, pages, header, log, journal, faults, alone } =
        *database;
    let Some((layout, rows)) = layout.and_then(|layout| Some((layout, layout.rows?))) else {
        let other = first_table.map(|name| Reason::OtherTable { name });
        let reasons = [Reason::Foreign(SQLITE)].into_iter().chain(other).collect();
        return Detection { verdict: Verdict::NotRecognized, candidates: Vec::new(), reasons };
    };
    let Header { page_size, free_count, change_counter, sqlite_version, .. } = header;
    let mut reasons = Vec::from_iter(alone.map(|part| Reason::Foreign(database_part(part))));
    reasons.extend([
        Reason::Table { name: rows.name },
        Reason::Pages { pages, size: page_size, free: free_count },
        Reason::Writes { changes: change_counter, version: sqlite_version },
    ]);
    reasons.extend(log.map(|(frames, uncommitted)| Reason::Log { frames, uncommitted }));
    reasons.extend(journal.map(|pages| Reason::HotJournal { pages }));
    reasons.extend((faults > 0).then_some(Reason::DatabaseFaults { faults }));
    let evidence = Evidence::default();
    let best = Candidate { layout, score: CERTAIN, same_reading: false, evidence };
    Detection { verdict: Verdict::Recognized, candidates: [best].into(), reasons }
}
