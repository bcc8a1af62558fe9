//! `--root`: the login records of whole systems, in a mounted image, a copy of its files or a
//! collection.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loginrec::contract::EscapedUtf8;
use loginrec::formats::{self, glibc};
use loginrec::{FileKind, Layout, system};
use loginrec_sources::{
    FoundFile, Machine, Problem, ProblemKind, Root, RootOptions, is_root, open_root, rotated_copies,
};

use crate::args::reading::{ReadOptions, Reading};
use crate::diagnostics::{Diagnostics, reason};
use crate::file_name::{FileName, Owner};
use crate::sources::{MachineFiles, SourceFile, Sources, below};

impl Reading {
    /// Finds the files to read; see [`resolve`].
    pub(crate) fn resolve(
        &mut self,
        kinds: &[FileKind],
        report: &mut Diagnostics,
    ) -> Result<(), String> {
        self.sources = resolve(&self.files, &self.options, kinds, report)?;
        Ok(())
    }

    /// Finds the files to read, or to follow: those of the kinds in `grow`.
    pub(crate) fn resolve_followed(
        &mut self,
        follows: bool,
        kinds: &[FileKind],
        grow: &[FileKind],
        report: &mut Diagnostics,
    ) -> Result<(), String> {
        if !follows {
            return self.resolve(kinds, report);
        }
        self.sources = followed(&self.files, &self.options, grow, report)?;
        Ok(())
    }
}

/// Finds the files to read: those that are named, looked up below each root if there is one;
/// without names those of `kinds` (empty: all kinds) below the roots. A folder that is named is a
/// root. Problems are reported; the error is wrong usage.
pub(crate) fn resolve(
    files: &[PathBuf],
    options: &ReadOptions,
    kinds: &[FileKind],
    report: &mut Diagnostics,
) -> Result<Sources, String> {
    let is_plain = |file: &&PathBuf| FileName::new(file).is_stdin() || !is_root(file);
    let (plain, folders): (Vec<&PathBuf>, Vec<&PathBuf>) = match options.root.is_empty() {
        true => files.iter().partition(is_plain),
        false => files.iter().partition(|file| FileName::new(file).is_stdin()),
    };
    let (roots, named) = match options.root.is_empty() {
        true => (folders.into_iter().map(|folder| (None, folder.clone())).collect(), Vec::new()),
        false => (options.root.iter().map(|root| split(root)).collect::<Vec<_>>(), folders),
    };
    if options.scan && roots.is_empty() {
        return Err("--scan needs --root: files that are named are read anyway".to_owned());
    }
    let mut sources = Sources::default();
    if !plain.is_empty() {
        sources.machines.push(plain_files(&plain, options, roots.is_empty())?);
    }
    let mut found = Found::default();
    for (name, path) in roots {
        found.open(name, &path, files, options, report);
    }
    found.rename_twins(report);
    found.choose(&options.machine)?;
    for root in &found.roots {
        if options.verbose && root.machines.is_empty() {
            let why = "looked at the usual places of every platform, in it and in folders below \
                it, and for files named after a log: nothing";
            report.warn(&FileName::new(&root.path), why);
        }
        let logs = match options.root.is_empty() || files.is_empty() {
            true => root.logs(kinds, report),
            false => root.below(&named, report),
        };
        for (FoundMachine { name, machine }, logs) in logs {
            let number = sources.machines.len();
            sources.machines.push(files_of(number, name, machine, &logs, report));
            if options.verbose {
                say_places(name, machine, report);
            }
        }
    }
    Ok(sources)
}

/// Splits `NAME=PATH`; a path that exists as it is has no name.
fn split(root: &Path) -> (Option<String>, PathBuf) {
    let text = root.to_str().filter(|_| !root.exists());
    match text.and_then(|text| text.split_once('=')) {
        Some((name, path)) if !name.is_empty() && !name.contains('/') => {
            (Some(name.to_owned()), path.into())
        }
        _ => (None, root.to_owned()),
    }
}

/// Returns files that are followed: whatever has their names; without names the current logs of
/// these kinds below the roots.
pub(crate) fn followed(
    files: &[PathBuf],
    options: &ReadOptions,
    kinds: &[FileKind],
    report: &mut Diagnostics,
) -> Result<Sources, String> {
    if options.root.is_empty() {
        return Ok(Sources { machines: vec![plain_files(files, options, true)?] });
    }
    let mut sources = resolve(files, options, kinds, report)?;
    let owners = sources.files().filter_map(|file| file.owner.as_ref());
    if let Some(archive) = owners.filter_map(|owner| owner.archive.as_ref()).next() {
        return Err(format!("{archive} does not grow: following needs the folder of a system"));
    }
    for machine in sources.machines.iter_mut().filter(|_| files.is_empty()) {
        let logs: Vec<PathBuf> = machine.files.iter().map(|file| file.path.clone()).collect();
        let copies: BTreeSet<PathBuf> =
            logs.iter().flat_map(|log| rotated_copies(log).unwrap_or_default()).collect();
        machine.files.retain(|file| !copies.contains(&file.path));
    }
    Ok(sources)
}

