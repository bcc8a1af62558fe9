//! The name that the program is called by. A link with the name of an older tool behaves like that
//! tool, with its exit statuses.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

use clap::Command;

use crate::args::applet::Applet;
use crate::diagnostics::{self, Diagnostics};

/// The command line, by the name under which the program was called.
#[derive(Debug)]
pub(crate) struct Invocation {
    /// The arguments for clap, the program's name first.
    pub(crate) arguments: Vec<OsString>,
    applet: Option<&'static str>,
}

impl Invocation {
    /// Takes the process's arguments, the program's name first. `program` builds the definition of
    /// the command line, which most calls do not need.
    pub(crate) fn new(
        mut arguments: Vec<OsString>,
        applets: &[&'static Applet],
        program: fn() -> Command,
    ) -> Invocation {
        let named = |name: Option<&OsStr>| {
            applets.iter().find(|applet| Some(OsStr::new(applet.name)) == name)
        };
        let path = arguments.first().map(Path::new);
        if let Some(applet) = named(path.map(|path| path.file_stem().unwrap_or_default())) {
            let rest = (applet.rewrite)(&program(), arguments.split_off(1));
            let arguments = ["loginrec".into()].into_iter().chain(rest).collect();
            return Invocation { arguments, applet: Some(applet.name) };
        }
        let command = named(arguments.get(1).map(OsString::as_os_str));
        if let Some(respell) = command.and_then(|applet| applet.respell) {
            let rest = respell(&program(), arguments.split_off(2));
            arguments.extend(rest);
        }
        Invocation { arguments, applet: None }
    }

    /// Whether the program was called by the name of this tool.
    pub(crate) fn is(&self, tool: &str) -> bool {
        self.applet == Some(tool)
    }

    /// Prints clap's message: an error, or requested help. Returns the exit status: for wrong usage
    /// 2, or 1 under the name of a tool.
    pub(crate) fn usage(&self, error: &clap::Error) -> ExitCode {
        match (error.print(), error.use_stderr(), self.applet) {
            (Err(error), false, _) => self.stopped(diagnostics::stopped(&error)),
            // If standard error cannot be written there is nowhere to report that.
            (_, true, Some(_)) => ExitCode::FAILURE,
            (_, true, None) => ExitCode::from(diagnostics::MISUSED),
            (Ok(()), false, _) => ExitCode::SUCCESS,
        }
    }

    /// Returns the exit status after all files. The tools have only 0, and 1 for files that could
    /// not be read.
    pub(crate) fn status(&self, report: &Diagnostics) -> ExitCode {
        match self.applet.is_some() {
            true => ExitCode::from(u8::from(report.has_failed())),
            false => report.status(),
        }
    }

    /// Returns the exit status if results could not be written: `usual`, or that of the tools.
    pub(crate) fn stopped(&self, usual: ExitCode) -> ExitCode {
        match self.applet.is_some() && usual != ExitCode::SUCCESS {
            true => ExitCode::FAILURE,
            false => usual,
        }
    }
}
