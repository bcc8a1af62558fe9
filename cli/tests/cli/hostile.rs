//! Text that was typed to harm whoever reads the log: a btmp holds what attackers typed.

use std::fs;

use loginrec::Text;
use loginrec_testing::{Scratch, clean, json_lines, root, run, text};

/// Clears the screen, sets a title, turns the direction of the text, hides, breaks lines.
const NAMES: [&str; 4] = [
    "\x1b[2J\x1b]0;x\x07\r\n\x7f",
    "a\u{9b}31m\u{202e}gnp.exe",
    "\u{200b}\u{feff}\u{2028}\u{e0041}",
    "=cmd|' /C'!A0\",\n[x] ] [",
];

fn hostile_records() -> Vec<u8> {
    let utmp = fs::read(root().join("fixtures/glibc-x86_64/utmp")).unwrap();
    let login = &utmp[384 * 2..384 * 3];
    let mut records = utmp.clone();
    for name in NAMES {
        let mut record = login.to_vec();
        for field in [8..40, 44..76, 76..332] {
            record[field.clone()].fill(0);
            record[field.start..][..name.len()].copy_from_slice(name.as_bytes());
        }
        record[40..44].copy_from_slice(b"\x1b[0m");
        records.extend(record);
    }
    records
}

/// Only visible characters are printed; lines end where they should.
fn assert_plain(printed: &[u8], lines: usize, what: &str) {
    let printed = text(printed);
    assert_eq!(printed.lines().count(), lines, "{what}: {printed:?}");
    let bad = printed.chars().find(|&c| c != '\n' && Text::is_deceptive(c));
    assert_eq!(bad, None, "{what}: {printed:?}");
}

#[test]
fn records_cannot_steer_the_terminal() {
    let scratch = Scratch::new();
    let path = scratch.file("btmp", &hostile_records());
    for (format, lines) in [("text", 9), ("jsonl", 9), ("csv", 10)] {
        let printed = clean(&["dump", "--format", format, &path], b"");
        assert_plain(&printed, lines, format);
    }
    let lines = json_lines(&clean(&["dump", "--format", "jsonl", &path], b""));
    for (line, name) in lines[5..].iter().zip(NAMES) {
        for key in ["user", "line", "host"] {
            assert_eq!(line[key], name, "a reader of JSON gets the text itself");
        }
        assert_eq!(line["id"], "\x1b[0m");
    }
    let rows = clean(&["dump", &path], b"");
    let back = clean(&["undump"], &rows);
    assert_eq!(clean(&["dump", "-"], &back), rows, "brackets inside a field do not break rows");
    let csv = clean(&["dump", "--format", "csv", &path], b"");
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    let users: Vec<String> = reader.records().map(|row| row.unwrap()[20].to_owned()).collect();
    assert_eq!(users[5], r"\x1b[2J\x1b]0;x\x07\x0d\x0a\x7f");
    assert_eq!(users[6], r"a\u{9b}31m\u{202e}gnp.exe");
}

#[cfg(unix)]
#[test]
fn file_names_cannot_steer_the_terminal() {
    let scratch = Scratch::new();
    let name = "wtmp\n\x1b[2J\u{202e}";
    let shown = r"wtmp\x0a\x1b[2J\u{202e}";
    let path = scratch.file(name, &hostile_records()[..384 * 5 + 9]);
    for args in [
        &["dump", &path][..],
        &["dump", &path, &path],
        &["dump", "--format", "csv", &path],
        &["dump", "--format", "jsonl", &path],
        &["dump", "--format", "jsonl", "--raw", &path],
        &["detect", "-v", &path],
        &["detect", "--format", "jsonl", &path],
        &["undump", &path],
        &["undump", "-o", &path],
    ] {
        let output = run(args);
        let printed = [output.stdout, output.stderr].concat();
        assert_plain(&printed, text(&printed).matches('\n').count(), "output");
        assert!(text(&printed).contains(shown) || args.contains(&"jsonl"), "{args:?}");
    }
    let lines = json_lines(&run(&["dump", "--format", "jsonl", &path]).stdout);
    assert_eq!(lines[0]["file"], path);
}

/// A file name that is not text is still a file name.
#[cfg(target_os = "linux")]
#[test]
fn file_names_need_not_be_utf8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let scratch = Scratch::new();
    let folder = scratch.path("");
    let path = [folder.as_bytes(), b"wtmp\xff"].concat();
    let path = OsStr::from_bytes(&path);
    fs::write(path, hostile_records()).unwrap();
    let mut command = loginrec_testing::command(&["dump", "--format", "jsonl"]);
    let output = command.arg(path).output().unwrap();
    assert!(output.status.success());
    let file = json_lines(&output.stdout)[0]["file"].as_str().unwrap().to_owned();
    assert!(file.ends_with(r"wtmp\xff"), "{file}");
}
