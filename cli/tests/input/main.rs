//! Files as they are found, through the real binary: compressed, in an image, growing.

#[path = "../cli/common.rs"]
#[allow(dead_code, reason = "the other tests need the rest of it")]
mod common;
mod compressed;
mod follow;
mod follow_last;
mod merge;
mod root;
