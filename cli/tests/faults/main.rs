//! What a hostile file, a broken disk or a careless shell can do to the program: nothing
//! but one clear line and an exit status.

mod commands;
mod determinism;
mod evidence;
mod input;
mod output;
mod overwriting;
mod terminal;
mod usage;
