//! Numbers and addresses that no platform writes.

use core::net::IpAddr;
use std::format;

use crate::address::Address;
use crate::dialect::{Event, Rules};
use crate::field::Role;
use crate::ut_type::UtType;

use super::rule::{Findings, Rule, Severity};
use super::scene::{Scene, is_pty};

pub(super) static MICROSECONDS_RANGE: Rule = Rule {
    id: "microseconds-range",
    severity: Severity::Low,
    title: "microseconds outside 0 to 999999",
    meaning: "Consistent with a record filled by hand or by a careless tool, or with damage.",
    expected: "0 to 999999",
    innocent: &["a program that stores milliseconds or nanoseconds by mistake", "a damaged block"],
    technique: None,
    habit: true,
    ..Rule::NEW
};

pub(super) static UNKNOWN_TYPE: Rule = Rule {
    id: "unknown-type",
    severity: Severity::Low,
    title: "a type the platform does not define",
    meaning: "Consistent with damage, with bytes that are no record, or with a file of another \
        platform.",
    expected: "one of the platform's types",
    innocent: &["a damaged block", "a file that is read with the wrong layout"],
    technique: None,
    habit: true,
    ..Rule::NEW
};

pub(super) static IMPOSSIBLE_PID: Rule = Rule {
    id: "impossible-pid",
    severity: Severity::Low,
    title: "a process id the platform cannot have",
    meaning: "Consistent with a record made up by hand. Linux: below 0, above 4194304, or 0 for a \
        login; FreeBSD and macOS: above 99999; elsewhere: below 0.",
    expected: "the process id of the program that logged",
    innocent: &["display managers that leave 0", "a damaged block"],
    technique: None,
    habit: true,
    ..Rule::NEW
};

pub(super) static HOST_ADDRESS: Rule = Rule {
    id: "host-address-mismatch",
    severity: Severity::Low,
    title: "a host that is an IP address, but not the stored one",
    meaning: "Consistent with a host changed by somebody who forgot the address. Where every \
        record of a host disagrees the same way, all of them were changed.",
    expected: "the same address in ut_host and in the address field",
    innocent: &[
        "logs made anonymous before they were handed on",
        "a proxy or address translation between the names the program asked for",
    ],
    technique: Some("T1070.002"),
    habit: true,
    ..Rule::NEW
};

pub(super) static ADDRESS_LEFTOVER: Rule = Rule {
    id: "address-leftover",
    severity: Severity::Low,
    title: "an IPv4 address with other bytes behind it",
    meaning: "Consistent with an address written over a longer one. Applies where the host is \
        that IPv4 address, so that the field cannot be IPv6.",
    expected: "twelve zero bytes behind an IPv4 address",
    innocent: &["a program that copies four bytes into a field it did not clear"],
    technique: Some("T1070.002"),
    habit: true,
    ..Rule::NEW
};

pub(super) static TIME64_RECORD: Rule = Rule {
    id: "time64-record",
    severity: Severity::Info,
    title: "a record in the damaged form of glibc's 64-bit time",
    meaning: "Not tampering: a program built for 64-bit time wrote through a library with 32-bit \
        time (glibc 2.34 to 2.39, 32-bit ports). Other tools show 1970, the time in the \
        microseconds and a shifted address.",
    expected: "the platform's own record",
    innocent: &["glibc bug 30701"],
    technique: None,
    habit: true,
    ..Rule::NEW
};

pub(super) static ADDRESS_MISSING: Rule = Rule {
    id: "address-missing",
    severity: Severity::Info,
    title: "a remote host without its address, where others have both",
    meaning: "Consistent with an address wiped on its own, or with a record of another program. \
        The host is an IP address, the line a pseudo-terminal, and a login before it on such a \
        line had both.",
    expected: "the address of the host",
    innocent: &["terminal programs that store a host and no address, beside sshd"],
    technique: None,
    habit: true,
    ..Rule::NEW
};

/// Whether a login on a pseudo-terminal had host and address.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    seen: bool,
}

impl Addresses {
    pub(super) fn see(&mut self, scene: &Scene<'_>, out: &mut Findings) {
        let entry = &scene.entry;
        if scene.event != Event::Login
            || scene.layout.is_lastlog()
            || !is_pty(entry.ut_line.as_bytes())
            || entry.ut_host.is_empty()
            || entry.ut_addr == Address::Absent
        {
            return;
        }
        match entry.addr() {
            Some(_) => self.seen = true,
            None if self.seen && entry.ut_host.to_str().is_some_and(is_address) => {
                let message = format!("from {}, but the address field is zero", entry.ut_host);
                let severity = ADDRESS_MISSING.severity;
                scene.find(out, &ADDRESS_MISSING, severity, message);
            }
            None => {}
        }
    }
}

