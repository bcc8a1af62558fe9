//! Every byte, fast: loops over arrays that compile to vector instructions.

use alloc::vec::Vec;

use super::Window;
use super::signature::{Mark, Signature, all_allow, signatures};
use super::weigh::{WEAK, weigh};
use crate::endian::{Endian, read_uint};
use crate::frame::Framing;
use crate::layout::Layout;
use crate::platform::LAYOUTS;

/// Bytes looked at together.
const BLOCK: usize = 128;
/// A mark is up to three bytes long.
const AROUND: usize = BLOCK + 2;
/// No platform numbers its types higher.
const TYPES: u8 = 15;

const LITTLE: u8 = 1;
const BIG: u8 = 2;
const LINE: u8 = 4;

/// Which records are looked for. Can be shared by threads.
#[derive(Clone, Debug)]
pub struct Scanner {
    pub(super) layouts: Vec<&'static Layout>,
    signatures: Vec<Signature>,
    /// How far into a record a mark may be.
    reach: usize,
    marks: u8,
}

/// What may be records, by offset; for [`Runs`](super::Runs).
#[derive(Clone, Debug, Default)]
pub struct Candidates(pub(super) Vec<Candidate>);

impl Candidates {
    /// Whether there are none, so that nothing of the window will be asked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// Of the length prefix where there is one.
    pub(super) offset: u64,
    /// Its number in the scanner: earlier ones are preferred.
    pub(super) layout: u16,
    /// With the length prefix.
    pub(super) len: u16,
    pub(super) bits: i32,
    pub(super) sec: i64,
}

/// Looks for every record of [`Framing::Fixed`] and [`Framing::LengthPrefixed`]; slots of
/// a lastlog only if they are asked for.
impl Default for Scanner {
    fn default() -> Scanner {
        let records = |layout: &&Layout| !layout.is_lastlog();
        Scanner::new(LAYOUTS.iter().filter(records))
    }
}

impl Scanner {
    /// Looks for records of these layouts. Values of a database have no place of their own
    /// and are not looked for; the damaged forms among glibc's 384-byte records are found
    /// with those.
    pub fn new(layouts: impl IntoIterator<Item = &'static Layout>) -> Scanner {
        let mut wanted: Vec<&'static Layout> = layouts.into_iter().map(proper).collect();
        wanted.retain(|layout| layout.framing != Framing::Database);
        // In the order of the table, which decides between equals.
        let wanted: Vec<&'static Layout> = LAYOUTS.iter().filter(|l| wanted.contains(l)).collect();
        let signatures = signatures(&wanted);
        let reach = signatures.iter().map(|s| s.at).max().unwrap_or(0);
        let marks = signatures.iter().fold(0, |marks, s| marks | flag_of(s.mark));
        Scanner { layouts: wanted, signatures, reach, marks }
    }

    /// The layouts that are looked for, in the order of
    /// [`LAYOUTS`](crate::platform::LAYOUTS).
    pub fn layouts(&self) -> &[&'static Layout] {
        &self.layouts
    }

    /// What may be records beginning in the core of `window`.
    pub fn scan(&self, window: &Window<'_>) -> Candidates {
        let mut found = Vec::new();
        let mut seen = |at: usize, flag: u8| self.look(window, at, flag, &mut found);
        match self.marks {
            LITTLE => self.marks::<LITTLE>(window, &mut seen),
            BIG => self.marks::<BIG>(window, &mut seen),
            LINE => self.marks::<LINE>(window, &mut seen),
            3 => self.marks::<3>(window, &mut seen),
            _ => self.marks::<7>(window, &mut seen),
        }
        found.sort_unstable();
        Candidates(found)
    }

    /// Hands over every mark that may belong to a record of the core.
    fn marks<const MARKS: u8>(&self, window: &Window<'_>, seen: &mut impl FnMut(usize, u8)) {
        let end = window.core.end.saturating_add(self.reach).saturating_add(1);
        let data = window.bytes.get(..end.saturating_add(AROUND)).unwrap_or(window.bytes);
        let mut at = window.core.start;
        while at < end {
            match data.get(at..).and_then(|rest| rest.first_chunk::<AROUND>()) {
                Some(block) => flags::<MARKS>(block, at, seen),
                None => {
                    // The end of the image: as if zeros followed.
                    let rest = data.get(at..).unwrap_or_default();
                    if rest.is_empty() {
                        return;
                    }
                    let mut block = [0; AROUND];
                    block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                    flags::<MARKS>(&block, at, seen);
                }
            }
            at = at.saturating_add(BLOCK);
        }
    }

