//! The finest time that is kept: a day.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr};
use time::{Date, Duration, Month, macros::date};

const EPOCH: Date = date!(1970 - 01 - 01);
/// The last day that can be named, 9999-12-31, as days since 1970-01-01.
const LAST: u32 = 2_932_896;

/// Days since 1970-01-01, UTC; at most 9999-12-31. In JSON `"YYYY-MM-DD"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Day(u32);

/// The text or number names no day.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a day is written YYYY-MM-DD")]
pub struct DayError;

impl Day {
    /// From days since 1970-01-01.
    pub fn from_number(days: u32) -> Result<Self, DayError> {
        if days > LAST { Err(DayError) } else { Ok(Self(days)) }
    }

    /// The day that holds this second since 1970-01-01 UTC.
    pub fn from_unix_seconds(seconds: u64) -> Self {
        Self(u32::try_from(seconds / 86_400).map_or(LAST, |days| days.min(LAST)))
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// `days` later; stops at the last day there is.
    pub fn plus(self, days: u32) -> Self {
        Self(self.0.saturating_add(days).min(LAST))
    }

    /// `days` earlier; stops at the first.
    pub fn minus(self, days: u32) -> Self {
        Self(self.0.saturating_sub(days))
    }

    /// Days from `earlier` to this one; 0 if `earlier` is later.
    pub fn since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }

    /// Seconds since 1970-01-01 UTC at the day's midnight.
    pub fn midnight_unix_seconds(self) -> u64 {
        u64::from(self.0) * 86_400
    }

    /// Year and month, `"YYYY-MM"`: what a reporter may see of a date.
    pub fn month(self) -> String {
        let mut text = self.to_string();
        text.truncate(7);
        text
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = EPOCH.saturating_add(Duration::days(i64::from(self.0)));
        write!(f, "{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
    }
}

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        let bytes = text.as_bytes();
        let shape = |(i, b): (usize, &u8)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() };
        if bytes.len() != 10 || !bytes.iter().enumerate().all(shape) {
            return Err(DayError);
        }
        let number = |part: Option<&str>| part.and_then(|p| p.parse::<u16>().ok()).ok_or(DayError);
        let (year, month, day) = (number(text.get(0..4))?, number(text.get(5..7))?, number(text.get(8..10))?);
        let month = u8::try_from(month).ok().and_then(|m| Month::try_from(m).ok()).ok_or(DayError)?;
        let day = u8::try_from(day).map_err(|_| DayError)?;
        let date = Date::from_calendar_date(i32::from(year), month, day).map_err(|_| DayError)?;
        u32::try_from((date - EPOCH).whole_days()).map_err(|_| DayError).and_then(Self::from_number)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_people_write_them() {
        for (number, text) in [(0, "1970-01-01"), (20_781, "2026-11-24"), (LAST, "9999-12-31"), (11_016, "2000-02-29")] {
            assert_eq!(Day::from_number(number).unwrap().to_string(), text);
            assert_eq!(text.parse::<Day>().unwrap().number(), number);
        }
    }

    #[test]
    fn what_is_not_a_day_is_refused() {
        for text in ["", "2026-02-30", "2026-1-1", "1969-12-31", "+026-01-01", "2026-01-01 ", "２０26-01-01"] {
            assert_eq!(text.parse::<Day>(), Err(DayError), "{text}");
        }
        assert!(Day::from_number(LAST + 1).is_err());
    }
}
