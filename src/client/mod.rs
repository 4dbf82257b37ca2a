//! What a reporter and a member do, over HTTP or SOCKS: used by the desk, the command line and the tests.

mod attachments;
mod compose;
mod http;
mod mailbox;
mod member;
mod patience;
mod reporter;

pub use attachments::PartLine;
pub use compose::{ComposeError, compose_follow_up, compose_report, embedded_questionnaire, fetch_directory, fetch_version, questionnaire};
pub use http::{Http, Problem};
pub use mailbox::{MailboxAnswer, MailboxVerb};
pub use member::{CaseSigners, FeedPage, MemberLink};
pub use reporter::{FollowUpPlan, ReporterLink, SentAs, Shown, Status};

use crate::caselog::CaseLogError;
use crate::crypto::CryptoError;
use crate::envelope::EnvelopeError;

/// Why a client could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The address cannot be used: not http(s), or a proxy other than `socks5h://`.
    #[error("the address cannot be used")]
    BadAddress,
    /// No answer: no network, no server, or it took too long. What was sent may or may not have arrived.
    #[error("the server did not answer")]
    Unreachable,
    /// The server answered with a stable code.
    #[error("the server refused: {}", .0.code)]
    Refused(Problem),
    /// An answer that is not of the protocol.
    #[error("the server's answer is not of the protocol")]
    Strange,
    /// The server asks for more work than a client will do.
    #[error("the server asks for too much work")]
    TooMuchWork,
    /// There is no mailbox for these words: wrong words, another service, or it was destroyed.
    #[error("there is nothing for these words")]
    NoMailbox,
    /// An attachment is longer than this server takes, or the mailbox is full.
    #[error("the server takes no attachment of this size")]
    NoRoom,
    /// The server shows a case that is not the reporter's own.
    #[error("what the server shows was not sealed by these words")]
    NotOurs,
    /// An envelope that cannot be made or read.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// An entry, epoch or reply that cannot be made or read.
    #[error(transparent)]
    CaseLog(#[from] CaseLogError),
    /// The system gave no memory or a key is weak.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

impl ClientError {
    /// A stable name for scripts.
    pub fn code(&self) -> &str {
        match self {
            Self::BadAddress => "bad_address",
            Self::Unreachable => "unreachable",
            Self::Refused(problem) => &problem.code,
            Self::Strange => "strange_answer",
            Self::TooMuchWork => "too_much_work",
            Self::NoMailbox => "no_mailbox",
            Self::NoRoom => "mailbox_full",
            Self::NotOurs => "not_ours",
            Self::Envelope(error) => error.code(),
            Self::CaseLog(error) => error.code(),
            Self::Crypto(_) => "system",
        }
    }
}
