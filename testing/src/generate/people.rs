//! Users and remote hosts, with names and addresses reserved for examples.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::rng::Rng;

const FIRST: &[&str] = &[
    "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "karl",
    "liam", "mallory", "nina", "olivia", "peggy", "quentin", "rupert", "sybil", "trent", "ursula",
    "victor", "wendy", "xavier", "yvonne", "zoe", "aisha", "bjorn", "chiara", "dmitri", "elif",
];
const LAST: &[&str] = &[
    "smith", "jones", "garcia", "mueller", "rossi", "kim", "chen", "singh", "ivanov", "silva",
    "dubois", "novak", "larsen", "tanaka", "okafor", "cohen", "haddad", "nguyen", "lopez",
];
const SERVICES: &[&str] =
    &["root", "deploy", "ansible", "backup", "git", "jenkins", "ubuntu", "admin", "nagios"];
const DOMAINS: &[&str] = &[
    "example.com",
    "example.net",
    "corp.example",
    "vpn.corp.example",
    "dyn.isp.example",
    "pool.cable.example.net",
    "res.fibre.example.org",
];

/// Returns the names of a server's users, those who log in often first.
pub(super) fn users(rng: &mut Rng, people: u64) -> Vec<String> {
    let services = SERVICES.iter().map(|name| (*name).to_owned());
    let people = (0..people).map(|number| {
        let (first, last) = (rng.pick(FIRST), rng.pick(LAST));
        match rng.below(5) {
            0 => first.to_owned(),
            1 => format!("{}{last}", &first[..1]),
            2 => format!("{first}.{last}"),
            3 => format!("{first}{}", number % 100),
            _ => format!("x{:07}", rng.below(10_000_000)),
        }
    });
    services.chain(people.collect::<Vec<_>>()).collect()
}

/// Returns a host's name as it is logged, and its address.
pub(super) fn remote(rng: &mut Rng) -> (String, IpAddr) {
    if rng.chance(120) {
        let low = u128::from(rng.any() >> (12 * rng.below(4)));
        let net = u128::from(rng.any() as u32);
        let address = Ipv6Addr::from_bits((0x2001_0db8 << 96) | (net << 64) | low);
        return (address.to_string(), address.into());
    }
    let byte = |rng: &mut Rng| rng.below(256) as u8;
    let last = rng.range(1, 254) as u8;
    let [a, b, c, d] = match rng.below(5) {
        0 => [10, byte(rng), byte(rng), last],
        1 => [192, 168, byte(rng), last],
        2 => [203, 0, 113, last],
        3 => [198, rng.range(18, 19) as u8, byte(rng), last],
        _ => [100, rng.range(64, 127) as u8, byte(rng), last],
    };
    let domain = rng.pick(DOMAINS);
    let host = match rng.below(12) {
        0 => format!("host-{a}-{b}-{c}-{d}.{domain}"),
        1 => format!("{}.{domain}", rng.pick(FIRST)),
        2 => format!("ip-{a:02x}{b:02x}{c:02x}{d:02x}.{domain}"),
        _ => format!("{a}.{b}.{c}.{d}"),
    };
    (host, Ipv4Addr::new(a, b, c, d).into())
}
