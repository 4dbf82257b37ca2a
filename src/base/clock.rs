//! Time is handed in, no finer than needed.

use super::Day;

/// What the house may know of time. The system's own clock is read here and nowhere else.
pub trait Clock: Send + Sync {
    /// Seconds since 1970-01-01 UTC.
    fn unix_seconds(&self) -> u64;

    /// Today, UTC.
    fn today(&self) -> Day {
        Day::from_unix_seconds(self.unix_seconds())
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn unix_seconds(&self) -> u64 {
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }
}

/// A clock that stands still, for tests and for replays.
#[derive(Clone, Copy)]
pub struct FixedClock(pub u64);

impl FixedClock {
    /// Stands at midnight of `day`.
    pub fn at(day: Day) -> Self {
        Self(day.midnight_unix_seconds())
    }
}

impl Clock for FixedClock {
    fn unix_seconds(&self) -> u64 {
        self.0
    }
}
