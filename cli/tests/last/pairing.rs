//! Rows of files made here, whole: what is printed, and where util-linux is not followed.

use loginrec_testing::Scratch;

use crate::clean;
use crate::generate::{boot, login, logout, record, shutdown};

const T: i32 = 1_700_000_000; // 2023-11-14 22:13:20

fn listed(records: &[Vec<u8>], options: &[&str]) -> String {
    let (_scratch, file) = Scratch::with("wtmp", &records.concat());
    clean(&[&["last", "-f", &file], options].concat())
}

#[test]
fn a_day() {
    let records = [
        boot(T),
        login("pts/0", "averylongname", T + 60),
        login("pts/1", "bob", T + 90),
        logout("pts/0", T + 3660),
        shutdown(T + 7200),
        boot(T + 7260),
        login("tty1", "eve", T + 7300),
        boot(T + 9000),
        login("ftp123", "ann", T + 9060),
        shutdown(T + 9120),
    ];
    assert_eq!(
        listed(&records, &["-x"]),
        "\
shutdown system down  6.1.0            Wed Nov 15 00:45
ann      ftp          host             Wed Nov 15 00:44 - down   (00:01)
reboot   system boot  6.1.0            Wed Nov 15 00:43 - 00:45  (00:02)
eve      tty1         host             Wed Nov 15 00:15 - crash  (00:28)
reboot   system boot  6.1.0            Wed Nov 15 00:14 - crash  (00:29)
shutdown system down  6.1.0            Wed Nov 15 00:13 - 00:14  (00:01)
bob      pts/1        host             Tue Nov 14 22:14 - down   (01:58)
averylo* pts/0        host             Tue Nov 14 22:14 - 23:14  (01:00)
reboot   system boot  6.1.0            Tue Nov 14 22:13 - 00:13  (02:00)

wtmp begins Tue Nov 14 22:13:20 2023
"
    );
}

/// util-linux drops the logout first and lists the login as not ended.
#[test]
fn a_filter_loses_no_logout() {
    let records = [boot(T), login("pts/0", "bob", T + 60), logout("pts/0", T + 3660)];
    let row = "bob      pts/0        host             Tue Nov 14 22:14 - 23:14  (01:00)\n";
    let footer = "\nwtmp begins Tue Nov 14 22:13:20 2023\n";
    for options in
        [["-t", "2023-11-14 22:30"], ["-p", "2023-11-14T22:30:00Z"], ["-s", "@1700000060"]]
    {
        let shown = listed(&records, &[&options, ["bob"].as_slice()].concat());
        assert_eq!(shown, format!("{row}{footer}"), "{options:?}");
    }
    assert_eq!(listed(&records, &["-p", "2023-11-14 23:30", "bob"]), footer);
}

#[test]
fn as_of_leaves_out_what_was_not_yet_written() {
    let records = [boot(T), login("pts/0", "bob", T + 60), logout("pts/0", T + 3660)];
    let shown = listed(&records, &["--as-of", "2023-11-14 22:30"]);
    let row = "bob      pts/0        host             Tue Nov 14 22:14   still logged in\n";
    assert!(shown.starts_with(row), "{shown}");
    let shown = listed(&records, &["--as-of", "2023-11-14 22:30", "-t", "-16min"]);
    assert!(shown.starts_with("reboot"), "{shown}");
}

#[test]
fn columns() {
    let host = "some.very.long.host.example.org";
    let records = [boot(T - 60), record(7, 1, "line-of-many-bytes", "user-of-many", host, T)];
    let row = |options: &[&str]| {
        let shown = listed(&records, options);
        shown.lines().next().unwrap().to_owned()
    };
    assert_eq!(
        row(&[]),
        "user-of* line-of-many some.very.long.* Tue Nov 14 22:13   still logged in"
    );
    assert_eq!(
        row(&["-T"]),
        "user-of*\tline-of-many\tsome.very.long.*\tTue Nov 14 22:13\t  still\tlogged in"
    );
    assert_eq!(
        row(&["-a"]),
        format!("user-of* line-of-many Tue Nov 14 22:13   still logged in    {host}")
    );
    assert_eq!(row(&["-R"]), "user-of* line-of-many Tue Nov 14 22:13   still logged in");
    assert_eq!(
        row(&["-i"]),
        "user-of* line-of-many 0.0.0.0          Tue Nov 14 22:13   still logged in"
    );
    assert_eq!(
        row(&["-w", "--time-format", "iso", "--tz", "-09:30"]),
        format!("user-of-many line-of-many {host} 2023-11-14T12:43:20-09:30   still logged in")
    );
    assert_eq!(row(&["-F", "--tz", "Asia/Kolkata"]).get(39..63), Some("Wed Nov 15 03:43:20 2023"));
    assert_eq!(
        row(&["--time-format=notime"]),
        "user-of* line-of-many some.very.long.*   logged in"
    );
}

