//! The evidence of one record alone.

use crate::detect;
use crate::entry::Entry;
use crate::evidence::weights::is_line;
use crate::layout::Layout;
use crate::layout::field::Role;
use crate::scan::is_zero;
use crate::value::text::Text;
use crate::value::ut_type::UtType;

/// Below this, not even neighbors make it a record.
pub(super) const WEAK: i32 = 6;
/// Bits for a record without user and line.
pub(super) const BARE: i32 = -24;
/// For a time before 1980.
pub(super) const OLD: i32 = -8;
/// For a time after 2038 in a short record: in programs, most numbers that could be a time are.
const LATE: i32 = -8;
/// Bits for microseconds since 1970 with one zero byte.
pub(super) const NEW: i32 = 2;

/// Returns the evidence in bits and the time; `None` if the bytes cannot be such a record.
///
/// Detection asks which layout explains given records, so features that every layout finds in them
/// score nothing. Here the question is whether there is a record at all, and readable text that
/// fills a field from its start and ends in zeros sets it apart from most bytes.
pub(super) fn score(layout: &'static Layout, record: &[u8]) -> Option<(i32, i64)> {
    let own = if layout.has_variants { (layout.variant)(record) } else { None };
    let layout = own.unwrap_or(layout);
    let bits = detect::fit(layout, record)?;
    let entry = layout.decode(record);
    let parts = [
        length(layout),
        name(entry.ut_user),
        line(entry.ut_line),
        host(entry.ut_host),
        token(layout, entry.ut_id),
        story(layout, &entry),
        clock(layout, &entry, record),
        leftovers(layout, record),
        slot(layout, entry.ut_line),
    ];
    let bits = parts.iter().fold(bits, |sum, part| sum.saturating_add(*part));
    // The damaged forms are rare, and the beginning of a larger record looks like one.
    let bits = if layout.is_variant { bits.saturating_sub(8) } else { bits };
    Some((bits, entry.ut_tv.tv_sec))
}

/// Returns bits for the length: more bytes had to fit. In programs, one offset in a thousand
/// million looks like a record of 36 bytes with as much evidence as a logout has.
pub(super) fn length(layout: &Layout) -> i32 {
    match layout.size {
        ..100 => 0,
        100..250 => 4,
        _ if layout.platform.ut_types.is_empty() => 4,
        _ => 8,
    }
}

fn name(text: Text<'_>) -> i32 {
    let odd = |b: &u8| !b.is_ascii_alphanumeric() && !b"._-$@+\\/".contains(b) && b.is_ascii();
    words(text, odd)
}

fn line(text: Text<'_>) -> i32 {
    // System V writes these in place of a terminal.
    const HEADS: &[&[u8]] =
        &[b"system boot", b"system down", b"run-level ", b"old time", b"new time", b"acctg o"];
    let shown = text.as_bytes();
    if HEADS.iter().any(|head| shown.starts_with(head)) {
        return 4;
    }
    // Names of functions that begin like a terminal: `ttyname_r`, `ptsname`, `ptyfork`.
    if is_name_like_terminal(shown) {
        return -16;
    }
    // Words that only begin like `console` and `cons25`.
    if shown.starts_with(b"cons")
        && shown != b"console"
        && shown.get(4).is_some_and(|b| b.is_ascii_alphabetic())
    {
        return -8;
    }
    words(text, |b: &u8| !b.is_ascii_alphanumeric() && !b"._-/:~|{}".contains(b) && b.is_ascii())
}

/// Returns whether a line begins like that of a terminal and cannot be one.
fn is_name_like_terminal(line: &[u8]) -> bool {
    let number = |rest: &[u8]| rest.first().is_some_and(u8::is_ascii_digit);
    match line {
        [b't', b't', b'y', rest @ ..] => {
            let short = rest.len() <= 2 || rest.iter().any(u8::is_ascii_digit);
            !short && !rest.starts_with(b"/")
        }
        [b'p', b't', b's', b'/', rest @ ..] => !number(rest),
        [b'p', b't', b's', ..] => true,
        [b'p', b't', b'y', rest @ ..] => rest.len() > 4,
        _ => false,
    }
}

/// Returns bits for the line of a lastlog slot, which nothing but a terminal has: the marks of boots
/// and clock changes are in logs only.
fn slot(layout: &Layout, line: Text<'_>) -> i32 {
    match line.as_bytes() {
        _ if !layout.is_lastlog() => 0,
        [b'{'..=b'~', ..] | b"tty" | b"pty" => -20,
        shown if is_line(shown) => 0,
        _ => -6,
    }
}

