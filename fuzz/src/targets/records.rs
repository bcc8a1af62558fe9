//! Files made of records, and what all targets ask of records.

use std::fs;
use std::path::PathBuf;

use loginrec::formats::LAYOUTS;
use loginrec::layout::{Field, Role};
use loginrec::{Container, Entry, Layout, LogFile};
use loginrec_testing::{KnownFile, Rng, root};

/// Values of the fields of records.
pub(crate) const WORDS: &[&[u8]] = &[
    b"~",
    b"~~",
    b"|",
    b"{",
    b"reboot",
    b"shutdown",
    b"runlevel",
    b"date",
    b"LOGIN",
    b"root",
    b"pts/0",
    b"tty1",
    b":0",
    b"ts/0",
    b"system boot",
    b"run-level 3",
    b"2001:db8::1",
    b"192.0.2.1",
    b"ftp99",
    b"\x1b[2J",
    b"\xe2\x80\xae",
    b"\xff\xfe",
    b"] [",
];

/// Files under this folder of the repository, in the same order everywhere.
pub(crate) fn files(folder: &str) -> Vec<PathBuf> {
    let folder = root().join(folder);
    let mut found = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// The files of records among the fixtures.
pub(crate) fn fixtures() -> Vec<Vec<u8>> {
    loginrec_testing::fixtures().iter().map(KnownFile::bytes).collect()
}

/// Records of one framing, after the number of their layout: see [`chosen`].
pub(crate) fn numbered(framing: Option<Container>) -> Vec<Vec<u8>> {
    let with_number = |data: Vec<u8>| {
        let log = LogFile::options()
            .on_ambiguous(loginrec::open::OnAmbiguous::BestGuess)
            .from_slice(&data)
            .ok()?;
        let layout = log.layout()?;
        framing.is_none_or(|framing| framing == layout.container).then_some(())?;
        Some([&[number(layout)], data.as_slice()].concat())
    };
    fixtures().into_iter().filter_map(with_number).collect()
}

fn number(layout: &Layout) -> u8 {
    LAYOUTS.iter().position(|other| other == layout).unwrap() as u8
}

/// The layout that the first byte of an input chooses, and the rest of the input.
pub(crate) fn chosen(input: &[u8]) -> Option<(&'static Layout, &[u8])> {
    let (number, data) = input.split_first()?;
    Some((LAYOUTS.get(usize::from(*number) % LAYOUTS.len())?, data))
}

/// Some records of any layout with random fields, after the number of the layout.
pub(crate) fn made_up(rng: &mut Rng) -> Vec<u8> {
    let number = rng.index(LAYOUTS.len());
    let mut input = vec![number as u8];
    input.extend(records(&LAYOUTS[number], rng));
    input
}

/// Some records of a layout, their fields at random.
pub(crate) fn records(layout: &Layout, rng: &mut Rng) -> Vec<u8> {
    let mut file = Vec::new();
    for _ in 0..rng.index(8) {
        let mut record = vec![0; layout.size];
        layout.fields.iter().for_each(|field| fill(field, &mut record, rng));
        if layout.container == Container::LengthPrefixed {
            let stored = record.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
            record.truncate(stored);
            file.extend((stored as u16).to_be_bytes());
        }
        file.extend(record);
    }
    file
}

fn fill(field: &Field, record: &mut [u8], rng: &mut Rng) {
    let out = &mut record[field.offset..][..field.len];
    match field.role {
        _ if rng.one_in(16) => rng.fill(out),
        Role::User | Role::Line | Role::Host | Role::Id => {
            let word = rng.pick(WORDS);
            out.iter_mut().zip(word).for_each(|(to, from)| *to = *from);
        }
        Role::Type => out.fill_with(|| rng.index(12) as u8),
        Role::Padding | Role::Reserved => {}
        _ if rng.one_in(2) => {}
        _ => {
            let number = rng.edge().to_le_bytes();
            out.iter_mut().zip(number).for_each(|(to, from)| *to = from);
        }
    }
}

/// An entry in comparable form.
pub(crate) fn said<'a>(entry: &Entry<'a>) -> impl PartialEq + std::fmt::Debug + use<'a> {
    let texts = [entry.ut_user, entry.ut_line, entry.ut_host, entry.ut_id].map(|text| text.raw());
    let numbers = (entry.raw_type, entry.ut_tv, entry.ut_pid, entry.ut_session, entry.ut_exit);
    (texts, numbers, entry.ut_addr.ip(), entry.ut_addr.raw())
}
