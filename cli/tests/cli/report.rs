//! `report`: one page of HTML, from events that are written down here.

use std::fs;
use std::process::Command;

use loginrec_testing::{Scratch, clean, root, run, skip, text, told};
use serde_json::Value;

/// The second login's user and host try to be markup.
const WTMP: &str = "\
[2] [00000] [~~  ] [reboot  ] [~           ] [6.1.0-13-amd64      ] [0.0.0.0        ] [2024-03-01T08:00:00,000000+00:00]
[7] [00101] [ts/0] [alice   ] [pts/0       ] [192.0.2.10          ] [192.0.2.10     ] [2024-03-01T09:00:00,000000+00:00]
[8] [00101] [ts/0] [        ] [pts/0       ] [                    ] [0.0.0.0        ] [2024-03-01T10:00:00,000000+00:00]
[7] [00102] [ts/1] [</script><script>evil()//] [pts/1] [<img src=x onerror=evil()>] [0.0.0.0] [2024-03-01T11:00:00,000000+00:00]
[7] [00103] [ts/2] [a\u{202e}b   ] [pts/2       ] [192.0.2.11          ] [192.0.2.11     ] [2024-03-01T11:10:00,000000+00:00]
[3] [00000] [~~  ] [date    ] [|           ] [                    ] [0.0.0.0        ] [2024-03-01T12:00:00,000000+00:00]
[4] [00000] [~~  ] [date    ] [{           ] [                    ] [0.0.0.0        ] [2024-03-01T11:30:00,000000+00:00]
[2] [00000] [~~  ] [reboot  ] [~           ] [6.1.0-13-amd64      ] [0.0.0.0        ] [2024-03-02T07:00:00,000000+00:00]
";
const BTMP: &str = "\
[6] [00501] [    ] [root    ] [ssh:notty   ] [192.0.2.10          ] [192.0.2.10     ] [2024-03-01T08:30:00,000000+00:00]
[6] [00502] [    ] [<!--<script>] [ssh:notty   ] [203.0.113.9         ] [203.0.113.9    ] [2024-03-01T08:31:00,000000+00:00]
";

fn file(scratch: &Scratch, name: &str, events: &str) -> String {
    let source = scratch.file(&format!("{name}.txt"), events.as_bytes());
    let path = scratch.path(name);
    clean(&["undump", "--layout", "linux-glibc-384-le", "-o", &path, &source], b"");
    path
}

/// The text between two marks that the page has once.
fn between<'a>(page: &'a str, begin: &str, end: &str) -> &'a str {
    let (_, rest) = page.split_once(begin).unwrap();
    rest.split_once(end).unwrap().0
}

fn data(page: &str) -> Value {
    let data = between(page, "<script type=\"application/json\" id=\"data\">", "</script>");
    assert!(!data.contains(['<', '>', '&']), "no markup can begin in the data");
    serde_json::from_str(data).unwrap()
}

/// Every element is closed where it must be; scripts and styles hold what they hold.
fn assert_well_formed(page: &str) {
    const VOID: [&str; 2] = ["meta", "input"];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page.strip_prefix("<!doctype html>\n").unwrap();
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let (tag, after) = rest.split_once('>').unwrap();
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "</{tag}>");
            continue;
        }
        let name = tag.split([' ', '\n']).next().unwrap();
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric()), "<{tag}>");
        assert_eq!(tag.matches('"').count() % 2, 0, "<{tag}>");
        if ["script", "style"].contains(&name) {
            rest = rest.split_once(&format!("</{name}>")).unwrap().1;
        } else if !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn the_page_has_what_the_files_have() {
    let scratch = Scratch::new();
    let (wtmp, btmp) = (file(&scratch, "wtmp", WTMP), file(&scratch, "btmp", BTMP));
    let (one, other) = (scratch.path("one.html"), scratch.path("other.html"));
    for path in [&one, &other] {
        let output = run(&["report", &wtmp, &btmp, "-o", path]);
        assert_eq!(told(&output), (0, String::new()));
    }
    let page = std::fs::read_to_string(&one).unwrap();
    assert_eq!(page, std::fs::read_to_string(&other).unwrap(), "the same input, the same bytes");
    assert_well_formed(&page);

    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(page.contains("@media print"));
    for banned in
        ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "http:", "https:"]
    {
        assert!(!page.contains(banned), "{banned}");
    }
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page.matches("</script").count(), 2);
    assert!(!page.contains("<img") && !page.contains('\u{202e}'));

    let data = data(&page);
    let names: Vec<&str> =
        data["names"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(names.contains(&"</script><script>evil()//"), "{names:?}");
    let column = |of: &str| data["sessions"][of].as_array().unwrap().clone();
    let users: Vec<&str> =
        column("user").iter().map(|user| names[user.as_u64().unwrap() as usize]).collect();
    assert_eq!(users[0], "alice");
    assert_eq!(column("begin")[0], 1_709_283_600);
    assert_eq!(column("seconds")[0], 3600);
    assert_eq!(column("place")[0], format!("{wtmp}:384..768"));
    // A boot without a shutdown ended the others.
    assert_eq!(column("how"), [0, 2, 2]);
    assert_eq!(data["clocks"], serde_json::json!([[1_709_294_400, 1_709_292_600]]));
    assert_eq!(data["failed"]["time"], serde_json::json!([1_709_281_800, 60]));
    assert_eq!(data["boots"].as_array().unwrap().len(), 2);
    assert_eq!(data["command"], format!("loginrec report {wtmp} {btmp}"));
    let audit = run(&["audit", "--min-severity", "info", "--format", "jsonl", &wtmp, &btmp]);
    let audit = loginrec_testing::json_lines(&audit.stdout);
    assert_eq!(data["findings"].as_array().unwrap().len(), audit.len());
    let manifest = scratch.path("manifest");
    clean(&["dump", "--manifest", &manifest, "-o", &scratch.path("x"), &wtmp, &btmp], b"");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    for hash in data["hashes"].as_array().unwrap() {
        let (sum, path) = (hash["sha256"].as_str().unwrap(), hash["path"].as_str().unwrap());
        assert!(manifest.contains(&format!("{sum}  {path}\n")), "{manifest}");
    }
    assert_eq!(data["hashes"].as_array().unwrap().len(), 2);
}

