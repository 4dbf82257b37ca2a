//! What is not as it should be, in words a prosecutor can act on.

use serde::{Deserialize, Serialize};

/// What is not as it should be (docs/protocol/envelope.md, case.md).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of docs/protocol/envelope.md and case.md")]
pub enum WarningCode {
    ReportUnreadable,
    SlotsDiffer,
    UnknownDirectory,
    DirectoryOld,
    DirectoryExpired,
    RecipientUnknown,
    RecipientNotRouted,
    RecipientMissing,
    Clock,
    LogBroken,
    FirstDiffers,
    FirstNotForMe,
    AuthorUnknown,
    AuthorSignature,
    AuthorOutside,
    FeedDiffers,
    EpochBroken,
    EntryUnreadable,
    ReplyUnreadable,
    ReplyUnrecorded,
    RepliesBroken,
    FollowUpUnreadable,
    MessagesBroken,
    MailboxDestroyed,
    AttachmentDiffers,
}

/// A warning, with what it means.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Warning {
    /// Stable.
    pub code: WarningCode,
    /// What it is about: a member, an office, a number; may be empty.
    pub about: String,
    /// In plain English; the screen has its own words.
    pub text: &'static str,
}

impl Warning {
    /// A warning about something.
    pub fn about(code: WarningCode, about: impl Into<String>) -> Self {
        Self { code, about: about.into(), text: code.text() }
    }
}

impl From<WarningCode> for Warning {
    fn from(code: WarningCode) -> Self {
        Self::about(code, "")
    }
}

impl WarningCode {
    const fn text(self) -> &'static str {
        match self {
            Self::ReportUnreadable => "the report is for you and cannot be opened: ask a colleague whether it opens there",
            Self::SlotsDiffer => "who can open it is not who the message names: someone was left out or slipped in",
            Self::UnknownDirectory => "it was sealed by a directory that the authority did not sign or the server does not show",
            Self::DirectoryOld => {
                "it was sealed by an old directory although there was a newer one: a server may show different directories to different people"
            }
            Self::DirectoryExpired => "it was sealed after its directory had expired",
            Self::RecipientUnknown => "it names someone who was no member then, or a key that was not hers",
            Self::RecipientNotRouted => "an office can open it that the rules exclude or do not name",
            Self::RecipientMissing => "someone whom the rules name cannot open it",
            Self::Clock => "its day is far from the day it arrived: a wrong clock, or it was held back",
            Self::LogBroken => "the case's log has a gap or a branch: something was removed, reordered or replayed",
            Self::FirstDiffers => "the first entry of the log is not for exactly the people whom the report names",
            Self::FirstNotForMe => "the first entry of the log was not made for you although the report was: raise the alarm",
            Self::AuthorUnknown => "an entry was written by someone who was no member then",
            Self::AuthorSignature => "an entry is not signed by the member it names",
            Self::AuthorOutside => "an entry was written by a member who could not open the case then",
            Self::FeedDiffers => {
                "a colleague was shown another feed than you: compare with colleagues by another way, and call the authority"
            }
            Self::EpochBroken => "the case's keys were changed by someone who did not have the former ones",
            Self::EntryUnreadable => "an entry of the log cannot be opened",
            Self::ReplyUnreadable => "a reply cannot be opened or is not vouched for",
            Self::ReplyUnrecorded => "a reply was sent that no member recorded in the log",
            Self::RepliesBroken => "a reply is missing, stands twice or belongs to another case",
            Self::FollowUpUnreadable => "a message of the reporter cannot be opened",
            Self::MessagesBroken => "a message of the reporter is missing, stands twice or does not follow the one before",
            Self::AttachmentDiffers => "an attachment is not what the message says of it",
            Self::MailboxDestroyed => "the reporter destroyed the mailbox: she can no longer be reached here",
        }
    }
}
