//! Writes values that may be missing, by the rules of the contract.

use crate::contract::column::Column;
use crate::contract::sink::{Columns, Integer, Sink};
use crate::contract::value::Token;
use crate::entry::Entry;
use crate::layout::Layout;
use crate::layout::field::Role;
use crate::value::address::Address;
use crate::value::failures::Failures;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

/// Writes a name that is not from a record.
#[inline(always)]
pub(super) fn name(to: &mut impl Sink, column: Column, name: Option<&str>) {
    text(to, column, name.map(|name| Text::new(name.as_bytes())));
}

#[inline(always)]
pub(super) fn text(to: &mut impl Sink, column: Column, value: Option<Text<'_>>) {
    match value {
        Some(value) => to.text(column, value),
        None => to.absent(column),
    }
}

#[inline(always)]
pub(super) fn word(to: &mut impl Sink, column: Column, word: Option<&'static str>) {
    match word {
        Some(word) => to.word(column, word),
        None => to.absent(column),
    }
}

#[inline(always)]
pub(super) fn word_or_null(to: &mut impl Sink, column: Column, word: Option<&'static str>) {
    match word {
        Some(word) => to.word(column, word),
        None => to.null(column),
    }
}

#[inline(always)]
pub(super) fn integer(to: &mut impl Sink, column: Column, number: Option<impl Into<Integer>>) {
    match number {
        Some(number) => to.integer(column, number.into()),
        None => to.absent(column),
    }
}

#[inline(always)]
pub(super) fn integer_or_null(
    to: &mut impl Sink,
    column: Column,
    number: Option<impl Into<Integer>>,
) {
    match number {
        Some(number) => to.integer(column, number.into()),
        None => to.null(column),
    }
}

/// Writes a time, and the stored numbers if it is not a valid date.
#[inline(always)]
pub(super) fn time(to: &mut impl Sink, column: Column, time: Timestamp, layout: &Layout) {
    let is_known = time.has_calendar_form();
    match is_known {
        true => to.time(column, time),
        false => to.null(column),
    }
    let Some([seconds, microseconds]) = column.raw_time() else { return };
    integer(to, seconds, (!is_known).then_some(time.tv_sec));
    let has_microseconds = !is_known && layout.has_microseconds();
    integer(to, microseconds, has_microseconds.then_some(time.tv_usec));
}

/// Writes a missing time that could have been there.
#[inline(always)]
pub(super) fn null_time(to: &mut impl Sink, column: Column) {
    to.null(column);
    if let Some([sec, usec]) = column.raw_time() {
        to.absent(sec);
        to.absent(usec);
    }
}

/// Writes a time for which the source has no field.
#[inline(always)]
pub(super) fn no_time(to: &mut impl Sink, column: Column) {
    to.absent(column);
    if let Some([sec, usec]) = column.raw_time() {
        to.absent(sec);
        to.absent(usec);
    }
}

/// Writes an id: text, or on some platforms a token.
#[inline(always)]
pub(super) fn id(to: &mut impl Sink, entry: &Entry<'_>, layout: &Layout) {
    if !layout.has(Role::Id) {
        return to.absent(Column::Id);
    }
    if !layout.platform.binary_id {
        return to.text(Column::Id, entry.ut_id);
    }
    // A key of a message has no length of its own.
    let len = layout.field(Role::Id).map_or(0, |field| field.len.max(entry.ut_id.raw().len()));
    to.token(Column::Id, Token::new(entry.ut_id, len));
}

#[inline(always)]
pub(super) fn address(to: &mut impl Sink, entry: &Entry<'_>) {
    if entry.ut_addr == Address::Absent {
        return to.absent(Column::Addr);
    }
    match entry.addr() {
        None => to.null(Column::Addr),
        Some(address) => to.address(Column::Addr, address),
    }
}

/// The end of a session that a row stores.
pub(super) fn logout(to: &mut impl Sink, entry: &Entry<'_>, layout: &Layout) {
    match entry.logout {
        _ if !layout.has(Role::Logout) => no_time(to, Column::Logout),
        Some(logout) => time(to, Column::Logout, logout, layout),
        None => null_time(to, Column::Logout),
    }
}

/// The service that a row stores.
pub(super) fn service(to: &mut impl Sink, entry: &Entry<'_>, layout: &Layout) {
    match entry.service {
        _ if !layout.has(Role::Service) => to.absent(Column::Service),
        Some(service) => to.text(Column::Service, service),
        None => to.null(Column::Service),
    }
}

/// Writes what a record counts of failed logins, from [`Column::RemoteUser`] to [`Column::Valid`].
#[inline(never)]
pub(super) fn failures(to: &mut impl Sink, entry: &Entry<'_>, numbers: &Failures, layout: &Layout) {
    text(to, Column::RemoteUser, entry.remote_user);
    let has = |role, number| layout.has(role).then_some(number);
    integer(to, Column::Count, has(Role::Count, numbers.count));
    integer(to, Column::Max, has(Role::Limit, numbers.max.into()));
    integer(to, Column::LockSeconds, has(Role::LockSeconds, numbers.lock_seconds));
    integer(to, Column::Status, has(Role::Status, numbers.status.into()));
    match layout.has(Role::Status) {
        true => to.flag(Column::Valid, numbers.is_valid()),
        false => to.absent(Column::Valid),
    }
}

/// The same columns, which a record that is not about failed logins lacks.
pub(super) const FAILURES: Columns = Columns::of(&[
    Column::RemoteUser,
    Column::Count,
    Column::Max,
    Column::LockSeconds,
    Column::Status,
    Column::Valid,
]);
