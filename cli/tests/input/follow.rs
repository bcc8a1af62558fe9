//! `dump --follow`: nothing here waits longer than [`PATIENCE`].

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use loginrec::read::ReadAt as _;
use loginrec_sources::SparseFile;
use loginrec_testing::{Scratch, command, root, run, told};

use crate::compressed::gzip;

const PATIENCE: Duration = Duration::from_secs(30);
/// Many times the interval: long enough to see that nothing comes.
const QUIET: Duration = Duration::from_millis(400);
const SIZE: usize = 384;

fn wtmp() -> Vec<u8> {
    fs::read(root().join("fixtures/linux-glibc-384-le/wtmp")).unwrap()
}

/// A command that follows, ended with the test.
pub(crate) struct Following {
    child: Child,
    out: Receiver<String>,
    err: Receiver<String>,
}

impl Following {
    fn start(args: &[&str]) -> Following {
        Following::command("dump", args)
    }

    pub(crate) fn command(name: &str, args: &[&str]) -> Following {
        let args = [&[name, "--follow", "--interval", "0.02"], args].concat();
        let mut child =
            command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = lines(child.stdout.take().unwrap());
        let err = lines(child.stderr.take().unwrap());
        Following { child, out, err }
    }

    pub(crate) fn next(&self) -> String {
        self.out.recv_timeout(PATIENCE).unwrap()
    }

    /// The next lines as JSON: index and offset.
    fn places(&self, count: usize) -> Vec<(u64, u64)> {
        let place = |line: String| {
            let line: serde_json::Value = serde_json::from_str(&line).unwrap();
            (line["index"].as_u64().unwrap(), line["offset"].as_u64().unwrap())
        };
        (0..count).map(|_| place(self.next())).collect()
    }

    pub(crate) fn says(&self, what: &str) {
        let line = self.err.recv_timeout(PATIENCE).unwrap();
        assert!(line.contains(what), "{line}");
    }

