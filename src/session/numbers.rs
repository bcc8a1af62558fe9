//! The numbers of a record.

use crate::entry::{Entry, Exit};
use crate::layout::Layout;
use crate::scan::trim_zeros;
use crate::session::record_ref::{Location, RecordRef};
use crate::value::address::Address;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

/// The values of a record, except its texts.
#[derive(Clone, Copy, Debug)]
pub(in crate::session) struct StoredNumbers {
    pub(in crate::session) layout: &'static Layout,
    pub(in crate::session) index: u64,
    pub(in crate::session) offset: u64,
    pub(in crate::session) time: Timestamp,
    pub(in crate::session) pid: i64,
    pub(in crate::session) session: i64,
    pub(in crate::session) exit: Exit,
    pub(in crate::session) raw_type: i32,
    pub(in crate::session) file: u32,
    /// Lengths of line, id, user, host, and address or service.
    pub(in crate::session) lens: [u16; 5],
    pub(in crate::session) address: AddressForm,
    pub(in crate::session) has_type: bool,
    pub(in crate::session) has_pid: bool,
    pub(in crate::session) has_session: bool,
    pub(in crate::session) has_exit: bool,
}

/// The form of a stored address. The numbers are stored by
/// [`PackedLogin`](crate::session::table::packed::PackedLogin).
#[derive(Clone, Copy, Debug)]
pub(in crate::session) enum AddressForm {
    Absent,
    V4,
    V6,
    Socket,
}

/// Bytes of a `struct sockaddr_storage` that contain an IPv4 or IPv6 address.
const SOCKET: usize = 28;

impl StoredNumbers {
    /// Also returns the fields of the texts, in the order in which they are stored. `lens` has the
    /// number of bytes to store of each.
    #[inline(always)]
    pub(in crate::session) fn of<'e>(
        at: RecordRef,
        entry: &Entry<'e>,
    ) -> (StoredNumbers, [&'e [u8]; 5]) {
        let (address, bytes): (_, &[u8]) = match entry.ut_addr {
            // Rows of databases have a service instead.
            Address::Absent => (AddressForm::Absent, entry.service.unwrap_or_default().raw()),
            // An address of zeros means none, as no bytes do, so nothing is stored.
            Address::V4(bytes) => (AddressForm::V4, unless_zero(bytes)),
            Address::V6(bytes) => (AddressForm::V6, unless_zero(bytes)),
            Address::Socket(bytes) => {
                let used = trim_zeros(bytes).len().max(SOCKET);
                (AddressForm::Socket, bytes.get(..used).unwrap_or(bytes))
            }
        };
        let short = |len: usize| len.min(u16::MAX.into()) as u16;
        let len = |field| short(trim_zeros(field).len());
        let texts = [entry.ut_line, entry.ut_id, entry.ut_user, entry.ut_host].map(Text::raw);
        let [line, id, user, host] = texts;
        let RecordRef { location: Location { file, index, offset }, time, layout } = at;
        let stored = StoredNumbers {
            layout,
            index,
            offset,
            time,
            file,
            pid: entry.ut_pid.unwrap_or_default(),
            session: entry.ut_session.unwrap_or_default(),
            exit: entry.ut_exit.unwrap_or_default(),
            raw_type: entry.raw_type.unwrap_or_default(),
            has_type: entry.raw_type.is_some(),
            has_pid: entry.ut_pid.is_some(),
            has_session: entry.ut_session.is_some(),
            has_exit: entry.ut_exit.is_some(),
            address,
            lens: [len(line), len(id), len(user), len(host), short(bytes.len())],
        };
        (stored, [line, id, user, host, bytes])
    }

    #[inline]
    pub(in crate::session) fn at(&self) -> RecordRef {
        let StoredNumbers { file, index, offset, time, layout, .. } = *self;
        RecordRef { location: Location { file, index, offset }, time, layout }
    }

    /// Returns the bytes of all texts.
    pub(in crate::session) fn len(&self) -> usize {
        self.lens.iter().copied().map(usize::from).sum()
    }

    /// Returns the entry, given its texts.
    pub(in crate::session) fn entry<'t>(&self, mut texts: &'t [u8]) -> Entry<'t> {
        let mut next = |len: u16| {
            let (text, rest) = texts.split_at_checked(len.into()).unwrap_or((texts, &[]));
            texts = rest;
            text
        };
        let [line, id, user, host, address] = self.lens.map(&mut next);
        Entry {
            raw_type: self.has_type.then_some(self.raw_type),
            ut_tv: self.time,
            ut_user: Text::new(user),
            ut_line: Text::new(line),
            ut_host: Text::new(host),
            ut_id: Text::new(id),
            ut_pid: self.has_pid.then_some(self.pid),
            ut_session: self.has_session.then_some(self.session),
            ut_exit: self.has_exit.then_some(self.exit),
            ut_addr: match self.address {
                AddressForm::Absent => Address::Absent,
                AddressForm::V4 => Address::V4(address),
                AddressForm::V6 => Address::V6(address),
                AddressForm::Socket => Address::Socket(address),
            },
            service: match self.address {
                AddressForm::Absent if !address.is_empty() => Some(Text::new(address)),
                _ => None,
            },
            ..Entry::new(self.layout.platform)
        }
    }
}

/// Returns the process id if it can identify a session: display managers store zero.
pub(in crate::session) fn pid(entry: &Entry<'_>) -> Option<i64> {
    entry.ut_pid.filter(|&pid| pid > 0)
}

fn unless_zero(bytes: &[u8]) -> &[u8] {
    if trim_zeros(bytes).is_empty() { &[] } else { bytes }
}
