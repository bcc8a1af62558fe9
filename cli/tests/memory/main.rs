//! What files cost that are large, mostly holes, or written to at the same time.
//!
//! How much memory a process took, where a file has holes, and what is done to a file
//! somebody has open differ between systems: this is Linux.

#[cfg(target_os = "linux")]
#[path = "../cli/common.rs"]
#[allow(dead_code, reason = "the other tests need the rest of it")]
mod common;
#[cfg(target_os = "linux")]
mod large;
#[cfg(target_os = "linux")]
mod live;
#[cfg(target_os = "linux")]
mod sparse;
#[cfg(target_os = "linux")]
mod wtmp;

#[cfg(not(target_os = "linux"))]
#[test]
fn elsewhere() {
    eprintln!("skipped: only Linux is asked about memory and holes");
}
