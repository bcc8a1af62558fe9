//! `--follow`: records as they are appended, by looking again and again.

use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use loginrec::Layout;

use crate::filename::FileName;
use crate::follower::{Batch, Follower};
use crate::report::Report;

/// How files are followed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct How {
    /// The layout of all, if it is given rather than detected.
    pub(crate) layout: Option<&'static Layout>,
    /// The most that is read of a file before its layout is known.
    pub(crate) max_size: u64,
    pub(crate) interval: Duration,
}

/// Follows the files until all of them failed, `each` cannot go on, or nobody reads standard
/// output any more. `each` should flush what it writes.
pub(crate) fn follow(
    files: &[PathBuf],
    how: How,
    report: &mut Report,
    mut each: impl FnMut(&FileName<'_>, &Batch, &mut Report) -> io::Result<()>,
) -> io::Result<()> {
    let names = files.iter().map(|file| FileName::new(file));
    let mut followers: Vec<Follower<'_>> =
        names.filter_map(|name| Follower::new(name, how)).collect();
    while !followers.is_empty() {
        let mut idle = true;
        let mut kept = Vec::new();
        for mut follower in followers {
            match follower.poll(report) {
                Ok(batch) => {
                    if let Some(batch) = batch {
                        idle = false;
                        each(&follower.name, &batch, report)?;
                    }
                    kept.push(follower);
                }
                Err(why) => report.failed(&follower.name, why),
            }
        }
        followers = kept;
        if idle && !followers.is_empty() {
            if stdout_is_closed() {
                return Ok(());
            }
            thread::sleep(how.interval);
        }
    }
    Ok(())
}

/// Reads the value of `--interval`.
pub(crate) fn interval(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.01..=86_400.0).contains(seconds));
    let interval = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    interval.ok_or_else(|| "give seconds from 0.01 to 86400".to_owned())
}

/// Whether the reader of a pipe has gone. Without asking, that would show only when the next
/// record is written, which may be never.
#[cfg(unix)]
fn stdout_is_closed() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let stdout = io::stdout();
    let mut wanted = [PollFd::new(&stdout, PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    // An error means that nothing is known.
    let _ = poll(&mut wanted, Some(&now));
    wanted.iter().any(|fd| fd.revents().intersects(PollFlags::ERR | PollFlags::HUP))
}

#[cfg(not(unix))]
fn stdout_is_closed() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals() {
        assert_eq!(interval("0.5"), Ok(Duration::from_millis(500)));
        for wrong in ["0", "-1", "nan", "inf", "x", "1e9"] {
            assert!(interval(wrong).is_err(), "{wrong}");
        }
    }
}