/// Files that are named without a root, as those of one machine.
fn plain_files(
    files: &[impl AsRef<Path>],
    options: &ReadOptions,
    names_machine: bool,
) -> Result<MachineFiles, String> {
    let name: Option<Arc<str>> = match options.machine.as_slice() {
        [name] if names_machine => Some(EscapedUtf8(name.as_bytes()).to_string().into()),
        [_, ..] if names_machine => return Err("files have one --machine".to_owned()),
        _ => None,
    };
    let owner = name.clone().map(|name| Arc::new(Owner { number: 0, name, archive: None }));
    let files = files.iter().map(|file| SourceFile::named(file.as_ref().to_owned(), owner.clone()));
    Ok(MachineFiles { name, files: files.collect(), ..MachineFiles::default() })
}

/// The machines below all roots.
#[derive(Default)]
struct Found {
    roots: Vec<FoundRoot>,
}

struct FoundRoot {
    path: PathBuf,
    machines: Vec<FoundMachine>,
    /// The root itself.
    top: FoundMachine,
    /// Whether `--machine` left nothing of it.
    is_left_out: bool,
    /// The kind of archive or image; `None` for a folder.
    what: Option<&'static str>,
}

struct FoundMachine {
    name: String,
    machine: Machine,
}

impl Found {
    fn open(
        &mut self,
        name: Option<String>,
        path: &Path,
        names: &[PathBuf],
        options: &ReadOptions,
        report: &mut Diagnostics,
    ) {
        let (scan, max_size) = (options.scan, options.max_size);
        let how = RootOptions { scan, max_size, names: names.to_vec() };
        let Root { machines, problems, archives, top, what, .. } = match open_root(path, &how) {
            Ok(root) => root,
            Err(error) => return report.failed(&FileName::new(path), reason(&error)),
        };
        archives.iter().for_each(|archive| report.ledger.add_archive(archive));
        problems.iter().for_each(|problem| say(problem, report));
        let is_one = machines.len() == 1;
        let named = |machine: Machine, is_one: bool| {
            let own = machine.name();
            let name = match &name {
                Some(name) if is_one => name.clone(),
                Some(name) => format!("{name}/{own}"),
                None => own.to_owned(),
            };
            FoundMachine { name, machine }
        };
        self.roots.push(FoundRoot {
            path: path.to_owned(),
            machines: machines.into_iter().map(|machine| named(machine, is_one)).collect(),
            top: named(top, true),
            is_left_out: false,
            what,
        });
    }

    /// Gives machines of one name names of their own: nothing shows that they are the same.
    fn rename_twins(&mut self, report: &Diagnostics) {
        let mut counts: HashMap<String, (usize, usize)> = HashMap::new();
        for machine in self.roots.iter().flat_map(|root| &root.machines) {
            counts.entry(machine.name.clone()).or_default().0 += 1;
        }
        for machine in self.roots.iter_mut().flat_map(|root| &mut root.machines) {
            let Some((count, number)) = counts.get_mut(&machine.name) else { continue };
            if *count < 2 {
                continue;
            }
            *number += 1;
            if *number == 1 {
                report.note(format_args!(
                    "{count} machines are called {0}: they are listed as {0}#1 to {0}#{count}; \
                     --root NAME=PATH gives names",
                    machine.name
                ));
            }
            machine.name = format!("{}#{number}", machine.name);
        }
    }

    /// Keeps the machines that `--machine` names.
    fn choose(&mut self, names: &[String]) -> Result<(), String> {
        if names.is_empty() || self.roots.is_empty() {
            return Ok(());
        }
        let known: Vec<&str> =
            self.roots.iter().flat_map(|root| &root.machines).map(|own| &*own.name).collect();
        if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
            let unknown = loginrec::Text::new(unknown.as_bytes());
            let known: Vec<&str> = known.into_iter().take(20).collect();
            return Err(format!("no machine is called {unknown}; there are: {}", known.join(", ")));
        }
        for root in &mut self.roots {
            root.machines.retain(|machine| names.contains(&machine.name));
            root.is_left_out = root.machines.is_empty();
        }
        Ok(())
    }
}

/// A machine, and its files to read.
type Chosen<'r> = Vec<(&'r FoundMachine, Vec<FoundFile>)>;

