//! Digits, dates and text as ASCII, fast. Word-level tricks are only allowed here.

pub(crate) mod datetime;
pub(crate) mod hex;
pub(crate) mod number;
pub(crate) mod scan;
