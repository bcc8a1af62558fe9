//! The output of Debian 12's last and lastb, stored beside the files they read.

use std::fs;

use loginrec_testing::{corpus, run};

use crate::compare::{Style, difference};

#[test]
fn outputs_of_debian_12() {
    let cases: [(&str, &str, &str, &[&str]); 5] = [
        ("last.wtmp.txt", "last", "wtmp", &[]),
        ("last-xFw.wtmp.txt", "last", "wtmp", &["-xFw"]),
        ("last-iso.wtmp.txt", "last", "wtmp", &["-x", "-w", "--time-format", "iso"]),
        ("last-iw.wtmp.txt", "last", "wtmp", &["-iw"]),
        ("lastb-wF.btmp.txt", "lastb", "btmp", &["-wF"]),
    ];
    for (expected, tool, file, options) in cases {
        let Some(expected) = corpus(&format!("generated/tools-debian12/{expected}")) else {
            return;
        };
        let Some(file) = corpus(&format!("generated/x86_64/{file}")) else { return };
        let theirs = fs::read(&expected).unwrap();
        let args = [&[tool], options, &["-f", file.to_str().unwrap()]].concat();
        let differs = difference(&run(&args).stdout, &theirs, &Style::of(options));
        assert_eq!(differs, None, "{}", expected.display());
    }
}

#[test]
fn pairing_cases_of_debian_12() {
    let Some(expected) = corpus("generated/tools-debian12/pairing/last-xF.txt") else { return };
    let expected = fs::read_to_string(expected).unwrap();
    let mut cases = 0;
    for case in expected.split("## ").filter(|case| !case.is_empty()) {
        let (name, theirs) = case.split_once('\n').unwrap();
        let file = corpus(&format!("generated/tools-debian12/pairing/{name}.wtmp")).unwrap();
        let ours = run(&["last", "-xF", "-f", file.to_str().unwrap()]).stdout;
        let ours = String::from_utf8(ours).unwrap();
        let style = Style::of(&["-xF"]);
        let differs = difference(ours.trim_end().as_bytes(), theirs.trim_end().as_bytes(), &style);
        assert_eq!(differs, None, "{name}");
        cases += 1;
    }
    assert!(cases > 10);
}
