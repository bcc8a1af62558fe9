//! Every command that reads files, in every form of its output.

/// Commands to which a file is appended. A new command is one line here.
pub(crate) const READERS: &[&[&str]] = &[
    &["dump"],
    &["dump", "--merge"],
    &["dump", "--threads", "3"],
    &["dump", "--threads", "2", "--format", "csv"],
    &["dump", "--format", "jsonl"],
    &["dump", "--format", "jsonl", "--raw"],
    &["dump", "--format", "csv"],
    &["detect", "-v"],
    &["detect", "--format", "jsonl"],
    &["detect", "--format", "csv"],
    &["last", "--tz", "UTC", "-xwaF", "-f"],
    &["last", "--tz", "UTC", "-i", "-f"],
    &["lastb", "--tz", "UTC", "-f"],
    &["last", "--format", "jsonl", "-f"],
    &["lastb", "--format", "csv", "-f"],
    &["describe"],
    &["report"],
    &["lastlog", "--tz", "UTC"],
    &["lastlog", "--format", "jsonl"],
    &["lastlog", "--format", "csv"],
    &["wtmpdb", "last", "--tz", "UTC", "-xwaFS", "-f"],
    &["wtmpdb", "last", "--tz", "UTC", "-j", "-f"],
    &["wtmpdb", "boottime", "--tz", "UTC", "-f"],
    &["lastlog2", "--tz", "UTC", "-s", "-d"],
    &["failures", "--tz", "UTC", "-a"],
    &["failures", "--format", "jsonl"],
    &["failures", "--format", "csv"],
    &["who", "--tz", "UTC", "-a", "-H"],
    &["who", "--tz", "UTC", "-q"],
    &["sessions"],
    &["sessions", "--format", "jsonl"],
    &["sessions", "--format", "csv"],
    &["boots"],
    &["boots", "--format", "jsonl"],
    &["boots", "--format", "csv"],
    &["audit"],
    &["audit", "--min-severity", "info", "--format", "jsonl"],
    &["audit", "--min-severity", "info", "--format", "csv"],
    &["carve", "--lastlog"],
    &["carve", "--lastlog", "--format", "jsonl", "--raw"],
    &["carve", "--lastlog", "--format", "csv"],
    &["timeline"],
    &["timeline", "--all", "--format", "jsonl"],
    &["timeline", "--all", "--format", "csv"],
    &["timeline", "--all", "--format", "timesketch"],
    &["sessions", "--format", "ecs"],
    &["audit", "--min-severity", "info", "--format", "ocsf"],
    &["summary"],
    &["summary", "--by", "user,day"],
    &["summary", "--format", "jsonl"],
    &["summary", "--by", "source,hour", "--format", "csv"],
];

/// Those that print something about any file of logins.
pub(crate) fn of_logins() -> impl Iterator<Item = &'static [&'static str]> {
    READERS
        .iter()
        .copied()
        .filter(|command| !["lastlog", "failures", "wtmpdb", "lastlog2"].contains(&command[0]))
}

/// Adds options after the name of the command: some end with `-f`.
pub(crate) fn writing<'a>(reader: &[&'a str], options: &[&'a str], file: &'a str) -> Vec<&'a str> {
    let (name, rest) = reader.split_at(if reader[0] == "wtmpdb" { 2 } else { 1 });
    [name, options, rest, &[file]].concat()
}

pub(crate) fn with<'a>(command: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [command, more].concat()
}
