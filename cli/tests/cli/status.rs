//! Exit status and messages.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use loginrec_testing::{Scratch, clean, command, root, run, run_with, skip, text, told};

const WTMP: &str = "fixtures/glibc-x86_64/wtmp";

fn wtmp() -> Vec<u8> {
    fs::read(root().join(WTMP)).unwrap()
}

#[test]
fn a_partial_tail_is_told_with_its_offset() {
    let scratch = Scratch::new();
    let path = scratch.file("wtmp", &wtmp()[..384 * 4 + 50]);
    let output = run(&["dump", &path]);
    let expected =
        format!("loginrec: {path}: byte 1536: record cut short: 384 bytes needed, 50 left\n");
    assert_eq!(told(&output), (4, expected));
    assert_eq!(text(&output.stdout).lines().count(), 4);
    assert_eq!(run(&["detect", &path]).status.code(), Some(4));
    if let Some(path) = loginrec_testing::corpus("linux-misc/wtmp.1") {
        let output = run(&["dump", path.to_str().unwrap()]);
        let (status, message) = told(&output);
        assert_eq!(status, 4);
        assert!(message.contains("byte 1536: record cut short"), "{message}");
    }
}

#[test]
fn an_empty_file_is_a_file() {
    let scratch = Scratch::new();
    let path = scratch.file("wtmp", b"");
    assert!(clean(&["dump", &path], b"").is_empty());
    assert!(clean(&["dump", "--format", "jsonl", &path], b"").is_empty());
    assert!(
        text(&clean(&["dump", "--format", "csv", &path], b""))
            .starts_with("machine,source,file,layout,")
    );
    assert!(clean(&["dump", "-"], b"").is_empty());
    assert!(clean(&["undump"], b"").is_empty());
}

#[test]
fn what_cannot_be_read_is_told_in_a_line() {
    let scratch = Scratch::new();
    let folder = scratch.path("");
    let missing = scratch.path("missing");
    for command in ["dump", "detect", "undump"] {
        // A folder is a root, but not for undump.
        let is_root = command != "undump";
        let nothing = "no login records at the usual places below it";
        let of_folder = if is_root { nothing } else { "is a directory" };
        for (path, why) in [(&folder, of_folder), (&missing, "no such file")] {
            let output = run(&[command, path]);
            assert_eq!(told(&output), (3, format!("loginrec: {path}: {why}\n")), "{command}");
            assert!(output.stdout.is_empty());
        }
    }
    let (status, message) = told(&run(&["dump", "Cargo.toml"]));
    assert_eq!(status, 3);
    assert!(message.starts_with("loginrec: Cargo.toml: not recognised: "), "{message}");
    assert!(message.contains("text") && message.lines().count() == 1, "{message}");
    let unknown = scratch.file("x", &[0, 1, 2, 3, 254, 253].repeat(99));
    let (status, message) = told(&run(&["dump", &unknown]));
    assert_eq!(status, 3);
    assert!(message.contains("--layout") && message.lines().count() == 1, "{message}");
}

#[cfg(unix)]
#[test]
fn a_file_nobody_may_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new();
    let path = scratch.file("btmp", b"x");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if File::open(&path).is_ok() {
        skip("root may read everything");
        return;
    }
    assert_eq!(told(&run(&["dump", &path])), (3, format!("loginrec: {path}: permission denied\n")));
}

#[test]
fn one_of_several_may_fail() {
    let output = run(&["dump", "--format", "jsonl", "nowhere", WTMP, "Cargo.toml"]);
    let (status, message) = told(&output);
    assert_eq!((status, text(&output.stdout).lines().count()), (4, 46));
    assert_eq!(message.lines().count(), 2, "{message}");
    assert_eq!(run(&["dump", "nowhere", "Cargo.toml"]).status.code(), Some(3));
}

