//! What desks download and append: gate login, batches, case requests, freshness notes (docs/protocol/api.md).

mod parts;
mod sessions;

use self::sessions::{Sessions, Spent};
use crate::base::event::{Event, emit};
use crate::base::{Clock, Reader};
use crate::caselog::{Batch, CaseLogError, CaseRequest, Entry, NONCE_BYTES, Reply, Verb, walk_epochs};
use crate::crypto::{Deployment, NonceMarks, SignPublic, Signature};
use crate::directory::{DirectoryError, FreshnessNote, HeldDirectory, NOTE_BYTES};
use crate::store::{Put, Store, StoreError};
use std::sync::Arc;

pub use parts::{CaseAnswer, PartAnswer};
pub use sessions::TOKEN_SECONDS;

/// The longest page of the feed, about.
const PAGE_MAX_BYTES: usize = 8 << 20;
const LOGIN_BYTES: usize = NONCE_BYTES + 64;
/// The longest case request: an entry.
pub const CASE_REQUEST_MAX_BYTES: usize = crate::caselog::REQUEST_FRONT_BYTES + crate::caselog::ENTRY_BYTES;
/// A case request that appends a reply.
pub const REPLY_REQUEST_BYTES: usize = crate::caselog::REQUEST_FRONT_BYTES + crate::caselog::REPLY_BYTES;

