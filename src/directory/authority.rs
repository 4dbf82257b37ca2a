//! The authority: one to five offline keys and a threshold. The first one's fingerprint is the deployment id, for ever.

use super::DirectoryError;
use crate::crypto::{self, Deployment, SignPublic};
use serde::{Deserialize, Serialize};

const FORMAT: &str = "amparo-authority-1";
/// Keys an authority can have.
pub const AUTHORITY_KEYS_MAX: usize = 5;

/// Keys, strictly ascending, and how many must sign.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "AuthorityWire", into = "AuthorityWire")]
pub struct Authority {
    keys: Vec<SignPublic>,
    threshold: u8,
}

/// An authority as it came: its keys are unchecked.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct AuthorityWire {
    format: String,
    keys: Vec<SignPublic>,
    threshold: u8,
}

impl TryFrom<AuthorityWire> for Authority {
    type Error = DirectoryError;

    fn try_from(wire: AuthorityWire) -> Result<Self, DirectoryError> {
        if wire.format != FORMAT || !wire.keys.is_sorted() {
            return Err(DirectoryError::invalid("the authority's format is another, or its keys are not in ascending order"));
        }
        Self::new(wire.keys, wire.threshold)
    }
}

impl From<Authority> for AuthorityWire {
    fn from(authority: Authority) -> Self {
        Self { format: FORMAT.into(), keys: authority.keys, threshold: authority.threshold }
    }
}

impl Authority {
    /// Sorts and checks the keys.
    pub fn new(mut keys: Vec<SignPublic>, threshold: u8) -> Result<Self, DirectoryError> {
        keys.sort_unstable();
        if !keys.is_sorted_by(|a, b| a < b) {
            return Err(DirectoryError::invalid("a key of the authority stands twice"));
        }
        let count = u8::try_from(keys.len()).unwrap_or(u8::MAX);
        if keys.is_empty() || keys.len() > AUTHORITY_KEYS_MAX || threshold == 0 || threshold > count {
            return Err(DirectoryError::invalid("an authority has 1 to 5 keys and a threshold from 1 to their number"));
        }
        if keys.iter().any(|key| key.check_strength().is_err()) {
            return Err(DirectoryError::WeakKey);
        }
        Ok(Self { keys, threshold })
    }

    /// `hash("authority", threshold ‖ number of keys ‖ keys)`.
    pub fn fingerprint(&self) -> Deployment {
        let count = u8::try_from(self.keys.len()).unwrap_or(u8::MAX);
        let numbers = [self.threshold, count];
        let mut parts: Vec<&[u8]> = vec![&numbers];
        parts.extend(self.keys.iter().map(|key| key.bytes().as_slice()));
        Deployment(crypto::hash("authority", &parts).0)
    }

    /// The keys, ascending.
    pub fn keys(&self) -> &[SignPublic] {
        &self.keys
    }

    /// How many of them must sign.
    pub fn threshold(&self) -> usize {
        usize::from(self.threshold)
    }
}

/// Reads a fingerprint as people write it: any case, spaces and hyphens between.
pub fn parse_fingerprint(text: &str) -> Option<Deployment> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_lowercase).collect();
    digits.parse().ok()
}

/// A fingerprint in groups of four digits.
pub fn show_fingerprint(deployment: &Deployment) -> String {
    let digits = deployment.to_string();
    let groups: Vec<&str> = (0..digits.len()).step_by(4).filter_map(|at| digits.get(at..at + 4)).collect();
    groups.join(" ")
}
