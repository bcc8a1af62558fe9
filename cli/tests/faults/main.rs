//! What a hostile file, a broken disk or a careless shell can do to the program: nothing
//! but one clear line and an exit status.

mod commands;
#[path = "../cli/common.rs"]
#[allow(dead_code, reason = "the other tests need the rest of it")]
mod common;
mod determinism;
mod evidence;
mod input;
mod output;
mod terminal;
mod usage;