/// Why a desk's request is refused. Each is a stable code outwards.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// A length or form that is not of the protocol.
    #[error("not of the protocol: {0}")]
    Form(&'static str),
    /// The nonce is not of this server, or too old.
    #[error("the nonce is stale")]
    NonceStale,
    /// The nonce was used before: a replayed request.
    #[error("the nonce was used before")]
    NonceSpent,
    /// The gate's signature does not fit.
    #[error("the gate stays shut")]
    GateRefused,
    /// No such token, or it has run out.
    #[error("the token has run out")]
    TokenExpired,
    /// The signatures do not fit the case, or there is no such case: the two read the same.
    #[error("refused for this case")]
    CaseRefused,
    /// What the store said.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// The note does not fit the directory.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The deed of serving desks.
pub struct Feed {
    store: Arc<dyn Store>,
    deployment: Deployment,
    nonces: Arc<NonceMarks>,
    held: Arc<HeldDirectory>,
    clock: Arc<dyn Clock>,
    sessions: Sessions,
    spent: Spent,
}

impl Feed {
    /// Without sessions.
    pub fn new(
        store: Arc<dyn Store>,
        deployment: Deployment,
        nonces: Arc<NonceMarks>,
        held: Arc<HeldDirectory>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, deployment, nonces, held, clock, sessions: Sessions::default(), spent: Spent::default() }
    }

    fn use_nonce(&self, nonce: &[u8; NONCE_BYTES]) -> Result<(), FeedError> {
        let today = self.clock.today();
        if !self.nonces.holds(nonce, today) {
            return Err(FeedError::NonceStale);
        }
        if self.spent.spend(nonce, today) { Ok(()) } else { Err(FeedError::NonceSpent) }
    }

    fn gate_keys(&self) -> Vec<SignPublic> {
        self.held.gate_keys(self.clock.today())
    }

    /// `nonce ‖ signature` by the gate key → a token. The server learns that a member came, not which.
    pub fn login(&self, bytes: &[u8]) -> Result<[u8; 32], FeedError> {
        if bytes.len() != LOGIN_BYTES {
            return Err(FeedError::Form("wrong_length"));
        }
        let mut r = Reader::new(bytes);
        let short = |_| FeedError::Form("wrong_length");
        let (nonce, signature) = (r.array().map_err(short)?, Signature(r.array().map_err(short)?));
        let good = self.gate_keys().iter().any(|gate| gate.verifies("gate login", &self.deployment, &[&nonce], &signature));
        if !good {
            emit(Event::GateRefused);
            return Err(FeedError::GateRefused);
        }
        self.use_nonce(&nonce)?;
        emit(Event::GateLogin);
        Ok(self.sessions.start(self.clock.unix_seconds()))
    }

    /// Batches from `from` on.
    pub fn page(&self, token: &[u8; 32], from: u32) -> Result<Vec<u8>, FeedError> {
        if !self.sessions.holds(token, self.clock.unix_seconds()) {
            return Err(FeedError::TokenExpired);
        }
        let (newest, batches) = self.store.feed(from, PAGE_MAX_BYTES)?;
        Ok(Batch::write_page(newest, &batches))
    }

    /// Takes a freshness note for the directory held now, if it is not older than the one there is.
    pub fn take_freshness(&self, bytes: &[u8]) -> Result<(), FeedError> {
        let directory = self.held.current().ok_or(FeedError::Refused("directory_unknown"))?;
        let today = self.clock.today();
        if bytes.len() != NOTE_BYTES {
            return Err(FeedError::Form("wrong_length"));
        }
        let note = FreshnessNote::parse(bytes).map_err(|_| FeedError::Form("malformed"))?;
        note.verify(&directory, &self.deployment, today)?;
        let former = self.store.freshness()?.and_then(|bytes| FreshnessNote::parse(&bytes).ok());
        let is_newer = former.is_none_or(|f| f.verify(&directory, &self.deployment, today).is_err() || f.day() < note.day());
        if is_newer {
            self.store.put_freshness(bytes)?;
            emit(Event::FreshnessTaken);
        }
        Ok(())
    }

    /// A case request. `replies` says which of the two addresses it came to.
    pub fn case_request(&self, bytes: &[u8], replies: bool) -> Result<CaseAnswer, FeedError> {
        let request = CaseRequest::parse(bytes).map_err(|error| match error {
            CaseLogError::UnknownKind => FeedError::Form("unknown_verb"),
            CaseLogError::WrongLength => FeedError::Form("wrong_length"),
            _ => FeedError::Form("malformed"),
        })?;
        if (request.verb == Verb::Reply) != replies {
            return Err(FeedError::Form("unknown_verb"));
        }
        self.check_signatures(&request)?;
        self.use_nonce(&request.nonce)?;
        match request.verb {
            Verb::Entry => self.append_entry(&request).map(|()| CaseAnswer::Done),
            Verb::Reply => self.append_reply(&request).map(|()| CaseAnswer::Done),
            Verb::Body => self.body(&request).map(CaseAnswer::Body),
            Verb::Part => self.part(&request).map(CaseAnswer::Part),
        }
    }

    /// The gate key and the current epoch's `case_sign` must both have signed.
    fn check_signatures(&self, request: &CaseRequest) -> Result<(), FeedError> {
        let case = self.store.case(&request.mailbox_id)?.ok_or(FeedError::CaseRefused)?;
        let header = case.report.header();
        let first = (header.case_sign_pk, header.case_box_pk);
        let keys = walk_epochs(first, &case.epochs, &self.deployment, &request.mailbox_id).map_err(|_| FeedError::CaseRefused)?;
        let current = u32::try_from(keys.len()).unwrap_or(u32::MAX).saturating_sub(1);
        let (case_sign, _) = keys.last().ok_or(FeedError::CaseRefused)?;
        let gates = self.gate_keys();
        let good = gates.iter().any(|gate| request.verify(gate, case_sign, &self.deployment).is_ok());
        if good && request.epoch == current { Ok(()) } else { Err(FeedError::CaseRefused) }
    }

    fn append_entry(&self, request: &CaseRequest) -> Result<(), FeedError> {
        let entry = Entry::parse(&request.payload).map_err(|error| FeedError::Form(error.code()))?;
        let place = entry.place();
        if place.mailbox_id != request.mailbox_id || place.epoch != request.epoch {
            return Err(FeedError::Form("malformed"));
        }
        outcome(self.store.put_entry(&entry, self.clock.today())?)?;
        emit(Event::EntryStored);
        Ok(())
    }

    fn append_reply(&self, request: &CaseRequest) -> Result<(), FeedError> {
        let reply = Reply::parse(&request.payload).map_err(|error| FeedError::Form(error.code()))?;
        let place = reply.place();
        if place.mailbox_id != request.mailbox_id || place.epoch != request.epoch {
            return Err(FeedError::Form("malformed"));
        }
        outcome(self.store.put_reply(&reply, self.clock.today())?)?;
        emit(Event::ReplyStored);
        Ok(())
    }

    fn body(&self, request: &CaseRequest) -> Result<Vec<u8>, FeedError> {
        let number = request.payload.as_slice().try_into().map(u32::from_be_bytes).map_err(|_| FeedError::Form("wrong_length"))?;
        self.store.body(&request.mailbox_id, number)?.ok_or(FeedError::Refused("no_such_message"))
    }
}

fn outcome(put: Put) -> Result<(), FeedError> {
    match put {
        Put::Stored | Put::Same => Ok(()),
        Put::Taken => Err(FeedError::Refused("number_taken")),
        Put::Gap => Err(FeedError::Refused("number_gap")),
        Put::Gone => Err(FeedError::Refused("gone")),
        Put::NoMailbox | Put::WrongChain | Put::CaseKey => Err(FeedError::CaseRefused),
    }
}
