//! What an entry says.

use super::CaseLogError;
use crate::base::{Day, Secret, encode};
use crate::crypto::Hash32;
use crate::directory::{DirectoryRef, MemberId, Recipient};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

const FORMAT: &str = "amparo-entry-1";
const KNOWN_MEMBERS: &[&str] = &[
    "format",
    "must_understand",
    "kind",
    "author",
    "day",
    "key_day",
    "directory",
    "previous",
    "feed",
    "recipients",
    "desk_key",
    "former_desk_key",
    "seed",
    "vault",
    "work",
];

/// The kinds of entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// Number 0: the first `desk_key`, for exactly the report's recipients.
    First,
    /// The report's seed and the current `desk_key`, for new members.
    Referral,
    /// A new and the former `desk_key`, for all who stay.
    Epoch,
    /// The vault alone.
    Custodian,
    /// Triage, note, task, status, outcome, record of a reply.
    Work,
}

impl EntryKind {
    /// Whether the entry itself brings the `desk_key` of its epoch, so that nothing can wrap it.
    pub(super) const fn makes_desk_key(self) -> bool {
        matches!(self, Self::First | Self::Epoch)
    }
}

/// The head of the feed as the author saw it: a fork of the log shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FeedMark {
    /// The newest batch's number; 0 before the first.
    pub number: u32,
    /// Its head.
    pub head: Hash32,
}

/// An entry's content. Its secrets are erased on drop.
#[expect(missing_docs, reason = "the members of docs/protocol/case.md, by their names")]
pub struct EntryContent {
    pub kind: EntryKind,
    pub author: MemberId,
    pub day: Day,
    pub key_day: Day,
    pub directory: DirectoryRef,
    pub previous: Hash32,
    pub feed: FeedMark,
    pub recipients: Vec<Recipient>,
    pub desk_key: Option<Secret<32>>,
    pub former_desk_key: Option<Secret<32>>,
    pub seed: Option<Secret<32>>,
    pub vault: Option<Vec<u8>>,
    pub work: Option<Value>,
}

/// The JSON; secrets as hex in memory that is erased.
#[derive(Serialize, Deserialize)]
struct Wire {
    format: String,
    #[serde(default)]
    must_understand: Vec<String>,
    kind: EntryKind,
    author: MemberId,
    day: Day,
    key_day: Day,
    directory: DirectoryRef,
    previous: Hash32,
    feed: FeedMark,
    #[serde(default)]
    recipients: Vec<Recipient>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    desk_key: Option<Hex>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    former_desk_key: Option<Hex>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seed: Option<Hex>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vault: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    work: Option<Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Hex(String);

impl Drop for Hex {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

fn write(secret: Option<&Secret<32>>) -> Option<Hex> {
    secret.map(|s| Hex(encode::hex(s.expose())))
}

fn read(hex: Option<Hex>) -> Result<Option<Secret<32>>, CaseLogError> {
    hex.map(|h| encode::from_hex_array(&h.0).map(Secret::new).ok_or(CaseLogError::BadJson)).transpose()
}

impl EntryContent {
    /// A `work` entry's content without recipients or keys.
    pub(super) fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, CaseLogError> {
        let wire = Wire {
            format: FORMAT.into(),
            must_understand: Vec::new(),
            kind: self.kind,
            author: self.author.clone(),
            day: self.day,
            key_day: self.key_day,
            directory: self.directory,
            previous: self.previous,
            feed: self.feed,
            recipients: self.recipients.clone(),
            desk_key: write(self.desk_key.as_ref()),
            former_desk_key: write(self.former_desk_key.as_ref()),
            seed: write(self.seed.as_ref()),
            vault: self.vault.as_deref().map(encode::base64),
            work: self.work.clone(),
        };
        serde_json::to_vec(&wire).map(Zeroizing::new).map_err(|_| CaseLogError::BadJson)
    }

    pub(super) fn from_json(json: &[u8]) -> Result<Self, CaseLogError> {
        crate::base::frame::check_must_understand(json, KNOWN_MEMBERS)?;
        let wire: Wire = serde_json::from_slice(json).map_err(|_| CaseLogError::BadJson)?;
        let vault = wire.vault.as_deref().map(|v| encode::from_base64(v).ok_or(CaseLogError::BadJson)).transpose()?;
        let content = Self {
            kind: wire.kind,
            author: wire.author,
            day: wire.day,
            key_day: wire.key_day,
            directory: wire.directory,
            previous: wire.previous,
            feed: wire.feed,
            recipients: wire.recipients,
            desk_key: read(wire.desk_key)?,
            former_desk_key: read(wire.former_desk_key)?,
            seed: read(wire.seed)?,
            vault,
            work: wire.work,
        };
        if wire.format == FORMAT && content.has_what_its_kind_needs() { Ok(content) } else { Err(CaseLogError::BadJson) }
    }

    /// Each kind has its members and no others.
    pub(super) fn has_what_its_kind_needs(&self) -> bool {
        let has = (self.desk_key.is_some(), self.former_desk_key.is_some(), self.seed.is_some(), self.vault.is_some());
        let people = !self.recipients.is_empty();
        match self.kind {
            EntryKind::First => has == (true, false, false, false) && people,
            EntryKind::Referral => has == (true, false, true, false) && people && self.work.is_some(),
            EntryKind::Epoch => has == (true, true, false, false) && people,
            EntryKind::Custodian => has == (false, false, false, true) && people,
            EntryKind::Work => has == (false, false, false, false) && !people && self.work.is_some(),
        }
    }
}
