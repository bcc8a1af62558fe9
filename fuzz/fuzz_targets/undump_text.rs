//! The target `undump_text` for libFuzzer.
#![cfg_attr(fuzzing, no_main)]

loginrec_fuzz::target!(undump_text);
