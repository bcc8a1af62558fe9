//! The target `time_arg` for libFuzzer.
#![cfg_attr(fuzzing, no_main)]

loginrec_fuzz::target!(time_arg);
