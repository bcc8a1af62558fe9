//! Which files are login records, by their names and by their contents.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::Path;

use loginrec::detect::{Sample, Verdict};
use loginrec::open::OnAmbiguous;
use loginrec::{FileKind, OpenOptions};

use crate::decompress::{Compression, uncompressed_name};

/// Bytes at the beginning of a file that show what it is.
pub(super) const SAMPLE: usize = 64 << 10;

/// Returns the kind of a file with a log's word in its name; `None` for `utx.old`, which has no kind.
pub(super) fn by_word(base: &OsStr) -> Option<Option<FileKind>> {
    /// Suffixes of what reads and describes such files.
    const OTHER: &[&str] = &[
        "txt", "json", "jsonl", "csv", "html", "md", "h", "c", "rs", "py", "sh", "so", "service",
        "conf", "timer", "list", "wal", "shm", "journal", "idx", "sha256", "md5",
    ];
    let name = uncompressed_name(base.to_str()?);
    let suffix = name.rsplit(['.', '-']).next().unwrap_or_default().to_ascii_lowercase();
    if OTHER.contains(&suffix.as_str()) {
        return None;
    }
    let kind = FileKind::from_file_name(name);
    let is_utx = || name.split(|c: char| !c.is_alphanumeric()).any(|word| word == "utx");
    (kind.is_some() || is_utx()).then_some(kind)
}

/// Returns the kind of a file whose beginning is recognised as that of login records; in it `None`
/// for records that fit several kinds.
#[expect(clippy::option_option, reason = "a file of records may have no kind")]
pub(super) fn by_content(path: &Path, head: &[u8]) -> Option<Option<FileKind>> {
    let mut content = Vec::new();
    let head = match Compression::detect(head) {
        Some(compression) => {
            let unpacked = compression.decompress(head, u64::MAX);
            // The sample is cut: its end is not damage.
            let _ = unpacked.take(SAMPLE as u64).read_to_end(&mut content);
            &content
        }
        None => head,
    };
    let base = path.file_name()?.to_string_lossy();
    let options = OpenOptions::new().on_ambiguous(OnAmbiguous::BestGuess);
    let options = options.file_name(uncompressed_name(&base));
    let identity = options.identify(|| Ok(Sample::beginning(head))).ok()?;
    let is_sure = identity.detection().is_some_and(|found| found.verdict() == Verdict::Recognized);
    (is_sure && identity.layout().is_some()).then(|| identity.kind())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_names() {
        for (name, kind) in [
            ("web01_wtmp", Some(Some(FileKind::Wtmp))),
            ("btmp.1.gz", Some(Some(FileKind::Btmp))),
            ("lastlog2.db", Some(Some(FileKind::Lastlog))),
            ("utx.old", Some(None)),
            ("wtmp.txt", None),
            ("wtmp.db-wal", None),
            ("utmpdump", None),
            ("notes", None),
        ] {
            assert_eq!(by_word(OsStr::new(name)), kind, "{name}");
        }
    }
}
