//! Every byte and every character that could steer a terminal, in every text field of every
//! layout, through every output: nothing comes out but what can be seen.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use loginrec::formats::LAYOUTS;
use loginrec::layout::Role;
use loginrec::{Container, Entry, Layout, Text, UtType};
use loginrec_testing::{Scratch, loginrec, run, skip, text};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

use crate::commands::READERS;

/// Whether Unicode, not this crate, says that `c` is no plain character.
fn steers(c: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    matches!(c.general_category(), Control | Format | LineSeparator | ParagraphSeparator)
}

/// Some of the four thousand tags, most of which are not assigned.
fn characters() -> Vec<char> {
    let all = ('\0'..=char::MAX).filter(|&c| steers(c) || Text::is_deceptive(c));
    all.filter(|&c| !('\u{e0080}'..='\u{e0fff}').contains(&c) || (c as u32).is_multiple_of(97))
        .collect()
}

#[test]
fn what_unicode_calls_format_is_escaped() {
    let missed: Vec<char> =
        ('\0'..=char::MAX).filter(|&c| steers(c) && !Text::is_deceptive(c)).collect();
    assert_eq!(missed, []);
}

/// Fillings of a field: the character alone, between letters, and at the start of a sequence.
fn texts() -> Vec<Vec<u8>> {
    let mut texts: Vec<Vec<u8>> = Vec::new();
    for byte in 0..=255 {
        texts.push(vec![byte]);
        texts.push(vec![b'a', byte, b'b']);
    }
    for c in characters() {
        texts.push(c.to_string().into_bytes());
        texts.push(format!("a{c}b").into_bytes());
    }
    let sequences = [
        "\x1b[2J",
        "\x1b]0;x\x07",
        "\x1bP+q\x1b\\",
        "\u{9b}2J",
        "\r\nx",
        "] [",
        "\",\"",
        "=1+1",
        "\\x1b",
    ];
    texts.extend(sequences.map(|text| text.as_bytes().to_vec()));
    texts
}

/// A file of logins whose every text is one of [`texts`], in the fields in turn.
fn file(layout: &Layout) -> Vec<u8> {
    let mut file = Vec::new();
    let room = |role| layout.field(role).map_or(0, |field| field.len);
    let roles = [Role::User, Role::Line, Role::Host, Role::Id];
    for (number, text) in texts().iter().enumerate() {
        let at = |role| &text[..text.len().min(room(role))];
        let mut entry = Entry::new(layout.platform);
        entry.ut_tv.tv_sec = 1_300_000_000 + 60 * number as i64;
        let plain = format!("p{number}");
        entry.ut_line = Text::new(&plain.as_bytes()[..plain.len().min(room(Role::Line))]);
        let [user, line, host, id] = roles.map(at);
        entry.ut_user = Text::new(user);
        entry.ut_host = Text::new(host);
        entry.ut_id = Text::new(id);
        if number % 2 == 0 {
            entry.ut_line = Text::new(line);
        }
        entry.raw_type = layout.platform.raw_type(UtType::UserProcess);
        // Some layouts derive the type from user and line, and have none for such a pair.
        file.extend(layout.encode(&entry).unwrap_or_default());
    }
    file
}

fn assert_plain(printed: &[u8], what: &str) {
    let printed = std::str::from_utf8(printed).unwrap_or_else(|_| panic!("{what}: not UTF-8"));
    let bad = printed
        .char_indices()
        // Most are ASCII: without asking the tables the test takes half the time.
        .find(|&(_, c)| {
            !matches!(c, ' '..='~' | '\n' | '\t') && (steers(c) || Text::is_deceptive(c))
        });
    if let Some((at, c)) = bad {
        let from = printed[..at].rfind('\n').map_or(0, |newline| newline + 1);
        panic!("{what}: {c:?} in {:?}", printed[from..].lines().next());
    }
}

/// The layouts in one byte order each, in turn: texts do not depend on it. Databases are not made
/// here: their values are records like the others.
fn layouts() -> impl Iterator<Item = &'static Layout> {
    let family =
        |layout: &'static Layout| layout.name.rsplit_once('-').map_or("", |(name, _)| name);
    let families: BTreeSet<&str> = LAYOUTS.iter().map(family).collect();
    families.into_iter().enumerate().filter_map(move |(number, name)| {
        let mut orders = LAYOUTS.iter().filter(|layout| family(layout) == name);
        let layout = if number % 2 == 0 { orders.next() } else { orders.next_back() };
        layout.filter(|layout| layout.container != Container::BerkeleyHash)
    })
}

#[test]
fn nothing_but_plain_text_comes_out() {
    let scratch = Scratch::new();
    let mut printed = 0;
    for layout in layouts() {
        let path = scratch.file("wtmp", &file(layout));
        for reader in READERS {
            let mut args = vec![reader[0], "--layout", layout.name];
            args.extend(&reader[1..]);
            args.push(&path);
            let output = run(&args);
            printed += output.stdout.len();
            assert_plain(&output.stdout, &format!("{args:?}"));
            assert_plain(&output.stderr, &format!("{args:?}, standard error"));
        }
    }
    assert!(printed > 10 << 20, "only {printed} bytes were printed");
}

