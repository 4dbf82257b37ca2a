//! What a reply says: a text, or one of a few coarse words.

use super::CaseLogError;
use super::reply::ReplyPlace;
use crate::base::frame::check_must_understand;
use crate::crypto::{self, Deployment, SignKey, SignPublic, Signature};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use zeroize::Zeroizing;

const FORMAT: &str = "amparo-reply-1";
const KNOWN_MEMBERS: &[&str] = &["format", "must_understand", "directory", "seen", "text", "status"];
/// A text of this many bytes of UTF-8 always fits, unless most of it must be escaped in JSON.
pub const TEXT_MAX_BYTES: usize = 3500;

/// The two kinds of reply, numbered apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplyWhat {
    /// Words, released at once.
    Text,
    /// A status word; may be held back.
    Status,
}

impl ReplyWhat {
    /// Its byte on the wire.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Text => 1,
            Self::Status => 2,
        }
    }

    pub(super) fn read(byte: u8) -> Result<Self, CaseLogError> {
        [Self::Text, Self::Status].into_iter().find(|w| w.byte() == byte).ok_or(CaseLogError::NotCanonical)
    }
}

/// What a reporter may see of a case's state: few and coarse, so that a status tips nobody off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words of docs/protocol/case.md")]
pub enum StatusWord {
    Received,
    Read,
    Question,
    Team,
    Paused,
    Ended,
    Care,
}

impl StatusWord {
    /// All of them.
    pub const ALL: [Self; 7] = [Self::Received, Self::Read, Self::Question, Self::Team, Self::Paused, Self::Ended, Self::Care];

    /// The word itself.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Read => "read",
            Self::Question => "question",
            Self::Team => "team",
            Self::Paused => "paused",
            Self::Ended => "ended",
            Self::Care => "care",
        }
    }

    /// Questions and care go at once; other changes may wait.
    pub const fn goes_at_once(self) -> bool {
        matches!(self, Self::Question | Self::Care)
    }
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for StatusWord {
    type Err = CaseLogError;

    fn from_str(text: &str) -> Result<Self, CaseLogError> {
        Self::ALL.into_iter().find(|w| w.word() == text).ok_or(CaseLogError::NotCanonical)
    }
}

/// A reply's content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReplyContent {
    /// Words.
    Text(String),
    /// A status.
    Status(StatusWord),
}

impl ReplyContent {
    /// Which of the two it is.
    pub const fn what(&self) -> ReplyWhat {
        match self {
            Self::Text(_) => ReplyWhat::Text,
            Self::Status(_) => ReplyWhat::Status,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Wire {
    format: String,
    #[serde(default)]
    must_understand: Vec<String>,
    directory: u32,
    seen: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<StatusWord>,
}

/// A reply that was opened. Who vouches for it is checked by [`OpenedReply::verify`].
pub struct OpenedReply {
    /// What it says.
    pub content: ReplyContent,
    /// The highest number of the reporter's messages its author had opened.
    pub seen: u32,
    /// The directory whose gate key signed.
    pub directory: u32,
    place: ReplyPlace,
    json: Zeroizing<Vec<u8>>,
    gate: Signature,
    case: Signature,
}

pub(super) fn to_json(content: &ReplyContent, seen: u32, directory: u32) -> Result<Zeroizing<Vec<u8>>, CaseLogError> {
    let (text, status) = match content {
        ReplyContent::Text(text) => (Some(text.clone()), None),
        ReplyContent::Status(word) => (None, Some(*word)),
    };
    let wire = Wire { format: FORMAT.into(), must_understand: Vec::new(), directory, seen, text, status };
    serde_json::to_vec(&wire).map(Zeroizing::new).map_err(|_| CaseLogError::BadJson)
}

/// `S`: what gate key and `case_sign` both sign.
pub(super) fn subject(place: &ReplyPlace, directory: u32, json: &[u8]) -> Vec<u8> {
    let hash = crypto::hash("reply", &[json]);
    let numbers = [place.epoch, place.number, directory].map(u32::to_be_bytes);
    [&[place.what.byte()][..], place.mailbox_id.bytes(), numbers.as_flattened(), hash.bytes()].concat()
}

/// Both signatures, gate first.
pub(super) fn sign_both(subject: &[u8], gate: &SignKey, case: &SignKey, deployment: &Deployment) -> Vec<u8> {
    let (gate, case) = (gate.sign("reply gate", deployment, &[subject]), case.sign("reply case", deployment, &[subject]));
    [gate.0, case.0].concat()
}

impl OpenedReply {
    pub(super) fn read(place: ReplyPlace, json: &[u8], signatures: &[u8]) -> Result<Self, CaseLogError> {
        check_must_understand(json, KNOWN_MEMBERS)?;
        let wire: Wire = serde_json::from_slice(json).map_err(|_| CaseLogError::BadJson)?;
        let content = match (wire.text, wire.status) {
            (Some(text), None) => ReplyContent::Text(text),
            (None, Some(word)) => ReplyContent::Status(word),
            _ => return Err(CaseLogError::BadJson),
        };
        if wire.format != FORMAT || content.what() != place.what {
            return Err(CaseLogError::BadJson);
        }
        let (gate, case) = signatures.split_first_chunk::<64>().ok_or(CaseLogError::NotCanonical)?;
        let case = Signature(case.try_into().map_err(|_| CaseLogError::NotCanonical)?);
        let json = Zeroizing::new(json.to_vec());
        Ok(Self { content, seen: wire.seen, directory: wire.directory, place, json, gate: Signature(*gate), case })
    }

    /// Whether the gate key of the directory it names and the epoch's `case_sign` both vouch for it.
    pub fn verify(&self, gate_pk: &SignPublic, case_sign_pk: &SignPublic, deployment: &Deployment) -> Result<(), CaseLogError> {
        let subject = subject(&self.place, self.directory, &self.json);
        let good = gate_pk.verifies("reply gate", deployment, &[&subject], &self.gate)
            && case_sign_pk.verifies("reply case", deployment, &[&subject], &self.case);
        if good { Ok(()) } else { Err(CaseLogError::BadSignature) }
    }
}