    /// Weighs every layout that has such a mark.
    #[inline(never)]
    fn look(&self, window: &Window<'_>, at: usize, flag: u8, found: &mut Vec<Candidate>) {
        if flag == LINE && is_prose(window.bytes.get(at..).unwrap_or_default()) {
            return;
        }
        for signature in &self.signatures {
            if flag_of(signature.mark) & flag == 0 {
                continue;
            }
            let Some(start) = at.checked_sub(signature.at) else { continue };
            let Some(record) = window.bytes.get(start..) else { continue };
            if !all_allow(&signature.limits, record) {
                continue;
            }
            for member in &signature.members {
                if !all_allow(&member.limits, record) || member.prospect.most(record) < WEAK {
                    continue;
                }
                let Some(&layout) = self.layouts.get(usize::from(member.layout)) else { continue };
                let prefix = prefix(layout);
                let Some(offset) = start.checked_sub(prefix) else { continue };
                if !window.core.contains(&offset) {
                    continue;
                }
                let offset = window.offset.saturating_add(offset as u64);
                let candidate = self.candidate(window, offset, member.layout);
                found.extend(candidate.filter(|c| c.bits >= WEAK));
            }
        }
    }

    /// What is at `offset`, read as a record of a layout.
    pub(super) fn candidate(
        &self,
        window: &Window<'_>,
        offset: u64,
        layout: u16,
    ) -> Option<Candidate> {
        let &found = self.layouts.get(usize::from(layout))?;
        let record = bytes(window, offset, found)?;
        let len = u16::try_from(record.len().checked_add(prefix(found))?).ok()?;
        let (bits, sec) = weigh(found, record)?;
        Some(Candidate { offset, layout, len, bits, sec })
    }
}

/// The bytes of a record without its length; `None` if it does not lie in the window whole.
pub(super) fn bytes<'a>(window: &'a Window<'_>, offset: u64, layout: &Layout) -> Option<&'a [u8]> {
    let prefix = prefix(layout);
    let len = match layout.framing {
        Framing::LengthPrefixed => {
            let len = read_uint(Endian::Big, window.get(offset, prefix)?, prefix) as usize;
            // A type and a time, which may end in a zero that is not stored.
            (8..=layout.size).contains(&len).then_some(len)?
        }
        _ => layout.size,
    };
    window.get(offset.checked_add(prefix as u64)?, len)
}

/// How many bytes come before the record itself.
pub(super) fn prefix(layout: &Layout) -> usize {
    if layout.framing == Framing::LengthPrefixed { 2 } else { 0 }
}

