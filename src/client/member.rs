//! What a member's program does with the server: gate login, the feed, case requests.

use super::ClientError;
use super::http::Http;
use crate::base::encode;
use crate::caselog::{Batch, CaseRequest, Entry, Reply, Verb};
use crate::crypto::{Deployment, MailboxId, SignKey};
use serde::Deserialize;

/// A page of the feed.
pub struct FeedPage {
    /// The newest batch there is.
    pub newest: u32,
    /// Batches from the number asked for on; whether they follow is the caller's to check.
    pub batches: Vec<Batch>,
}

/// The two keys that a case request is signed with, and the epoch of the second.
#[derive(Clone, Copy)]
pub struct CaseSigners<'a> {
    /// The current directory's gate key.
    pub gate: &'a SignKey,
    /// The epoch's `case_sign`.
    pub case_sign: &'a SignKey,
    /// The epoch.
    pub epoch: u32,
}

/// A member's line to the server after gate login: the server knows that a member came, not which.
pub struct MemberLink<'a> {
    http: &'a Http,
    deployment: Deployment,
    token: String,
}

impl<'a> MemberLink<'a> {
    /// Logs in by signing the server's nonce with the gate key.
    pub fn login(http: &'a Http, gate: &SignKey, deployment: &Deployment) -> Result<Self, ClientError> {
        #[derive(Deserialize)]
        struct Wire {
            token: String,
        }
        let nonce = http.challenge()?.nonce;
        let signature = gate.sign("gate login", deployment, &[&nonce]);
        let answer = http.post("/api/v1/gate", &[&nonce[..], signature.as_ref()].concat())?;
        let wire: Wire = serde_json::from_slice(&answer).map_err(|_| ClientError::Strange)?;
        encode::from_base64(&wire.token).filter(|t| t.len() == 32).ok_or(ClientError::Strange)?;
        Ok(Self { http, deployment: *deployment, token: wire.token })
    }

    /// Batches from `from` on.
    pub fn feed(&self, from: u32) -> Result<FeedPage, ClientError> {
        let answer = self.http.get_with_token(&format!("/api/v1/feed?from={from}"), &self.token)?;
        let (newest, batches) = Batch::read_page(&answer)?;
        Ok(FeedPage { newest, batches })
    }

    /// Hands in a freshness note.
    pub fn put_freshness(&self, note: &[u8]) -> Result<(), ClientError> {
        self.http.post("/api/v1/freshness", note).map(|_| ())
    }

    /// Appends an entry. `Refused` with `number_taken` if another came first.
    pub fn append_entry(&self, entry: &Entry, signers: CaseSigners<'_>) -> Result<(), ClientError> {
        self.ask((Verb::Entry, entry.place().mailbox_id), entry.to_bytes(), signers).map(|_| ())
    }

    /// Appends a reply. `Refused` with `number_taken` if another came first.
    pub fn append_reply(&self, reply: &Reply, signers: CaseSigners<'_>) -> Result<(), ClientError> {
        self.ask((Verb::Reply, reply.place().mailbox_id), reply.to_bytes(), signers).map(|_| ())
    }

    /// Fetches the body of a message that is too large for the feed.
    pub fn body(&self, mailbox_id: MailboxId, number: u32, signers: CaseSigners<'_>) -> Result<Vec<u8>, ClientError> {
        self.ask((Verb::Body, mailbox_id), number.to_be_bytes().to_vec(), signers)
    }

    fn ask(&self, (verb, mailbox_id): (Verb, MailboxId), payload: Vec<u8>, signers: CaseSigners<'_>) -> Result<Vec<u8>, ClientError> {
        let nonce = self.http.challenge()?.nonce;
        let keys = (signers.gate, signers.case_sign);
        let request = CaseRequest::make((verb, mailbox_id, signers.epoch), nonce, payload, keys, &self.deployment);
        let path = if verb == Verb::Reply { "/api/v1/replies" } else { "/api/v1/cases" };
        self.http.post(path, &request.to_bytes())
    }
}
