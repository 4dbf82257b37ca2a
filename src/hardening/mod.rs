//! Logging and, later, the sandbox.

mod logging;

pub use logging::{LogLevel, start_logging};
