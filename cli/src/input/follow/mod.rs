//! Follows files that grow, are rotated, cut or replaced, and remembers how far they were read.

mod cursor;
mod family;
mod find;
mod follower;
mod part;
mod place;

use std::io;
use std::thread;

use loginrec::FileKind;

pub(crate) use self::cursor::Cursor;
pub(crate) use self::part::{Batch, How};
use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;
use crate::input::follow::follower::Follower;

/// The logs that grow at their end.
pub(crate) const FOLLOWED: &[FileKind] = &[FileKind::Wtmp, FileKind::Btmp];

/// Follows the files until all of them failed, `each` fails, or standard output is closed; or, if
/// they are read once, until all is read. `each` should flush its output: after it, the cursor is
/// written.
pub(crate) fn follow<'a>(
    names: impl Iterator<Item = FileName<'a>>,
    how: How,
    mut cursor: Option<&mut Cursor>,
    report: &mut Diagnostics,
    mut each: impl FnMut(&FileName<'_>, &Batch, &mut Diagnostics) -> io::Result<()>,
) -> io::Result<()> {
    let place = |name: &FileName<'_>| cursor.as_ref().and_then(|cursor| cursor.place(name));
    let mut followers: Vec<Follower<'_>> = names
        .filter_map(|name| {
            let place = place(&name);
            Follower::new(name, how, place)
        })
        .collect();
    while !followers.is_empty() {
        let mut idle = true;
        let mut kept = Vec::new();
        for mut follower in followers {
            match follower.poll(report) {
                Ok(batch) => {
                    if let Some(batch) = &batch {
                        idle = false;
                        each(&follower.name, batch, report)?;
                    }
                    if let Some(cursor) = &mut cursor
                        && let Some(place) = follower.new_place()
                    {
                        cursor.save(&follower.name, place)?;
                    }
                    if batch.is_some() || !how.is_once {
                        kept.push(follower);
                    } else {
                        report.read();
                    }
                }
                Err(why) if how.is_lenient => {
                    report.warn(&follower.name, format_args!("left out: {why}"));
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

/// Returns whether the reader of a pipe has closed it. Otherwise that would only show when the next
/// record is written, which may be never.
#[cfg(unix)]
fn stdout_is_closed() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let stdout = io::stdout();
    let mut wanted = [PollFd::new(&stdout, PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    // An error means that the state is unknown.
    let _ = poll(&mut wanted, Some(&now));
    wanted.iter().any(|fd| fd.revents().intersects(PollFlags::ERR | PollFlags::HUP))
}

#[cfg(not(unix))]
fn stdout_is_closed() -> bool {
    false
}
