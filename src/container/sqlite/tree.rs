//! The cells of a b-tree, in order, forwards or backwards.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::container::sqlite::node::{Node, RawCell};
use crate::container::sqlite::overflow::Overflow;
use crate::container::sqlite::pager::{Image, Pager};
use crate::container::sqlite::pages::PageSet;
use crate::container::sqlite::source::Files;
use crate::error::Error;
use crate::error::database::{DatabaseFault, Part};

/// Largest depth of a tree. SQLite allows 20.
const DEPTH: usize = 20;

/// A row as stored on its page or pages.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cell<'a> {
    /// `None` in a table WITHOUT ROWID, and in an index.
    pub(crate) rowid: Option<i64>,
    /// The columns, as stored.
    pub(crate) payload: &'a [u8],
    pub(crate) page: u32,
    pub(crate) part: Part,
    /// Offset of the cell in that file.
    pub(crate) offset: u64,
}

impl Cell<'_> {
    /// Its fault.
    pub(super) fn fault(&self, fault: DatabaseFault) -> Error {
        Error::Database { part: self.part, page: self.page, offset: self.offset, fault }
    }
}

/// Iterates over the cells of a b-tree. Every page is visited once, so that the work is bounded by
/// the size of the files, whatever the pointers are.
#[derive(Debug)]
pub(crate) struct Cells {
    is_backwards: bool,
    /// The next page to visit.
    next: Option<u32>,
    /// The pages from the root down to the current one.
    path: Vec<Level>,
    /// Pages that were requested.
    pub(super) visited: PageSet,
    /// Those of them that are pages of the tree.
    pub(super) nodes: PageSet,
    /// Pages with cells that were not returned.
    pub(super) damaged: PageSet,
    /// Whether there were any faults.
    pub(super) is_damaged: bool,
    overflow: Overflow,
    current: Option<RawCell>,
}

/// A page on the path.
#[derive(Debug)]
struct Level {
    image: Arc<Image>,
    node: Node,
    /// Number of steps taken. A leaf has one for each cell; an interior page has one for each cell
    /// and each child page, in turn.
    taken: u32,
    /// Whether its damage has been reported: once is enough.
    is_told: bool,
}

impl Level {
    fn steps(&self) -> u32 {
        let count = u32::from(self.node.count);
        if self.node.kind.is_leaf() { count } else { count.saturating_mul(2).saturating_add(1) }
    }

    /// Takes a step. `None` after the last.
    fn step(&mut self, is_backwards: bool) -> Option<u32> {
        let (taken, steps) = (self.taken, self.steps());
        self.taken = taken.saturating_add(1);
        let left = steps.checked_sub(taken)?.checked_sub(1)?;
        Some(if is_backwards { left } else { taken })
    }
}

/// The target of a step.
enum Step {
    Cell(RawCell),
    Page(u32),
    Nothing,
}

impl Cells {
    pub(crate) fn new(root: u32, limit: u32, is_backwards: bool) -> Cells {
        Cells {
            is_backwards,
            next: Some(root),
            path: Vec::new(),
            visited: PageSet::new(limit),
            nodes: PageSet::new(limit),
            damaged: PageSet::new(limit),
            is_damaged: false,
            overflow: Overflow::default(),
            current: None,
        }
    }

    /// Moves to the next cell, or returns the fault before it.
    pub(crate) fn advance(
        &mut self,
        pager: &mut Pager,
        files: Files<'_>,
    ) -> Option<Result<(), Error>> {
        let found = self.find(pager, files)?.and_then(|raw| {
            let Cells { path, overflow, visited, .. } = self;
            let image = path.last().map(|level| &level.image);
            let is_whole = image.is_some_and(|image| {
                raw.overflow == 0 || overflow.collect(pager, files, visited, image, &raw).is_some()
            });
            self.current = Some(raw);
            is_whole.then_some(()).ok_or(self.cell().fault(DatabaseFault::Overflow))
        });
        self.is_damaged |= found.is_err();
        Some(found)
    }

