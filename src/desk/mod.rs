//! The member's own program: sealed local state, inbox, replies, referral, its screen on loopback.
//!
//! It keeps the keys and does the cryptography; the server sees a gate key and, per case, the case's own keys, never which member came.

mod act;
mod attach;
mod case;
mod check;
mod export;
mod log;
mod screen;
mod session;
mod settings;
mod state;
mod sync;
mod view;
mod warning;

pub use attach::{AttachmentFetch, AttachmentView};
pub use export::open_export;
pub use screen::{ScreenError, run_screen};
pub use session::{Desk, DeskLine};
pub use settings::DeskSettings;
pub use sync::Synced;
pub use view::{CaseView, InboxRow, MeView, MessageView, OfficeView, RecipientView};
pub use warning::{Warning, WarningCode};

use crate::caselog::CaseLogError;
use crate::client::{ClientError, ComposeError};
use crate::directory::DirectoryError;
use crate::envelope::EnvelopeError;
use crate::questions::{Exclusion, QuestionsError};

/// Why the desk cannot do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// No case of that id that these keys open.
    #[error("there is no such case that your keys open")]
    NoSuchCase,
    /// Not 64 hex digits.
    #[error("a case's id is 64 hex digits")]
    NotAnId,
    /// No such office in the directory.
    #[error("there is no office of that id in the directory")]
    NoSuchOffice,
    /// A conflict of interest: the office gets no key.
    #[error("this office may not have the case: {}", .0.code())]
    Excluded(Exclusion),
    /// Everyone of that office can open it already.
    #[error("everyone of that office can open the case already")]
    AlreadyThere,
    /// All of that office are recused, or have no key for today.
    #[error("nobody of that office may have the case today")]
    NobodyThere,
    /// More than sixteen people.
    #[error("more people than an entry can name")]
    TooMany,
    /// A text beyond what one reply or note takes.
    #[error("the text is too long for one message: at most {0} bytes")]
    TooLong(usize),
    /// Neither a text nor a status.
    #[error("there is nothing to send")]
    Nothing,
    /// Colleagues write faster than the feed brings it here.
    #[error("a colleague wrote to this case at the same time")]
    Race,
    /// The first entry of the log is not for these keys.
    #[error("the case's log does not open for your keys: someone made it for others")]
    LogNotForMe,
    /// The local state is of other keys, or was changed.
    #[error("the local state cannot be opened")]
    State,
    /// The state folder is another member's.
    #[error("the state folder holds the state of another key")]
    StateOfOthers,
    /// The local state cannot be written.
    #[error("the local state cannot be written")]
    StateWrite,
    /// The server's feed does not follow what was seen before.
    #[error("the server's feed does not follow what this desk saw before")]
    FeedBroken,
    /// No attachment of that id in the case.
    #[error("there is no such attachment in this case")]
    NoSuchAttachment,
    /// The server has not all of it.
    #[error("not all of the attachment has arrived at the server")]
    AttachmentMissing,
    /// Size, hash or seal are not what the message says.
    #[error("the attachment is not what the message says of it")]
    AttachmentDiffers,
    /// A file that cannot be written.
    #[error("the file cannot be written")]
    CannotSave,
    /// An export that these keys do not open.
    #[error("this export does not open with your key")]
    NotForYou,
    /// An envelope.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// An entry or reply.
    #[error(transparent)]
    CaseLog(#[from] CaseLogError),
    /// The directory.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The directory or the answers, by way of the client.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// The server.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The questionnaire.
    #[error(transparent)]
    Questions(#[from] QuestionsError),
}

impl DeskError {
    /// The second line of a failure.
    pub const fn what_to_do(&self) -> &'static str {
        match self {
            Self::NoSuchCase | Self::NotAnId => "take an id from the inbox",
            Self::NoSuchOffice => "take an id from the directory's offices",
            Self::Excluded(_) => "refer it to an office outside the institution that the report names",
            Self::AlreadyThere => "there is nothing to do",
            Self::NobodyThere => "refer it to another office, or ask the authority for a new directory",
            Self::TooMany => "refer it to a smaller office",
            Self::TooLong(_) => "send it as several messages",
            Self::Nothing => "give --text, --status or both",
            Self::Race => "sync in some minutes and try again; nothing was lost",
            Self::LogNotForMe => "raise the alarm: call a colleague by another way, and the authority",
            Self::State => "if the key file is the right one, delete the state folder: it is made again out of the feed",
            Self::StateOfOthers => "give the folder of this key with --state, or a new one",
            Self::StateWrite => "check the folder's permissions and the free space",
            Self::FeedBroken => "raise the alarm: the server shows another history; call a colleague and the authority by another way",
            Self::NoSuchAttachment => "take an id from the case's list of attachments",
            Self::AttachmentMissing => "the reporter's line may have dropped: try again later, or ask the reporter to send it again",
            Self::AttachmentDiffers => "do not use it; ask the reporter to send it again",
            Self::CannotSave => "choose another path with enough space; nothing is overwritten",
            Self::NotForYou => "give the key file of the member who made the export",
            _ => "do not act on it; ask a colleague whether it opens there",
        }
    }

    /// A stable name for the screen.
    pub fn code(&self) -> &str {
        match self {
            Self::NoSuchCase | Self::NotAnId => "no_such_case",
            Self::NoSuchOffice => "no_such_office",
            Self::Excluded(_) => "excluded",
            Self::AlreadyThere => "already_there",
            Self::NobodyThere => "nobody_there",
            Self::TooMany => "too_many",
            Self::TooLong(_) => "too_long",
            Self::Nothing => "nothing",
            Self::Race => "race",
            Self::LogNotForMe => "log_not_for_me",
            Self::State | Self::StateOfOthers | Self::StateWrite => "state",
            Self::FeedBroken => "feed_broken",
            Self::NoSuchAttachment => "no_such_attachment",
            Self::AttachmentMissing => "attachment_missing",
            Self::AttachmentDiffers => "attachment_differs",
            Self::CannotSave => "cannot_save",
            Self::NotForYou => "not_for_you",
            Self::Directory(error) | Self::Compose(ComposeError::Directory(error)) => error.code(),
            Self::Client(error) | Self::Compose(ComposeError::Client(error)) => error.code(),
            _ => "cannot_open",
        }
    }
}
