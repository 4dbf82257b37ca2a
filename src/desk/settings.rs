//! Waits that keep a member from being recognised by when she acts.

use serde::Deserialize;
use std::path::Path;

/// `settings.json` beside the key file; without one, these defaults.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeskSettings {
    /// A random wait of up to so many seconds before a request about one case.
    pub wait_seconds: u32,
    /// A status is released after a random 0 to so many days.
    pub status_delay_days: u32,
}

impl Default for DeskSettings {
    fn default() -> Self {
        Self { wait_seconds: 20, status_delay_days: 3 }
    }
}

impl DeskSettings {
    /// Reads the settings beside a key file. A file that cannot be read gives the careful defaults.
    pub fn beside(key_file: &Path) -> Self {
        let path = key_file.with_file_name("settings.json");
        std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }
}
