//! Texts of the page, each kept once.

use std::collections::HashMap;

use loginrec::{Entry, Text};
use std::net::IpAddr;

/// Texts with numbers, in the order in which they came. All are safe to print.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<Vec<u8>, u32>,
    pub(super) shown: Vec<String>,
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

    /// Returns the number of where a login came from. A host that is a terminal of the machine
    /// itself is none.
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
