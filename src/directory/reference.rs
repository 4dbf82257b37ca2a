//! What sealed bodies say of the directory they were made by.

use super::{MemberId, OfficeId};
use crate::crypto::{BoxPublic, Hash32};
use serde::{Deserialize, Serialize};

/// A directory by version and hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DirectoryRef {
    /// Its version, from 1.
    pub version: u32,
    /// `hash("directory", payload)`.
    pub hash: Hash32,
}

/// A questionnaire by version and hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct QuestionnaireRef {
    /// Its version, from 1.
    pub version: u32,
    /// BLAKE2b-32 of its bytes.
    pub hash: Hash32,
}

/// Who holds a slot, and with which key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Recipient {
    /// The member.
    pub member: MemberId,
    /// The member's office.
    pub office: OfficeId,
    /// The member's key of the key day.
    pub pk: BoxPublic,
}
