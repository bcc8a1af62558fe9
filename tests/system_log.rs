//! The Apple System Log: what a reader makes of it in memory, in pieces and from a pipe; damage;
//! pointers that lead nowhere. Expected values come from the generator of the fixtures.
#![cfg(feature = "std")]

use loginrec::audit::{Audit, FileInfo, Finding, Severity};
use loginrec::read::{Chunks, ChunksRev, Key, Link, RecordStream};
use loginrec::{Error, FileKind, LogFile, Records};
use loginrec_testing::{fixture, json_lines};

const FILES: [&str; 3] = ["BB.2027.03.31.G80.asl", "BB.2013.10.31.G80.asl", "asl.db"];
/// The offsets of two pointers: to the first message in the header, to the next in a message.
const FIRST: usize = 16;
const NEXT: usize = 6;

fn file(name: &str) -> Vec<u8> {
    fixture(&format!("asl/{name}"))
}

/// Offset, number, user, line, host of each login; or the damage.
type Row = Result<(u64, Key<'static>, String, String, String), Error>;

fn rows(records: Records<'_>) -> Vec<Row> {
    let row = |record: loginrec::Record<'_>| {
        let entry = record.entry();
        let Key::Rowid(id) = record.key() else { panic!("a message has a number") };
        let [user, line, host] =
            [entry.ut_user, entry.ut_line, entry.ut_host].map(|text| text.to_string());
        (record.offset(), Key::Rowid(id), user, line, host)
    };
    records.map(|record| record.map(row)).collect()
}

fn read(bytes: &[u8]) -> Vec<Row> {
    rows(LogFile::from_slice(bytes).unwrap().records())
}

fn expected(name: &str) -> Vec<Row> {
    let row = |line: &serde_json::Value| {
        let text = |key: &str| line[key].as_str().unwrap().to_owned();
        let id = Key::Rowid(line["rowid"].as_i64().unwrap());
        Ok((line["offset"].as_u64().unwrap(), id, text("user"), text("line"), text("host")))
    };
    json_lines(&file(&format!("{name}.jsonl"))).iter().map(row).collect()
}

fn offset_of(name: &str, index: usize) -> usize {
    usize::try_from(expected(name)[index].as_ref().unwrap().0).unwrap()
}

fn number(bytes: &[u8], at: usize) -> usize {
    usize::try_from(u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap())).unwrap()
}

fn set(bytes: &mut [u8], at: usize, value: usize) {
    bytes[at..at + 8].copy_from_slice(&(value as u64).to_be_bytes());
}

#[test]
fn every_reader_gives_the_same() {
    for name in FILES {
        let bytes = file(name);
        let log = LogFile::options().file_name(name).from_slice(&bytes).unwrap();
        assert_eq!(log.kind(), Some(FileKind::Wtmp));
        let wanted = expected(name);
        assert_eq!(rows(log.records()), wanted, "{name}");
        let layout = log.layout().unwrap();
        for size in [1, 300, 1 << 20] {
            let mut chunks = Chunks::new(layout, bytes.as_slice()).chunk_size(size);
            let mut found = Vec::new();
            while let Some(records) = chunks.next_chunk().unwrap() {
                found.extend(rows(records));
            }
            assert_eq!(found, wanted, "{name} in pieces of {size}");
        }
        let mut stream = RecordStream::new(layout, bytes.as_slice());
        let mut found = Vec::new();
        while let Some(records) = stream.next_chunk().unwrap() {
            found.extend(rows(records));
        }
        assert_eq!(found, wanted, "{name} from a pipe");
        let mut chunks = ChunksRev::new(layout, bytes.as_slice());
        let mut found = Vec::new();
        while let Some(records) = chunks.next_chunk().unwrap() {
            let mut part: Vec<u64> = records.rev().map(|r| r.unwrap().offset()).collect();
            found.append(&mut part);
        }
        let offsets: Vec<u64> = wanted.iter().rev().map(|row| row.as_ref().unwrap().0).collect();
        assert_eq!(found, offsets, "{name} backwards");
    }
}

