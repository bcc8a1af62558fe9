//! Bytes that are no records: what else lies on a disk.

use std::fs;
use std::path::PathBuf;

use super::rng::Rng;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    Random,
    Zeros,
    /// Logs that speak of logins, and prose.
    Text,
    /// Blocks of this machine's own programs: tables of small numbers.
    Programs,
}

/// Of one kind, without end.
#[derive(Debug)]
pub struct Filler {
    ground: Ground,
    rng: Rng,
    programs: Vec<PathBuf>,
    rest: Vec<u8>,
}

impl Filler {
    /// `None`, with a printed reason, if this machine has no programs.
    pub fn new(ground: Ground, seed: u64) -> Option<Filler> {
        let mut programs = Vec::new();
        if ground == Ground::Programs {
            match fs::read_dir("/usr/bin") {
                Ok(folder) => programs.extend(folder.flatten().map(|entry| entry.path())),
                Err(why) => eprintln!("skipped: /usr/bin: {why}"),
            }
            programs.retain(|path| path.metadata().is_ok_and(|about| about.len() >= 8192));
            programs.sort();
            if programs.is_empty() {
                return None;
            }
        }
        Some(Filler { ground, rng: Rng::new(seed), programs, rest: Vec::new() })
    }

    pub fn take(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.rest);
        while bytes.len() < len {
            match self.ground {
                Ground::Random => {
                    let mut noise = vec![0; len.max(4096)];
                    self.rng.fill(&mut noise);
                    bytes.extend(noise);
                }
                Ground::Zeros => bytes.resize(len, 0),
                Ground::Text => bytes.extend(self.sentence().into_bytes()),
                Ground::Programs => {
                    let path = &self.programs[self.rng.below(self.programs.len() as u64) as usize];
                    let Ok(program) = fs::read(path) else { continue };
                    let blocks = program.len() as u64 / 4096;
                    let first = self.rng.below(blocks) as usize * 4096;
                    // Some blocks in a row, as a deleted file leaves them.
                    let len = 4096 * (1 + self.rng.below(16) as usize);
                    bytes.extend(program[first..].iter().take(len));
                }
            }
        }
        self.rest = bytes.split_off(len);
        bytes
    }

    /// What a log says about logins.
    fn sentence(&mut self) -> String {
        let rng = &mut self.rng;
        let user = rng.pick(&["root", "alice", "reboot", "LOGIN", "shutdown", "runlevel"]);
        let line = rng.pick(&["tty1", "pts/0", "console", ":0", "~", "ttyp3", "system boot"]);
        let (day, second) = (1 + rng.below(28), rng.below(60));
        let pid = rng.below(40_000);
        match rng.below(4) {
            0 => format!(
                "Nov {day:2} 02:20:{second:02} host sshd[{pid}]: Accepted {user} on {line}\n"
            ),
            1 => format!("{user}\t{line}\t192.0.2.{second}\t2023-11-{day:02}T22:13:{second:02}Z\n"),
            2 => format!("{user:<8} {line:<12} Tue Nov {day:2} 10:{second:02}   still logged in\n"),
            _ => format!("The {user} of the {line}, continued from page {pid}.\n\n"),
        }
    }
}
