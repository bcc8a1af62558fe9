//! `docs/recipes.md`: every command in it prints what stands below it.

use std::fs;

use loginrec_testing::{root, run, text};

/// A command of the page, with what it is said to print.
struct Recipe {
    command: String,
    printed: String,
}

/// Returns the page with what `take` returns below each command.
fn walk(page: &str, mut take: impl FnMut(Recipe) -> String) -> String {
    let (mut out, mut is_block) = (String::new(), false);
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        out += &format!("{line}\n");
        if line.starts_with("```") {
            is_block = !is_block;
        }
        let Some(command) = line.strip_prefix("$ loginrec ").filter(|_| is_block) else { continue };
        let mut printed = String::new();
        while let Some(line) =
            lines.next_if(|line| !line.starts_with("$ ") && !line.starts_with("```"))
        {
            printed += &format!("{line}\n");
        }
        out += &take(Recipe { command: command.to_owned(), printed });
    }
    out
}

/// Splits a command as a shell does, as far as the page needs it.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut is_quoted) = (vec![String::new()], false);
    for c in command.chars() {
        match c {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(c),
        }
    }
    words
}

/// Standard output, then the messages.
fn printed(command: &str) -> String {
    let words = words(command);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let output = run(&words);
    text(&output.stdout) + &text(&output.stderr)
}

#[test]
fn recipes_print_what_they_say() {
    let path = root().join("docs/recipes.md");
    let page = fs::read_to_string(&path).unwrap();
    if std::env::var_os("LOGINREC_BLESS").is_some() {
        fs::write(&path, walk(&page, |recipe| printed(&recipe.command))).unwrap();
        return;
    }
    let mut count = 0;
    walk(&page, |recipe| {
        count += 1;
        assert_eq!(printed(&recipe.command), recipe.printed, "loginrec {}", recipe.command);
        recipe.printed
    });
    let questions = page.lines().filter(|line| line.starts_with("### ") && line.ends_with('?'));
    assert_eq!(questions.count(), count, "a question has one command");
    assert!(count >= 40, "{count}");
}
