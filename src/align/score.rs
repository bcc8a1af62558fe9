//! The evidence needed before a record decides where others begin.

use crate::container::Container;
use crate::evidence::fit;
pub(super) use crate::evidence::score::gap;
use crate::formats::LAYOUTS;
use crate::layout::Layout;
use crate::scan::is_zero;

/// Bits at which bytes are certainly a record.
pub(super) const STRONG: i32 = 12;
/// Bits at which records begin a new run: of the file's layouts, and of any other.
pub(super) const RUN: i32 = 20;
pub(super) const FOREIGN_RUN: i32 = 34;
/// Bits at which a single record of the file's layout begins a run. The time since the record
/// before it counts too.
pub(super) const SINGLE: i32 = 32;

/// Limits the number of readings tried, so that hostile data costs linear time.
#[derive(Debug)]
pub(super) struct Budget(u64);

impl Budget {
    /// Readings tried per byte of data; the next constant is the minimum.
    const PER_BYTE: u64 = 4;
    const LEAST: u64 = 1 << 18;

    pub(super) fn of(len: usize) -> Budget {
        Budget((len as u64).saturating_mul(Budget::PER_BYTE).max(Budget::LEAST))
    }

    pub(super) fn spend(&mut self) {
        self.0 = self.0.saturating_sub(1);
    }

    pub(super) fn is_left(&self) -> bool {
        self.0 > 0
    }
}

/// Returns the evidence for `record` being one of `layout`, in bits; `None` if it cannot be one.
pub(super) fn bits(layout: &'static Layout, record: &[u8]) -> Option<i32> {
    fit(layout, record)
}

/// Returns whether no evidence is against `record` being one of `layout`.
pub(super) fn is_plausible(layout: &'static Layout, record: &[u8]) -> bool {
    is_zero(record) || bits(layout, record).is_some_and(|bits| bits >= 0)
}

/// Returns the evidence if it is certain.
pub(super) fn strength(layout: &'static Layout, record: &[u8]) -> Option<i32> {
    bits(layout, record).filter(|&bits| bits >= STRONG)
}

/// Returns the layouts of arrays whose records have a type.
pub(super) fn typed() -> impl Iterator<Item = &'static Layout> {
    LAYOUTS.iter().filter(|layout| is_searched(layout) && layout.key_fields.is_typed())
}

/// Returns whether the layout is an array of regular records, not of damaged ones.
pub(super) fn is_searched(layout: &Layout) -> bool {
    layout.container == Container::Array && !layout.is_variant && layout.is_log()
}

/// The first records of a run, at most three.
#[derive(Debug)]
pub(super) struct Run {
    /// Evidence of all of them, including the times between them.
    pub(super) bits: i32,
    /// Evidence of the first alone.
    pub(super) first: i32,
    pub(super) records: usize,
    /// The time of the first.
    pub(super) sec: i64,
}

impl Run {
    /// Returns the run of records of `layout` at the beginning of `data`; `None` if not even one
    /// fits.
    pub(super) fn at(layout: &'static Layout, data: &[u8]) -> Option<Run> {
        let mut records = data.chunks_exact(layout.size).take(3);
        let record = records.next()?;
        let first = bits(layout, record).filter(|&bits| bits > 0)?;
        let sec = seconds(layout, record);
        let mut run = Run { bits: first, first, records: 1, sec };
        let mut earlier = sec;
        for record in records {
            let Some(bits) = bits(layout, record).filter(|&bits| bits >= 0) else { break };
            let now = seconds(layout, record);
            run.bits = run.bits.saturating_add(bits).saturating_add(gap(earlier, now));
            run.records = run.records.saturating_add(1);
            earlier = now;
        }
        Some(run)
    }
}

/// Returns the time of a record, in seconds.
pub(super) fn seconds(layout: &'static Layout, record: &[u8]) -> i64 {
    layout.decode_stored(record).ut_tv.tv_sec
}