    pub(crate) fn is_quiet(&self) {
        assert_eq!(self.out.recv_timeout(QUIET), Err(RecvTimeoutError::Timeout));
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let lines = BufReader::new(pipe).lines().map_while(Result::ok);
        for line in lines {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    receive
}

pub(crate) fn append(path: &str, bytes: &[u8]) {
    OpenOptions::new().append(true).open(path).unwrap().write_all(bytes).unwrap();
}

fn at(from: u64, to: u64) -> Vec<(u64, u64)> {
    (from..to).map(|index| (index, index * SIZE as u64)).collect()
}

#[test]
fn appended_whole_and_in_parts() {
    let (scratch, wtmp) = (Scratch::new(), wtmp());
    let path = scratch.file("wtmp", &wtmp);
    let count = (wtmp.len() / SIZE) as u64;
    let following = Following::start(&["--format", "jsonl", &path]);
    assert_eq!(following.places(count as usize), at(0, count));
    append(&path, &wtmp[..2 * SIZE]);
    assert_eq!(following.places(2), at(count, count + 2));
    append(&path, &wtmp[..100]);
    following.is_quiet();
    append(&path, &wtmp[100..SIZE]);
    assert_eq!(following.places(1), at(count + 2, count + 3));
    following.is_quiet();
    assert!(following.err.try_recv().is_err());
}

/// A hole of 48 GiB is told and passed over, whether it is there from the start or appended.
#[test]
fn holes() {
    let (scratch, wtmp) = (Scratch::new(), wtmp());
    let path = scratch.file("wtmp", &wtmp);
    let count = (wtmp.len() / SIZE) as u64;
    let far = 1 << 27;
    let lengthen = |records: u64| {
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(records * SIZE as u64)
    };
    let knows_holes = lengthen(far).is_ok_and(|()| {
        let sparse = SparseFile::new(File::open(&path).unwrap());
        let after = sparse.data_after(1 << 20).unwrap();
        after.is_none_or(|data| data.start > 1 << 30)
    });
    if !knows_holes {
        loginrec_testing::skip("this file system does not report holes");
        return;
    }
    append(&path, &wtmp);
    let following = Following::start(&["--format", "jsonl", &path]);
    // The last block before a hole is filled with zeros, which are records.
    assert_eq!(following.places(count as usize), at(0, count));
    following.says("are a hole of the file");
    let next = || loop {
        let (index, offset) = following.places(1)[0];
        assert_eq!(offset, index * SIZE as u64);
        if !(count..count + 20).contains(&index) && !(far - 20..far).contains(&index) {
            return index;
        }
    };
    assert_eq!((0..count).map(|_| next()).collect::<Vec<_>>(), Vec::from_iter(far..far + count));
    following.is_quiet();
    lengthen(2 * far).unwrap();
    following.says("are a hole of the file");
    append(&path, &wtmp[..SIZE]);
    loop {
        let (index, _) = following.places(1)[0];
        if index == 2 * far {
            break;
        }
        assert!(index < far + count + 20 || index > 2 * far - 20, "{index}");
    }
}

/// A file that begins with more zeros than are looked at otherwise is recognized by what follows.
#[test]
fn a_hole_first() {
    let scratch = Scratch::new();
    let path = scratch.file("wtmp", b"");
    let first = 100_000;
    File::create(&path).unwrap().set_len(first * SIZE as u64).unwrap();
    append(&path, &wtmp());
    let following = Following::start(&["--format", "jsonl", &path]);
    let found = loop {
        let (index, _) = following.places(1)[0];
        if index >= first {
            break index;
        }
    };
    assert_eq!(found, first);
}

#[test]
fn truncated() {
    let (scratch, wtmp) = (Scratch::new(), wtmp());
    let path = scratch.file("wtmp", &wtmp);
    let count = (wtmp.len() / SIZE) as u64;
    let following = Following::start(&["--format", "jsonl", &path]);
    following.places(count as usize);
    File::create(&path).unwrap();
    following.says("has become shorter");
    append(&path, &wtmp[..3 * SIZE]);
    assert_eq!(following.places(3), at(0, 3));
}

#[cfg(unix)]
#[test]
fn rotated() {
    let (scratch, wtmp) = (Scratch::new(), wtmp());
    let path = scratch.file("wtmp", &wtmp);
    let rotated = scratch.path("wtmp.1");
    let count = (wtmp.len() / SIZE) as u64;
    let following = Following::start(&["--format", "jsonl", &path]);
    following.places(count as usize);
    fs::rename(&path, &rotated).unwrap();
    // Somebody still has it open.
    append(&rotated, &wtmp[..SIZE]);
    assert_eq!(following.places(1), at(count, count + 1));
    // Another one, not a longer copy of the first.
    scratch.file("wtmp", &[&wtmp[SIZE..], &wtmp[..]].concat());
    following.says("was replaced");
    assert_eq!(following.places(2 * count as usize - 1), at(0, 2 * count - 1));
}

#[test]
fn missing_then_there() {
    let (scratch, wtmp) = (Scratch::new(), wtmp());
    let path = scratch.path("wtmp");
    let following = Following::start(&["--format", "csv", &path]);
    following.says("no such file: waiting for the file");
    fs::write(&path, b"").unwrap();
    following.is_quiet();
    append(&path, &wtmp[..SIZE]);
    assert!(following.next().starts_with("machine,source,file,layout,"));
    assert!(following.next().contains(",linux-glibc-384-le,0,0,"));
}

#[test]
fn length_prefixed_and_several_files() {
    let scratch = Scratch::new();
    let log = fs::read(root().join("fixtures/freebsd-utx-log/utx.log")).unwrap();
    let first = 2 + usize::from(u16::from_be_bytes([log[0], log[1]]));
    let utx = scratch.file("utx.log", &log);
    let wtmp = scratch.file("wtmp", &wtmp());
    let following = Following::start(&[&utx, &wtmp]);
    let mut headings = 0;
    while headings < 2 {
        headings += usize::from(following.next().starts_with("==> "));
    }
    (0..14).for_each(|_| drop(following.next()));
    // A length and half a record, then the rest, then zeros that may be a length.
    append(&utx, &log[..first / 2]);
    following.is_quiet();
    append(&utx, &log[first / 2..first]);
    assert_eq!(following.next(), "");
    assert!(following.next().ends_with("utx.log <=="));
    assert!(following.next().starts_with('['));
    append(&utx, &[0; 3]);
    following.is_quiet();
    assert!(following.err.try_recv().is_err());
}

#[test]
fn what_cannot_be_followed() {
    let scratch = Scratch::new();
    let packed = scratch.file("wtmp.gz", &gzip(&wtmp()));
    let text = scratch.file("notes", &b"no login records, ".repeat(100));
    let refused = [
        ("fixtures/linux-lastlog-292-le/lastlog", "written in place"),
        ("fixtures/netbsd-lastlogx-432-le/lastlogx", "written in place"),
        (packed.as_str(), "is compressed and cannot be followed"),
        (text.as_str(), "not recognised"),
        ("fixtures", "not a regular file"),
    ];
    for (path, why) in refused {
        let (status, stderr) = told(&run(&["dump", "--follow", path]));
        assert!(status == 3 && stderr.contains(why), "{path}: {status} {stderr}");
    }
    for args in [&["dump", "--follow", "-"][..], &["dump", "--follow", "--merge", "x"]] {
        assert_eq!(told(&run(args)).0, 2, "{args:?}");
    }
    assert_eq!(told(&run(&["dump", "--follow", "--interval", "0", "x"])).0, 2);
}

/// On Unix even if no record comes; elsewhere it shows when one does.
#[test]
fn a_closed_pipe_is_the_end() {
    let (scratch, wtmp) = (Scratch::new(), wtmp());
    let path = scratch.file("wtmp", &wtmp);
    let args = ["dump", "--follow", "--interval", "0.02", &path];
    let mut child = command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut String::new()).unwrap();
    drop(out);
    let begun = Instant::now();
    let status = loop {
        if !cfg!(unix) {
            append(&path, &wtmp[..SIZE]);
        }
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(20));
    };
    assert!(status.success(), "{status}");
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(stderr, "");
}