/// Returns bits for what follows the NULs of texts. Memory that was not cleared holds the end of a
/// longer text, or numbers; the names of a symbol table follow one another.
fn leftovers(layout: &Layout, record: &[u8]) -> i32 {
    let is_text = |role| matches!(role, Role::User | Role::Line | Role::Host);
    let mut pieces: i32 = 0;
    for field in layout.fields.iter().filter(|field| is_text(field.role)) {
        let residue = Text::new(field.of_record(record)).residue();
        if is_zero(residue) {
            continue;
        }
        let words = residue.split(|&byte| byte == 0).filter(|word| word.len() > 1);
        pieces = pieces.saturating_add(i32::try_from(words.count()).unwrap_or(i32::MAX));
    }
    match pieces {
        ..=2 => 0,
        _ => pieces.min(8).saturating_mul(-4),
    }
}

fn host(text: Text<'_>) -> i32 {
    words(text, |b: &u8| b.is_ascii_control())
}

/// Scores the session identifier: FreeBSD and macOS use a few letters, and a logout has nothing
/// else.
fn token(layout: &Layout, id: Text<'_>) -> i32 {
    let shown = id.as_bytes();
    let plain = shown.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'/');
    let padded = id.residue().iter().all(|b| *b == 0);
    match layout.platform.binary_id && shown.len() > 2 && plain && padded {
        true => 8,
        false => 0,
    }
}

/// Returns bits for a text that has no `odd` bytes.
fn words(text: Text<'_>, odd: impl Fn(&u8) -> bool) -> i32 {
    let shown = text.as_bytes();
    match shown.len() {
        0 => 0,
        _ if shown.iter().any(odd) => -8,
        _ if text.to_str().is_none() => -2,
        1 => 0,
        2 => 1,
        _ => 2,
    }
}

/// Returns bits for whether the fields that such an event has are filled.
fn story(layout: &Layout, entry: &Entry<'_>) -> i32 {
    let has = |role, text: Text<'_>| !layout.has(role) || !text.is_empty();
    let named = has(Role::User, entry.ut_user);
    let placed = has(Role::Line, entry.ut_line);
    let bare = entry.ut_user.is_empty() && entry.ut_line.is_empty() && entry.ut_host.is_empty();
    let kind = entry.ut_type();
    let timed =
        matches!(kind, UtType::BootTime | UtType::OldTime | UtType::NewTime | UtType::ShutdownTime);
    if layout.platform.bare_events {
        let ends = matches!(kind, UtType::InitProcess | UtType::DeadProcess);
        let numbered = entry.ut_pid.is_some_and(|pid| pid != 0) || !entry.ut_id.is_empty();
        if (timed || ends) && !bare || timed && numbered {
            return BARE;
        }
    }
    // Each of these has a line of its own, such as `~` or `system boot`.
    let marked = timed || matches!(kind, UtType::RunLvl | UtType::DownTime);
    if marked && named && !placed && layout.has(Role::User) && !layout.platform.binary_id {
        return -16;
    }
    match kind {
        UtType::Empty => -8,
        UtType::UserProcess | UtType::LoginProcess if bare && !layout.platform.binary_id => BARE,
        UtType::UserProcess | UtType::LoginProcess if !named || !placed => -8,
        // FreeBSD and macOS leave all of them empty except in logins.
        UtType::Signature if !entry.ut_user.as_bytes().starts_with(b"utmpx-") => -24,
        _ if bare && layout.platform.binary_id => -8,
        _ if bare => BARE,
        _ => 0,
    }
}

/// Scores the time. Detection accepts files from a clock that was at 1970; alone, such a time may
/// be any small number.
fn clock(layout: &Layout, entry: &Entry<'_>, record: &[u8]) -> i32 {
    let usual = match entry.ut_tv.tv_sec {
        315_532_800..2_147_483_648 => 0,
        2_147_483_648..4_294_967_296 if length(layout) == 0 || layout.platform.bare_events => LATE,
        2_147_483_648..4_294_967_296 => 0,
        _ if entry.ut_type() == UtType::Signature => 0, // it has none
        0 => 2 * OLD,
        _ => OLD,
    };
    // Microseconds since 1970 are not a round number.
    let micros = layout.field(Role::Micros).map(|field| field.of_record(record));
    let zeros = micros.map_or(0, |bytes| bytes.iter().filter(|&&b| b == 0).count());
    match zeros {
        0 => usual,
        1 => usual.saturating_add(NEW),
        2 => usual.saturating_sub(2),
        _ => usual.saturating_sub(10),
    }
}
