//! The README promises no more than the tables in `docs/` and `benches/` have.

use std::fs;

use loginrec_testing::root;

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The numbers of a text, without commas between thousands: `5.5`, `90083`.
fn numbers(text: &str) -> Vec<f64> {
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '.' && c != ',');
    words.filter_map(|word| word.trim_matches(['.', ',']).replace(',', "").parse().ok()).collect()
}

/// The first number after `before`.
fn number_after(text: &str, before: &str) -> f64 {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no `{before}`"));
    numbers(rest)[0]
}

/// The README on one line, so that breaks between lines do not matter.
fn readme() -> String {
    page("README.md").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn it_can_be_read_in_five_minutes() {
    let readme = page("README.md");
    let (lines, words) = (readme.lines().count(), readme.split_whitespace().count());
    assert!(lines <= 200 && words <= 1800, "{lines} lines, {words} words");
}

#[test]
fn no_ratio_is_better_than_the_table() {
    let (readme, speed) = (readme(), page("docs/speed.md"));
    let rows = [
        ("`utmpdump` ", "| text of a 64 MiB wtmp; of 1 GiB | utmpdump "),
        ("`last` ", "| `last` over 64 MiB; over 1 GiB; 20,000 logins that never end | util-linux "),
        ("JSON takes dissect ", "neko-neko/utmpdump (Go) 26 (42); dissect "),
    ];
    let (_, claims) = readme.split_once("Text of a 64 MiB wtmp takes ").unwrap();
    for (claim, row) in rows {
        let (claimed, measured) = (number_after(claims, claim), number_after(&speed, row));
        assert!(claimed <= measured, "{claim}: {claimed}, measured {measured}");
    }
}

#[test]
fn the_files_told_apart_are_those_of_the_table() {
    let (readme, table) = (readme(), page("docs/detection.md"));
    let row = table.lines().find(|line| line.contains("made up |")).unwrap();
    // The files, those that are right, ambiguous, refused and wrong.
    let [files, right, ambiguous, _, wrong] = numbers(row)[..] else { panic!("{row}") };
    let (_, claims) = readme.split_once("* 92,000 made-up files").unwrap();
    assert_eq!((files, wrong), (92_000.0, 0.0));
    assert_eq!(numbers(claims)[..2], [right, ambiguous]);
}

/// Every page that the README and the pages of `docs/` point to is there.
#[test]
fn no_link_leads_nowhere() {
    let docs = fs::read_dir(root().join("docs")).unwrap();
    let docs = docs.map(|entry| format!("docs/{}", entry.unwrap().file_name().display()));
    let pages = docs.filter(|name| name.ends_with(".md"));
    let names = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "python/README.md"];
    let mut links = 0;
    for name in names.map(String::from).into_iter().chain(pages) {
        let folder = root().join(&name).parent().unwrap().to_owned();
        for target in page(&name).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap();
            if target.contains("://") || target.contains(' ') || target.is_empty() {
                continue;
            }
            assert!(folder.join(target).exists(), "{name}: {target}");
            links += 1;
        }
    }
    assert!(links > 30, "{links}");
}
