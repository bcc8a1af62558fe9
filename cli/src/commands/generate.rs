//! Completion scripts and manual pages, made from the definition of the command line.

use std::io::{self, Write as _};

use clap::{Args, Command};
use clap_complete::Shell;

use crate::output::writer::Output;

const NAME: &str = "loginrec";

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(
    hide = true,
    after_help = "\
Example:
  loginrec completions bash > /etc/bash_completion.d/loginrec"
)]
pub(crate) struct Completions {
    /// Which shell
    shell: Shell,
}

/// Print the manual page of loginrec or of one of its commands, as roff
#[derive(Debug, Args)]
#[command(
    hide = true,
    after_help = "\
Example:
  loginrec man dump | man -l -"
)]
pub(crate) struct Man {
    /// The command; without it, loginrec itself
    command: Option<String>,
}

impl Completions {
    pub(crate) fn print(&self, mut program: Command, out: Output) -> io::Result<()> {
        // The generator panics if it cannot write, so it writes to memory.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut program, NAME, &mut script);
        print(&script, out)
    }
}

impl Man {
    pub(crate) fn print(&self, mut program: Command, out: Output) -> io::Result<()> {
        program.build();
        let page = match &self.command {
            None => program,
            Some(name) => match program.find_subcommand(name) {
                Some(found) => found.clone(),
                None => {
                    let kind = clap::error::ErrorKind::InvalidSubcommand;
                    program.error(kind, "no such command").exit()
                }
            },
        };
        let mut text = Vec::new();
        clap_mangen::Man::new(page).render(&mut text)?;
        print(&text, out)
    }
}

fn print(text: &[u8], mut out: Output) -> io::Result<()> {
    out.write_all(text)?;
    out.flush()
}
