//! Histories that may make pairing slow, and ordinary ones of the same length.

use loginrec::UtType;

use super::event::Event;

const BEGIN: i64 = 1_400_000_000;

fn event(kind: UtType, line: String, pid: u64, second: u64) -> Event {
    let login = kind == UtType::UserProcess;
    Event {
        line: line.into(),
        user: if login { b"operator".to_vec() } else { Vec::new() },
        host: if login { b"client.example.org".to_vec() } else { Vec::new() },
        pid: 1000 + (pid % 4_000_000) as i64,
        ..Event::new(kind, (BEGIN + second as i64, (second * 7919 % 1_000_000) as i64))
    }
}

/// Returns logins only, each on a line of its own.
pub fn endless() -> impl Iterator<Item = Event> {
    (0..).map(|n| event(UtType::UserProcess, format!("pts/{n}"), n, n))
}

/// Returns a login and its logout by turns, on `lines` lines. The pid of the logout is that of
/// the login plus `wrong`.
pub fn paired(lines: u64, wrong: u64) -> impl Iterator<Item = Event> {
    (0..).flat_map(move |n| {
        let line = format!("pts/{}", n % lines);
        [
            event(UtType::UserProcess, line.clone(), n % lines, 2 * n),
            event(UtType::DeadProcess, line, n % lines + wrong, 2 * n + 1),
        ]
    })
}

/// Returns `logins` logins, then as many logouts on other lines.
pub fn mismatched(logins: u64) -> impl Iterator<Item = Event> {
    (0..2 * logins).map(move |n| match n < logins {
        true => event(UtType::UserProcess, format!("pts/a{n}"), n, n),
        false => event(UtType::DeadProcess, format!("pts/b{n}"), n, n),
    })
}
