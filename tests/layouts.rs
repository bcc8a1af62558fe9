//! Checks that hold for every layout, so that a new one is tested by existing.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;

use loginrec::contract::LayoutRow;
use loginrec::endian::Endian;
use loginrec::formats::{self, LAYOUTS};
use loginrec::layout::Role;
use loginrec::{Container, Entry, FileKind, Layout, UtType};

use loginrec_testing::generate::synthesize;
use loginrec_testing::{ATLAS, Rng, decode_by_fields, layout_of, root, shared};
use proptest::prelude::*;

#[test]
fn names_are_unique_and_well_formed() {
    let mut seen = HashSet::new();
    for layout in LAYOUTS {
        let name = layout.name;
        assert!(seen.insert(name), "{name} twice");
        assert!(name.bytes().all(|b| b == b'-' || b.is_ascii_lowercase() || b.is_ascii_digit()));
        assert_eq!(formats::by_name(name), Some(layout));
        // <system>-<family>-<size>-<order>, or no suffix where the format fixes the order.
        if !name.starts_with("freebsd-utx") {
            let order = match layout.endian {
                Endian::Little => "le",
                Endian::Big => "be",
                Endian::Pdp => "pdp",
            };
            assert!(name.ends_with(&format!("-{}-{order}", layout.size)), "{name}");
        }
    }
    assert_eq!(LAYOUTS.len(), ATLAS.len());
}

#[test]
fn every_platform_file_is_in_the_table() {
    let table = fs::read_to_string(root().join("src/formats/mod.rs")).unwrap();
    let mut platforms = 0;
    for file in fs::read_dir(root().join("src/formats")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let stem = name.trim_end_matches(".rs");
        assert!(stem == "mod" || table.contains(&format!(" {stem}::")), "{name}");
        platforms += 1;
    }
    assert!(platforms > 20, "only {platforms}");
}

