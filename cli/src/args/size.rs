//! Sizes with units.

use std::fmt;

const UNITS: [(char, u32); 4] = [('K', 10), ('M', 20), ('G', 30), ('T', 40)];

/// Parses `4G`, `512M`, `512MiB` or a number of bytes; units are powers of 1024.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: Option<u64> = digits.parse().ok();
    let shift = match text.get(digits.len()..).map(str::to_ascii_uppercase).as_deref() {
        Some("" | "B") => Some(0),
        Some(unit) => UNITS
            .iter()
            .find(|(letter, _)| {
                unit.strip_prefix(*letter).is_some_and(|rest| matches!(rest, "" | "B" | "IB"))
            })
            .map(|&(_, shift)| shift),
        None => None,
    };
    let (Some(number), Some(shift)) = (number, shift) else {
        return Err("give a number of bytes, or one with K, M, G or T, such as 512M".to_owned());
    };
    number.checked_mul(1 << shift).ok_or_else(|| "more than 64 bits can hold".to_owned())
}

/// Displays `4 GiB`, or the bytes if no unit fits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size(pub(crate) u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |shift: u32| self.0 != 0 && self.0.trailing_zeros() >= shift;
        match UNITS.iter().rfind(|(_, shift)| fits(*shift)) {
            Some((letter, shift)) => write!(f, "{} {letter}iB", self.0 >> shift),
            None => write!(f, "{} bytes", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_and_shown() {
        let shown = |text| parse(text).map(|bytes| Size(bytes).to_string());
        assert_eq!(shown("4G").unwrap(), "4 GiB");
        assert_eq!(shown("512MiB").unwrap(), "512 MiB");
        assert_eq!(shown("1536k").unwrap(), "1536 KiB");
        assert_eq!(shown("2048").unwrap(), "2 KiB");
        assert_eq!(shown("1000b").unwrap(), "1000 bytes");
        assert_eq!(shown("0").unwrap(), "0 bytes");
        for wrong in ["", "G", "-1", "1.5G", "4X", "4GG", "99999999999T", "4 Gib/s"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
