//! The yardstick for `loginrec dump`: the same lines, made by hand for one layout.
//!
//!     rustc -O --edition 2024 yardstick.rs && ./yardstick text|jsonl|csv FILE > /dev/null
//!
//! Safe Rust for `linux-glibc-384-le` and nothing else: no detection, no damage, no option.
//! Bytes are the same as `loginrec dump` prints of undamaged files of plain ASCII;
//! `compare.sh` checks that. What does not fit ends the program.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::Ipv6Addr;

const SIZE: usize = 384;
const BLANKS: [u8; 20] = [b' '; 20];

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, format, path] = args.as_slice() else { panic!("text|jsonl|csv FILE") };
    let mut file = File::open(path)?;
    let mut out = io::stdout().lock();
    let mut lines = Vec::with_capacity(512 << 10);
    let mut buffer = vec![0; SIZE * 680];
    let mut pen = Pen { file: path.clone(), ..Pen::default() };
    if format == "csv" {
        lines.extend_from_slice(
            b"machine,source,file,layout,index,offset,part,page,rowid,state,found_as,lost,uid,type,\
            raw_type,event,time,raw_sec,raw_usec,logout,user,line,host,id,pid,session,exit_termination,exit_exit,addr,service\n",
        );
    }
    loop {
        let mut have = 0;
        while have < buffer.len() {
            match file.read(&mut buffer[have..])? {
                0 => break,
                more => have += more,
            }
        }
        if have == 0 {
            return out.write_all(&lines);
        }
        assert_eq!(have % SIZE, 0, "whole records only");
        for record in buffer[..have].as_chunks::<SIZE>().0 {
            match format.as_str() {
                "text" => pen.text(&mut lines, record),
                "jsonl" => pen.jsonl(&mut lines, record),
                _ => pen.csv(&mut lines, record),
            }
        }
        out.write_all(&lines)?;
        lines.clear();
    }
}

#[derive(Default)]
struct Pen {
    file: String,
    index: u64,
    day: i64,
    date: [u8; 11],
}

fn i32_at(record: &[u8; SIZE], at: usize) -> i32 {
    i32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]])
}

fn i16_at(record: &[u8; SIZE], at: usize) -> i16 {
    i16::from_le_bytes([record[at], record[at + 1]])
}

/// Returns the text before the NUL, after which there must be nothing.
fn text_at(record: &[u8; SIZE], at: usize, len: usize) -> &[u8] {
    let field = &record[at..at + len];
    let end = field.iter().position(|&b| b == 0).unwrap_or(len);
    &field[..end]
}

const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut n = 0;
    while n < 100 {
        pairs[n] = [b'0' + (n / 10) as u8, b'0' + (n % 10) as u8];
        n += 1;
    }
    pairs
};

fn pair(n: u32) -> [u8; 2] {
    PAIRS[n as usize % 100]
}

