//! Secrets, days, byte readers and writers, events: what every room may use.

pub mod assets;
mod bytes;
mod clock;
mod danger;
mod day;
pub mod encode;
pub mod event;
pub mod frame;
mod secret;

pub use bytes::{Reader, TooShort, Writer};
pub use clock::{Clock, FixedClock, SystemClock};
pub use danger::DangerFlag;
pub use day::{Day, DayError};
pub use secret::Secret;
