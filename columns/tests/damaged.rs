//! A Parquet file with a damaged end is an error, whatever is wrong in it.
#![cfg(feature = "parquet")]

use loginrec::contract::RecordRow;
use loginrec::{Event, LogFile};
use loginrec_columns::{BatchBuilder, ParquetWriter, Selection, StoredRows};

fn parquet() -> Vec<u8> {
    let bytes = loginrec_testing::fixture("glibc-x86_64/utmp");
    let log = LogFile::from_slice(&bytes).unwrap();
    let selection = Selection::everything::<RecordRow<'_>>(true);
    let mut batch = BatchBuilder::new(&selection, 16);
    for record in log.records() {
        let record = record.unwrap();
        let entry = record.entry();
        let source = loginrec::contract::Source::default();
        let mut row = RecordRow::new(source, &record, &entry, Event::Unknown);
        row.raw = Some(record.bytes());
        batch.push(&row);
    }
    let mut out = Vec::new();
    let mut writer = ParquetWriter::new(&mut out, &selection).unwrap();
    writer.write(&batch.finish().unwrap()).unwrap();
    writer.finish(Vec::new()).unwrap();
    out
}

#[test]
fn damaged_ends() {
    let sound = parquet();
    let read = |bytes: Vec<u8>| {
        let mut count = 0;
        StoredRows::of_bytes(bytes).map_err(|error| error.to_string())?.each(|_| {
            count += 1;
            Ok::<(), String>(())
        })?;
        Ok::<usize, String>(count)
    };
    assert_eq!(read(sound.clone()), Ok(5));
    let footer = u32::from_le_bytes(sound[sound.len() - 8..][..4].try_into().unwrap()) as usize;
    let mut refused = 0;
    for at in sound.len() - 8 - footer..sound.len() {
        for change in [0x01, 0x02, 0xff] {
            let mut bytes = sound.clone();
            bytes[at] ^= change;
            refused += u32::from(read(bytes).is_err());
        }
    }
    assert!(refused > 1000, "{refused}");
}
