//! The parts of a chunk whose records are not all at multiples of their size.

use std::collections::VecDeque;

use crate::align::{REACH, Segment, Segments};
use crate::layout::Layout;

/// A part of a chunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) layout: &'static Layout,
    pub(super) len: usize,
    /// Whether it is bytes of no record.
    pub(super) is_skipped: bool,
}

/// The parts that are still to be returned.
#[derive(Debug, Default)]
pub(super) struct Plan {
    parts: VecDeque<Part>,
    /// Whether it ends with bytes of no record, and more such bytes may follow.
    pub(super) is_lost: bool,
}

impl Plan {
    /// Plans the parts of `data` up to `decided`: what the bytes after it are depends on those that
    /// have not been read yet. In a file of `home`, a record of `layout` should begin at byte 0,
    /// unless the bytes before are lost.
    pub(super) fn new(
        home: &'static Layout,
        mut layout: &'static Layout,
        data: &[u8],
        decided: usize,
        is_lost: bool,
    ) -> Plan {
        let mut plan = Plan::default();
        for segment in Segments::new(home, layout, data).lost(is_lost) {
            let (range, is_skipped) = match segment {
                Segment::Records { layout: of, range } => {
                    layout = of;
                    (range, false)
                }
                Segment::Skipped(range) => (range, true),
            };
            let is_last = range.end > decided;
            let len = match is_last {
                true if !is_skipped => {
                    layout.whole_records(data.get(range.start..decided).unwrap_or_default()).0
                }
                // So many that nothing begins among those that are decided.
                true if range.len() > REACH.saturating_add(layout.size) => {
                    plan.is_lost = true;
                    decided.saturating_sub(range.start)
                }
                true => break,
                false => range.len(),
            };
            if len > 0 {
                plan.parts.push_back(Part { layout, len, is_skipped });
            }
            if is_last {
                break;
            }
        }
        plan
    }

    pub(super) fn next(&mut self) -> Option<Part> {
        self.parts.pop_front()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}
