//! A failure is two lines: what is so, what to do.

use crate::client::{ClientError, ComposeError};
use crate::desk::DeskError;
use crate::directory::DirectoryError;
use crate::keys::KeyError;
use crate::questions::QuestionsError;
use crate::receipt::ReceiptError;
use crate::store::StoreError;
use std::io::Write;
use std::process::ExitCode;

/// The answer is no: something given was wrong.
const NO: u8 = 1;
/// It could not be tried to the end.
const COULD_NOT: u8 = 2;

/// What is said when a command fails.
#[derive(Debug)]
pub(super) struct Failure {
    what_is_so: String,
    what_to_do: String,
    exit: u8,
}

impl Failure {
    /// Something given was wrong.
    pub(super) fn no(what_is_so: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { what_is_so: what_is_so.into(), what_to_do: what_to_do.into(), exit: NO }
    }

    /// It could not be done.
    pub(super) fn could_not(what_is_so: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { what_is_so: what_is_so.into(), what_to_do: what_to_do.into(), exit: COULD_NOT }
    }
}

/// Says it on standard error.
pub(super) fn complain(failure: &Failure) -> ExitCode {
    // If standard error is gone, the exit code still tells.
    let _ = writeln!(std::io::stderr(), "{}\n{}", failure.what_is_so, failure.what_to_do);
    ExitCode::from(failure.exit)
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let what_is_so = error.to_string();
        match error {
            ClientError::BadAddress => {
                Self::no(what_is_so, "give http://… or https://… without a path, and a proxy as socks5h://host:port")
            }
            ClientError::Unreachable => {
                Self::could_not(what_is_so, "check the address and the network, then try again: sending the same twice does no harm")
            }
            ClientError::NoMailbox => {
                Self::no(what_is_so, "check the words and the service; a mailbox that was destroyed cannot be opened again")
            }
            ClientError::NotOurs => Self::no(what_is_so, "do not trust this server; tell the organisation that runs it, by another way"),
            ClientError::Refused(problem) => refused(what_is_so, &problem.code),
            _ => Self::could_not(what_is_so, "the server may be of another version, or tampered with"),
        }
    }
}

fn refused(what_is_so: String, code: &str) -> Failure {
    let what_to_do = match code {
        "directory_expired" | "directory_unknown" => "new reports must wait for a new directory; ask the organisation by another way",
        "storage_full" | "read_only" | "shutting_down" | "internal" => {
            return Failure::could_not(what_is_so, "nothing was kept; try again later");
        }
        "gate_refused" => "your key may no longer be in the directory; ask the authority",
        "nonce_stale" => "check this machine's clock and try again",
        _ => "the code is in docs/protocol/api.md",
    };
    Failure::no(what_is_so, what_to_do)
}

impl From<ComposeError> for Failure {
    fn from(error: ComposeError) -> Self {
        match error {
            ComposeError::Questions(error) => error.into(),
            ComposeError::Directory(error) => error.into(),
            ComposeError::Client(error) => error.into(),
            ComposeError::OtherQuestionnaire => Self::no(
                "the server's questionnaire is not the one that the directory names",
                "do not send; tell the organisation, by another way",
            ),
        }
    }
}

impl From<QuestionsError> for Failure {
    fn from(error: QuestionsError) -> Self {
        let what_to_do = match error {
            QuestionsError::Nobody => "leave an office in, or use the helplines; nothing was sent",
            QuestionsError::Questionnaire(_) => "mend the questionnaire; nothing was sent",
            _ => "mend the answers; the questions and codes are in config/questionnaire.json; nothing was sent",
        };
        Self::no(error.to_string(), what_to_do)
    }
}

impl From<DirectoryError> for Failure {
    fn from(error: DirectoryError) -> Self {
        let what_to_do = match error {
            DirectoryError::OtherAuthority => "check the fingerprint against the poster; the server may not be the one you want",
            DirectoryError::BadSignature => "do not use it; it was not signed by enough keys of the authority",
            DirectoryError::Expired | DirectoryError::Stale => {
                "no new reports until there is a new directory; ask the organisation, by another way"
            }
            DirectoryError::RolledBack => "the server shows an old directory: do not use it, and tell the organisation",
            DirectoryError::NotAnAuthorityKey => "give a key file of the authority; after a root record, name the record with --root",
            DirectoryError::NotAMember => "ask the authority to put your key's public part into the directory",
            _ => "mend it, or ask the authority for a good one",
        };
        Self::no(error.to_string(), what_to_do)
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let what_to_do = match error {
            KeyError::NotAKeyFile => "give the file that `amparo key new` or `amparo authority new` wrote",
            KeyError::CannotOpen => "check the passphrase and the file; a wrong passphrase and a changed file look the same",
            KeyError::UnknownVersion => "use the newer version of this program",
            KeyError::System => "close other programs and try again",
        };
        Self::no(error.to_string(), what_to_do)
    }
}

impl From<ReceiptError> for Failure {
    fn from(error: ReceiptError) -> Self {
        let what_to_do = match error {
            ReceiptError::WrongCount(_) => "write all eight words, in order",
            ReceiptError::UnknownWord { .. } => "check that word; the first four letters are enough",
            ReceiptError::Ambiguous => "add --lang es, pt or en",
        };
        Self::no(error.to_string(), what_to_do)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let what_to_do = match error {
            StoreError::InUse => "stop the other process first",
            StoreError::Full => "free some space",
            StoreError::Newer => "use the newer version of this program",
            _ => "do not delete anything; see docs/operations/incident.md",
        };
        Self::could_not(error.to_string(), what_to_do)
    }
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Compose(error) => error.into(),
            DeskError::Client(error) => error.into(),
            DeskError::Directory(error) => error.into(),
            DeskError::Questions(error) => error.into(),
            DeskError::StateWrite | DeskError::Race => Self::could_not(error.to_string(), error.what_to_do()),
            other => Self::no(other.to_string(), other.what_to_do()),
        }
    }
}
