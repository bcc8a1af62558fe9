//! Carving any bytes: each record lies where it says, none over another of its run, and the
//! pieces the bytes come in make no difference.

use std::collections::HashMap;

use loginrec::carve::{Carver, Hit, Scanner};
use loginrec::formats::{LAYOUTS, all};

use super::records;
use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "carve",
    run,
    seeds: || {
        // Behind a byte that is taken for the length of the pieces.
        records::fixtures().into_iter().map(|data| [&[7], data.as_slice()].concat()).collect()
    },
    made_up: |rng| {
        let mut image = vec![0; 1 + rng.index(700)];
        rng.fill(&mut image);
        for _ in 0..rng.index(4) {
            image.extend(records::records(&LAYOUTS[rng.index(LAYOUTS.len())], rng));
            image.resize(image.len() + rng.index(64), 0);
        }
        image
    },
    words: records::WORDS,
};

/// Less than the default: more hits, more to resolve.
const BITS: i32 = -10;

/// A hit in comparable form.
type Said = (u64, Vec<u8>, &'static str, i32, u64, u64);

fn said(hit: Hit<'_>) -> Said {
    let record = hit.record;
    // Every hit can be read.
    let _ = format!("{:?}", record.entry());
    let place = (record.offset(), record.bytes().to_vec(), record.layout().name);
    (place.0, place.1, place.2, hit.confidence, hit.run, record.index())
}

fn run(input: &[u8]) {
    let Some((&first, image)) = input.split_first() else { return };
    let carve = |piece: usize| {
        let mut carver = Carver::new(Scanner::new(all())).min_confidence(BITS);
        // Rows of databases are found before the records around them.
        let (mut hits, mut rows) = (Vec::new(), Vec::new());
        let mut take = |hit: Hit<'_>| match hit.record.row_place() {
            Some(_) => rows.push(said(hit)),
            None => hits.push(said(hit)),
        };
        for piece in image.chunks(piece) {
            carver.push(piece, &mut take);
        }
        carver.finish(take);
        (hits, rows)
    };
    let found = carve(usize::MAX);
    let (hits, rows) = &found;
    for (offset, bytes, layout, confidence, ..) in rows {
        assert!(*confidence >= BITS, "{layout} at {offset}: {confidence} bits");
        let begin = *offset as usize;
        assert_eq!(image.get(begin..begin + bytes.len()), Some(bytes.as_slice()), "{layout}");
    }
    let mut ends = HashMap::new();
    for (offset, bytes, layout, confidence, run, _) in hits {
        assert!(*confidence >= BITS, "{layout} at {offset}: {confidence} bits");
        let prefix = if *layout == "freebsd-utx-log" { 2 } else { 0 };
        let begin = *offset as usize + prefix;
        assert_eq!(image.get(begin..begin + bytes.len()), Some(bytes.as_slice()), "{layout}");
        let end = ends.insert(run, (begin + bytes.len()) as u64);
        assert!(end.is_none_or(|end| end == *offset), "a gap within run {run} at {offset}");
    }
    if first.is_multiple_of(4) {
        assert!(carve(1 + usize::from(first) * 8) == found, "pieces make a difference");
    }
}
