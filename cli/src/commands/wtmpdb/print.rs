//! Prints rows as `wtmpdb last` does: text or JSON.

use std::io::{self, Write as _};

use crate::args::zone::Zone;
use crate::commands::wtmpdb::args::{LastOptions, TimeFormat};
use crate::commands::wtmpdb::line::{Form, Times, cell, length};
use crate::commands::wtmpdb::rows::{Filter, Row, seconds};
use crate::output::escape;
use crate::output::writer::Output;

/// Types of rows. Those of the table have numbers of their own.
const BOOT: i32 = 1;
const USER: i32 = 3;

/// Prints the rows of one database.
pub(super) struct Printer<'a> {
    args: &'a LastOptions,
    out: &'a mut Output,
    times: Times,
    form: TimeFormat,
    is_first: bool,
}

/// What a line has.
struct Line<'a> {
    user: &'a [u8],
    line: &'a [u8],
    host: &'a [u8],
    service: &'a [u8],
    login: Vec<u8>,
    logout: Vec<u8>,
    length: String,
}

impl<'a> Printer<'a> {
    pub(super) fn new(args: &'a LastOptions, zone: &Zone, out: &'a mut Output) -> Printer<'a> {
        let form = match args.time_format {
            Some(form) => form,
            None if args.fulltimes => TimeFormat::Full,
            None => TimeFormat::Short,
        };
        Printer { args, out, times: Times::new(zone), form, is_first: true }
    }

    /// Prints the rows, which are in order, and when the file begins.
    pub(super) fn print(
        &mut self,
        rows: &[Row],
        filter: &Filter<'_>,
        title: &str,
    ) -> io::Result<()> {
        if self.args.json {
            self.out.write_all(b"{\n   \"entries\": [\n")?;
        }
        let mut start: Option<u64> = None;
        let (mut printed, mut is_after_boot, mut newer_boot) = (0, false, None);
        for row in rows {
            if self.args.limit > 0 && printed >= self.args.limit {
                break;
            }
            let login = row.login as u64;
            start = Some(start.map_or(login, |start| start.min(login)));
            if !filter.takes(row) {
                continue;
            }
            self.row(row, is_after_boot)?;
            if row.raw_type == BOOT {
                is_after_boot = true;
                let down = row.logout.filter(|down| *down != 0);
                if let Some((down, newer)) = down.zip(newer_boot).filter(|_| self.args.system) {
                    self.shutdown(row, down, newer)?;
                }
                newer_boot = Some(row.login).filter(|boot| *boot != 0);
            }
            printed += 1;
        }
        self.end(start, title)
    }

    fn row(&mut self, row: &Row, is_after_boot: bool) -> io::Result<()> {
        let (form, is_short) = (Form::Logout(self.form), self.form == TimeFormat::Short);
        let (logout, length) = match (row.logout, row.raw_type) {
            (Some(logout), _) => {
                (self.times.text(seconds(logout), form), length(row.login, logout))
            }
            (None, _) if is_after_boot => (b"crash".to_vec(), String::new()),
            (None, USER) if is_short => (b"still".to_vec(), "logged in".to_owned()),
            (None, USER) => (b"still logged in".to_vec(), String::new()),
            (None, BOOT) if is_short => (b"still".to_vec(), "running".to_owned()),
            (None, BOOT) => (b"still running".to_vec(), String::new()),
            (None, number) => (b"ERROR".to_vec(), format!("Unknown: {number}")),
        };
        let login = self.times.text(row.begin(), Form::Login(self.form));
        let line = if row.raw_type == BOOT { b"system boot" } else { row.line() };
        self.line(&Line {
            user: row.user(),
            line,
            host: row.host(),
            service: row.service(),
            login,
            logout,
            length,
        })
    }

    /// Prints when the machine was down after a boot.
    fn shutdown(&mut self, boot: &Row, down: i64, newer: i64) -> io::Result<()> {
        let login = self.times.text(seconds(down), Form::Login(self.form));
        let logout = self.times.text(seconds(newer), Form::Logout(self.form));
        self.line(&Line {
            user: b"shutdown",
            line: b"system down",
            host: boot.host(),
            service: boot.service(),
            login,
            logout,
            length: length(down, newer),
        })
    }

    fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        match self.args.json {
            true => self.json(line),
            false => self.text(line),
        }
        self.out.settle()
    }

    fn text(&mut self, line: &Line<'_>) {
        let Printer { args, form, .. } = *self;
        let out = self.out.lines();
        let user = match line.user {
            b"soft-reboot" if !args.fullnames => b"s-reboot",
            user => user,
        };
        let most = |len: usize| if args.fullnames { usize::MAX } else { len };
        cell(out, user, 8, most(8));
        out.push(b' ');
        cell(out, line.line, 12, 12);
        if !args.nohostname && !args.hostlast {
            out.push(b' ');
            cell(out, line.host, 16, most(16));
        }
        if args.service {
            out.push(b' ');
            cell(out, line.service, 12, 12);
        }
        out.push(b' ');
        let width = Form::Login(form).width();
        cell(out, &line.login, width, width);
        out.extend_from_slice(b" - ");
        let width = Form::Logout(form).width();
        cell(out, &line.logout, width, width);
        out.push(b' ');
        match args.hostlast {
            true => {
                cell(out, line.length.as_bytes(), 12, 12);
                out.push(b' ');
                cell(out, line.host, 0, usize::MAX);
            }
            false => out.extend_from_slice(line.length.as_bytes()),
        }
        out.push(b'\n');
    }

    fn json(&mut self, line: &Line<'_>) {
        let out = self.out.lines();
        if !std::mem::take(&mut self.is_first) {
            out.extend_from_slice(b",\n");
        }
        let mut key = |before: &str, name: &str, value: &[u8]| {
            out.extend_from_slice(before.as_bytes());
            escape::json(out, name.as_bytes());
            out.extend_from_slice(b": ");
            escape::json(out, value);
        };
        let next = ",\n       ";
        key("     { ", "user", line.user);
        key(next, "tty", line.line);
        if !self.args.nohostname {
            key(next, "hostname", line.host);
        }
        if self.args.service {
            // With the blanks of its column, as the tool has it.
            let service = line.service.get(..12).unwrap_or(line.service);
            let blanks = " ".repeat(12_usize.saturating_sub(service.len()));
            key(next, "service", &[b" ", service, blanks.as_bytes()].concat());
        }
        key(next, "login", &line.login);
        match line.length.trim_start().strip_prefix('(') {
            Some(length) => {
                key(next, "logout", &line.logout);
                key(next, "length", length.trim_end_matches(')').as_bytes());
            }
            None => key(
                next,
                "logout",
                &[&line.logout, b" ".as_slice(), line.length.as_bytes()].concat(),
            ),
        }
        out.extend_from_slice(b"\n     }");
    }

    /// Prints the end: when the rows begin that were looked at.
    fn end(&mut self, start: Option<u64>, title: &str) -> io::Result<()> {
        let form = Form::Login(self.args.time_format.unwrap_or(TimeFormat::Full));
        let is_timed = form != Form::Login(TimeFormat::Notime);
        let begin = start.map(|start| self.times.text(seconds(start as i64), form));
        let begin = begin.as_deref().map(String::from_utf8_lossy);
        match (self.args.json, begin) {
            (true, Some(begin)) if is_timed => {
                writeln!(self.out, "\n   ],\n   \"start\": \"{begin}\"\n}}")
            }
            (true, _) => self.out.write_all(b"\n   ]\n}\n"),
            (false, None) => writeln!(self.out, "{title} has no entries"),
            (false, Some(begin)) if is_timed => writeln!(self.out, "\n{title} begins {begin}"),
            (false, Some(_)) => Ok(()),
        }
    }
}

/// Appends when the machine was booted.
pub(super) fn boot_time(out: &mut Vec<u8>, boot: i64, zone: &Zone) {
    out.extend_from_slice(b"system boot ");
    Times::new(zone).push(out, boot, Form::Login(TimeFormat::Full));
    out.push(b'\n');
}
