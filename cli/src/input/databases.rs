//! Databases that one tool keeps, among the files of machines.

use crate::args::reading::ReadOptions;
use crate::diagnostics::{Diagnostics, Stop};
use crate::file_name::FileName;
use crate::input::file::Input;
use crate::input::inputs::Inputs;
use crate::sources::Sources;

/// The databases of one tool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ToolDatabases {
    /// Returns whether a file is one of them.
    pub(crate) includes: fn(&Input) -> bool,
    /// The message for other files.
    pub(crate) refusal: &'static str,
}

impl ToolDatabases {
    /// Opens each of them. `f` also gets what is printed before it: a heading for each file of a
    /// root, else nothing.
    pub(crate) fn each(
        self,
        sources: &Sources,
        options: &ReadOptions,
        report: &mut Diagnostics,
        mut f: impl FnMut(&mut Input, &FileName<'_>, &str, &mut Diagnostics) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut inputs = Inputs::of(options).among(sources);
        let mut count = 0_u32;
        for machine in &sources.machines {
            for file in &machine.files {
                let name = file.name();
                match inputs.open(&name, report) {
                    Ok(mut input) if (self.includes)(&input) => {
                        let gap = if count > 0 { "\n" } else { "" };
                        let heading = match machine.is_root {
                            true => {
                                format!("{gap}==> {}: {} <==\n", name.machine_name(), name.shown)
                            }
                            false => String::new(),
                        };
                        count += 1;
                        f(&mut input, &name, &heading, report)?;
                    }
                    // A system may keep logins in other files as well.
                    Ok(_) if machine.is_root => report.warn(&name, self.refusal),
                    Ok(_) => report.failed(&name, self.refusal),
                    Err(why) => report.failed(&name, why),
                }
            }
        }
        // Those of a root were reported, and something else was read.
        if count == 0 && sources.machines.iter().any(|machine| machine.is_root) {
            report.failed_quietly();
        }
        Ok(())
    }
}