/// `docs/formats.md` lists the table of layouts; with `LOGINREC_BLESS` set, it is written.
#[test]
fn the_page_of_formats_lists_every_layout() {
    let mut page = String::from(
        "# Formats\n\nEvery layout that loginrec reads, in the order in which detection tries them; those of databases last. \
         `tests/layouts.rs` writes this page.\n\n\
         | layout | system | bytes | seconds | microseconds | records | usual paths |\n\
         |---|---|--:|--:|---|---|---|\n",
    );
    for layout in formats::all() {
        let row = LayoutRow { layout };
        let paths: Vec<String> = layout.paths().map(|(_, path)| format!("`{path}`")).collect();
        let (micros, paths) = (if layout.has_microseconds() { "yes" } else { "" }, paths.join(" "));
        let (name, system, size) = (layout.name, layout.platform.system, layout.size);
        let (bits, records) = (row.time_bits(), row.layout.container.name());
        writeln!(
            page,
            "| `{name}` | {system} | {size} | {bits} | {micros} | {records} | {paths} |"
        )
        .unwrap();
    }
    let path = root().join("docs/formats.md");
    // What follows the table is written by hand.
    let known = fs::read_to_string(&path).unwrap_or_default();
    let prose = known.find("\n## ").map_or("", |at| &known[at..]);
    let page = page + prose;
    if std::env::var_os("LOGINREC_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &page).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == page, "docs/formats.md is not up to date: run again with LOGINREC_BLESS=1");
}

/// The README may promise less than there is, not more.
#[test]
fn the_readme_counts_no_layout_too_many() {
    let counts = loginrec_testing::readme_counts("layouts");
    assert!(!counts.is_empty() && counts.iter().all(|&count| count <= LAYOUTS.len()), "{counts:?}");
}

/// Converts a field of the atlas to one or two of ours: the atlas counts a `timeval` as one.
fn atlas_fields(layout: &toml::Table) -> Vec<(String, i64, i64, String)> {
    let mut fields = Vec::new();
    for field in layout["fields"].as_array().unwrap() {
        let text = |key: &str| field[key].as_str().unwrap().to_owned();
        let number = |key: &str| field[key].as_integer().unwrap();
        let (name, offset, size, kind) =
            (text("name"), number("offset"), number("size"), text("type"));
        let sec = match kind.as_str() {
            "timeval32" => 4,
            "timeval64" => 8,
            _ => {
                fields.push((name.rsplit('.').next().unwrap().to_owned(), offset, size, kind));
                continue;
            }
        };
        fields.push(("tv_sec".into(), offset, sec, format!("i{}", sec * 8)));
        fields.push(("tv_usec".into(), offset + sec, 4, "i32".into()));
    }
    fields
}

/// Layouts of the atlas that are not read.
const UNREAD: &[&str] = &["v6_utmp16"];

/// Offsets, sizes, signs, byte orders and type numbers of every layout of the atlas.
#[test]
fn layouts_are_those_of_the_atlas() {
    let Some(atlas) = shared("atlas") else { return };
    let (mut rows, mut checks) = (0, 0);
    for file in ["linux.toml", "unix.toml", "more.toml"] {
        let text = fs::read_to_string(atlas.join(file)).unwrap();
        let table: toml::Table = text.parse().unwrap();
        for wanted in table["layout"].as_array().unwrap() {
            let wanted = wanted.as_table().unwrap();
            let atlas_name = wanted["name"].as_str().unwrap();
            if UNREAD.contains(&atlas_name) {
                continue;
            }
            for order in wanted["endian"].as_array().unwrap() {
                let name = layout_of(atlas_name, order.as_str().unwrap());
                let layout = formats::by_name(name).unwrap_or_else(|| panic!("{name}"));
                rows += 1;
                checks += check_layout(layout, wanted);
            }
        }
    }
    println!("{rows} layouts, {checks} checks");
    assert_eq!(rows, LAYOUTS.len());
}

fn check_layout(layout: &Layout, wanted: &toml::Table) -> usize {
    let name = layout.name;
    let mut fields = atlas_fields(wanted);
    // The length in front of a record of utx.log is container, not a field.
    let shift = if layout.container == Container::LengthPrefixed { 2 } else { 0 };
    fields.retain(|(field, ..)| field != "length");
    if let Some(size) = wanted["size"].as_integer() {
        assert_eq!(layout.size as i64, size, "{name}");
    }
    assert_eq!(layout.fields.len(), fields.len(), "{name}: fields");
    for (ours, (field, offset, size, kind)) in layout.fields.iter().zip(&fields) {
        let at = format!("{name}: {field}");
        assert_eq!((ours.offset as i64 + shift, ours.len as i64), (*offset, *size), "{at}");
        let filler = matches!(ours.role, Role::Padding | Role::Reserved);
        assert!(filler || ours.name == field, "{at} is called {}", ours.name);
        // Seconds of glibc are unsigned since 2.40: an option, not the default.
        let option = ours.role == Role::Sec && name.starts_with("linux");
        if kind.starts_with(['i', 'u']) && !filler && !option && ours.role != Role::AddrV4 {
            assert_eq!(ours.signed, kind.starts_with('i'), "{at}: sign");
        }
    }
    let types = wanted.get("types").and_then(|t| t.as_table()).cloned().unwrap_or_default();
    for (key, value) in &types {
        // One file has `name = number`, the other `"number" = name`.
        let (number, meaning) = match value.as_integer() {
            Some(number) => (number, key.as_str()),
            None => (key.parse().unwrap(), value.as_str().unwrap()),
        };
        let meaning = if meaning == "UT_UNKNOWN" { "EMPTY" } else { meaning };
        assert_eq!(layout.platform.ut_type(number as i32).name(), meaning, "{name}: type {number}");
    }
    assert_eq!(types.is_empty(), layout.platform.ut_types.is_empty(), "{name}: types");
    fields.len() + types.len()
}

#[test]
fn numbers_belong_to_the_platform() {
    let meaning = |layout: &str, raw| formats::by_name(layout).unwrap().platform.ut_type(raw);
    assert_eq!(meaning("linux-glibc-384-le", 7), UtType::UserProcess);
    assert_eq!(meaning("freebsd-utx", 7), UtType::DeadProcess);
    assert_eq!(meaning("linux-glibc-384-le", 3), UtType::NewTime);
    assert_eq!(meaning("netbsd-utmpx-520-le", 3), UtType::OldTime);
    assert_eq!(meaning("svr4-utmpx-372-be", 10), UtType::DownTime);
    assert_eq!(meaning("macos-utmpx-628-le", 10), UtType::Signature);
    assert_eq!(meaning("linux-glibc-384-le", 99), UtType::Unknown);
    assert_eq!(meaning("linux-glibc-384-le", -3), UtType::Unknown);
}

/// The numbers of the pyutmpx API.
#[test]
fn canonical_numbers() {
    for (name, number) in [
        ("EMPTY", 0),
        ("BOOT_TIME", 1),
        ("OLD_TIME", 2),
        ("NEW_TIME", 3),
        ("USER_PROCESS", 4),
        ("INIT_PROCESS", 5),
        ("LOGIN_PROCESS", 6),
        ("DEAD_PROCESS", 7),
        ("RUN_LVL", 8),
        ("ACCOUNTING", 9),
    ] {
        assert_eq!(name.parse::<UtType>().unwrap().number(), Some(number), "{name}");
    }
    assert_eq!(UtType::ShutdownTime.number(), None);
}

#[test]
fn every_platform_knows_its_files() {
    for layout in LAYOUTS {
        let paths = layout.platform.paths;
        let none_known = layout.name.starts_with("qnx");
        assert_eq!(paths.is_empty(), none_known, "{}", layout.name);
        for (kind, path) in paths {
            assert!(path.starts_with('/'), "{path}");
            let lastlog = *kind == FileKind::Lastlog;
            let utx = layout.name.starts_with("freebsd-utx");
            assert!(lastlog == layout.is_lastlog() || utx, "{}: {path}", layout.name);
            let failures = *kind == FileKind::Failures;
            assert_eq!(failures, layout.is_failures(), "{}: {path}", layout.name);
        }
    }
}

/// Encoding a decoded record gives its bytes again.
#[test]
fn records_survive_decoding_and_encoding() {
    for layout in LAYOUTS.iter().filter(|l| l.container != Container::BerkeleyHash) {
        for seed in 0..20 {
            let file = synthesize(layout, 10, 1_500_000_000, &mut Rng::new(seed));
            let mut again = Vec::new();
            for record in layout.records(&file) {
                let record = record.unwrap();
                again.resize(record.offset() as usize, 0);
                again.extend(layout.encode(&record.entry()).unwrap());
            }
            assert_eq!(again, file, "{} seed {seed}", layout.name);
        }
    }
}

/// Bytes as they may be: noise, but with fields that decode to something.
fn any_record(layout: &'static Layout) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![3 => Just(0u8), 2 => any::<u8>(), 2 => b' '..=b'~'];
    prop::collection::vec(byte, layout.size)
}

fn any_layout() -> impl Strategy<Value = &'static Layout> {
    (0..LAYOUTS.len()).prop_map(|i| &LAYOUTS[i])
}

