//! `--hash`: the SHA-256 of what is read, as sha256sum prints it.

use std::fs::File;
use std::io::{self, Read, Write as _};

use sha2::{Digest as _, Sha256};

use crate::filename::FileName;
use crate::hex::hex;
use crate::report::{Report, reason};

const BUFFER: usize = 64 << 10;

/// Prints the checksum of a file as it is stored: of a compressed one, of the compressed
/// bytes; of holes, of the zeros they stand for. What cannot be read twice is not hashed,
/// which is told.
pub(crate) fn tell(name: &FileName<'_>, report: &mut Report) {
    let Some(path) = name.path() else {
        return report.warn(name, "--hash: a pipe cannot be read twice: hash it with tee(1)");
    };
    // What is wrong with the file is told when it is opened to be read.
    let Ok(file) = File::open(path) else { return };
    match file.metadata() {
        Ok(about) if about.is_file() => {}
        Ok(about) if about.is_dir() => return,
        _ => return report.warn(name, "--hash: no ordinary file: not hashed"),
    }
    match digest(file) {
        // As the results: nothing before it, for `sha256sum --check`.
        Ok(digest) => drop(writeln!(io::stderr(), "{digest}  {}", name.shown)),
        Err(error) => report.damaged(name, format_args!("--hash: {}", reason(&error))),
    }
}

fn digest(mut input: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(hex(hash.finalize().as_slice())),
            Ok(read) => hash.update(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of FIPS 180-2, appendix B.
    #[test]
    fn vectors_of_the_standard() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest(&b"abc"[..]).unwrap(), abc);
        let million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
        assert_eq!(digest(io::repeat(b'a').take(1_000_000)).unwrap(), million);
    }
}
