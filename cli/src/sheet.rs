//! Comma-separated values (RFC 4180, lines end in LF).

use std::fmt::{Display, Write as _};
use std::io::{self, Write as _};
use std::net::IpAddr;

use clap::Args;
use loginrec::{Exit, Text};

use crate::calendar::{Clock, Rfc3339};
use crate::digits::{Number, address, copy, decimal};
use crate::filename::FileName;
use crate::hex;
use crate::length::Seconds;
use crate::output::Output;
use crate::plain::{Field, plain};
use crate::row::{Cells, Key, Kind, Lead, Shown, Token, key};

/// The columns of [`Row::write`](crate::row::Row::write).
pub(crate) const HEADER: &str = "file,layout,index,offset,uid,type,raw_type,event,time,raw_sec,\
    raw_usec,user,line,host,id,pid,session,termination,exit,addr\n";

/// For those who open the table in a spreadsheet.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Safety {
    /// With --format csv: put an apostrophe before texts that begin with = + - or @, so that
    /// no spreadsheet calculates what an attacker wrote. Such cells are not what is stored
    #[arg(long)]
    csv_safe: bool,
}

/// A table that is written line by line. Every cell has a comma behind it, of which the
/// last becomes the end of the line.
#[derive(Debug)]
pub(crate) struct Sheet {
    out: Output,
    cell: String,
    safety: Safety,
}

impl Sheet {
    pub(crate) fn new(out: Output, safety: Safety) -> Sheet {
        Sheet { out, cell: String::new(), safety }
    }

    pub(crate) fn headings(&mut self, names: &[&str]) -> io::Result<()> {
        names.iter().try_for_each(|name| self.cell(Some(name)))?;
        self.end()
    }

    pub(crate) fn text(&mut self, text: Option<Shown<'_>>) -> io::Result<()> {
        self.name(text.map(|Shown(bytes)| Text::new(bytes)))
    }

    /// A text that is escaped already.
    pub(crate) fn name(&mut self, name: Option<impl Display>) -> io::Result<()> {
        let safety = self.safety;
        self.put(name, |cell| safety.is_due(cell))
    }

    /// What is no text from outside.
    pub(crate) fn cell(&mut self, value: Option<impl Display>) -> io::Result<()> {
        self.put(value, |_| false)
    }

    fn put(
        &mut self,
        value: Option<impl Display>,
        is_formula: impl Fn(&str) -> bool,
    ) -> io::Result<()> {
        self.cell.clear();
        if let Some(value) = value {
            write!(self.cell, "{value}").map_err(io::Error::other)?;
        }
        if is_formula(&self.cell) {
            self.cell.insert(0, '\'');
        }
        let line = self.out.lines();
        quoted(line, &self.cell);
        line.push(b',');
        Ok(())
    }

    /// Ends a line.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        end(self.out.lines());
        self.out.settle()
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Safety {
    /// Whether a spreadsheet would calculate: the signs, and their wide forms, which some
    /// take for them.
    fn is_due(self, cell: &str) -> bool {
        self.csv_safe && cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
    }
}

fn end(line: &mut [u8]) {
    if let Some(comma) = line.last_mut() {
        *comma = b'\n';
    }
}

/// In quotation marks if it has to be.
fn quoted(line: &mut Vec<u8>, cell: &str) {
    match cell.contains(['"', ',', '\r', '\n']) {
        // A Vec takes everything.
        true => drop(write!(line, "\"{}\"", cell.replace('"', "\"\""))),
        false => line.extend_from_slice(cell.as_bytes()),
    }
}

/// The first cells of a line.
pub(crate) fn lead(file: &str, layout: &str, safety: Safety) -> Vec<u8> {
    let mut lead = Vec::new();
    match safety.is_due(file) {
        true => quoted(&mut lead, &format!("'{file}")),
        false => quoted(&mut lead, file),
    }
    lead.push(b',');
    quoted(&mut lead, layout);
    lead.push(b',');
    lead
}

/// The line of one record.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    line: &'a mut Vec<u8>,
    clock: &'a mut Clock,
    safety: Safety,
}

