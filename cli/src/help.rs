//! Completion scripts and manual pages, made from the command line's own definition.

use std::io::{self, Write as _};

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::args::Cli;
use crate::output::stdout;

const NAME: &str = "loginrec";

pub(crate) fn completions(shell: Shell) -> io::Result<()> {
    // The generator panics where it cannot write, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), NAME, &mut script);
    print(&script)
}

/// The page of one command, or of loginrec as a whole.
pub(crate) fn man(command: Option<&str>) -> io::Result<()> {
    let mut cli = Cli::command();
    cli.build();
    let page = match command {
        None => cli,
        Some(name) => match cli.find_subcommand(name) {
            Some(found) => found.clone(),
            None => cli.error(clap::error::ErrorKind::InvalidSubcommand, "no such command").exit(),
        },
    };
    let mut text = Vec::new();
    Man::new(page).render(&mut text)?;
    print(&text)
}

fn print(text: &[u8]) -> io::Result<()> {
    let mut out = stdout();
    out.write_all(text)?;
    out.flush()
}
