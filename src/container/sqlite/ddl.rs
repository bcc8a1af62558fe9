//! Parses `CREATE TABLE`, as far as it determines how rows are stored. No SQL is run.

use alloc::vec::Vec;

/// A column of a table definition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) name: Vec<u8>,
    /// Its position among the stored columns of a row; `None` if it is the rowid, or computed.
    pub(crate) position: Option<usize>,
    /// Whether it is an alias of the rowid.
    pub(crate) is_rowid: bool,
    /// Its value in rows that were written before it was added.
    pub(crate) default: Default,
    /// The type of its values.
    pub(crate) affinity: Affinity,
    pub(crate) is_not_null: bool,
}

/// The type of a column's values, by its declared type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Affinity {
    Integer,
    Text,
    Any,
}

impl Affinity {
    fn of(kind: Option<&Token>) -> Affinity {
        let Some(Token::Word(word)) =
            kind.filter(|kind| matches!(kind, Token::Word(w) if is_type(w)))
        else {
            return Affinity::Any;
        };
        let word = word.to_ascii_uppercase();
        let has = |part: &[u8]| word.windows(part.len()).any(|window| window == part);
        if has(b"INT") {
            Affinity::Integer
        } else if has(b"TEXT") || has(b"CHAR") || has(b"CLOB") {
            Affinity::Text
        } else {
            Affinity::Any
        }
    }
}

/// The default of a column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Default {
    Null,
    Int(i64),
    Text(Vec<u8>),
}

/// A parsed definition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Definition {
    /// In the order of definition.
    pub(crate) columns: Vec<Column>,
    /// Whether rows are stored in an index, keyed by the primary key.
    pub(crate) is_without_rowid: bool,
}

/// A token of SQL.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A name, a keyword, or a number.
    Word(Vec<u8>),
    /// A quoted name or text.
    Quoted(Vec<u8>),
    /// Any other character.
    Mark(u8),
}

impl Token {
    fn is(&self, keyword: &str) -> bool {
        matches!(self, Token::Word(word) if word.eq_ignore_ascii_case(keyword.as_bytes()))
    }

    fn name(&self) -> Option<&[u8]> {
        match self {
            Token::Word(name) | Token::Quoted(name) => Some(name),
            Token::Mark(_) => None,
        }
    }
}

/// Splits SQL into tokens, without comments and blanks.
fn tokens(mut sql: &[u8]) -> Vec<Token> {
    let mut tokens = Vec::new();
    let is_word =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.' | 0x80..);
    while let Some((&first, rest)) = sql.split_first() {
        let behind = match first {
            b'-' if rest.starts_with(b"-") => after(rest, b"\n"),
            b'/' if rest.starts_with(b"*") => after(rest.get(1..).unwrap_or_default(), b"*/"),
            b'"' | b'`' | b'\'' | b'[' => {
                let close = if first == b'[' { b']' } else { first };
                let (text, behind) = quoted(rest, close);
                tokens.push(Token::Quoted(text));
                behind
            }
            _ if is_word(first) => {
                let len = sql.iter().take_while(|&&byte| is_word(byte)).count();
                let (word, behind) = sql.split_at(len);
                tokens.push(Token::Word(word.to_vec()));
                behind
            }
            _ => {
                if !first.is_ascii_whitespace() {
                    tokens.push(Token::Mark(first));
                }
                rest
            }
        };
        sql = behind;
    }
    tokens
}

/// Returns the text after `end`.
fn after<'a>(sql: &'a [u8], end: &[u8]) -> &'a [u8] {
    let at = sql.windows(end.len()).position(|window| window == end);
    at.and_then(|at| sql.get(at.saturating_add(end.len())..)).unwrap_or_default()
}

/// Parses a quoted text, in which a doubled quote means one quote.
fn quoted(mut sql: &[u8], close: u8) -> (Vec<u8>, &[u8]) {
    let mut text = Vec::new();
    while let Some((&byte, rest)) = sql.split_first() {
        sql = rest;
        if byte == close {
            match rest.split_first() {
                Some((&again, behind)) if again == close && close != b']' => sql = behind,
                _ => break,
            }
        }
        text.push(byte);
    }
    (text, sql)
}

