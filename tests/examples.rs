//! The programs in `examples/`, run as their first lines say.

use std::process::Command;

use loginrec_testing::root;

/// Runs an example, which cargo builds together with the tests.
fn run(example: &str, arguments: &[&str]) -> String {
    let tests = std::env::current_exe().unwrap();
    let program = tests.ancestors().nth(2).unwrap().join("examples").join(example);
    assert!(program.exists(), "`cargo build --examples` first, or test without --test");
    let output = Command::new(program).args(arguments).current_dir(root()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{example}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn records() {
    let out = run("records", &["fixtures/openbsd-utmp-304-le/wtmp"]);
    assert!(out.starts_with("openbsd-utmp-304-le\nbyte 304: "), "{out}");
}

#[test]
fn sessions() {
    let out = run("sessions", &["fixtures/freebsd-utx-log/utx.log"]);
    let alice = out.lines().find(|line| line.starts_with("alice ")).unwrap();
    assert!(
        alice.starts_with("alice 2023-05-02T19:55:20.853988Z to 2023-05-02T20:11:41."),
        "{out}"
    );
    assert!(alice.ends_with(": Logout"), "{out}");
}

#[test]
fn newest() {
    let out = run("newest", &["fixtures/freebsd-utx-log/utx.log"]);
    let times: Vec<&str> = out.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert!(times.len() > 2 && times.is_sorted_by(|newer, older| newer >= older), "{out}");
}

#[test]
fn audit() {
    let folder = tempfile();
    let mut wtmp = loginrec_testing::fixture("linux-glibc-400-le/wtmp");
    wtmp[800..1200].fill(0);
    let path = folder.join("wtmp");
    std::fs::write(&path, wtmp).unwrap();
    let out = run("audit", &[path.to_str().unwrap()]);
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(out.starts_with("byte 800: zeroed-record: "), "{out}");
}

#[test]
fn carve() {
    let out = run("carve", &["fixtures/glibc-s390x/utmp"]);
    assert!(out.starts_with("byte 0: linux-glibc-400-be reboot\n"), "{out}");
    assert_eq!(out.lines().count(), 5);
}

fn tempfile() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("loginrec-examples-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
