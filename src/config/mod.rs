//! Settings: raw, then checked; unknown keys are refused, and the message names the key.

use crate::hardening::LogLevel;
use crate::notify::SmtpSettings;
use crate::schedule::ScheduleSettings;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The most that each puzzle may ask: facts.md, a slow phone.
const WORK_BITS_MAX: u8 = 16;

/// An attachment of the protocol has at most 2048 parts of 8 MiB, 40 bytes of which are not the file's.
const ATTACHMENT_MIB_MAX: u64 = 16 * 1024 - 1;

/// Why settings are refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there or may not be read.
    #[error("{0} cannot be read")]
    Unreadable(String),
    /// Not TOML, an unknown key or a value of another kind.
    #[error("{0}")]
    Wrong(String),
    /// Neither an address nor a socket.
    #[error("neither listen.tcp nor listen.unix is set")]
    Nowhere,
    /// Beyond what a phone can do.
    #[error("work_bits is more than {WORK_BITS_MAX}")]
    TooMuchWork,
    /// Beyond what the protocol can say.
    #[error("attachments.each_mib is more than {ATTACHMENT_MIB_MAX}")]
    TooLongAttachments,
    /// An hour that no day has.
    #[error("schedule.letter_hours has an hour above 23")]
    NoSuchHour,
}

/// `config/amparo.toml`, checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where to listen.
    pub listen: ListenSettings,
    /// Folder of the store.
    pub data: PathBuf,
    /// The first authority's public file.
    pub authority: PathBuf,
    /// Root records, in order.
    #[serde(default)]
    pub roots: Vec<PathBuf>,
    /// Bits of each of the 16 puzzles.
    #[serde(default = "default_work_bits")]
    pub work_bits: u8,
    /// How much is logged.
    #[serde(default)]
    pub log: LogLevel,
    /// How much may be attached.
    #[serde(default)]
    pub attachments: AttachmentSettings,
    /// Threads that serve.
    #[serde(default = "default_workers")]
    pub workers: usize,
    /// Hours.
    #[serde(default)]
    pub schedule: ScheduleSettings,
    /// Mail; without it no letters are sent.
    #[serde(default)]
    pub smtp: Option<SmtpSettings>,
    /// File with the members' addresses, one a line.
    #[serde(default)]
    pub members_file: Option<PathBuf>,
}

/// `[listen]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenSettings {
    /// Address and port.
    #[serde(default)]
    pub tcp: Option<SocketAddr>,
    /// Unix socket.
    #[serde(default)]
    pub unix: Option<PathBuf>,
}

/// `[attachments]`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AttachmentSettings {
    /// The longest attachment, MiB.
    pub each_mib: u64,
    /// All parts that one mailbox may hold, MiB.
    pub mailbox_mib: u64,
}

impl Default for AttachmentSettings {
    fn default() -> Self {
        Self { each_mib: 1024, mailbox_mib: 4096 }
    }
}

const fn default_work_bits() -> u8 {
    11
}

const fn default_workers() -> usize {
    2
}

impl Settings {
    /// Reads and checks a file; its relative paths are relative to the working folder.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|_| ConfigError::Unreadable(path.display().to_string()))?;
        Self::parse(&text)
    }

    /// Checks settings.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let settings: Self = toml::from_str(text).map_err(|error| ConfigError::Wrong(error.message().to_owned()))?;
        if settings.listen.tcp.is_none() && settings.listen.unix.is_none() {
            return Err(ConfigError::Nowhere);
        }
        if settings.work_bits > WORK_BITS_MAX {
            return Err(ConfigError::TooMuchWork);
        }
        if settings.attachments.each_mib > ATTACHMENT_MIB_MAX {
            return Err(ConfigError::TooLongAttachments);
        }
        if settings.schedule.letter_hours.iter().any(|hour| *hour > 23) {
            return Err(ConfigError::NoSuchHour);
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../config/amparo.toml");

    #[test]
    fn the_shipped_file_is_good() {
        let settings = Settings::parse(SHIPPED).unwrap();
        assert_eq!(settings.schedule.batch_minutes, 15);
    }

    #[test]
    fn a_wrong_key_or_value_is_named() {
        let with = |line: &str| Settings::parse(&SHIPPED.replace("work_bits = 11", line)).unwrap_err();
        assert!(with("wrok_bits = 11").to_string().contains("wrok_bits"));
        assert!(with("work_bits = \"x\"").to_string().contains("string"));
        let (line, longer) = ("each_mib = 1024", "each_mib = 16384");
        assert_eq!(Settings::parse(&SHIPPED.replace(line, longer)).unwrap_err(), ConfigError::TooLongAttachments);
        assert_eq!(with("work_bits = 20"), ConfigError::TooMuchWork);
        assert_eq!(Settings::parse("data = 'x'\nauthority = 'y'\n[listen]\n").unwrap_err(), ConfigError::Nowhere);
    }
}
