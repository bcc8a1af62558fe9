//! What one record says for itself.

use crate::detect;
use crate::entry::Entry;
use crate::field::Role;
use crate::layout::Layout;
use crate::text::Text;
use crate::ut_type::UtType;

/// Less than this and not even neighbours make a record of it.
pub(super) const WEAK: i32 = 6;
/// For a record that names nobody and no place.
pub(super) const BARE: i32 = -24;
/// For a time before 1980.
pub(super) const OLD: i32 = -8;
/// For microseconds since 1970 of which one byte is zero.
pub(super) const NEW: i32 = 2;

/// The evidence in bits and the time; `None` if the bytes can be no such record.
///
/// Detection asks which layout explains given records, so that what every layout reads in
/// them earns nothing. Here the question is whether there is a record, and readable text
/// that fills a field from its start and ends in zeros is what most bytes are not.
pub(super) fn weigh(layout: &'static Layout, record: &[u8]) -> Option<(i32, i64)> {
    let own = if layout.has_variants { (layout.variant)(record) } else { None };
    let layout = own.unwrap_or(layout);
    let bits = detect::fit(layout, record)?;
    let entry = layout.entry(record);
    let parts = [
        length(layout),
        name(entry.ut_user),
        line(entry.ut_line),
        host(entry.ut_host),
        token(layout, entry.ut_id),
        story(layout, &entry),
        clock(layout, &entry, record),
    ];
    let bits = parts.iter().fold(bits, |sum, part| sum.saturating_add(*part));
    // The damaged forms are rare, and the beginning of a larger record looks like one.
    let bits = if layout.is_variant { bits.saturating_sub(8) } else { bits };
    Some((bits, entry.ut_tv.tv_sec))
}

/// More bytes that had to fit. In programs, one in a thousand million places looks like a
/// record of 36 bytes with as much evidence as a logout has.
pub(super) fn length(layout: &Layout) -> i32 {
    match layout.size {
        ..100 => 0,
        100..250 => 4,
        _ if layout.dialect.ut_types.is_empty() => 4,
        _ => 8,
    }
}

fn name(text: Text<'_>) -> i32 {
    let odd = |b: &u8| !b.is_ascii_alphanumeric() && !b"._-$@+\\/".contains(b) && b.is_ascii();
    words(text, odd)
}

fn line(text: Text<'_>) -> i32 {
    // What System V puts there instead of a terminal.
    const HEADS: &[&[u8]] =
        &[b"system boot", b"system down", b"run-level ", b"old time", b"new time", b"acctg o"];
    let shown = text.as_bytes();
    if HEADS.iter().any(|head| shown.starts_with(head)) {
        return 4;
    }
    // Words that only begin as `console` and `cons25` do.
    if shown.starts_with(b"cons")
        && shown != b"console"
        && shown.get(4).is_some_and(|b| b.is_ascii_alphabetic())
    {
        return -8;
    }
    words(text, |b: &u8| !b.is_ascii_alphanumeric() && !b"._-/:~|{}".contains(b) && b.is_ascii())
}

fn host(text: Text<'_>) -> i32 {
    words(text, |b: &u8| b.is_ascii_control())
}

/// FreeBSD and macOS know a session by a few letters; a logout has nothing else.
fn token(layout: &Layout, id: Text<'_>) -> i32 {
    let shown = id.as_bytes();
    let plain = shown.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'/');
    let padded = id.residue().iter().all(|b| *b == 0);
    match layout.dialect.binary_id && shown.len() > 2 && plain && padded {
        true => 8,
        false => 0,
    }
}

/// Bits for a text whose bytes are not `odd`.
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

/// Whether the fields that such an event has are filled.
fn story(layout: &Layout, entry: &Entry<'_>) -> i32 {
    let has = |role, text: Text<'_>| layout.field(role).is_none() || !text.is_empty();
    let named = has(Role::User, entry.ut_user);
    let placed = has(Role::Line, entry.ut_line);
    let bare = entry.ut_user.is_empty() && entry.ut_line.is_empty() && entry.ut_host.is_empty();
    match entry.ut_type() {
        UtType::Empty => -8,
        UtType::UserProcess | UtType::LoginProcess if bare && !layout.dialect.binary_id => BARE,
        UtType::UserProcess | UtType::LoginProcess if !named || !placed => -8,
        // FreeBSD and macOS leave all of them empty but in logins.
        UtType::Signature if !entry.ut_user.as_bytes().starts_with(b"utmpx-") => -24,
        _ if bare && layout.dialect.binary_id => -8,
        _ if bare => BARE,
        _ => 0,
    }
}

/// Detection knows files whose clock stood at 1970; alone, such a time is any small number.
fn clock(layout: &Layout, entry: &Entry<'_>, record: &[u8]) -> i32 {
    let usual = match entry.ut_tv.tv_sec {
        315_532_800..4_294_967_296 => 0,
        _ if entry.ut_type() == UtType::Signature => 0, // has none
        0 => 2 * OLD,
        _ => OLD,
    };
    // Microseconds since 1970 are no round number.
    let micros = layout.field(Role::Micros).map(|field| field.of_record(record));
    let zeros = micros.map_or(0, |bytes| bytes.iter().filter(|&&b| b == 0).count());
    match zeros {
        0 => usual,
        1 => usual.saturating_add(NEW),
        2 => usual.saturating_sub(2),
        _ => usual.saturating_sub(10),
    }
}
