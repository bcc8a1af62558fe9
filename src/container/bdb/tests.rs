use std::collections::BTreeMap;
use std::{fs, string::String, vec, vec::Vec};

use loginrec_testing::{Rng, corpus};
use serde_json::{Value as Json, json};

use crate::container::bdb::{Lorder, Pair, Pairs, Value, is_database};
use crate::error::{Error, PageFault};

fn synthetic() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = corpus("netbsd-lastlogx-synthetic") else { return vec![] };
    let files = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let files = files.map(|f| (f.file_name().into_string().unwrap(), fs::read(f.path()).unwrap()));
    files.filter(|(name, _)| name.starts_with("lastlogx")).collect()
}

fn parts<'a>(value: &Value<'a>) -> Vec<&'a [u8]> {
    match *value {
        Value::Whole(bytes) => vec![bytes],
        Value::Fragmented(parts) => parts.parts().collect(),
    }
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap().split('\0').next().unwrap()
}

/// Seconds, microseconds, line and host.
fn login(lorder: Lorder, pair: &Pair<'_>) -> Json {
    let value = parts(&pair.value).concat();
    let number = |at: usize, len: usize| {
        let push = |number: i64, byte: &u8| number << 8 | i64::from(*byte);
        let bytes = value[at..at + len].iter();
        if lorder == Lorder::Big { bytes.fold(0, push) } else { bytes.rfold(0, push) }
    };
    let (sec, usec, line) = match value.len() {
        424 => (number(0, 4), number(4, 4), 8),
        428 => (number(0, 8), number(8, 4), 12),
        432 => (number(0, 8), number(8, 4), 16),
        len => panic!("{len}"),
    };
    json!([sec, usec, text(&value[line..line + 32]), text(&value[line + 32..line + 288])])
}

#[test]
fn corpus_is_read_whole() {
    let Some(truth) = corpus("netbsd-lastlogx-synthetic/expected.json") else { return };
    let truth = fs::read(truth);
    for (name, data) in synthetic() {
        let truth: Json = serde_json::from_slice(truth.as_ref().unwrap()).unwrap();
        let lorder = Pairs::new(&data).unwrap().lorder();
        let pairs: Vec<_> = Pairs::new(&data).unwrap().map(Result::unwrap).collect();
        let found: BTreeMap<_, _> = pairs.iter().map(|p| (p.uid, login(lorder, p))).collect();
        let expected = truth[&name]["entries"].as_object().unwrap().iter().map(|(uid, entry)| {
            (uid.parse().unwrap(), json!(["sec", "usec", "line", "host"].map(|key| &entry[key])))
        });
        assert_eq!(found, expected.collect(), "{name}");
        assert_eq!(pairs.len(), found.len(), "{name}: a pair came twice");
        assert_eq!(lorder == Lorder::Little, truth[&name]["lorder"] == 1234, "{name}");
        for pair in &pairs {
            assert!(data[pair.offset as usize..].starts_with(parts(&pair.value)[0]), "{name}");
        }
    }
}

#[test]
fn netbsd_9_3_is_read() {
    let Some(path) = corpus("netbsd93-amd64/lastlogx") else { return };
    let data = fs::read(path).unwrap();
    let pairs: Vec<_> = Pairs::new(&data).unwrap().map(Result::unwrap).collect();
    let [pair] = &pairs[..] else { panic!("{pairs:?}") };
    let root = json!([1_708_850_203, 796_645, "pts/2", "192.168.100.254"]);
    assert_eq!((pair.uid, login(Lorder::Little, pair)), (0, root));
}

/// Walks to the end; returns the number of pairs, and the errors.
fn walk(data: &[u8]) -> (usize, Vec<Error>) {
    let items = Pairs::new(data).into_iter().flatten();
    let (pairs, errors): (Vec<_>, Vec<_>) = items.partition(Result::is_ok);
    let total: usize = pairs.iter().flatten().map(|pair| parts(&pair.value).concat().len()).sum();
    assert!(total <= 8 * data.len() && pairs.len() + errors.len() <= 2 * data.len());
    (pairs.len(), errors.into_iter().filter_map(Result::err).collect())
}

#[test]
fn damage_does_not_hang_or_panic() {
    let mut rng = Rng::new(1);
    let mut next = |below| rng.index(below);
    for (_, mut data) in synthetic() {
        for len in (0..data.len()).step_by(997) {
            walk(&data[..len]);
        }
        for round in 0..1000 {
            let (at, byte) = (next(if round % 2 == 0 { data.len() } else { 260 }), next(256) as u8);
            let old = std::mem::replace(&mut data[at], byte);
            walk(&data);
            data[at] = old;
        }
    }
}

/// Returns a little-endian database with pages of 512 bytes, of which only the slots are given.
/// With less than 128 buckets, overflow address k is page k + 1.
fn database(max_bucket: u32, pages: &[&[u16]]) -> Vec<u8> {
    let mut data = vec![0; 512 * (pages.len() + 1)];
    let header = [(0, 0x61561), (4, 2), (8, 1234), (12, 512), (16, 9), (60, 1), (64, 0x956e_7de3)];
    for (at, word) in header.into_iter().chain([(40, max_bucket)]) {
        data[at..at + 4].copy_from_slice(&word.to_be_bytes());
    }
    for (page, slots) in data.chunks_exact_mut(512).skip(1).zip(pages) {
        let slots: Vec<u8> = slots.iter().flat_map(|slot| slot.to_le_bytes()).collect();
        page[..slots.len()].copy_from_slice(&slots);
    }
    data
}

