//! Breaks loginrec, if it can.
//!
//! A target is a function of any bytes that asserts what must hold of them. Two things run
//! targets:
//!
//! * `cargo run --profile fuzz -p loginrec-fuzz -- all --seconds 60`: made-up inputs, on any
//!   toolchain; see [`input`] for how they are made.
//! * `cargo +nightly fuzz run TARGET`: libFuzzer, which follows the branches taken.
//!
//! Inputs that broke something are kept in `regressions/TARGET/` and run by `cargo test`.
#![forbid(unsafe_code)]

pub mod input;
mod targets;

use loginrec_testing::Rng;

pub use crate::targets::TARGETS;

/// Something to break.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, also that of its libFuzzer binary and of its folder of regressions.
    pub name: &'static str,
    /// Panics if something that must hold of these bytes does not.
    pub run: fn(&[u8]),
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// An input with the structure this target looks for, from a seed.
    pub made_up: fn(&mut Rng) -> Vec<u8>,
    /// Pieces of which such inputs are made.
    pub words: &'static [&'static [u8]],
}

/// The target called `name`.
pub fn by_name(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// The entry point of a libFuzzer binary. Built without cargo-fuzz, the binary runs the
/// target over the files that are named.
#[macro_export]
macro_rules! target {
    ($name:ident) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| {
            ($crate::by_name(stringify!($name)).unwrap().run)(data)
        });

        #[cfg(not(fuzzing))]
        fn main() {
            $crate::run_files(stringify!($name));
        }
    };
}

/// Runs a target over the files named on the command line.
pub fn run_files(name: &str) {
    let target = by_name(name).unwrap();
    for path in std::env::args_os().skip(1) {
        (target.run)(&std::fs::read(path).unwrap());
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn what_broke_once_holds() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
        for of_target in fs::read_dir(&folder).unwrap() {
            let of_target = of_target.unwrap().path();
            let Some(name) = of_target.file_name().filter(|_| of_target.is_dir()) else { continue };
            let target = by_name(name.to_str().unwrap()).expect("a folder for each target");
            for file in fs::read_dir(&of_target).unwrap() {
                (target.run)(&fs::read(file.unwrap().path()).unwrap());
            }
        }
    }

    #[test]
    fn every_target_takes_its_seeds_and_what_it_makes_up() {
        for target in TARGETS {
            let seeds = (target.seeds)();
            assert!(!seeds.is_empty(), "{} has no seeds", target.name);
            seeds.iter().for_each(|seed| (target.run)(seed));
            let mut inputs = input::Inputs::new(target, 1);
            (0..200).for_each(|_| (target.run)(&inputs.next()));
        }
    }

    /// The same seed makes the same inputs: what broke can be made again.
    #[test]
    fn inputs_follow_from_their_seed() {
        for target in TARGETS {
            let (mut one, mut other) =
                (input::Inputs::new(target, 7), input::Inputs::new(target, 7));
            let all =
                |inputs: &mut input::Inputs| (0..50).map(|_| inputs.next()).collect::<Vec<_>>();
            assert_eq!(all(&mut one), all(&mut other), "{}", target.name);
        }
    }

    #[test]
    fn every_target_has_a_binary_for_libfuzzer() {
        for target in TARGETS {
            let path = format!("{}/fuzz_targets/{}.rs", env!("CARGO_MANIFEST_DIR"), target.name);
            let text = fs::read_to_string(path).unwrap();
            assert!(text.contains(&format!("target!({})", target.name)), "{}", target.name);
        }
        let binaries = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz_targets")).unwrap();
        assert_eq!(binaries.count(), TARGETS.len());
    }
}
