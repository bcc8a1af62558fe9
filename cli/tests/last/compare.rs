//! Whether two listings are the same apart from what docs/differences.md lists.

/// The two listings.
pub(crate) struct Style {
    /// Phrases stand whole in the logout column.
    pub(crate) long: bool,
    pub(crate) notime: bool,
}

impl Style {
    pub(crate) fn of(args: &[&str]) -> Style {
        let full = |arg: &&str| arg.starts_with('-') && !arg.starts_with("--") && arg.contains('F');
        let long = args.iter().any(|arg| full(arg) || matches!(*arg, "iso" | "full"));
        Style { long, notime: args.contains(&"notime") }
    }
}

/// The first line that differs without an excuse: ours, and that of util-linux 2.38.
pub(crate) fn difference(ours: &[u8], theirs: &[u8], style: &Style) -> Option<(String, String)> {
    let (mut a, mut b) = (ours.split(|&b| b == b'\n'), theirs.split(|&b| b == b'\n'));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return None,
            (Some(ours), Some(theirs)) if same(ours, theirs, style) => {}
            (ours, theirs) => {
                let shown = |line: Option<&[u8]>| {
                    line.map_or("nothing".to_owned(), |line| String::from_utf8_lossy(line).into())
                };
                return Some((shown(ours), shown(theirs)));
            }
        }
    }
}

fn same(ours: &[u8], theirs: &[u8], style: &Style) -> bool {
    if ours == theirs {
        return true;
    }
    let (ours, theirs) = (lossless(ours), lossless(theirs));
    // The tab is the one control character of the corpus that util-linux prints.
    let mut theirs = theirs.replace('\t', "*I");
    if style.notime {
        theirs = theirs.replace("no logout", "logged in");
    } else if style.long {
        theirs = theirs.replace("  gone - no logout", "  still logged in ");
    } else {
        theirs = theirs.replace("   gone - no logout", "  still logged in  ");
    }
    if ours.contains("system down") {
        theirs = endless(&theirs);
    }
    let theirs = theirs.trim_end_matches(' ');
    if starred(&ours, theirs) {
        return true;
    }
    // Since 2.40 a boot before the next shutdown is the end of the one before it.
    if !ours.contains(" system boot ") && !ours.contains("\tsystem boot") {
        return false;
    }
    match ours.find("- crash") {
        Some(at) => theirs.get(..at).is_some_and(|theirs| starred(&ours[..at], theirs)),
        None => style.notime,
    }
}

/// A last shutdown has no end here. util-linux counts back to 1970, tens of thousands of days.
fn endless(theirs: &str) -> String {
    let Some(length) = theirs.find("(-1").or_else(|| theirs.find("(-2")) else {
        return theirs.to_owned();
    };
    let Some(days) = theirs[length..].find('+').filter(|days| *days > 6) else {
        return theirs.to_owned();
    };
    // `(-19676+00:4` is what fits before a host in the last column.
    let rest = &theirs[length + days..];
    let after = rest.find([' ', ')']).map_or(theirs.len(), |at| length + days + at + 1);
    let stamp = theirs[..length].rfind("- ").filter(|at| length - at < 32).unwrap_or(length);
    format!("{}{}{}", &theirs[..stamp], " ".repeat(after - stamp), &theirs[after..])
}

/// Equal but for the stars with which 2.41 ends what it cuts: one for the user, one for the
/// host. In place of a character that took more than a column they shift the rest.
fn starred(ours: &str, theirs: &str) -> bool {
    let (ours, theirs): (Vec<char>, Vec<char>) = (ours.chars().collect(), theirs.chars().collect());
    matches(&ours, &theirs, 2)
}

fn matches(ours: &[char], theirs: &[char], stars: u32) -> bool {
    let same = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
    let (before, ours) = ours.split_at(same);
    let theirs = &theirs[same..];
    // A cut byte: plain, as `*I` (whose star is the same), or as `\220`.
    let cuts: &[usize] = match ours {
        [] if theirs.is_empty() => return true,
        _ if stars == 0 => &[],
        ['*', ..] => &[1, 2, 4],
        _ if before.last() == Some(&'*') => &[1],
        _ => &[],
    };
    let ours = ours.strip_prefix(&['*']).filter(|_| cuts.len() > 1).unwrap_or(ours);
    let mut rests = cuts.iter().filter_map(|&cut| theirs.get(cut..));
    rests.any(|theirs| matches(ours, theirs, stars - 1))
}

/// Every byte as a character.
fn lossless(bytes: &[u8]) -> String {
    bytes.iter().map(|&b| char::from(b)).collect()
}

#[test]
fn excuses_are_narrow() {
    let short = Style { long: false, notime: false };
    let same =
        |ours: &str, theirs: &str| difference(ours.as_bytes(), theirs.as_bytes(), &short).is_none();
    assert!(same("averylo* pts/0", "averylon pts/0"));
    assert!(same("a*\\345* pts/0", "a*\\345\\220 pts/0"));
    assert!(same("a* pts/0", "a\t pts/0"));
    assert!(same("a   still logged in", "a    gone - no logout"));
    assert!(same(
        "reboot   system boot 00:10 - crash  (00:10)",
        "reboot   system boot 00:10   still running"
    ));
    assert!(same(
        "shutdown system down  6.1.0 Wed Nov 15 00:45",
        "shutdown system down  6.1.0 Wed Nov 15 00:45 - 00:00 (-19676+00:45)"
    ));
    assert!(!same(
        "shutdown system down  6.1.0 Wed Nov 15 00:45",
        "shutdown system down  6.1.0 Wed Nov 15 00:45 - 00:46  (00:01)"
    ));
    assert!(!same("alice 00:10 - crash  (00:10)", "alice 00:10   still running"));
    assert!(!same("alice pts/0", "alicf pts/0"));
    assert!(!same("alice pts/0", "alice pts/00"));
    assert!(!same("a\nb", "a"));
}