impl FoundRoot {
    /// Returns the logs of these kinds, and reports problems with them.
    fn logs(&self, kinds: &[FileKind], report: &mut Diagnostics) -> Chosen<'_> {
        let is_wanted = |kind: Option<FileKind>| {
            kinds.is_empty() || kind.is_none_or(|kind| kinds.contains(&kind))
        };
        let mut has_any = self.is_left_out;
        let chosen = self.machines.iter().map(|own| {
            for problem in own.machine.problems(kinds) {
                has_any = true;
                say(problem, report);
            }
            let logs = own.machine.logs().iter().filter(|log| is_wanted(log.kind));
            let logs: Vec<FoundFile> = logs.map(|log| log.file.clone()).collect();
            has_any |= !logs.is_empty();
            (own, logs)
        });
        let chosen = chosen.collect();
        if !has_any {
            let mut why = "no login records at the usual places below it".to_owned();
            let logs = self.machines.iter().flat_map(|own| own.machine.logs());
            let kinds = logs.filter_map(|log| log.kind);
            let others: BTreeSet<&str> = kinds.map(FileKind::name).collect();
            if !others.is_empty() {
                let others = Vec::from_iter(others).join(", ");
                why =
                    format!("nothing for this command below it; name a file to read it: {others}");
            }
            let name = FileName::new(&self.path);
            match self.what {
                Some(what) => report.failed(&name, format_args!("is {what}: {why}")),
                None => report.failed(&name, why),
            }
        }
        chosen
    }

    /// Returns where these files of each machine are. Missing ones are reported; the host's own are
    /// never used.
    fn below(&self, names: &[&PathBuf], report: &mut Diagnostics) -> Chosen<'_> {
        let systems = self.machines.iter().filter(|own| own.machine.is_system());
        let mut chosen: Chosen<'_> = systems.map(|own| (own, Vec::new())).collect();
        if !self.is_left_out {
            chosen.push((&self.top, Vec::new()));
        }
        for path in names {
            let mut is_found = false;
            for (own, files) in &mut chosen {
                // Machines within it have been looked at.
                if is_found && std::ptr::eq(*own, &self.top) {
                    continue;
                }
                match own.machine.resolve(path) {
                    Ok(Some(file)) => files.push(file),
                    Ok(None) => continue,
                    Err(problem) => {
                        let name = FileName::new(problem.path());
                        match problem.kind() {
                            ProblemKind::Io(error) => report.failed(&name, reason(error)),
                            _ => report.failed(&name, &problem),
                        }
                    }
                }
                is_found = true;
            }
            if !is_found {
                let root = FileName::new(&self.path).shown;
                report.failed(&FileName::new(path), format_args!("no such file below {root}"));
            }
        }
        chosen.retain(|(_, files)| !files.is_empty());
        chosen
    }
}

/// Enters the files of a machine in the ledger: all of them are evidence.
fn files_of(
    number: usize,
    name: &str,
    machine: &Machine,
    logs: &[FoundFile],
    report: &mut Diagnostics,
) -> MachineFiles {
    let passwd = machine.passwd();
    let all = machine.logs().iter().map(|log| &log.file);
    for file in all.chain(logs).chain(&passwd) {
        report.ledger.add_found(file);
    }
    let name: Arc<str> = name.into();
    let mut owners: Vec<Arc<Owner>> = Vec::new();
    let mut owner_of = |archive: Option<&Path>| {
        let archive: Option<Arc<str>> = archive.map(|path| FileName::new(path).value);
        if let Some(owner) = owners.iter().find(|owner| owner.archive == archive) {
            return Arc::clone(owner);
        }
        let owner = Arc::new(Owner { number, name: Arc::clone(&name), archive });
        owners.push(Arc::clone(&owner));
        owner
    };
    let files = logs.iter().map(|file| SourceFile {
        path: file.path.clone(),
        owner: Some(owner_of(file.archive.as_deref())),
        below: Some(below(&file.below)),
    });
    MachineFiles {
        files: files.collect(),
        logs: machine.logs().iter().map(|log| log.file.path.clone()).collect(),
        passwd: passwd.map(|file| file.path),
        is_root: true,
        name: Some(name),
    }
}

/// Reports a problem below a root.
fn say(problem: &Problem, report: &mut Diagnostics) {
    let name = FileName::new(problem.path());
    match problem.kind() {
        ProblemKind::Io(error) => report.failed(&name, reason(error)),
        ProblemKind::Damaged(why) => report.damaged(&name, why),
        _ => report.warn(&name, problem),
    }
}

/// Says which places were looked at.
fn say_places(name: &str, machine: &Machine, report: &Diagnostics) {
    for (place, found) in machine.looked_at() {
        let place = FileName::new(place).shown;
        let found = match found {
            0 => "nothing".to_owned(),
            1 => "1 file".to_owned(),
            found => format!("{found} files"),
        };
        report.note(format_args!("{name}: looked at {place} and its copies: {found}"));
    }
}

/// Returns this machine's log; on a system without one, the path that Linux has for it.
pub(crate) fn own_log(kind: FileKind) -> PathBuf {
    let mut of_linux = glibc::UTMP.paths.iter().chain(glibc::LASTLOG.paths);
    let usual = || of_linux.find(|(of, _)| *of == kind).map(|(_, path)| Path::new(path));
    system::path(kind).or_else(usual).unwrap_or(Path::new(kind.name())).to_owned()
}

/// Returns the database in which this machine keeps logins of a kind; if it has none, the path that
/// Linux has for it.
pub(crate) fn own_database(kind: FileKind) -> PathBuf {
    let is_one = |layout: &&Layout| layout.holds(kind);
    let places = formats::DATABASES.iter().find(is_one).map(|layout| layout.paths());
    let places = places.into_iter().flatten().filter(|(of, _)| *of == kind);
    let places: Vec<&Path> = places.map(|(_, path)| Path::new(path)).collect();
    let there = places.iter().find(|path| path.exists()).or(places.first());
    there.map_or_else(|| PathBuf::from(kind.name()), |path| path.to_path_buf())
}
