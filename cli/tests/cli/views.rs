//! Called by the names `wtmpdb` and `lastlog2`: the bytes that the tools themselves print, in
//! every view of every sample that has views.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use loginrec_testing::{Scratch, command_of, corpus, loginrec, root, run, text};

/// The output of a tool, and how it was called.
struct View {
    command: String,
    status: i32,
    printed: Vec<u8>,
}

fn views(path: &Path) -> Vec<View> {
    const MARK: &[u8] = b"$ TZ=UTC ";
    let bytes = fs::read(path).unwrap();
    let begins: Vec<usize> = (0..bytes.len())
        .filter(|&at| bytes[at..].starts_with(MARK) && (at == 0 || bytes[at - 1] == b'\n'))
        .collect();
    let ends = begins.iter().skip(1).copied().chain([bytes.len()]);
    let view = |(begin, end): (&usize, usize)| {
        let block = &bytes[begin + MARK.len()..end];
        let line = block.iter().position(|&byte| byte == b'\n').unwrap();
        let (head, printed) = (text(&block[..line]), &block[line + 1..]);
        let (command, status) = head.split_once("   (status ").unwrap();
        let status = status.trim_end_matches(')').parse().unwrap();
        // A blank line follows each.
        let printed = printed.strip_suffix(b"\n").unwrap_or(printed).to_vec();
        View { command: command.to_owned(), status, printed }
    };
    begins.iter().zip(ends).map(view).collect()
}

/// Views that are not compared, with the reason.
fn is_skipped(view: &View) -> Option<&'static str> {
    let has = |word: &str| view.command.split(' ').any(|given| given == word);
    match () {
        () if has("-h") || has("--help") => Some("help is our own"),
        () if view.status != 0 => Some("errors are our own"),
        () if has("-j") && view.command.starts_with("lastlog2") => {
            Some("the mode of the journal is an answer of `loginrec detect -v`")
        }
        () => None,
    }
}

#[cfg(unix)]
#[test]
fn views_of_the_tools() {
    let Some(folder) = corpus("sqlite") else { return };
    let links = Scratch::new();
    for tool in ["wtmpdb", "lastlog2"] {
        std::os::unix::fs::symlink(loginrec(), links.folder().join(tool)).unwrap();
    }
    let mut samples: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    samples.sort();
    let (mut same, mut lines) = (0, 0);
    for sample in samples.iter().filter(|sample| sample.join("views.txt").exists()) {
        let name = sample.file_name().unwrap().to_str().unwrap();
        for view in views(&sample.join("views.txt")) {
            if is_skipped(&view).is_some() {
                continue;
            }
            // An operand with a blank.
            let given = view.command.replace("2026-01-08 12:00", "2026-01-08T12:00");
            let mut words: Vec<&str> = given.split(' ').collect();
            let tool = links.folder().join(words.remove(0));
            if words.iter().any(|word| matches!(*word, "-b" | "-t")) && tool.ends_with("lastlog2") {
                // The day on which the views were made.
                words.push("--as-of=2026-02-01T00:00:00Z");
            }
            let output = command_of(&tool, &words).current_dir(sample).output().unwrap();
            let at = format!("{name}: {}", view.command);
            assert_eq!(output.status.code(), Some(0), "{at}: {}", text(&output.stderr));
            let (ours, theirs) = (text(&output.stdout), String::from_utf8_lossy(&view.printed));
            let (ours, theirs): (Vec<&str>, Vec<&str>) =
                (ours.split('\n').collect(), theirs.split('\n').collect());
            assert_eq!(ours.len(), theirs.len(), "{at}");
            for (ours, theirs) in ours.iter().zip(theirs) {
                lines += 1;
                assert!(is_same(name, ours, theirs), "{at}\n{ours:?}\n{theirs:?}");
            }
            same += 1;
        }
    }
    eprintln!("{same} views, {lines} lines");
    assert!(same >= 40, "{same}");
}

/// Compares a line byte for byte, but for two differences.
fn is_same(sample: &str, ours: &str, theirs: &str) -> bool {
    // A character that a column cuts in two is not UTF-8: it is escaped.
    if theirs.contains('\u{fffd}') {
        return ours.split("\\x").next() == theirs.split('\u{fffd}').next();
    }
    // lastlog2 1.3.1 prints a blank after the date, util-linux none. Their tables are the same.
    let is_row = sample == "t-lastlog2-1.3.1" && !theirs.starts_with("Username");
    ours == theirs || is_row && ours == theirs.strip_suffix(' ').unwrap_or(theirs)
}

fn told(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), text(&output.stderr))
}

