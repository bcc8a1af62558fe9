//! Bytes that are not records: the rest of a disk.

use std::fs;
use std::path::PathBuf;

use crate::rng::Rng;
use crate::skip::skip;

/// A kind of such bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// Noise, as in compressed or encrypted files.
    Random,
    /// Blocks that were never written.
    Zeros,
    /// Logs with words that also occur in records, and prose.
    Text,
    /// Blocks of this machine's own programs: tables of small numbers.
    Programs,
}

/// Gives any number of bytes of one kind.
#[derive(Debug)]
pub struct Filler {
    kind: Background,
    rng: Rng,
    programs: Vec<PathBuf>,
    rest: Vec<u8>,
}

impl Filler {
    /// Makes one. `None`, after a call of [`skip`], for programs on a machine that has none.
    #[track_caller]
    pub fn new(kind: Background, seed: u64) -> Option<Filler> {
        let mut programs = Vec::new();
        if kind == Background::Programs {
            if let Ok(folder) = fs::read_dir("/usr/bin") {
                programs.extend(folder.flatten().map(|entry| entry.path()));
            }
            programs.retain(|path| path.metadata().is_ok_and(|about| about.len() >= 8192));
            programs.sort();
            if programs.is_empty() {
                skip("there are no programs in /usr/bin");
                return None;
            }
        }
        Some(Filler { kind, rng: Rng::new(seed), programs, rest: Vec::new() })
    }

    /// Returns the next `len` bytes.
    pub fn take(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.rest);
        while bytes.len() < len {
            match self.kind {
                Background::Random => {
                    let mut noise = vec![0; len.max(4096)];
                    self.rng.fill(&mut noise);
                    bytes.extend(noise);
                }
                Background::Zeros => bytes.resize(len, 0),
                Background::Text => bytes.extend(self.sentence().into_bytes()),
                Background::Programs => {
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

    /// Returns a line of a log about logins, or of a book.
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
