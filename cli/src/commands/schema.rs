//! `loginrec schema`: the types of the keys of JSON lines, for engines that would guess them.

use std::io::{self, Write as _};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use loginrec::contract::{Column, RowKind, TextPart, ValueKind};
use serde_json::{Map, Value, json};

use crate::args::output::OutputOptions;
use crate::diagnostics::{Diagnostics, Stop};
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};

/// Print the types of the keys that JSON lines have, for DuckDB, polars, ClickHouse, Spark
///
/// JSON lines have a key only where a record has the field. Engines that guess a schema from the
/// first lines then drop or refuse what comes later; with declared types they read everything.
/// Parquet (--format parquet) needs no schema.
#[derive(Debug, Args)]
#[command(after_help = "\
What is printed:
  duckdb      the value of `columns` of read_json
  polars      a Python dictionary for `schema` of read_ndjson, after `import polars as pl`
  clickhouse  the structure for file(), url(), s3() with JSONEachRow; times need
              date_time_input_format = 'best_effort'
  spark       the DDL for spark.read.schema()
  json        a JSON Schema (draft 2020-12) of one line

Examples:
  loginrec dump --format jsonl wtmp > rows.jsonl
  duckdb -c \"from read_json('rows.jsonl', format = 'newline_delimited',
      columns = $(loginrec schema records --for duckdb))\"
  loginrec schema sessions --for spark")]
pub(crate) struct SchemaArgs {
    /// The kind of rows, or the command that prints them
    #[arg(value_parser = kinds())]
    rows: RowKind,

    /// The engine
    #[arg(long = "for", value_enum, value_name = "ENGINE")]
    engine: Engine,

    #[command(flatten)]
    output: OutputOptions,
}