/// Files of one history, whatever the order they are named in.
#[test]
fn rotated_files_are_one_history() {
    let older = [boot(T), login("pts/0", "alice", T + 60), login("pts/1", "bob", T + 70)].concat();
    let newer = [
        logout("pts/0", T + 600),
        login("pts/0", "carol", T + 700),
        boot(T + 900),
        login("tty1", "eve", T + 960),
    ];
    let scratch = Scratch::new();
    let paths = [scratch.file("wtmp.1", &older), scratch.file("wtmp", &newer.concat())];
    let expected = "\
eve      tty1         host             Tue Nov 14 22:29   still logged in
reboot   system boot  6.1.0            Tue Nov 14 22:28   still running
carol    pts/0        host             Tue Nov 14 22:25 - crash  (00:03)

wtmp begins Tue Nov 14 22:23:20 2023
bob      pts/1        host             Tue Nov 14 22:14 - crash  (00:13)
alice    pts/0        host             Tue Nov 14 22:14 - 22:23  (00:09)
reboot   system boot  6.1.0            Tue Nov 14 22:13 - crash  (00:15)

wtmp.1 begins Tue Nov 14 22:13:20 2023
";
    let [older, newer] = &paths;
    for files in [[older, newer], [newer, older]] {
        let args = ["last", "-f", files[0], "-f", files[1]];
        assert_eq!(clean(&args), expected);
        // Four lines of all files, not of each.
        let some = clean(&[&args[..], &["-n", "4"]].concat());
        assert_eq!(some.lines().filter(|line| line.contains("host")).count(), 3, "{some}");
        let present = clean(&[&args[..], &["-p", "2023-11-14 22:26", "--fullnames"]].concat());
        assert!(!present.contains("alice") && present.contains("bob"), "{present}");
    }
}

/// Only the newest boot can be running. util-linux says so of all that no shutdown follows.
#[test]
fn boots_without_a_shutdown() {
    let shown = listed(&[boot(T), boot(T + 3600), boot(T + 7200)], &[]);
    let ends: Vec<&str> = shown.lines().take(3).map(|line| &line[56..]).collect();
    assert_eq!(ends, ["  still running", "- crash  (01:00)", "- crash  (01:00)"]);
}

/// SLS and early Slackware came up in level 6, which reboots elsewhere.
#[test]
fn the_first_run_level_is_no_shutdown() {
    let level = |now, to: u8, before: u8| {
        record(1, i32::from(to) | i32::from(before) << 8, "~", "runlevel", "6.1.0", now)
    };
    let records = [
        boot(T),
        level(T + 6, b'6', b'N'),
        login("tty1", "eve", T + 60),
        level(T + 3600, b'6', b'6'),
        boot(T + 3660),
    ];
    let shown = listed(&records, &[]);
    let ends: Vec<&str> = shown.lines().take(3).map(|line| &line[56..]).collect();
    assert_eq!(ends, ["  still running", "- down   (00:59)", "- 23:13  (01:00)"]);
    let shown = listed(&[boot(T), level(T + 4000, b'6', b'N')], &[]);
    assert!(shown.contains("- 23:20  (01:06)"), "{shown}");
}

/// A line feed would begin a row that nobody wrote.
#[test]
fn no_control_character_is_printed() {
    let records = [boot(T - 60), record(7, 1, "pts/0", "a\nb\tc\x1b[m", "x\u{202e}y\x07", T)];
    let shown = listed(&records, &["-w", "--layout", "linux-glibc-384-le"]);
    assert!(shown.starts_with("a*Jb*Ic*[[m pts/0        x\\342\\200\\256y*G "), "{shown}");
}

#[test]
fn sessions_that_never_end_take_no_longer() {
    let records: Vec<Vec<u8>> =
        (0..80_000).map(|i| login(&format!("pts/{i}"), "bob", T + i)).collect();
    let begun = std::time::Instant::now();
    assert_eq!(listed(&records, &[]).lines().count(), 80_002);
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}
