//! `sessions` and `boots`. What is expected was worked out by hand from the events the
//! fixtures' JSON says.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use loginrec_testing::{Scratch, clean, command, corpus, json_lines, root, run, text, told};
use serde_json::{Value, json};

const FREEBSD: &str = "fixtures/freebsd-utx-log/utx.log";
const NETBSD: &str = "fixtures/netbsd-utmpx-516-le/wtmpx";
const SOLARIS: &str = "fixtures/svr4-utmpx-372-be/wtmpx";

/// Only a note that no session matches may be on standard error.
fn sessions(args: &[&str]) -> Vec<Value> {
    let output = run(&[&["sessions", "--format", "jsonl"], args].concat());
    let note = text(&output.stderr);
    let is_clean = note.is_empty() || output.stdout.is_empty() && note.contains("no session");
    assert!(output.status.success() && is_clean, "{args:?}: {note}");
    json_lines(&output.stdout)
}

/// User, end and the bytes of both records of each session.
fn outline(sessions: &[Value]) -> Vec<(&str, &str, u64, Option<u64>)> {
    let part = |session: &'_ Value| -> (u64, Option<u64>) {
        (session["offset"].as_u64().unwrap(), session["logout_offset"].as_u64())
    };
    let word = |value| Value::as_str(value).unwrap();
    let all = sessions.iter().map(|session| {
        let (offset, closing) = part(session);
        (word(&session["user"]), word(&session["how"]), offset, closing)
    });
    all.collect()
}

const ALEXANDRA: &str = "alexandra-alexandra-alexandra-al";

/// An empty list could be taken for an answer to another question.
#[test]
fn no_rows_are_explained() {
    let nothing = run(&["sessions", "--format", "jsonl", "--user", "nobody-here", FREEBSD]);
    let why = text(&nothing.stderr);
    let all = sessions(&[FREEBSD]).len();
    assert!(nothing.stdout.is_empty() && nothing.status.success());
    assert!(why.contains("no session matches") && why.contains(&format!("have {all}")), "{why}");

    let scratch = Scratch::new();
    let line = "[6] [00812] [tty1] [LOGIN   ] [tty1        ] [                    ] \
        [0.0.0.0        ] [2023-11-14T22:14:20,500000+00:00]\n";
    let prompts = scratch.file("prompts", line.repeat(9).as_bytes());
    let wtmp = scratch.path("wtmp");
    clean(&["undump", "--layout", "linux-glibc-384-le", "-o", &wtmp, &prompts], b"");
    let nothing = run(&["sessions", "--format", "csv", &wtmp]);
    assert!(nothing.status.success() && text(&nothing.stderr).contains("no logins"));
}

#[test]
fn freebsd_by_identifier() {
    let all = sessions(&[FREEBSD]);
    assert_eq!(
        outline(&all),
        [
            ("alice", "logout", 71, Some(244)),
            ("bob", "logout", 160, Some(267)),
            ("root", "shutdown", 11, Some(591)),
            (ALEXANDRA, "shutdown", 311, Some(591)),
            ("ren\\xe9", "shutdown", 510, Some(591)),
        ]
    );
    assert_eq!(
        all[4],
        json!({
            "user": "ren\\xe9", "user_hex": "72656ee9", "line": "pts/2", "host": "192.0.2.60",
            "login": "2023-05-02T21:12:51.756791Z", "logout": "2023-05-03T02:46:11.028620Z",
            "seconds": 19999, "how": "shutdown",
            "disputed": false, "file": FREEBSD, "offset": 510,
            "logout_file": FREEBSD, "logout_offset": 591,
        })
    );
    // 19:30:20.582159 to 02:46:11.028620, with the clock set forward from 20:12:33.941304 to
    // 21:12:33.213133 in between.
    assert_eq!(all[2]["seconds"], 26150);
    let corrected = sessions(&["--correct-clock", "--user", "root", FREEBSD]);
    assert_eq!(corrected[0]["seconds"], 22551);
}