/// Pointers are never followed: neither a circle nor zeros cost a message.
#[test]
fn pointers_that_lead_nowhere() {
    let name = FILES[0];
    let (sound, wanted) = (file(name), expected(name));
    for index in 0..wanted.len() {
        for to in [0, 80, offset_of(name, 0), offset_of(name, index), usize::MAX, sound.len()] {
            let mut bytes = sound.clone();
            set(&mut bytes, offset_of(name, index) + NEXT, to);
            set(&mut bytes, FIRST, to);
            set(&mut bytes, 36, to);
            let mut found = read(&bytes);
            if to == sound.len() {
                // A message is appended before anything leads to it: the file was longer.
                let lost = Error::Truncated { offset: to as u64, need: 114, have: 0 };
                assert_eq!(found.pop(), Some(Err(lost)), "{index}");
            }
            assert_eq!(found, wanted, "{index} {to}");
        }
    }
}

/// Bytes that are lost in a message cost that message; reading goes on with the next record.
#[test]
fn damage_is_named_and_passed() {
    let name = FILES[0];
    let (sound, wanted) = (file(name), expected(name));
    for index in 0..wanted.len() {
        let (begin, mut bytes) = (offset_of(name, index), sound.clone());
        bytes[begin..begin + 100].fill(0xff);
        let found = read(&bytes);
        let mut without = wanted.clone();
        let len = 6 + u32::from_be_bytes(sound[begin + 2..begin + 6].try_into().unwrap());
        let error = Error::Skipped { offset: begin as u64, len: len.into() };
        without[index] = Err(error);
        assert_eq!(found, without, "{index}");
    }
    // Removed in the middle: the rest is found, although the offsets of its texts are wrong.
    let begin = offset_of(name, 2);
    let mut bytes = sound.clone();
    bytes.drain(begin + 10..begin + 60);
    let found = read(&bytes);
    let offsets = |rows: &[Row], shift: u64| -> Vec<u64> {
        rows.iter().flatten().map(|row| row.0 - shift).collect()
    };
    assert_eq!(offsets(&found[..2], 0), offsets(&wanted[..2], 0));
    assert!(found.iter().any(|row| matches!(row, Err(Error::Skipped { offset, .. })
        if *offset == begin as u64)));
    assert!(found.iter().any(|row| matches!(row, Err(Error::Reference { .. }))));
    // Cut anywhere: what is whole is read.
    for len in (80..sound.len()).step_by(7) {
        let found = read(&sound[..len]);
        let is_whole = |row: &&Row| {
            row.as_ref().is_ok_and(|row| {
                let at = usize::try_from(row.0).unwrap();
                let end = at + 6 + number(&sound[at - 2..], 0) % (1 << 32);
                end <= len
            })
        };
        let whole = wanted.iter().filter(is_whole).count();
        assert_eq!(found.iter().filter(|row| row.is_ok()).count(), whole, "{len}");
    }
}

/// Any byte may be wrong: nothing panics, and what is read is bounded.
#[test]
fn flipped_bytes() {
    for name in FILES {
        let sound = file(name);
        let wanted = expected(name).len();
        for at in 80..sound.len() {
            let mut bytes = sound.clone();
            bytes[at] ^= 0x41;
            let found = read(&bytes).iter().filter(|row| row.is_ok()).count();
            assert!(found <= wanted + 1 && found + 6 >= wanted, "{name} {at}: {found}");
        }
    }
}

fn audit(bytes: &[u8]) -> Vec<Finding> {
    let log = LogFile::options().file_name("BB.2027.03.31.G80.asl").from_slice(bytes).unwrap();
    let mut audit = Audit::new();
    audit.read(&log, FileInfo::of(&log));
    audit.finish()
}

fn found<'f>(findings: &'f [Finding], rule: &str) -> Option<&'f Finding> {
    findings.iter().find(|finding| finding.rule.id == rule)
}

