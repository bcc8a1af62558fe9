//! Times in arguments.

use loginrec_testing::{Scratch, run};

use crate::generate::boot;

const T: i32 = 1_700_000_000; // 2023-11-14 22:13:20

/// Every form chooses the record of its moment: `--present` from then on, `--since` up to it.
#[test]
fn every_form_is_understood() {
    let (_scratch, file) = Scratch::with("wtmp", &boot(T));
    for (time, zone) in [
        ("20231114221320", "UTC"),
        ("2023-11-14 22:13:20", "UTC"),
        ("2023-11-14T22:13:20", "UTC"),
        ("2023-11-14T14:13:20", "America/Los_Angeles"),
        ("2023-11-15 03:43:20", "Asia/Kolkata"),
        ("22:13:20", "UTC"),
        ("now", "UTC"),
        ("+0min", "UTC"),
        ("@1700000000", "Asia/Kolkata"),
        ("2023-11-14T23:13:20+01:00", "Asia/Kolkata"),
        ("2023-11-14T22:13:20Z", "Asia/Kolkata"),
    ] {
        let lines = |option: &str, as_of: &str| {
            let args = ["last", "-f", &file, "--tz", zone, option, time, "--as-of", as_of];
            let output = run(&args);
            assert!(output.status.success(), "{args:?}: {output:?}");
            output.stdout.split(|&b| b == b'\n').filter(|line| line.starts_with(b"reboot")).count()
        };
        assert_eq!(lines("--since", "@1700000000"), 1, "{time}");
        assert_eq!(lines("--until", "@1700000000"), 1, "{time}");
        assert_eq!(lines("--present", "@1700000000"), 1, "{time}");
    }
}

/// The newest record of the file that is named, not the clock of this machine.
#[test]
fn without_an_as_of_the_newest_record_is_now() {
    let records = [boot(T - 3 * 86_400), boot(T - 3600), boot(T)].concat();
    let (_scratch, file) = Scratch::with("wtmp", &records);
    for (time, rows) in [("today", 2), ("-2days", 2), ("now", 1), ("-99years", 3)] {
        let output = run(&["last", "-f", &file, "--tz", "UTC", "-s", time]);
        let shown = String::from_utf8(output.stdout).unwrap();
        assert_eq!(shown.matches("reboot").count(), rows, "{time}");
    }
}

/// Under its own name `last` counts from the clock, as util-linux does.
#[test]
fn the_clock_is_now_for_the_tool() {
    let (_scratch, file) = Scratch::with("wtmp", &boot(T));
    for (time, rows) in [("today", 0), ("-2days", 0), ("yesterday", 0), ("-99years", 1)] {
        let output = run(&["last", "--clock", "-f", &file, "-s", time]);
        let shown = String::from_utf8(output.stdout).unwrap();
        assert_eq!(shown.matches("reboot").count(), rows, "{time}");
    }
}