#[test]
fn netbsd_by_line() {
    let all = sessions(&[NETBSD]);
    assert_eq!(
        outline(&all),
        [
            ("bob", "logout", 1548, Some(3612)),
            ("alice", "shutdown", 1032, Some(5676)),
            ("carol", "shutdown", 2064, Some(5676)),
            (ALEXANDRA, "shutdown", 2580, Some(5676)),
            ("zoë", "shutdown", 3096, Some(5676)),
        ]
    );
    assert_eq!(all[1]["seconds"], 18100);
    assert_eq!(all[2]["addr"], "2001:db8::1:7");
    assert_eq!(all[4]["host_hex"], "68f673742e6578616d706c652e6e6574");
    // The OLD_TIME and NEW_TIME records are 30 minutes and 1.271829 seconds apart.
    let corrected = sessions(&["--correct-clock", "--user", "alice", NETBSD]);
    assert_eq!(corrected[0]["seconds"], 16298);
}

#[test]
fn solaris_with_sessions_left_open() {
    let all = sessions(&[SOLARIS]);
    assert_eq!(
        outline(&all),
        [
            ("bob", "logout", 1860, Some(4092)),
            ("alice", "open", 1488, None),
            ("carol", "open", 2232, None),
            (ALEXANDRA, "open", 2604, None),
            ("jos\\xe9", "open", 2976, None),
        ]
    );
    // From 15:21:17.397646 until the newest record, which is of 18:00:28.572278.
    assert_eq!((&all[1]["logout"], &all[1]["seconds"]), (&Value::Null, &json!(9551)));
    assert!(all[1].get("addr").is_none(), "Solaris stores no address");
    assert_eq!(outline(&sessions(&["--open", SOLARIS])), outline(&all[1..]));
    let csv = text(&clean(&["sessions", "--format", "csv", "--user", "bob", SOLARIS], b""));
    assert_eq!(
        csv,
        format!(
            "machine,source,user,line,host,addr,service,login,logout,seconds,how,disputed,file,offset,\
             logout_file,logout_offset\n,,bob,pts/1,192.0.2.17,,,2004-06-08T15:31:23.669475Z,\
             2004-06-08T18:00:20.300449Z,8936,logout,false,{SOLARIS},1860,{SOLARIS},4092\n"
        )
    );
}

#[test]
fn a_table_in_the_order_of_logins() {
    let table = text(&clean(&["sessions", "--line", "pts/1", "--line", "ttyE0", NETBSD], b""));
    let rows: Vec<Vec<&str>> =
        table.lines().map(|line| line.split_whitespace().collect()).collect();
    let places = [format!("{NETBSD}:1032..5676"), format!("{NETBSD}:2064..5676")];
    assert_eq!(
        rows,
        [
            vec![
                "USER", "LINE", "HOST", "ADDRESS", "LOGIN", "LOGOUT", "DURATION", "HOW", "RECORDS"
            ],
            vec![
                "alice",
                "ttyE0",
                "-",
                "-",
                "2014-06-25T20:34:18Z",
                "2014-06-26T01:35:58Z",
                "0+05:01:40",
                "shutdown",
                &places[0],
            ],
            vec![
                "carol",
                "pts/1",
                "client.example.org",
                "2001:db8::1:7",
                "2014-06-25T20:50:35Z",
                "2014-06-26T01:35:58Z",
                "0+04:45:23",
                "shutdown",
                &places[1],
            ],
        ]
    );
    let east = text(&clean(&["sessions", "--tz", "+05:30", "--user", "bob", NETBSD], b""));
    assert!(east.contains("2014-06-26T02:19:18+05:30  2014-06-26T04:25:57+05:30"), "{east}");
}

