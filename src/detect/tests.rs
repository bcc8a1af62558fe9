//! Scoring a few layouts gives the same result as scoring all.

use std::format;
use std::string::String;
use std::vec::Vec;

use loginrec_testing::{Rng, fixtures};

use crate::detect::judge::conclude;
use crate::detect::rank::{rank_all, try_prefiltered};
use crate::detect::{Candidate, Detection, Hints, Sample};

/// Returns the verdict, the layout, and the layouts that are equally good.
fn said(candidates: Vec<Candidate>, sample: &Sample<'_>) -> String {
    let found: Detection = conclude(candidates, sample, &Hints::default());
    let ties: Vec<&str> = found.ties().iter().map(|tie| tie.layout.name).collect();
    let same = found.candidates().iter().filter(|candidate| candidate.same_reading);
    let same: Vec<&str> = same.map(|candidate| candidate.layout.name).collect();
    format!("{:?} {:?} {ties:?} {same:?}", found.verdict(), found.layout())
}

/// Returns whether a few layouts were enough.
fn compare(data: &[u8], at: &str) -> bool {
    let sample = Sample::whole(data);
    let Some(few) = try_prefiltered(&sample).filter(|_| sample.has_zero()) else { return false };
    assert_eq!(said(few, &sample), said(rank_all(&sample), &sample), "{at}");
    true
}

#[test]
fn a_few_layouts_say_what_all_do() {
    let (mut whole, mut enough) = (0, 0);
    for file in fixtures() {
        let (at, mut data) = (file.name(), file.bytes());
        whole += 1;
        enough += u32::from(compare(&data, at));
        let len = data.len();
        for (from, to) in [(0, len - 1), (0, len / 2), (0, len.min(700)), (len / 3, len), (7, len)]
        {
            compare(data.get(from..to).unwrap_or_default(), &format!("{at} {from}..{to}"));
        }
        // Other bytes here and there.
        let mut rng = Rng::new(1);
        for round in 0..8 {
            for _ in 0..1 + len / 300 {
                data[rng.index(len)] = rng.below(256) as u8;
            }
            compare(&data, &format!("{at} damaged {round}"));
        }
    }
    assert!(enough * 10 > whole * 6, "{enough} of {whole} files were clear");
}
