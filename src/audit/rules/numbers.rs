//! Numbers and addresses that no platform writes.

use core::net::IpAddr;
use std::format;

use crate::layout::field::Role;
use crate::value::address::Address;
use crate::value::event::Event;
use crate::value::ut_type::UtType;

use crate::audit::context::{RecordContext, is_pty};
use crate::audit::finding::{Findings, Rule, Severity};

pub(in crate::audit) static MICROSECONDS_RANGE: Rule = Rule {
    id: "microseconds-range",
    severity: Severity::Low,
    title: "microseconds outside 0 to 999999",
    meaning: "Consistent with a record filled in by hand or by a careless tool, or with damage.",
    expected: "0 to 999999",
    innocent: &["a program that stores milliseconds or nanoseconds by mistake", "a damaged block"],
    technique: None,
    systematic: true,
    ..Rule::NEW
};

pub(in crate::audit) static UNKNOWN_TYPE: Rule = Rule {
    id: "unknown-type",
    severity: Severity::Low,
    title: "a type the platform does not define",
    meaning: "Consistent with damage, with bytes that are not a record, or with a file of another \
        platform.",
    expected: "one of the platform's types",
    innocent: &["a damaged block", "a file that is read with the wrong layout"],
    technique: None,
    systematic: true,
    ..Rule::NEW
};

pub(in crate::audit) static IMPOSSIBLE_PID: Rule = Rule {
    id: "impossible-pid",
    severity: Severity::Low,
    title: "a process id the platform cannot have",
    meaning: "Consistent with a forged record. Linux: below 0, above 4194304, or 0 for a \
        login; FreeBSD and macOS: above 99999; elsewhere: below 0.",
    expected: "the process id of the program that wrote the record",
    innocent: &["display managers that leave 0", "a damaged block"],
    technique: None,
    systematic: true,
    ..Rule::NEW
};

pub(in crate::audit) static HOST_ADDRESS: Rule = Rule {
    id: "host-address-mismatch",
    severity: Severity::Low,
    title: "a host that is an IP address, but not the stored one",
    meaning: "Consistent with a host changed without changing the address. If every \
        record of a host disagrees the same way, all of them were changed.",
    expected: "the same address in ut_host and in the address field",
    innocent: &[
        "logs made anonymous before they were passed on",
        "a proxy or address translation between the names the program asked for",
    ],
    technique: Some("T1070.002"),
    systematic: true,
    ..Rule::NEW
};

pub(in crate::audit) static ADDRESS_LEFTOVER: Rule = Rule {
    id: "address-leftover",
    severity: Severity::Low,
    title: "an IPv4 address with other bytes after it",
    meaning: "Consistent with an address written over a longer one. Applies if the host is \
        that IPv4 address, so that the field cannot be IPv6.",
    expected: "twelve zero bytes after an IPv4 address",
    innocent: &["a program that copies four bytes into a field it did not clear"],
    technique: Some("T1070.002"),
    systematic: true,
    ..Rule::NEW
};

pub(in crate::audit) static TIME64_RECORD: Rule = Rule {
    id: "time64-record",
    severity: Severity::Info,
    title: "a record in the damaged form of glibc's 64-bit time",
    meaning: "Not tampering: a program built for 64-bit time wrote through a library with 32-bit \
        time (glibc 2.34 to 2.39, 32-bit ports). Other tools show 1970, the time in the \
        microseconds and a shifted address.",
    expected: "the platform's own record",
    innocent: &["glibc bug 30701"],
    technique: None,
    systematic: true,
    ..Rule::NEW
};

pub(in crate::audit) static ADDRESS_MISSING: Rule = Rule {
    id: "address-missing",
    severity: Severity::Info,
    title: "a remote host without its address, although others have both",
    meaning: "Consistent with an address wiped separately, or with a record of another program. \
        The host is an IP address, the line a pseudo-terminal, and a login before it on such a \
        line had both.",
    expected: "the address of the host",
    innocent: &["terminal programs that store a host and no address, next to sshd"],
    technique: None,
    systematic: true,
    ..Rule::NEW
};

/// Whether a login on a pseudo-terminal had host and address.
#[derive(Debug, Default)]
pub(in crate::audit) struct Addresses {
    seen: bool,
}

impl Addresses {
    pub(in crate::audit) fn check(&mut self, context: &RecordContext<'_>, findings: &mut Findings) {
        let entry = &context.entry;
        if context.event != Event::Login
            || context.layout.is_lastlog()
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
                context.find(findings, &ADDRESS_MISSING, severity, message);
            }
            None => {}
        }
    }
}