/// The layout among whose records those of `layout` lie, if they are damaged forms.
fn proper(layout: &'static Layout) -> &'static Layout {
    let of = |l: &&Layout| l.has_variants && l.size == layout.size && l.endian == layout.endian;
    match layout.is_variant {
        true => LAYOUTS.iter().find(of).unwrap_or(layout),
        false => layout,
    }
}

const fn flag_of(mark: Mark) -> u8 {
    match mark {
        Mark::Little => LITTLE,
        Mark::Big => BIG,
        Mark::Line => LINE,
    }
}

/// Whether the name of a terminal is a word in a text: logs speak of terminals all the time.
///
/// Such marks belong to records with 8 bytes for the line and 8 and more for the name next to
/// it. Both are full in no record: `console` has 7 letters.
fn is_prose(mark: &[u8]) -> bool {
    mark.first_chunk::<16>().is_some_and(|near| !near.contains(&0))
}

/// Hands over the marks of a block.
#[inline]
fn flags<const MARKS: u8>(block: &[u8; AROUND], at: usize, seen: &mut impl FnMut(usize, u8)) {
    let (Some(first), Some(second), Some(third)) =
        (from::<0>(block), from::<1>(block), from::<2>(block))
    else {
        return;
    };
    // First only whether there may be any, which is seldom but in tables of numbers.
    let all = || first.iter().zip(second).zip(third);
    let any = all().fold(0, |any, ((a, b), c)| any | hint::<MARKS>(*a, *b, *c));
    if any == 0 {
        return;
    }
    let mut flags = [0; BLOCK];
    for (to, ((a, b), c)) in flags.iter_mut().zip(all()) {
        *to = flag::<MARKS>(*a, *b, *c);
    }
    let (words, _) = flags.as_chunks::<8>();
    for (word, at) in words.iter().zip((at..).step_by(8)) {
        let mut left = u64::from_le_bytes(*word);
        while left != 0 {
            let bits = left.trailing_zeros() & !7;
            seen(at.saturating_add(bits as usize / 8), left.wrapping_shr(bits) as u8);
            left &= !0xff_u64.wrapping_shl(bits);
        }
    }
}

/// The block without its first `N` bytes.
fn from<const N: usize>(block: &[u8; AROUND]) -> Option<&[u8; BLOCK]> {
    block.get(N..)?.first_chunk()
}

/// Not zero if any of the wanted marks begins with these three bytes, and seldom else: fewer
/// instructions than telling which.
#[inline(always)]
const fn hint<const MARKS: u8>(a: u8, b: u8, c: u8) -> u8 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    let mut hint = match MARKS & (LITTLE | BIG) {
        0 => false,
        LITTLE => (a.wrapping_sub(1) < TYPES) & (b == 0),
        BIG => (a == 0) & (b.wrapping_sub(1) < TYPES),
        _ => (low == 0) & (high.wrapping_sub(1) < TYPES),
    };
    if MARKS & LINE != 0 {
        // `p` and `t` differ in one bit, `s` and `y` in two.
        let terminal = (a & !4 == b'p') & (b == b't') & (c | 10 == b'{');
        let console = (a == b'c') & (b == b'o') & (c == b'n');
        let sign = (a.wrapping_sub(b'{') < 4) & (b == 0);
        hint |= terminal | console | sign;
    }
    if hint { 1 } else { 0 }
}

/// Which of the wanted marks begin with these three bytes. No branches: it is done for
/// many bytes at once.
#[inline(always)]
const fn flag<const MARKS: u8>(a: u8, b: u8, c: u8) -> u8 {
    let little = (a.wrapping_sub(1) < TYPES) & (b == 0);
    let big = (a == 0) & (b.wrapping_sub(1) < TYPES);
    let tty = (a == b't') & (b == b't') & (c == b'y');
    let pts = (a == b'p') & (b == b't') & ((c == b's') | (c == b'y'));
    let console = (a == b'c') & (b == b'o') & (c == b'n');
    // `{`, `|`, `}`, `~` alone.
    let sign = (a.wrapping_sub(b'{') < 4) & (b == 0);
    let mut flag = 0;
    if MARKS & LITTLE != 0 {
        flag |= if little { LITTLE } else { 0 };
    }
    if MARKS & BIG != 0 {
        flag |= if big { BIG } else { 0 };
    }
    if MARKS & LINE != 0 {
        flag |= if tty | pts | console | sign { LINE } else { 0 };
    }
    flag
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No mark goes without its hint, and other bytes seldom have one.
    #[test]
    fn hints() {
        let mut hints = 0;
        for n in 0..1u32 << 24 {
            let [a, b, c, _] = n.to_le_bytes();
            hints += u32::from(hint::<7>(a, b, c));
            assert!(flag::<LITTLE>(a, b, c) == 0 || hint::<LITTLE>(a, b, c) != 0);
            assert!(flag::<BIG>(a, b, c) == 0 || hint::<BIG>(a, b, c) != 0);
            assert!(flag::<LINE>(a, b, c) == 0 || hint::<LINE>(a, b, c) != 0);
            assert!(flag::<3>(a, b, c) == 0 || hint::<3>(a, b, c) != 0);
            assert!(flag::<7>(a, b, c) == 0 || hint::<7>(a, b, c) != 0);
        }
        // 15 types in either order, four signs, eight beginnings of terminals, `con`.
        assert_eq!(hints, (2 * 15 + 4) * 256 + 8 + 1);
    }
}
