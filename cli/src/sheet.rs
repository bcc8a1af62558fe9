//! Comma-separated values (RFC 4180, lines end in LF).

use std::fmt::{Display, Write as _};
use std::io::{self, Write as _};
use std::net::IpAddr;

use itoa::Integer;
use loginrec::{Exit, Text};

use crate::calendar::{Clock, Rfc3339};
use crate::digits::{address, decimal};
use crate::filename::FileName;
use crate::hex;
use crate::length::Seconds;
use crate::output::Output;
use crate::plain::Field;
use crate::row::{Cells, Key, Lead, Shown, Token, key};

/// The columns of [`Row::write`](crate::row::Row::write).
pub(crate) const HEADER: &str = "file,layout,index,offset,uid,type,raw_type,event,time,raw_sec,\
    raw_usec,user,line,host,id,pid,session,termination,exit,addr\n";

/// A table that is written line by line. Every cell has a comma behind it, of which the
/// last becomes the end of the line.
#[derive(Debug)]
pub(crate) struct Sheet {
    out: Output,
    cell: String,
}

impl Sheet {
    pub(crate) fn new(out: Output) -> Sheet {
        Sheet { out, cell: String::new() }
    }

    pub(crate) fn headings(&mut self, names: &[&str]) -> io::Result<()> {
        names.iter().try_for_each(|name| self.cell(Some(name)))?;
        self.end()
    }

    pub(crate) fn text(&mut self, text: Option<Shown<'_>>) -> io::Result<()> {
        self.cell(text.map(|Shown(bytes)| Text::new(bytes)))
    }

    pub(crate) fn cell(&mut self, value: Option<impl Display>) -> io::Result<()> {
        self.cell.clear();
        if let Some(value) = value {
            write!(self.cell, "{value}").map_err(io::Error::other)?;
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
pub(crate) fn lead(file: &str, layout: &str) -> Vec<u8> {
    let mut lead = Vec::new();
    quoted(&mut lead, file);
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
}

impl<'a> Line<'a> {
    pub(crate) fn new(line: &'a mut Vec<u8>, clock: &'a mut Clock) -> Line<'a> {
        Line { line, clock }
    }

    pub(crate) fn end(self) {
        end(self.line);
    }

    #[inline]
    fn string(&mut self, text: &[u8]) {
        let field = Field::of::<b'"', b','>(text);
        match field.is_plain {
            true => self.line.extend_from_slice(field.text),
            false => self.escaped(field.text),
        }
        self.line.push(b',');
    }

    #[cold]
    fn escaped(&mut self, text: &[u8]) {
        quoted(self.line, &Text::new(text).to_string());
    }
}

impl Cells for Line<'_> {
    #[inline]
    fn lead(&mut self, lead: &Lead) {
        self.line.extend_from_slice(&lead.csv);
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

    #[inline]
    fn number(&mut self, _: Key, number: Option<impl Integer>) {
        if let Some(number) = number {
            decimal(self.line, number);
        }
        self.line.push(b',');
    }

    #[inline]
    fn time(&mut self, _: Key, time: Option<Rfc3339>) {
        if let Some(time) = time {
            time.write(self.line, self.clock);
        }
        self.line.push(b',');
    }

    #[inline]
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

    #[inline]
    fn exit(&mut self, exit: Option<Exit>) {
        self.number(key!("termination"), exit.map(|exit| exit.e_termination));
        self.number(key!("exit"), exit.map(|exit| exit.e_exit));
    }

    #[inline]
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

    #[inline]
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
