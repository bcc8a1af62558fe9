//! A file of the Apple System Log: logins among their logouts, boots and shutdowns.

use std::collections::HashMap;

use crate::rng::Rng;

/// Bytes of the header.
const HEADER: usize = 80;

/// Version 2 of the format.
#[derive(Debug, Default)]
struct Store {
    data: Vec<u8>,
    texts: HashMap<String, u64>,
    last: usize,
    number: u64,
}

impl Store {
    fn word(&mut self, text: &str) -> u64 {
        let bytes = text.as_bytes();
        if bytes.is_empty() {
            return 0;
        }
        if bytes.len() < 8 {
            let mut word = [0; 8];
            word[0] = 0x80 | bytes.len() as u8;
            word[1..=bytes.len()].copy_from_slice(bytes);
            return u64::from_be_bytes(word);
        }
        if let Some(offset) = self.texts.get(text) {
            return *offset;
        }
        // The writer remembers a few texts only.
        if self.texts.len() >= 128 {
            self.texts.clear();
        }
        let offset = self.data.len() as u64;
        self.texts.insert(text.to_owned(), offset);
        self.data.extend([0, 1]);
        self.data.extend((bytes.len() as u32 + 1).to_be_bytes());
        self.data.extend(bytes);
        self.data.push(0);
        offset
    }

    fn message(
        &mut self,
        sec: u64,
        sender: &str,
        facility: &str,
        text: &str,
        pairs: &[(&str, &str)],
    ) {
        let fields = ["studio", sender, facility, text, "", ""].map(|text| self.word(text));
        let words: Vec<u64> = pairs
            .iter()
            .flat_map(|(key, value)| [*key, *value])
            .map(|text| self.word(text))
            .collect();
        let offset = self.data.len();
        self.number += 1;
        self.data.extend([0, 0]);
        self.data.extend((116 + 8 * words.len() as u32).to_be_bytes());
        for number in [0, self.number, sec] {
            self.data.extend(number.to_be_bytes());
        }
        self.data.extend(217_000_u32.to_be_bytes());
        self.data.extend([0, 5, 0, 2]);
        for number in [100, 0, 0, u32::MAX, 80, 0, words.len() as u32] {
            self.data.extend(number.to_be_bytes());
        }
        for word in fields.iter().chain(&words).chain(&[self.last as u64]) {
            self.data.extend(word.to_be_bytes());
        }
        let place = if self.last == 0 { 16 } else { self.last + 6 };
        self.data[place..place + 8].copy_from_slice(&(offset as u64).to_be_bytes());
        self.last = offset;
    }
}

/// Returns a file of this many logins, logouts, boots and shutdowns.
pub fn system_log(messages: usize, seed: u64) -> Vec<u8> {
    let mut rng = Rng::new(seed ^ 0xa51);
    let mut store = Store { data: vec![0; HEADER], ..Store::default() };
    store.data[..16].copy_from_slice(b"ASL DB\0\0\0\0\0\0\0\0\0\x02");
    let mut sec = 1_700_000_000;
    let mut open = Vec::new();
    for _ in 0..messages {
        sec += rng.below(3000);
        let time = sec.to_string();
        let expire = (sec + 366 * 86_400).to_string();
        let usec = rng.below(1_000_000).to_string();
        let (kind, terminal) = match rng.below(100) {
            0 => ("2", String::new()),
            1 => ("11", String::new()),
            _ if open.len() > 6 || !open.is_empty() && rng.one_in(2) => ("8", open.swap_remove(0)),
            _ => ("7", format!("s{:03}", rng.below(60))),
        };
        let facility = if kind == "7" { "lastlog" } else { "utmpx" };
        let pid = (300 + rng.below(90_000)).to_string();
        let host = format!("2001:db8::{:x}", rng.below(500));
        let user = rng.pick(&["alice", "bruno", "administrator"]);
        let line = format!("tty{terminal}");
        let mut pairs = vec![
            ("ut_type", kind),
            ("ut_tv.tv_sec", time.as_str()),
            ("ut_tv.tv_usec", usec.as_str()),
        ];
        if !terminal.is_empty() {
            pairs.extend([
                ("ut_user", user),
                ("ut_id", terminal.as_str()),
                ("ut_line", line.as_str()),
                ("ut_pid", pid.as_str()),
            ]);
            if kind == "7" {
                pairs.push(("ut_host", &host));
                open.push(terminal.clone());
            }
        } else {
            open.clear();
        }
        pairs.push(("SenderMachUUID", "11111111-2222-3333-4444-555555555555"));
        pairs.push(("ASLExpireTime", &expire));
        let facility = format!("com.apple.system.{facility}");
        store.message(sec, "sshd-session", &facility, &format!("{pid} {line}"), &pairs);
    }
    store.data
}
