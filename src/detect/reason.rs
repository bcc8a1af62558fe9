use alloc::vec::Vec;
use core::fmt;

use crate::container::Access;
use crate::detect::candidate::Candidate;
use crate::detect::compare::MARGIN;
use crate::detect::database::TableName;
use crate::detect::foreign::Foreign;
use crate::detect::sample::Sample;

/// A reason for the result of a detection. Prints as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// There are no bytes.
    Empty,
    /// There are only zeros.
    Zeros,
    /// There are only zeros, in a file with a slot for each user id.
    UnusedSlots,
    /// The data is another kind of file.
    Foreign(Foreign),
    /// Records are not at multiples of their size; the longest run in the sample begins here.
    OffGrid {
        /// Byte offset.
        offset: u64,
    },
    /// No known layout fits.
    Unknown,
    /// The closest layout, if no known layout fits.
    Nearest {
        /// The layout's name.
        name: &'static str,
        /// Number of examined records that fit.
        fitting: u32,
        /// Number of examined records.
        seen: u32,
        /// Bits of evidence for it, less those against it.
        bits: i32,
    },
    /// The best layout has no type, and hardly any known line. Text and times are in other files
    /// too.
    Strange {
        /// The layout's name.
        name: &'static str,
    },
    /// The file has the header of a database.
    Database {
        /// The kind of database, with its article.
        what: &'static str,
    },
    /// The file has the header of the Apple System Log.
    SystemLog {
        /// The version of its format.
        version: u32,
    },
    /// The file is the text of a session of systemd-logind.
    Session,
    /// The file's size in records, with the remainder.
    Size {
        /// Whole records.
        records: u64,
        /// Length of each in bytes.
        size: usize,
        /// Bytes after them.
        rest: usize,
    },
    /// Only the beginning was examined, of a file that continues.
    Beginning {
        /// Its length in bytes.
        len: u64,
        /// Length of each record in bytes.
        size: usize,
    },
    /// Each record follows its length.
    Lengths,
    /// Records that could be of this layout.
    Fit {
        /// Number of records.
        fitting: u32,
        /// Number of records examined.
        seen: u32,
    },
    /// Records with a known terminal, mark or system user.
    Familiar {
        /// Number of records.
        records: u32,
    },
    /// Records whose time is within a month of the one before.
    Continuous {
        /// Number of records.
        records: u32,
    },
    /// Records of another layout that occur in such files.
    Variants {
        /// Number of records.
        records: u32,
    },
    /// Records with bytes after the NUL of a text.
    Residue {
        /// Number of records.
        records: u32,
    },
    /// Records with reserved bytes set.
    Reserved {
        /// Number of records.
        records: u32,
    },
    /// Another layout decodes every record in the sample identically.
    Same {
        /// The layout's name.
        name: &'static str,
    },
    /// Another layout explains the data nearly as well.
    Close {
        /// The layout's name.
        name: &'static str,
        /// Number of bits less than the best.
        behind: i32,
    },
    /// It is an SQLite database with this table.
    Table {
        /// Its name.
        name: &'static str,
    },
    /// It is an SQLite database without a login table; the first table has this name.
    OtherTable {
        /// Its name.
        name: TableName,
    },
    /// The pages of an SQLite database.
    Pages {
        /// Number of pages, including those in the log.
        pages: u32,
        /// Bytes in each.
        size: u32,
        /// Pages that are not in use, as the header says.
        free: u32,
    },
    /// The counters in the header of an SQLite database.
    Writes {
        /// Transactions, if it has no log.
        changes: u32,
        /// The version of SQLite that wrote last, such as 3040001; 0 if unknown.
        version: u32,
    },
    /// A write-ahead log is part of the SQLite database.
    Log {
        /// Frames that are part of it.
        frames: u64,
        /// Frames of a transaction that did not end, which are not.
        uncommitted: u64,
    },
    /// A journal undoes a transaction that did not end: the SQLite database is read as it was
    /// before.
    HotJournal {
        /// Pages in the journal.
        pages: u64,
    },
    /// Headers or definitions of the SQLite database are damaged.
    DatabaseFaults {
        /// Number of places.
        faults: u64,
    },
    /// The bytes are ambiguous; file name or sibling decided for this layout.
    Hint {
        /// The layout's name.
        name: &'static str,
    },
}

impl Reason {
    pub(super) fn nearest(candidate: &Candidate) -> Reason {
        let Candidate { layout, evidence, score: bits, .. } = *candidate;
        let (fitting, seen) = (evidence.fitting, evidence.looked_at());
        Reason::Nearest { name: layout.name, fitting, seen, bits }
    }

