//! `timeline`: the files of three systems below one root.

use std::fs;
use std::path::Path;

use loginrec::UtType;
use loginrec_testing::linux_host::{Record, SLOT};
use loginrec_testing::{Scratch, clean, fixture, json_lines, run, text, told};

use crate::compressed::gzip;

/// 2023-03-14T00:00:00Z, the day of the Linux fixture.
const DAY: i64 = 1_678_752_000;

/// A refused login: the address is stored, no host.
fn refused(user: &str, sec: i64) -> Vec<u8> {
    let line = Record {
        ut_type: UtType::LoginProcess,
        pid: 4711,
        line: "ssh:notty",
        id: "",
        user,
        host: "",
        address: [203, 0, 113, 66],
        session: 0,
        sec,
        usec: 0,
    };
    line.bytes()
}

fn slot(sec: i64, line: &str, host: &str) -> Vec<u8> {
    let mut slot = vec![0; SLOT];
    slot[..4].copy_from_slice(&i32::try_from(sec).unwrap().to_le_bytes());
    slot[4..4 + line.len()].copy_from_slice(line.as_bytes());
    slot[36..36 + host.len()].copy_from_slice(host.as_bytes());
    slot
}

fn image(scratch: &Scratch) -> String {
    let image = scratch.path("image");
    let wtmp = fixture("linux-glibc-384-le/wtmp");
    let (older, newer) = wtmp.split_at(7 * 384);
    let mut lastlog = vec![0; 1000 * SLOT];
    lastlog.extend(slot(DAY + 25_795, "pts/0", "client.example.org"));
    lastlog.extend(slot(DAY + 27_695, "pts/1", "2001:db8::1:7"));
    // Not in order, as where several daemons write.
    let btmp = [refused("e\x1b[2Jve", DAY + 25_790), refused("root", DAY + 25_780)].concat();
    let files: [(&str, Vec<u8>); 7] = [
        ("etc/passwd", b"root:x:0:0::/:\nalice:x:1000:1000::/:\n".to_vec()),
        ("var/log/wtmp.1.gz", gzip(older)),
        ("var/log/wtmp", newer.to_vec()),
        ("var/log/btmp", btmp),
        ("var/log/lastlog", lastlog),
        ("var/log/wtmpx", fixture("netbsd-utmpx-520-le/wtmpx")),
        ("var/log/utx.log", fixture("freebsd-utx-log/utx.log")),
    ];
    for (path, bytes) in files {
        let path = Path::new(&image).join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    image
}

/// The table's rows: single blanks, files named from the root.
fn rows(image: &str, options: &[&str]) -> Vec<String> {
    let table = text(&clean(&[&["timeline", "--root", image], options].concat(), b""));
    let mut lines = table.lines();
    let headings: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(headings, ["TIME", "EVENT", "USER", "LINE", "HOST", "SOURCE"]);
    let prefix = format!("{}/", image.replace('\\', "/"));
    let row = |line: &str| {
        let mut cells: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let source = cells.pop().unwrap().replace("\\\\", "/").replace('\\', "/");
        cells.push(source.replace(&prefix, ""));
        cells.join(" ")
    };
    lines.map(row).collect()
}

#[test]
fn a_morning_on_linux() {
    let scratch = Scratch::new();
    let image = image(&scratch);
    let morning = ["--since", "2023-03-14", "--until", "2023-03-14 07:45"];
    let expected = [
        "2023-03-14T06:58:11Z boot reboot ~ 4.19.0-27 var/log/wtmp.1.gz:0",
        "2023-03-14T06:58:25Z run-level runlevel ~ 4.19.0-27 var/log/wtmp.1.gz:384",
        "2023-03-14T06:59:44Z login bob tty1 - var/log/wtmp.1.gz:1536",
        "2023-03-14T07:09:40Z failed-login root ssh:notty 203.0.113.66 var/log/btmp:384",
        r"2023-03-14T07:09:50Z failed-login e\x1b[2Jve ssh:notty 203.0.113.66 var/log/btmp:0",
        "2023-03-14T07:09:55Z last-login alice pts/0 client.example.org var/log/lastlog:292000",
        "2023-03-14T07:09:55Z login alice pts/0 client.example.org var/log/wtmp.1.gz:1920",
        "2023-03-14T07:41:35Z last-login 1001 pts/1 2001:db8::1:7 var/log/lastlog:292292",
        "2023-03-14T07:41:35Z login carol pts/1 2001:db8::1:7 var/log/wtmp.1.gz:2304",
    ];
    assert_eq!(rows(&image, &morning), expected);
    // The same in Berlin, and what --all adds.
    let late = ["--tz", "+01:00", "--since", "2023-03-14 08:41", "--until", "2023-03-14 08:42"];
    let shown = rows(&image, &late);
    assert_eq!(shown.len(), 2);
    assert!(shown[0].starts_with("2023-03-14T08:41:35+01:00 last-login 1001 "), "{shown:?}");
    let all = rows(&image, &[&morning[..], &["--all"]].concat());
    let more: Vec<&String> = all.iter().filter(|row| !expected.contains(&row.as_str())).collect();
    assert_eq!(
        more,
        [
            "2023-03-14T06:58:28Z init - - - var/log/wtmp.1.gz:768",
            "2023-03-14T06:58:29Z prompt LOGIN tty1 - var/log/wtmp.1.gz:1152",
        ]
    );
}

#[test]
fn one_user_on_three_systems() {
    let scratch = Scratch::new();
    let image = image(&scratch);
    assert_eq!(
        rows(&image, &["--user", "alice"]),
        [
            "2022-08-07T16:17:56Z login alice ttyE0 - var/log/wtmpx:1040",
            "2023-03-14T07:09:55Z last-login alice pts/0 client.example.org var/log/lastlog:292000",
            "2023-03-14T07:09:55Z login alice pts/0 client.example.org var/log/wtmp.1.gz:1920",
            "2023-03-14T08:59:24Z logout alice pts/0 client.example.org var/log/wtmp:1152",
            "2023-05-02T19:55:20Z login alice pts/0 client.example.org var/log/utx.log:71",
            "2023-05-02T20:11:41Z logout alice - client.example.org var/log/utx.log:244",
        ]
    );
    let both = rows(&image, &["--user", "1001", "--user", "root"]);
    assert_eq!(
        both,
        [
            "2023-03-14T07:09:40Z failed-login root ssh:notty 203.0.113.66 var/log/btmp:384",
            "2023-03-14T07:41:35Z last-login 1001 pts/1 2001:db8::1:7 var/log/lastlog:292292",
            "2023-05-02T19:30:20Z login root ttyv0 - var/log/utx.log:11",
        ]
    );
}

/// Times are those that `dump` gives, to the microsecond, in order; nothing is missing.
#[test]
fn jsonl_and_csv() {
    let scratch = Scratch::new();
    let image = image(&scratch);
    let args = ["timeline", "--root", &image, "--format"];
    let lines = json_lines(&clean(&[&args[..], &["jsonl"]].concat(), b""));
    // NetBSD without signature and empty record, Linux without init and prompt.
    assert_eq!(lines.len(), (13 - 2) + (14 - 2) + 12 + 2 + 2);
    assert!(lines.is_sorted_by_key(|line| line["time"].as_str().unwrap()[..19].to_owned()));
    let of_alice: Vec<_> = lines.iter().filter(|line| line["user"] == "alice").collect();
    assert_eq!((&of_alice[1]["uid"], &of_alice[1]["event"]), (&1000.into(), &"last-login".into()));
    assert_eq!(of_alice[2]["time"], "2023-03-14T07:09:55.669475Z");
    assert_eq!(of_alice[2]["addr"], "203.0.113.7");
    let logout = of_alice[3];
    assert_eq!((&logout["event"], &logout["addr"]), (&"logout".into(), &"203.0.113.7".into()));
    assert!(logout["login_file"].as_str().unwrap().ends_with("wtmp.1.gz"), "{logout}");
    assert_eq!((&logout["login_offset"], &logout["offset"]), (&1920.into(), &1152.into()));
    assert_eq!(of_alice[4]["layout"], "freebsd-utx-log");
    let unnamed = lines.iter().find(|line| line["uid"] == 1001).unwrap();
    assert!(unnamed.get("user").is_none(), "{unnamed}");

    let sheet = clean(&[&args[..], &["csv"]].concat(), b"");
    let mut sheet = csv::Reader::from_reader(&sheet[..]);
    let headings = sheet.headers().unwrap().clone();
    for (row, line) in sheet.records().map(Result::unwrap).zip(&lines) {
        for key in ["time", "event", "line", "layout"] {
            let at = headings.iter().position(|heading| heading == key).unwrap();
            assert_eq!(&row[at], line[key].as_str().unwrap());
        }
        let at = headings.iter().position(|heading| heading == "offset").unwrap();
        assert_eq!(row[at], line["offset"].to_string());
    }
}

/// The login lies before the range, and in another file; what the login's fields hold after their
/// NULs is not the logout's.
#[test]
fn a_logout_names_whom_it_ends() {
    let scratch = Scratch::new();
    let image = image(&scratch);
    let late = ["--since", "2023-03-14 08:50", "--until", "2023-03-14 09:00"];
    assert_eq!(
        rows(&image, &late),
        [
            "2023-03-14T08:58:42Z logout bob tty1 - var/log/wtmp:768",
            "2023-03-14T08:59:24Z logout alice pts/0 client.example.org var/log/wtmp:1152",
        ]
    );
    let args =
        ["timeline", "--format", "jsonl", "--user", "bob", "fixtures/linux-glibc-384-le/wtmp"];
    let lines = json_lines(&clean(&args, b""));
    let [login, logout] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(logout["login_offset"], login["offset"]);
    assert!(login.get("login_file").is_none());
    assert!(logout.get("user_residue").is_none(), "{logout}");
}

#[test]
fn last_logins_of_freebsd() {
    let scratch = Scratch::new();
    let records = fixture("freebsd-utx/utx.active");
    let active = scratch.file("utx.active", &records);
    let last = scratch.file("utx.lastlogin", &records);
    let lines = json_lines(&clean(&["timeline", "--format", "jsonl", &active, &last], b""));
    let events = |file: &str, event: &str| {
        lines.iter().filter(|line| line["file"] == file && line["event"] == event).count()
    };
    assert!(events(&active, "login") > 0);
    assert_eq!(events(&last, "last-login"), events(&active, "login"));
    assert_eq!((events(&last, "login"), events(&active, "last-login")), (0, 0));
}

/// Rows are not kept until the end; headings come once, and none is lost.
#[test]
fn many_rows() {
    let scratch = Scratch::new();
    let records: Vec<u8> = (0..5000).flat_map(|at| refused("eve", DAY - at)).collect();
    let btmp = scratch.file("btmp", &records);
    let table = text(&clean(&["timeline", &btmp], b""));
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 5001);
    assert_eq!(lines.iter().filter(|line| line.starts_with("TIME")).count(), 1);
    assert!(lines[1..].is_sorted());
}

#[test]
fn what_cannot_be_read() {
    let scratch = Scratch::new();
    let (status, stderr) = told(&run(&["timeline", "nowhere"]));
    assert!(status == 3 && stderr.contains("nowhere: no such file"), "{stderr}");
    let (status, stderr) = told(&run(&["timeline"]));
    assert!(status == 2 && stderr.contains("FILE is missing"), "{stderr}");
    let wtmp = fixture("linux-glibc-384-le/wtmp");
    let cut = scratch.file("wtmp", &wtmp[..wtmp.len() - 100]);
    let output = run(&["timeline", &cut]);
    let (status, stderr) = told(&output);
    assert!(status == 4 && stderr.contains("byte 4992: record cut short"), "{stderr}");
    assert_eq!(text(&output.stdout).lines().count(), 1 + 11);
    // A slot with a line and a host and no time.
    let output = run(&["timeline", "fixtures/linux-lastlog-292-le/lastlog"]);
    let (status, stderr) = told(&output);
    assert!(status == 0 && stderr.contains("1 record without a time is omitted"), "{stderr}");
    assert_eq!(text(&output.stdout).lines().count(), 1 + 6);
}