#[test]
fn audit_of_messages() {
    let name = FILES[0];
    let sound = file(name);
    for name in FILES {
        assert_eq!(audit(&file(name)), [], "{name}");
    }
    // The message before leads past the login.
    let hidden = offset_of(name, 4);
    let mut bytes = sound.clone();
    let after = number(&sound, hidden + NEXT);
    set(&mut bytes, offset_of(name, 3) + NEXT, after);
    let log = LogFile::from_slice(&bytes).unwrap();
    let links: Vec<Link> =
        log.records().map(|record| record.unwrap().row_place().unwrap().link.unwrap()).collect();
    assert_eq!(links.iter().filter(|link| **link == Link::PassedOver).count(), 1);
    assert_eq!(links[4], Link::PassedOver);
    let findings = audit(&bytes);
    let finding = found(&findings, "message-unlinked").unwrap();
    assert_eq!((finding.offset, finding.severity), (hidden as u64, Severity::Medium));
    // A message with others after it was hidden by an end mark, not by a skip.
    let mut bytes = sound.clone();
    set(&mut bytes, offset_of(name, 7) + NEXT, 0);
    let findings = audit(&bytes);
    let unlinked = findings.iter().filter(|finding| finding.rule.id == "message-unlinked");
    assert_eq!(Vec::from_iter(unlinked.map(|finding| finding.severity)), [Severity::Medium]);
    // The writer died before it set the offset of the last one.
    set(&mut bytes, offset_of(name, 8) + NEXT, 0);
    let findings = audit(&bytes);
    assert_eq!(found(&findings, "message-unlinked").unwrap().severity, Severity::Info);
    // A number that was used before.
    let mut bytes = sound.clone();
    let before = number(&sound, offset_of(name, 5) + 14);
    set(&mut bytes, offset_of(name, 6) + 14, before);
    let findings = audit(&bytes);
    assert_eq!(found(&findings, "message-order").unwrap().severity, Severity::Medium);
    // Overwritten.
    let mut bytes = sound;
    bytes[hidden..hidden + 100].fill(0);
    let findings = audit(&bytes);
    let finding = found(&findings, "message-damage").unwrap();
    assert_eq!((finding.offset, finding.severity), (hidden as u64, Severity::Medium));
}

/// Cut between two records, or in the header: the file itself says that there was more.
#[test]
fn cut_where_a_record_begins() {
    let name = FILES[0];
    let (sound, wanted) = (file(name), expected(name));
    for index in 1..wanted.len() {
        let cut = offset_of(name, index);
        let found = read(&sound[..cut]);
        let lost = Error::Truncated { offset: cut as u64, need: 114, have: 0 };
        assert_eq!(found.last(), Some(&Err(lost)), "{index}");
    }
    for len in [20, 79] {
        let lost = Error::Truncated { offset: 0, need: 80, have: len as u64 };
        assert_eq!(read(&sound[..len]), [Err(lost)]);
    }
}

/// A list and a text that lead to themselves: what is read for each message is bounded, and every
/// message is there, or what was lost of it.
#[test]
fn loops_of_slots() {
    const MESSAGES: u64 = 2000;
    let text = |next: u32, id: u64, len: usize, content: &[u8]| {
        let head = [&[4][..], &next.to_be_bytes(), &id.to_be_bytes(), &[0; 8]].concat();
        [&head[..], &(len as u32).to_be_bytes(), content].concat()
    };
    let facility = b"com.apple.system.utmpx\0";
    let mut slots = vec![
        [&b"ASL DB\0\0\0\0\0\0"[..], &1_u32.to_be_bytes()].concat(),
        text(0, 7, facility.len(), facility),
        text(3, 8, 55 + 75 * 1024, &[b'A'; 55]),
        [&[5][..], &3_u32.to_be_bytes(), &[b'A'; 75]].concat(),
        [&[3][..], &4_u32.to_be_bytes(), &[0xff; 4], &8_u64.to_be_bytes().repeat(8)].concat(),
    ];
    for id in 0..MESSAGES {
        let mut message = [&[2][..], &4_u32.to_be_bytes(), &id.to_be_bytes()].concat();
        message.resize(37, 0);
        message.extend([u64::MAX.to_be_bytes(), 7_u64.to_be_bytes()].concat());
        slots.push(message);
    }
    slots.iter_mut().for_each(|slot| slot.resize(80, 0));
    let found = read(&slots.concat());
    let logins = found.iter().filter(|row| row.is_ok()).count();
    let lost = found.len() - logins;
    assert!(logins > 10 && found.len() as u64 >= MESSAGES, "{logins} logins, {lost} faults");
}
