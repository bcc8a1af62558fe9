//! The target `utx_log` for libFuzzer.
#![cfg_attr(fuzzing, no_main)]

loginrec_fuzz::target!(utx_log);
