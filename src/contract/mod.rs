//! The columns of each kind of row, and the function that writes a row.
//!
//! A [`Row`] is written to a [`Sink`]. The command line's JSON lines and CSV, the dictionaries of
//! the Python package and the columns of Arrow are sinks. [`Column`] has each column's name, type
//! and outputs, so no output keeps a list of its own: headings come from [`Row::COLUMNS`].
//!
//! | rows of | |
//! |---|---|
//! | `dump` | [`RecordRow`], with `--raw` also a [`TailRow`] for each file |
//! | `carve` | [`CarvedRow`] |
//! | `timeline` | [`TimelineRow`] |
//! | `sessions`, `boots` | [`SessionRow`], [`BootRow`] |
//! | `last`, `lastb` | [`LastRow`] |
//! | `lastlog` | [`LastlogRow`] |
//! | `failures` | [`FailuresRow`] |
//! | `summary` | [`SummaryRow`] |
//! | `audit` | [`FindingRow`], [`RuleRow`] |
//! | `detect`, `layouts` | [`DetectionRow`], [`LayoutRow`] |
//! | what was not read | [`FaultRow`], in outputs of columns |
//!
//! Rules for all of them:
//!
//! * Keys are snake_case, values of closed lists kebab-case.
//! * A column whose field the platform lacks is [absent](Sink::absent); one that has the field
//!   and nothing in it is [null](Sink::null), but an empty text is an empty text.
//! * Times are in UTC and have six decimals, whatever the platform stores. A time that no
//!   calendar has is null, and [two more columns](Column::raw_time) have the stored numbers.
//!
//! ```
//! use loginrec::contract::{Column, RecordRow, Row as _};
//!
//! let names: Vec<&str> = RecordRow::COLUMNS.iter().map(|column| column.name()).collect();
//! assert_eq!(names[..5], ["machine", "source", "file", "layout", "index"]);
//! assert_eq!(Column::Exit.flat_names(), ["exit_termination", "exit_exit"]);
//! ```

#[cfg(feature = "std")]
mod audit;
mod column;
mod detect;
mod failures;
mod fault;
#[cfg(feature = "std")]
mod kind;
mod last;
mod lastlog;
mod layout;
mod record;
#[cfg(feature = "std")]
mod session;
mod sink;
mod summary;
mod value;
mod write;

#[cfg(feature = "std")]
pub use self::audit::{FindingRow, RuleRow};
pub use self::column::{Column, ValueKind};
pub use self::detect::DetectionRow;
pub use self::failures::FailuresRow;
pub use self::fault::FaultRow;
#[cfg(feature = "std")]
pub use self::kind::RowKind;
pub use self::last::LastRow;
pub use self::lastlog::LastlogRow;
pub use self::layout::LayoutRow;
pub use self::record::{CarvedRow, LoginRef, RecordRow, Stray, TailRow, TimelineRow};
#[cfg(feature = "std")]
pub use self::session::{BootRow, SessionRow};
pub use self::sink::{Columns, Integer, Machine, Meaning, Place, Row, Sink, Source};
pub use self::summary::{SummaryKey, SummaryRow};
pub use self::value::{EscapedUtf8, TextPart, TextParts, Token};
