//! Opens files one after another, and detects their layouts.

use std::collections::HashSet;
use std::path::Path;

use loginrec::detect::{Detection, KindBasis, Verdict};
use loginrec::open::{Identity, OnAmbiguous};
use loginrec::{FileKind, Layout, OpenOptions};
use loginrec_sources::uncompressed_name;

use crate::args::reading::{ReadOptions, Reading};
use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;
use crate::input::buffer::Buffer;
use crate::input::file::Input;
use crate::input::input_bytes::{Access, InputBytes};
use crate::input::machine::Machines;
use crate::input::unopened::Unopened;
use crate::sources::Sources;

/// Opens files one after another.
#[derive(Debug)]
pub(crate) struct Inputs {
    layout: Option<&'static Layout>,
    unsigned_seconds: bool,
    /// The kind of all files, if it is given.
    kind: Option<FileKind>,
    /// Whether to warn if the kind is undecided.
    asks_kind: bool,
    /// Most bytes unpacked of one compressed file, or kept of a pipe.
    max_size: u64,
    /// The other files, which decide between layouts if the bytes of one are ambiguous.
    machines: Machines,
    /// The buffer for the next file.
    room: Buffer,
}

impl Inputs {
    /// Default limit for unpacked data.
    pub(crate) const MAX_SIZE: u64 = 4 << 30;

    /// Reads all files as `layout`, if given.
    pub(crate) fn new(layout: Option<&'static Layout>) -> Inputs {
        Inputs {
            layout,
            unsigned_seconds: false,
            kind: None,
            asks_kind: false,
            max_size: Inputs::MAX_SIZE,
            machines: Machines::default(),
            room: Buffer::default(),
        }
    }

    /// Takes the options and the files from the command line.
    pub(crate) fn reading(reading: &Reading) -> Inputs {
        Inputs::of(&reading.options).among(&reading.sources)
    }

    /// The files that will be opened: those of one machine decide ties between layouts.
    pub(crate) fn among(self, sources: &Sources) -> Inputs {
        Inputs { machines: Machines::new(sources), ..self }
    }

    /// Takes the options from the command line.
    pub(crate) fn of(options: &ReadOptions) -> Inputs {
        let inputs = Inputs::new(options.layout).unsigned_seconds(options.unsigned_time);
        let inputs = Inputs { kind: options.kind, ..inputs };
        inputs.limited(options.max_size)
    }

    /// Warns if the kind of a file is undecided.
    pub(crate) fn asking_kind(self) -> Inputs {
        Inputs { asks_kind: true, ..self }
    }

    /// Reads 32-bit seconds as unsigned.
    pub(crate) fn unsigned_seconds(self, yes: bool) -> Inputs {
        Inputs { unsigned_seconds: yes, ..self }
    }

    /// Sets a limit other than [`Inputs::MAX_SIZE`].
    pub(crate) fn limited(self, max_size: u64) -> Inputs {
        Inputs { max_size, ..self }
    }

    /// Opens a file, and warns if its layout is uncertain. The caller reports the error of a file
    /// that cannot be opened.
    pub(crate) fn open(
        &mut self,
        name: &FileName<'_>,
        report: &mut Diagnostics,
    ) -> Result<Input, Unopened> {
        let path = name.path();
        let room = std::mem::take(&mut self.room);
        let mut source =
            InputBytes::open(name, self.max_size, room, report).map_err(Unopened::read)?;
        source.open_beside(name, report).map_err(Unopened::read)?;
        let base = path.and_then(Path::file_name).map(|base| base.to_string_lossy());
        let base = base.as_deref().map(|base| match source.is_packed {
            true => uncompressed_name(base),
            false => base,
        });
        // The user learns what else an ambiguous file could be.
        let mut options = OpenOptions::new().on_ambiguous(OnAmbiguous::BestGuess);
        options = options.unsigned_seconds(self.unsigned_seconds);
        if let Some(layout) = self.layout {
            options = options.layout(layout);
        }
        if let Some(base) = base {
            options = options.file_name(base);
        }
        if let Some(kind) = self.kind {
            options = options.kind(kind);
        }
        let mut identity = match options.identify(|| source.sample()) {
            Ok(identity) => identity,
            Err(why) => {
                self.room = source.into_head();
                return Err(Unopened(why));
            }
        };
        let is_open = |identity: &Identity| {
            identity.detection().is_some_and(|found| found.verdict() == Verdict::Ambiguous)
        };
        if is_open(&identity)
            && let Some((layout, file)) =
                path.and_then(|p| self.machines.layout(p, self.max_size, report))
            && let Ok(settled) = options.sibling(layout).identify(|| source.sample())
            && !is_open(&settled)
        {
            let best = settled.layout().map_or("", |layout| layout.name);
            let (file, own) = (FileName::new(&file).shown, layout.name);
            let why = format!("ambiguous on its own; read as {best}, because {file} is {own}");
            report.warn(name, why);
            identity = settled;
        }
        if let Some(found) = identity.detection().filter(|_| is_open(&identity)) {
            report.warn(name, ambiguous(found));
        }
        let basis = identity.found_kind().map(|found| found.basis);
        if self.asks_kind && basis == Some(KindBasis::Open) {
            report.warn(name, KIND_IS_OPEN);
        }
        Ok(Input {
            identity,
            source: Some(source),
            is_deleted_too: false,
            left_out: HashSet::new(),
        })
    }

    /// Reuses the memory of this file for the next.
    pub(crate) fn done(&mut self, input: Input) {
        self.room = input.source.map_or_else(Buffer::default, InputBytes::into_head);
    }

    /// Returns the beginning of the file that was not recognized last.
    pub(crate) fn unrecognized_head(&self) -> &[u8] {
        self.room.bytes()
    }

    /// Opens a file and keeps it; see [`Inputs::open`] and [`Input::keep`].
    pub(crate) fn open_kept(
        &mut self,
        access: Access,
        name: &FileName<'_>,
        report: &mut Diagnostics,
    ) -> Result<Input, Unopened> {
        let mut input = self.open(name, report)?;
        input.keep(access, self.max_size, name, report)?;
        Ok(input)
    }
}

/// The warning for a file that has only logins and no telling name.
const KIND_IS_OPEN: &str = "neither content nor name shows whether these are logins or failed logins; \
     read as logins; --kind btmp makes them failed logins, --kind wtmp confirms";

/// Returns the layouts that a file could also have.
pub(crate) fn ambiguous(found: &Detection) -> String {
    let best = found.layout().map_or("", |layout| layout.name);
    let ties = found.ties();
    let others = ties.iter().map(|tie| tie.layout.name).filter(|name| *name != best);
    let others: Vec<&str> = others.collect();
    format!("ambiguous: {best} (used) or {}; choose with --layout", others.join(" or "))
}
