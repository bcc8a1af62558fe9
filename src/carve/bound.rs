//! An upper bound for the score of a record, from a few of its bytes.
//!
//! Programs are full of tables of small numbers, and every seventh byte of them could be the type
//! of some record. Nearly all of those have no text where a record has some, and a time in 1970:
//! the bound shows that at once, and the full score need not be computed.

use crate::carve::score::{BARE, NEW, OLD, length};
use crate::container::Container;
use crate::endian::Endian;
use crate::layout::Layout;
use crate::layout::field::{Field, Role};

/// The highest byte of 32-bit seconds since 1980 is at least this.
const ORDINARY: u8 = 0x12;

/// The bytes to examine in records of one layout.
#[derive(Clone, Debug)]
pub(super) struct ScoreBound {
    /// The highest score of the numbers, and the deduction for a time before 1980.
    numbers: i32,
    old: i32,
    /// Offsets of the texts.
    line: Option<usize>,
    user: Option<usize>,
    host: Option<usize>,
    /// Offset of the highest byte of 32-bit seconds.
    seconds: Option<usize>,
    /// The score if all texts are empty.
    bare: i32,
}

impl ScoreBound {
    pub(super) fn of(layout: &Layout) -> ScoreBound {
        let start = |role| layout.field(role).map(|field| field.offset);
        let numbers = layout.fields.iter().map(most);
        let trimmed = if layout.container == Container::LengthPrefixed { 6 } else { 0 };
        let token = if layout.platform.binary_id { 8 } else { 0 };
        let rest = length(layout).saturating_add(trimmed).saturating_add(token);
        // The damaged forms have their time at another offset.
        let seconds = layout.field(Role::Sec).filter(|_| !layout.has_variants);
        ScoreBound {
            numbers: numbers.fold(rest, i32::saturating_add),
            old: OLD.saturating_sub(seconds.map_or(0, most)),
            line: start(Role::Line),
            user: start(Role::User),
            host: start(Role::Host),
            seconds: seconds.and_then(|field| highest(layout.endian, field)),
            bare: if layout.platform.binary_id { 0 } else { BARE },
        }
    }

    /// Returns at least as many bits as the record will score.
    pub(super) fn upper_bound(&self, record: &[u8]) -> i32 {
        let first = |at: Option<usize>| at.and_then(|at| record.get(at)).copied().unwrap_or(0);
        let (line, user, host) = (first(self.line), first(self.user), first(self.host));
        let mut most = self.numbers;
        let old = self.seconds.and_then(|at| record.get(at)).is_some_and(|b| *b < ORDINARY);
        // The record with a file's version, `utmpx-2.00`, has no time.
        if old && user != b'u' {
            most = most.saturating_add(self.old);
        }
        if line | user | host == 0 {
            return most.saturating_add(self.bare);
        }
        let line = match line {
            0 => 0,
            b'{'..=b'~' | b':' => 12,
            b'c' | b'd' | b'f' | b'h' | b'l' | b'n'..=b'p' | b'r'..=b'v' => 12,
            b'a' => 4,
            _ => 2,
        };
        let user = match user {
            0 => 0,
            b'L' | b'd' | b'g' | b'r' | b's' | b'u' => 8,
            _ => 2,
        };
        let texts = [line, user, if host == 0 { 0 } else { 2 }];
        texts.iter().fold(most, |most, bits| most.saturating_add(*bits))
    }
}

/// Returns the highest score of a field that is not text.
fn most(field: &Field) -> i32 {
    match field.role {
        Role::Type => 6,
        Role::Sec if field.len > 4 => 3,
        Role::Sec => 1,
        Role::Micros => NEW.saturating_add(5),
        Role::Usec => 4,
        Role::Pid | Role::Session => 2,
        Role::SocketAddress => 10,
        Role::HostLength => 8,
        _ => 0,
    }
}

fn highest(order: Endian, seconds: &Field) -> Option<usize> {
    match order {
        Endian::Little => seconds.offset.checked_add(3),
        Endian::Big => seconds.offset.checked_add(seconds.len)?.checked_sub(4),
        Endian::Pdp => seconds.offset.checked_add(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::carve::score::score;
    use crate::formats::LAYOUTS;

    /// The bound is not less than the score, whatever the bytes.
    #[test]
    fn nothing_weighs_more() {
        let mut rng = loginrec_testing::Rng::new(1);
        let mut next = || (rng.any() >> 33) as usize;
        let words: [&[u8]; 14] = [
            b"pts/0",
            b"tty1",
            b"~",
            b"root",
            b"reboot",
            b"utmpx-2.00",
            b"alice",
            b"system boot",
            b"acctg on",
            b":0",
            b"console",
            b"x",
            b"run-level 3",
            b"LOGIN",
        ];
        let mut weighed = 0;
        for layout in
            LAYOUTS.iter().filter(|l| l.container != Container::BerkeleyHash && !l.is_failures())
        {
            let bound = ScoreBound::of(layout);
            for _ in 0..3000 {
                let mut record = alloc::vec![0; layout.size];
                for field in layout.fields {
                    let Some(bytes) = record.get_mut(field.offset..field.offset + field.len) else {
                        continue;
                    };
                    match field.role {
                        _ if next() % 4 == 0 => {}
                        Role::User | Role::Line | Role::Host | Role::Id => {
                            let word = words[next() % words.len()];
                            bytes.iter_mut().zip(word).for_each(|(to, from)| *to = *from);
                        }
                        Role::Type => {
                            let kind = if layout.endian == Endian::Big { field.len - 1 } else { 0 };
                            bytes[kind] = 1 + (next() % 9) as u8;
                        }
                        _ => {
                            let low = next() % 5;
                            for (at, byte) in bytes.iter_mut().enumerate() {
                                let place = match layout.endian {
                                    Endian::Big => field.len - 1 - at,
                                    _ => at,
                                };
                                *byte = if place < low { next() as u8 } else { 0 };
                            }
                        }
                    }
                }
                let kind = layout.field(Role::Type).map(|field| field.of_record(&record));
                let is_marked = kind.is_none_or(|kind| kind.iter().any(|b| *b != 0));
                if let Some((bits, _)) = score(layout, &record).filter(|_| is_marked) {
                    weighed += 1;
                    let most = bound.upper_bound(&record);
                    assert!(bits <= most, "{}: {bits}, not {most}: {record:x?}", layout.name);
                }
            }
        }
        assert!(weighed > 10_000, "{weighed}");
    }
}
