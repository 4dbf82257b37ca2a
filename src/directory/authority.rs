//! The authority: one to five offline keys and a threshold. The first one's fingerprint is the deployment id, for ever.

use super::{DirectoryError, Dsse};
use crate::crypto::{self, Deployment, SignPublic};
use serde::{Deserialize, Serialize};

const FORMAT: &str = "amparo-authority-1";
const ROOT_FORMAT: &str = "amparo-root-1";
/// Keys an authority can have.
pub const AUTHORITY_KEYS_MAX: usize = 5;

/// Keys, strictly ascending, and how many must sign.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Authority {
    keys: Vec<SignPublic>,
    threshold: u8,
}

#[derive(Clone, Serialize, Deserialize)]
struct Wire {
    format: String,
    keys: Vec<SignPublic>,
    threshold: u8,
}

impl TryFrom<Wire> for Authority {
    type Error = DirectoryError;

    fn try_from(wire: Wire) -> Result<Self, DirectoryError> {
        if wire.format != FORMAT || !wire.keys.is_sorted_by(|a, b| a < b) {
            return Err(DirectoryError::invalid("the authority's keys are not in ascending order"));
        }
        Self::new(wire.keys, wire.threshold)
    }
}

impl From<Authority> for Wire {
    fn from(authority: Authority) -> Self {
        Self { format: FORMAT.into(), keys: authority.keys, threshold: authority.threshold }
    }
}

impl Authority {
    /// Sorts and checks the keys.
    pub fn new(mut keys: Vec<SignPublic>, threshold: u8) -> Result<Self, DirectoryError> {
        keys.sort_unstable();
        keys.dedup();
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

#[derive(Serialize, Deserialize)]
struct RootRecord {
    format: String,
    deployment: Deployment,
    number: u32,
    former: Authority,
    next: Authority,
}

fn root_type(deployment: &Deployment) -> String {
    format!("application/vnd.amparo.root+json; v=1; deployment={deployment}")
}

/// The bytes of a root record, to be signed by the thresholds of both, and their payload type.
pub fn root_record(
    deployment: &Deployment,
    number: u32,
    former: &Authority,
    next: &Authority,
) -> Result<(String, Vec<u8>), DirectoryError> {
    let record = RootRecord { format: ROOT_FORMAT.into(), deployment: *deployment, number, former: former.clone(), next: next.clone() };
    let payload = serde_json::to_vec(&record).map_err(|_| DirectoryError::BadJson)?;
    Ok((root_type(deployment), payload))
}

/// Walks from the first authority, whose fingerprint must be the pinned one, through the root records to the present one.
pub fn walk_roots(pinned: &Deployment, first: &Authority, roots: &[Dsse]) -> Result<Authority, DirectoryError> {
    if first.fingerprint() != *pinned {
        return Err(DirectoryError::OtherAuthority);
    }
    let mut current = first.clone();
    for (number, root) in (1_u32..).zip(roots) {
        root.verify(&root_type(pinned), &current)?;
        let record: RootRecord = serde_json::from_slice(root.payload()).map_err(|_| DirectoryError::BadJson)?;
        let follows = record.format == ROOT_FORMAT && record.deployment == *pinned && record.number == number && record.former == current;
        if !follows {
            return Err(DirectoryError::WrongChain);
        }
        root.verify(&root_type(pinned), &record.next)?;
        current = record.next;
    }
    Ok(current)
}