/// A terminal gets what a pipe gets.
#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_too() {
    let scratch = Scratch::new();
    let on_terminal = |args: &[&str]| {
        let quoted: Vec<String> = args.iter().map(|arg| format!("'{arg}'")).collect();
        let line = format!("{} {}", loginrec().display(), quoted.join(" "));
        let mut script = Command::new("script");
        script
            .args(["-q", "-e", "-c", &line, "/dev/null"])
            .stdin(Stdio::null())
            .env("TERM", "xterm");
        // Colors are requested, not taken from a record.
        script.env("SHELL", "/bin/sh").env("NO_COLOR", "1").output()
    };
    if !on_terminal(&["layouts"]).is_ok_and(|output| output.status.success()) {
        skip("there is no script(1) to make a terminal");
        return;
    }
    for name in
        ["linux-glibc-384-le", "freebsd-utx-log", "svr4-utmpx-372-be", "linux-lastlog-292-le"]
    {
        let layout = loginrec::formats::by_name(name).unwrap();
        let path = scratch.file("wtmp", &file(layout));
        for reader in READERS {
            let mut args = vec![reader[0], "--layout", name];
            args.extend(&reader[1..]);
            args.push(&path);
            let shown = on_terminal(&args).unwrap();
            // The terminal itself makes \r\n of a line's end.
            let shown = text(&shown.stdout).replace("\r\n", "\n");
            assert_plain(shown.as_bytes(), &format!("{args:?}"));
            let piped = run(&args);
            let sorted = |text: String| {
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines.sort();
                lines
            };
            assert_eq!(
                sorted(shown),
                sorted(text(&piped.stdout) + &text(&piped.stderr)),
                "{args:?}"
            );
        }
    }
}

#[test]
fn csv_is_as_the_rfc_has_it() {
    let scratch = Scratch::new();
    for layout in layouts() {
        let records = file(layout);
        let path = scratch.file("wtmp", &records);
        for reader in READERS.iter().filter(|reader| reader.contains(&"csv")) {
            let mut args = vec![reader[0], "--layout", layout.name];
            args.extend(&reader[1..]);
            for safe in [false, true] {
                let mut args = args.clone();
                args.extend(safe.then_some("--csv-safe"));
                args.push(&path);
                let output = run(&args);
                let printed = text(&output.stdout);
                // Strict: the reader takes a quote within a bare cell as it is, the RFC does not.
                let mut csv = csv::ReaderBuilder::new().from_reader(printed.as_bytes());
                let columns = csv.headers().unwrap().len();
                let mut cells = 0;
                for row in csv.records() {
                    let row = row.unwrap_or_else(|error| panic!("{args:?}: {error}"));
                    assert_eq!(row.len(), columns);
                    cells += row.len();
                    // Numbers of ours may be negative.
                    let formula = |cell: &str| {
                        cell.starts_with(['=', '+', '-', '@', '\t', '\r'])
                            && cell.parse::<i64>().is_err()
                    };
                    assert!(!(safe && row.iter().any(formula)), "{args:?}: {row:?}");
                }
                // One text is a formula; where a whole field holds it, it must come out so.
                let unsafe_cell = printed.contains(",=1+1,");
                assert!(!(safe && unsafe_cell), "{args:?}");
                if reader[0] == "dump" && layout.field(Role::Host).is_some() {
                    assert!(cells > 1000 && (safe || unsafe_cell), "{args:?}");
                    assert_eq!(safe, printed.contains(",'=1+1,"), "{args:?}");
                }
            }
        }
    }
}

/// By another parser than the one that wrote it.
#[test]
fn json_is_json() {
    const CHECK: &str = "
import json, sys
count = 0
for line in open(sys.argv[1], 'rb').read().decode('utf-8').split('\\n')[:-1]:
    json.loads(line, parse_constant=lambda word: 1 / 0)
    count += 1
print(count)
";
    let scratch = Scratch::new();
    let has_python =
        Command::new("python3").arg("--version").output().is_ok_and(|o| o.status.success());
    if !has_python {
        skip("there is no python3");
        return;
    }
    let mut all = Vec::new();
    for layout in layouts() {
        let path = scratch.file("wtmp", &file(layout));
        for reader in READERS.iter().filter(|reader| reader.contains(&"jsonl")) {
            let mut args = vec![reader[0], "--layout", layout.name];
            args.extend(&reader[1..]);
            args.push(&path);
            all.extend(run(&args).stdout);
        }
    }
    let lines = all.iter().filter(|&&byte| byte == b'\n').count();
    let path = scratch.path("all.jsonl");
    fs::write(&path, all).unwrap();
    let checked = Command::new("python3").args(["-c", CHECK, &path]).output().unwrap();
    assert!(checked.status.success(), "{}", text(&checked.stderr));
    assert_eq!(text(&checked.stdout).trim(), lines.to_string());
    assert!(lines > 10_000);
}
