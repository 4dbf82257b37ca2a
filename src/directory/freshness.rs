//! The freshness note: a current member vouches that this is the current directory.

use super::{Directory, DirectoryError};
use crate::base::{Day, Reader, Writer};
use crate::crypto::{Deployment, Hash32, SignKey, Signature};

/// A note on the wire.
pub const NOTE_BYTES: usize = 4 + 32 + 4 + 64;
/// How long a note holds, and how long a new directory needs none.
pub const FRESH_DAYS: u32 = 7;

/// A note. Believed only through [`FreshnessNote::verify`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FreshnessNote {
    version: u32,
    hash: Hash32,
    day: Day,
    signature: Signature,
}

impl FreshnessNote {
    /// Signs a note for a directory.
    pub fn make(directory: &Directory, day: Day, gate: &SignKey, deployment: &Deployment) -> Self {
        let (version, hash) = (directory.version(), directory.hash());
        let mut note = Self { version, hash, day, signature: Signature([0; 64]) };
        note.signature = gate.sign("freshness", deployment, &[&note.signed()]);
        note
    }

    /// Reads 104 bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, DirectoryError> {
        if bytes.len() != NOTE_BYTES {
            return Err(DirectoryError::BadJson);
        }
        let mut r = Reader::new(bytes);
        let mut read = || -> Option<Self> {
            let (version, hash) = (r.u32().ok()?, Hash32(r.array().ok()?));
            Some(Self { version, hash, day: Day::from_number(r.u32().ok()?).ok()?, signature: Signature(r.array().ok()?) })
        };
        read().ok_or(DirectoryError::BadJson)
    }

    fn signed(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(NOTE_BYTES);
        w.u32(self.version).put(self.hash.bytes()).u32(self.day.number());
        w.finish()
    }

    /// The 104 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.signed();
        bytes.extend_from_slice(self.signature.as_ref());
        bytes
    }

    /// The day it was signed.
    pub fn day(&self) -> Day {
        self.day
    }

    /// Whether a member of this very directory signed it, and not for a day to come.
    pub fn verify(&self, directory: &Directory, deployment: &Deployment, today: Day) -> Result<(), DirectoryError> {
        let about = self.version == directory.version() && self.hash == directory.hash();
        let good = directory.content().gate.pk.verifies("freshness", deployment, &[&self.signed()], &self.signature);
        if about && good && self.day <= today.plus(1) { Ok(()) } else { Err(DirectoryError::BadSignature) }
    }

    /// Whether it is young enough.
    pub fn is_fresh(&self, today: Day) -> bool {
        today.since(self.day) <= FRESH_DAYS
    }
}
