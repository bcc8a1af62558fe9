//! Recognizes files that count failed logins: faillog, tallylog, faillock, OpenBSD's failedlogin.
//!
//! Their fields are small numbers, short texts and times, like those of a lastlog, so every used
//! record of a file by user id has to fit, and no zero may be missing.

use alloc::vec::Vec;

use crate::container::Container;
use crate::detect::candidate::Candidate;
use crate::detect::compare::MARGIN;
use crate::detect::hints::Hints;
use crate::detect::sample::Sample;
use crate::evidence::score::Evidence;
use crate::evidence::weights::is_line;
use crate::formats::LAYOUTS;
use crate::layout::Layout;
use crate::layout::field::Role;
use crate::scan::is_zero;
use crate::value::failures::Failures;
use crate::value::file_kind::{FileKind, has_word};
use crate::value::text::Text;

/// Most nonzero words that are examined; each used record has some.
const PLACES: usize = 4096;
/// Bytes at the beginning that are examined; places after them only if these are zeros.
const HEAD: u64 = 1 << 20;
/// Most used records that are examined.
const RECORDS: u32 = 512;
const DAY: i64 = 86_400;
const MONTH: u64 = 30 * 86_400;
const YEAR: i64 = 366 * DAY;
const DECADE: i64 = 10 * YEAR;
/// May 2033: a later time is more likely one in the other byte order.
const LATE: i64 = 2_000_000_000;
/// A count or limit from here on is more likely two letters of a text.
const LETTERS: i64 = 8192;
/// A limit up to here is no upper half of a date. Then a high count is one, unless it begins as a
/// text does: counters stop at 32767.
const LOW: i64 = 256;
/// OpenBSD's count is as wide as a pointer; more failures than this are bytes of something else.
const MOST: i64 = 1 << 24;
/// Bits of a file, for each record that fits, for a known line, for a time before 2033, for a
/// number that is small, for two times in a row within a month.
const FILE: i32 = 20;
const FITS: i32 = 6;
const KNOWN_LINE: i32 = 6;
const IN_TIME: i32 = 2;
const SMALL: i32 = 3;
const TOGETHER: i32 = 2;
/// Bits against a size that leaves a remainder, and against a record that does not fit.
const REST: i32 = -8;
const IMPOSSIBLE: i32 = -12;

/// Returns the layouts that explain every used record, best first. `log` is the best layout of
/// another kind: if it explains the bytes far better, there are none.
pub(super) fn rank(
    sample: &Sample<'_>,
    log: Option<&Candidate>,
    hints: &Hints<'_>,
) -> Vec<Candidate> {
    let mut places = sample.used_places(PLACES);
    // Only some places of the rest of a longer file were read.
    if places.first().is_some_and(|&first| first < HEAD) {
        places.retain(|&place| place < HEAD);
    }
    let layouts = LAYOUTS.iter().filter(|layout| layout.is_failures());
    let all: Vec<Scored> =
        layouts.filter_map(|layout| score(layout, sample, &places, hints)).collect();
    let log = log.filter(|log| log.layout.is_log()).map_or(0, |log| log.score);
    let is_believed = |one: &Scored| {
        one.is_named || (one.has_dates && one.candidate.score.saturating_mul(2) >= log)
    };
    if !all.iter().any(is_believed) {
        return Vec::new();
    }
    let mut all: Vec<Candidate> = all.into_iter().map(|one| one.candidate).collect();
    all.sort_by_key(|candidate| core::cmp::Reverse(candidate.score));
    all
}

/// A layout that explains the bytes.
struct Scored {
    candidate: Candidate,
    is_named: bool,
    /// Whether a time is no short text: the beginning of a host name is a number as well.
    has_dates: bool,
}

/// Returns whether the name has the word for such files of the layout.
fn is_named(layout: &Layout, name: &str) -> bool {
    let is_word = |word: &str| FileKind::from_file_name(word).is_some() && has_word(name, word);
    layout.platform.paths.iter().any(|(_, path)| path.split('/').any(is_word))
}

fn score(
    layout: &'static Layout,
    sample: &Sample<'_>,
    places: &[u64],
    hints: &Hints<'_>,
) -> Option<Scored> {
    let size = layout.size as u64;
    let is_named = hints.kind == Some(FileKind::Failures)
        || hints.file_name.is_some_and(|name| is_named(layout, name));
    let rest = sample.tail(layout.size);
    let mut seen = Evidence::default();
    seen.bits = FILE;
    let (mut next, mut earlier, mut counted, mut lined) = (0, None, 0u32, 0u32);
    let (mut late, mut has_dates) = (false, false);
    for index in places.iter().filter_map(|place| place.checked_div(size)) {
        if index < next || seen.looked_at() >= RECORDS {
            continue;
        }
        // An array has no holes.
        if layout.container == Container::Array && index != next {
            return None;
        }
        next = index.saturating_add(1);
        let end = next.saturating_mul(size);
        let is_cut = end > HEAD && end.saturating_sub(size) < HEAD;
        let record = sample.record(index, layout.size).filter(|_| !is_cut);
        let Some(record) = record else { continue };
        let Some(Fit { bits, time, has_count, has_line }) = Fit::of(layout, record, is_named)
        else {
            seen.bits = seen.bits.saturating_add(IMPOSSIBLE);
            seen.contradicting = seen.contradicting.saturating_add(1);
            continue;
        };
        seen.bits = seen.bits.saturating_add(bits);
        seen.fitting = seen.fitting.saturating_add(1);
        late |= time >= LATE;
        has_dates |= time > DECADE;
        counted = counted.saturating_add(has_count.into());
        lined = lined.saturating_add(has_line.into());
        if time != 0 {
            let before: Option<i64> = earlier.replace(time);
            if before.is_some_and(|before| before.abs_diff(time) <= MONTH) {
                seen.bits = seen.bits.saturating_add(TOGETHER);
                seen.continuous = seen.continuous.saturating_add(1);
            }
        }
    }
    let is_whole = rest.is_empty() || !sample.ends;
    if !is_whole {
        seen.bits = seen.bits.saturating_add(REST);
    }
    if late {
        seen.bits = seen.bits.saturating_sub(MARGIN + SMALL);
    }
    seen.known_names = lined;
    let is_tolerant = layout.has(Role::Source) || layout.has(Role::RemoteUser);
    let damage = seen.contradicting.saturating_mul(if is_tolerant { 3 } else { u32::MAX });
    let is_enough = seen.fitting > 0 && damage <= seen.fitting;
    let is_told = match () {
        () if is_named => true,
        // A log of such a size whose times have small fractions reads the same.
        () if layout.has(Role::RemoteUser) && is_like_a_log(layout) => {
            counted > 0 && lined.saturating_mul(2) >= seen.fitting
        }
        () if layout.has(Role::RemoteUser) => lined > 0,
        () => lined > 0 || layout.has(Role::Source),
    };
    let is_kept = is_whole || is_named || seen.fitting > 1;
    let candidate = Candidate { layout, score: seen.bits, same_reading: false, evidence: seen };
    (is_enough && is_told && is_kept).then_some(Scored { candidate, is_named, has_dates })
}