#[test]
fn wrong_usage_is_two() {
    for args in [
        &["dump"][..],
        &[],
        &["nonsense"],
        &["dump", "--format", "xml", WTMP],
        &["dump", "--raw", WTMP],
        &["dump", "--raw", "--format", "csv", WTMP],
        &["dump", "-", "-"],
        &["detect", "-", WTMP, "-"],
        &["undump", "--force"],
        &["undump", "--from", "csv"],
        &["man", "nonsense"],
        &["completions", "nonsense"],
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn unknown_layouts_are_met_with_known_ones() {
    for command in ["dump", "detect", "undump"] {
        let (status, message) = told(&run(&[command, "--layout", "glibc-384", WTMP]));
        assert_eq!(status, 2, "{message}");
        assert!(message.contains("linux-glibc-384-le, linux-glibc-384-be"), "{message}");
    }
    let (status, message) = told(&run(&["dump", "--layout", "\x1b[2J", WTMP]));
    assert_eq!(status, 2);
    assert!(message.contains("loginrec layouts") && !message.contains('\x1b'), "{message}");
}

/// Enough to fill every pipe.
fn long(scratch: &Scratch) -> String {
    scratch.file("wtmp", &wtmp().repeat(200))
}

#[test]
fn a_closed_pipe_is_no_error() {
    let scratch = Scratch::new();
    let path = long(&scratch);
    let lines = scratch.file("lines", &clean(&["dump", "--format", "jsonl", &path], b""));
    for args in [
        &["dump", &path][..],
        &["dump", "--format", "jsonl", &path],
        &["dump", "--format", "csv", &path],
        &["undump", &lines],
    ] {
        let mut child =
            command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_until(b'\n', &mut Vec::new()).unwrap();
        drop(stdout);
        assert_eq!(told(&child.wait_with_output().unwrap()), (0, String::new()), "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    for args in [
        &["dump", WTMP][..],
        &["dump", "--format", "jsonl", WTMP],
        &["dump", "--format", "csv", WTMP],
        &["detect", WTMP],
        &["layouts"],
        &["completions", "bash"],
        &["man"],
        &["undump", "fixtures/glibc-x86_64/wtmp.jsonl"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = command(args).stdout(full).output().unwrap();
        let expected = "loginrec: cannot write: No space left on device\n".to_owned();
        assert_eq!(told(&output), (3, expected), "{args:?}");
    }
}

#[test]
fn help_teaches() {
    for command in ["dump", "undump", "detect", "layouts"] {
        let help = text(&clean(&[command, "--help"], b""));
        assert!(help.contains("Examples:") && help.contains("loginrec "), "{help}");
    }
    assert!(text(&clean(&["--help"], b"")).contains("Exit status:"));
    assert!(text(&clean(&["--version"], b"")).starts_with("loginrec "));
    assert!(text(&clean(&["man", "dump"], b"")).contains(".TH loginrec-dump 1"));
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(text(&clean(&["completions", shell], b"")).contains("undump"), "{shell}");
    }
}

/// `-h` is for those who forgot a name: it fits a screen of 40 lines, and no line is broken. `--help`
/// begins with what a command is for and with examples.
#[test]
fn short_help_fits_a_screen() {
    let commands = text(&clean(&["--help"], b""));
    let (_, commands) = commands.split_once("Commands:\n").unwrap();
    let names: Vec<&str> = commands
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.len() > 18, "{names:?}");
    for name in names {
        let short = text(&clean(&[name, "-h"], b""));
        assert!(short.lines().count() <= 40, "{name}: {} lines\n{short}", short.lines().count());
        let long = text(&clean(&[name, "--help"], b""));
        let example = long.find("Example").unwrap_or_else(|| panic!("{name} has no example"));
        assert!(example < long.find("Options:").unwrap(), "{name}");
        assert_eq!(long, text(&clean(&["help", name], b"")), "{name}");
    }
}

#[test]
fn layouts_lists_every_layout() {
    let table = text(&clean(&["layouts"], b""));
    let lines = loginrec_testing::json_lines(&clean(&["layouts", "--format", "jsonl"], b""));
    let known: Vec<_> = loginrec::formats::all().collect();
    assert_eq!((table.lines().count(), lines.len()), (known.len() + 1, known.len()));
    for layout in known {
        assert!(table.lines().any(|row| row.starts_with(&format!("{} ", layout.name))));
    }
    let log = lines.iter().find(|line| line["name"] == "freebsd-utx-log").unwrap();
    assert_eq!(log["framing"], "length-prefixed");
    assert_eq!(log["paths"], serde_json::json!(["/var/log/utx.log"]));
    let pdp = lines.iter().find(|line| line["name"] == "v7-utmp-20-pdp").unwrap();
    assert_eq!((&pdp["byte_order"], &pdp["time_bits"]), (&"pdp".into(), &32.into()));
    let wide = lines.iter().find(|line| line["name"] == "freebsd-utx").unwrap();
    assert_eq!((&wide["time_bits"], &wide["microseconds"]), (&64.into(), &true.into()));
}

#[test]
fn standard_input_that_is_a_folder() {
    let Ok(folder) = File::open(root()) else { return };
    let output = command(&["dump", "-"]).stdin(folder).output().unwrap();
    assert_eq!(told(&output), (3, "loginrec: standard input: is a directory\n".to_owned()));
    assert_eq!(run_with(&["dump", "-"], b"nothing known\n").status.code(), Some(3));
}

/// Damage at every third byte is told as often as a person reads, and counted for as damage.
#[test]
fn a_file_full_of_damage_is_no_flood() {
    let scratch = Scratch::new();
    let boot = [0, 9, 1, 0, 5, 0xf0, 0, 0, 0, 0, 7];
    let log = [&boot[..], &[0, 0, 0]].concat().repeat(5000);
    let path = scratch.file("utx.log", &log);
    let output = run(&["dump", "--layout", "freebsd-utx-log", &path]);
    let (status, message) = told(&output);
    assert_eq!(status, 4);
    assert_eq!(message.lines().count(), 21, "{message}");
    assert!(message.ends_with("further damage is not listed\n"), "{message}");
    assert_eq!(text(&output.stdout).lines().count(), 5000);
}

/// Input that never ends is refused, not collected.
#[cfg(unix)]
#[test]
fn a_line_without_an_end_is_refused() {
    let zeros = File::open("/dev/zero").unwrap();
    let (status, message) = told(&command(&["undump", "-"]).stdin(zeros).output().unwrap());
    assert_eq!(status, 3);
    assert!(message.contains("line 1: longer than any line that dump prints"), "{message}");
}
