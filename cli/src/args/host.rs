//! The value of `--host`: a name, a pattern, an address or a network.

use std::net::{IpAddr, Ipv6Addr};

use loginrec::Text;

/// Hosts to select.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HostPattern {
    /// The first bits of an address. IPv4 addresses are in their IPv6 form.
    Network { bits: u128, len: u32 },
    /// A name in which `*` stands for any characters and `?` for one; letters in any case.
    Name(String),
}

impl HostPattern {
    /// Parses an argument, for clap.
    pub(crate) fn parse(text: &str) -> Result<HostPattern, String> {
        if let Ok(address) = text.parse() {
            return Ok(HostPattern::network(address, 128));
        }
        let Some((address, len)) = text.split_once('/') else {
            return Ok(HostPattern::Name(text.to_ascii_lowercase()));
        };
        let address: IpAddr = address
            .parse()
            .map_err(|_| format!("{address} is no address: give a network such as 192.0.2.0/24"))?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let len: Option<u32> = len.parse().ok().filter(|len| *len <= most);
        let len = len.ok_or_else(|| format!("give the length of a network as 0 to {most}"))?;
        Ok(HostPattern::network(address, len + 128 - most))
    }

    fn network(address: IpAddr, len: u32) -> HostPattern {
        HostPattern::Network { bits: wide(address) & mask(len), len }
    }

    /// Returns whether a host or an address is selected.
    pub(crate) fn takes(&self, host: Text<'_>, addr: Option<IpAddr>) -> bool {
        match self {
            HostPattern::Network { bits, len } => {
                let is_in = |address| wide(address) & mask(*len) == *bits;
                addr.is_some_and(is_in) || address_of(host).is_some_and(is_in)
            }
            HostPattern::Name(pattern) => {
                let host = host.to_string().to_ascii_lowercase();
                !host.is_empty() && is_like(pattern.as_bytes(), host.as_bytes())
            }
        }
    }
}

/// An address with 128 bits. Those of IPv4 begin as mapped ones do, so that both are equal.
fn wide(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => Ipv6Addr::to_bits(address),
    }
}

fn mask(len: u32) -> u128 {
    u128::MAX.checked_shl(128_u32.saturating_sub(len)).unwrap_or(0)
}

/// The address that a host is, perhaps with a zone such as `%eth0` or the screen of an X display.
fn address_of(host: Text<'_>) -> Option<IpAddr> {
    let text = host.to_str()?;
    let text = text.split_once('%').map_or(text, |(address, _)| address);
    let display = || text.rsplit_once(':').and_then(|(address, _)| address.parse().ok());
    text.parse().ok().or_else(display)
}

/// Returns whether a text is like a pattern with `*` and `?`.
fn is_like(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    // Where to go on if what follows the last `*` does not fit.
    let mut again = None;
    while let Some(byte) = text.get(read) {
        match pattern.get(at) {
            Some(b'*') => {
                again = Some((at + 1, read + 1));
                at += 1;
                continue;
            }
            Some(b'?') => {}
            Some(wanted) if wanted == byte => {}
            _ => {
                let Some((from, next)) = again else { return false };
                (at, read) = (from, next);
                again = Some((from, next + 1));
                continue;
            }
        }
        at += 1;
        read += 1;
    }
    pattern.get(at..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(pattern: &str, host: &str, addr: Option<&str>) -> bool {
        let addr = addr.map(|addr| addr.parse().unwrap());
        HostPattern::parse(pattern).unwrap().takes(Text::new(host.as_bytes()), addr)
    }

    #[test]
    fn addresses_and_networks() {
        for (pattern, host, addr, is_taken) in [
            ("192.0.2.9", "", Some("192.0.2.9"), true),
            ("192.0.2.9", "", Some("::ffff:192.0.2.9"), true),
            ("::ffff:192.0.2.9", "192.0.2.9", None, true),
            ("192.0.2.9", "gw.example.org", Some("192.0.2.9"), true),
            ("192.0.2.9", "192.0.2.90", None, false),
            ("192.0.2.0/28", "192.0.2.15", None, true),
            ("192.0.2.0/28", "192.0.2.16", None, false),
            ("192.0.2.7/28", "::ffff:192.0.2.1", None, true),
            ("0.0.0.0/0", "198.51.100.1", None, true),
            ("0.0.0.0/0", "2001:db8::1", None, false),
            ("::/0", "2001:db8::1", None, true),
            ("2001:db8:1::/48", "2001:db8:1::7", None, true),
            ("2001:db8:1::/48", "", Some("2001:db8:2::7"), false),
            ("fe80::/10", "fe80::1%eth0", None, true),
            ("192.0.2.9", "192.0.2.9:0", None, true),
            ("192.0.2.9", "192.0.2.9:0.0", None, true),
            ("2001:db8::1", "2001:db8::1:0", None, false),
        ] {
            assert_eq!(takes(pattern, host, addr), is_taken, "{pattern} {host} {addr:?}");
        }
        for wrong in ["192.0.2.0/33", "192.0.2.0/x", "host/24", "::/129", "/8", "1.2.3/8"] {
            assert!(HostPattern::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_and_patterns() {
        for (pattern, host, is_taken) in [
            ("gw.example.org", "GW.example.org", true),
            ("gw", "gw.example.org", false),
            ("*.example.org", "gw.example.org", true),
            ("*.example.org", "example.org", false),
            ("gw*org", "gw.example.org", true),
            ("g?.*", "gw.example.org", true),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b", "xxaxxbxx", false),
            ("*", "", false),
            ("203.0.113.*", "203.0.113.7", true),
            (":0", ":0", true),
        ] {
            assert_eq!(takes(pattern, host, None), is_taken, "{pattern} {host}");
        }
        let hard = "*a".repeat(200);
        assert!(!takes(&hard, &"a".repeat(199), None));
    }
}
