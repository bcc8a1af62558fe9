//! `who` against coreutils over files made up as those for `last`.

use loginrec_testing::{Scratch, command_of, run, skip};

use crate::generate::wtmp;

/// Options that ask nothing of the host.
const FLAGS: &[&str] = &["-s", "-H", "-b", "-d", "-l", "-p", "-q", "-r", "-t", "-sH"];

/// Whether line and type agree. coreutils looks only at the type; a `reboot` on line `~`
/// is a boot to us as to `last`, whatever its type: that difference is listed.
fn is_of_one_mind(record: &&[u8]) -> bool {
    let reboot = record[44..].starts_with(b"reboot");
    match (record[0], record[8]) {
        (2, b'~') => reboot,
        (1, b'~') => !reboot,
        (_, b'~' | b'|') => false,
        (kind, line) => kind != 2 && (line != b'{' || kind == 3),
    }
}

#[test]
fn a_thousand_files() {
    let version = command_of("who", &["--version"]).output();
    let ours = |out: &[u8]| String::from_utf8_lossy(out).contains("GNU coreutils");
    if !version.is_ok_and(|version| ours(&version.stdout)) {
        skip("no who of coreutils here");
        return;
    }
    for seed in 0..1000 {
        let sane: Vec<u8> =
            wtmp(seed).chunks(384).filter(is_of_one_mind).flatten().copied().collect();
        let (_scratch, file) = Scratch::with("wtmp", &sane);
        let flags = FLAGS[seed as usize % FLAGS.len()];
        let theirs = command_of("who", &[flags, &file]).output().unwrap();
        let ours = run(&["who", "--tz", "UTC", flags, &file]);
        let theirs = String::from_utf8_lossy(&theirs.stdout).into_owned();
        let ours = String::from_utf8_lossy(&ours.stdout).into_owned();
        assert_eq!(ours.lines().count(), theirs.lines().count(), "seed {seed} {flags}");
        for (ours, theirs) in ours.lines().zip(theirs.lines()) {
            // Control characters are escaped here: a longer word in its column.
            if !theirs.contains(|c: char| c.is_control()) {
                assert_eq!(ours, theirs, "seed {seed} {flags}");
            }
        }
    }
}