    /// Returns the cell that [`Cells::advance`] moved to.
    #[inline]
    pub(crate) fn cell(&self) -> Cell<'_> {
        let (Some(Level { image, .. }), Some(raw)) = (self.path.last(), &self.current) else {
            return Cell::default();
        };
        let payload = match raw.overflow {
            0 => image.bytes.get(raw.local.clone()).unwrap_or_default(),
            _ => self.overflow.bytes(),
        };
        let offset = image.offset.saturating_add(raw.start as u64);
        Cell { rowid: raw.rowid, payload, page: image.number, part: image.part, offset }
    }

    /// The columns of the cell are invalid.
    pub(super) fn damage(&mut self) -> Error {
        self.is_damaged = true;
        let cell = self.cell();
        let (page, fault) = (cell.page, cell.fault(DatabaseFault::Row));
        self.damaged.insert(page);
        fault
    }

    /// Returns the next cell, which is on the last page of `path`.
    fn find(&mut self, pager: &mut Pager, files: Files<'_>) -> Option<Result<RawCell, Error>> {
        loop {
            if let Some(page) = self.next.take()
                && let Err(error) = self.descend(page, pager, files)
            {
                return Some(Err(error));
            }
            let level = self.path.last_mut()?;
            let Some(step) = level.step(self.is_backwards) else {
                self.path.pop();
                continue;
            };
            match level.lead(step) {
                Ok(Step::Cell(cell)) => return Some(Ok(cell)),
                Ok(Step::Page(page)) => self.next = Some(page),
                Ok(Step::Nothing) => {}
                Err(fault) => {
                    let (number, is_told) = (level.image.number, level.is_told);
                    level.is_told = true;
                    if !is_told {
                        self.damaged.insert(number);
                        return Some(Err(pager.fault(number, fault)));
                    }
                }
            }
        }
    }

    /// Descends to a page.
    fn descend(&mut self, page: u32, pager: &mut Pager, files: Files<'_>) -> Result<(), Error> {
        let above = self.path.last().map(|level| level.image.number);
        if !self.visited.insert(page) || page == 0 {
            let is_there = (1..=pager.limit()).contains(&page);
            return Err(match above {
                Some(above) if !is_there => pager.fault(above, DatabaseFault::Pointer),
                _ if !is_there => pager.fault(page, DatabaseFault::Missing),
                _ => pager.fault(page, DatabaseFault::Shared),
            });
        }
        let image = pager.page(files, page)?;
        let usable = pager.header.usable();
        let node = Node::parse(&image.bytes, page, usable).filter(|node| {
            let first = self.path.first();
            first.is_none_or(|first| first.node.kind.is_table() == node.kind.is_table())
        });
        let is_cut = image.bytes.len() < usable;
        let fault = match node {
            None if is_cut => Some(DatabaseFault::CutShort),
            None => Some(DatabaseFault::Kind),
            _ if self.path.len() >= DEPTH => Some(DatabaseFault::Pointer),
            Some(node) if node.is_crowded => Some(DatabaseFault::CellCount),
            Some(_) if is_cut => Some(DatabaseFault::CutShort),
            Some(_) => None,
        };
        let is_walked = matches!(fault, None | Some(DatabaseFault::CutShort));
        if let Some(node) = node.filter(|_| is_walked) {
            self.nodes.insert(page);
            self.path.push(Level { image, node, taken: 0, is_told: is_cut });
        }
        match fault {
            Some(fault) => {
                self.damaged.insert(page);
                Err(pager.fault(page, fault))
            }
            None => Ok(()),
        }
    }
}

impl Level {
    /// Returns the target of step `n`.
    fn lead(&self, n: u32) -> Result<Step, DatabaseFault> {
        let (bytes, half) = (&self.image.bytes, u16::try_from(n >> 1).unwrap_or(u16::MAX));
        match self.node.kind.is_leaf() {
            true => {
                let n = u16::try_from(n).unwrap_or(u16::MAX);
                self.node.cell(bytes, n).map(Step::Cell)
            }
            false if n & 1 == 0 => self.node.child(bytes, half).map(Step::Page),
            false if self.node.kind.is_table() => Ok(Step::Nothing),
            false => self.node.cell(bytes, half).map(Step::Cell),
        }
    }
}
