//! The log: kinds of events to standard error, nothing else. Other crates' words never reach it, whatever the level.

use serde::Deserialize;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

const TARGET: &str = "amparo";

/// How much is logged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the levels of tracing")]
pub enum LogLevel {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

impl From<LogLevel> for LevelFilter {
    fn from(level: LogLevel) -> Self {
        LevelFilter::from_level(match level {
            LogLevel::Error => Level::ERROR,
            LogLevel::Warn => Level::WARN,
            LogLevel::Info => Level::INFO,
            LogLevel::Debug => Level::DEBUG,
            LogLevel::Trace => Level::TRACE,
        })
    }
}

/// Only our own events, by their target: a request's words in another crate's trace line stay where they are.
fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target() == TARGET
}

/// Starts the log. A second call changes nothing.
pub fn start_logging(level: LogLevel) {
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).without_time().with_target(false).with_ansi(false);
    let lines = lines.with_filter(LevelFilter::from(level)).with_filter(filter_fn(is_ours));
    let _ = tracing_subscriber::registry().with(lines).try_init();
}
