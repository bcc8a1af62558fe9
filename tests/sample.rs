//! Detection of a file read in places gives the same as of the whole.

use std::cell::Cell;
use std::io;
use std::ops::Range;

use loginrec::detect::{Hints, Reason, Sample, Verdict, detect, detect_with};
use loginrec::formats::LAYOUTS;
use loginrec::read::{Chunks, ReadAt};
use loginrec::{Container, Layout};
use loginrec_testing::generate::synthesize;
use loginrec_testing::{Rng, corpus_files, fixtures};

fn all_of(found: &loginrec::detect::Detection) -> String {
    format!("{found:?}")
}

fn compare(data: &[u8], hints: &Hints<'_>, at: &str) {
    let whole = all_of(&detect_with(data, hints));
    let read = Sample::read(data).unwrap().detect(hints);
    assert_eq!(all_of(&read), whole, "{at}, read");
    let sparse = Sample::read(&Sparse(data)).unwrap().detect(hints);
    assert_eq!(all_of(&sparse), whole, "{at}, sparse");
}

fn compare_layouts(data: &[u8], at: &str) {
    let said = |found: &loginrec::detect::Detection| {
        let layouts = found.candidates().iter().filter(|candidate| candidate.score > 0);
        let names: Vec<&str> = layouts.map(|candidate| candidate.layout.name).collect();
        (found.verdict(), names)
    };
    let whole = said(&detect(data));
    assert_eq!(said(&Sample::read(data).unwrap().detect(&Hints::default())), whole, "{at}, read");
    let sparse = Sample::read(&Sparse(data)).unwrap().detect(&Hints::default());
    assert_eq!(said(&sparse), whole, "{at}, sparse");
}

/// Knows where its zeros are.
struct Sparse<'a>(&'a [u8]);

impl ReadAt for Sparse<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buffer, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }

    fn data_after(&self, at: u64) -> io::Result<Option<Range<u64>>> {
        let rest = self.0.get(at as usize..).unwrap_or_default();
        let start = rest.iter().position(|&byte| byte != 0).map(|hole| at + hole as u64);
        Ok(start.map(|start| start..start + 1))
    }
}

#[test]
fn fixtures_and_corpus() {
    for sample in fixtures().iter().chain(&corpus_files()) {
        let at = sample.path.display().to_string();
        let name = sample.path.file_name().unwrap().to_str().unwrap();
        let data = sample.bytes();
        compare(&data, &Hints::default(), &at);
        let hints = Hints::new().file_name(name);
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
    let layouts = LAYOUTS.iter().filter(|l| l.container != Container::BerkeleyHash);
    for (round, layout) in layouts.enumerate() {
        let mut data = long(layout, (1 << 21) + random.below(1 << 20) as usize, &mut random);
        compare(&data, &Hints::default(), layout.name);
        if round % 4 == 0 {
            let hole = random.below(3 << 20) as usize;
            let at = random.below((data.len() / layout.size) as u64) as usize * layout.size;
            data.splice(at..at, vec![0; hole - hole % layout.size]);
            // The used slots of a lastlog within reach are counted, then replaced by a hole.
            match layout.container {
                Container::Slots => compare_layouts(&data, layout.name),
                _ => compare(&data, &Hints::default(), layout.name),
            }
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

/// Only the beginning of a pipe is known, so its end cannot be evidence.
#[test]
fn beginnings() {
    for sample in fixtures().iter().filter(|sample| sample.bytes().len() > 4000) {
        let data = sample.bytes();
        let whole = detect(&data);
        if whole.verdict() != Verdict::Recognized || whole.margin() < 20 {
            continue;
        }
        let cut = data.len() - 17;
        let found = Sample::beginning(&data[..cut]).detect(&Hints::default());
        assert_eq!(found.layout(), whole.layout(), "{}", sample.path.display());
        let told = found.reasons().iter().any(|r| matches!(r, Reason::Beginning { .. }));
        let fixed =
            matches!(found.layout().unwrap().container, Container::Array | Container::Slots);
        assert_eq!(told, fixed);
    }
}

/// However long the file, about as much is read.
#[test]
fn little_is_read() {
    struct Counted(Vec<u8>, Cell<usize>);
    impl ReadAt for Counted {
        fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
            let read = self.0.read_at(buffer, offset)?;
            self.1.set(self.1.get() + read);
            Ok(read)
        }

        fn size(&self) -> io::Result<u64> {
            self.0.size()
        }
    }
    let layout = loginrec::formats::by_name("linux-glibc-384-le").unwrap();
    let data = long(layout, 38_400_000, &mut Rng::new(2));
    let all = data.len() / 384;
    let file = Counted(data, Cell::new(0));
    let found = Sample::read(&file).unwrap().detect(&Hints::default());
    assert_eq!(found.layout(), Some(layout));
    assert!(file.1.get() < 2 << 20, "{} bytes read", file.1.get());
    let (mut records, mut chunks) = (0, Chunks::new(layout, file));
    while let Some(chunk) = chunks.next_chunk().unwrap() {
        records += chunk.filter(Result::is_ok).count();
    }
    assert_eq!(records, all);
}
