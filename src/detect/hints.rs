//! Facts about a file besides its bytes.

use crate::detect::candidate::Candidate;
use crate::detect::found_kind::{FoundKind, KindBasis};
use crate::layout::Layout;
use crate::value::file_kind::FileKind;

/// Facts about a file besides its bytes.
///
/// They decide between layouts that match the bytes equally well. A name with the word lastlog also
/// makes a file with few used slots count as one.
///
/// ```
/// use loginrec::detect::{Hints, detect_with};
///
/// let btmp = std::fs::read("fixtures/glibc-aarch64/btmp")?;
/// let found = detect_with(&btmp, &Hints::new().file_name("btmp"));
/// assert_eq!(found.layout().unwrap().name, "linux-glibc-400-le");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    pub(crate) file_name: Option<&'a str>,
    pub(crate) sibling: Option<&'static Layout>,
    pub(crate) kind: Option<FileKind>,
}

impl<'a> Hints<'a> {
    /// Returns no hints.
    pub fn new() -> Hints<'a> {
        Hints::default()
    }

    /// Sets the file's name, without folders.
    #[must_use]
    pub fn file_name(self, name: &'a str) -> Hints<'a> {
        Hints { file_name: Some(name), ..self }
    }

    /// Sets the layout of another file of the same machine, which has the same byte order and
    /// width of times.
    #[must_use]
    pub fn sibling(self, layout: &'static Layout) -> Hints<'a> {
        Hints { sibling: Some(layout), ..self }
    }

    /// Sets the file's kind, if the user gave it.
    #[must_use]
    pub fn kind(self, kind: FileKind) -> Hints<'a> {
        Hints { kind: Some(kind), ..self }
    }
}

impl Hints<'_> {
    /// Returns the kind that the user or the name gives.
    pub(super) fn said(&self) -> Option<FileKind> {
        self.kind.or_else(|| self.file_name.and_then(FileKind::from_file_name))
    }

    /// Returns the kind that the user or the name gives, with its basis.
    #[cfg(feature = "std")]
    pub(crate) fn found_kind(&self) -> Option<FoundKind> {
        let kind = self.said()?;
        let basis = if self.kind.is_some() { KindBasis::Given } else { KindBasis::Name };
        Some(FoundKind { kind: Some(kind), basis })
    }

    /// Returns the kind of a file of `layout`, if its records are not needed for that.
    pub(crate) fn known_kind(&self, layout: &Layout) -> Option<FoundKind> {
        match self.kind {
            Some(_) => Some(FoundKind { kind: self.kind, basis: KindBasis::Given }),
            None if !layout.is_log() => {
                let is_lastlog = layout.is_lastlog();
                let kind = Some(if is_lastlog { FileKind::Lastlog } else { FileKind::Failures });
                Some(FoundKind { kind, basis: KindBasis::Content })
            }
            // A table is kept for one thing, and so are messages.
            None if layout.container.has_rows() => {
                let kind = layout.platform.paths.first().map(|(kind, _)| *kind);
                Some(FoundKind { kind, basis: KindBasis::Content })
            }
            None => None,
        }
    }

    /// Returns whether that is a lastlog.
    pub(super) fn is_lastlog(&self) -> bool {
        self.said() == Some(FileKind::Lastlog)
    }

    /// Returns whether that is a lastlog with a slot for each user id: `utx.lastlogin` has none.
    pub(super) fn is_lastlog_of_slots(&self) -> bool {
        let is_listed = |name| FileKind::lists_last_logins(name);
        self.is_lastlog() && (self.kind.is_some() || !self.file_name.is_some_and(is_listed))
    }

    /// Returns whether that is a log.
    pub(super) fn is_log(&self) -> bool {
        matches!(self.said(), Some(FileKind::Utmp | FileKind::Wtmp | FileKind::Btmp))
    }

    /// Returns whether the file has a slot for each user id, so that zeros alone mean no user.
    pub(super) fn has_slots(&self) -> bool {
        matches!(self.said(), Some(FileKind::Lastlog | FileKind::Failures))
    }

    /// Returns the one of `ties` that the hints favor.
    pub(super) fn choose(&self, ties: &[Candidate]) -> Option<&'static Layout> {
        let points =
            |layout: &Layout| self.name_points(layout).saturating_add(self.sibling_points(layout));
        let best = ties.iter().map(|c| points(c.layout)).max().filter(|&p| p > 0)?;
        let mut chosen = ties.iter().filter(|c| points(c.layout) == best);
        match (chosen.next(), chosen.next()) {
            (Some(one), None) => Some(one.layout),
            _ => None,
        }
    }

    fn name_points(&self, layout: &Layout) -> u32 {
        let Some(name) = self.file_name else { return 0 };
        let paths = layout.platform.paths.iter();
        let longest = paths
            .filter_map(|(_, path)| path.rsplit('/').next())
            .filter(|base| name.starts_with(base))
            .map(|base| base.len() as u32)
            .max();
        let kind = FileKind::from_file_name(name);
        let same = kind.is_some_and(|kind| (kind == FileKind::Lastlog) == layout.is_lastlog());
        longest.unwrap_or(0).saturating_add(same.into())
    }

    fn sibling_points(&self, layout: &Layout) -> u32 {
        let Some(sibling) = self.sibling else { return 0 };
        let same = [
            (sibling.endian == layout.endian, 20),
            (sibling.platform.is_same_system(layout.platform), 10),
            (sibling.has_32bit_time() == layout.has_32bit_time(), 5),
        ];
        same.iter().filter(|(is_same, _)| *is_same).map(|(_, points)| points).sum()
    }
}
