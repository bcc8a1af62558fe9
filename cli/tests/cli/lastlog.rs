//! `lastlog` against that of shadow: stored outputs of its machines.

use std::fs;

use loginrec_testing::{Scratch, clean, corpus, json_lines, run, text, told};
use serde_json::{Value, json};

const LASTLOG: &str = "fixtures/linux-lastlog-292-le/lastlog";
const HEADING: &str =
    "Username         Port     From                                       Latest\n";

#[test]
fn stored_output_of_debian_12() {
    let names = ["generated/x86_64/lastlog", "generated/tools-debian12/lastlog.passwd"];
    let [file, passwd] = names.map(corpus);
    let (Some(file), Some(passwd), Some(listing)) =
        (file, passwd, corpus("generated/tools-debian12/lastlog.txt"))
    else {
        return;
    };
    let args = ["lastlog", "--tz", "UTC", "--passwd", passwd.to_str().unwrap()];
    let got = text(&clean(&[&args[..], &[file.to_str().unwrap()]].concat(), b""));
    let listing = fs::read(listing).unwrap();
    let expected = String::from_utf8_lossy(&listing);
    assert_eq!(got.lines().count(), expected.lines().count());
    for (got, expected) in got.lines().zip(expected.lines()) {
        // There a host of 256 bytes runs into the bytes after it; here one blank follows it.
        match expected.split_once('\u{fffd}') {
            Some((host, rest)) => {
                let time = &rest[rest.len() - "Tue Nov 14 22:16:40 +0000 2023".len()..];
                assert_eq!(got.replace("  ", " "), format!("{host} {time}").replace("  ", " "));
            }
            None => assert_eq!(got, expected),
        }
    }
}

/// From machines: in the zones they had.
#[test]
fn stored_outputs_of_machines() {
    let scratch = Scratch::new();
    let passwd = scratch.file("passwd", b"root:x:0:0::/root:/bin/sh\n");
    for (folder, zone) in [("debian13-riscv64", "-08:00"), ("centos7-x86_64", "-05:00")] {
        let (Some(file), Some(listing)) =
            (corpus(&format!("{folder}/lastlog")), corpus(&format!("{folder}/lastlog.txt")))
        else {
            continue;
        };
        let file = file.to_str().unwrap();
        let args = ["lastlog", "--tz", zone, "--passwd", &passwd, "-u", "root", file];
        let got = text(&clean(&args, b""));
        let listing = fs::read_to_string(listing).unwrap();
        let expected = listing.lines().find(|line| line.starts_with("root ")).unwrap();
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let row = got.lines().nth(1).unwrap();
        // The column of hosts was narrower in the shadow of CentOS 7.
        assert_eq!(words(row), words(expected), "{folder}");
        if folder == "debian13-riscv64" {
            assert_eq!(row, expected);
        }
    }
}

fn names(args: &[&str]) -> Vec<String> {
    let args = [&["lastlog", "--tz", "UTC"], args].concat();
    let got = text(&clean(&args, b""));
    let rows = got.strip_prefix(HEADING).unwrap().lines();
    rows.map(|row| row.split(' ').next().unwrap().to_owned()).collect()
}

/// From the fixture's jsonl: uids 0 (6 April 2022), 3 (15 April), 4 (16 April), 9 (4 May,
/// the newest), 11 (never), 17 and 23 (30 April).
#[test]
fn users_with_and_without_names() {
    assert_eq!(names(&[LASTLOG]), ["0", "3", "4", "9", "11", "17", "23"]);
    let scratch = Scratch::new();
    let passwd = scratch.file(
        "passwd",
        b"# of an image\nzoe:x:9:9::/:\n+::::::\nadm:x:4:4::/:\nnew:x:5000:1::/:\ntoor:x:0:0::/:\n\
          root:x:0:0::/:\n",
    );
    let named = |args: &[&str]| names(&[&["--passwd", passwd.as_str()], args, &[LASTLOG]].concat());
    assert_eq!(named(&[]), ["zoe", "adm", "new", "toor", "root", "3", "11", "17", "23"]);
    assert_eq!(named(&["-u", "adm"]), ["adm"]);
    assert_eq!(named(&["-u", "0"]), ["toor", "root"]);
    assert_eq!(named(&["-u", "9-11"]), ["zoe", "11"]);
    assert_eq!(named(&["-u", "-3"]), ["toor", "root", "3"]);
    assert_eq!(named(&["-u", "17-"]), ["new", "17", "23"]);
    // Five days back from 4 May 14:32.
    assert_eq!(named(&["-t", "5"]), ["zoe", "17", "23"]);
    assert_eq!(named(&["-b", "20"]), ["new", "toor", "root", "11"]);
    assert_eq!(named(&["-t", "5", "--as-of", "2022-04-16"]), ["zoe", "adm", "3", "17", "23"]);

    let (status, message) = told(&run(&["lastlog", "-u", "zoe", LASTLOG]));
    assert_eq!(status, 3);
    assert!(message.contains("--passwd"), "{message}");
    let (status, message) = told(&run(&["lastlog", "--passwd", "nowhere", LASTLOG]));
    assert_eq!((status, message), (4, "loginrec: nowhere: no such file\n".to_owned()));
}

