//! The cost of files that are large, mostly holes, or being written to.
//!
//! How much memory a process took, where a file has holes, and what is done to a file
//! somebody has open differ between systems: this is Linux.

#[cfg(target_os = "linux")]
mod large;
#[cfg(target_os = "linux")]
mod live;
#[cfg(target_os = "linux")]
mod packed;
#[cfg(target_os = "linux")]
mod sparse;
#[cfg(target_os = "linux")]
mod wtmp;

#[cfg(not(target_os = "linux"))]
#[test]
fn elsewhere() {
    loginrec_testing::skip("only Linux is asked about memory and holes");
}