#[test]
fn only_what_is_asked_for() {
    let users = |args: &[&str]| -> Vec<String> {
        let all = sessions(&[args, &[NETBSD]].concat());
        outline(&all).into_iter().map(|(user, ..)| user.to_owned()).collect()
    };
    assert_eq!(users(&["--user", "alice", "--user", "bob"]), ["bob", "alice"]);
    assert_eq!(users(&["--user", "ali"]), [""; 0]);
    assert_eq!(users(&["--host", "203.0.113.7"]), ["bob"]);
    assert_eq!(users(&["--host", "2001:DB8:0::1:7"]), ["carol"]);
    assert_eq!(users(&["--host", "client.example.org"]), ["carol"]);
    assert_eq!(users(&["--since", "2014-06-25 20:50:35"]), ["carol", ALEXANDRA, "zoë"]);
    assert_eq!(users(&["--since", "2014-06-25 20:50:36"]), [ALEXANDRA, "zoë"]);
    assert_eq!(users(&["--until", "2014-06-25T20:49:19Z"]), ["bob", "alice"]);
    assert_eq!(users(&["--until", "2014-06-25 22:49:19", "--tz", "+02:00"]), ["bob", "alice"]);
    assert_eq!(users(&["--since", "@1403729358", "--until", "@1403729359"]), ["bob"]);
    assert_eq!(users(&["--min-duration", "5h"]), ["alice"]);
    assert_eq!(users(&["--min-duration", "3h"]).len(), 4);
    // The logout of bob comes later, but that does not make him logged in.
    assert_eq!(outline(&sessions(&["--until", "2014-06-25T20:50:00Z", NETBSD]))[0].1, "logout");
    for wrong in [["--since", "yesteryear"], ["--min-duration", "5"], ["--tz", "Europe/Nowhere"]] {
        let output = run(&[&["sessions"], &wrong[..], &[NETBSD]].concat());
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}

/// One history in two files, named in either order: sessions go on from one to the other.
#[test]
fn rotated_files_are_one_history() {
    let scratch = Scratch::new();
    let whole = fs::read(root().join(NETBSD)).unwrap();
    let (old, new) = whole.split_at(516 * 6);
    let (old, new) = (scratch.file("wtmpx.0", old), scratch.file("wtmpx", new));
    let expected = sessions(&[NETBSD]);
    for files in [[&old, &new], [&new, &old]] {
        let all = sessions(&["--layout", "netbsd-utmpx-516-le", files[0], files[1]]);
        assert_eq!(all.len(), expected.len());
        for (got, whole) in all.iter().zip(&expected) {
            for key in ["user", "login", "logout", "seconds", "how", "addr"] {
                assert_eq!(got[key], whole[key], "{key}");
            }
        }
        assert_eq!((&all[0]["file"], &all[0]["logout_file"]), (&json!(old), &json!(new)));
        assert_eq!((&all[0]["offset"], &all[0]["logout_offset"]), (&1548.into(), &516.into()));
        let table =
            clean(&["sessions", "--layout", "netbsd-utmpx-516-le", files[0], files[1]], b"");
        assert!(text(&table).contains(&format!("{old}:1548..{new}:516")));
    }
}

/// Records that had not been written by then are ignored.
#[test]
fn as_of_a_time() {
    let users = |args: &[&str]| -> Vec<(String, String, Value)> {
        let all = sessions(&[args, &[NETBSD]].concat());
        all.iter()
            .map(|s| {
                let word = |key: &str| s[key].as_str().unwrap().to_owned();
                (word("user"), word("how"), s["seconds"].clone())
            })
            .collect()
    };
    // alice came at 20:34:18, bob at 20:49:18 UTC, carol at 20:50:35.
    let then = users(&["--as-of", "2014-06-25 20:50:18"]);
    let ends: Vec<_> = then.iter().map(|(user, end, _)| (user.as_str(), end.as_str())).collect();
    assert_eq!(ends, [("alice", "open"), ("bob", "open")]);
    let lengths: Vec<i64> = then.iter().map(|(.., length)| length.as_i64().unwrap()).collect();
    assert_eq!(lengths, [959, 59]);
    let of = |args: &[&str]| users(args).into_iter().map(|(user, ..)| user).collect::<Vec<_>>();
    assert_eq!(of(&["--as-of", "2014-06-25 20:50:18", "--min-duration", "5m"]), ["alice"]);
    assert_eq!(of(&["--as-of", "2014-06-25 20:50:18", "--since", "-5min"]), ["bob"]);
    assert_eq!(of(&["--open"]), [""; 0]);

    let boots = |args: &[&str]| {
        let all = [&["boots", "--format", "jsonl"], args, &[NETBSD]].concat();
        json_lines(&clean(&all, b""))
    };
    let up = boots(&["--as-of", "2014-06-25T20:33:18.000000Z"]);
    assert_eq!((&up[0]["how"], up[0]["seconds"].as_i64()), (&json!("open"), Some(59)));
    assert_eq!(boots(&["--as-of", "2014-06-25 20:00"]), [Value::Null; 0]);
}

/// Named twice, in two ways, it still is one file.
#[test]
fn a_file_is_read_once() {
    let again = format!("./fixtures/../{NETBSD}");
    for files in [[NETBSD, NETBSD], [NETBSD, &again]] {
        let output = run(&[&["sessions", "--format", "jsonl"], &files[..]].concat());
        let expected = format!("loginrec: {}: is the same file as {NETBSD}: read once\n", files[1]);
        assert_eq!(told(&output), (0, expected));
        assert_eq!(outline(&json_lines(&output.stdout)), outline(&sessions(&[NETBSD])));
    }
}

/// NetBSD writes both, and each login is one.
#[test]
fn wtmp_and_wtmpx_of_a_root_are_one_history() {
    let scratch = Scratch::new();
    fs::create_dir_all(scratch.path("image/var/log")).unwrap();
    let both = |x: &[u8]| {
        scratch.file("image/var/log/wtmp", &wtmp_of_netbsd());
        scratch.file("image/var/log/wtmpx", x);
        run(&["sessions", "--format", "jsonl", "--root", &scratch.path("image")])
    };
    let output = both(&fs::read(root().join(NETBSD)).unwrap());
    let (status, message) = told(&output);
    assert_eq!(status, 0, "{message}");
    assert!(message.contains("wtmp: left out: ") && message.contains("same logins"), "{message}");
    assert_eq!(outline(&json_lines(&output.stdout)), outline(&sessions(&[NETBSD])));
    let (_, message) = told(&both(b""));
    assert!(!message.contains("left out"), "{message}");
}

fn wtmp_of_netbsd() -> Vec<u8> {
    fs::read(root().join("fixtures/netbsd-utmp-40-le/wtmp")).unwrap()
}

#[test]
fn boots_and_their_ends() {
    let boots =
        |args: &[&str]| json_lines(&clean(&[&["boots", "--format", "jsonl"], args].concat(), b""));
    let linux = "fixtures/glibc-x86_64/wtmp";
    let all = boots(&[linux]);
    let ends: Vec<&str> = all.iter().map(|boot| boot["how"].as_str().unwrap()).collect();
    assert_eq!(ends, ["shutdown", "crash", "open"]);
    assert_eq!(
        all[0],
        json!({
            "boot": "2023-11-14T22:13:20.123456Z", "down": "2023-11-14T23:36:40.000028Z",
            "seconds": 4999, "how": "shutdown", "kernel": "6.1.0-13-amd64",
            "file": linux, "offset": 0, "down_file": linux, "down_offset": 14976,
        })
    );
    let ends: Vec<Value> = boots(&[FREEBSD]).into_iter().map(|boot| boot["how"].clone()).collect();
    assert_eq!(ends, ["shutdown", "open"]);
    let table = text(&clean(&["boots", NETBSD], b""));
    let row: Vec<&str> = table.lines().nth(1).unwrap().split_whitespace().collect();
    let place = format!("{NETBSD}:516..5676");
    let shown = ["2014-06-25T20:32:18Z", "2014-06-26T01:35:58Z", "0+05:03:40", "shutdown", "-"];
    assert_eq!(row, [&shown[..], &[&place]].concat());
    let csv = text(&clean(&["boots", "--format", "csv", SOLARIS], b""));
    assert_eq!(
        csv.lines().nth(1),
        Some(format!(",,2004-06-08T15:19:43.310330Z,,9645,open,,{SOLARIS},0,,").as_str())
    );
}

/// The output of util-linux 2.38.1 for these, in tools-debian12/pairing/last-xF.txt; where line
/// and process disagree ours follows the process and says so.
#[test]
fn pairing_as_last_does() {
    for (name, end, seconds) in [
        ("normal", "logout", 60),
        ("dead_keeps_user", "logout", 60),
        ("user_process_with_empty_user_is_logout", "logout", 60),
        ("relogin_same_line_without_logout", "replaced", 60),
        ("runlevel6_means_down", "shutdown", 540),
        ("crash", "crash", 640),
    ] {
        let Some(file) = corpus(&format!("generated/tools-debian12/pairing/{name}.wtmp")) else {
            return;
        };
        let all = sessions(&["--user", "bob", file.to_str().unwrap()]);
        assert_eq!(all.len(), 1, "{name}");
        assert_eq!(
            (all[0]["how"].as_str(), all[0]["seconds"].as_i64()),
            (Some(end), Some(seconds.into()))
        );
    }
}

#[test]
fn files_without_sessions_are_refused() {
    for (file, why) in [
        ("fixtures/glibc-x86_64/btmp", "failed logins"),
        ("fixtures/aix-utmp-648-be/failedlogin", "failed logins"),
        ("fixtures/linux-lastlog-292-le/lastlog", "contains last logins"),
        ("fixtures/netbsd-lastlogx-428-le/lastlogx", "contains last logins"),
    ] {
        for command in ["sessions", "boots"] {
            let output = run(&[command, "--format", "jsonl", file]);
            let (status, message) = told(&output);
            assert_eq!((status, message.contains(why)), (3, true), "{message}");
            assert!(output.stdout.is_empty());
            assert_eq!(told(&run(&[command, file, NETBSD])).0, 4);
        }
    }
}

#[test]
fn damage_is_told_and_the_rest_is_read() {
    let scratch = Scratch::new();
    let whole = fs::read(root().join(NETBSD)).unwrap();
    let cut = scratch.file("wtmpx", &whole[..516 * 8 + 100]);
    let output = run(&["sessions", "--format", "jsonl", &cut]);
    let (status, message) = told(&output);
    assert_eq!(status, 4);
    assert!(message.contains("byte 4128: record cut short"), "{message}");
    let all = json_lines(&output.stdout);
    assert_eq!(all.iter().filter(|session| session["how"] == "open").count(), 4);
    assert_eq!(told(&run(&["boots", &cut])).0, 4);
    let empty = scratch.file("wtmp", b"");
    assert!(sessions(&[&empty]).is_empty());
}

/// Every fixture, whatever it is: no panic, safe text, and JSON that can be read.
#[test]
fn every_fixture_goes_through() {
    for fixture in loginrec_testing::fixtures() {
        for command in ["sessions", "boots", "who", "lastlog"] {
            let output = run(&[&[command], fixture.options(), &[fixture.name()]].concat());
            let status = output.status.code();
            assert!(matches!(status, Some(0 | 3)), "{command} {}: {status:?}", fixture.name());
            let shown = text(&output.stdout);
            assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{}", fixture.name());
            if command != "who" {
                let args = [&[command, "--format", "jsonl"], fixture.options(), &[fixture.name()]];
                json_lines(&run(&args.concat()).stdout);
            }
        }
    }
}

#[test]
fn usage_and_help() {
    for name in ["sessions", "boots", "who", "lastlog"] {
        assert_eq!(run(&[name]).status.code(), Some(2), "{name}");
        assert_eq!(run(&[name, "-", "-"]).status.code(), Some(2), "{name}");
        assert_eq!(run(&[name, "--tz", "nowhere", NETBSD]).status.code(), Some(2), "{name}");
        let help = text(&clean(&[name, "--help"], b""));
        assert!(help.contains("Examples:") && help.contains("Exit status:"), "{help}");
        assert_eq!(told(&run(&[name, "nowhere"])), (3, "loginrec: nowhere: no such file\n".into()));
    }
    // A Monday that is a Tuesday.
    let output = run(&["sessions", "--since", "Mon 2023-11-14", NETBSD]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let scratch = Scratch::new();
    let long = fs::read(root().join("fixtures/glibc-x86_64/wtmp")).unwrap().repeat(200);
    let path = scratch.file("wtmp", &long);
    for args in [
        &["sessions", &path][..],
        &["sessions", "--format", "jsonl", &path],
        &["sessions", "--format", "csv", &path],
        &["who", "-a", &path],
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
    let lastlog = "fixtures/linux-lastlog-292-le/lastlog";
    for args in [["sessions", NETBSD], ["boots", NETBSD], ["who", NETBSD], ["lastlog", lastlog]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = command(&args).stdout(full).output().unwrap();
        let expected = "loginrec: cannot write: No space left on device\n".to_owned();
        assert_eq!(told(&output), (3, expected), "{args:?}");
    }
}
