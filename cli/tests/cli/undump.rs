//! Text and JSON back to bytes.

use std::fs;

use loginrec_testing::{Scratch, clean, json_lines, root, run, run_with, text, told};

const WTMP: &str = "fixtures/glibc-x86_64/wtmp";
const LINES: &str = "fixtures/glibc-x86_64/wtmp.jsonl";

fn bytes_of(path: &str) -> Vec<u8> {
    fs::read(root().join(path)).unwrap()
}

/// The message of a refusal, without what every message begins with.
fn refusal(args: &[&str], input: &str) -> String {
    let output = run_with(&[&["undump"], args].concat(), input.as_bytes());
    let (status, message) = told(&output);
    assert_eq!(status, 3, "{input}: {message}");
    message.strip_prefix("loginrec: standard input: ").unwrap_or(&message).trim_end().to_owned()
}

#[test]
fn a_row_is_a_record() {
    // utmpdump -r of util-linux 2.38.1 gives these bytes, except that it fills the id with
    // blanks and cuts the host at its first one.
    let row = "[7] [01234] [x   ] [alice   ] [pts/0       ] [a b                 ] \
               [198.51.100.7   ] [2013-08-28T20:30:40,123456+00:00]\r\n\n";
    let mut expected = vec![0; 384];
    expected[0] = 7;
    expected[4..8].copy_from_slice(&1234u32.to_le_bytes());
    expected[8..13].copy_from_slice(b"pts/0");
    expected[40] = b'x';
    expected[44..49].copy_from_slice(b"alice");
    expected[76..79].copy_from_slice(b"a b");
    expected[340..344].copy_from_slice(&1_377_721_840u32.to_le_bytes());
    expected[344..348].copy_from_slice(&123_456u32.to_le_bytes());
    expected[348..352].copy_from_slice(&[198, 51, 100, 7]);
    assert!(clean(&["undump"], row.as_bytes()) == expected);
    let title = format!("Utmp dump of /var/log/wtmp\n{row}");
    assert!(clean(&["undump"], title.as_bytes()) == expected);
    assert!(clean(&["undump"], format!("\u{feff}{row}").as_bytes()) == expected);
    assert_eq!(clean(&["undump", "--layout", "linux-glibc-400-be"], row.as_bytes()).len(), 400);
}

#[test]
fn old_times_are_read_as_utc() {
    let row = |time: &str| {
        format!(
            "[2] [00000] [~~  ] [reboot  ] [~           ] [3.10                ] \
             [0.0.0.0        ] [{time}]\n"
        )
    };
    for (time, seconds) in [
        ("Wed Aug 28 03:00:00 2013 GMT", 1_377_658_800u32),
        ("Sun Mar  3 02:03:58 2024 UTC", 1_709_431_438),
        ("                            ", 0),
    ] {
        let bytes = clean(&["undump"], row(time).as_bytes());
        assert_eq!(bytes[340..344], seconds.to_le_bytes(), "{time}");
    }
    let zone = refusal(&[], &row("Mon Apr 10 17:54:58 2023 EDT"));
    assert!(
        zone.starts_with("line 1: ") && zone.contains("'EDT'") && zone.contains("UTC"),
        "{zone}"
    );
}

/// As utmpdump prints them; utmpdump -r cannot take the first.
#[test]
fn addresses_in_mixed_notation() {
    for (address, middle) in [("::ffff:192.0.2.1", 255), ("::192.0.2.1", 0)] {
        let row = format!(
            "[7] [00001] [1   ] [u       ] [tty1        ] [                    ] \
             [{address:<15}] [2013-08-28T20:30:40,000000+00:00]\n"
        );
        let bytes = clean(&["undump"], row.as_bytes());
        let expected = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, middle, middle, 192, 0, 2, 1];
        assert_eq!(bytes[348..364], expected);
        assert_eq!(text(&clean(&["dump", "-"], &bytes)), row);
    }
}

