//! Texts of the page, each kept once.

use std::collections::{BTreeSet, HashMap};

use loginrec::{Entry, Text};
use std::net::IpAddr;

/// Texts with numbers, in the order in which they came. All are safe to print.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<Vec<u8>, u32>,
    shown: Vec<String>,
}

/// The texts that a page refers to, with new numbers.
#[derive(Debug)]
pub(super) struct UsedNames {
    pub(super) shown: Vec<String>,
    numbers: HashMap<u32, u32>,
}

impl UsedNames {
    pub(super) fn number(&self, old: u32) -> u32 {
        self.numbers.get(&old).copied().unwrap_or_default()
    }
}

impl Names {
    pub(super) fn number(&mut self, text: &[u8]) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = u32::try_from(self.shown.len()).unwrap_or(u32::MAX);
        self.numbers.insert(text.to_vec(), number);
        self.shown.push(Text::new(text).to_string());
        number
    }

    /// Returns the texts with these numbers.
    pub(super) fn used(mut self, numbers: &BTreeSet<u32>) -> UsedNames {
        let mut used = UsedNames { shown: Vec::new(), numbers: HashMap::new() };
        for (&old, new) in numbers.iter().zip(0..) {
            let text = usize::try_from(old).ok().and_then(|old| self.shown.get_mut(old));
            used.shown.push(text.map(std::mem::take).unwrap_or_default());
            used.numbers.insert(old, new);
        }
        used
    }

    /// Returns the number of the source of a login. A terminal of the machine itself is not one.
    pub(super) fn source(&mut self, entry: &Entry<'_>) -> u32 {
        let host = entry.ut_host;
        let named = || host.to_str()?.parse::<IpAddr>().ok();
        let is_own = host.as_bytes() == entry.ut_line.as_bytes()
            || host.as_bytes().starts_with(b":")
            || host.as_bytes().starts_with(b"tty");
        match entry.addr().or_else(named) {
            Some(address) => self.number(address.to_canonical().to_string().as_bytes()),
            None if is_own => self.number(b""),
            None => self.number(host.as_bytes()),
        }
    }
}