impl<'a> Line<'a> {
    pub(crate) fn new(line: &'a mut Vec<u8>, clock: &'a mut Clock, safety: Safety) -> Line<'a> {
        Line { line, clock, safety }
    }

    pub(crate) fn end(self) {
        end(self.line);
    }

    #[inline(always)]
    fn string(&mut self, text: &[u8]) {
        match plain::<b'"', b','>(text) {
            Some(len) if !self.safety.csv_safe => copy(self.line, text, len),
            _ => self.odd(text),
        }
        self.line.push(b',');
    }

    #[inline(never)]
    fn odd(&mut self, text: &[u8]) {
        let field = Field::of::<b'"', b','>(text);
        match field.is_plain && !self.safety.csv_safe {
            true => self.line.extend_from_slice(field.text),
            false => self.escaped(field.text),
        }
    }

    #[cold]
    fn escaped(&mut self, text: &[u8]) {
        let mut shown = Text::new(text).to_string();
        if self.safety.is_due(&shown) {
            shown.insert(0, '\'');
        }
        quoted(self.line, &shown);
    }
}

impl Cells for Line<'_> {
    #[inline(always)]
    fn lead(&mut self, lead: &Lead, index: u64) {
        self.line.extend_from_slice(&lead.csv);
        decimal(self.line, index);
        self.line.push(b',');
    }

    #[inline(always)]
    fn kind(&mut self, kind: &Kind) {
        kind.csv.push(self.line);
    }

    fn file(&mut self, _: Key, name: &FileName<'_>) {
        // What is escaped already is not escaped again.
        self.string(name.shown.as_bytes());
    }

    #[inline]
    fn word(&mut self, _: Key, word: Option<&'static str>) {
        self.line.extend_from_slice(word.unwrap_or_default().as_bytes());
        self.line.push(b',');
    }

    #[inline(always)]
    fn number(&mut self, _: Key, number: Option<impl Number>) {
        if let Some(number) = number {
            decimal(self.line, number);
        }
        self.line.push(b',');
    }

    #[inline(always)]
    fn time(&mut self, _: Key, time: Option<Rfc3339>) {
        if let Some(time) = time {
            time.write(self.line, self.clock);
        }
        self.line.push(b',');
    }

    #[inline(always)]
    fn text(&mut self, _: Key, text: Option<Text<'_>>) {
        self.string(text.unwrap_or_default().raw());
    }

    fn token(&mut self, _: Key, token: Token<'_>) {
        match token.is_printable() {
            true => self.string(token.bytes()),
            false => {
                hex::write(self.line, &token.whole());
                self.line.push(b',');
            }
        }
    }

    #[inline(always)]
    fn exit(&mut self, exit: Option<Exit>) {
        self.number(key!("termination"), exit.map(|exit| exit.e_termination));
        self.number(key!("exit"), exit.map(|exit| exit.e_exit));
    }

    #[inline(always)]
    fn address(&mut self, _: Key, addr: Option<Option<IpAddr>>) {
        if let Some(addr) = addr.flatten() {
            address(self.line, addr);
        }
        self.line.push(b',');
    }

    fn raw(&mut self, _: Key, _: &[u8]) {}

    #[inline]
    fn seconds(&mut self, _: Key, seconds: Seconds) {
        seconds.push(self.line);
        self.line.push(b',');
    }

    #[inline]
    fn flag(&mut self, key: Key, flag: bool) {
        self.word(key, Some(if flag { "true" } else { "false" }));
    }

    #[inline(always)]
    fn null(&mut self, _: Key) {
        self.line.push(b',');
    }

    #[inline]
    fn stamp(&mut self, _: Key, stamp: &str) {
        self.line.extend_from_slice(stamp.as_bytes());
        self.line.push(b',');
    }

    fn aside(&mut self, _: Key, _: Option<i64>) {}
}
