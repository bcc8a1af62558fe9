//! Files as they are found, through the real binary: compressed, in an image, growing.

mod audit;
#[path = "../cli/common.rs"]
#[allow(dead_code, reason = "the other tests need the rest of it")]
mod common;
mod compressed;
mod follow;
mod follow_last;
#[path = "../../../tests/common/machine.rs"]
#[allow(dead_code, unreachable_pub, reason = "the library's tests need the rest of it")]
mod machine;
mod merge;
mod root;
mod timeline;
