//! `last --follow`.

use std::fs;

use loginrec_testing::{Scratch, run, told};

use crate::follow::{Following, append};

const T: i32 = 1_700_000_000; // 2023-11-14 22:13:20

fn record(kind: i16, line: &str, user: &str, time: i32) -> Vec<u8> {
    let mut bytes = vec![0; 384];
    let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
    put(0, &kind.to_le_bytes());
    put(4, &7_i32.to_le_bytes());
    put(8, line.as_bytes());
    put(44, user.as_bytes());
    put(340, &time.to_le_bytes());
    bytes
}

fn boot(time: i32) -> Vec<u8> {
    record(2, "~", "reboot", time)
}

fn login(line: &str, user: &str, time: i32) -> Vec<u8> {
    record(7, line, user, time)
}

const REBOOT: &str = "reboot   system boot                   Tue Nov 14 22:13";

#[test]
fn rows_as_sessions_begin_and_end() {
    let scratch = Scratch::new();
    let path = scratch.file("wtmp", &[boot(T), login("pts/0", "ann", T + 60)].concat());
    let following = Following::command("last", &["--tz", "UTC", "-n", "1", "-f", &path]);
    let ann = "ann      pts/0                         Tue Nov 14 22:14";
    assert_eq!(following.next(), format!("{ann}   still logged in"));
    assert_eq!(following.next(), "");
    assert_eq!(following.next(), "wtmp begins Tue Nov 14 22:13:20 2023");
    following.is_quiet();
    append(&path, &login("pts/1", "bob", T + 120));
    let bob = "bob      pts/1                         Tue Nov 14 22:15";
    assert_eq!(following.next(), format!("{bob}   still logged in"));
    append(&path, &record(8, "pts/0", "", T + 180)[..100]);
    following.is_quiet();
    append(&path, &record(8, "pts/0", "", T + 180)[100..]);
    assert_eq!(following.next(), format!("{ann} - 22:16  (00:02)"));
    // A logout that ends nothing is no row, a shutdown ends all.
    let more = [record(8, "pts/0", "", T + 190), record(1, "~", "shutdown", T + 240)].concat();
    append(&path, &more);
    assert_eq!(following.next(), format!("{REBOOT} - 22:17  (00:04)"));
    assert_eq!(following.next(), format!("{bob} - down   (00:02)"));
    append(&path, &boot(T + 600));
    assert_eq!(
        following.next(),
        "reboot   system boot                   Tue Nov 14 22:23   still running"
    );
    append(&path, &[login("pts/0", "eve", T + 700), boot(T + 760)].concat());
    let eve = "eve      pts/0                         Tue Nov 14 22:25";
    assert_eq!(following.next(), format!("{eve}   still logged in"));
    assert_eq!(
        following.next(),
        "reboot   system boot                   Tue Nov 14 22:23 - crash  (00:02)"
    );
    assert_eq!(following.next(), format!("{eve} - crash  (00:01)"));
    assert!(following.next().starts_with("reboot "));
    following.is_quiet();
}

#[cfg(unix)]
#[test]
fn a_session_goes_on_in_the_next_file() {
    let scratch = Scratch::new();
    let path = scratch.file("wtmp", &[boot(T), login("pts/0", "ann", T + 60)].concat());
    let following = Following::command("last", &["--tz", "UTC", "-x", "-f", &path]);
    (0..4).for_each(|_| drop(following.next()));
    following.is_quiet();
    fs::rename(&path, scratch.path("wtmp.1")).unwrap();
    scratch.file("wtmp", &record(8, "pts/0", "", T + 3660));
    following.says("was replaced");
    let ann = "ann      pts/0                         Tue Nov 14 22:14";
    assert_eq!(following.next(), format!("{ann} - 23:14  (01:00)"));
    append(&path, &record(1, "~", "shutdown", T + 3720));
    assert_eq!(following.next(), format!("{REBOOT} - 23:15  (01:02)"));
    let shutdown = "shutdown system down                   Tue Nov 14 23:15";
    assert_eq!(following.next(), shutdown);
    append(&path, &boot(T + 3780));
    assert_eq!(following.next(), format!("{shutdown} - 23:16  (00:01)"));
}

#[test]
fn failed_logins_and_a_file_to_come() {
    let scratch = Scratch::new();
    let path = scratch.path("btmp");
    let following = Following::command("lastb", &["--tz", "UTC", "-f", &path]);
    following.says("waiting for the file");
    fs::write(&path, login("ssh:notty", "root", T)).unwrap();
    let row = "root     ssh:notty                     Tue Nov 14 22:13 - 22:13  (00:00)";
    assert_eq!(following.next(), row);
    for args in [&["last", "--follow", "-f", "-"][..], &["last", "--follow", "--as-of", "now"]] {
        assert_eq!(told(&run(args)).0, 2, "{args:?}");
    }
}

/// The file that takes its place begins with a hole: its records are new all the same.
#[test]
fn replaced_by_a_file_that_begins_with_a_hole() {
    let scratch = Scratch::new();
    let whole: Vec<u8> = (0..400).flat_map(|at| login("pts/0", "ann", T + at)).collect();
    let path = scratch.file("wtmp", &whole);
    let args = ["--tz", "UTC", "-n", "1", "--layout", "linux-glibc-384-le", "-f", &path];
    let following = Following::command("last", &args);
    for _ in 0..3 {
        following.next();
    }
    let next = scratch.path("next");
    let file = fs::File::create(&next).unwrap();
    file.set_len(384 * 4000).unwrap();
    append(&next, &login("pts/1", "bob", T + 1000));
    fs::rename(&next, &path).unwrap();
    assert!(following.next().starts_with("bob      pts/1"));
}
