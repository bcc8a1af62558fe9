//! Opening files one after the other, and finding their layouts.

use std::collections::HashMap;
use std::io::{self, Seek as _};
use std::path::{Path, PathBuf};

use loginrec::detect::{Detection, Hints, Sample, Verdict, detect_with};
use loginrec::{Layout, OpenErrorKind};

use super::{Input, Unopened};
use crate::args::Reading;
use crate::buffer::Buffer;
use crate::filename::FileName;
use crate::report::Report;
use crate::source::Source;
use crate::{sha256, unpack};

/// Opens one file after the other.
#[derive(Debug)]
pub(crate) struct Inputs {
    layout: Option<&'static Layout>,
    /// The most that is unpacked of one compressed file, or kept of a pipe.
    max_size: u64,
    /// Whether checksums are told.
    hash: bool,
    /// Folders and the layout of a file found there: files of one machine have the same
    /// byte order and time width, which decides between layouts the bytes leave open.
    neighbours: HashMap<PathBuf, &'static Layout>,
    /// The last of them: files of one folder mostly come together.
    neighbour: Option<(PathBuf, &'static Layout)>,
    /// Where the next file is read into.
    room: Buffer,
}

impl Inputs {
    /// How much is unpacked where nobody says.
    pub(crate) const MAX_SIZE: u64 = 4 << 30;

    /// All files are `layout`, if given.
    pub(crate) fn new(layout: Option<&'static Layout>) -> Inputs {
        Inputs {
            layout,
            max_size: Inputs::MAX_SIZE,
            hash: false,
            neighbours: HashMap::new(),
            neighbour: None,
            room: Buffer::default(),
        }
    }

    /// As the command line says.
    pub(crate) fn of(reading: &Reading) -> Inputs {
        Inputs::new(reading.layout).limited(reading.max_size).hashed(reading.hash)
    }

    /// Tells the checksum of each file.
    pub(crate) fn hashed(self, hash: bool) -> Inputs {
        Inputs { hash, ..self }
    }

    /// With another limit than [`Inputs::MAX_SIZE`].
    pub(crate) fn limited(self, max_size: u64) -> Inputs {
        Inputs { max_size, ..self }
    }

    /// Opens a file and says on standard error what is uncertain about its layout. What
    /// cannot be opened is for the caller to report.
    pub(crate) fn open(
        &mut self,
        name: &FileName<'_>,
        report: &mut Report,
    ) -> Result<Input, Unopened> {
        if self.hash {
            sha256::tell(name, report);
        }
        let path = name.path();
        let room = std::mem::take(&mut self.room);
        let mut source = Source::open(path, self.max_size, room).map_err(Unopened::read)?;
        let base = path.and_then(Path::file_name).map(|base| base.to_string_lossy());
        let base = base.as_deref().map(|base| match source.is_packed {
            true => unpack::plain_name(base),
            false => base,
        });
        let (layout, base) = (self.layout, base.map(str::to_owned));
        let mut input = Input { layout, base, detection: None, source: None };
        if self.layout.is_none() {
            let folder = path.map(|path| path.parent().unwrap_or(path));
            let neighbour = folder.and_then(|folder| self.neighbour(folder));
            let hints = Hints { file_name: input.base.as_deref(), neighbour };
            let found = detect(&mut source, &hints).map_err(Unopened::read)?;
            match found.verdict() {
                Verdict::NotRecognised => {
                    self.room = source.into_head();
                    return Err(Unopened(OpenErrorKind::NotRecognised(found)));
                }
                Verdict::Ambiguous => report.warn(name, ambiguous(&found)),
                _ if neighbour.is_none() => {
                    self.neighbours.extend(folder.map(Path::to_owned).zip(found.layout()));
                }
                _ => {}
            }
            input.layout = found.layout();
            input.detection = Some(found);
        }
        input.source = Some(source);
        Ok(input)
    }

    /// The layout of a file that was found in this folder.
    fn neighbour(&mut self, folder: &Path) -> Option<&'static Layout> {
        let last = self.neighbour.as_ref();
        if let Some((_, layout)) = last.filter(|(last, _)| last.as_os_str() == folder.as_os_str()) {
            return Some(layout);
        }
        let layout = self.neighbours.get(folder).copied()?;
        self.neighbour = Some((folder.to_owned(), layout));
        Some(layout)
    }

    /// Reads the next file into the memory of this one.
    pub(crate) fn done(&mut self, input: Input) {
        self.room = input.source.map_or_else(Buffer::default, Source::into_head);
    }

    /// As [`Inputs::open`], and [`Input::keep`].
    pub(crate) fn open_kept(
        &mut self,
        name: &FileName<'_>,
        report: &mut Report,
    ) -> Result<Input, Unopened> {
        let mut input = self.open(name, report)?;
        input.keep(self.max_size, name, report)?;
        Ok(input)
    }
}

fn detect(source: &mut Source, hints: &Hints<'_>) -> io::Result<Detection> {
    match source.head() {
        (head, true) => Ok(detect_with(head, hints)),
        (head, false) if !source.is_seekable() => Ok(Sample::beginning(head).detect(hints)),
        _ => {
            let found = Sample::sparse(source, Source::next_data)?.detect(hints);
            source.rewind()?;
            Ok(found)
        }
    }
}

/// Which layouts a file could have as well.
pub(crate) fn ambiguous(found: &Detection) -> String {
    let ties: Vec<&str> = found.ties().iter().map(|tie| tie.layout.name).collect();
    let best = found.layout().map_or("", |layout| layout.name);
    format!("could be {}; read as {best}: name the right one with --layout", ties.join(" or "))
}
