//! Root records: one authority hands over to the next.

use super::authority::AuthorityWire;
use super::{Authority, DirectoryError, Dsse};
use crate::base::frame::{FrameError, check_must_understand};
use crate::crypto::{Deployment, SignKey};
use serde::{Deserialize, Serialize};

const FORMAT: &str = "amparo-root-1";
const KNOWN_MEMBERS: &[&str] = &["format", "deployment", "number", "former", "next", "must_understand"];

#[derive(Serialize, Deserialize)]
struct RootRecord {
    format: String,
    deployment: Deployment,
    number: u32,
    former: AuthorityWire,
    next: AuthorityWire,
}

/// The authorities of a deployment, from the first to the present one.
pub struct Roots {
    deployment: Deployment,
    number: u32,
    current: Authority,
}

fn root_type(deployment: &Deployment) -> String {
    format!("application/vnd.amparo.root+json; v=1; deployment={deployment}")
}

fn read(payload: &[u8]) -> Result<RootRecord, DirectoryError> {
    check_must_understand(payload, KNOWN_MEMBERS).map_err(|error| match error {
        FrameError::MustUnderstand => DirectoryError::MustUnderstand,
        _ => DirectoryError::BadJson,
    })?;
    serde_json::from_slice(payload).map_err(DirectoryError::of_json)
}

impl Roots {
    /// Stands on the first authority, whose fingerprint must be the pinned one.
    pub fn start(pinned: &Deployment, first: &Authority) -> Result<Self, DirectoryError> {
        if first.fingerprint() != *pinned {
            return Err(DirectoryError::OtherAuthority);
        }
        Ok(Self { deployment: *pinned, number: 0, current: first.clone() })
    }

    /// The authority that signs today.
    pub fn current(&self) -> &Authority {
        &self.current
    }

    /// The first one's fingerprint.
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// Takes the next record: signed by the thresholds of both authorities.
    pub fn step(&mut self, record: &Dsse) -> Result<(), DirectoryError> {
        record.verify(&root_type(&self.deployment), &self.current)?;
        let next = self.review(record)?;
        record.verify(&root_type(&self.deployment), &next)?;
        self.number += 1;
        self.current = next;
        Ok(())
    }

    /// The record that makes `next` the authority; nobody signed it yet.
    pub fn draft(&self, next: &Authority) -> Result<Dsse, DirectoryError> {
        let number = self.number.checked_add(1).ok_or(DirectoryError::WrongChain)?;
        let (former, next) = (self.current.clone().into(), next.clone().into());
        let record = RootRecord { format: FORMAT.into(), deployment: self.deployment, number, former, next };
        let payload = serde_json::to_vec(&record).map_err(|_| DirectoryError::BadJson)?;
        Ok(Dsse::unsigned(root_type(&self.deployment), payload))
    }

    /// Adds a signature to the next record, after reading it: by a key of the present authority or of the one to come, which is given back.
    pub fn sign(&self, record: &mut Dsse, key: &SignKey) -> Result<Authority, DirectoryError> {
        if record.payload_type() != root_type(&self.deployment) {
            return Err(DirectoryError::BadSignature);
        }
        let next = self.review(record)?;
        if !self.current.keys().contains(&key.public()) && !next.keys().contains(&key.public()) {
            return Err(DirectoryError::NotAnAuthorityKey);
        }
        record.sign(key);
        Ok(next)
    }

    /// Whether a record follows, signatures aside; the authority it names.
    fn review(&self, record: &Dsse) -> Result<Authority, DirectoryError> {
        let record = read(record.payload())?;
        let number = self.number.checked_add(1);
        let follows = record.format == FORMAT && record.deployment == self.deployment && Some(record.number) == number;
        if !follows || Authority::try_from(record.former)? != self.current {
            return Err(DirectoryError::WrongChain);
        }
        record.next.try_into()
    }
}

/// Walks from the first authority, whose fingerprint must be the pinned one, through the root records to the present one.
pub fn walk_roots(pinned: &Deployment, first: &Authority, records: &[Dsse]) -> Result<Authority, DirectoryError> {
    let mut roots = Roots::start(pinned, first)?;
    for record in records {
        roots.step(record)?;
    }
    Ok(roots.current)
}
