//! Hosts and addresses: which belong together on this machine.

use core::net::IpAddr;
use std::borrow::ToOwned as _;
use std::collections::{BTreeMap, HashMap};
use std::format;
use std::vec::Vec;

use crate::value::address::Address;
use crate::value::event::Event;
use crate::value::file_kind::FileKind;
use crate::value::text::Text;

use crate::audit::context::{RecordContext, is_pty};
use crate::audit::cross::logins::is_window;
use crate::audit::finding::{Findings, Location, Rule, Severity, Subject};
use crate::audit::rules::misfit::is_id_of_line;

pub(in crate::audit) static ADDRESS_RENAMED: Rule = Rule {
    id: "address-renamed",
    severity: Severity::Medium,
    title: "an address with another host than in the other records",
    meaning: "Consistent with a host changed without its address: sshd writes the address as the \
        host, or its name, and the same one each time. Two hosts that are different addresses, a \
        host that is not the stored address although those of other machines are, or one name \
        among three or more hosts that are the address.",
    expected: "one host for one address",
    innocent: &[
        "logs made anonymous in part before they were passed on",
        "sshd's UseDNS switched on for a while",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static ADDRESS_ERASED: Rule = Rule {
    id: "address-erased",
    severity: Severity::Medium,
    title: "a login without the address that its host has elsewhere",
    meaning: "Consistent with an address wiped separately: other logins from that host on \
        pseudo-terminals have an address, at least eight times as many. Low if there is a single \
        one.",
    expected: "the address of the host",
    innocent: &["a server that stores no address, next to sshd"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static SOURCE_ERASED: Rule = Rule {
    id: "source-erased",
    severity: Severity::Medium,
    title: "a login on a pseudo-terminal without host and address, unlike all others",
    meaning: "Consistent with host and address wiped: it is the only one among at least three \
        logins on pseudo-terminals, all of which have both and an id of the same form. Low for two \
        others.",
    expected: "the host and the address of the client",
    innocent: &["a terminal window, or a login inside a container"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

/// Most pairs of host and address that are kept.
const MOST: usize = 1 << 16;

/// One record of those that have the same host and address.
#[derive(Clone, Debug)]
struct Example {
    location: Location,
    bytes: Vec<u8>,
    subject: Subject,
}

#[derive(Debug)]
struct Pair {
    count: u64,
    example: Example,
}

/// The hosts and addresses of a machine's files.
#[derive(Debug, Default)]
pub(in crate::audit) struct Sources {
    /// By address, the hosts that stand with it.
    hosts: BTreeMap<IpAddr, BTreeMap<Vec<u8>, Pair>>,
    pairs: usize,
    /// By host, logins on pseudo-terminals without an address.
    bare: HashMap<Vec<u8>, Pair>,
    /// Logins on pseudo-terminals with an id: with host and address, and with neither.
    remote: u64,
    hostless: Option<Pair>,
}

impl Sources {
    pub(in crate::audit) fn check(&mut self, context: &RecordContext<'_>) {
        let entry = &context.entry;
        let is_login = matches!(context.event, Event::Login | Event::FailedLogin);
        if !is_login || context.layout.is_lastlog() || entry.ut_addr == Address::Absent {
            return;
        }
        let host = entry.ut_host.as_bytes();
        let is_history = context.kind == Some(FileKind::Wtmp);
        let on_pty = is_history && is_pty(entry.ut_line.as_bytes());
        let has_id = is_id_of_line(entry.ut_line.as_bytes(), entry.ut_id.as_bytes()) == Some(true);
        match entry.addr() {
            Some(address) if !host.is_empty() && !is_window(host) => {
                let address = address.to_canonical();
                if on_pty && has_id {
                    self.remote = self.remote.saturating_add(1);
                }
                if address.is_loopback() || address.is_unspecified() {
                    return;
                }
                let hosts = self.hosts.entry(address).or_default();
                if let Some(pair) = hosts.get_mut(host) {
                    pair.count = pair.count.saturating_add(1);
                } else if self.pairs < MOST {
                    self.pairs = self.pairs.saturating_add(1);
                    hosts.insert(host.to_owned(), pair(context));
                }
            }
            None if on_pty && host.is_empty() && has_id => {
                let hostless =
                    self.hostless.get_or_insert_with(|| Pair { count: 0, ..pair(context) });
                hostless.count = hostless.count.saturating_add(1);
            }
            None if on_pty && !host.is_empty() && !is_window(host) => {
                if let Some(pair) = self.bare.get_mut(host) {
                    pair.count = pair.count.saturating_add(1);
                } else if self.bare.len() < MOST {
                    self.bare.insert(host.to_owned(), pair(context));
                }
            }
            _ => {}
        }
    }

    pub(in crate::audit) fn end(self, findings: &mut Findings) {
        let named = |host: &[u8]| Text::new(host).to_str().and_then(|h| h.parse::<IpAddr>().ok());
        let mut same = 0_u64;
        let mut other = 0_u64;
        for (address, hosts) in &self.hosts {
            for (host, pair) in hosts {
                match named(host).map(|host| is_address(host, *address)) {
                    Some(true) => same = same.saturating_add(pair.count),
                    Some(false) => other = other.saturating_add(pair.count),
                    None => {}
                }
            }
        }
        // Where hosts were replaced throughout, none is its address.
        let faithful = same >= 3 && same >= other.saturating_mul(3);
        for (address, hosts) in &self.hosts {
            let most = hosts.iter().max_by_key(|(_, pair)| pair.count);
            let Some((usual, usual_pair)) = most else { continue };
            for (host, pair) in hosts {
                let (is_usual, text) = (host == usual, Text::new(host));
                let wrong = named(host).is_some_and(|host| !is_address(host, *address));
                let others = match (named(host), named(usual)) {
                    (Some(a), Some(b)) => {
                        let both = is_address(a, *address) && is_address(b, *address);
                        !is_usual && !both && a.to_canonical() != b.to_canonical()
                    }
                    (None, Some(_)) => pair.count == 1 && usual_pair.count >= 3,
                    _ => false,
                };
                let why = if wrong && faithful {
                    format!("other hosts of the file are their addresses ({same} records)")
                } else if others {
                    format!("{} records have {:?}", usual_pair.count, Text::new(usual))
                } else {
                    continue;
                };
                let message = format!(
                    "the host is {text:?}, the stored address {address}; {why}: consistent with \
                     the host having been changed"
                );
                pair.example.find(&ADDRESS_RENAMED, ADDRESS_RENAMED.severity, message, findings);
            }
        }
        self.erased(findings);
    }

    fn erased(&self, findings: &mut Findings) {
        let mut with: HashMap<&[u8], u64> = HashMap::new();
        for (host, pair) in self.hosts.values().flatten() {
            let count = with.entry(host).or_default();
            *count = count.saturating_add(pair.count);
        }
        let mut bare: Vec<_> = self.bare.iter().collect();
        bare.sort_by_key(|(_, pair)| (pair.example.location.file, pair.example.location.offset));
        for (host, pair) in bare {
            let with = with.get(host.as_slice()).copied().unwrap_or(0);
            if with == 0 || pair.count.saturating_mul(8) > with.max(8) {
                continue;
            }
            let severity = if with > 1 { ADDRESS_ERASED.severity } else { Severity::Low };
            let message = format!(
                "from {}, without an address; {with} other logins from there have one: consistent \
                 with the address having been wiped",
                Text::new(host)
            );
            pair.example.find(&ADDRESS_ERASED, severity, message, findings);
        }
        if let Some(hostless) = self.hostless.as_ref().filter(|hostless| hostless.count == 1)
            && self.remote >= 2
        {
            let severity = if self.remote > 2 { SOURCE_ERASED.severity } else { Severity::Low };
            let message = format!(
                "neither host nor address; the {} other logins on pseudo-terminals have both: \
                 consistent with both having been wiped",
                self.remote
            );
            hostless.example.find(&SOURCE_ERASED, severity, message, findings);
        }
    }
}

impl Example {
    fn find(
        &self,
        rule: &'static Rule,
        severity: Severity,
        message: std::string::String,
        findings: &mut Findings,
    ) {
        let subject = Some(self.subject.clone());
        findings.add_about(rule, severity, self.location, &self.bytes, message, subject);
    }
}

fn pair(context: &RecordContext<'_>) -> Pair {
    let entry = &context.entry;
    let text = |text: Text<'_>| Some(text.as_bytes().to_owned());
    let subject =
        Subject { user: text(entry.ut_user), line: text(entry.ut_line), host: text(entry.ut_host) };
    let example =
        Example { location: context.location(), bytes: context.record.bytes().to_owned(), subject };
    Pair { count: 1, example }
}

/// Returns whether a host that is an address is the stored one. An IPv6 address that ends in zeros
/// is stored like an IPv4 address, by the system too.
fn is_address(host: IpAddr, stored: IpAddr) -> bool {
    let cut = |host: IpAddr| match (host, stored) {
        (IpAddr::V6(host), IpAddr::V4(stored)) => host.octets().starts_with(&stored.octets()),
        _ => false,
    };
    host.to_canonical() == stored.to_canonical() || cut(host)
}
