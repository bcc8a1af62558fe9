//! The kinds of rows, by name.

use core::fmt;
use core::str::FromStr;

use crate::contract::audit::FindingRow;
use crate::contract::column::Column;
use crate::contract::detect::DetectionRow;
use crate::contract::failures::FailuresRow;
use crate::contract::lastlog::LastlogRow;
use crate::contract::record::{CarvedRow, RecordRow, TimelineRow};
use crate::contract::session::{BootRow, SessionRow};
use crate::contract::sink::Row;
use crate::contract::summary::SummaryRow;
use crate::value::unknown_name::UnknownName;

/// A kind of row that files are turned into, for schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RowKind {
    /// [`RecordRow`].
    Records,
    /// [`TimelineRow`].
    Timeline,
    /// [`SessionRow`].
    Sessions,
    /// [`BootRow`].
    Boots,
    /// [`FindingRow`].
    Findings,
    /// [`LastlogRow`].
    Lastlog,
    /// [`FailuresRow`].
    Failures,
    /// [`SummaryRow`].
    Summary,
    /// [`CarvedRow`].
    Carved,
    /// [`DetectionRow`].
    Detections,
}

impl RowKind {
    /// All of them.
    pub const ALL: &'static [RowKind] = &[
        RowKind::Records,
        RowKind::Timeline,
        RowKind::Sessions,
        RowKind::Boots,
        RowKind::Findings,
        RowKind::Lastlog,
        RowKind::Failures,
        RowKind::Summary,
        RowKind::Carved,
        RowKind::Detections,
    ];

    /// Returns the name, such as `records`.
    pub const fn name(self) -> &'static str {
        match self {
            RowKind::Records => "records",
            RowKind::Timeline => "timeline",
            RowKind::Sessions => "sessions",
            RowKind::Boots => "boots",
            RowKind::Findings => "findings",
            RowKind::Lastlog => "lastlog",
            RowKind::Failures => "failures",
            RowKind::Summary => "summary",
            RowKind::Carved => "carved",
            RowKind::Detections => "detections",
        }
    }

    /// Returns the command that prints such rows.
    pub const fn command(self) -> &'static str {
        match self {
            RowKind::Records => "dump",
            RowKind::Findings => "audit",
            RowKind::Carved => "carve",
            RowKind::Detections => "detect",
            _ => self.name(),
        }
    }

    /// Returns the columns, in their order.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            RowKind::Records => RecordRow::COLUMNS,
            RowKind::Timeline => TimelineRow::COLUMNS,
            RowKind::Sessions => SessionRow::COLUMNS,
            RowKind::Boots => BootRow::COLUMNS,
            RowKind::Findings => FindingRow::COLUMNS,
            RowKind::Lastlog => LastlogRow::COLUMNS,
            RowKind::Failures => FailuresRow::COLUMNS,
            RowKind::Summary => SummaryRow::COLUMNS,
            RowKind::Carved => CarvedRow::COLUMNS,
            RowKind::Detections => DetectionRow::COLUMNS,
        }
    }
}

impl fmt::Display for RowKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Parses the result of [`RowKind::name`].
impl FromStr for RowKind {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<RowKind, UnknownName> {
        let known = RowKind::ALL.iter().copied().find(|kind| kind.name() == name);
        known.ok_or(UnknownName::new("kind of row"))
    }
}
