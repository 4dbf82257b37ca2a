//! Attachments on the line: a reporter's client sends them part by part, a member's fetches them so. Two parts are in memory at most.

use super::ClientError;
use super::http::{Challenge, Http};
use super::patience::patiently;
use super::reporter::ReporterLink;
use crate::base::{Reader, Writer};
use crate::caselog::{CaseRequest, Verb};
use crate::crypto::{Deployment, Hash32, MailboxId, SignKey, blake2b_256, work};
use crate::envelope::{
    Attachment, AttachmentSealer, ContentKey, EnvelopeError, HeldParts, PART_HEAD_BYTES, PART_MAX_BYTES, PartHead, PartsQuery,
};
use std::io::Read;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use uuid::Uuid;

/// Before the part's head: nonce and solutions.
const WORK_BYTES: usize = work::NONCE_BYTES + work::SOLUTIONS_BYTES;
const FRONT_BYTES: usize = WORK_BYTES + PART_HEAD_BYTES;
/// How often a part is sent over a line that drops, and the pauses between: a minute in all, then she is asked to try later.
const SENDS: u32 = 8;

/// A part with room before it for what the request wants there.
struct Ready {
    head: PartHead,
    request: Vec<u8>,
}

impl ReporterLink<'_> {
    /// Which parts of an attachment are at the server.
    pub fn held_parts(&self, blob: Uuid) -> Result<HeldParts, ClientError> {
        let nonce = self.http.challenge()?.nonce;
        let query = PartsQuery::sign(&self.keys.sign, blob, nonce, self.deployment);
        let answer = self.http.post("/api/v1/attachments/held", &query.to_bytes())?;
        HeldParts::read(&answer).map_err(|_| ClientError::Strange)?.ok_or(ClientError::NoMailbox)
    }

    /// Sends an attachment of a message that the server has. A line that drops is taken up again where it dropped.
    /// `progress` is told how many parts are there, and of how many.
    pub fn send_attachment(
        &self,
        content: &ContentKey,
        manifest: &Attachment,
        file: &mut (dyn Read + Send),
        progress: &mut dyn FnMut(u32, u32),
    ) -> Result<(), ClientError> {
        let mut sealer = AttachmentSealer::new(content, manifest)?;
        let parts = sealer.parts();
        let held = patiently(SENDS, || self.held_parts(manifest.blob))?;
        if !held.takes(parts, sealer.part_bytes()) {
            return Err(ClientError::NoRoom);
        }
        std::thread::scope(|scope| {
            // One part is sealed while the one before it is sent.
            let (ready, coming) = sync_channel(0);
            let sealing = scope.spawn(move || self.seal_parts(&mut sealer, manifest.blob, file, &ready));
            let sent = self.send_parts(coming, parts, progress);
            let sealed = sealing.join().unwrap_or(Err(EnvelopeError::System));
            sent.and_then(|()| Ok(sealed?))
        })
    }

    fn seal_parts(
        &self,
        sealer: &mut AttachmentSealer,
        blob: Uuid,
        file: &mut dyn Read,
        ready: &SyncSender<Ready>,
    ) -> Result<(), EnvelopeError> {
        loop {
            let mut request = Vec::with_capacity(FRONT_BYTES + sealer.part_bytes());
            request.resize(FRONT_BYTES, 0);
            let Some((number, is_last)) = sealer.next_part(file, &mut request)? else { return Ok(()) };
            let part = request.get(FRONT_BYTES..).unwrap_or_default();
            let length = u32::try_from(part.len()).map_err(|_| EnvelopeError::TooLarge)?;
            let hash = Hash32(blake2b_256(&[part]));
            let head = PartHead::sign(&self.keys.sign, (blob, number, is_last), (length, hash), self.deployment);
            if ready.send(Ready { head, request }).is_err() {
                // Sending failed and says so.
                return Ok(());
            }
        }
    }

    fn send_parts(&self, coming: Receiver<Ready>, parts: u32, progress: &mut dyn FnMut(u32, u32)) -> Result<(), ClientError> {
        let mut challenge = patiently(SENDS, || self.http.challenge())?;
        for part in coming {
            self.send_part(part.head.clone(), part.request, &mut challenge)?;
            progress(part.head.number + 1, parts);
        }
        Ok(())
    }

    /// The same bytes until the server says they are durable. After a dropped line it is asked first whether they arrived.
    fn send_part(&self, head: PartHead, mut request: Vec<u8>, challenge: &mut Challenge) -> Result<(), ClientError> {
        let mut has_failed = false;
        patiently(SENDS, || {
            if has_failed && self.held_parts(head.blob)?.holds(head.number) {
                return Ok(());
            }
            fill_front(&mut request, &head, challenge)?;
            match self.http.post_long("/api/v1/attachments", &request) {
                Err(ClientError::Refused(problem)) if problem.code == "nonce_stale" && !has_failed => {
                    has_failed = true;
                    *challenge = self.http.challenge()?;
                    Err(ClientError::Unreachable)
                }
                other => {
                    has_failed = true;
                    other.map(drop)
                }
            }
        })
    }
}

fn fill_front(request: &mut [u8], head: &PartHead, challenge: &Challenge) -> Result<(), ClientError> {
    let head = head.to_bytes();
    let solutions = work::solve(&challenge.nonce, &work::subject(&head), challenge.bits).ok_or(ClientError::TooMuchWork)?;
    let mut front = Writer::with_capacity(FRONT_BYTES);
    front.put(&challenge.nonce);
    solutions.iter().for_each(|solution| {
        front.u64(*solution);
    });
    front.put(&head);
    request.iter_mut().zip(front.finish()).for_each(|(to, from)| *to = from);
    Ok(())
}

/// A member's line for the attachments of one case.
pub struct PartLine {
    /// The server.
    pub http: Http,
    /// The deployment.
    pub deployment: Deployment,
    /// The case.
    pub mailbox_id: MailboxId,
    /// The current directory's gate key.
    pub gate: SignKey,
    /// The epoch's `case_sign`.
    pub case_sign: SignKey,
    /// The epoch.
    pub epoch: u32,
}

impl PartLine {
    /// Fetches a part, checked: it is the one that was asked for, and the holder of the receipt signed it. A dropped line is tried again.
    pub fn fetch(&self, blob: Uuid, number: u32) -> Result<Vec<u8>, ClientError> {
        patiently(SENDS, || self.fetch_once(blob, number))
    }

    fn fetch_once(&self, blob: Uuid, number: u32) -> Result<Vec<u8>, ClientError> {
        let nonce = self.http.challenge()?.nonce;
        let payload = [&blob.as_bytes()[..], &number.to_be_bytes()].concat();
        let keys = (&self.gate, &self.case_sign);
        let request = CaseRequest::make((Verb::Part, self.mailbox_id, self.epoch), nonce, payload, keys, &self.deployment);
        let mut answer = self.http.post_long("/api/v1/cases", &request.to_bytes())?;
        let strange = |_| ClientError::Strange;
        let mut r = Reader::new(&answer);
        let head = PartHead::parse(r.take(PART_HEAD_BYTES).map_err(|_| ClientError::Strange)?).map_err(strange)?;
        head.verify(&self.deployment).map_err(strange)?;
        let part = r.rest();
        let is_it = head.mailbox_id() == self.mailbox_id && head.blob == blob && head.number == number;
        if !is_it || part.len() > PART_MAX_BYTES || blake2b_256(&[part]) != head.hash.0 {
            return Err(ClientError::Strange);
        }
        Ok(answer.split_off(PART_HEAD_BYTES))
    }
}
