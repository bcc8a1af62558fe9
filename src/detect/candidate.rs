//! A layout that could explain the data.

use crate::evidence::score::Evidence;
use crate::layout::Layout;

/// A layout that could explain the data.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Candidate {
    /// The layout.
    pub layout: &'static Layout,
    /// Evidence for it in bits. Each bit halves how surprising the data is.
    pub score: i32,
    /// Whether it decodes every sampled record exactly as the best candidate does.
    pub same_reading: bool,
    pub(super) evidence: Evidence,
}
