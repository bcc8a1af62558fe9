//! `ac`, compared with GNU ac.

use std::process::Command;

use loginrec_testing::{Rng, Scratch, clean, run, skip, text};

/// Lines of utmpdump, as a machine writes them. Every login ends: ac would count an open one up to
/// the present.
fn events(rng: &mut Rng) -> String {
    let mut second = 1_700_000_000 + rng.below(10_000_000) as i64;
    let mut lines = String::new();
    let mut add = |kind: u8, pid: u64, line: &str, user: &str, second: i64| {
        let time = loginrec::Timestamp { tv_sec: second, tv_usec: 0 }.to_utc().unwrap();
        let (date, clock) = (time.date(), time.time());
        let (h, m, s) = clock.as_hms();
        let id = line.get(line.len().saturating_sub(4)..).unwrap();
        lines += &format!(
            "[{kind}] [{pid:05}] [{id:4}] [{user:8}] [{line:12}] [{:20}] [{:15}] [{date}T{h:02}:{m:02}:{s:02},000000+00:00]\n",
            "", "0.0.0.0"
        );
    };
    let users = ["alice", "bob", "carol"];
    let lines_of = ["pts/0", "pts/1", "pts/2", "tty1"];
    let mut open: [Option<u64>; 4] = [None; 4];
    add(2, 0, "~", "reboot", second);
    for n in 0..10 + rng.below(50) {
        second += 1 + rng.below(40_000) as i64;
        let at = rng.index(4);
        let (chance, user) = (rng.below(100), users[rng.index(3)]);
        match open[at] {
            Some(pid) if chance < 60 => {
                open[at] = None;
                add(8, pid, lines_of[at], "", second);
            }
            None if chance < 94 => {
                open[at] = Some(1000 + n);
                add(7, 1000 + n, lines_of[at], user, second);
            }
            _ if chance < 97 => {
                open[at] = Some(1000 + n);
                add(7, 1000 + n, lines_of[at], user, second);
            }
            _ => {
                open = [None; 4];
                if chance == 99 {
                    add(1, 0, "~", "shutdown", second);
                    second += 60;
                }
                add(2, 0, "~", "reboot", second);
            }
        }
    }
    for (pid, line) in open.iter().zip(lines_of) {
        second += 100;
        if let Some(pid) = pid {
            add(8, *pid, line, "", second);
        }
    }
    lines
}

/// The lines; users of a day in alphabetical order.
fn sorted(output: &[u8]) -> Vec<String> {
    let (mut all, mut users) = (Vec::new(), Vec::new());
    for line in text(output).lines() {
        users.push(line.to_owned());
        if line.contains("total") {
            let total = users.pop();
            users.sort();
            all.append(&mut users);
            all.extend(total);
        }
    }
    all
}

#[test]
fn the_same_as_gnu_ac() {
    let installed = Command::new("ac").arg("--version").output();
    if !installed.is_ok_and(|output| text(&output.stdout).contains("GNU")) {
        return skip("there is no GNU ac: package acct");
    }
    let mut rng = Rng::new(9);
    let scratch = Scratch::new();
    for number in 0..40 {
        let events = scratch.file(&format!("events{number}"), events(&mut rng).as_bytes());
        let wtmp = scratch.path(&format!("wtmp{number}"));
        clean(&["undump", "--layout", "linux-glibc-384-le", "-o", &wtmp, &events], b"");
        for options in [
            &[][..],
            &["-p"],
            &["-d"],
            &["-d", "-p"],
            &["-p", "--compatibility"],
            &["-d", "--reboots"],
            &["--supplants"],
            &["-d", "--print-year", "alice"],
        ] {
            let mut theirs = Command::new("ac");
            let theirs =
                theirs.env("TZ", "UTC").args(options).args(["-f", &wtmp]).output().unwrap();
            let ours = clean(&[&["ac", "--tz", "UTC"], options, &["-f", &wtmp]].concat(), b"");
            assert_eq!(sorted(&ours), sorted(&theirs.stdout), "{options:?} of file {number}");
        }
    }
}

