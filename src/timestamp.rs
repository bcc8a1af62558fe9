use core::fmt;

use time::OffsetDateTime;

/// A stored time: kept even where no calendar can express it.
///
/// Login records count seconds since 1970-01-01 00:00:00 UTC, leap seconds left out.
///
/// ```
/// use loginrec::Timestamp;
///
/// let t = Timestamp { tv_sec: 1_700_000_000, tv_usec: 123_456 };
/// assert_eq!(t.to_string(), "2023-11-14T22:13:20.123456Z");
/// // Corrupt microseconds have no calendar form, but both numbers stay.
/// assert!(Timestamp { tv_sec: 0, tv_usec: 1_000_000 }.to_utc().is_none());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Timestamp {
    /// Seconds since the epoch, as stored.
    pub tv_sec: i64,
    /// Microseconds; 0..=999999 when sane, a damaged record may hold anything.
    pub tv_usec: i64,
}

impl Timestamp {
    /// From microseconds since the epoch (FreeBSD `fu_tv`).
    #[inline]
    pub const fn from_micros(micros: u64) -> Timestamp {
        Timestamp { tv_sec: (micros / 1_000_000) as i64, tv_usec: (micros % 1_000_000) as i64 }
    }

    /// As a UTC date, if it is one: years -9999 to 9999 and microseconds below a
    /// million.
    pub fn to_utc(self) -> Option<OffsetDateTime> {
        let usec = u32::try_from(self.tv_usec).ok()?;
        let date = OffsetDateTime::from_unix_timestamp(self.tv_sec).ok()?;
        // A feature of `time` knows more years.
        let date = Some(date).filter(|date| (-9999..=9999).contains(&date.year()))?;
        date.replace_microsecond(usec).ok()
    }

    /// The same bytes with 32-bit seconds read as unsigned: 1970 to 2106 instead of
    /// 1901 to 2038, as glibc reads them since 2.40.
    ///
    /// Nothing in a file says which is meant. Use it only where the seconds are 32
    /// bits wide ([`Layout::has_32bit_time`](crate::Layout::has_32bit_time)); other
    /// values are returned unchanged.
    #[inline]
    pub const fn unsigned32(self) -> Timestamp {
        match self.tv_sec {
            -0x8000_0000..=-1 => Timestamp { tv_sec: self.tv_sec & 0xffff_ffff, ..self },
            _ => self,
        }
    }
}

/// RFC 3339 in UTC with six decimals; `@seconds.microseconds` where no calendar
/// has it.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_utc() {
            Some(t) if t.year() >= 0 => write!(
                f,
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
                t.year(),
                u8::from(t.month()),
                t.day(),
                t.hour(),
                t.minute(),
                t.second(),
                t.microsecond()
            ),
            _ => write!(f, "@{}.{:06}", self.tv_sec, self.tv_usec),
        }
    }
}
