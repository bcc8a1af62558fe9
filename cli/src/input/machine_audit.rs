//! The audit of one machine's files.

use std::fs;
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

use loginrec::audit::{Audit, FileInfo, Finding, Guesses};
use loginrec::{FileKind, Timestamp};

use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;
use crate::input::audited_file::{AuditedFile, Content};
use crate::input::file::Input;
use crate::input::input_bytes::Access;
use crate::input::inputs::Inputs;
use crate::input::passwd;
use crate::input::unopened::Unopened;
use crate::sources::{MachineFiles, Sources};

/// What the user asks of an audit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AuditOptions<'a> {
    /// The kind of all files, if it is given.
    pub(crate) kind: Option<FileKind>,
    pub(crate) guesses: Guesses,
    /// The file with the names of users, if it is given.
    pub(crate) passwd: Option<&'a Path>,
}

/// The files of a machine, and what was found in them.
pub(crate) struct MachineAudit<'m> {
    pub(crate) sources: Vec<AuditedFile<'m>>,
    pub(crate) findings: Vec<Finding>,
}

/// Returns whether all files can be read a second time, which a pipe cannot.
pub(crate) fn can_read_again(sources: &Sources, report: &Diagnostics) -> bool {
    sources.files().all(|file| {
        let name = file.name();
        let is_pipe = |path| fs::metadata(path).is_ok_and(|about| !about.is_file());
        name.path().is_some_and(|path| report.ledger.member(path).is_some() || !is_pipe(path))
    })
}

impl AuditOptions<'_> {
    /// Reads the files of a machine.
    pub(crate) fn audit<'m>(
        &self,
        machine: &'m MachineFiles,
        inputs: &mut Inputs,
        report: &mut Diagnostics,
    ) -> io::Result<MachineAudit<'m>> {
        let mut sources = self.sources(machine, inputs, report)?;
        let passwd = passwd::text(self.passwd, machine, report);
        let mut audit = Audit::new();
        audit.guesses(self.guesses);
        passwd::entries(&passwd).for_each(|(name, uid)| audit.name_user(uid, name));
        for source in &mut sources {
            source.read(&mut audit, report)?;
        }
        Ok(MachineAudit { sources, findings: audit.finish() })
    }

    /// Returns the files of a machine: small ones first, histories in the order of time.
    fn sources<'m>(
        &self,
        machine: &'m MachineFiles,
        inputs: &mut Inputs,
        report: &mut Diagnostics,
    ) -> io::Result<Vec<AuditedFile<'m>>> {
        let mut sources = Vec::new();
        for file in &machine.files {
            let name = file.name();
            match inputs.open_kept(Access::Random, &name, report) {
                Ok(input) => sources.push(self.source(name, input, report)?),
                Err(why) => {
                    let head = inputs.unrecognized_head();
                    match self.overwritten(&name, &why, head, report) {
                        Some((about, content)) => {
                            report.read();
                            report.damaged(&name, why);
                            let begin = None;
                            sources.push(AuditedFile { name, content, about, begin, records: 0 });
                        }
                        None => report.failed(&name, why),
                    }
                }
            }
        }
        sources.sort_by_key(|source| (source.about.rank(), source.layout(), source.begin));
        Ok(sources)
    }

    /// Returns a file that is called a history and was overwritten as a whole.
    fn overwritten(
        &self,
        name: &FileName<'_>,
        why: &Unopened,
        head: &[u8],
        report: &Diagnostics,
    ) -> Option<(FileInfo, Content)> {
        why.not_recognized()?;
        let path = name.path()?;
        let named = || FileKind::from_file_name(path.file_name()?.to_str()?);
        let kind = self.kind.or_else(named);
        let len = match report.ledger.member(path) {
            Some(held) => held.bytes.size().ok()?,
            None => fs::metadata(path).map_or(head.len() as u64, |about| about.len()),
        };
        let is_history = matches!(kind, Some(FileKind::Wtmp | FileKind::Btmp));
        if !is_history || !loginrec::audit::is_overwritten(head, len) {
            return None;
        }
        let mut about = FileInfo::default();
        (about.kind, about.len) = (kind, Some(len));
        Some((about, Content::Overwritten(head.to_vec())))
    }

    fn source<'a>(
        &self,
        name: FileName<'a>,
        mut input: Input,
        report: &Diagnostics,
    ) -> io::Result<AuditedFile<'a>> {
        let mut about = FileInfo::default();
        about.kind = self.kind.or(input.kind());
        about.layout = input.layout();
        about.len = Some(input.len()?);
        about.database = input.database();
        let member = name.path().and_then(|path| report.ledger.member(path));
        // The time of a compressed file is that of the compressed form.
        if let Some(held) = member.filter(|held| held.bytes.size().ok() == about.len) {
            about.modified = held.modified;
        }
        let file = name.path().filter(|_| member.is_none());
        let file = file.and_then(|path| fs::metadata(path).ok());
        // The times and holes of a compressed file are those of the compressed form.
        if let Some(file) = file.filter(|file| file.is_file() && Some(file.len()) == about.len) {
            let modified = file.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            about.modified = modified.and_then(|since| i64::try_from(since.as_secs()).ok());
            #[cfg(unix)]
            {
                use std::os::unix::fs::MetadataExt as _;
                about.allocated = Some(file.blocks().saturating_mul(512));
            }
        }
        let begin = match about.kind {
            Some(FileKind::Wtmp | FileKind::Btmp) => input.find(|record| {
                let time = record.entry().ut_tv;
                (time != Timestamp::default()).then_some(time)
            })?,
            _ => None,
        };
        Ok(AuditedFile {
            name,
            content: Content::Records(Box::new(input)),
            about,
            begin,
            records: 0,
        })
    }
}
