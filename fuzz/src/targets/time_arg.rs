//! The TIME argument: `@` seconds and RFC 3339 are what they say, all else holds together.

use loginrec::Timestamp;
use loginrec_cli::fuzzing::time_arg;
use loginrec_testing::Rng;

use crate::Target;

const SEEDS: &[&str] = &[
    "now",
    "today",
    "yesterday",
    "tomorrow",
    "+5min",
    "-2days",
    "1h 30min ago",
    "@1700000000.5",
    "20231114221320",
    "2023-11-14 22:13:20",
    "2023-11-14T22:13:20+02:00",
    "Tue 2023-11-14 22:13",
    "22:13",
    "2023-11-14T22:13:20Z",
    "-9999-01-01",
    "9999-12-31 23:59:59 UTC",
    "1.5y",
];
const ZONES: &[&str] = &[
    "UTC",
    "Europe/Berlin",
    "+02:00",
    "-0930",
    "America/St_Johns",
    "Pacific/Apia",
    "EST5EDT,M3.2.0,M11.1.0",
    "+25:99",
];

pub(crate) const TARGET: Target = Target {
    name: "time_arg",
    run,
    seeds: || {
        SEEDS.iter().map(|text| [b"\0\0\0\0\x52\0\0\0\0", text.as_bytes()].concat()).collect()
    },
    made_up,
    words: &[
        b"+",
        b"-",
        b"@",
        b" ",
        b":",
        b"T",
        b"Z",
        b" ago",
        b"days",
        b"year",
        b"99999999999",
        b"1e308",
        b".",
        b"UTC",
        b"\xc3\xa9",
        b"Mon ",
        b"24:00",
        b"60",
    ],
};

/// A byte for the zone, eight for the clock, then the text.
fn run(input: &[u8]) {
    let Some((zone, rest)) = input.split_first() else { return };
    let Some((now, text)) = rest.split_first_chunk() else { return };
    let (zone, now) = (ZONES[usize::from(*zone) % ZONES.len()], i64::from_le_bytes(*now));
    if let Ok(text) = std::str::from_utf8(text) {
        assert_eq!(time_arg(text, zone, now), time_arg(text, zone, now));
        // Any text as a zone, too.
        let _ = time_arg("12:00", text, now);
    }
    let at = format!("@{now}");
    if let Some(zone) = Some(zone).filter(|zone| *zone != "+25:99") {
        assert_eq!(time_arg(&at, zone, 0), Some(now), "{at}");
        let moment = Timestamp { tv_sec: now % 200_000_000_000, tv_usec: 0 };
        // Written by another library.
        if moment.to_utc().is_some_and(|date| (1..9999).contains(&date.year())) {
            assert_eq!(time_arg(&moment.to_string(), zone, 0), Some(moment.tv_sec), "{moment}");
        }
    }
}

fn made_up(rng: &mut Rng) -> Vec<u8> {
    let mut input = vec![rng.index(256) as u8];
    let now = if rng.one_in(2) { rng.any() >> (rng.index(6) * 8) } else { rng.edge() };
    input.extend(now.to_le_bytes());
    for _ in 0..1 + rng.index(3) {
        let word = rng.pick(TARGET.words);
        match rng.index(4) {
            0 => input.extend(rng.index(3000).to_string().bytes()),
            1 => input.extend(word),
            _ => input.extend(SEEDS[rng.index(SEEDS.len())].bytes()),
        }
    }
    input
}