#[test]
fn many_failed_logins_make_a_page_of_two_megabytes_at_most() {
    let scratch = Scratch::new();
    let mut rng = loginrec_testing::Rng::new(7);
    let mut events = String::new();
    for n in 0..100_000_i64 {
        let time = loginrec::Timestamp { tv_sec: 1_709_000_000 + n * 40, tv_usec: 0 };
        let time = time.to_utc().unwrap();
        let (h, m, s) = time.time().as_hms();
        let address = format!("198.51.100.{}", rng.below(250));
        let user = format!("user{}", rng.below(3000));
        events += &format!(
            "[6] [{:05}] [    ] [{user:8}] [ssh:notty   ] [{address:20}] [{address:15}] [{}T{h:02}:{m:02}:{s:02},000000+00:00]\n",
            rng.below(30_000),
            time.date()
        );
    }
    let btmp = file(&scratch, "btmp", &events);
    let page = clean(&["report", &btmp], b"");
    assert!(page.len() < 2_000_000, "{}", page.len());
    assert_eq!(data(&text(&page))["failed"]["time"].as_array().unwrap().len(), 100_000);
}

/// The page in a browser.
/// A record whose time is not a date is counted and does not hide the others.
#[test]
fn a_time_without_a_date() {
    let scratch = Scratch::new();
    let mut btmp = fs::read(root().join("fixtures/glibc-aarch64/btmp")).unwrap();
    btmp[344..352].copy_from_slice(&(1_i64 << 50).to_le_bytes());
    let path = scratch.file("btmp", &btmp);
    let page = text(&clean(&["report", &path], b""));
    let data = data(&page);
    assert_eq!(data["failed"]["time"].as_array().unwrap().len(), btmp.len() / 400 - 1);
    let notes = data["notes"].to_string();
    assert!(notes.contains("0 sessions and 1 failed logins have no time"), "{notes}");
}

/// Counts of a database and single records are both there, with their users.
#[test]
fn counts_and_single_failures() {
    let btmp = "fixtures/glibc-x86_64/btmp";
    let page = text(&clean(&["report", btmp, "fixtures/linux-faillog-32-le/faillog"], b""));
    let data = data(&page);
    let len = |key: &str| data["failed"][key].as_array().unwrap().len();
    assert!(len("time") > 8);
    assert_eq!((len("user"), len("count")), (len("time"), len("time")));
}

#[test]
fn a_browser_shows_it() {
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    let is_there = |name: &&&str| Command::new(name).arg("--version").output().is_ok();
    let Some(browser) = browsers.iter().find(is_there) else {
        return skip("there is no Chromium: package chromium");
    };
    let scratch = Scratch::new();
    let (wtmp, btmp) = (file(&scratch, "wtmp", WTMP), file(&scratch, "btmp", BTMP));
    let page = scratch.path("report.html");
    clean(&["report", &wtmp, &btmp, "-o", &page], b"");
    let options = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        "--virtual-time-budget=4000",
        "--dump-dom",
    ];
    let profile = format!("--user-data-dir={}", scratch.path("profile"));
    let url = format!("file://{page}");
    let output = Command::new(browser).args(options).args([&profile, &url]).output().unwrap();
    let (dom, log) = (text(&output.stdout), text(&output.stderr));
    if dom.is_empty() {
        return skip("Chromium does not start here");
    }
    let console: Vec<&str> = log.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert_eq!(console, Vec::<&str>::new());
    assert!(dom.contains("<title>Logins of these files</title>"), "the title is ours");
    assert!(dom.contains("<td class=\"\">alice</td>") || dom.contains("<td>alice</td>"), "{dom}");
    assert!(dom.contains("&lt;/script&gt;&lt;script&gt;evil()//"), "shown as text");
    assert!(!dom.contains("<img"), "no element comes from evidence");
    assert!(dom.contains("3 sessions, 2 failed logins, 2 boots"), "{dom}");
}
