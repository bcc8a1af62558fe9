//! Failed logins that ended in one that did not fail.

use core::net::IpAddr;
use std::collections::{HashMap, HashSet};
use std::format;

use crate::dialect::{Event, FileKind};
use crate::timestamp::Timestamp;

use super::rule::{Findings, Rule, Severity};
use super::scene::Scene;

pub(super) static BRUTE_FORCE: Rule = Rule {
    id: "brute-force",
    severity: Severity::Medium,
    title: "a login from an address with many failed ones before",
    meaning: "Consistent with a password that was guessed: ten or more failures of the address in \
        the btmp within the day before its first login. Info from three on.",
    expected: "few failures before a login",
    innocent: &[
        "a program with an old password, mended by its owner",
        "many people behind one address",
    ],
    technique: Some("T1110"),
    ..Rule::NEW
};

/// Address and hour pairs remembered.
const MOST: usize = 1 << 20;
const MANY: u64 = 10;
const SOME: u64 = 3;

/// Failures by address and hour.
#[derive(Debug, Default)]
pub(super) struct Attack {
    failures: HashMap<(IpAddr, i64), u64>,
    told: HashSet<IpAddr>,
}

impl Attack {
    pub(super) fn see(&mut self, scene: &Scene<'_>, out: &mut Findings) {
        let Some(address) = scene.entry.addr() else { return };
        if scene.time() == Timestamp::default() {
            return;
        }
        let (address, hour) = (address.to_canonical(), scene.sec().div_euclid(3600));
        if scene.event == Event::FailedLogin {
            if self.failures.len() < MOST || self.failures.contains_key(&(address, hour)) {
                let count = self.failures.entry((address, hour)).or_default();
                *count = count.saturating_add(1);
            }
        } else if scene.kind == Some(FileKind::Wtmp)
            && scene.event == Event::Login
            && !self.failures.is_empty()
            && !self.told.contains(&address)
        {
            let hours = hour.saturating_sub(23)..=hour;
            let count = hours.filter_map(|hour| self.failures.get(&(address, hour))).sum::<u64>();
            if count < SOME {
                return;
            }
            self.told.insert(address);
            let severity = if count >= MANY { BRUTE_FORCE.severity } else { Severity::Info };
            let message = format!(
                "{:?} logs in from {address} after {count} failed logins from there within a day",
                scene.entry.ut_user
            );
            scene.find(out, &BRUTE_FORCE, severity, message);
        }
    }
}
