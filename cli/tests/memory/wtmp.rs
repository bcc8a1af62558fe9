//! A history as glibc writes it, of any length.

/// Bytes of a record.
pub(crate) const SIZE: usize = 384;

/// Logins and logouts by turns, one a minute, on fifty lines.
pub(crate) fn record(number: u32) -> [u8; SIZE] {
    let mut record = [0; SIZE];
    let mut put = |at: usize, bytes: &[u8]| record[at..at + bytes.len()].copy_from_slice(bytes);
    let session = number / 2;
    let is_login = number.is_multiple_of(2);
    put(0, &i16::to_le_bytes(if is_login { 7 } else { 8 }));
    put(4, &(1000 + session % 30_000).to_le_bytes());
    put(8, format!("pts/{}", session % 50).as_bytes());
    put(40, format!("ts{:02}", session % 50).as_bytes());
    if is_login {
        put(44, format!("user{}", session % 7).as_bytes());
        put(76, format!("host{}.example", session % 90).as_bytes());
    }
    put(340, &(1_600_000_000 + number * 60 % 100_000_000).to_le_bytes());
    record
}

/// The login with this number, on a line of its own, where nothing ends it. The names of half of
/// the lines are long.
pub(crate) fn open_login(number: u32) -> [u8; SIZE] {
    let mut login = record(0);
    let line = match number % 2 {
        0 => format!("pts/{number}"),
        _ => format!("a-container/console-{number}"),
    };
    login[8..40].fill(0);
    login[8..][..line.len()].copy_from_slice(line.as_bytes());
    login[4..8].copy_from_slice(&(1000 + number).to_le_bytes());
    login[340..344].copy_from_slice(&(1_600_000_000 + number * 60 % 100_000_000).to_le_bytes());
    login
}

/// The records with these numbers.
pub(crate) fn records(numbers: std::ops::Range<u32>) -> Vec<u8> {
    numbers.flat_map(record).collect()
}
