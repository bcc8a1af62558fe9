//! Every layout over any bytes: records lie where they say, both ends meet, both readers
//! agree, and what is read can be written.

use loginrec::layout::Role;
use loginrec::{Container, Error, Layout, Record, UtType};
use loginrec_testing::decode_by_fields;

use super::records::{self, chosen, said};
use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "layouts",
    run,
    seeds: || records::numbered(None),
    made_up: records::made_up,
    words: records::WORDS,
};

fn run(input: &[u8]) {
    let Some((layout, data)) = chosen(input) else { return };
    let all = walk(layout, data);
    both_ends(layout, data, &all);
    entries(layout, data, &all);
    for record in all.iter().flatten() {
        round_trip(record);
    }
}

type Found<'a> = Result<Record<'a>, Error>;

/// Every record lies at its offset.
pub(crate) fn walk<'a>(layout: &'static Layout, data: &'a [u8]) -> Vec<Found<'a>> {
    // A record needs a byte and so does an error.
    let bound = data.len() + 2;
    let all: Vec<_> = layout.records(data).take(bound).collect();
    assert!(all.len() < bound, "{layout:?} does not end");
    let (least, most) = layout.records(data).size_hint();
    assert!(least <= all.len() && most.is_none_or(|most| all.len() <= most), "size_hint");
    let mut end = 0;
    for record in all.iter().flatten() {
        if layout.container != Container::BerkeleyHash {
            assert_eq!(record.layout().size, layout.size);
            let prefix = if layout.container == Container::LengthPrefixed { 2 } else { 0 };
            let begin = record.offset() as usize;
            assert!(begin >= end, "records in order, none twice");
            end = begin + prefix + record.bytes().len();
            assert_eq!(data.get(begin + prefix..end), Some(record.bytes()), "bytes of the file");
        }
        if layout.container == Container::Slots {
            assert_eq!(record.offset(), record.index() * layout.size as u64);
            assert!(record.bytes().iter().any(|&byte| byte != 0), "an unused slot");
        }
    }
    all
}

fn same(one: &Found<'_>, other: &Found<'_>) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => {
            let place = |record: &Record<'_>| (record.index(), record.offset(), record.uid());
            place(one) == place(other)
                && one.layout() == other.layout()
                && one.bytes() == other.bytes()
        }
        (Err(one), Err(other)) => one == other,
        _ => false,
    }
}

/// Walking from both ends and skipping gives the same records.
pub(crate) fn both_ends(layout: &'static Layout, data: &[u8], all: &[Found<'_>]) {
    let back: Vec<_> = layout.records(data).rev().collect();
    assert_eq!(back.len(), all.len());
    assert!(all.iter().rev().zip(&back).all(|(one, other)| same(one, other)), "backwards");
    let chance =
        data.iter().fold(data.len(), |sum, byte| sum.wrapping_mul(31) ^ usize::from(*byte));
    let (front, skipped) = (chance % (all.len() + 1), chance / 256 % (all.len() + 2));
    let mut records = layout.records(data);
    for expected in &all[..front] {
        assert!(same(&records.next().unwrap(), expected), "from the front");
    }
    for expected in all[front..].iter().rev() {
        assert!(same(&records.next_back().unwrap(), expected), "then from the back");
    }
    assert!(records.next().is_none() && records.next_back().is_none(), "nothing twice");
    let alike = |one: Option<Found<'_>>, other: Option<&Found<'_>>| match (one, other) {
        (Some(one), Some(other)) => same(&one, other),
        (one, other) => one.is_none() && other.is_none(),
    };
    assert!(alike(layout.records(data).nth(skipped), all.get(skipped)), "nth");
    let from_back = all.len().checked_sub(skipped + 1).and_then(|at| all.get(at));
    assert!(alike(layout.records(data).nth_back(skipped), from_back), "nth_back");
    assert!(alike(layout.records(data).last(), all.last()), "last");
}

/// One by one, in a fold, and from the descriptor alone.
fn entries(layout: &'static Layout, data: &[u8], all: &[Found<'_>]) {
    let mut folded = Vec::new();
    layout.records(data).entries().for_each(|entry| folded.push(entry));
    assert_eq!(folded.len(), all.len());
    for ((found, folded), stepped) in all.iter().zip(&folded).zip(layout.records(data).entries()) {
        match (found, folded, &stepped) {
            (Ok(record), Ok(folded), Ok(stepped)) => {
                let entry = record.entry();
                assert_eq!(folded.0, *record);
                assert_eq!(said(&entry), said(&folded.1));
                assert_eq!(said(&entry), said(&stepped.1));
                assert_eq!(said(&entry), said(&decode_by_fields(record.layout(), record.bytes())));
                let words = format!("{} {:?} {entry:?}", entry.ut_tv, entry.event());
                assert!(!words.chars().any(loginrec::Text::is_deceptive), "{words:?}");
            }
            (Err(one), Err(other), Err(third)) => assert!(one == other && one == third),
            _ => panic!("{found:?} {folded:?} {stepped:?}"),
        }
    }
}

/// Encoding gives the same bytes again, except those that an entry does not hold.
fn round_trip(record: &Record<'_>) {
    let layout = record.layout();
    let entry = record.entry();
    let written = match layout.encode(&entry) {
        Ok(written) => written,
        // A length is never zero, whatever follows the record.
        Err(_)
            if layout.container == Container::LengthPrefixed
                && record.bytes().iter().take(layout.size).all(|&byte| byte == 0) =>
        {
            return;
        }
        Err(error) => panic!("{layout:?}: {error}: {entry:?}"),
    };
    let prefix = if layout.container == Container::LengthPrefixed { 2 } else { 0 };
    let mut written = written[prefix..].to_vec();
    let mut stored = record.bytes().to_vec();
    stored.truncate(layout.size);
    stored.resize(layout.size, 0);
    written.resize(layout.size, 0);
    for field in layout.fields {
        match field.role {
            Role::Padding | Role::Reserved | Role::HostLength => {}
            // Bytes that no writer clears.
            Role::LoginHost if entry.ut_type() != UtType::UserProcess => {}
            _ => {
                let (one, other) = (field.of_record(&stored), field.of_record(&written));
                assert_eq!(one, other, "{layout:?}: {}", field.name);
            }
        }
    }
}
