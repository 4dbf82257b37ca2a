//! What stands inside: JSON bodies.

use crate::base::Day;
use crate::crypto::Hash32;
use crate::directory::{DirectoryRef, OfficeId, QuestionnaireRef, Recipient};
use crate::words::Language;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A line of the manifest of attachments.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attachment {
    /// Names the parts in the store.
    pub blob: Uuid,
    /// File name.
    pub name: String,
    /// Media type.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Bytes of plaintext.
    pub size: u64,
    /// BLAKE2b-32 of the plaintext.
    pub hash: Hash32,
    /// Metadata that was removed.
    #[serde(default)]
    pub removed: Vec<String>,
    /// Kept as it was, metadata and all.
    #[serde(default)]
    pub original: bool,
}

/// The body of a report.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ReportBody {
    /// `amparo-report-1`.
    pub format: String,
    /// Members a reader must know.
    #[serde(default)]
    pub must_understand: Vec<String>,
    /// The reporter's language.
    pub lang: Language,
    /// The directory the client sealed by.
    pub directory: DirectoryRef,
    /// The questionnaire it asked by.
    pub questionnaire: QuestionnaireRef,
    /// The day whose member keys were used.
    pub key_day: Day,
    /// Answers by question id.
    pub answers: Map<String, Value>,
    /// Slot order follows this list.
    pub recipients: Vec<Recipient>,
    /// Offices the reporter took out.
    #[serde(default)]
    pub removed: Vec<OfficeId>,
    /// Attachments.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// What identifies the reporter, for custodians alone (base64).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<String>,
}

impl ReportBody {
    /// What `format` must be.
    pub const FORMAT: &'static str = "amparo-report-1";
}

/// The highest reply numbers a reporter had opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Seen {
    /// Texts.
    pub text: u32,
    /// Statuses.
    pub status: u32,
}

/// The body of a follow-up.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FollowUpBody {
    /// `amparo-follow-up-1`.
    pub format: String,
    /// Members a reader must know.
    #[serde(default)]
    pub must_understand: Vec<String>,
    /// The reporter's language.
    pub lang: Language,
    /// The directory the client saw.
    pub directory: DirectoryRef,
    /// The day it was written by the client's calendar.
    pub key_day: Day,
    /// Her words.
    pub text: String,
    /// Further answers.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub answers: Map<String, Value>,
    /// Attachments.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// As in a report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<String>,
    /// What she had read.
    #[serde(default)]
    pub seen: Seen,
}

impl FollowUpBody {
    /// What `format` must be.
    pub const FORMAT: &'static str = "amparo-follow-up-1";
}