    pub(super) fn of(candidates: &[Candidate], sample: &Sample<'_>) -> Vec<Reason> {
        let Some(best) = candidates.first() else { return Vec::new() };
        let mut reasons = Vec::new();
        let seen = best.evidence;
        reasons.push(match best.layout.container.access() {
            Access::Array | Access::SparseArray if !sample.ends => {
                Reason::Beginning { len: sample.len, size: best.layout.size }
            }
            Access::Array | Access::SparseArray => Reason::Size {
                records: sample.count(best.layout.size),
                size: best.layout.size,
                rest: sample.len.checked_rem(best.layout.size as u64).unwrap_or(0) as usize,
            },
            Access::Chain => Reason::Lengths,
            Access::Whole | Access::Rows => {
                Reason::Database { what: best.layout.container.header_name() }
            }
        });
        let fitting = seen.fitting;
        reasons.push(Reason::Fit { fitting, seen: fitting.saturating_add(seen.contradicting) });
        let counted = [
            (seen.known_names, Reason::Familiar { records: seen.known_names }),
            (seen.continuous, Reason::Continuous { records: seen.continuous }),
            (seen.variants, Reason::Variants { records: seen.variants }),
            (seen.residue, Reason::Residue { records: seen.residue }),
            (seen.reserved, Reason::Reserved { records: seen.reserved }),
        ];
        reasons.extend(counted.into_iter().filter(|(n, _)| *n > 0).map(|(_, reason)| reason));
        for other in candidates.iter().skip(1) {
            let behind = best.score.saturating_sub(other.score);
            if other.same_reading {
                reasons.push(Reason::Same { name: other.layout.name });
            } else if behind < MARGIN {
                reasons.push(Reason::Close { name: other.layout.name, behind });
            }
        }
        reasons
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Reason::Empty => f.write_str("the file is empty"),
            Reason::Zeros => f.write_str("all bytes that were read are zero"),
            Reason::UnusedSlots => f.write_str("every slot is zero: no user ever logged in"),
            Reason::Foreign(what) => write!(f, "it is {what}"),
            Reason::OffGrid { offset } => {
                write!(f, "records are not at multiples of their size: most follow byte {offset}")
            }
            Reason::Unknown => f.write_str("no known record layout fits"),
            Reason::Nearest { name, fitting, seen, bits } => {
                let records = if seen == 1 { "record" } else { "records" };
                let only = if fitting.saturating_mul(2) < seen { ", but only" } else { ":" };
                write!(f, "{name} came nearest{only} {fitting} of {seen} {records} examined fit")?;
                match bits {
                    _ if only != ":" => Ok(()),
                    ..=0 => f.write_str(", but more evidence is against it than for it"),
                    _ => f.write_str(", but the evidence is too weak"),
                }
            }
            Reason::Strange { name } => {
                write!(f, "{name} would fit, but its lines are not known terminals")
            }
            Reason::Database { what } => write!(f, "it has the header of {what}"),
            Reason::Size { records, size, rest: 0 } => {
                write!(f, "the size is {records} records of {size} bytes")
            }
            Reason::Size { records, size, rest } => {
                write!(f, "the size is {records} records of {size} bytes and {rest} more bytes")
            }
            Reason::Beginning { len, size } => {
                write!(f, "only the first {len} bytes were examined, as records of {size} bytes")
            }
            Reason::Lengths => f.write_str("each record follows its length"),
            Reason::Fit { fitting, seen } => {
                write!(f, "{fitting} of {seen} examined records fit")
            }
            Reason::Familiar { records } => {
                write!(f, "{records} have a known terminal, mark or system user")
            }
            Reason::Continuous { records } => {
                write!(f, "{records} are within a month of the one before")
            }
            Reason::Variants { records } => {
                write!(f, "{records} have the damaged form of glibc's 64-bit time")
            }
            Reason::Residue { records } => {
                write!(f, "{records} have bytes after the NUL of a text")
            }
            Reason::Reserved { records } => write!(f, "{records} have reserved bytes set"),
            Reason::Same { name } => write!(f, "{name} decodes them identically"),
            Reason::Close { name, behind } => {
                write!(f, "{name} explains them nearly as well ({behind} bits behind)")
            }
            Reason::SystemLog { version } => {
                write!(f, "it is a store of the Apple System Log, version {version}")
            }
            Reason::Session => f.write_str("it is the text of a session of systemd-logind"),
            Reason::Table { name } => write!(f, "it is an SQLite database with the table {name}"),
            Reason::OtherTable { name } => write!(f, "its first table is {name}"),
            Reason::Pages { pages, size, free } => {
                write!(f, "{pages} pages of {size} bytes, {free} of them free")
            }
            Reason::Writes { changes, version: 0 } => write!(f, "change counter {changes}"),
            Reason::Writes { changes, version } => {
                let (minor, patch) = ((version / 1000) % 1000, version % 1000);
                let major = version / 1_000_000;
                write!(
                    f,
                    "change counter {changes}, last written by SQLite {major}.{minor}.{patch}"
                )
            }
            Reason::Log { frames, uncommitted: 0 } => {
                write!(f, "{frames} frames of its write-ahead log are part of it")
            }
            Reason::Log { frames, uncommitted } => write!(
                f,
                "{frames} frames of its write-ahead log are part of it, {uncommitted} were not committed"
            ),
            Reason::HotJournal { pages } => write!(
                f,
                "its journal undoes a transaction that did not end: {pages} pages are read from it"
            ),
            Reason::DatabaseFaults { faults } => {
                write!(f, "{faults} places of its headers or definitions are damaged")
            }
            Reason::Hint { name } => {
                write!(f, "the file's name or another file of the machine decides for {name}")
            }
        }
    }
}
