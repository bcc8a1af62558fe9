//! Options and operands that every reading command takes.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueHint};
use loginrec::{FileKind, Layout};

use crate::args::layout::LayoutName;
use crate::args::output::ManifestOptions;
use crate::args::size;
use crate::file_name::FileName;
use crate::sources::Sources;

/// How files are found and read.
#[derive(Debug, Args)]
pub(crate) struct ReadOptions {
    /// Read every file as this layout instead of detecting it; `loginrec layouts` lists the
    /// names
    #[arg(long, value_name = "NAME", value_parser = LayoutName, hide_possible_values = true)]
    pub(crate) layout: Option<&'static Layout>,

    /// Treat the files as this kind. Default: decided by their content, else by a word in their name
    /// (wtmp, btmp, failedlogin, utmp, lastlog, faillog). In a btmp every record is a failed login
    #[arg(long, value_name = "KIND", value_parser = kind_parser())]
    pub(crate) kind: Option<FileKind>,

    /// Read 32-bit seconds as unsigned (1970 to 2106), as glibc does since 2.40. Default:
    /// signed (1901 to 2038). The bytes do not show which is meant. 64-bit times are not
    /// affected
    #[arg(long)]
    pub(crate) unsigned_time: bool,

    /// Read the system in this folder, archive (tar, tar.gz, zip and so on) or disk image
    /// (raw, E01, qcow2, with ext2 to ext4), such as a mounted
    /// image or a collection: FILE is looked
    /// up in it; without FILE, the files at every platform's usual places and their rotated
    /// copies. May be repeated; a folder with a folder per host has all of them. User names come
    /// from its passwd. Symbolic links are followed as that system would follow them, never out
    /// of it. NAME=DIR gives the machine a name; default: its own host name, else that of the
    /// folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::AnyPath)]
    pub(crate) root: Vec<PathBuf>,

    /// With --root: look at every regular file, and read those that are login records by their
    /// content
    #[arg(long)]
    pub(crate) scan: bool,

    /// With --root: only this machine; may be repeated. For FILE without --root: the name of its
    /// machine
    #[arg(long, value_name = "NAME")]
    pub(crate) machine: Vec<String>,

    /// Say on standard error which places were looked at
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// Limit for unpacked data and for what is kept of a pipe, per file: bytes, or a number with
    /// K, M, G or T. Uncompressed files have no limit
    #[arg(long, value_name = "SIZE", value_parser = size::parse, default_value = "4G")]
    pub(crate) max_size: u64,

    #[command(flatten)]
    pub(crate) manifest: ManifestOptions,
}

/// Input options and the files of a command that reads login records.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    #[command(flatten)]
    pub(crate) options: ReadOptions,

    /// Files to read, also compressed ones (gzip, bzip2, xz, zstd, lz4, detected by content);
    /// `-` is standard input
    #[arg(value_name = "FILE", required_unless_present = "root", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,

    /// The files that are read, and their machines.
    #[arg(skip)]
    pub(crate) sources: Sources,
}

/// Reads the name of a kind.
fn kind_parser() -> impl TypedValueParser<Value = FileKind> {
    let names = FileKind::ALL.iter().map(|kind| kind.name());
    // Only valid names get here.
    PossibleValuesParser::new(names).map(|name| name.parse().unwrap_or(FileKind::Wtmp))
}

/// Returns whether standard input is given more than once: it can be read only once.
pub(crate) fn has_stdin_twice(files: &[PathBuf]) -> bool {
    files.iter().filter(|file| FileName::new(file).is_stdin()).count() > 1
}
