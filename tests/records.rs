//! The places of records, from either end of the file.

use loginrec::formats::{LAYOUTS, by_name};
use loginrec::open::OpenErrorKind;
use loginrec::read::PageFault;
use loginrec::{Container, Error, Layout, LogFile};
use loginrec_testing::generate::synthesize;
use loginrec_testing::{Rng, root};

fn noise(layout: &Layout, records: usize, rest: usize, seed: u64) -> Vec<u8> {
    let mut data = vec![0; layout.size * records + rest];
    Rng::new(seed).fill(&mut data);
    data
}

#[test]
fn a_partial_tail_is_one_error_then_the_end() {
    let layout = by_name("linux-glibc-384-le").unwrap();
    let data = noise(layout, 1, 10, 1);
    let mut records = layout.records(&data);
    assert_eq!(records.next().unwrap().unwrap().offset(), 0);
    let error = records.next().unwrap().unwrap_err();
    assert_eq!(error, Error::Truncated { offset: 384, need: 384, have: 10 });
    assert_eq!(error.to_string(), "byte 384: record cut short: 384 bytes needed, 10 left");
    assert!(records.next().is_none());
    assert!(records.next().is_none());
}

#[test]
fn utx_log_goes_on_behind_zero_lengths() {
    let layout = by_name("freebsd-utx-log").unwrap();
    let boot = [0, 9, 1, 0, 0, 0, 0, 0, 0, 0, 5];
    let down = [0, 9, 8, 0, 0, 0, 0, 0, 0, 0, 6];
    let data = [&boot[..], &[0; 1000], &down].concat();
    let got: Vec<_> = layout
        .records(&data)
        .map(|r| r.map(|r| (r.offset(), r.index(), r.entry().ut_type().name())))
        .collect();
    assert_eq!(
        got,
        [
            Ok((0, 0, "BOOT_TIME")),
            Err(Error::ZeroLength { offset: 11, skipped: 1000 }),
            Ok((1011, 1, "SHUTDOWN_TIME")),
        ]
    );
    // A million zeros are one error, not a million.
    assert_eq!(layout.records(&vec![0; 1_000_000]).count(), 1);
    // Future versions may store more: the record is longer, the known part is read.
    let mut long = vec![0, 250];
    long.extend(noise(layout, 0, 250, 3));
    let record = layout.records(&long).next().unwrap().unwrap();
    assert_eq!(record.bytes().len(), 250);
    assert_eq!(record.entry().ut_host.raw().len(), 128);
}