fn fault(page: u32, fault: PageFault) -> Error {
    Error::Page { page, offset: u64::from(page) * 512, fault }
}

#[test]
fn faults_name_the_page() {
    use PageFault::*;
    // Pages; pairs found; the page of the first fault.
    let cases: &[(&[&[u16]], usize, u32, PageFault)] = &[
        (&[&[2, 1, 0], &[2, 1, 0]], 0, 2, Cycle),
        (&[&[4, 508, 500, 1, 0], &[4, 508, 500, 2, 0], &[4, 508, 500, 1, 0]], 3, 2, Cycle),
        (&[&[2, 1, 0], &[2, 2, 0], &[4, 508, 500, 3, 0], &[2, 4, 0], &[2, 2, 0]], 1, 3, Cycle),
        (&[&[2, 1, 0], &[4, 500, 1, 1, 0]], 0, 2, Cycle),
        (&[&[4, 508, 2, 1, 0], &[4, 500, 2, 1, 0]], 0, 2, Cycle),
        (&[&[4, 508, 500, 9, 0]], 1, 1, Missing),
        (&[&[2, 508, 1]], 0, 1, Endless),
        (&[&[4, 508, 2, 1, 0], &[]], 0, 2, Endless),
        (&[&[4, 510, 500, 496, 490]], 1, 1, Key),
        (&[&[2, 513, 500]], 0, 1, Bounds),
        (&[&[4, 508, 500, 501, 490]], 1, 1, Bounds),
        (&[&[2, 508, 9]], 0, 1, Bounds),
        (&[&[3, 508, 500, 1]], 0, 1, Slots),
        (&[&[254]], 0, 1, Slots),
    ];
    for &(pages, pairs, page, kind) in cases {
        let (found, errors) = walk(&database(0, pages));
        assert_eq!((found, errors.first()), (pairs, Some(&fault(page, kind))), "{pages:?}");
    }
    let mut cut = database(0, &[&[4, 508, 500, 496, 480]]);
    cut.truncate(512 + 504);
    assert_eq!(walk(&cut), (1, vec![fault(1, Bounds)]));
}

#[test]
fn a_big_pair_spreads_and_the_chain_goes_on() {
    let key: [&[u16]; 2] = [&[4, 511, 1, 1, 0], &[4, 509, 3, 2, 500]];
    let value: [&[u16]; 3] = [&[4, 400, 2, 3, 0], &[4, 508, 3, 4, 0], &[2, 508, 500]];
    let data = database(0, &[&key[..], &value].concat());
    let pairs: Vec<_> = Pairs::new(&data).unwrap().map(Result::unwrap).collect();
    let lens = pairs.iter().map(|p| parts(&p.value).iter().map(|b| b.len()).collect());
    assert_eq!(lens.collect::<Vec<Vec<_>>>(), [vec![9, 112, 4], vec![8]]);
    assert_eq!((pairs[0].offset, pairs[1].offset), (2 * 512 + 500, 5 * 512 + 500));
}

#[test]
fn numbers_of_the_header_are_not_trusted() {
    let pair: &[u16] = &[2, 508, 500];
    assert_eq!(walk(&database(u32::MAX, &[pair])), (1, vec![]));
    let mut data = database(1, &[pair, pair]);
    data[68] = 0x80; // spares[0], which bucket 1 needs, becomes negative.
    assert_eq!(walk(&data), (1, vec![fault(0, PageFault::Header)]));
    // A hundred buckets share a chain of two hundred pages.
    let links: Vec<[u16; 3]> = (101..301).map(|next| [2, next, 0]).collect();
    let mut pages: Vec<&[u16]> = vec![&[2, 100, 0]; 100];
    pages.extend(links.iter().map(|link| &link[..]).chain([&[][..]]));
    let errors = walk(&database(99, &pages)).1;
    assert!(matches!(errors[..], [Error::Page { fault: PageFault::Shared, .. }]));

    for at in [0, 7, 11, 14, 19, 63, 64] {
        let mut data = database(0, &[pair]);
        assert!(is_database(&data) && (0..260).all(|len| Pairs::new(&data[..len]).is_err()));
        data[at] ^= 0x40;
        assert_eq!(Pairs::new(&data).unwrap_err(), fault(0, PageFault::Header), "byte {at}");
    }
}

#[test]
fn pages_of_65535_bytes_lie_65536_apart() {
    let mut data = database(0, &[]);
    data.resize(2 * 65536 - 1, 0);
    (data[14], data[15], data[19]) = (0xff, 0xff, 16);
    data[65536..][..6].copy_from_slice(&[2, 0, 0xfb, 0xff, 0x07, 0xfe]);
    data[2 * 65536 - 5..].copy_from_slice(&1000u32.to_le_bytes());
    let pair = Pairs::new(&data).unwrap().next().unwrap().unwrap();
    assert_eq!((pair.uid, pair.offset, parts(&pair.value)[0].len()), (1000, 65536 + 0xfe07, 500));
}