/// Returns the tokens between commas, and those after the closing parenthesis.
fn parts(tokens: &[Token]) -> Option<(Vec<&[Token]>, &[Token])> {
    let open = tokens.iter().position(|token| *token == Token::Mark(b'('))?;
    let body = tokens.get(open.checked_add(1)?..)?;
    let (mut parts, mut depth, mut begin) = (Vec::new(), 0u32, 0);
    for (at, token) in body.iter().enumerate() {
        match token {
            Token::Mark(b'(') => depth = depth.saturating_add(1),
            Token::Mark(b')') if depth > 0 => depth = depth.saturating_sub(1),
            Token::Mark(b',') if depth == 0 => {
                parts.push(body.get(begin..at)?);
                begin = at.saturating_add(1);
            }
            Token::Mark(b')') => {
                parts.push(body.get(begin..at)?);
                return Some((parts, body.get(at.saturating_add(1)..)?));
            }
            _ => {}
        }
    }
    None
}

/// Returns whether two keywords follow each other.
fn has(tokens: &[Token], first: &str, second: &str) -> bool {
    tokens.windows(2).any(|pair| matches!(pair, [a, b] if a.is(first) && b.is(second)))
}

/// Returns the columns in `PRIMARY KEY (...)`.
fn key_columns(tokens: &[Token]) -> Vec<Vec<u8>> {
    let named = parts(tokens).map(|(names, _)| names).unwrap_or_default();
    named.iter().filter_map(|part| Some(part.first()?.name()?.to_vec())).collect()
}

fn default_of(tokens: &[Token]) -> Default {
    let at = tokens.iter().position(|token| token.is("DEFAULT"));
    let value = at.and_then(|at| tokens.get(at.saturating_add(1)..)).unwrap_or_default();
    let (negative, value) = match value {
        [Token::Mark(b'-'), rest @ ..] => (true, rest.first()),
        [Token::Mark(b'+'), rest @ ..] => (false, rest.first()),
        _ => (false, value.first()),
    };
    match value {
        Some(Token::Quoted(text)) => Default::Text(text.clone()),
        Some(Token::Word(word)) => {
            let number = core::str::from_utf8(word).ok().and_then(|word| word.parse::<i64>().ok());
            let signed =
                number.map(|number| if negative { number.saturating_neg() } else { number });
            signed.map_or(Default::Null, Default::Int)
        }
        _ => Default::Null,
    }
}

/// Words that begin a table constraint.
const CONDITIONS: [&str; 5] = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];

impl Definition {
    /// Returns how many columns have other names than those of `other`, if there are as many.
    pub(crate) fn differing(&self, other: &Definition) -> Option<usize> {
        let pairs = self.columns.iter().zip(&other.columns);
        let differ = pairs.filter(|(a, b)| !a.name.eq_ignore_ascii_case(&b.name)).count();
        (self.columns.len() == other.columns.len()).then_some(differ)
    }

    /// Returns the column of this name, in whatever case.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// Parses a `CREATE TABLE`. `None` if it is another statement, or truncated.
    pub(crate) fn parse(sql: &[u8]) -> Option<Definition> {
        let tokens = tokens(sql);
        let (parts, options) = parts(&tokens)?;
        let is_table = tokens.first()?.is("CREATE") && tokens.iter().take(4).any(|t| t.is("TABLE"));
        if !is_table {
            return None;
        }
        let is_without_rowid = has(options, "WITHOUT", "ROWID");
        let (mut columns, mut key) = (Vec::new(), Vec::new());
        let (mut stored, mut integers) = (Vec::new(), Vec::new());
        for part in parts {
            let Some((first, rest)) = part.split_first() else { continue };
            if CONDITIONS.iter().any(|word| first.is(word)) {
                if has(part, "PRIMARY", "KEY") {
                    key = key_columns(part);
                }
                continue;
            }
            let name = first.name()?.to_vec();
            let is_integer = matches!(rest, [kind, ..] if kind.is("INTEGER"));
            if is_integer && rest.get(1).is_none_or(|t| !matches!(t, Token::Word(w) if is_type(w)))
            {
                integers.push(name.clone());
            }
            if has(rest, "PRIMARY", "KEY") {
                // Because of an old bug in SQLite, DESC prevents an alias of the rowid.
                if has(rest, "KEY", "DESC") {
                    integers.retain(|integer| *integer != name);
                }
                key = alloc::vec![name.clone()];
            }
            let computed = rest
                .windows(2)
                .any(|pair| matches!(pair, [word, Token::Mark(b'(')] if word.is("AS")));
            if !computed || rest.iter().any(|token| token.is("STORED")) {
                stored.push(name.clone());
            }
            let default = default_of(rest);
            let (affinity, is_not_null) = (Affinity::of(rest.first()), has(rest, "NOT", "NULL"));
            let (position, is_rowid) = (None, false);
            columns.push(Column { name, position, is_rowid, default, affinity, is_not_null });
        }
        let same = |a: &[u8], b: &[u8]| a.eq_ignore_ascii_case(b);
        if is_without_rowid {
            // The columns of the key are stored first.
            let others = stored.iter().filter(|name| !key.iter().any(|key| same(key, name)));
            stored = key.iter().chain(others).cloned().collect();
        }
        let alias = match key.as_slice() {
            [key] if !is_without_rowid => integers.iter().find(|name| same(name, key)),
            _ => None,
        };
        for column in &mut columns {
            column.is_rowid = alias.is_some_and(|alias| same(alias, &column.name));
            // The alias of the rowid is stored as NULL, in its own position.
            column.position = stored.iter().position(|name| same(name, &column.name));
        }
        Some(Definition { columns, is_without_rowid })
    }
}

