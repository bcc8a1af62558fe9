//! `loginrec last` and `lastb` through the binary.

mod compare;
mod generate;
mod pairing;
mod platforms;
mod real;
mod stored;
mod times;
mod tools;
mod who;

use loginrec_testing::text;

/// Standard output of a run that succeeds and prints no message.
fn clean(args: &[&str]) -> String {
    text(&loginrec_testing::clean(args, b""))
}