/// Returns whether records with a count of zero are those of a log without types.
fn is_like_a_log(layout: &Layout) -> bool {
    LAYOUTS.iter().any(|log| log.is_log() && log.size == layout.size && !log.has(Role::Type))
}

/// A record that fits.
struct Fit {
    bits: i32,
    time: i64,
    has_count: bool,
    /// Whether the line is a known terminal; of a faillog, whether there is one.
    has_line: bool,
}

impl Fit {
    fn of(layout: &Layout, record: &[u8], named: bool) -> Option<Fit> {
        if layout.key_fields.gaps(layout.fields).any(|field| !is_zero(field.of_record(record))) {
            return None;
        }
        let entry = layout.decode(record);
        let Failures { count, max, status, lock_seconds } = entry.failures?;
        let time = entry.ut_tv.tv_sec;
        let small = |number: i64| if (0..LOW).contains(&number) { SMALL } else { 0 };
        let mut bits = FITS.saturating_add(if time < LATE { IN_TIME } else { 0 });
        if layout.has(Role::Limit) {
            let line = layout.field(Role::Line)?.of_record(record);
            let has_line = !is_zero(line);
            let is_text = record.first().is_some_and(|byte| (b' '..=b'~').contains(byte));
            let max = i64::from(max);
            let fits = count >= 0
                && max >= 0
                && (max <= LETTERS || named)
                && (count <= LETTERS || max <= LETTERS && named || max <= LOW && !is_text)
                && line.last() == Some(&0)
                && is_clean(line)
                && (time == 0 || is_date(time))
                && (time != 0) == has_line
                && (0..=YEAR).contains(&lock_seconds)
                && (has_line || max > 0 || lock_seconds > 0);
            bits = bits.saturating_add(small(count)).saturating_add(small(max));
            if is_line(Text::new(line).as_bytes()) {
                bits = bits.saturating_add(KNOWN_LINE);
            }
            // A limit alone is any small number.
            let bits = if has_line { bits } else { 0 };
            return fits.then_some(Fit { bits, time, has_count: count > 0, has_line });
        }
        if let Some(source) = layout.field(Role::Source) {
            let source = source.of_record(record);
            let shown = Text::new(source).as_bytes();
            let has_status = layout.has(Role::Status);
            let number = if has_status { status.into() } else { count };
            let fits = is_clean(source) && !shown.is_empty() && number != 0 && is_date(time);
            if has_status {
                let is_host = shown.iter().any(|byte| matches!(byte, b'.' | b':'));
                bits = bits.saturating_add(match status & !Failures::VALID {
                    Failures::REMOTE if is_host => SMALL,
                    Failures::TERMINAL if is_line(shown) => SMALL.saturating_add(1),
                    Failures::REMOTE | Failures::TERMINAL | 0 => 1,
                    _ => return None,
                });
            }
            let has_line = is_line(shown);
            return fits.then_some(Fit { bits, time, has_count: number != 0, has_line });
        }
        let line = entry.ut_line.as_bytes();
        let texts = [entry.ut_line, entry.remote_user.unwrap_or_default(), entry.ut_host];
        let is_plain =
            |text: &Text<'_>| text.as_bytes().iter().all(|byte| (b' '..=b'~').contains(byte));
        let has_line = is_line(line);
        bits = bits
            .saturating_add(small(count))
            .saturating_add(if has_line { KNOWN_LINE } else { 0 })
            .saturating_add(layout.size.checked_ilog2().unwrap_or(0) as i32);
        let fits = !line.is_empty()
            && texts.iter().all(is_plain)
            && is_date(time)
            && (0..MOST).contains(&count);
        fits.then_some(Fit { bits, time, has_count: count > 0, has_line })
    }
}

fn is_date(time: i64) -> bool {
    (1..0x7fff_ffff).contains(&time)
}

/// Returns whether a text is printable and followed by zeros.
fn is_clean(field: &[u8]) -> bool {
    let shown = Text::new(field).as_bytes();
    let rest = field.get(shown.len()..).unwrap_or_default();
    shown.iter().all(|byte| (b' '..=b'~').contains(byte)) && is_zero(rest)
}
