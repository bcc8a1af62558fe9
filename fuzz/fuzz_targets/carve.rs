//! The target `carve` for libFuzzer.
#![cfg_attr(fuzzing, no_main)]

loginrec_fuzz::target!(carve);
