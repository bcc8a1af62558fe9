//! Lastlogs with one to five used slots, of several machines: below a root, beside a log, and
//! many in one folder.

use std::fs;
use std::path::Path;

use loginrec::formats::by_name;
use loginrec::layout::Role;
use loginrec::{Entry, Layout, Text};
use loginrec_testing::generate::synthesize;
use loginrec_testing::{Rng, Scratch, json_lines, run, told};
use serde_json::Value;

/// Logs with a type, and the lastlog that the same system keeps.
const SYSTEMS: [(&str, &str); 8] = [
    ("linux-glibc-384-le", "linux-lastlog-292-le"),
    ("linux-glibc-384-be", "linux-lastlog-292-be"),
    ("linux-glibc-400-le", "linux-lastlog-296-le"),
    ("linux-glibc-400-be", "linux-lastlog-296-be"),
    ("linux-libc5-56-le", "linux-libc5-lastlog-32-le"),
    ("linux-libc5-56-be", "linux-libc5-lastlog-32-be"),
    ("freebsd-utmp-44-le", "bsd-lastlog-28-le"),
    ("openbsd-utmp-304-le", "openbsd-lastlog-272-le"),
];
const LINES: [&str; 12] = [
    "tty1",
    "pts/0",
    "ttyS0",
    "console",
    "xvc0",
    "sclp_line0",
    "lxc/tty1",
    "tts/0",
    "web console",
    ":0",
    "",
    "",
];
const HOSTS: [&str; 4] = ["", "192.0.2.7", "gw.example.com", "2001:db8::12"];

struct Slot {
    uid: u64,
    time: i64,
    line: &'static str,
}

/// A lastlog and its logins in the order of user ids. Some have a slot that was wiped.
fn lastlog(layout: &Layout, rng: &mut Rng) -> (Vec<u8>, Vec<Slot>) {
    let (mut data, mut slots) = (Vec::new(), Vec::<Slot>::new());
    let mut put = |uid: u64, slot: &[u8]| {
        let start = uid as usize * layout.size;
        data.resize(data.len().max(start + layout.size), 0);
        data[start..start + layout.size].copy_from_slice(slot);
    };
    for _ in 0..1 + rng.below(5) {
        let uid = [0, 33, 500, 1000, 1001, rng.below(3000)][rng.index(6)];
        if slots.iter().any(|slot| slot.uid == uid) {
            continue;
        }
        let line = rng.pick(&LINES);
        let time = 946_684_800 + rng.below(836_315_200) as i64;
        let mut entry = Entry::new(layout.platform);
        let room = |role, text: &'static str| {
            let len = layout.field(role).map_or(0, |field| field.len);
            &text[..text.len().min(len)]
        };
        entry.ut_line = Text::new(room(Role::Line, line).as_bytes());
        let host = if line.is_empty() { "" } else { rng.pick(&HOSTS) };
        entry.ut_host = Text::new(room(Role::Host, host).as_bytes());
        entry.ut_tv.tv_sec = time;
        put(uid, &layout.encode(&entry).unwrap());
        slots.push(Slot { uid, time, line: room(Role::Line, line) });
    }
    if rng.below(4) == 0 {
        put(3001, &vec![0xff; layout.size]);
    }
    slots.sort_by_key(|slot| slot.uid);
    (data, slots)
}

/// The logins that are read from one file, but for wiped slots.
fn read(rows: &[Value], file: &str) -> Vec<(u64, String, String)> {
    let of_file = rows.iter().filter(|row| row["file"].as_str() == Some(file));
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    of_file
        .filter(|row| row["uid"] != 3001)
        .map(|row| (row["uid"].as_u64().unwrap(), text(row, "time"), text(row, "line")))
        .collect()
}

fn expected(slots: &[Slot]) -> Vec<(u64, String, String)> {
    let time = |slot: &Slot| {
        let time = loginrec::Timestamp { tv_sec: slot.time, tv_usec: 0 };
        time.to_string()
    };
    slots.iter().map(|slot| (slot.uid, time(slot), slot.line.to_owned())).collect()
}

fn log(name: &str, rng: &mut Rng) -> Vec<u8> {
    synthesize(by_name(name).unwrap(), 30, 1_500_000_000, rng)
}

/// A log of the same machine settles what a lastlog leaves open: nothing is ambiguous.
#[test]
fn below_a_root_beside_a_log() {
    for (seed, (wtmp, name)) in (0..48).zip(SYSTEMS.iter().cycle()) {
        let rng = &mut Rng::new(seed + 31);
        let scratch = Scratch::new();
        let folder = scratch.folder().join("var/log");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("wtmp"), log(wtmp, rng)).unwrap();
        let (data, slots) = lastlog(by_name(name).unwrap(), rng);
        fs::write(folder.join("lastlog"), data).unwrap();
        let root = scratch.folder().to_str().unwrap();
        let output = run(&["dump", "--format", "jsonl", "--root", root]);
        let (status, stderr) = told(&output);
        let at = format!("seed {seed}, {name}: {stderr}");
        assert!(status == 0 && !stderr.contains("ambiguous:"), "{at}");
        let rows = json_lines(&output.stdout);
        let file = rows.iter().find(|row| row["uid"].is_u64()).map(|row| row["file"].clone());
        let file = file.expect(&at);
        assert_eq!(read(&rows, file.as_str().unwrap()), expected(&slots), "{at}");
    }
}

/// Machines of both byte orders in one folder: each lastlog is settled by its own log, whatever
/// the order of the arguments.
#[test]
fn many_machines_in_one_folder() {
    let rng = &mut Rng::new(77);
    let scratch = Scratch::new();
    let mut wanted = Vec::new();
    for (n, (wtmp, name)) in (0..24).zip(SYSTEMS[..4].iter().cycle()) {
        scratch.file(&format!("host{n}_wtmp"), &log(wtmp, rng));
        let (data, slots) = lastlog(by_name(name).unwrap(), rng);
        let path = scratch.file(&format!("host{n}_lastlog"), &data);
        wanted.push((path, slots));
    }
    let mut names = scratch.names();
    names.sort();
    for _ in 0..2 {
        names.reverse();
        let paths: Vec<String> = names
            .iter()
            .map(|name| Path::join(scratch.folder(), name).display().to_string())
            .collect();
        let args = ["dump", "--format", "jsonl"];
        let args: Vec<&str> = args.into_iter().chain(paths.iter().map(String::as_str)).collect();
        let output = run(&args);
        let rows = json_lines(&output.stdout);
        for (path, slots) in &wanted {
            assert_eq!(read(&rows, path), expected(slots), "{path}: {}", told(&output).1);
        }
    }
}
