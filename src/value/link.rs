//! How a message is reached from the one before it.

/// How a message of the Apple System Log is reached from the one before it.
///
/// Each message has the offset of the next one. Apple's programs follow these pointers; this crate
/// reads every message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Link {
    /// The message before it leads to it, or messages have no order in the file (version 1).
    #[default]
    Linked,
    /// The messages before it lead to a later one, or nowhere, though others follow it.
    PassedOver,
    /// The message before it is the last one that pointers lead to, and no other follows it.
    AfterEnd,
}

impl Link {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Link; 3] = [Link::Linked, Link::PassedOver, Link::AfterEnd];
}