#[test]
fn json_and_csv() {
    let scratch = Scratch::new();
    let passwd = scratch.file("passwd", b"adm:x:4:4::/:\nnew:x:5000:1::/:\n");
    let with = |format| {
        let args = ["lastlog", "--format", format, "--passwd", &passwd, LASTLOG];
        clean(&args, b"")
    };
    let lines = json_lines(&with("jsonl"));
    assert_eq!(lines.len(), 8);
    assert_eq!(
        lines[0],
        json!({
            "uid": 4, "user": "adm", "line": "ttyp1", "host": "h\\xf6st.example",
            "host_hex": "68f673742e6578616d706c65", "time": "2022-04-16T10:58:56.000000Z",
            "file": LASTLOG, "layout": "linux-lastlog-292-le", "offset": 1168,
        })
    );
    assert_eq!(
        lines[1],
        json!({ "uid": 5000, "user": "new", "time": null, "file": LASTLOG, "layout": null, "offset": null })
    );
    let never = lines.iter().find(|line| line["uid"] == 11).unwrap();
    assert_eq!((&never["time"], &never["line"]), (&Value::Null, &"pts/9".into()));
    let csv = text(&with("csv"));
    let mut rows = csv.lines();
    assert_eq!(
        rows.next(),
        Some(
            "machine,source,uid,user,line,host,addr,time,raw_sec,raw_usec,service,file,layout,offset"
        )
    );
    let adm = ",,4,adm,ttyp1,h\\xf6st.example,,2022-04-16T10:58:56.000000Z,,,,";
    assert_eq!(rows.next(), Some(format!("{adm}{LASTLOG},linux-lastlog-292-le,1168").as_str()));
}

#[test]
fn databases_and_names_in_records() {
    let netbsd = names(&["fixtures/netbsd-lastlogx-428-le/lastlogx"]);
    let mut uids: Vec<u32> = netbsd.iter().map(|uid| uid.parse().unwrap()).collect();
    assert_eq!(uids.len(), 8);
    uids.dedup();
    assert!(uids.is_sorted() && uids.len() == 8, "{uids:?}");

    if let Some(file) = corpus("freebsd14-amd64/utx.lastlogin") {
        let file = file.to_str().unwrap();
        let got = text(&clean(&["lastlog", "--tz", "-05:00", file], b""));
        let row = "root             pts/0    host.net                                  \
                   Fri Feb  2 21:08:37 -0500 2024\n";
        assert_eq!(got, format!("{HEADING}{row}"));
        let scratch = Scratch::new();
        let passwd = scratch.file("passwd", b"bob:*:9:9::/:\nroot:*:0:0::0:0::/:\n");
        let with = |user| names(&["--passwd", &passwd, "-u", user, file]);
        assert_eq!(with("0"), ["root"]);
        assert_eq!(with("root"), ["root"]);
        assert_eq!(names(&["-u", "root", file]), ["root"]);
    }
}

#[test]
fn failed_logins_are_no_last_logins() {
    let (status, message) = told(&run(&["lastlog", "fixtures/glibc-x86_64/btmp"]));
    assert_eq!(status, 3);
    assert!(message.contains("loginrec lastb"), "{message}");
}
