//! Boots paired with their ends.

use crate::entry::Entry;
use crate::read::record::Record;
use crate::session::record_ref::RecordRef;
use crate::session::stored::StoredRecord;
use crate::session::{End, is_down, micros_between};
use crate::value::event::Event;

/// An uptime: from a boot to a shutdown or to the next boot.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Boot {
    /// The boot record; its host is the kernel release on Linux.
    pub boot: StoredRecord<'static>,
    /// The shutdown record, or the next boot if there is none between.
    pub closing: Option<RecordRef>,
    /// [`End::Shutdown`], [`End::Crash`] or [`End::Open`].
    pub end: End,
}

impl Boot {
    /// Returns the microseconds from the boot to its end; `None` while the system is up. After a
    /// crash the end is the next boot. Negative if the clock was set back.
    pub fn micros(&self) -> Option<i128> {
        Some(micros_between(self.boot.at().time, self.closing?.time))
    }
}

/// Pairs boots with their ends. Records are pushed as into
/// [`SessionTracker`](crate::session::SessionTracker).
#[derive(Debug, Default)]
pub struct BootTracker {
    up: Option<Up>,
}

/// A boot whose end is not reported yet.
#[derive(Debug)]
struct Up {
    boot: StoredRecord<'static>,
    /// The boot's own record, with the time of the shutdown, if it stores that.
    down: Option<RecordRef>,
}

impl Up {
    /// Returns the uptime, ended by `closing`.
    fn ended(self, closing: Option<RecordRef>, end: End) -> Boot {
        match self.down {
            Some(down) => Boot { boot: self.boot, closing: Some(down), end: End::Shutdown },
            None => Boot { boot: self.boot, closing, end },
        }
    }
}

impl BootTracker {
    /// Creates a tracker without a boot.
    pub fn new() -> BootTracker {
        BootTracker::default()
    }

    /// Takes the next record and its entry. Returns the uptime that it ends.
    pub fn push(&mut self, file: u32, record: &Record<'_>, entry: &Entry<'_>) -> Option<Boot> {
        let event = entry.event();
        let (before, end) = match event {
            Event::Boot => {
                let at = RecordRef::new(file, record, entry);
                let down = entry.logout.map(|time| RecordRef { time, ..at });
                (self.up.replace(Up { boot: StoredRecord::copy(at, entry), down }), End::Crash)
            }
            _ => {
                let boot = self.up.as_ref().map(|up| up.boot.at());
                if !is_down(event, entry, boot) {
                    return None;
                }
                (self.up.take(), End::Shutdown)
            }
        };
        let closing = Some(RecordRef::new(file, record, entry));
        before.map(|up| up.ended(closing, end))
    }

    /// Returns the uptime that had not ended by the last record.
    pub fn finish(&mut self) -> Option<Boot> {
        self.up.take().map(|up| up.ended(None, End::Open))
    }
}

/// Iterator over uptimes; see [`boots`].
#[derive(Debug)]
pub struct Boots<I> {
    records: I,
    times: BootTracker,
}

/// Returns the uptimes, as far as boots are recorded. Records are passed as to
/// [`sessions`](crate::session::sessions).
///
/// ```
/// use loginrec::{LogFile, session::boots};
///
/// let wtmp = LogFile::open("fixtures/glibc-x86_64/wtmp")?;
/// for up in boots(wtmp.records().flatten().map(|record| (0, record))) {
///     println!("{} {:?} {}", up.boot.entry().ut_host, up.micros(), up.end.name());
/// }
/// # Ok::<(), loginrec::OpenError>(())
/// ```
pub fn boots<'r, I>(records: I) -> Boots<I::IntoIter>
where
    I: IntoIterator<Item = (u32, Record<'r>)>,
{
    Boots { records: records.into_iter(), times: BootTracker::new() }
}

impl<'r, I: Iterator<Item = (u32, Record<'r>)>> Iterator for Boots<I> {
    type Item = Boot;

    fn next(&mut self) -> Option<Boot> {
        for (file, record) in self.records.by_ref() {
            if let Some(boot) = self.times.push(file, &record, &record.entry()) {
                return Some(boot);
            }
        }
        self.times.finish()
    }
}
