//! Admitting reports, follow-ups and directories: every check before anything is believed (docs/protocol/api.md).

mod attachments;
mod directories;
mod request;

pub use crate::envelope::PARTS_QUERY_BYTES;
pub use attachments::{AttachmentLimits, PART_FRONT_BYTES, PART_REQUEST_MAX_BYTES, PartAdmission, PartIntake};
pub use directories::{Directories, TakeError};
pub use request::{REQUEST_FRONT_BYTES, REQUEST_MAX_BYTES};

use self::request::Request;
use crate::base::event::{Event, emit};
use crate::base::{Clock, DangerFlag};
use crate::crypto::{Deployment, NonceMarks, work};
use crate::directory::HeldDirectory;
use crate::envelope::{EnvelopeError, Kind};
use crate::store::{Put, Store, StoreError};
use std::sync::Arc;

/// Why a request is not admitted. Each is a stable code outwards.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// Not a length that a request can have, or a form that cannot be read.
    #[error("not of the protocol: {0}")]
    Form(&'static str),
    /// The nonce is not of this server, or too old.
    #[error("the nonce is stale")]
    NonceStale,
    /// Too little work.
    #[error("too little work")]
    WorkInsufficient,
    /// The directory's version is not known here.
    #[error("an unknown directory")]
    DirectoryUnknown,
    /// The directory has expired: no new reports.
    #[error("the directory has expired")]
    DirectoryExpired,
    /// What the store said of it.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The deed of admitting.
pub struct Intake {
    /// Where it is kept.
    pub store: Arc<dyn Store>,
    /// The deployment whose seals count.
    pub deployment: Deployment,
    /// Nonces.
    pub nonces: Arc<NonceMarks>,
    /// The directory held now.
    pub held: Arc<HeldDirectory>,
    /// Raised by a report in danger.
    pub danger: Arc<DangerFlag>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Bits of each puzzle.
    pub work_bits: u8,
    /// How much a mailbox may hold.
    pub attachments: AttachmentLimits,
}

impl Intake {
    /// Admits a report or follow-up. `Ok` when it is on disk.
    pub fn admit(&self, bytes: &[u8]) -> Result<(), IntakeError> {
        let admitted = self.check_and_keep(bytes);
        match &admitted {
            Ok(Kind::Report) => emit(Event::ReportStored),
            Ok(Kind::FollowUp) => emit(Event::FollowUpStored),
            Err(_) => emit(Event::ReportRefused),
        }
        admitted.map(|_| ())
    }

    fn check_and_keep(&self, bytes: &[u8]) -> Result<Kind, IntakeError> {
        let today = self.clock.today();
        let request = Request::split(bytes)?;
        if !self.nonces.holds(&request.nonce, today) {
            return Err(IntakeError::NonceStale);
        }
        if !work::check(&request.nonce, &work::subject(request.subject), self.work_bits, &request.solutions) {
            return Err(IntakeError::WorkInsufficient);
        }
        let (directory_version, is_danger, sealed) = request.open()?;
        sealed.verify(&self.deployment).map_err(|error| IntakeError::Form(EnvelopeError::code(&error)))?;
        let kind = sealed.header().kind;
        if kind == Kind::Report {
            self.check_directory(directory_version)?;
        }
        let put = match kind {
            Kind::Report => self.store.put_report(&sealed, today)?,
            Kind::FollowUp => self.store.put_follow_up(&sealed, today)?,
        };
        outcome(put, kind)?;
        // Also when the same bytes were there already: the answer to the first time was lost, perhaps with the server that held the bit.
        if is_danger {
            self.danger.raise();
        }
        Ok(kind)
    }

    /// A report may be sealed by any directory that has not expired.
    fn check_directory(&self, version: u32) -> Result<(), IntakeError> {
        let today = self.clock.today();
        let current = self.held.current().ok_or(IntakeError::DirectoryUnknown)?;
        if current.is_expired(today) {
            emit(Event::DirectoryExpired);
            return Err(IntakeError::DirectoryExpired);
        }
        let known = version > 0 && version <= current.version();
        if known { Ok(()) } else { Err(IntakeError::DirectoryUnknown) }
    }
}

fn outcome(put: Put, kind: Kind) -> Result<(), IntakeError> {
    let code = match put {
        Put::Stored | Put::Same => return Ok(()),
        Put::Taken if kind == Kind::Report => "mailbox_taken",
        Put::Taken => "number_taken",
        Put::Gap => "number_gap",
        Put::NoMailbox => "no_such_mailbox",
        Put::Gone => "gone",
        Put::WrongChain => "wrong_chain",
        Put::CaseKey => "case_key",
    };
    Err(IntakeError::Refused(code))
}