fn number(out: &mut Vec<u8>, n: i64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = n.unsigned_abs();
    while rest >= 100 {
        at -= 2;
        digits[at..at + 2].copy_from_slice(&PAIRS[(rest % 100) as usize]);
        rest /= 100;
    }
    if rest >= 10 {
        at -= 2;
        digits[at..at + 2].copy_from_slice(&PAIRS[rest as usize]);
    } else {
        at -= 1;
        digits[at] = b'0' + rest as u8;
    }
    if n < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

impl Pen {
    /// `YYYY-MM-DDThh:mm:ss`, a separator, the microseconds.
    fn time(&mut self, out: &mut Vec<u8>, record: &[u8; SIZE], separator: u8) {
        let sec = i64::from(i32_at(record, 340));
        let usec = i32_at(record, 344) as u32;
        assert!(usec < 1_000_000);
        let (day, rest) = (sec.div_euclid(86_400), sec.rem_euclid(86_400) as u32);
        if day != self.day || self.date[0] == 0 {
            self.day = day;
            self.date = date(day);
        }
        let d = self.date;
        let [h, i] = pair(rest / 3600);
        let [m, n] = pair(rest / 60 % 60);
        let [s, t] = pair(rest % 60);
        let [a, b] = pair(usec / 10_000);
        let [c, e] = pair(usec / 100 % 100);
        let [f, g] = pair(usec % 100);
        out.extend_from_slice(&[
            d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10], h, i, b':', m, n,
            b':', s, t, separator, a, b, c, e, f, g,
        ]);
    }

    fn text(&mut self, out: &mut Vec<u8>, record: &[u8; SIZE]) {
        out.push(b'[');
        number(out, i16_at(record, 0).into());
        out.extend_from_slice(b"] [");
        let pid = i32_at(record, 4);
        match pid {
            0..100_000 => {
                let pid = pid as u32;
                let [b, c] = pair(pid / 100 % 100);
                let [d, e] = pair(pid % 100);
                out.extend_from_slice(&[b'0' + (pid / 10_000) as u8, b, c, d, e]);
            }
            _ => number(out, pid.into()),
        }
        for (at, len, width) in [(40, 4, 4), (44, 32, 8), (8, 32, 12), (76, 256, 20)] {
            let text = text_at(record, at, len);
            out.extend_from_slice(b"] [");
            for &byte in text {
                let plain = matches!(byte, b' '..=b'~') && byte != b'[' && byte != b']';
                out.push(if plain { byte } else { b'?' });
            }
            out.extend_from_slice(&BLANKS[..width - text.len().min(width)]);
        }
        out.extend_from_slice(b"] [");
        let start = out.len();
        if !address(out, record) {
            out.extend_from_slice(b"0.0.0.0");
        }
        let len = (out.len() - start).min(15);
        out.extend_from_slice(&BLANKS[..15 - len]);
        out.extend_from_slice(b"] [");
        self.time(out, record, b',');
        out.extend_from_slice(b"+00:00]\n");
    }

    fn jsonl(&mut self, out: &mut Vec<u8>, record: &[u8; SIZE]) {
        let (kind, event) = meaning(record);
        out.extend_from_slice(b"{\"file\":\"");
        out.extend_from_slice(self.file.as_bytes());
        out.extend_from_slice(b"\",\"layout\":\"linux-glibc-384-le\",\"index\":");
        number(out, self.index as i64);
        out.extend_from_slice(b",\"offset\":");
        number(out, (self.index * SIZE as u64) as i64);
        out.extend_from_slice(b",\"type\":\"");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\",\"raw_type\":");
        number(out, i16_at(record, 0).into());
        out.extend_from_slice(b",\"event\":\"");
        out.extend_from_slice(event.as_bytes());
        out.extend_from_slice(b"\",\"time\":\"");
        self.time(out, record, b'.');
        for (key, at, len) in [
            (&b"Z\",\"user\":\""[..], 44, 32),
            (b"\",\"line\":\"", 8, 32),
            (b"\",\"host\":\"", 76, 256),
            (b"\",\"id\":\"", 40, 4),
        ] {
            out.extend_from_slice(key);
            plain(out, text_at(record, at, len), b"\"\\");
        }
        out.extend_from_slice(b"\",\"pid\":");
        number(out, i32_at(record, 4).into());
        out.extend_from_slice(b",\"session\":");
        number(out, i32_at(record, 336).into());
        out.extend_from_slice(b",\"exit\":{\"termination\":");
        number(out, i16_at(record, 332).into());
        out.extend_from_slice(b",\"exit\":");
        number(out, i16_at(record, 334).into());
        out.extend_from_slice(b"},\"addr\":\"");
        if address(out, record) {
            out.extend_from_slice(b"\"}\n");
        } else {
            out.pop();
            out.extend_from_slice(b"null}\n");
        }
        self.index += 1;
    }

    fn csv(&mut self, out: &mut Vec<u8>, record: &[u8; SIZE]) {
        let (kind, event) = meaning(record);
        out.extend_from_slice(b",,");
        out.extend_from_slice(self.file.as_bytes());
        out.extend_from_slice(b",linux-glibc-384-le,");
        number(out, self.index as i64);
        out.push(b',');
        number(out, (self.index * SIZE as u64) as i64);
        out.extend_from_slice(b",,,,,,,,");
        out.extend_from_slice(kind.as_bytes());
        out.push(b',');
        number(out, i16_at(record, 0).into());
        out.push(b',');
        out.extend_from_slice(event.as_bytes());
        out.push(b',');
        self.time(out, record, b'.');
        out.extend_from_slice(b"Z,,,");
        for (at, len) in [(44, 32), (8, 32), (76, 256), (40, 4)] {
            out.push(b',');
            plain(out, text_at(record, at, len), b"\",");
        }
        for n in [i32_at(record, 4), i32_at(record, 336)] {
            out.push(b',');
            number(out, n.into());
        }
        for n in [i16_at(record, 332), i16_at(record, 334)] {
            out.push(b',');
            number(out, n.into());
        }
        out.push(b',');
        address(out, record);
        out.extend_from_slice(b",\n");
        self.index += 1;
    }
}

