//! The Apple System Log: messages that overlap, texts without an end, pointers that lead nowhere.

use loginrec::audit::{Audit, FileInfo};
use loginrec::formats::DATABASES;
use loginrec::read::Chunks;
use loginrec::{Error, LogFile};
use loginrec_testing::generate::system_log;
use loginrec_testing::{Rng, fixture};

use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "asl",
    run,
    seeds: || {
        let files = ["BB.2027.03.31.G80.asl", "BB.2013.10.31.G80.asl", "asl.db"];
        files.iter().map(|name| fixture(&format!("asl/{name}"))).collect()
    },
    made_up,
    words: &[
        b"ASL DB\0\0\0\0\0\0\0\0\0\x02",
        b"\0\0\0\0\0\x74",
        b"\0\0\0\0\0\xd4",
        b"\0\x01\0\0\0\x09",
        b"\x80\0\0\0\0\0\0\0",
        b"\xff\xff\xff\xff\xff\xff\xff\xff",
        b"com.apple.system.utmpx\0",
        b"ut_tv.tv_sec\0",
        b"\x87ut_user",
        b"\x87ut_type",
        b"\0\0\0\x01\0\0\0",
    ],
};

/// Reading ends, faults are within the file, and pieces of any size give the same.
fn run(input: &[u8]) {
    for layout in DATABASES.iter().filter(|layout| layout.container.has_messages()) {
        let log = LogFile::options().layout(layout).from_slice(input).unwrap();
        let all: Vec<_> = log.records().collect();
        // A message has 122 bytes, and 64 faults at most.
        assert!(all.len() <= input.len() + 64, "does not end");
        for item in &all {
            match item {
                Ok(record) => {
                    let end = record.offset() + record.bytes().len() as u64;
                    assert!(end <= input.len() as u64, "ends after the file");
                }
                Err(Error::Skipped { offset, len }) => assert!(offset + len <= input.len() as u64),
                // The offset at which the next message should begin may be the end of the file.
                Err(error) => assert!(error.offset() <= input.len() as u64, "{error}"),
            }
        }
        let mut chunks = Chunks::new(layout, input).chunk_size(1 + input.len() / 7);
        let mut pieces = Vec::new();
        while let Some(records) = chunks.next_chunk().unwrap() {
            pieces.extend(records.map(|item| item.map(|record| (record.index(), record.offset()))));
        }
        let all: Vec<_> =
            all.iter().map(|item| item.map(|record| (record.index(), record.offset()))).collect();
        assert_eq!(all, pieces);
        let mut audit = Audit::new();
        audit.read(&log, FileInfo::of(&log));
        audit.finish();
    }
}

fn made_up(rng: &mut Rng) -> Vec<u8> {
    system_log(1 + rng.index(20), rng.any())
}
