use alloc::vec::Vec;
use core::fmt;

use super::{Candidate, MARGIN, Sample};
use crate::frame::Framing;

/// One reason for what was detected, or for what was not. Printed in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// There are no bytes.
    Empty,
    /// There is nothing but zeros.
    Zeros,
    /// The data has the head of another kind of file.
    Foreign {
        /// What it is.
        what: &'static str,
    },
    /// Nothing known fits.
    Unknown,
    /// The best layout has no type, and hardly a line that is known to be one: text and
    /// times are in other files too.
    Strange {
        /// Its name.
        name: &'static str,
    },
    /// The file has the header of a Berkeley DB 1.85 hash database.
    Database,
    /// The file's size as records and a rest.
    Size {
        /// Whole records.
        records: u64,
        /// Bytes in each.
        size: usize,
        /// Bytes behind them.
        rest: usize,
    },
    /// Only so much was looked at, of a file that goes on.
    Beginning {
        /// Bytes.
        len: u64,
        /// Bytes in each record.
        size: usize,
    },
    /// Each record is behind its length.
    Lengths,
    /// Records that could be of this layout.
    Fit {
        /// How many.
        fitting: u32,
        /// Of how many looked at.
        seen: u32,
    },
    /// Records that name a known terminal, mark or system user.
    Familiar {
        /// How many.
        records: u32,
    },
    /// Records whose time is within a month of the one before.
    Continuous {
        /// How many.
        records: u32,
    },
    /// Records of another layout that lie in such files.
    Variants {
        /// How many.
        records: u32,
    },
    /// Records with something behind the NUL of a text.
    Residue {
        /// How many.
        records: u32,
    },
    /// Records with reserved bytes set.
    Reserved {
        /// How many.
        records: u32,
    },
    /// Another layout reads every record looked at the same.
    Same {
        /// Its name.
        name: &'static str,
    },
    /// Another layout explains the data nearly as well.
    Close {
        /// Its name.
        name: &'static str,
        /// How many bits it is behind.
        behind: i32,
    },
    /// The bytes leave a tie; file name or neighbour decided for this layout.
    Hint {
        /// Its name.
        name: &'static str,
    },
}

impl Reason {
    pub(super) fn of(candidates: &[Candidate], sample: &Sample<'_>) -> Vec<Reason> {
        let Some(best) = candidates.first() else { return Vec::new() };
        let mut reasons = Vec::new();
        let seen = best.evidence;
        reasons.push(match best.layout.framing {
            Framing::Fixed | Framing::Indexed if !sample.ends => {
                Reason::Beginning { len: sample.len, size: best.layout.size }
            }
            Framing::Fixed | Framing::Indexed => Reason::Size {
                records: sample.count(best.layout.size),
                size: best.layout.size,
                rest: sample.len.checked_rem(best.layout.size as u64).unwrap_or(0) as usize,
            },
            Framing::LengthPrefixed => Reason::Lengths,
            Framing::Database => Reason::Database,
        });
        let fitting = seen.fitting;
        reasons.push(Reason::Fit { fitting, seen: fitting.saturating_add(seen.contradicting) });
        let counted = [
            (seen.familiar, Reason::Familiar { records: seen.familiar }),
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

    /// What the data is instead, where its first bytes say so.
    pub(super) fn of_foreign(data: &[u8]) -> Reason {
        const HEADS: &[(&[u8], &str)] = &[
            (b"\x1f\x8b", "gzip data"),
            (b"BZh", "bzip2 data"),
            (b"\xfd7zXZ\0", "xz data"),
            (b"\x28\xb5\x2f\xfd", "zstd data"),
            (b"\x04\x22\x4d\x18", "lz4 data"),
            (b"PK\x03\x04", "a zip archive"),
            (b"SQLite format 3\0", "an SQLite database (wtmpdb or lastlog2, perhaps)"),
            (b"\x7fELF", "an ELF file"),
            (b"\x89PNG", "a PNG image"),
            (b"\x00\x06\x15\x61", "a Berkeley DB 1.85 hash file without lastlogx values"),
        ];
        let head = HEADS.iter().find(|(head, _)| data.starts_with(head));
        match head {
            Some(&(_, what)) => Reason::Foreign { what },
            None if data.get(257..262) == Some(b"ustar") => {
                Reason::Foreign { what: "a tar archive" }
            }
            None => Reason::Unknown,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Reason::Empty => f.write_str("the file is empty"),
            Reason::Zeros => f.write_str("there is nothing but zeros where it was looked"),
            Reason::Foreign { what } => write!(f, "it looks like {what}"),
            Reason::Unknown => f.write_str("no known record layout fits"),
            Reason::Strange { name } => {
                write!(f, "{name} would fit, but its lines are no terminals that are known")
            }
            Reason::Database => f.write_str("it has the header of a lastlogx database"),
            Reason::Size { records, size, rest: 0 } => {
                write!(f, "the size is {records} records of {size} bytes")
            }
            Reason::Size { records, size, rest } => {
                write!(f, "the size is {records} records of {size} bytes and {rest} bytes more")
            }
            Reason::Beginning { len, size } => {
                write!(f, "the first {len} bytes were looked at, as records of {size} bytes")
            }
            Reason::Lengths => f.write_str("each record follows its length"),
            Reason::Fit { fitting, seen } => {
                write!(f, "{fitting} of {seen} records looked at fit")
            }
            Reason::Familiar { records } => {
                write!(f, "{records} name a terminal, mark or user the system knows")
            }
            Reason::Continuous { records } => {
                write!(f, "{records} follow the one before within a month")
            }
            Reason::Variants { records } => {
                write!(f, "{records} have a shape of their own, as glibc's damaged time64 records")
            }
            Reason::Residue { records } => {
                write!(f, "{records} have bytes behind the NUL of a text")
            }
            Reason::Reserved { records } => write!(f, "{records} have reserved bytes set"),
            Reason::Same { name } => write!(f, "{name} reads them all the same"),
            Reason::Close { name, behind } => {
                write!(f, "{name} explains them nearly as well ({behind} bits behind)")
            }
            Reason::Hint { name } => write!(f, "the file's name or neighbour speaks for {name}"),
        }
    }
}
