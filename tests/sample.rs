//! What detection says of a file that it reads in places is what it says of the whole.

mod common;

use std::io::{Cursor, Read, Seek};

use loginrec::detect::{Hints, Reason, Sample, Verdict, detect, detect_with};
use loginrec::platform::LAYOUTS;
use loginrec::{Framing, Layout, Stream};

use crate::common::{Rng, corpus, fixtures, synthesize};

fn all_of(found: &loginrec::detect::Detection) -> String {
    format!("{found:?}")
}

fn compare(data: &[u8], hints: &Hints<'_>, at: &str) {
    let whole = all_of(&detect_with(data, hints));
    let mut file = Cursor::new(data);
    let read = Sample::read(&mut file).unwrap().detect(hints);
    assert_eq!(all_of(&read), whole, "{at}, read");
    let sparse = Sample::sparse(&mut file, |file: &mut Cursor<&[u8]>, at| {
        let behind = file.get_ref().get(at as usize..).unwrap_or_default();
        let start = behind.iter().position(|&byte| byte != 0).map(|hole| at + hole as u64);
        Ok(start.map(|start| start..start + 1))
    });
    assert_eq!(all_of(&sparse.unwrap().detect(hints)), whole, "{at}, sparse");
}

#[test]
fn fixtures_and_corpus() {
    for sample in fixtures().iter().chain(&corpus()) {
        let at = sample.path.display().to_string();
        let name = sample.path.file_name().unwrap().to_str().unwrap();
        let data = sample.bytes();
        compare(&data, &Hints::default(), &at);
        let hints = Hints { file_name: Some(name), ..Hints::default() };
        compare(&data, &hints, &at);
        compare(&data[..data.len() - 1], &hints, &at);
    }
}

/// At least `len` bytes, a few years again and again.
fn long(layout: &Layout, len: usize, random: &mut Rng) -> Vec<u8> {
    let mut data = Vec::new();
    while data.len() < len {
        data.extend(synthesize(layout, 100, 1_500_000_000, random));
    }
    data
}

/// Files longer than what is read of them: whole, cut, with holes and noise.
#[test]
fn long_files() {
    let mut random = Rng::new(5);
    let layouts = LAYOUTS.iter().filter(|l| l.framing != Framing::Database);
    for (round, layout) in layouts.enumerate() {
        let mut data = long(layout, (1 << 21) + random.below(1 << 20) as usize, &mut random);
        compare(&data, &Hints::default(), layout.name);
        if round % 4 == 0 {
            let hole = random.below(3 << 20) as usize;
            let at = random.below((data.len() / layout.size) as u64) as usize * layout.size;
            data.splice(at..at, vec![0; hole - hole % layout.size]);
            compare(&data, &Hints::default(), layout.name);
        }
        if round % 4 == 1 {
            let noise = random.below(1 << 20) as usize;
            random.fill(&mut data[noise..noise * 2]);
            data.truncate(data.len() - 1 - random.below(layout.size as u64 - 1) as usize);
            compare(&data, &Hints::default(), layout.name);
        }
    }
    for data in [vec![0; 3 << 20], vec![b'x'; 3 << 20]] {
        compare(&data, &Hints::default(), "no records");
    }
}

/// Of a pipe only the beginning is known, which has no end that could say anything.
#[test]
fn beginnings() {
    for sample in fixtures().iter().filter(|sample| sample.bytes().len() > 4000) {
        let data = sample.bytes();
        let whole = detect(&data);
        if whole.verdict() != Verdict::Recognised || whole.margin() < 20 {
            continue;
        }
        let cut = data.len() - 17;
        let found = Sample::beginning(&data[..cut]).detect(&Hints::default());
        assert_eq!(found.layout(), whole.layout(), "{}", sample.path.display());
        let told = found.reasons().iter().any(|r| matches!(r, Reason::Beginning { .. }));
        let fixed = matches!(found.layout().unwrap().framing, Framing::Fixed | Framing::Indexed);
        assert_eq!(told, fixed);
    }
}

/// However long the file, about as much is read.
#[test]
fn little_is_read() {
    struct Counted(Cursor<Vec<u8>>, usize);
    impl Read for Counted {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let read = self.0.read(buffer)?;
            self.1 += read;
            Ok(read)
        }
    }
    impl Seek for Counted {
        fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
            self.0.seek(to)
        }
    }
    let layout = loginrec::platform::by_name("linux-glibc-384-le").unwrap();
    let data = long(layout, 38_400_000, &mut Rng::new(2));
    let all = data.len() / 384;
    let mut file = Counted(Cursor::new(data), 0);
    let found = Sample::read(&mut file).unwrap().detect(&Hints::default());
    assert_eq!(found.layout(), Some(layout));
    assert!(file.1 < 2 << 20, "{} bytes read", file.1);
    file.rewind().unwrap();
    let mut records = 0;
    Stream::new(layout, file).for_each(|entry| records += u32::from(entry.is_ok())).unwrap();
    assert_eq!(records, all as u32);
}
