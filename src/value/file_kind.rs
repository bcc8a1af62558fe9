//! The purpose of a file of login records.

use crate::value::unknown_name::UnknownName;

/// The purpose of a file of login records.
///
/// Single records seldom show it: a `btmp` holds the same records as a `wtmp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum FileKind {
    /// The current logins; slots are reused.
    Utmp,
    /// The history of logins, logouts and boots.
    Wtmp,
    /// Failed logins.
    Btmp,
    /// Each user's last login.
    Lastlog,
    /// Failed logins counted by user.
    Failures,
}

/// Words in file names, with their longer forms.
const WORDS: &[(&str, FileKind)] = &[
    ("wtmp", FileKind::Wtmp),
    ("wtmpx", FileKind::Wtmp),
    ("wtmps", FileKind::Wtmp),
    ("asl", FileKind::Wtmp),
    ("btmp", FileKind::Btmp),
    ("btmpx", FileKind::Btmp),
    ("btmps", FileKind::Btmp),
    ("failedlogin", FileKind::Btmp),
    ("utmp", FileKind::Utmp),
    ("utmpx", FileKind::Utmp),
    ("utmps", FileKind::Utmp),
    ("lastlog", FileKind::Lastlog),
    ("lastlogx", FileKind::Lastlog),
    ("lastlogin", FileKind::Lastlog),
    ("faillog", FileKind::Failures),
    ("tallylog", FileKind::Failures),
    ("faillock", FileKind::Failures),
];

impl FileKind {
    /// All kinds.
    pub const ALL: &'static [FileKind] =
        &[FileKind::Utmp, FileKind::Wtmp, FileKind::Btmp, FileKind::Lastlog, FileKind::Failures];

    /// Returns the kind's name, such as `btmp`.
    pub const fn name(self) -> &'static str {
        match self {
            FileKind::Utmp => "utmp",
            FileKind::Wtmp => "wtmp",
            FileKind::Btmp => "btmp",
            FileKind::Lastlog => "lastlog",
            FileKind::Failures => "failures",
        }
    }

    /// Guesses the kind from a file name; `None` if the name has none of the words.
    ///
    /// The words are `wtmp`, `btmp`, `failedlogin`, `utmp`, `lastlog`, `utx`, `faillog`,
    /// `tallylog`, `faillock` and `asl`, in upper or lower case, anywhere in the name: `web01_btmp`, `WTMP.1`, `var_log_wtmp`, `host1.btmp.gz`,
    /// `utx.active`. A word ends where letters end; the last one decides.
    pub fn from_file_name(name: &str) -> Option<FileKind> {
        let mut kind = None;
        let mut is_utx = false;
        for word in words(name) {
            let is = |known: &str| word.eq_ignore_ascii_case(known);
            let found = match WORDS.iter().find(|(known, _)| is(known)) {
                Some((_, found)) => Some(*found),
                None if is_utx && is("log") => Some(FileKind::Wtmp),
                None if is_utx && is("active") => Some(FileKind::Utmp),
                None => None,
            };
            is_utx = is("utx");
            kind = found.or(kind);
        }
        kind
    }

    /// Returns whether a file of this name lists the users that have logged in, as FreeBSD's
    /// `utx.lastlogin` does, instead of having a slot for each user id.
    pub(crate) fn lists_last_logins(name: &str) -> bool {
        words(name).any(|word| word.eq_ignore_ascii_case("lastlogin"))
    }
}

/// Parses the result of [`FileKind::name`].
impl core::str::FromStr for FileKind {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<FileKind, UnknownName> {
        let known = FileKind::ALL.iter().copied().find(|known| known.name() == name);
        known.ok_or(UnknownName::new("kind of file"))
    }
}

impl core::fmt::Display for FileKind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.name())
    }
}

/// Splits a name into words: runs of letters.
pub(crate) fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty())
}

/// Returns whether a name contains this word, ignoring case.
pub(crate) fn has_word(name: &str, word: &str) -> bool {
    words(name).any(|found| found.eq_ignore_ascii_case(word))
}
