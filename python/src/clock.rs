//! Times as aware `datetime.datetime` in UTC.

use loginrec::Timestamp;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

const DAY: i64 = 86_400;
const MICROS: i64 = 1_000_000;

/// Makes datetimes. Caches the day, which usually is that of the record before.
pub(crate) struct Clock {
    datetime: Py<PyAny>,
    utc: Py<PyAny>,
    days: i64,
    /// Year (high byte first), month and day of `days`; `None` if `datetime` cannot express it.
    date: Option<[u8; 4]>,
}

impl Clock {
    pub(crate) fn new(py: Python<'_>) -> PyResult<Clock> {
        let module = py.import(intern!(py, "datetime"))?;
        let utc = module.getattr(intern!(py, "timezone"))?.getattr(intern!(py, "utc"))?;
        let datetime = module.getattr(intern!(py, "datetime"))?.unbind();
        Ok(Clock { datetime, utc: utc.unbind(), days: 0, date: date(0) })
    }

    /// Returns `None` if `datetime` has no such year, or the microseconds are out of range.
    pub(crate) fn exact(&mut self, py: Python<'_>, tv: Timestamp) -> PyResult<Py<PyAny>> {
        match u32::try_from(tv.tv_usec) {
            Ok(usec) if usec < MICROS as u32 => self.at(py, tv.tv_sec, usec),
            _ => Ok(py.None()),
        }
    }

    /// Converts like pyutmpx: microseconds above a million, or below zero, count as seconds.
    pub(crate) fn carried(&mut self, py: Python<'_>, tv: Timestamp) -> PyResult<Py<PyAny>> {
        let (carry, usec) = (tv.tv_usec.div_euclid(MICROS), tv.tv_usec.rem_euclid(MICROS));
        match tv.tv_sec.checked_add(carry) {
            Some(sec) => self.at(py, sec, usec as u32),
            None => Ok(py.None()),
        }
    }

    fn at(&mut self, py: Python<'_>, sec: i64, usec: u32) -> PyResult<Py<PyAny>> {
        let (days, rest) = (sec.div_euclid(DAY), sec.rem_euclid(DAY) as u32);
        if days != self.days {
            (self.days, self.date) = (days, date(days));
        }
        let Some([high, low, month, day]) = self.date else { return Ok(py.None()) };
        let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
        let [_, u1, u2, u3] = usec.to_be_bytes();
        // The form in which datetime pickles itself. Parsing seven numbers takes the interpreter
        // twice as long, and the C interface of datetime is not in the stable ABI.
        let state = [high, low, month, day, hour as u8, minute as u8, second as u8, u1, u2, u3];
        self.datetime.call1(py, (PyBytes::new(py, &state), &self.utc))
    }
}

fn date(days: i64) -> Option<[u8; 4]> {
    let midnight = Timestamp { tv_sec: days.checked_mul(DAY)?, tv_usec: 0 };
    let date = midnight.to_utc()?;
    let year = u16::try_from(date.year()).ok().filter(|&year| year > 0)?;
    let [high, low] = year.to_be_bytes();
    Some([high, low, u8::from(date.month()), date.day()])
}
