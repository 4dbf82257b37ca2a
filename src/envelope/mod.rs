//! Reports and follow-ups, sealed (docs/protocol/envelope.md).
//!
//! `ReportBody -> Padded -> Sealed -> (stored, sent) -> Sealed -> OpenedReport`: each step consumes the last.

mod attachment;
mod body;
mod header;
mod open;
mod padded;
mod seal;
mod sealed;
mod vault;

pub use attachment::{
    AttachmentOpener, AttachmentSealer, ContentKey, HELD_BYTES, HeldParts, PART_HEAD_BYTES, PART_MAX_BYTES, PARTS_MAX, PARTS_QUERY_BYTES,
    PartHead, PartsQuery, padded_bytes, parts_of,
};
pub use body::{Attachment, FollowUpBody, ReportBody, Seen};
pub use header::{HEADER_BYTES, Header, Kind, SLOTS, SLOTS_BYTES, SizeClass};
pub use open::{CaseKeys, OpenedFollowUp, OpenedReport, find_report_seed, open_follow_up, open_report, open_report_with_seed};
pub use padded::Padded;
pub use seal::{FollowUpAddress, seal_follow_up, seal_follow_up_with_files, seal_report, seal_report_with_files};
pub use sealed::{ENVELOPE_MAX_BYTES, HEAD_BYTES, Head, SEAL_BYTES, Sealed};
pub use vault::{VAULT_BYTES, VaultContent, VaultCustodian, open_vault, seal_vault};

use crate::base::{TooShort, frame::FrameError};
use crate::crypto::CryptoError;

/// Why an envelope cannot be made, checked or opened. Wrong key and tampering read the same.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Not the length its kind and class demand.
    #[error("the envelope has a wrong length")]
    WrongLength,
    /// A version other than 1.
    #[error("an unknown version")]
    UnknownVersion,
    /// A suite other than 1.
    #[error("an unknown suite")]
    UnknownSuite,
    /// A kind other than report or follow-up, or not the one wanted here.
    #[error("an unknown kind")]
    UnknownKind,
    /// Readable, but not in the one form that is accepted.
    #[error("not in canonical form")]
    NotCanonical,
    /// The seal or the mailbox id does not fit the header and body.
    #[error("the seal does not fit")]
    BadSeal,
    /// No key opens it, or it was changed.
    #[error("it cannot be opened")]
    CannotOpen,
    /// The body is not the JSON of its format.
    #[error("the body cannot be read")]
    BadJson,
    /// The body names something this program does not know and must.
    #[error("the body needs a newer program")]
    MustUnderstand,
    /// A public key that is refused.
    #[error("a weak public key")]
    WeakKey,
    /// More than fits: 16 recipients, or 256 KiB of text.
    #[error("too much for one envelope")]
    TooLarge,
    /// A signature beside a part or a question does not fit.
    #[error("the signature does not fit")]
    BadSignature,
    /// A file that was to be sealed cannot be read any more, or changed meanwhile.
    #[error("the file changed, or could not be read, while it was sealed")]
    SourceChanged,
    /// An attachment is not what the message's manifest says: size, hash or padding.
    #[error("the attachment is not what the message says of it")]
    Differs,
    /// The system gave no memory.
    #[error("the system gave no memory")]
    System,
}

impl EnvelopeError {
    /// The stable name (docs/protocol/README.md).
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongLength => "wrong_length",
            Self::UnknownVersion => "unknown_version",
            Self::UnknownSuite => "unknown_suite",
            Self::UnknownKind => "unknown_kind",
            Self::NotCanonical => "not_canonical",
            Self::BadSeal => "bad_seal",
            Self::CannotOpen => "cannot_open",
            Self::BadJson => "bad_json",
            Self::MustUnderstand => "must_understand",
            Self::WeakKey => "weak_key",
            Self::TooLarge => "too_large",
            Self::BadSignature => "bad_signature",
            Self::SourceChanged => "source_changed",
            Self::Differs => "attachment_differs",
            Self::System => "system",
        }
    }
}

impl From<TooShort> for EnvelopeError {
    fn from(_: TooShort) -> Self {
        Self::WrongLength
    }
}

impl From<CryptoError> for EnvelopeError {
    fn from(error: CryptoError) -> Self {
        match error {
            CryptoError::WeakKey => Self::WeakKey,
            CryptoError::System => Self::System,
        }
    }
}

impl From<FrameError> for EnvelopeError {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::TooLarge => Self::TooLarge,
            FrameError::NotCanonical => Self::NotCanonical,
            FrameError::BadJson => Self::BadJson,
            FrameError::MustUnderstand => Self::MustUnderstand,
        }
    }
}

#[cfg(test)]
mod tests;