fn plain(out: &mut Vec<u8>, text: &[u8], special: &[u8; 2]) {
    for &byte in text {
        assert!(matches!(byte, b' '..=b'~') && !special.contains(&byte), "plain text only");
    }
    out.extend_from_slice(text);
}

/// Whether there is one.
fn address(out: &mut Vec<u8>, record: &[u8; SIZE]) -> bool {
    let octets: [u8; 16] = record[348..364].try_into().expect("sixteen bytes");
    if octets == [0; 16] {
        return false;
    }
    if octets[4..] == [0; 12] {
        for (at, &octet) in octets[..4].iter().enumerate() {
            if at > 0 {
                out.push(b'.');
            }
            number(out, octet.into());
        }
        return true;
    }
    let groups = Ipv6Addr::from(octets).segments();
    assert!(groups[0] != 0, "no IPv4 in IPv6");
    let (mut best, mut start) = (0..0, 0);
    for at in 0..8 {
        if groups[at] != 0 {
            start = at + 1;
        } else if at + 1 - start > best.len() {
            best = start..at + 1;
        }
    }
    for at in 0..8 {
        if best.len() > 1 && best.contains(&at) {
            if at == best.start {
                out.extend_from_slice(b"::");
            }
            continue;
        }
        if at > 0 && !(best.len() > 1 && at == best.end) {
            out.push(b':');
        }
        let digits = (4 - groups[at].leading_zeros() / 4).max(1);
        for digit in (0..digits).rev() {
            out.push(b"0123456789abcdef"[usize::from(groups[at] >> (4 * digit) & 15)]);
        }
    }
    true
}

/// Type and event, as far as a generated file needs them.
fn meaning(record: &[u8; SIZE]) -> (&'static str, &'static str) {
    match (i16_at(record, 0), record[8]) {
        (0, 0) => ("EMPTY", "empty"),
        (1, b'~') if record[44] == b's' => ("RUN_LVL", "shutdown"),
        (1, _) => ("RUN_LVL", "run-level"),
        (2, _) => ("BOOT_TIME", "boot"),
        (3, _) => ("NEW_TIME", "clock-new"),
        (4, _) => ("OLD_TIME", "clock-old"),
        (5, _) => ("INIT_PROCESS", "init"),
        (6, _) => ("LOGIN_PROCESS", "prompt"),
        (7, _) => ("USER_PROCESS", "login"),
        (8, _) => ("DEAD_PROCESS", "logout"),
        (other, _) => panic!("type {other}"),
    }
}

/// `YYYY-MM-DDT`
fn date(day: i64) -> [u8; 11] {
    let days = day + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let [d, e] = pair((day - (153 * month + 2) / 5 + 1) as u32);
    let year = (year + era * 400 + i64::from(month >= 10)) as u32;
    let [m, n] = pair(if month < 10 { month + 3 } else { month - 9 } as u32);
    let [a, b] = pair(year / 100);
    let [y, z] = pair(year % 100);
    [a, b, y, z, b'-', m, n, b'-', d, e, b'T']
}