/// Returns whether a word belongs to the type: otherwise a constraint begins, or the column ends.
fn is_type(word: &[u8]) -> bool {
    const AFTER: [&str; 10] = [
        "PRIMARY",
        "NOT",
        "NULL",
        "UNIQUE",
        "CHECK",
        "DEFAULT",
        "COLLATE",
        "REFERENCES",
        "GENERATED",
        "CONSTRAINT",
    ];
    !AFTER.iter().any(|after| word.eq_ignore_ascii_case(after.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};
    use std::vec::Vec;

    use super::*;

    /// Names with their positions; `=` is the rowid, `-` is not stored.
    fn read(sql: &str) -> Option<Vec<String>> {
        let definition = Definition::parse(sql.as_bytes())?;
        let columns = definition.columns.iter().map(|column| {
            let place = match column.position {
                _ if column.is_rowid => "=".to_string(),
                Some(place) => place.to_string(),
                None => "-".to_string(),
            };
            String::from_utf8(column.name.clone()).unwrap() + ":" + &place
        });
        Some(columns.collect())
    }

    #[test]
    fn what_is_stored_where() {
        let cases: &[(&str, &[&str])] = &[
            (
                "CREATE TABLE wtmp(ID INTEGER PRIMARY KEY, User TEXT NOT NULL) STRICT",
                &["ID:=", "User:1"],
            ),
            ("create table Lastlog(Name TEXT PRIMARY KEY, Time INT)", &["Name:0", "Time:1"]),
            ("CREATE TABLE t(a, b INT PRIMARY KEY)", &["a:0", "b:1"]),
            ("CREATE TABLE t(a INTEGER PRIMARY KEY DESC, b)", &["a:0", "b:1"]),
            ("CREATE TABLE t(a, b integer, PRIMARY KEY(b DESC))", &["a:0", "b:="]),
            ("CREATE TABLE t(a INTEGER, b, CONSTRAINT k PRIMARY KEY (a, b))", &["a:0", "b:1"]),
            (
                "CREATE TABLE \"w(t\" ( -- a, comment\n [ID] integer\n primary /* , */ key, `T``y` INT)",
                &["ID:=", "T`y:1"],
            ),
            (
                "CREATE TABLE t(a CHECK (a IN (1, 2)), 'b' DEFAULT 'x, y', UNIQUE(a, b))",
                &["a:0", "b:1"],
            ),
            ("CREATE TABLE t(a, b AS (a + 1), c AS (a) STORED, d)", &["a:0", "b:-", "c:1", "d:2"]),
            ("CREATE TABLE t(a, b, k PRIMARY KEY) STRICT, WITHOUT ROWID", &["a:1", "b:2", "k:0"]),
        ];
        for (sql, wanted) in cases {
            assert_eq!(read(sql).unwrap(), *wanted, "{sql}");
        }
        for sql in
            ["", "CREATE INDEX i ON t(a)", "CREATE TABLE t(a, b", "CREATE TABLE t AS SELECT 1"]
        {
            assert_eq!(read(sql), None, "{sql}");
        }
    }

    #[test]
    fn defaults() {
        let sql =
            b"CREATE TABLE t(a DEFAULT 1000, b DEFAULT -5, c TEXT DEFAULT 'it''s', d DEFAULT (1))";
        let columns = Definition::parse(sql).unwrap().columns;
        let defaults: Vec<_> = columns.into_iter().map(|column| column.default).collect();
        let text = Default::Text(b"it's".to_vec());
        assert_eq!(defaults, [Default::Int(1000), Default::Int(-5), text, Default::Null]);
    }
}
