//! The module paths that a Rust source names: a reader of just as much of the language.

/// The source with comments, strings and characters blanked, and without what is compiled for
/// tests only.
pub(crate) fn code(source: &str) -> String {
    without_tests(&without_literals(source))
}

/// A path that a source names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// Segments below the crate's root.
    pub(crate) path: Vec<String>,
    /// Its local name: the last segment, or the name after `as`.
    pub(crate) name: String,
    /// Whether a `pub use` hands it on.
    pub(crate) is_reexport: bool,
}

/// Every path that starts at `crate`, `super`, `self` or one of `children`, in a file that is
/// the module `module`. Groups are spread out.
pub(crate) fn named(code: &str, module: &[String], children: &[String]) -> Vec<Named> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut inline: Vec<(String, usize)> = Vec::new();
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "{" => {
                depth += 1;
                if at >= 2 && tokens[at - 2] == "mod" {
                    inline.push((tokens[at - 1].clone(), depth));
                }
            }
            "}" => {
                inline.retain(|(_, begun)| *begun < depth);
                depth -= 1;
            }
            _ => {}
        }
        // `pub(in crate::a)` names no item of that module.
        let starts = tokens.get(at + 1).is_some_and(|next| next == "::")
            && (at == 0 || tokens[at - 1] != "::")
            && !(at >= 3 && tokens[at - 3] == "pub" && tokens[at - 1] == "in");
        if !starts {
            continue;
        }
        let mut here = module.to_vec();
        here.extend(inline.iter().map(|(name, _)| name.clone()));
        let base = match token.as_str() {
            "crate" => Vec::new(),
            "self" => here,
            "super" => parent(&here),
            child if inline.is_empty() && children.iter().any(|name| name == child) => {
                here.push(child.to_owned());
                here
            }
            _ => continue,
        };
        let is_reexport = at >= 2 && tokens[at - 1] == "use" && is_pub(&tokens[..at - 1]);
        let mut paths = Vec::new();
        follow(&tokens, at + 2, base, &mut paths);
        found.extend(paths.into_iter().map(|(path, alias)| Named {
            name: alias.or_else(|| path.last().cloned()).unwrap_or_default(),
            path,
            is_reexport,
        }));
    }
    found
}

/// Whether the tokens end in `pub` or `pub(..)`.
fn is_pub(tokens: &[String]) -> bool {
    match tokens.last().map(String::as_str) {
        Some(")") => tokens.iter().rev().take(5).any(|token| token == "pub"),
        last => last == Some("pub"),
    }
}

/// The names of the modules that a source declares to lie in files of their own.
pub(crate) fn declared(code: &str) -> Vec<String> {
    let tokens = tokens(code);
    let declarations = tokens.windows(3).filter(|w| w[0] == "mod" && w[2] == ";");
    declarations.map(|window| window[1].clone()).collect()
}

fn parent(module: &[String]) -> Vec<String> {
    module.split_last().map(|(_, parent)| parent.to_vec()).unwrap_or_default()
}

/// A path, and its name if it gets another.
type Renamed = (Vec<String>, Option<String>);

/// Reads what follows a `::`; returns where it ends.
fn follow(tokens: &[String], at: usize, base: Vec<String>, found: &mut Vec<Renamed>) -> usize {
    match tokens.get(at).map(String::as_str) {
        Some("{") => {
            let mut at = at + 1;
            while tokens.get(at).is_some_and(|token| token != "}") {
                at = match tokens[at].as_str() {
                    "," => at + 1,
                    _ => follow(tokens, at, base.clone(), found),
                };
            }
            at + 1
        }
        Some(name) if is_name(name) => {
            let base = match name {
                "super" => parent(&base),
                "self" => base,
                _ => [base, vec![name.to_owned()]].concat(),
            };
            match tokens.get(at + 1).map(String::as_str) {
                Some("::") => follow(tokens, at + 2, base, found),
                Some("as") => {
                    found.push((base, tokens.get(at + 2).cloned()));
                    at + 3
                }
                _ => {
                    found.push((base, None));
                    at + 1
                }
            }
        }
        _ => {
            found.push((base, None));
            at + 1
        }
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names and numbers, `::`, and every other character by itself.
fn tokens(code: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let len = match first {
            ':' if rest.starts_with("::") => 2,
            c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        tokens.push(rest[..len].to_owned());
        rest = rest[len..].trim_start();
    }
    tokens
}

/// Comments, strings and characters become blanks; lines stay where they are.
fn without_literals(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let is_in_word = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
        let end = match literal(&source[at..], is_in_word) {
            Some(len) => at + len,
            None => {
                at += source[at..].chars().next().map_or(1, char::len_utf8);
                continue;
            }
        };
        out[at..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        at = end;
    }
    String::from_utf8(out).unwrap()
}

/// How long the comment or literal is that the text begins with.
fn literal(text: &str, is_in_word: bool) -> Option<usize> {
    let all = text.len();
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(all));
    }
    if text.starts_with("/*") {
        return Some(comment(text));
    }
    let prefix = match text.chars().next()? {
        '"' | '\'' => 0,
        'b' | 'c' | 'r' if !is_in_word => {
            text.find(|c| !matches!(c, 'b' | 'c' | 'r')).filter(|len| *len <= 2)?
        }
        _ => return None,
    };
    let (is_raw, body) = (text[..prefix].contains('r'), &text[prefix..]);
    let hashes = body.len() - body.trim_start_matches('#').len();
    if is_raw && body[hashes..].starts_with('"') {
        let close = format!("\"{}", "#".repeat(hashes));
        let begin = prefix + hashes + 1;
        return Some(text[begin..].find(&close).map_or(all, |len| begin + len + close.len()));
    }
    let begin = prefix + 1;
    match body.chars().next()? {
        '"' => Some(quoted(text, begin, '"')),
        '\'' => {
            // A lifetime has no second quotation mark after one character.
            let mut inside = text[begin..].chars();
            let first = inside.next()?;
            (first == '\\' || inside.next() == Some('\'')).then(|| quoted(text, begin, '\''))
        }
        _ => None,
    }
}