/// Parses a kind of row, by its name or by its command.
fn kinds() -> impl TypedValueParser<Value = RowKind> {
    let values = RowKind::ALL.iter().map(|kind| match kind.command() == kind.name() {
        true => PossibleValue::new(kind.name()),
        false => PossibleValue::new(kind.name()).alias(kind.command()),
    });
    PossibleValuesParser::new(values).try_map(|name| {
        let of_command = RowKind::ALL.iter().copied().find(|kind| kind.command() == name);
        of_command.map_or_else(|| name.parse(), Ok)
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engine {
    Duckdb,
    Polars,
    Clickhouse,
    Spark,
    Json,
}

impl Run for SchemaArgs {
    fn files(&self) -> NamedFiles<'_> {
        NamedFiles::default().written_to(&self.output)
    }

    fn run(&self, out: Output, _: &mut Diagnostics) -> Result<(), Stop> {
        Ok(print(self, out)?)
    }
}

/// The type of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Text,
    Int32,
    Int64,
    Time,
    Flag,
    Exit,
    Texts,
}

/// Returns the keys of a kind of row, with their columns and types.
fn keys(kind: RowKind) -> impl Iterator<Item = (String, Column, Type)> {
    kind.columns().iter().flat_map(|&column| {
        let parts = match column.is_stored_text() {
            true => TextPart::ALL,
            false => &[TextPart::Shown],
        };
        let key = move |part: &TextPart| format!("{}{}", column.name(), part.suffix());
        parts.iter().map(move |part| (key(part), column, type_of(column)))
    })
}

fn type_of(column: Column) -> Type {
    match column.kind() {
        ValueKind::Integer if column.is_narrow() => Type::Int32,
        ValueKind::Integer => Type::Int64,
        ValueKind::Time => Type::Time,
        ValueKind::Flag => Type::Flag,
        ValueKind::Exit => Type::Exit,
        ValueKind::List => Type::Texts,
        // Addresses and bytes are text in JSON.
        _ => Type::Text,
    }
}

fn print(args: &SchemaArgs, mut out: Output) -> io::Result<()> {
    let text = match args.engine {
        Engine::Json => json_schema(args.rows),
        engine => {
            let [before, between, after] = engine.brackets();
            let keys = keys(args.rows).map(|(key, _, is)| engine.entry(&key, is));
            let keys: Vec<String> = keys.collect();
            format!("{before}{}{after}", keys.join(between))
        }
    };
    writeln!(out, "{text}")?;
    out.flush()
}

impl Engine {
    /// Returns what comes before, between and after the keys.
    fn brackets(self) -> [&'static str; 3] {
        match self {
            Engine::Duckdb | Engine::Polars => ["{", ", ", "}"],
            Engine::Clickhouse | Engine::Spark | Engine::Json => ["", ", ", ""],
        }
    }

    /// Returns a key with its type.
    fn entry(self, key: &str, is: Type) -> String {
        let name = self.name_of(is);
        match self {
            Engine::Duckdb => format!("'{key}': '{name}'"),
            Engine::Polars => format!("\"{key}\": {name}"),
            Engine::Clickhouse | Engine::Spark | Engine::Json => format!("`{key}` {name}"),
        }
    }

    fn name_of(self, is: Type) -> &'static str {
        match (self, is) {
            (Engine::Duckdb, Type::Text) => "VARCHAR",
            (Engine::Duckdb, Type::Int32) => "INTEGER",
            (Engine::Duckdb, Type::Int64) => "BIGINT",
            (Engine::Duckdb, Type::Time) => "TIMESTAMPTZ",
            (Engine::Duckdb, Type::Flag) => "BOOLEAN",
            (Engine::Duckdb, Type::Exit) => "STRUCT(termination INTEGER, \"exit\" INTEGER)",
            (Engine::Duckdb, Type::Texts) => "VARCHAR[]",
            (Engine::Polars, Type::Text) => "pl.String",
            (Engine::Polars, Type::Int32) => "pl.Int32",
            (Engine::Polars, Type::Int64) => "pl.Int64",
            (Engine::Polars, Type::Time) => "pl.Datetime(\"us\", \"UTC\")",
            (Engine::Polars, Type::Flag) => "pl.Boolean",
            (Engine::Polars, Type::Exit) => {
                "pl.Struct({\"termination\": pl.Int32, \"exit\": pl.Int32})"
            }
            (Engine::Polars, Type::Texts) => "pl.List(pl.String)",
            (Engine::Clickhouse, Type::Text) => "Nullable(String)",
            (Engine::Clickhouse, Type::Int32) => "Nullable(Int32)",
            (Engine::Clickhouse, Type::Int64) => "Nullable(Int64)",
            (Engine::Clickhouse, Type::Time) => "Nullable(DateTime64(6, 'UTC'))",
            (Engine::Clickhouse, Type::Flag) => "Nullable(Bool)",
            (Engine::Clickhouse, Type::Exit) => {
                "Tuple(termination Nullable(Int32), exit Nullable(Int32))"
            }
            (Engine::Clickhouse, Type::Texts) => "Array(String)",
            (_, Type::Text) => "STRING",
            (_, Type::Int32) => "INT",
            (_, Type::Int64) => "BIGINT",
            (_, Type::Time) => "TIMESTAMP",
            (_, Type::Flag) => "BOOLEAN",
            (_, Type::Exit) => "STRUCT<termination: INT, `exit`: INT>",
            (_, Type::Texts) => "ARRAY<STRING>",
        }
    }
}

/// Returns the JSON Schema of a line.
fn json_schema(kind: RowKind) -> String {
    let properties: Map<String, Value> = keys(kind)
        .map(|(key, column, is)| {
            let mut about = match is {
                Type::Text => json!({ "type": ["string", "null"] }),
                Type::Int32 | Type::Int64 => json!({ "type": ["integer", "null"] }),
                Type::Time => json!({ "type": ["string", "null"], "format": "date-time" }),
                Type::Flag => json!({ "type": ["boolean", "null"] }),
                Type::Exit => json!({
                    "type": "object",
                    "properties": {
                        "termination": { "type": "integer" },
                        "exit": { "type": "integer" },
                    },
                    "additionalProperties": false,
                }),
                Type::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            };
            let words = match key.strip_prefix(column.name()).unwrap_or_default() {
                "_hex" => format!("The bytes of `{column}`, where they are not UTF-8, in hex."),
                "_residue" => format!("The bytes after the NUL of `{column}`, in hex."),
                _ => column.about().to_owned(),
            };
            if let Some(about) = about.as_object_mut() {
                about.insert("description".to_owned(), words.into());
            }
            (key, about)
        })
        .collect();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("loginrec {kind}"),
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    // Writing to memory cannot fail.
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}
