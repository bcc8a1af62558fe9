//! `last --format`, its warnings, and `lastlog` of histories. The events are written down here.

use loginrec_testing::{Scratch, clean, json_lines, run, text, told};

const WTMP: &str = "\
[2] [00000] [~~  ] [reboot  ] [~           ] [6.1.0-13-amd64      ] [0.0.0.0        ] [2024-03-01T08:00:00,000000+00:00]
[7] [00101] [ts/0] [alice   ] [pts/0       ] [192.0.2.10          ] [192.0.2.10     ] [2024-03-01T09:00:00,250000+00:00]
[8] [00101] [ts/0] [        ] [pts/0       ] [                    ] [0.0.0.0        ] [2024-03-01T10:00:00,000000+00:00]
[7] [00102] [ts/1] [bob     ] [pts/1       ] [192.0.2.11          ] [192.0.2.11     ] [2024-03-01T11:00:00,000000+00:00]
[2] [00000] [~~  ] [reboot  ] [~           ] [6.1.0-13-amd64      ] [0.0.0.0        ] [2024-03-02T07:00:00,000000+00:00]
[7] [00103] [ts/0] [alice   ] [pts/0       ] [192.0.2.12          ] [192.0.2.12     ] [2024-03-02T08:00:00,000000+00:00]
";
const OLDER: &str = "\
[7] [00051] [ts/0] [carol   ] [pts/0       ] [192.0.2.13          ] [192.0.2.13     ] [2024-02-01T09:00:00,000000+00:00]
[8] [00051] [ts/0] [        ] [pts/0       ] [                    ] [0.0.0.0        ] [2024-02-01T10:00:00,000000+00:00]
[7] [00052] [ts/0] [alice   ] [pts/0       ] [192.0.2.14          ] [192.0.2.14     ] [2024-02-02T09:00:00,000000+00:00]
[8] [00052] [ts/0] [        ] [pts/0       ] [                    ] [0.0.0.0        ] [2024-02-02T10:00:00,000000+00:00]
";

fn file(scratch: &Scratch, name: &str, events: &str) -> String {
    let source = scratch.file(&format!("{name}.txt"), events.as_bytes());
    let path = scratch.path(name);
    clean(&["undump", "--layout", "linux-glibc-384-le", "-o", &path, &source], b"");
    path
}

#[test]
fn rows_are_the_lines_of_last() {
    let scratch = Scratch::new();
    let wtmp = file(&scratch, "wtmp", WTMP);
    let rows = json_lines(&clean(&["last", "--format", "jsonl", "-f", &wtmp], b""));
    let shown: Vec<String> = rows
        .iter()
        .map(|row| {
            let [event, user, login, logout, seconds, how, offset] =
                ["event", "user", "login", "logout", "seconds", "how", "offset"]
                    .map(|key| row[key].to_string().replace('"', ""));
            format!("{event} {user} {login} {logout} {seconds} {how} {offset}")
        })
        .collect();
    assert_eq!(
        shown,
        [
            "login alice 2024-03-02T08:00:00.000000Z null null open 1920",
            "boot reboot 2024-03-02T07:00:00.000000Z null null open 1536",
            "login bob 2024-03-01T11:00:00.000000Z 2024-03-02T07:00:00.000000Z 72000 crash 1152",
            "login alice 2024-03-01T09:00:00.250000Z 2024-03-01T10:00:00.000000Z 3600 logout 384",
            "boot reboot 2024-03-01T08:00:00.000000Z 2024-03-02T07:00:00.000000Z 82800 crash 0",
        ]
    );
    let csv = text(&clean(&["last", "-n", "1", "--format", "csv", "-f", &wtmp, "alice"], b""));
    assert_eq!(csv.lines().count(), 2);
    assert!(csv.ends_with(&format!(",,open,{wtmp},linux-glibc-384-le,1920\n")), "{csv}");
}

#[test]
fn last_of_a_btmp_and_lastb_of_a_wtmp_warn() {
    let folder = "fixtures/glibc-x86_64";
    for (command, file, word) in [("last", "btmp", "lastb"), ("lastb", "wtmp", "loginrec last`")] {
        let (status, message) = told(&run(&[command, "-f", &format!("{folder}/{file}")]));
        assert_eq!(status, 0);
        assert!(message.contains(word), "{command}: {message}");
    }
    let (_, message) = told(&run(&["last", "-d", "202403011200", "-f", &format!("{folder}/wtmp")]));
    assert!(message.contains("--present"), "{message}");
}

#[test]
fn the_last_login_of_any_history() {
    let scratch = Scratch::new();
    let (wtmp, older) = (file(&scratch, "wtmp", WTMP), file(&scratch, "wtmp.1", OLDER));
    let passwd = "carol:x:1003:1003::/:\nzoe:x:1004:1004::/:\nalice:x:1001:1001::/:\n";
    let passwd = scratch.file("passwd", passwd.as_bytes());
    let rows = |args: &[&str]| {
        let rows =
            clean(&[&["lastlog", "--format", "jsonl"], args, &[&wtmp, &older]].concat(), b"");
        let shown = json_lines(&rows)
            .iter()
            .map(|row| {
                format!("{} {}", row["user"].as_str().unwrap(), row["time"]).replace('"', "")
            })
            .collect::<Vec<_>>();
        shown.join("; ")
    };
    let alice = "alice 2024-03-02T08:00:00.000000Z";
    let bob = "bob 2024-03-01T11:00:00.000000Z";
    let carol = "carol 2024-02-01T09:00:00.000000Z";
    assert_eq!(rows(&[]), format!("{alice}; {bob}; {carol}"));
    assert_eq!(rows(&["--passwd", &passwd]), format!("{carol}; zoe null; {alice}; {bob}"));
    assert_eq!(rows(&["-t", "3"]), format!("{alice}; {bob}"));
    assert_eq!(rows(&["-u", "carol"]), carol);
    // Before the second of March alice had come the day before, and bob not yet at ten.
    let before = "alice 2024-03-01T09:00:00.250000Z";
    assert_eq!(rows(&["--as-of", "2024-03-01T10:30:00Z"]), format!("{before}; {carol}"));
    for (user, why) in [("nobody", "no login of this user"), ("1000-", "pass a name, or --passwd")]
    {
        let (status, message) = told(&run(&["lastlog", "-u", user, &wtmp]));
        assert!(status == 4 && message.contains(why), "{status}: {message}");
    }
    assert_eq!(rows(&["--never", "--passwd", &passwd]), "zoe null");
    // A lastlog knows of the others, but nothing of what was before.
    let lastlog = "fixtures/linux-lastlog-292-le/lastlog";
    let (status, message) = told(&run(&["lastlog", "--as-of", "2024-01-01", lastlog]));
    assert!(status == 3 && message.contains("has no effect"), "{status}: {message}");
    let known = json_lines(&clean(&["lastlog", "--format", "jsonl", lastlog], b""));
    let known = known.iter().find(|row| row["time"].is_string()).unwrap();
    let more = format!("zoe:x:{}:0::/:\nmax:x:77777:0::/:\n", known["uid"]);
    let passwd = scratch.file("passwd2", more.as_bytes());
    let args = ["lastlog", "--never", "--format", "jsonl", "--passwd", &passwd, lastlog, &wtmp];
    let never = json_lines(&clean(&args, b""));
    assert_eq!(never.len(), 1);
    assert_eq!(never[0]["user"], "max");
}
