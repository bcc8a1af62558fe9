//! Output formats.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use loginrec::contract::Row;

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people: a table, or a line for each record
    Text,
    /// One JSON object per row
    Jsonl,
    /// Comma-separated values under a header line (RFC 4180, lines end in LF)
    Csv,
    /// A Parquet file of typed columns; give -o FILE, or a pipe
    #[cfg(feature = "parquet")]
    Parquet,
    /// An Arrow IPC stream of the same columns
    #[cfg(feature = "parquet")]
    Arrow,
    /// JSON lines for Timesketch; name the file *.jsonl
    Timesketch,
    /// JSON lines in the Elastic Common Schema 9.4, with Auditbeat's values for logins
    Ecs,
    /// JSON lines of OCSF 1.8: Authentication and Detection Finding. Other events are omitted
    Ocsf,
    /// The text of fwtmp(1), for records of System V, Solaris and AIX
    Fwtmp,
}

impl OutputFormat {
    /// Those of lists that the program has of itself.
    pub(crate) const LINES: &[OutputFormat] =
        &[OutputFormat::Text, OutputFormat::Jsonl, OutputFormat::Csv];
    /// Those of rows that are read from files.
    #[cfg(feature = "parquet")]
    pub(crate) const ALL: &[OutputFormat] = &[
        OutputFormat::Text,
        OutputFormat::Jsonl,
        OutputFormat::Csv,
        OutputFormat::Parquet,
        OutputFormat::Arrow,
    ];
    #[cfg(not(feature = "parquet"))]
    pub(crate) const ALL: &[OutputFormat] = OutputFormat::LINES;
    /// Those of events, sessions and findings, which other tools have a place for.
    pub(crate) const EXPORTED: &[OutputFormat] = &[
        OutputFormat::Text,
        OutputFormat::Jsonl,
        OutputFormat::Csv,
        #[cfg(feature = "parquet")]
        OutputFormat::Parquet,
        #[cfg(feature = "parquet")]
        OutputFormat::Arrow,
        OutputFormat::Timesketch,
        OutputFormat::Ecs,
        OutputFormat::Ocsf,
    ];
    /// Those of `dump`.
    pub(crate) const DUMPED: &[OutputFormat] = &[
        OutputFormat::Text,
        OutputFormat::Fwtmp,
        OutputFormat::Jsonl,
        OutputFormat::Csv,
        #[cfg(feature = "parquet")]
        OutputFormat::Parquet,
        #[cfg(feature = "parquet")]
        OutputFormat::Arrow,
    ];
    /// Those from which `undump` makes records again.
    pub(crate) const RESTORABLE: &[OutputFormat] = &[OutputFormat::Text, OutputFormat::Jsonl];

    /// Parses the name of one of the formats that a command offers.
    pub(crate) fn one_of(
        offered: &[OutputFormat],
    ) -> impl TypedValueParser<Value = OutputFormat> + use<> {
        let names = offered.iter().filter_map(ValueEnum::to_possible_value);
        let names: Vec<_> = names.collect();
        PossibleValuesParser::new(names).try_map(|name| OutputFormat::from_str(&name, false))
    }
}

/// Keeps spreadsheets from calculating what the records hold.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct FormulaGuard {
    /// With --format csv: put an apostrophe before texts that begin with = + - or @, so that
    /// no spreadsheet calculates what an attacker wrote. Such cells are not what is stored
    #[arg(long)]
    pub(crate) csv_safe: bool,
}

/// The columns of a kind of row for the help of a command: their names, in lines that fit.
pub(crate) fn columns<R: Row>() -> String {
    const WIDTH: usize = 96;
    let (mut text, mut line) = (String::new(), 0);
    for (at, name) in R::COLUMNS.iter().flat_map(|column| column.flat_names()).enumerate() {
        let wide = line + name.len() + 2 > WIDTH;
        text.push_str(match at {
            0 => "",
            _ if wide => ",\n",
            _ => ", ",
        });
        line = if wide { name.len() } else { line + name.len() + 2 };
        text.push_str(name);
    }
    text
}

/// A format of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowFormat {
    /// JSON lines.
    Jsonl,
    /// Comma-separated values.
    Csv,
    /// JSON lines of another tool's schema.
    Export(Standard),
    /// Columns, in binary.
    #[cfg(feature = "parquet")]
    Columns(ColumnFormat),
}

/// A schema of events that other tools have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standard {
    /// Timesketch.
    Timesketch,
    /// The Elastic Common Schema.
    Ecs,
    /// The Open Cybersecurity Schema Framework.
    Ocsf,
}

/// A format of columns.
#[cfg(feature = "parquet")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnFormat {
    /// A Parquet file.
    Parquet,
    /// An Arrow IPC stream.
    Arrow,
}

impl OutputFormat {
    /// The format of rows; `None` for text, which has columns of its own.
    pub(crate) fn rows(self) -> Option<RowFormat> {
        match self {
            OutputFormat::Text | OutputFormat::Fwtmp => None,
            OutputFormat::Jsonl => Some(RowFormat::Jsonl),
            OutputFormat::Csv => Some(RowFormat::Csv),
            OutputFormat::Timesketch => Some(RowFormat::Export(Standard::Timesketch)),
            OutputFormat::Ecs => Some(RowFormat::Export(Standard::Ecs)),
            OutputFormat::Ocsf => Some(RowFormat::Export(Standard::Ocsf)),
            #[cfg(feature = "parquet")]
            OutputFormat::Parquet => Some(RowFormat::Columns(ColumnFormat::Parquet)),
            #[cfg(feature = "parquet")]
            OutputFormat::Arrow => Some(RowFormat::Columns(ColumnFormat::Arrow)),
        }
    }

    /// Returns whether it can have the stored bytes of records.
    pub(crate) fn has_raw(self) -> bool {
        self == OutputFormat::Jsonl || self.is_columnar()
    }

    /// Returns whether it is one of columns, which are binary and have an end.
    pub(crate) fn is_columnar(self) -> bool {
        match self {
            #[cfg(feature = "parquet")]
            OutputFormat::Parquet | OutputFormat::Arrow => true,
            _ => false,
        }
    }
}
