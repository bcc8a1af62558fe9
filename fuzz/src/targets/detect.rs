//! Detection: the same answer twice, one that can be used.

use loginrec::LogFile;
use loginrec::detect::{Verdict, detect};
use loginrec::platform::LAYOUTS;

use super::records;
use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "detect",
    run,
    seeds: records::fixtures,
    made_up: |rng| records::records(&LAYOUTS[rng.below(LAYOUTS.len())], rng),
    words: records::WORDS,
};

fn run(data: &[u8]) {
    let found = detect(data);
    let again = detect(data);
    assert_eq!(found.verdict(), again.verdict());
    assert_eq!(found.layout(), again.layout());
    assert_eq!(found.reasons(), again.reasons());
    let scores = |found: &loginrec::detect::Detection| {
        found.candidates().iter().map(|one| (one.layout.name, one.score)).collect::<Vec<_>>()
    };
    assert_eq!(scores(&found), scores(&again));
    let ties = found.ties();
    match found.verdict() {
        Verdict::Empty => assert!(data.is_empty()),
        Verdict::NotRecognised => assert_eq!(found.layout(), None),
        Verdict::Recognised => assert!(found.layout().is_some() && found.margin() >= 0),
        Verdict::Ambiguous => {
            assert!(ties.len() > 1, "one is not ambiguous");
            assert!(
                ties.iter().any(|tie| Some(tie.layout) == found.layout()),
                "the best is among them"
            );
        }
        _ => {}
    }
    let opened = LogFile::options().guess(true).bytes(data);
    assert_eq!(opened.is_err(), found.verdict() == Verdict::NotRecognised);
    if let Ok(log) = opened {
        assert_eq!(log.layout(), found.layout());
    }
    if let Err(error) = LogFile::from_bytes(data) {
        assert!(!error.to_string().is_empty());
    }
}
