//! Entries of the case log, epochs, replies (docs/protocol/case.md).

mod batch;
mod content;
mod entry;
mod epoch;
mod open;
mod reply;
mod reply_content;
mod request;
mod seal;

pub use batch::{Batch, FeedItem, ItemKind, batch_head, item_hash};
pub use content::{EntryContent, EntryKind, FeedMark};
pub use entry::{ENTRY_BYTES, Entry, Place};
pub use epoch::{EPOCH_BYTES, EPOCHS_MAX, EpochRecord, walk_epochs};
pub use open::OpenedEntry;
pub use reply::{REPLY_BYTES, Reply, ReplyKeys, ReplyPlace, seal_reply};
pub use reply_content::{OpenedReply, ReplyContent, ReplyWhat, StatusWord, TEXT_MAX_BYTES};
pub use request::{CaseRequest, NONCE_BYTES, REQUEST_FRONT_BYTES, Verb};
pub use seal::{DeskKey, seal_entry};

use crate::base::{TooShort, frame::FrameError};
use crate::crypto::CryptoError;

/// Why an entry, epoch or reply cannot be made, read or opened. Wrong key and tampering read the same.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseLogError {
    /// Not the fixed length.
    #[error("a wrong length")]
    WrongLength,
    /// A version other than 1.
    #[error("an unknown version")]
    UnknownVersion,
    /// A suite other than 1.
    #[error("an unknown suite")]
    UnknownSuite,
    /// Another kind than the one wanted here.
    #[error("an unknown kind")]
    UnknownKind,
    /// Readable, but not in the one form that is accepted.
    #[error("not in canonical form")]
    NotCanonical,
    /// No key opens it, or it was changed.
    #[error("it cannot be opened")]
    CannotOpen,
    /// A signature that does not fit.
    #[error("a signature does not fit")]
    BadSignature,
    /// Epoch records that do not follow one another.
    #[error("the chain is broken")]
    WrongChain,
    /// Not the JSON of its format.
    #[error("it cannot be read")]
    BadJson,
    /// It names something this program does not know and must.
    #[error("it needs a newer program")]
    MustUnderstand,
    /// A public key that is refused.
    #[error("a weak public key")]
    WeakKey,
    /// More than fits.
    #[error("too long")]
    TooLarge,
    /// The system gave no memory.
    #[error("the system gave no memory")]
    System,
}

impl CaseLogError {
    /// The stable name (docs/protocol/README.md).
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongLength => "wrong_length",
            Self::UnknownVersion => "unknown_version",
            Self::UnknownSuite => "unknown_suite",
            Self::UnknownKind => "unknown_kind",
            Self::NotCanonical => "not_canonical",
            Self::CannotOpen => "cannot_open",
            Self::BadSignature => "bad_signature",
            Self::WrongChain => "wrong_chain",
            Self::BadJson => "bad_json",
            Self::MustUnderstand => "must_understand",
            Self::WeakKey => "weak_key",
            Self::TooLarge => "too_large",
            Self::System => "system",
        }
    }
}

impl From<TooShort> for CaseLogError {
    fn from(_: TooShort) -> Self {
        Self::WrongLength
    }
}

impl From<CryptoError> for CaseLogError {
    fn from(error: CryptoError) -> Self {
        match error {
            CryptoError::WeakKey => Self::WeakKey,
            CryptoError::System => Self::System,
        }
    }
}

impl From<FrameError> for CaseLogError {
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