fn is_address(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok_and(|ip| !ip.is_unspecified())
}

/// Returns how many numbers are impossible. One is odd; several mean that it is no record.
pub(in crate::audit) fn oddities(context: &RecordContext<'_>) -> usize {
    let unknown = context.entry.raw_type.is_some() && context.entry.ut_type() == UtType::Unknown;
    let microseconds = !(0..1_000_000).contains(&context.time().tv_usec);
    [unknown, microseconds, is_impossible(context).is_some()].into_iter().filter(|odd| *odd).count()
}

pub(in crate::audit) fn check(context: &RecordContext<'_>, findings: &mut Findings) {
    if !(0..1_000_000).contains(&context.time().tv_usec) {
        let message = format!("the microseconds are {}", context.time().tv_usec);
        let severity = MICROSECONDS_RANGE.severity;
        context.find_role(findings, Role::Usec, &MICROSECONDS_RANGE, severity, message);
    }
    if let Some(raw) = context.entry.raw_type
        && context.entry.ut_type() == UtType::Unknown
    {
        let message = format!("type {raw} is not defined on {}", context.layout.platform.system);
        context.find_role(findings, Role::Type, &UNKNOWN_TYPE, UNKNOWN_TYPE.severity, message);
    }
    if context.layout.is_variant {
        let message = format!("stored as {}", context.layout.name);
        context.find_role(findings, Role::Sec, &TIME64_RECORD, TIME64_RECORD.severity, message);
    }
    process(context, findings);
    address(context, findings);
}

/// Returns the process id, if the platform cannot have it.
fn is_impossible(context: &RecordContext<'_>) -> Option<i64> {
    let platform = context.layout.platform;
    // Linux stores two characters there in run level records.
    let is_process = context.event != Event::RunLevel && context.event != Event::Shutdown;
    let login_without = platform.login_has_pid
        && context.entry.ut_type() == UtType::UserProcess
        && context.event == Event::Login;
    let odd = |pid: &i64| {
        (is_process && !(0..=platform.max_pid).contains(pid)) || (login_without && *pid == 0)
    };
    context.entry.ut_pid.filter(odd)
}

fn process(context: &RecordContext<'_>, findings: &mut Findings) {
    let Some(pid) = is_impossible(context) else { return };
    let message = format!("ut_pid is {pid} (event: {})", context.event);
    context.find_role(findings, Role::Pid, &IMPOSSIBLE_PID, IMPOSSIBLE_PID.severity, message);
}

/// Returns an IPv4-mapped IPv6 address as IPv4.
fn canonical(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

fn address(context: &RecordContext<'_>, findings: &mut Findings) {
    let host = context.entry.ut_host;
    if host.is_empty() || context.entry.ut_addr == Address::Absent {
        return;
    }
    let named = host.to_str().and_then(|host| host.parse::<IpAddr>().ok());
    let Some(named) = named.filter(|named| !named.is_unspecified()) else { return };
    let raw = context.entry.ut_addr.raw();
    let role = match context.entry.ut_addr {
        Address::V6(_) => Role::AddrV6,
        Address::V4(_) => Role::AddrV4,
        _ => Role::SocketAddress,
    };
    if let (IpAddr::V4(named), Address::V6([a, b, c, d, rest @ ..])) =
        (named, context.entry.ut_addr)
        && named.octets() == [*a, *b, *c, *d]
        && rest.iter().any(|&byte| byte != 0)
    {
        let message =
            format!("the twelve bytes after {named} in the address field are not all zero");
        let severity = ADDRESS_LEFTOVER.severity;
        return context.find_role(findings, role, &ADDRESS_LEFTOVER, severity, message);
    }
    // An IPv6 address that ends in zeros is stored like an IPv4 address, by the system too.
    let cut = |named: IpAddr| match named {
        IpAddr::V6(v6) => raw.starts_with(&v6.octets()),
        IpAddr::V4(_) => false,
    };
    if let Some(stored) = context.entry.addr()
        && canonical(stored) != canonical(named)
        && !cut(named)
    {
        let message = format!(
            "the host is {named}, the address field {stored}: consistent with one of them \
             having been changed"
        );
        context.find_role(findings, role, &HOST_ADDRESS, HOST_ADDRESS.severity, message);
    }
}
