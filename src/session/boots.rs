//! Boots and what became of them.

use super::opening::{Mark, Opening};
use super::pairing::read;
use super::{End, is_down, micros};
use crate::dialect::Event;
use crate::record::Record;

/// A time the system was up.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Boot {
    /// The boot record; its host is the kernel release on Linux.
    pub boot: Opening<'static>,
    /// The shutdown record, or the next boot if there is none between.
    pub closing: Option<Mark>,
    /// [`End::Shutdown`], [`End::Crash`] or [`End::Open`].
    pub end: End,
}

impl Boot {
    /// Microseconds from the boot to its end, `None` while the system is up. After a crash
    /// that is the next boot. Negative where the clock was set back.
    pub fn micros(&self) -> Option<i128> {
        let ended = micros(self.closing?.time);
        Some(ended.saturating_sub(micros(self.boot.mark().time)))
    }
}

/// Pairs boots with their ends; the records are pushed as into [`Pairing`](super::Pairing).
#[derive(Debug, Default)]
pub struct UpTimes {
    up: Option<Opening<'static>>,
    unsigned_time: bool,
}

impl UpTimes {
    /// No boot is known of.
    pub fn new() -> UpTimes {
        UpTimes::default()
    }

    /// As [`Pairing::unsigned_time`](super::Pairing::unsigned_time).
    #[must_use]
    pub fn unsigned_time(self, unsigned: bool) -> Self {
        UpTimes { unsigned_time: unsigned, ..self }
    }

    /// Takes the next record, and gives the time that it ends.
    pub fn push(&mut self, file: u32, record: &Record<'_>) -> Option<Boot> {
        let entry = read(record, self.unsigned_time);
        let event = entry.event();
        let (before, end) = match event {
            Event::Boot => {
                let mark = Mark::new(file, record, &entry);
                (self.up.replace(Opening::copy(mark, &entry)), End::Crash)
            }
            _ if is_down(event, &entry) => (self.up.take(), End::Shutdown),
            _ => return None,
        };
        let closing = Some(Mark::new(file, record, &entry));
        before.map(|boot| Boot { boot, closing, end })
    }

    /// The time that had not ended by the last record.
    pub fn finish(&mut self) -> Option<Boot> {
        self.up.take().map(|boot| Boot { boot, closing: None, end: End::Open })
    }
}

/// Iterator over the times the system was up; see [`boots`].
#[derive(Debug)]
pub struct Boots<I> {
    records: I,
    times: UpTimes,
}

/// The times the system was up, as far as boots are recorded. The records come as for
/// [`sessions`](super::sessions).
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
    Boots { records: records.into_iter(), times: UpTimes::new() }
}

impl<I> Boots<I> {
    /// As [`Pairing::unsigned_time`](super::Pairing::unsigned_time).
    #[must_use]
    pub fn unsigned_time(self, unsigned: bool) -> Self {
        Boots { times: self.times.unsigned_time(unsigned), ..self }
    }
}

impl<'r, I: Iterator<Item = (u32, Record<'r>)>> Iterator for Boots<I> {
    type Item = Boot;

    fn next(&mut self) -> Option<Boot> {
        for (file, record) in self.records.by_ref() {
            if let Some(boot) = self.times.push(file, &record) {
                return Some(boot);
            }
        }
        self.times.finish()
    }
}
