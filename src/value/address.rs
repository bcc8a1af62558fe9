use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A remote address as the record stores it, decoded on request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Address<'a> {
    /// The layout has no address field.
    #[default]
    Absent,
    /// `ut_addr`: an IPv4 address in network order in the first four bytes.
    V4(&'a [u8]),
    /// `ut_addr_v6`: four words in network order, of which IPv4 uses the first.
    V6(&'a [u8]),
    /// `ut_ss`, `ll_ss`: a BSD `struct sockaddr_storage`, which begins with its length and family.
    Socket(&'a [u8]),
}

impl<'a> Address<'a> {
    /// Returns the field's bytes; empty for [`Address::Absent`].
    pub const fn raw(self) -> &'a [u8] {
        match self {
            Address::Absent => &[],
            Address::V4(bytes) | Address::V6(bytes) | Address::Socket(bytes) => bytes,
        }
    }

    /// Returns the address, if one is set.
    ///
    /// `ut_addr_v6` does not store a family: an IPv6 address whose last twelve bytes are zero reads
    /// as IPv4, and `::` and 0.0.0.0 mean "none", as on the platform itself.
    pub fn ip(self) -> Option<IpAddr> {
        match self {
            Address::Absent => None,
            Address::V4(bytes) => v4(bytes),
            Address::V6(bytes) => {
                let octets: [u8; 16] = *bytes.first_chunk()?;
                match u128::from_be_bytes(octets) {
                    0 => None,
                    short if short & (u128::MAX >> 32) == 0 => v4(bytes),
                    _ => Some(IpAddr::V6(Ipv6Addr::from(octets))),
                }
            }
            Address::Socket(bytes) => match bytes {
                [16, AF_INET, _, _, address @ ..] => v4(address),
                [28, AF_INET6_NETBSD | AF_INET6_FREEBSD | AF_INET6_MACOS, rest @ ..] => {
                    let octets: [u8; 16] = *rest.get(6..)?.first_chunk()?;
                    Some(IpAddr::V6(Ipv6Addr::from(octets)))
                }
                _ => None,
            },
        }
    }
}

/// Serializes [`Address::ip`].
#[cfg(feature = "serde")]
impl serde::Serialize for Address<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde::Serialize::serialize(&self.ip(), serializer)
    }
}

/// Prints [`Address::ip`], or nothing if no address is set.
impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ip() {
            Some(ip) => fmt::Display::fmt(&ip, f),
            None => f.pad(""),
        }
    }
}

const AF_INET: u8 = 2;
/// NetBSD and OpenBSD. No platform uses these three numbers for another family, so one reader
/// serves all.
pub(crate) const AF_INET6_NETBSD: u8 = 24;
/// FreeBSD and DragonFly.
pub(crate) const AF_INET6_FREEBSD: u8 = 28;
const AF_INET6_MACOS: u8 = 30;

fn v4(bytes: &[u8]) -> Option<IpAddr> {
    let octets: [u8; 4] = *bytes.first_chunk()?;
    (octets != [0; 4]).then(|| IpAddr::V4(Ipv4Addr::from(octets)))
}

/// Returns whether `bytes` begins a `struct sockaddr_storage` that is unset, IPv4 or IPv6.
pub(crate) fn is_socket_address(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0, 0, ..]
            | [16, AF_INET, ..]
            | [28, AF_INET6_NETBSD | AF_INET6_FREEBSD | AF_INET6_MACOS, ..]
    )
}
