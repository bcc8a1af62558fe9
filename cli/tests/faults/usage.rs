//! Wrong usage: status 2, under the name of a tool 1; arguments are not repeated raw.

use loginrec::Text;
use loginrec_testing::{loginrec, run, text, told};

#[cfg(unix)]
fn called(tool: &str, args: &[&str]) -> std::process::Output {
    use std::os::unix::process::CommandExt as _;
    let mut command = std::process::Command::new(loginrec());
    command.arg0(tool).args(args).output().unwrap()
}

#[cfg(unix)]
#[test]
fn statuses_of_wrong_usage() {
    for (tool, args) in [
        ("last", &["--no-such-option"][..]),
        ("last", &["--since", "whenever"]),
        ("utmpdump", &["--follow", "-"]),
        ("utmpdump", &["--raw", "wtmp"]),
        ("who", &["-", "-"]),
        ("lastlog", &["--format", "x"]),
    ] {
        let output = called(tool, args);
        assert_eq!(told(&output).0, 1, "{tool} {args:?}");
        assert!(output.stdout.is_empty());
        assert!(told(&output).1.starts_with("error: "), "{}", told(&output).1);
    }
    for args in [
        &["dump", "--follow", "-"][..],
        &["dump", "--raw", "wtmp"],
        &["who", "-", "-"],
        &["dump", "--format", "x", "wtmp"],
        &["dump", "--threads", "0", "wtmp"],
        &["carve", "--threads", "256", "disk.img"],
        &["no-such-command"],
        &[],
    ] {
        assert_eq!(told(&run(args)).0, 2, "{args:?}");
    }
}

#[cfg(unix)]
#[test]
fn everything_tells_its_version() {
    let version = env!("CARGO_PKG_VERSION");
    for command in [
        "dump", "undump", "detect", "layouts", "last", "lastb", "lastlog", "who", "ac", "sessions",
        "boots", "timeline",
    ] {
        for option in ["--version", "-V"] {
            let output = run(&[command, option]);
            assert_eq!(text(&output.stdout), format!("loginrec-{command} {version}\n"));
            assert_eq!(told(&output), (0, String::new()));
        }
    }
    for tool in ["last", "lastb", "lastlog", "wtmpdb", "lastlog2", "who", "ac", "utmpdump"] {
        let output = called(tool, &["-V"]);
        assert!(text(&output.stdout).contains(version), "{tool}: {output:?}");
        assert_eq!(told(&output), (0, String::new()));
    }
}

#[test]
fn arguments_cannot_steer_the_terminal() {
    const BAD: &str = "\x1b[2J\x1b]0;x\x07\u{9b}31m\u{202e}\r\u{200b}";
    let option = format!("--{BAD}");
    for args in [
        &[BAD][..],
        &["dump", &option],
        &["dump", "--format", BAD, "wtmp"],
        &["dump", "--layout", BAD, "wtmp"],
        &["dump", "--max-size", BAD, "wtmp"],
        &["sessions", "--since", BAD, "wtmp"],
        &["last", "--tz", BAD],
        &["completions", BAD],
    ] {
        let output = run(args);
        let (status, stderr) = told(&output);
        assert!(matches!(status, 2 | 3), "{args:?}: {status}");
        assert!(stderr.contains(r"\x1b[2J\x1b]0;x\x07\u{9b}31m\u{202e}"), "{args:?}: {stderr}");
        assert!(
            !stderr.chars().any(|c| c != '\n' && Text::is_deceptive(c)),
            "{args:?}: {stderr:?}"
        );
    }
}
