//! Detection: the same answer twice, one that can be used.

use loginrec::LogFile;
use loginrec::detect::{Detection, Verdict, detect};
use loginrec::formats::LAYOUTS;

use super::records;
use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "detect",
    run,
    seeds: records::fixtures,
    made_up: |rng| records::records(&LAYOUTS[rng.index(LAYOUTS.len())], rng),
    words: records::WORDS,
};

fn run(data: &[u8]) {
    let found = detect(data);
    match found.verdict() {
        Verdict::Empty => assert!(data.is_empty()),
        Verdict::NotRecognized => assert_eq!(found.layout(), None),
        Verdict::Recognized => assert!(found.layout().is_some() && found.margin() >= 0),
        Verdict::Ambiguous => {
            let ties = found.ties();
            assert!(ties.len() > 1, "one is not ambiguous");
            assert!(ties.iter().any(|tie| Some(tie.layout) == found.layout()), "the best is one");
            assert!(LogFile::from_slice(data).is_err(), "nobody said that a guess would do");
        }
        _ => {}
    }
    match LogFile::options().on_ambiguous(loginrec::open::OnAmbiguous::BestGuess).from_slice(data) {
        Ok(log) => {
            let again = log.detection().unwrap();
            assert_eq!(log.layout(), found.layout());
            assert_eq!(said(again), said(&found), "the same bytes, the same answer");
        }
        Err(error) => {
            // A slice of records cannot be read off the grid.
            assert!(found.verdict() == Verdict::NotRecognized || found.is_off_grid());
            assert!(!error.to_string().chars().any(loginrec::Text::is_deceptive));
        }
    }
}

fn said(found: &Detection) -> impl PartialEq + std::fmt::Debug + '_ {
    let scores =
        found.candidates().iter().map(|one| (one.layout.name, one.score, one.same_reading));
    (found.verdict(), found.margin(), scores.collect::<Vec<_>>(), found.reasons())
}
