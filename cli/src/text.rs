//! Records as the rows of util-linux' utmpdump, whatever their platform.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};

use loginrec::platform::glibc;
use loginrec::{Entry, Record, Timestamp, UtType};

use crate::calendar::Civil;

/// The least widths of the columns, as in utmpdump.
const ID: usize = 4;
const USER: usize = 8;
const LINE: usize = 12;
const HOST: usize = 20;
const ADDRESS: usize = 15;

/// One row: `[type] [pid] [id] [user] [line] [host] [address] [time]`, for a lastlog
/// `[uid] [line] [host] [address] [time]`.
pub(crate) fn write_row(
    out: &mut impl Write,
    record: &Record<'_>,
    entry: &Entry<'_>,
) -> io::Result<()> {
    match record.uid() {
        Some(uid) => write!(out, "[{uid:05}] ")?,
        None => {
            let pid = entry.ut_pid.unwrap_or(0);
            write!(out, "[{}] [{pid:05}] ", linux_number(entry))?;
            column(out, entry.ut_id.as_bytes(), ID)?;
            column(out, entry.ut_user.as_bytes(), USER)?;
        }
    }
    column(out, entry.ut_line.as_bytes(), LINE)?;
    column(out, entry.ut_host.as_bytes(), HOST)?;
    write!(out, "[{:<ADDRESS$}] [", address(entry))?;
    time(out, entry.ut_tv)?;
    out.write_all(b"]\n")
}

/// The type in Linux's numbering, so that rows read the same everywhere. What Linux has
/// no number for is 0; going down is a run level record there.
fn linux_number(entry: &Entry<'_>) -> i32 {
    match (entry.raw_type, entry.ut_type()) {
        (Some(raw), _) if entry.dialect.ut_types == glibc::UTMP.ut_types => raw,
        (_, UtType::ShutdownTime | UtType::DownTime) => 1,
        (_, ut_type) => glibc::UTMP.raw_type(ut_type).unwrap_or(0),
    }
}

/// `[text] ` with blanks up to `width`. utmpdump shows every byte that is not printable
/// ASCII, and brackets, as `?`.
fn column(out: &mut impl Write, text: &[u8], width: usize) -> io::Result<()> {
    out.write_all(b"[")?;
    for &byte in text {
        let plain = matches!(byte, b' '..=b'~') && byte != b'[' && byte != b']';
        out.write_all(&[if plain { byte } else { b'?' }])?;
    }
    let blanks = width.saturating_sub(text.len());
    write!(out, "{:blanks$}] ", "")
}

fn address(entry: &Entry<'_>) -> String {
    match entry.addr() {
        None => Ipv4Addr::UNSPECIFIED.to_string(),
        Some(IpAddr::V6(v6)) => match v6.segments() {
            // inet_ntop() ends an address of the deprecated IPv4-compatible form in
            // dotted digits; Rust does not.
            [0, 0, 0, 0, 0, 0, high, _] if high != 0 => {
                let [.., a, b, c, d] = v6.octets();
                format!("::{}", Ipv4Addr::new(a, b, c, d))
            }
            _ => v6.to_string(),
        },
        Some(v4) => v4.to_string(),
    }
}

/// `YYYY-MM-DDThh:mm:ss,uuuuuu+00:00` with the microseconds as stored, in range or not.
fn time(out: &mut impl Write, tv: Timestamp) -> io::Result<()> {
    write!(out, "{},{:06}+00:00", Civil::of(tv.tv_sec), tv.tv_usec)
}
