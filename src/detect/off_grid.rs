//! Handles files whose records are not at multiples of their size: after bytes were inserted or
//! lost, the sampled places contain parts of two records each.

use crate::align::{Realigned, realigned};
use crate::detect::sample::Sample;

/// Bytes at the beginning in which records are searched for.
const LOOKED_AT: usize = 64 << 10;

/// Returns the records, and where the longest run of them begins.
pub(super) fn records(sample: &Sample<'_>, is_log: bool) -> Option<Realigned> {
    realigned(sample.head(LOOKED_AT), is_log)
}
