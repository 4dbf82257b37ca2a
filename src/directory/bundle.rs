//! The answer of `GET /api/v1/directory`, and what a client makes of it.

use super::authority::AuthorityWire;
use super::{Authority, Directory, DirectoryError, Dsse, FRESH_DAYS, FreshnessNote, UnverifiedDirectory, walk_roots};
use crate::base::{Day, encode};
use crate::crypto::Deployment;
use serde::{Deserialize, Serialize};

/// Authority, root records, directory, freshness note. Nothing in it is believed yet.
#[derive(Serialize, Deserialize)]
pub struct Bundle {
    authority: AuthorityWire,
    #[serde(default)]
    roots: Vec<Dsse>,
    directory: Dsse,
    #[serde(default)]
    freshness: Option<String>,
    today: Day,
}

/// A directory that a client may act by.
pub struct Trusted {
    /// The directory. It may have expired.
    pub directory: Directory,
    /// The authority of today, for other versions.
    pub authority: Authority,
    /// The note, if there is a good one.
    pub freshness: Option<FreshnessNote>,
    /// The server's calendar.
    pub server_today: Day,
}

impl Bundle {
    /// Puts the answer together, in the server.
    pub fn new(authority: Authority, roots: Vec<Dsse>, directory: Dsse, freshness: Option<&[u8]>, today: Day) -> Self {
        Self { authority: authority.into(), roots, directory, freshness: freshness.map(encode::base64), today }
    }

    /// Reads the answer.
    pub fn from_json(bytes: &[u8]) -> Result<Self, DirectoryError> {
        serde_json::from_slice(bytes).map_err(|_| DirectoryError::BadJson)
    }

    /// Walks from the pinned authority; checks signatures, form and roll-back. Expiry and freshness are left to the caller:
    /// they stop new reports only.
    pub fn verify(self, pinned: &Deployment, today: Day, seen: Option<u32>) -> Result<Trusted, DirectoryError> {
        let authority = walk_roots(pinned, &self.authority.try_into()?, &self.roots)?;
        let directory = UnverifiedDirectory::from(self.directory).verify(pinned, &authority)?;
        if seen.is_some_and(|seen| directory.version() < seen) {
            return Err(DirectoryError::RolledBack);
        }
        let note = self.freshness.as_deref().and_then(encode::from_base64).and_then(|bytes| FreshnessNote::parse(&bytes).ok());
        let freshness = note.filter(|note| note.verify(&directory, pinned, today).is_ok());
        Ok(Trusted { directory, authority, freshness, server_today: self.today })
    }
}

impl Trusted {
    /// Whether new reports may be sealed by it: not expired, and issued or vouched for within seven days.
    pub fn check_for_reports(&self, today: Day) -> Result<(), DirectoryError> {
        self.directory.check_current(today, None)?;
        let young = today.since(self.directory.content().issued) <= FRESH_DAYS;
        let vouched = self.freshness.as_ref().is_some_and(|note| note.is_fresh(today));
        if young || vouched { Ok(()) } else { Err(DirectoryError::Stale) }
    }
}
