//! How help is laid out: examples first, one line for each option with `-h`, everything with
//! `--help`.

use std::ffi::OsString;

use clap::{Arg, Command};

/// Options of every command that reads, in a group of their own.
const INPUT: &[&str] = &[
    "root",
    "machine",
    "scan",
    "layout",
    "kind",
    "unsigned_time",
    "max_size",
    "manifest",
    "verbose",
];
/// Options that most users never need: `-h` leaves them out.
const RARE: &[&str] = &["csv_safe", "scan", "unsigned_time", "max_size", "manifest", "verbose"];
/// Where lines are broken, and how many examples `-h` shows.
const WIDTH: usize = 72;
const EXAMPLES: usize = 3;

/// Lays out the help that the arguments ask for; without such an argument nothing changes.
pub(crate) fn arrange(program: Command, arguments: &[OsString]) -> Command {
    let given = |name: &str| arguments.iter().any(|argument| argument == name);
    let is_short = given("-h");
    if !is_short && !given("--help") && !given("help") {
        return program;
    }
    let named = arguments.iter().filter_map(|argument| argument.to_str());
    let named = named.skip(1).find(|name| program.find_subcommand(name).is_some());
    match named.filter(|name| *name != "help" || arguments.len() > 2) {
        Some("help") => {
            let after = arguments.iter().rev().filter_map(|argument| argument.to_str());
            let last = after.take(1).find(|name| program.find_subcommand(name).is_some());
            match last.map(str::to_owned) {
                Some(name) => program.mut_subcommand(name, page),
                None => program,
            }
        }
        Some(name) if is_short => program.mut_subcommand(name, brief),
        Some(name) => program.mut_subcommand(name, page),
        None => program,
    }
}

/// The page of a command: what it is for, examples, options in groups, then the details.
pub(crate) fn page(command: Command) -> Command {
    let (examples, details) = parts(&command);
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string);
    let about = [about.unwrap_or_default(), examples].join("\n\n");
    command.long_about(about.trim_end().to_owned()).after_long_help(details).mut_args(grouped)
}

/// One line for each option that is often needed.
fn brief(command: Command) -> Command {
    let (examples, _) = parts(&command);
    let first: Vec<&str> = examples.lines().take(1 + EXAMPLES).collect();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let about = [about, first.join("\n")].join("\n\n");
    let more = format!("`loginrec {} --help` explains every option", command.get_name());
    let command = command.about(about.trim_end().to_owned()).after_help(more);
    command.disable_version_flag(true).mut_args(|argument| {
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let is_rare = RARE.contains(&argument.get_id().as_str()) || argument.is_positional();
        let has_values = argument.get_action().takes_values();
        let argument = grouped(argument).help(first_clause(&help));
        argument
            .hide_possible_values(has_values)
            .hide_default_value(has_values)
            .hide_short_help(is_rare)
    })
}

/// The section of examples, and the rest of what stands after the options.
fn parts(command: &Command) -> (String, String) {
    let all = command.get_after_long_help().or(command.get_after_help());
    let all = all.map(ToString::to_string).unwrap_or_default();
    let (examples, details): (Vec<&str>, Vec<&str>) =
        all.split("\n\n").partition(|section| section.starts_with("Example"));
    (examples.join("\n\n"), details.join("\n\n"))
}

fn grouped(argument: Arg) -> Arg {
    match INPUT.contains(&argument.get_id().as_str()) {
        true => argument.help_heading("Input"),
        false => argument,
    }
}

/// Returns the first clause of an option's help, which says what it does without details.
fn first_clause(help: &str) -> String {
    let ends = [". ", "; ", ": ", ", such as "];
    // `With --format csv: put ...` says when, not what.
    let begins = if help.starts_with("With ") { help.find(": ").map_or(0, |at| at + 2) } else { 0 };
    let rest = help.get(begins..).unwrap_or_default();
    let end = ends.iter().filter_map(|end| rest.find(end)).min();
    let clause = end.map_or(help, |end| help.get(..begins + end).unwrap_or(help));
    if clause.len() <= WIDTH {
        return clause.to_owned();
    }
    let mut plain = String::new();
    let mut rest = clause;
    while let Some((before, after)) = rest.split_once(" (") {
        plain.push_str(before);
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    match plain.len() > WIDTH {
        true => plain.split(", ").next().unwrap_or_default().to_owned(),
        false => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses() {
        for (help, clause) in [
            ("Only this user; may be repeated", "Only this user"),
            ("Only this line, such as pts/0; may be repeated", "Only this line"),
            (
                "With --root: look at every file, and read it. Slow",
                "With --root: look at every file, and read it",
            ),
            ("Output format", "Output format"),
            (
                "Read the system in this folder, archive (tar, zip) or disk image (raw, E01), such as x",
                "Read the system in this folder, archive or disk image",
            ),
        ] {
            assert_eq!(first_clause(help), clause);
        }
    }
}
