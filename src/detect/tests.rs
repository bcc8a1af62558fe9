//! Weighing a few layouts says what weighing all of them does.

use std::path::{Path, PathBuf};
use std::string::String;
use std::vec::Vec;
use std::{format, fs};

use super::race::{long, short};
use super::{Candidate, Detection, Hints, Sample, conclude};

fn fixtures() -> Vec<PathBuf> {
    let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")).unwrap();
    let folders = folders.map(|folder| folder.unwrap().path()).filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap());
    let files = files.map(|file| file.unwrap().path()).filter(|path| path.is_file());
    files.filter(|path| path.extension().is_none_or(|e| e != "jsonl")).collect()
}

/// Verdict, layout, and which layouts are as good.
fn said(candidates: Vec<Candidate>, sample: &Sample<'_>) -> String {
    let found: Detection = conclude(candidates, sample, &Hints::default());
    let ties: Vec<&str> = found.ties().iter().map(|tie| tie.layout.name).collect();
    let same = found.candidates().iter().filter(|candidate| candidate.same_reading);
    let same: Vec<&str> = same.map(|candidate| candidate.layout.name).collect();
    format!("{:?} {:?} {ties:?} {same:?}", found.verdict(), found.layout())
}

/// Whether a few were enough.
fn compare(data: &[u8], at: &str) -> bool {
    let sample = Sample::whole(data);
    let Some(few) = short(&sample).filter(|_| sample.has_zero()) else { return false };
    assert_eq!(said(few, &sample), said(long(&sample), &sample), "{at}");
    true
}

#[test]
fn a_few_layouts_say_what_all_do() {
    let (mut whole, mut enough) = (0, 0);
    for path in fixtures() {
        let at = format!("{}", path.display());
        let mut data = fs::read(&path).unwrap();
        whole += 1;
        enough += u32::from(compare(&data, &at));
        let len = data.len();
        for (from, to) in [(0, len - 1), (0, len / 2), (0, len.min(700)), (len / 3, len), (7, len)]
        {
            compare(data.get(from..to).unwrap_or_default(), &format!("{at} {from}..{to}"));
        }
        // Bytes here and there that are something else.
        let mut number = 1u32;
        for round in 0..8 {
            for _ in 0..1 + len / 300 {
                number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                data[number as usize % len] = (number >> 24) as u8;
            }
            compare(&data, &format!("{at} damaged {round}"));
        }
    }
    assert!(whole > 90, "only {whole} fixtures");
    assert!(enough * 10 > whole * 6, "{enough} of {whole} files were clear");
}