/// Hours worked out by hand, of a platform that GNU ac cannot read.
#[test]
fn hours_of_other_platforms() {
    const EVENTS: &str = "\
[2] [00000] [~~  ] [reboot  ] [~           ] [                    ] [0.0.0.0        ] [2024-03-01T17:00:00,000000+00:00]
[7] [00101] [ts/0] [alice   ] [pts/0       ] [                    ] [0.0.0.0        ] [2024-03-01T22:00:00,000000+00:00]
[7] [00102] [ts/1] [bob     ] [pts/1       ] [                    ] [0.0.0.0        ] [2024-03-01T23:30:00,000000+00:00]
[8] [00101] [ts/0] [        ] [pts/0       ] [                    ] [0.0.0.0        ] [2024-03-02T01:15:00,000000+00:00]
[7] [00103] [ts/2] [carol   ] [pts/2       ] [                    ] [0.0.0.0        ] [2024-03-04T00:00:00,000000+00:00]
[8] [00102] [ts/1] [        ] [pts/1       ] [                    ] [0.0.0.0        ] [2024-03-04T01:00:00,000000+00:00]
";
    for layout in ["linux-glibc-384-be", "netbsd-utmpx-520-le", "svr4-utmpx-372-be"] {
        let scratch = Scratch::new();
        let events = scratch.file("events", EVENTS.as_bytes());
        let wtmp = scratch.path("wtmpx");
        clean(&["undump", "--layout", layout, "-o", &wtmp, &events], b"");
        let ac = |options: &[&str]| {
            let output = run(&[&["ac", "--tz", "UTC"], options, &["-f", &wtmp]].concat());
            assert!(output.status.success(), "{}", text(&output.stderr));
            let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
            let lines: Vec<String> = text(&output.stdout).lines().map(words).collect();
            lines.join("; ")
        };
        // Open sessions count up to the newest record.
        assert_eq!(ac(&["-p"]), "alice 3.25; bob 49.50; carol 1.00; total 53.75", "{layout}");
        let days = "Mar 1 total 2.50; Mar 2 total 25.25; Mar 3 total 24.00; Mar 4 total 2.00";
        assert_eq!(ac(&["-d"]), days, "{layout}");
        assert_eq!(ac(&["-d", "-a", "-y", "carol"]), "Mar 4 2024 total 1.00", "{layout}");
        assert_eq!(ac(&["nobody"]), "total 0.00", "{layout}");
    }
}

/// A file that is not a history has no hours, which is not the same as zero hours.
#[test]
fn nothing_is_summed_up_where_nothing_is_read() {
    let scratch = Scratch::new();
    let noise: Vec<u8> =
        (0..9000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let place = scratch.file("wtmp", &noise);
    let output = run(&["ac", "-f", &place]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(3), 0));
    // By what is stored: days without end cost a line each, not more.
    const EVENTS: &str = "\
[7] [00101] [ts/0] [alice   ] [pts/0       ] [                    ] [0.0.0.0        ] [1970-03-01T22:00:00,000000+00:00]
[8] [00101] [ts/0] [        ] [pts/0       ] [                    ] [0.0.0.0        ] [2030-03-01T23:00:00,000000+00:00]
";
    let events = scratch.file("events", EVENTS.as_bytes());
    let wtmp = scratch.path("wtmp-long");
    clean(&["undump", "--layout", "linux-glibc-384-le", "-o", &wtmp, &events], b"");
    let days = clean(&["ac", "-d", "--tz", "UTC", "-f", &wtmp], b"");
    // From 1970-03-01 to 2030-03-01: sixty years, fifteen of them leap years.
    assert_eq!(text(&days).lines().count(), 60 * 365 + 15 + 1);
    assert!(text(&days).lines().last().unwrap().ends_with("23.00"));
}
