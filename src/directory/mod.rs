//! Authority, DSSE, the directory and its gate key (docs/protocol/directory.md).
//!
//! `UnverifiedDirectory` can do one thing: be verified. `Directory` has no other maker.

mod authority;
mod bundle;
mod check;
mod condition;
mod content;
mod draft;
mod dsse;
mod freshness;
mod held;
mod ids;
mod reference;
mod root;
mod verified;

pub use authority::{AUTHORITY_KEYS_MAX, Authority, parse_fingerprint, show_fingerprint};
pub use bundle::{Bundle, Trusted};
pub use check::{INTAKE_MEMBERS_MAX, LIFETIME_MAX_DAYS, RULE_OFFICES_MAX};
pub use condition::{Condition, codes};
pub use content::*;
pub use draft::{GateSecret, Standing, countersign, publishable, sign_new};
pub use dsse::{Dsse, SIGNATURES_MAX};
pub use freshness::{FRESH_DAYS, FreshnessNote, NOTE_BYTES};
pub use held::HeldDirectory;
pub use ids::{MemberId, NotAnId, OfficeId};
pub use reference::{DirectoryRef, QuestionnaireRef, Recipient};
pub use root::{Roots, walk_roots};
pub use verified::{Directory, UnverifiedDirectory, directory_hash};

/// Why a directory, a root record or a note is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// Fewer good signatures than the threshold.
    #[error("the signatures are not those of the authority")]
    BadSignature,
    /// The authority shown is not the pinned one.
    #[error("this is another authority than the one asked for")]
    OtherAuthority,
    /// Version or hash does not follow.
    #[error("it does not follow the one before")]
    WrongChain,
    /// Past its last day.
    #[error("the directory has expired")]
    Expired,
    /// Older than one that was seen.
    #[error("the directory is older than one already seen")]
    RolledBack,
    /// No note of the last days says that it is the current one.
    #[error("nobody has vouched lately that the directory is the current one")]
    Stale,
    /// It breaks a rule of its form; says which.
    #[error("the directory is not valid: {0}")]
    Invalid(String),
    /// A public key that is refused.
    #[error("a weak public key")]
    WeakKey,
    /// Not the JSON of its format.
    #[error("it cannot be read")]
    BadJson,
    /// It needs a newer program.
    #[error("it needs a newer program")]
    MustUnderstand,
    /// No key of this member is in it, or the gate does not open.
    #[error("this key belongs to no member of the directory")]
    NotAMember,
    /// A key that is not one of the authority's was to sign.
    #[error("this key is not one of the authority's")]
    NotAnAuthorityKey,
}

impl DirectoryError {
    /// The stable name.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadSignature => "bad_signature",
            Self::OtherAuthority => "other_authority",
            Self::WrongChain => "wrong_chain",
            Self::Expired => "directory_expired",
            Self::RolledBack => "directory_rolled_back",
            Self::Stale => "directory_stale",
            Self::Invalid(_) => "directory_invalid",
            Self::WeakKey => "weak_key",
            Self::BadJson => "bad_json",
            Self::MustUnderstand => "must_understand",
            Self::NotAMember => "not_a_member",
            Self::NotAnAuthorityKey => "not_an_authority_key",
        }
    }

    /// JSON that cannot be read at all, or that has not the members wanted.
    fn of_json(error: serde_json::Error) -> Self {
        if error.is_data() { Self::Invalid(error.to_string()) } else { Self::BadJson }
    }

    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid(reason.into())
    }
}

#[cfg(test)]
mod tests;