#[test]
fn what_writes_is_refused() {
    for command in [
        &["wtmpdb", "boot"][..],
        &["wtmpdb", "shutdown", "-f", "wtmp.db"],
        &["wtmpdb", "rotate", "-d", "60"],
        &["wtmpdb", "import", "wtmp"],
        &["lastlog2", "-C", "-u", "root"],
        &["lastlog2", "-S", "-u", "root"],
        &["lastlog2", "-u", "root", "-r", "toor"],
        &["lastlog2", "-i", "lastlog"],
    ] {
        let (status, why) = told(&run(command));
        assert_eq!(status, Some(2), "{command:?}: {why}");
        assert!(why.contains("never changes what it reads"), "{command:?}: {why}");
    }
}

#[test]
fn other_files_are_named() {
    let wtmp = "fixtures/glibc-x86_64/wtmp";
    let (status, why) = told(&run(&["wtmpdb", "last", "-f", wtmp]));
    assert_eq!(status, Some(3));
    assert!(why.contains("use `loginrec last -f FILE`"), "{why}");
    let (status, why) = told(&run(&["lastlog2", "-d", "fixtures/linux-lastlog-292-le/lastlog"]));
    assert_eq!(status, Some(3));
    assert!(why.contains("use `loginrec lastlog FILE`"), "{why}");
}

/// Rows with NULL and texts that could control a terminal: nothing of them reaches it.
#[test]
fn odd_rows() {
    let Some(folder) = corpus("sqlite") else { return };
    let list = |sample: &str, more: &[&str]| {
        let path = folder.join(sample).join("wtmp.db");
        let args = [&["wtmpdb", "last", "-f", path.to_str().unwrap()], more].concat();
        let output = run(&args);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        output.stdout
    };
    for more in [&[][..], &["-w", "-S"], &["-j"], &["-a", "-x", "-F"]] {
        for sample in ["v-odd-text", "v-nulls", "v-other-order", "v-pid-column", "v-utf16le"] {
            let shown = list(sample, more);
            let is_safe = |byte: &u8| *byte == b'\n' || !byte.is_ascii_control();
            assert!(shown.iter().all(is_safe), "{sample} {}", text(&shown));
            if more.contains(&"-j") {
                let json: serde_json::Value = serde_json::from_slice(&shown).unwrap();
                assert!(!json["entries"].as_array().unwrap().is_empty(), "{sample}");
            }
        }
    }
    assert!(text(&list("v-nulls", &[])).contains(" ?   "));
    let empty = text(&list("v-wal-only", &["nobody-of-this-name"]));
    assert!(empty.contains(" begins "), "{empty}");
}

/// The example of docs/databases.md is what is printed.
#[test]
fn the_documented_example() {
    let Some(folder) = corpus("sqlite/t-wtmpdb-0.75.0") else { return };
    let Some(image) = corpus("sqlite/t-image-ext4") else { return };
    let page = fs::read_to_string(root().join("docs/databases.md")).unwrap();
    let mut examples = 0;
    for block in page.split("```console\n$ loginrec ").skip(1) {
        let (command, rest) = block.split_once('\n').unwrap();
        let shown = rest.split("```").next().unwrap();
        let (command, line): (_, Option<usize>) = match command.split_once(" | sed -n ") {
            Some((command, line)) => (command, line.trim_end_matches('p').parse().ok()),
            None => (command, None),
        };
        let words: Vec<&str> = command.split(' ').collect();
        let sample = if words.contains(&"image.ext4.gz") { &image } else { &folder };
        let output = command_of(loginrec(), &words).current_dir(sample).output().unwrap();
        let all = text(&output.stdout);
        let printed = match line {
            Some(line) => all.lines().nth(line - 1).map(|line| format!("{line}\n")).unwrap(),
            None => all,
        };
        assert_eq!(printed, shown, "{command}");
        examples += 1;
    }
    assert_eq!(examples, 6);
}

/// A system with other files only is not read in silence.
#[test]
fn a_root_without_a_database() {
    let scratch = Scratch::new();
    let image = scratch.path("web01");
    fs::create_dir_all(format!("{image}/var/log")).unwrap();
    for (file, from) in [
        ("wtmp", "fixtures/linux-glibc-384-le/wtmp"),
        ("lastlog", "fixtures/linux-lastlog-292-le/lastlog"),
    ] {
        fs::copy(root().join(from), format!("{image}/var/log/{file}")).unwrap();
    }
    for (command, why) in [
        (&["wtmpdb", "last"][..], "is not a database of wtmpdb"),
        (&["lastlog2"], "is not a database of lastlog2"),
    ] {
        let output = run(&[command, &["--root", &image]].concat());
        let (status, stderr) = told(&output);
        assert!(status == Some(3) && stderr.contains(why), "{command:?}: {status:?} {stderr}");
    }
}