#[test]
fn lastlog_slots_are_user_ids() {
    let layout = by_name("linux-lastlog-292-le").unwrap();
    let mut data = vec![0u8; 292 * 1003];
    for uid in [0, 33, 1000, 1002] {
        data[292 * uid..][..4].copy_from_slice(&1_700_000_000u32.to_le_bytes());
    }
    let uids = |records: &mut dyn Iterator<Item = Result<loginrec::Record<'_>, Error>>| {
        records.map(|r| r.unwrap().uid().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(uids(&mut layout.records(&data)), [0, 33, 1000, 1002]);
    assert_eq!(uids(&mut layout.records(&data).rev()), [1002, 1000, 33, 0]);
    assert_eq!(layout.record_count(&data), Some(1003));

    let file = LogFile::options().layout(layout).from_slice(&data).unwrap();
    assert_eq!(uids(&mut file.records()), [0, 33, 1000, 1002]);
    let slot = file.get(33).unwrap();
    assert_eq!((slot.index(), slot.offset(), slot.uid()), (33, 33 * 292, Some(33)));
    assert!(file.get(34).is_none() && file.get(1003).is_none());
}

/// `rev()`, `nth`, `get` and `len` see what `next` sees, in every framing.
#[test]
fn all_ways_through_a_file_agree() {
    for layout in LAYOUTS {
        let mut data = synthesize(layout, 12, 1_600_000_000, &mut Rng::new(4));
        if layout.container != Container::BerkeleyHash {
            data.extend_from_slice(&[1; 5]);
        }
        let place = |r: Result<loginrec::Record<'_>, Error>| r.map(|r| (r.index(), r.offset()));
        let forward: Vec<_> = layout.records(&data).map(place).collect();
        assert!(forward.len() >= 12, "{}", layout.name);
        let mut backward: Vec<_> = layout.records(&data).rev().map(place).collect();
        backward.reverse();
        assert_eq!(forward, backward, "{}", layout.name);
        for (n, want) in forward.iter().enumerate() {
            assert_eq!(layout.records(&data).nth(n).map(place), Some(*want), "{}", layout.name);
        }
        assert!(layout.records(&data).nth(forward.len()).is_none(), "{}", layout.name);
        for (n, want) in forward.iter().rev().enumerate() {
            assert_eq!(
                layout.records(&data).nth_back(n).map(place),
                Some(*want),
                "{}",
                layout.name
            );
        }
        assert!(layout.records(&data).nth_back(forward.len()).is_none(), "{}", layout.name);
        assert_eq!(layout.records(&data).last().map(place), forward.last().copied());
        // From both ends at once.
        let mut both = layout.records(&data);
        let (mut front, mut back) = (Vec::new(), Vec::new());
        while let Some(record) = both.next() {
            front.push(place(record));
            back.extend(both.next_back().map(place));
        }
        front.extend(back.into_iter().rev());
        assert_eq!(front, forward, "{}", layout.name);

        let file = LogFile::options().layout(layout).from_slice(&data).unwrap();
        for (index, offset) in forward.iter().filter_map(|r| r.as_ref().ok()) {
            let record = file.get(*index).unwrap();
            assert_eq!((record.index(), record.offset()), (*index, *offset), "{}", layout.name);
        }
        match layout.container {
            Container::Array => assert_eq!(file.record_count(), Some(12), "{}", layout.name),
            Container::Slots => assert!(file.record_count() > Some(11), "{}", layout.name),
            _ => assert_eq!(file.record_count(), None, "{}", layout.name),
        }
    }
}

#[test]
fn size_hints_are_exact_for_fixed_records() {
    for layout in LAYOUTS.iter().filter(|l| l.container == Container::Array) {
        let data = noise(layout, 9, 0, 2);
        let mut records = layout.records(&data);
        for left in (0..9).rev() {
            records.next();
            assert_eq!(records.size_hint(), (left, Some(left)), "{}", layout.name);
        }
    }
}

#[test]
fn fold_sees_what_next_sees() {
    for layout in LAYOUTS {
        let mut data = synthesize(layout, 7, 1_600_000_000, &mut Rng::new(9));
        if layout.container != Container::BerkeleyHash {
            data.extend(noise(layout, 3, 5, 6));
        }
        for skip in [0, 1, 3] {
            let (mut a, mut b) = (layout.records(&data).entries(), layout.records(&data).entries());
            for _ in 0..skip {
                assert_eq!(a.next(), b.next());
            }
            let mut by_next = Vec::new();
            for entry in a {
                by_next.push(entry);
            }
            let by_fold = b.fold(Vec::new(), |mut all, entry| {
                all.push(entry);
                all
            });
            assert_eq!(by_next, by_fold, "{} after {skip}", layout.name);
        }
    }
}

#[test]
fn damaged_records_have_their_own_layout() {
    for (name, order) in
        [("time64a8", "le"), ("time64a8", "be"), ("time64a4", "le"), ("time64a4", "be")]
    {
        let own = format!("linux-{name}-384-{order}");
        let path = root().join(format!("fixtures/{own}/wtmp"));
        let file = LogFile::open(path).unwrap();
        assert_eq!(file.layout().unwrap().name, format!("linux-glibc-384-{order}"));
        let layouts: Vec<_> = file.records().map(|r| r.unwrap().layout().name).collect();
        assert!(layouts.iter().any(|l| *l == own), "{own}: {layouts:?}");
        assert!(layouts.iter().any(|l| *l != own), "{own}: {layouts:?}");
        // The table has the same row.
        let damaged = file.records().flatten().find(|r| r.layout().name == own).unwrap();
        let row = by_name(&own).unwrap();
        assert_eq!(row.decode(damaged.bytes()), damaged.entry());
        assert_eq!(row.fields, damaged.layout().fields);
    }
}

/// Impossible microseconds do not hide a damaged form; addresses of normal records of 1970 are
/// not taken for one.
#[test]
fn damaged_records_with_odd_microseconds() {
    for (order, is_big) in [("le", false), ("be", true)] {
        let normal = by_name(&format!("linux-glibc-384-{order}")).unwrap();
        let place = |record: &mut Vec<u8>, at: usize, bytes: &[u8]| {
            record[at..at + bytes.len()].copy_from_slice(bytes);
        };
        let wide = |number: i64| if is_big { number.to_be_bytes() } else { number.to_le_bytes() };
        let mut record = vec![0; 384];
        place(&mut record, 0, &if is_big { 7_i16.to_be_bytes() } else { 7_i16.to_le_bytes() });
        place(&mut record, 8, b"pts/0");
        place(&mut record, 44, b"alice");
        for usec in [-1, 1_000_000, 0x1234_5678] {
            let mut damaged = record.clone();
            place(&mut damaged, 344, &wide(1_700_004_103));
            place(&mut damaged, 352, &wide(usec));
            let read = normal.records(&damaged).next().unwrap().unwrap();
            assert_eq!(read.layout().name, format!("linux-time64a8-384-{order}"), "{usec}");
            let time = read.entry().ut_tv;
            assert_eq!((time.tv_sec, time.tv_usec), (1_700_004_103, usec));
        }
        for address in ["2001:db8::1", "2a00:1450::1:2", "fe80::1", "fd00::7", "::1"] {
            let address: std::net::Ipv6Addr = address.parse().unwrap();
            let mut of_1970 = record.clone();
            place(&mut of_1970, 348, &address.octets());
            let read = normal.records(&of_1970).next().unwrap().unwrap();
            assert_eq!(read.layout(), normal, "{address}");
        }
    }
}

#[test]
fn a_view_downcasts_only_to_its_own_struct() {
    use loginrec::endian::{BE, LE};
    use loginrec::formats::glibc::{Utmp384, Utmp400};
    use loginrec::layout::RawRecord as _;
    let layout = by_name("linux-glibc-384-le").unwrap();
    let data = noise(layout, 3, 2, 8);
    let record = layout.records(&data).next().unwrap().unwrap();
    assert!(record.raw::<Utmp384<LE>>().is_some());
    assert!(record.raw::<Utmp384<BE>>().is_none());
    assert!(record.raw::<Utmp400<LE>>().is_none());
    let (all, rest) = Utmp384::<LE>::slice_from(&data);
    assert_eq!((all.len(), rest.len()), (3, 2));
    assert_eq!(record.field("ut_user").unwrap(), all[0].ut_user);
    assert!(record.field("ut_name").is_none());
}

#[test]
fn an_empty_file_is_valid() {
    let file = LogFile::from_slice(b"").unwrap();
    assert!(file.is_empty() && file.layout().is_none());
    assert_eq!((file.records().count(), file.record_count()), (0, Some(0)));
    assert!(file.get(0).is_none());
    for layout in LAYOUTS {
        assert_eq!(layout.records(b"").count(), 0, "{}", layout.name);
        assert_eq!(layout.records(b"").rev().count(), 0, "{}", layout.name);
    }
}

#[test]
fn a_damaged_database_names_the_page() {
    let path = root().join("fixtures/netbsd-lastlogx-432-le/lastlogx");
    let mut data = std::fs::read(path).unwrap();
    let layout = by_name("netbsd-lastlogx-432-le").unwrap();
    let whole = layout.records(&data).filter(Result::is_ok).count();
    assert!(whole >= 6);
    // The first page after the header that holds a pair has an odd number of slots.
    let size = u32::from_be_bytes(data[12..16].try_into().unwrap()) as usize;
    let page = (1..data.len() / size).find(|p| data[p * size] == 2).unwrap();
    data[page * size] = 3;
    let got: Vec<_> = layout.records(&data).collect();
    let want =
        Error::Page { page: page as u32, offset: (page * size) as u64, fault: PageFault::Slots };
    assert!(got.iter().any(|r| matches!(r, Err(e) if *e == want)), "{got:?}");
    assert!(got.iter().filter(|r| r.is_ok()).count() < whole);
    assert!(want.to_string().starts_with(&format!("byte {}: database page {page}: ", page * size)));
}

#[test]
fn errors_name_the_path() {
    let error = LogFile::open("fixtures/no such file").unwrap_err();
    assert!(error.to_string().starts_with("\"fixtures/no such file\": "), "{error}");
    assert!(matches!(error.kind(), OpenErrorKind::Io(_)));
    let error = LogFile::open(root().join("src")).unwrap_err();
    assert!(matches!(error.kind(), OpenErrorKind::Io(_)), "{error}");
    let error = LogFile::open(root().join("Cargo.toml")).unwrap_err();
    assert!(error.to_string().ends_with("not recognised: it is text"), "{error}");
}

#[test]
fn the_systems_own_files() {
    for (name, open, kind) in [
        ("utmp", loginrec::system::utmp as fn() -> _, loginrec::FileKind::Utmp),
        ("wtmp", loginrec::system::wtmp, loginrec::FileKind::Wtmp),
        ("btmp", loginrec::system::btmp, loginrec::FileKind::Btmp),
        ("lastlog", loginrec::system::lastlog, loginrec::FileKind::Lastlog),
    ] {
        let paths = loginrec::system::paths(kind);
        let there = paths.iter().any(|p| std::fs::File::open(p).is_ok());
        match open() {
            Ok(file) => assert!(there && file.records().count() < usize::MAX, "{name}"),
            // Missing, or not ours to read: the path is named.
            Err(error) => {
                println!("{name}: {error}");
                assert_eq!(error.path(), paths.first().copied(), "{error}");
            }
        }
    }
}

/// Proper records that a reader of damaged ones could take for such.
#[test]
fn proper_records_are_not_taken_for_damaged_ones() {
    use loginrec::{Address, Entry, Text};
    for (order, kind, line, user, host, address, sec) in [
        // systemd ends a session in utmp with time zero and keeps the address.
        ("be", 8, "pts/0", "", "", [67, 185, 22, 86], 0),
        ("le", 8, "pts/0", "", "", [67, 185, 22, 86], 0),
        // sshd's btmp: never microseconds, and a client whose address ends in zero.
        ("le", 6, "ssh:notty", "root", "client.example.org", [192, 0, 2, 0], 1_700_000_000),
        ("le", 6, "ssh:notty", "root", "client.example.org", [10, 0, 0, 0], 1_700_000_000),
        ("le", 7, "pts/1", "alice", "10.1.2.0", [10, 1, 2, 0], 1_700_000_000),
        ("le", 7, "pts/1", "alice", "client.example.org", [192, 0, 2, 0], 1_700_000_000),
    ] {
        let layout = by_name(&format!("linux-glibc-384-{order}")).unwrap();
        let mut entry = Entry::new(layout.platform);
        entry.raw_type = Some(kind);
        entry.ut_line = Text::new(line.as_bytes());
        entry.ut_user = Text::new(user.as_bytes());
        entry.ut_host = Text::new(host.as_bytes());
        let mut stored = [0; 16];
        stored[..4].copy_from_slice(&address);
        entry.ut_addr = Address::V6(&stored);
        entry.ut_tv.tv_sec = sec;
        let data = layout.encode(&entry).unwrap();
        let record = layout.records(&data).next().unwrap().unwrap();
        assert_eq!(record.layout(), layout, "{line} {address:?}");
        assert_eq!(record.entry().ut_tv.tv_sec, sec);
        assert_eq!(record.entry().addr(), Some(address.into()));
    }
}

/// The marks that util-linux's `last` looks at before the type.
#[test]
fn linux_marks_decide_whatever_the_type() {
    use loginrec::{Entry, Event, Text};
    let layout = by_name("linux-glibc-384-le").unwrap();
    for raw_type in [0, 1, 2, 6, 7, 8] {
        for (line, user, event) in [
            ("~", "shutdown", Event::Shutdown),
            ("~~", "shutdown", Event::Shutdown),
            ("~", "reboot", Event::Boot),
            ("~", "runlevel", Event::RunLevel),
        ] {
            let mut entry = Entry::new(layout.platform);
            entry.raw_type = Some(raw_type);
            entry.ut_line = Text::new(line.as_bytes());
            entry.ut_user = Text::new(user.as_bytes());
            entry.ut_tv.tv_sec = 1;
            assert_eq!(entry.event(), event, "type {raw_type} {line} {user}");
        }
    }
}

#[test]
fn a_lastlog_slot_without_a_time_is_no_login() {
    use loginrec::{Event, UtType};
    let layout = by_name("linux-lastlog-292-le").unwrap();
    let mut slot = vec![0; 292];
    slot[4..8].copy_from_slice(b"tty1");
    let entry = layout.records(&slot).next().unwrap().unwrap().entry();
    assert_eq!((entry.ut_type(), entry.event()), (UtType::Empty, Event::Empty));
    slot[0] = 1;
    let entry = layout.records(&slot).next().unwrap().unwrap().entry();
    assert_eq!((entry.ut_type(), entry.event()), (UtType::UserProcess, Event::Login));
}

#[test]
fn whole_records_of_a_file_that_is_written_to() {
    let layout = by_name("freebsd-utx-log").unwrap();
    assert_eq!(layout.whole_records(b""), (0, 0));
    assert_eq!(layout.whole_records(b"\0"), (0, 0));
    assert_eq!(layout.whole_records(b"\0\x02a"), (0, 0));
    assert_eq!(layout.whole_records(b"\0\x02ab"), (4, 1));
    assert_eq!(layout.whole_records(b"\0\x02ab\0\x01c\0"), (7, 2));
    assert_eq!(layout.whole_records(b"\0\x02ab\0\0\0"), (4, 1));
    assert_eq!(layout.whole_records(b"\0\0\0\x01c"), (5, 1));
    assert_eq!(layout.whole_records(b"\x01\0ab"), (0, 0));
    let layout = by_name("linux-glibc-384-le").unwrap();
    assert_eq!(layout.whole_records(&[1; 1000]), (768, 2));
}
