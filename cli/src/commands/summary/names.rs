//! Names that occur often, each kept once.

use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use loginrec::{Entry, Text};

/// Texts with numbers.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    numbers: HashMap<Rc<[u8]>, u32>,
    texts: Vec<Rc<[u8]>>,
}

impl Texts {
    /// Returns the number of a text, which is new or known.
    pub(crate) fn number(&mut self, text: &[u8]) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let text: Rc<[u8]> = text.into();
        self.texts.push(Rc::clone(&text));
        self.numbers.insert(text, number);
        number
    }

    pub(crate) fn get(&self, number: i64) -> &[u8] {
        let place = usize::try_from(number).ok();
        place.and_then(|place| self.texts.get(place)).map_or(&[], |text| text)
    }
}

/// All names.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) users: Texts,
    pub(crate) sources: Texts,
    pub(crate) lines: Texts,
    pub(crate) machines: Vec<Option<Arc<str>>>,
}

impl Names {
    pub(crate) fn machine(&self, number: i64) -> Option<&str> {
        self.machines.get(usize::try_from(number).ok()?)?.as_deref()
    }

    /// Returns the number of where a login came from: its address, else its host. Addresses of
    /// IPv4 in the form of IPv6 are those of IPv4.
    pub(crate) fn source(&mut self, entry: &Entry<'_>) -> u32 {
        let host = || entry.ut_host.to_str()?.parse::<IpAddr>().ok();
        match entry.addr().or_else(host) {
            Some(address) => self.sources.number(address.to_canonical().to_string().as_bytes()),
            None => self.sources.number(entry.ut_host.as_bytes()),
        }
    }

    /// Returns the number of a user's name.
    pub(crate) fn user(&mut self, user: Text<'_>) -> u32 {
        self.users.number(user.as_bytes())
    }
}
