//! Runs the targets over made-up inputs, on any toolchain.
//!
//! `loginrec-fuzz TARGET...|all [--seconds N] [--seed S] [--crashes DIR]`: N seconds for each
//! target. An input that breaks one is written to DIR, its name printed; the exit status
//! is then 1. The same seed makes the same inputs.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::{ExitCode, exit};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs, panic, thread};

use loginrec_fuzz::input::Inputs;
use loginrec_fuzz::{TARGETS, Target, by_name};

/// Longer than any input takes, on a busy machine too.
const HANGS: Duration = Duration::from_secs(20);
/// Inputs between looks at the clock.
const ROUND: u64 = 64;

const USAGE: &str = "usage: loginrec-fuzz TARGET...|all [--seconds N] [--seed S] [--crashes DIR]";

struct Options {
    targets: Vec<&'static Target>,
    time: Duration,
    seed: u64,
    crashes: PathBuf,
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("{USAGE}\ntargets: {}", names.join(" "));
        return ExitCode::from(2);
    };
    let mut total = 0;
    for target in &options.targets {
        match run(target, &options) {
            Some(count) => {
                println!("{:>12}  {count:>10} executions", target.name);
                total += count;
            }
            None => return ExitCode::FAILURE,
        }
    }
    println!("{:>12}  {total:>10} executions", "all");
    ExitCode::SUCCESS
}

fn options() -> Option<Options> {
    let mut options = Options {
        targets: Vec::new(),
        time: Duration::from_secs(10),
        seed: 1,
        crashes: PathBuf::from("fuzz/crashes"),
    };
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seconds" => options.time = Duration::from_secs(words.next()?.parse().ok()?),
            "--seed" => options.seed = words.next()?.parse().ok()?,
            "--crashes" => options.crashes = words.next()?.into(),
            "all" => options.targets.extend(TARGETS),
            name => options.targets.push(by_name(name)?),
        }
    }
    (!options.targets.is_empty()).then_some(options)
}

/// The input being tried, and since when.
type Current = Arc<Mutex<Option<(Instant, Arc<Vec<u8>>)>>>;

/// How many inputs the target took; `None` if it broke.
fn run(target: &'static Target, options: &Options) -> Option<u64> {
    let current = Current::default();
    watch(target, &current, options.crashes.clone());
    let mut inputs = Inputs::new(target, options.seed);
    let start = Instant::now();
    let mut count = 0;
    while count % ROUND != 0 || start.elapsed() < options.time {
        let input = Arc::new(inputs.next());
        set(&current, Some((Instant::now(), Arc::clone(&input))));
        let broke = panic::catch_unwind(|| (target.run)(&input)).is_err();
        if broke {
            set(&current, None);
            keep(target, &input, &options.crashes, "broke");
            return None;
        }
        count += 1;
    }
    set(&current, None);
    Some(count)
}

fn set(current: &Current, to: Option<(Instant, Arc<Vec<u8>>)>) {
    *current.lock().unwrap_or_else(PoisonError::into_inner) = to;
}

/// Ends the process when one input takes too long.
fn watch(target: &'static Target, current: &Current, crashes: PathBuf) {
    let current = Arc::downgrade(current);
    thread::spawn(move || {
        while let Some(current) = current.upgrade() {
            let running = current.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some((since, input)) = running
                && since.elapsed() > HANGS
            {
                keep(target, &input, &crashes, "hangs");
                exit(1);
            }
            drop(current);
            thread::sleep(Duration::from_millis(500));
        }
    });
}

/// Writes an input to a file named after its content.
fn keep(target: &Target, input: &[u8], crashes: &Path, how: &str) {
    let fnv = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    let hash = input.iter().fold(0xcbf2_9ce4_8422_2325, fnv);
    let path = crashes.join(format!("{}-{hash:016x}", target.name));
    let written = fs::create_dir_all(crashes).and_then(|()| fs::write(&path, input));
    match written {
        Ok(()) => eprintln!("{} {how} on {}", target.name, path.display()),
        Err(error) => eprintln!("{} {how}; {}: {error}: {input:?}", target.name, path.display()),
    }
}
