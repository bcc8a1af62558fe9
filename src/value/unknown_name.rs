use core::{error, fmt};

/// The error of parsing a name that does not exist, such as `"reboot".parse::<Event>()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UnknownName {
    what: &'static str,
}

impl UnknownName {
    pub(crate) const fn new(what: &'static str) -> UnknownName {
        UnknownName { what }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown {}", self.what)
    }
}

impl error::Error for UnknownName {}
