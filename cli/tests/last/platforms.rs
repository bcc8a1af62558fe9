//! The output of the BSDs' own last, stored beside the files: the same sessions, the same ends.

use std::fs;

use loginrec_testing::{corpus, run};

/// Terminal, minute of login, and minute of logout or what stands for it.
type Session = (String, String, String);

/// File, its listing, the zone it was printed in, and how many sessions it has.
const CASES: &[(&str, &str, &str, usize)] = &[
    ("freebsd14-amd64/utx.log", "utx.log.txt", "America/New_York", 3),
    ("openbsd74-amd64/wtmp", "wtmp.txt", "America/Los_Angeles", 3),
    ("netbsd93-amd64/wtmp", "wtmp.last.txt", "America/New_York", 1),
    ("netbsd93-amd64/wtmpx", "wtmpx.last.txt", "America/New_York", 1),
    ("netbsd93-amd64/utmp", "utmp.last.txt", "America/New_York", 1),
    ("netbsd93-amd64/utmpx", "utmpx.last.txt", "America/New_York", 2),
];

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The sessions and, as another list, the times of boots.
fn sessions(listing: &str) -> (Vec<Session>, Vec<String>) {
    let (mut sessions, mut boots) = (Vec::new(), Vec::new());
    for line in listing.lines().take_while(|line| !line.contains(" begins ")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(month) = words.iter().position(|word| MONTHS.contains(word)) else { continue };
        let rest = &words[month..];
        let clock = rest.iter().position(|word| word.contains(':')).unwrap();
        let minute = format!("{} {} {}", rest[0], rest[1], rest[clock].get(..5).unwrap());
        let end = rest[clock + 1..].join(" ");
        match words[0] {
            "boot" | "reboot" => boots.push(minute),
            "shutdown" => {}
            // A login prompt: no session of anybody.
            _ if words[0].starts_with('/') => {}
            _ => sessions.push((words[1].to_owned(), minute, end)),
        }
    }
    (sessions, boots)
}

#[test]
fn sessions_of_the_bsds() {
    for (file, listing, zone, count) in CASES {
        let folder = file.split('/').next().unwrap();
        let Some(listing) = corpus(&format!("{folder}/{listing}")) else { continue };
        let Some(path) = corpus(file) else { continue };
        let ours = run(&["last", "--tz", zone, "-f", path.to_str().unwrap()]);
        let (ours, our_boots) = sessions(&String::from_utf8(ours.stdout).unwrap());
        let (theirs, boots) = sessions(&fs::read_to_string(listing).unwrap());
        assert_eq!(ours, theirs, "{file}");
        assert_eq!(ours.len(), *count, "{file}");
        // NetBSD's last finds no boot in a utmpx.
        if !boots.is_empty() {
            assert_eq!(our_boots, boots, "{file}");
        }
    }
}