#[test]
fn errors_name_the_line_and_what_to_do() {
    let row = "[7] [00001] [1   ] [u       ] [tty1        ] [                    ] \
               [0.0.0.0        ] [2013-08-28T20:30:40,000000+00:00]";
    let line =
        r#"{"layout":"v7-utmp-20-le","time":"1984-10-09T07:34:14Z","user":"a","line":"tty1"}"#;
    for (input, words) in [
        (format!("{row}\nhello\n"), ["line 2: ", "begins with ["]),
        (format!("{row}\n==> b <==\n{row}\n"), ["line 2: ", "another file"]),
        (row.replace("u       ", &"u".repeat(33)), ["line 1: ", "ut_user has room for 32 bytes"]),
        (row.replace("[7]", "[70000]"), ["line 1: ", "ut_type"]),
        (row.replace("[7]", "[seven]"), ["line 1: ", "type 'seven' is not a number"]),
        (row.replace("0.0.0.0", "0.0.0"), ["line 1: ", "'0.0.0' is not an IP address"]),
        (row.replace("2013-08-28", "2013-02-29"), ["line 1: ", "is not a valid time"]),
        (format!("{line}\n{{"), ["line 2: ", "not a line of `dump --format jsonl`"]),
        (line.replace("v7-utmp-20-le", "v7-utmp-20"), ["line 1: ", "similar: v7-utmp-20-le"]),
        (line.replace(r#""a""#, r#""abcdefghi""#), ["line 1: ", "room for 8 bytes, not 9"]),
        (line.replace(r#""a""#, r#""a\u0000b""#), ["line 1: ", "user_residue"]),
        (line.replace(r#""line""#, r#""pid":1,"line""#), ["line 1: ", "no field for the pid"]),
        (line.replace(r#""time":"#, r#""when":"#), ["line 1: ", "give `time`"]),
        (line.replace("1984-10-09", "10/9/84"), ["line 1: ", "it must look like"]),
        (
            line.replace(r#""line""#, r#""type":"BOOT_TIME","line""#),
            ["line 1: ", "type is BOOT_TIME"],
        ),
        (line.replace(r#""line""#, r#""raw":"0","line""#), ["line 1: ", "not hexadecimal"]),
        (line.replace(r#""line""#, r#""raw":"00","line""#), ["line 1: ", "20"]),
        (line.replace(r#""layout""#, r#""lay""#), ["line 1: ", "--layout"]),
        (format!("{line}\n{}", line.replace("-le", "-be")), ["line 2: ", "--layout NAME converts"]),
    ] {
        let message = refusal(&[], &input);
        assert!(words.iter().all(|word| message.contains(word)), "{input}\n{message}");
    }
    let files = ["a", "b"].map(|file| line.replace(r#"{""#, &format!(r#"{{"file":"{file}",""#)));
    assert!(refusal(&[], &files.join("\n")).contains("one file"));
}

#[test]
fn offsets_only_go_forward() {
    let record = |offset: u64| {
        let raw = "00".repeat(20);
        format!(r#"{{"layout":"v7-utmp-20-le","offset":{offset},"raw":"{raw}"}}"#)
    };
    let gap = clean(&["undump"], format!("{}\n{}\n", record(0), record(60)).as_bytes());
    assert!(gap == [0; 80]);
    let back = refusal(&[], &format!("{}\n{}\n", record(40), record(20)));
    assert!(back.starts_with("line 2: byte 20 has already been written"), "{back}");
    let far = record(5 << 30);
    let refused = refusal(&[], &far);
    assert!(refused.starts_with("line 1: ") && refused.contains("--output"), "{refused}");
    let scratch = Scratch::new();
    let path = scratch.path("sparse");
    clean(&["undump", "-o", &path], far.as_bytes());
    assert_eq!(fs::metadata(&path).unwrap().len(), (5 << 30) + 20);
    let end = r#"{"layout":"v7-utmp-20-le","event":"end","offset":100,"raw":""}"#;
    let input = format!("{}\n{end}\n", record(0));
    assert!(clean(&["undump"], input.as_bytes()) == [0; 100]);
    clean(&["undump", "--force", "-o", &path], input.as_bytes());
    assert!(fs::read(&path).unwrap() == [0; 100], "a file may end in a hole");
}

/// The slot of a lastlog is its user, in whatever order the fields say nothing of it.
#[test]
fn lastlog_records_stand_where_their_uid_says() {
    let line = |uid: u32| {
        format!(
            r#"{{"layout":"linux-lastlog-292-le","uid":{uid},"time":"1970-01-01T00:00:01Z","line":"x"}}"#
        )
    };
    let file = clean(&["undump"], format!("{}\n{}\n", line(1), line(3)).as_bytes());
    assert_eq!(file.len(), 292 * 4);
    assert_eq!((file[292], file[292 * 3], file[292 + 4]), (1, 1, b'x'));
    assert!(refusal(&[], &format!("{}\n{}\n", line(3), line(1))).contains("sort the lines"));
    assert!(refusal(&["--layout", "linux-glibc-384-le"], &line(1)).contains("lastlog layout"));
    let without = line(1).replace(r#""uid":1,"#, "");
    assert!(refusal(&[], &without).contains("no uid"));
}

#[test]
fn fields_are_written_where_raw_is_not() {
    // The hex digits are the stored bytes; bytes after the NUL return to their place.
    let line = r#"{"layout":"bsd-utmp-36-be","time":null,"raw_sec":-2,"user":"J\\xf6","user_hex":"4af6","user_residue":"0041","line":"tty1","host":""}"#;
    let record = clean(&["undump"], line.as_bytes());
    let expected = [&b"tty1\0\0\0\0J\xf6\0\0A\0\0\0"[..], &[0; 16], &[255, 255, 255, 254]].concat();
    assert!(record == expected, "{record:?}");
    let raw = line.replace("{", &format!(r#"{{"raw":"{}","#, "11".repeat(36)));
    assert!(clean(&["undump"], raw.as_bytes()) == [0x11; 36], "raw comes first");
}

#[test]
fn layouts_can_be_converted() {
    let expected = fs::read_to_string(root().join(LINES)).unwrap();
    let wide = clean(&["undump", "--layout", "linux-glibc-400-be"], expected.as_bytes());
    assert_eq!(wide.len(), 400 * 46);
    let layout = ["dump", "--format", "jsonl", "--layout", "linux-glibc-400-be", "-"];
    for (got, expected) in
        json_lines(&clean(&layout, &wide)).iter().zip(json_lines(expected.as_bytes()))
    {
        for key in ["type", "event", "time", "user", "line", "host", "id", "pid", "exit", "addr"] {
            assert_eq!(got[key], expected[key], "{key}");
        }
    }
    // Linux has 7 for what is 4 on FreeBSD.
    let login = expected.lines().find(|line| line.contains(r#""user":"carol","line":"pts/1""#));
    let login = login.unwrap().replace(r#""session":1302,"#, "");
    let message = refusal(&["--layout", "freebsd-utx"], &login);
    assert!(message.contains("no field for the"), "{message}");
}

#[test]
fn output_files_appear_whole_or_not_at_all() {
    let scratch = Scratch::new();
    let path = scratch.path("copy");
    assert!(clean(&["undump", LINES, "-o", &path], b"").is_empty());
    assert!(fs::read(&path).unwrap() == bytes_of(WTMP));
    let (status, message) = told(&run(&["undump", LINES, "-o", &path]));
    assert_eq!((status, message), (3, format!("loginrec: {path}: exists: --force replaces it\n")));

    let bad = format!("{}\nnonsense\n", String::from_utf8(bytes_of(LINES)).unwrap());
    let other = scratch.path("other");
    assert_eq!(run_with(&["undump", "-o", &other], bad.as_bytes()).status.code(), Some(3));
    assert_eq!(
        run_with(&["undump", "--force", "-o", &path], bad.as_bytes()).status.code(),
        Some(3)
    );
    assert!(
        fs::read(&path).unwrap() == bytes_of(WTMP),
        "an old file stays until a new one is whole"
    );

    clean(&["undump", "--force", "-o", &path], b"");
    assert!(fs::read(&path).unwrap().is_empty());
    assert_eq!(scratch.names(), ["copy"], "nothing is left lying about");

    let (status, message) = told(&run(&["undump", LINES, "-o", &scratch.path("no/file")]));
    assert_eq!(status, 3);
    assert!(message.contains("its folder does not exist"), "{message}");
    let (status, message) = told(&run(&["undump", LINES, "--force", "-o", &scratch.path("")]));
    assert_eq!(status, 3);
    assert!(message.contains("not replaced"), "{message}");
}

#[test]
fn the_form_can_be_named() {
    assert!(refusal(&["--from", "jsonl"], "[7] [1]").contains("dump --format jsonl"));
    assert!(refusal(&["--from", "text"], "{}").contains("not a row"));
    let database = refusal(&["--layout", "netbsd-lastlogx-432-le"], "[1]");
    assert!(database.contains("cannot be rebuilt"), "{database}");
}

/// What gzip makes of the output of `dump` is unpacked, from a file and from a pipe.
#[test]
fn compressed_lines() {
    let scratch = Scratch::new();
    let wtmp = loginrec_testing::fixture("glibc-x86_64/wtmp");
    let lines = clean(&["dump", "--format", "jsonl", "--raw", "-"], &wtmp);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &lines).unwrap();
    let packed = packed.finish().unwrap();
    let path = scratch.file("wtmp.jsonl.gz", &packed);
    assert!(clean(&["undump", &path], b"") == wtmp);
    assert!(clean(&["undump"], &packed) == wtmp);
    // The end is missing: nothing is written under the name.
    let path = scratch.file("cut.gz", &packed[..packed.len() / 2]);
    let out = scratch.path("out");
    assert_eq!(told(&run(&["undump", "-o", &out, &path])).0, 3);
    assert!(!std::path::Path::new(&out).exists());
}