fn is_address(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok_and(|ip| !ip.is_unspecified())
}

/// How many numbers cannot be. One is odd; several are no record.
pub(super) fn oddities(scene: &Scene<'_>) -> usize {
    let unknown = scene.entry.raw_type.is_some() && scene.entry.ut_type() == UtType::Unknown;
    let microseconds = !(0..1_000_000).contains(&scene.time().tv_usec);
    [unknown, microseconds, is_impossible(scene).is_some()].into_iter().filter(|odd| *odd).count()
}

pub(super) fn see(scene: &Scene<'_>, out: &mut Findings) {
    if !(0..1_000_000).contains(&scene.time().tv_usec) {
        let message = format!("the microseconds are {}", scene.time().tv_usec);
        let severity = MICROSECONDS_RANGE.severity;
        scene.find_role(out, Role::Usec, &MICROSECONDS_RANGE, severity, message);
    }
    if let Some(raw) = scene.entry.raw_type
        && scene.entry.ut_type() == UtType::Unknown
    {
        let message = format!("type {raw} means nothing on {}", scene.layout.dialect.system);
        scene.find_role(out, Role::Type, &UNKNOWN_TYPE, UNKNOWN_TYPE.severity, message);
    }
    if scene.layout.is_variant {
        let message = format!("stored as {}", scene.layout.name);
        scene.find_role(out, Role::Sec, &TIME64_RECORD, TIME64_RECORD.severity, message);
    }
    process(scene, out);
    address(scene, out);
}

/// The process id, if the platform cannot have it.
fn is_impossible(scene: &Scene<'_>) -> Option<i64> {
    let most = match scene.layout.dialect.system {
        "Linux" => 4_194_304,
        "FreeBSD" | "macOS" => 99_999,
        _ => i64::MAX,
    };
    // Run levels are two characters there.
    let is_process = scene.event != Event::RunLevel && scene.event != Event::Shutdown;
    let linux_login = scene.layout.dialect.rules == Rules::Linux
        && scene.entry.ut_type() == UtType::UserProcess
        && scene.event == Event::Login;
    let odd = |pid: &i64| (is_process && !(0..=most).contains(pid)) || (linux_login && *pid == 0);
    scene.entry.ut_pid.filter(odd)
}

fn process(scene: &Scene<'_>, out: &mut Findings) {
    let Some(pid) = is_impossible(scene) else { return };
    let message = format!("ut_pid is {pid} (event: {})", scene.event);
    scene.find_role(out, Role::Pid, &IMPOSSIBLE_PID, IMPOSSIBLE_PID.severity, message);
}

/// IPv4 in the form of IPv6 is IPv4.
fn canonical(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

fn address(scene: &Scene<'_>, out: &mut Findings) {
    let host = scene.entry.ut_host;
    if host.is_empty() || scene.entry.ut_addr == Address::Absent {
        return;
    }
    let named = host.to_str().and_then(|host| host.parse::<IpAddr>().ok());
    let Some(named) = named.filter(|named| !named.is_unspecified()) else { return };
    let raw = scene.entry.ut_addr.raw();
    let role = match scene.entry.ut_addr {
        Address::V6(_) => Role::AddrV6,
        Address::V4(_) => Role::AddrV4,
        _ => Role::SocketAddress,
    };
    if let (IpAddr::V4(named), Address::V6([a, b, c, d, rest @ ..])) = (named, scene.entry.ut_addr)
        && named.octets() == [*a, *b, *c, *d]
        && rest.iter().any(|&byte| byte != 0)
    {
        let message =
            format!("behind {named} the address field has twelve bytes that are not zero");
        let severity = ADDRESS_LEFTOVER.severity;
        return scene.find_role(out, role, &ADDRESS_LEFTOVER, severity, message);
    }
    // An IPv6 address that ends in zeros is kept in the form of IPv4, as by the system.
    let cut = |named: IpAddr| match named {
        IpAddr::V6(v6) => raw.starts_with(&v6.octets()),
        IpAddr::V4(_) => false,
    };
    if let Some(stored) = scene.entry.addr()
        && canonical(stored) != canonical(named)
        && !cut(named)
    {
        let message = format!(
            "the host says {named}, the address field {stored}: consistent with one of them \
             having been changed"
        );
        scene.find_role(out, role, &HOST_ADDRESS, HOST_ADDRESS.severity, message);
    }
}
