//! What clap does not know of usage: `loginrec FILE`, options without effect, what to give instead
//! of a missing FILE.

use std::ffi::OsString;
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

use crate::args::format::OutputFormat;

/// The command for files that are named without one.
const DEFAULT: &str = "describe";

/// Adds the command to arguments that begin with a file or a root.
pub(crate) fn complete(arguments: &mut Vec<OsString>, program: &dyn Fn() -> Command) {
    let Some(first) = arguments.get(1) else { return };
    let text = first.to_str().unwrap_or_default();
    let is_root = text == "--root" || text.starts_with("--root=");
    let is_path = !text.starts_with('-') && (text.contains('/') || Path::new(first).exists());
    if !(is_root || is_path || text == "-") {
        return;
    }
    let program = program();
    let is_command = program.get_subcommands().any(|command| command.get_name() == text);
    if !is_command && text != "help" {
        arguments.insert(1, DEFAULT.into());
    }
}

/// Returns an error about a missing FILE that says what can be given; any other as it is.
pub(crate) fn offer(
    error: clap::Error,
    arguments: &[OsString],
    program: fn() -> Command,
) -> clap::Error {
    let is_file = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(names)) => names.iter().any(|name| name.starts_with("<FILE")),
        _ => false,
    };
    if error.kind() != ErrorKind::MissingRequiredArgument || !is_file {
        return error;
    }
    let mut all = program();
    all.build();
    let named = |command: &&Command| {
        arguments.iter().skip(1).any(|argument| argument == command.get_name())
    };
    let found = all.get_subcommands().find(named).cloned();
    match found.filter(|command| command.get_arguments().any(|arg| arg.get_id() == "root")) {
        Some(mut command) => command.error(
            error.kind(),
            "FILE is missing: name a file, `-` for standard input, or a whole system with --root \
             DIR; --root / is this one",
        ),
        None => error,
    }
}

/// Returns what is wrong if an option has no effect with the others.
pub(crate) fn useless(matches: &ArgMatches) -> Option<&'static str> {
    let (_, given) = matches.subcommand()?;
    let is_given = |id: &str| {
        given.try_contains_id(id).is_ok_and(|is| is)
            && given.value_source(id) == Some(ValueSource::CommandLine)
    };
    let format = given.try_get_one::<OutputFormat>("format").ok().flatten()?;
    if is_given("csv_safe") && *format != OutputFormat::Csv {
        return Some("--csv-safe needs --format csv");
    }
    const TIMES: [&str; 9] =
        ["since", "until", "during", "present", "hours", "weekdays", "as_of", "by", "time"];
    let is_time_known = TIMES.iter().any(|id| is_given(id));
    if is_given("tz") && format.rows().is_some() && !is_time_known {
        return Some(
            "--tz has no effect here: jsonl and csv have times in UTC, and no option is a time",
        );
    }
    None
}
