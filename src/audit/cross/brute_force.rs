//! Failed logins that ended with a successful one.

use core::net::IpAddr;
use std::collections::{HashMap, HashSet};
use std::format;

use crate::value::event::Event;
use crate::value::file_kind::FileKind;
use crate::value::timestamp::Timestamp;

use crate::audit::context::RecordContext;
use crate::audit::finding::{Findings, Rule, Severity};

pub(in crate::audit) static BRUTE_FORCE: Rule = Rule {
    id: "brute-force",
    severity: Severity::Medium,
    title: "a login from an address or network with many failed ones before",
    meaning: "Consistent with a guessed password: ten or more failures in the btmp within the day \
        before the first login from the address, from there or from its network (/24 of IPv4, /64 \
        of IPv6). Info from three on. The number and the hours can be set.",
    expected: "few failures before a login",
    innocent: &[
        "a program with an outdated password, later corrected",
        "many people behind one address",
    ],
    technique: Some("T1110"),
    ..Rule::NEW
};

/// Most pairs of address and hour that are kept.
const MOST: usize = 1 << 20;
const SOME: u64 = 3;

/// When a login after failed ones is a finding of medium severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guesses {
    /// Number of failed logins.
    pub failures: u64,
    /// Hours before the login in which they count.
    pub hours: u32,
}

impl Default for Guesses {
    fn default() -> Guesses {
        Guesses { failures: 10, hours: 24 }
    }
}

/// Failures by address, network and hour.
#[derive(Debug, Default)]
pub(in crate::audit) struct Attack {
    pub(in crate::audit) guesses: Guesses,
    failures: HashMap<(IpAddr, i64), u64>,
    networks: HashMap<(IpAddr, i64), u64>,
    reported: HashSet<IpAddr>,
}

impl Attack {
    pub(in crate::audit) fn check(&mut self, context: &RecordContext<'_>, findings: &mut Findings) {
        let Some(address) = context.entry.addr() else { return };
        if context.time() == Timestamp::default() {
            return;
        }
        let (address, hour) = (address.to_canonical(), context.sec().div_euclid(3600));
        let network = network(address);
        if context.event == Event::FailedLogin {
            count(&mut self.failures, (address, hour));
            count(&mut self.networks, (network, hour));
        } else if context.kind == Some(FileKind::Wtmp)
            && context.event == Event::Login
            && !self.failures.is_empty()
            && !self.reported.contains(&address)
        {
            let Guesses { failures: many, hours } = self.guesses;
            let sum = |counts: &HashMap<(IpAddr, i64), u64>, from: IpAddr| -> u64 {
                let first = hour.saturating_sub(i64::from(hours).saturating_sub(1));
                (first..=hour).filter_map(|hour| counts.get(&(from, hour))).sum()
            };
            let (own, all) = (sum(&self.failures, address), sum(&self.networks, network));
            let by_network = own < many && all >= many;
            let count = if by_network { all } else { own };
            if count < SOME.min(many) {
                return;
            }
            self.reported.insert(address);
            let severity = if count >= many { BRUTE_FORCE.severity } else { Severity::Info };
            let from = match by_network {
                true => format!("the network {}", shown(network)),
                false => "there".into(),
            };
            let message = format!(
                "{:?} logs in from {address} after {count} failed logins from {from} within {hours} hours",
                context.entry.ut_user
            );
            context.find(findings, &BRUTE_FORCE, severity, message);
        }
    }
}

fn count(counts: &mut HashMap<(IpAddr, i64), u64>, place: (IpAddr, i64)) {
    if counts.len() < MOST || counts.contains_key(&place) {
        let count = counts.entry(place).or_default();
        *count = count.saturating_add(1);
    }
}

/// Returns the network of an address: its first 24 bits, or 64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            IpAddr::V4([a, b, c, 0].into())
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6([a, b, c, d, 0, 0, 0, 0].into())
        }
    }
}

fn shown(network: IpAddr) -> std::string::String {
    let bits = if network.is_ipv4() { 24 } else { 64 };
    format!("{network}/{bits}")
}
