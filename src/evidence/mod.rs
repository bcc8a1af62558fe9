//! How well bytes read as a record. Detection, carving, the audit and the search for lost records
//! use this.

pub(crate) mod score;
pub(crate) mod weights;

use crate::evidence::score::Evidence;
use crate::layout::Layout;

/// Returns how well `record` alone reads as one of `layout`, in bits; `None` if it cannot be one.
pub(crate) fn fit(layout: &'static Layout, record: &[u8]) -> Option<i32> {
    Evidence::of_one(layout, record)
}
