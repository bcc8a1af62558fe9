//! File names in printable form.

use std::path::Path;
use std::sync::Arc;

use loginrec::contract::{EscapedUtf8, Machine, Source};
use loginrec::{Layout, Text};

/// A file as named on the command line.
#[derive(Clone, Debug)]
pub(crate) struct FileName<'a> {
    path: &'a Path,
    /// For JSON: the name itself; bytes that are not UTF-8 as `\xNN`.
    pub(crate) value: Arc<str>,
    /// For people: control characters, newlines and the like escaped as well.
    pub(crate) shown: String,
    /// The machine, if there is one.
    pub(crate) owner: Option<Arc<Owner>>,
}

/// The machine that files are from.
#[derive(Debug)]
pub(crate) struct Owner {
    /// Its number among those that are read.
    pub(crate) number: usize,
    pub(crate) name: Arc<str>,
    /// The archive or image that has the files.
    pub(crate) archive: Option<Arc<str>>,
}

impl Owner {
    /// The machine, as rows have it.
    #[inline]
    pub(crate) fn machine(&self) -> Machine<'_> {
        Machine { name: &self.name, archive: self.archive.as_deref() }
    }
}

impl<'a> FileName<'a> {
    pub(crate) fn new(path: &'a Path) -> FileName<'a> {
        let bytes = path.as_os_str().as_encoded_bytes();
        if let Some(name) = path.to_str().filter(|_| bytes.iter().all(|b| matches!(b, b' '..=b'~')))
        {
            return FileName { path, value: name.into(), shown: name.to_owned(), owner: None };
        }
        let (value, shown) = (EscapedUtf8(bytes).to_string().into(), Text::new(bytes).to_string());
        FileName { path, value, shown, owner: None }
    }

    /// The same file as one of a machine, with the path that rows have.
    pub(crate) fn of(self, owner: Option<Arc<Owner>>, below: Option<Arc<str>>) -> FileName<'a> {
        FileName { owner, value: below.unwrap_or(self.value), ..self }
    }

    /// The machine and the file, as rows have them.
    #[inline]
    pub(crate) fn source(&self) -> Source<'_> {
        Source { machine: self.machine(), file: Some(&self.value) }
    }

    #[inline]
    fn machine(&self) -> Option<Machine<'_>> {
        self.owner.as_deref().map(Owner::machine)
    }

    /// The number of the machine among those that are read.
    pub(crate) fn machine_number(&self) -> usize {
        self.owner.as_ref().map_or(0, |owner| owner.number)
    }

    /// The name of the machine; `-` without one.
    pub(crate) fn machine_name(&self) -> &str {
        self.owner.as_ref().map_or("-", |owner| &owner.name)
    }

    /// The name without folders; `None` for standard input.
    pub(crate) fn base(&self) -> Option<&[u8]> {
        let base = self.value.rsplit('/').next().map(str::as_bytes);
        base.filter(|_| !self.is_stdin())
    }

    /// Returns the user whose file it is, if files of the layout are named after their users. A
    /// compressed file has the ending of its format as well.
    #[inline]
    pub(crate) fn user_of(&self, layout: &Layout) -> Option<&[u8]> {
        const ENDINGS: [&[u8]; 5] = [b".gz", b".bz2", b".xz", b".zst", b".lz4"];
        if !layout.platform.is_named_by_user {
            return None;
        }
        let base = self.base()?;
        Some(ENDINGS.iter().find_map(|ending| base.strip_suffix(*ending)).unwrap_or(base))
    }

    /// The path; `None` for standard input.
    pub(crate) fn path(&self) -> Option<&'a Path> {
        (!self.is_stdin()).then_some(self.path)
    }

    /// Whether it is `-`, or a name that the system has for standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        const NAMES: &[&str] = &["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];
        self.path.as_os_str() == "-"
            || cfg!(unix) && NAMES.iter().any(|name| self.path.as_os_str() == *name)
    }

    /// Whether it names an open file of this process, which no other command can read again.
    pub(crate) fn is_open_already(&self) -> bool {
        self.is_stdin()
            || cfg!(unix)
                && ["/dev/fd", "/proc/self/fd"].iter().any(|dir| self.path.starts_with(dir))
    }
}
