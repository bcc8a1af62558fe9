//! utmpdump(1): `dump`, or with -r `undump`.

use std::ffi::OsString;

use clap::Command;

use crate::args::applet::{Applet, has_operand, with_command};

pub(crate) static UTMPDUMP: Applet = Applet { name: "utmpdump", rewrite: utmpdump, respell: None };

/// Both directions read standard input if no file is named, and replace the file of `-o`.
fn utmpdump(program: &Command, rest: Vec<OsString>) -> Vec<OsString> {
    let (reverse, mut others): (Vec<_>, Vec<_>) = rest.into_iter().partition(is_reverse);
    for cluster in reverse.iter().filter_map(|flags| flags.to_str()) {
        let others_in_it: String = cluster.chars().filter(|&c| c != 'r').collect();
        if !cluster.starts_with("--") && others_in_it.len() > 1 {
            others.insert(0, others_in_it.into());
        }
    }
    if !reverse.is_empty() {
        let force = others.iter().any(is_output).then(|| "--force".into());
        let head = ["undump".into(), "--from=text".into()];
        return head.into_iter().chain(force).chain(others).collect();
    }
    if program.find_subcommand("dump").is_some_and(|dump| !has_operand(dump, &others)) {
        others.push("-".into());
    }
    let long = others.into_iter().map(|word| if word == "-f" { "--follow".into() } else { word });
    with_command("dump", long.collect())
}

fn is_reverse(argument: &OsString) -> bool {
    let short = argument.to_str().and_then(|text| text.strip_prefix('-'));
    match short {
        Some(long) if long.starts_with('-') => {
            "--reverse".starts_with(&format!("-{long}")) && long.len() > 1
        }
        Some(short) => short.split('o').next().is_some_and(|flags| flags.contains('r')),
        None => false,
    }
}

fn is_output(argument: &OsString) -> bool {
    argument.to_str().is_some_and(|text| text.starts_with("-o") || text.starts_with("--o"))
}