/// Comments can be nested.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        at += match rest {
            _ if rest.starts_with("/*") => {
                depth += 1;
                2
            }
            _ if rest.starts_with("*/") => {
                depth -= 1;
                2
            }
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
        if depth == 0 {
            break;
        }
    }
    at
}

/// Returns the position of the closing mark of the text that begins at `begin`, and the one after it.
fn quoted(text: &str, begin: usize, mark: char) -> usize {
    let mut escaped = false;
    for (at, c) in text[begin..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == mark => return begin + at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Drops each item under `#[cfg(test)]`, to its semicolon or its closing brace.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = String::new();
    let mut rest = code;
    while let Some((before, item)) = rest.split_once(MARK) {
        out.push_str(before);
        let mut depth = 0;
        let end = item.char_indices().find(|&(_, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            depth == 0 && matches!(c, '}' | ';')
        });
        rest = end.map_or("", |(at, c)| &item[at + c.len_utf8()..]);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r##"
//! crate::comment
mod child;
pub(crate) mod other;
use crate::{a::{self, B}, c::d as e};
use super::sibling::{Thing, Other as Alias};
pub(super) use self::child::Item;
pub(in crate::scope) struct Scoped;
/* crate::comment::{a /* crate::nested */} */
fn f<'a>(x: &'a str, c: char) -> crate::deep::Kind<'a> {
    let text = "crate::string \" crate::still";
    let raw = br#"crate::raw " "#;
    let (quote, slash) = ('"', '\'');
    child::run(crate::late::go::<u8>(text), std::child::no);
    for _ in crate::counted::all() {}
    super::super::up::there()
}
mod inside {
    use super::child2::X;
    fn g() { self::local() }
}
#[cfg(test)]
mod tests {
    use crate::test_only::X;
}
fn after() -> crate::after::Y {}
"##;

    fn paths(source: &str) -> Vec<Named> {
        let module = ["top".to_owned(), "here".to_owned()];
        let code = code(source);
        let children = declared(&code);
        named(&code, &module, &children)
    }

    #[test]
    fn every_path_is_read_and_nothing_else() {
        let expected = [
            "a",
            "a::B",
            "c::d",
            "top::sibling::Thing",
            "top::sibling::Other",
            "top::here::child::Item",
            "deep::Kind",
            "top::here::child::run",
            "late::go",
            "counted::all",
            "up::there",
            "top::here::child2::X",
            "top::here::inside::local",
            "after::Y",
        ];
        let found: Vec<String> = paths(EXAMPLE).iter().map(|it| it.path.join("::")).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn names_that_are_handed_on_are_marked() {
        let found = paths(EXAMPLE).into_iter().filter(|it| it.is_reexport || it.name == "e");
        let found: Vec<_> = found.map(|it| (it.name, it.path.join("::"))).collect();
        let expected = [("e", "c::d"), ("Item", "top::here::child::Item")];
        assert_eq!(found, expected.map(|(name, path)| (name.to_owned(), path.to_owned())));
    }

    #[test]
    fn modules_in_files_are_declared() {
        assert_eq!(declared(&code(EXAMPLE)), ["child", "other"]);
    }

    #[test]
    fn lines_stay_where_they_are() {
        let code = without_literals(EXAMPLE);
        assert_eq!(code.len(), EXAMPLE.len());
        assert_eq!(code.lines().count(), EXAMPLE.lines().count());
        assert!(!code.contains("comment") && !code.contains("string") && !code.contains("raw \""));
    }
}
