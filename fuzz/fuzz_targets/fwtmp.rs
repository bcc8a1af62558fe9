//! The target `fwtmp` for libFuzzer.
#![cfg_attr(fuzzing, no_main)]

loginrec_fuzz::target!(fwtmp);