/// Whether the layout holds all of its fields apart from fillers: what `Entry` keeps.
fn without_fillers(layout: &Layout, record: &[u8]) -> Vec<u8> {
    let mut kept = record.to_vec();
    for field in layout.fields {
        if matches!(field.role, Role::Padding | Role::Reserved | Role::HostLength | Role::LoginHost)
        {
            kept[field.offset..field.offset + field.len].fill(0);
        }
    }
    kept
}

/// `utx.log` stores as many bytes as are not zero: every length there is.
#[test]
fn trimmed_records_read_the_same() {
    let layout = formats::by_name("freebsd-utx-log").unwrap();
    for seed in 0..200 {
        let mut record = vec![0; layout.size + 20];
        Rng::new(seed).fill(&mut record);
        for len in 0..=record.len() {
            let stored = &record[..len];
            assert_eq!(
                layout.decode(stored),
                decode_by_fields(layout, stored),
                "{len} of seed {seed}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// The struct and the descriptor read any bytes the same.
    #[test]
    fn both_readers_agree((layout, record) in any_layout().prop_flat_map(|l| (Just(l), any_record(l)))) {
        prop_assert_eq!(layout.decode(&record), decode_by_fields(layout, &record), "{}", layout.name);
    }

    /// Also of a record whose end is not stored.
    #[test]
    fn both_readers_agree_on_less((layout, record) in any_layout().prop_flat_map(|l| (Just(l), any_record(l))), cut in 0..700usize) {
        let stored = &record[..cut % record.len()];
        prop_assert_eq!(layout.decode(stored), decode_by_fields(layout, stored), "{}", layout.name);
    }

    /// Encoding gives back every byte that has a meaning, whatever the bytes were.
    #[test]
    fn any_bytes_survive((layout, record) in any_layout().prop_flat_map(|l| (Just(l), any_record(l)))) {
        let entry = layout.decode(&record);
        if layout.container != Container::LengthPrefixed {
            let again = layout.encode(&entry).unwrap();
            prop_assert_eq!(
                without_fillers(layout, &again),
                without_fillers(layout, &record),
                "{}", layout.name
            );
        }
    }

    /// A record whose zero tail was not stored reads as if it were there.
    #[test]
    fn trimmed_records_are_whole(keep in 0usize..=197, seed in any::<u64>()) {
        let layout = formats::by_name("freebsd-utx-log").unwrap();
        let mut padded = vec![0; layout.size];
        Rng::new(seed).fill(&mut padded[..keep]);
        let (short, whole) = (layout.decode(&padded[..keep]), layout.decode(&padded));
        prop_assert_eq!(short.ut_tv, whole.ut_tv);
        prop_assert_eq!(short.ut_user, whole.ut_user);
        prop_assert_eq!(short.ut_line, whole.ut_line);
        prop_assert_eq!(short.ut_host, whole.ut_host);
        prop_assert_eq!(short.ut_pid, whole.ut_pid);
        prop_assert_eq!(short.event(), whole.event());
    }

    /// No bytes make any reader, any iterator or detection panic.
    #[test]
    fn no_bytes_panic(data in prop::collection::vec(any::<u8>(), 0..3000), layout in any_layout()) {
        for record in layout.records(&data).flatten() {
            let entry = record.entry();
            let _ = (format!("{entry:?}"), entry.event(), entry.addr(), entry.time());
            let _ = record.layout().encode(&entry);
        }
        let _ = layout.records(&data).rev().count();
        let _ = loginrec::detect::detect(&data);
    }
}

#[test]
fn what_a_layout_cannot_hold_is_an_error() {
    use loginrec::layout::EncodeError::*;
    let linux = formats::by_name("linux-glibc-384-le").unwrap();
    let fixture = fs::read(root().join("fixtures/glibc-x86_64/wtmp")).unwrap();
    let login = linux.records(&fixture).nth(6).unwrap().unwrap().entry();
    let onto = |name: &str, entry: &Entry<'_>| formats::by_name(name).unwrap().encode(entry);
    assert_eq!(onto("bsd-utmp-36-le", &login), Err(NoField { what: "id" }));
    let mut entry = login;
    entry.ut_pid = Some(70_000);
    entry.ut_host = Default::default();
    entry.ut_addr = Default::default();
    entry.ut_tv.tv_usec = 0;
    assert_eq!(onto("svr4-utmp-36-be", &entry), Err(OutOfRange { field: "ut_pid" }));
    entry.ut_tv.tv_sec = 1 << 32;
    assert_eq!(onto("linux-glibc-384-le", &entry), Err(OutOfRange { field: "tv_sec" }));
    assert!(onto("linux-glibc-400-le", &entry).is_ok());
    // FreeBSD has no run level.
    let level = linux.records(&fixture).nth(1).unwrap().unwrap().entry();
    let mut level = level;
    level.ut_session = None;
    level.ut_exit = None;
    level.ut_addr = Default::default();
    assert_eq!(onto("freebsd-utx", &level), Err(Type { ut_type: UtType::RunLvl }));
}

#[test]
fn nothing_is_lost_on_the_way_to_another_layout() {
    use loginrec::layout::EncodeError::*;
    use loginrec::{Address, Text};
    let layout = |name: &str| formats::by_name(name).unwrap();
    // A record of nothing would be a length of zero.
    let log = layout("freebsd-utx-log");
    assert_eq!(log.encode(&Entry::new(log.platform)), Err(Type { ut_type: UtType::Empty }));
    let mut entry = Entry::new(log.platform);
    entry.raw_type = Some(4);
    entry.ut_tv.tv_sec = 10;
    entry.ut_tv.tv_usec = 5_000_000;
    assert_eq!(log.encode(&entry), Err(OutOfRange { field: "fu_tv" }));
    // Identifiers are bytes: zeros within them are part of them.
    let linux = layout("linux-glibc-384-le");
    let mut entry = Entry::new(linux.platform);
    entry.raw_type = Some(7);
    entry.ut_id = Text::new(&[0x2f, 0, 1, 0, 9, 0, 0, 0]);
    assert_eq!(linux.encode(&entry), Err(TooLong { field: "ut_id", len: 5, room: 4 }));
    entry.ut_id = Text::new(&[0, 1, 2, 3, 0, 0, 0, 0]);
    assert_eq!(linux.decode(&linux.encode(&entry).unwrap()).ut_id.raw(), [0, 1, 2, 3]);
    // 2001:db8:: in sixteen bytes would be 32.1.13.184.
    let mut socket = [0; 128];
    socket[..2].copy_from_slice(&[28, 24]);
    socket[8..12].copy_from_slice(&[0x20, 1, 0x0d, 0xb8]);
    entry.ut_addr = Address::Socket(&socket);
    assert_eq!(linux.encode(&entry), Err(OutOfRange { field: "ut_addr_v6" }));
}
