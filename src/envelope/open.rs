//! Opening, in a member's program. Every check comes before any visible act.

use super::seal::{all_slots, content_key};
use super::{ContentKey, EnvelopeError, FollowUpBody, Header, Kind, Padded, ReportBody, SLOTS, Sealed};
use crate::base::Secret;
use crate::crypto::{self, BoxKey, BoxPublic, Deployment, SignKey, slots};
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

/// `case_sign` and `case_box` of an epoch: whoever can open the report has them.
pub struct CaseKeys {
    /// Signs case requests and replies.
    pub sign: SignKey,
    /// Opens follow-ups.
    pub reply_to: BoxKey,
}

impl CaseKeys {
    /// From the report's seed (epoch 0) or a later epoch's `desk_key`.
    pub fn from_seed(seed: &Secret<32>) -> Self {
        Self {
            sign: SignKey::from_seed(&crypto::derive(seed, "case sign", &[])),
            reply_to: BoxKey::from_secret(crypto::derive(seed, "case box", &[])),
        }
    }
}

/// A report that was opened and checked.
pub struct OpenedReport {
    /// The report's seed: for a referral.
    pub seed: Secret<32>,
    /// The case's keys of epoch 0.
    pub case: CaseKeys,
    /// What it says.
    pub body: ReportBody,
    /// Opens its attachments.
    pub content: ContentKey,
    /// The slots are not those the body's list of recipients gives: someone was left out or slipped in.
    pub slots_differ: bool,
}

/// A follow-up that was opened and checked.
pub struct OpenedFollowUp {
    /// What it says.
    pub body: FollowUpBody,
    /// Opens its attachments.
    pub content: ContentKey,
    /// The slots are not the one of `case_box_pk` and filler.
    pub slots_differ: bool,
}

/// Opens a report with whichever of the own keys fits. `cannot_open` if none does.
pub fn open_report(sealed: &Sealed, own: &[&BoxKey], deployment: &Deployment) -> Result<OpenedReport, EnvelopeError> {
    let header = sealed.header();
    if header.kind != Kind::Report {
        return Err(EnvelopeError::UnknownKind);
    }
    let seed = find_seed(header, own, deployment).ok_or(EnvelopeError::CannotOpen)?;
    open_report_with_seed(sealed, seed, deployment)
}

/// Opens a report whose seed came by referral.
pub fn open_report_with_seed(sealed: &Sealed, seed: Secret<32>, deployment: &Deployment) -> Result<OpenedReport, EnvelopeError> {
    let header = sealed.header();
    let case = CaseKeys::from_seed(&seed);
    let ours = case.sign.public() == header.case_sign_pk && case.reply_to.public() == header.case_box_pk;
    if header.kind != Kind::Report || !ours || !slots::commits(&seed, &header.ephemeral_pk) {
        return Err(EnvelopeError::CannotOpen);
    }
    let body: ReportBody = open_body(sealed, &seed, deployment)?;
    if body.format != ReportBody::FORMAT {
        return Err(EnvelopeError::BadJson);
    }
    if body.recipients.is_empty() || body.recipients.len() > SLOTS {
        return Err(EnvelopeError::NotCanonical);
    }
    let recipients: Vec<BoxPublic> = body.recipients.iter().map(|r| r.pk).collect();
    let slots_differ = !slots_match(header, &seed, deployment, &recipients);
    let content = ContentKey::from_seed(&seed);
    Ok(OpenedReport { seed, case, body, content, slots_differ })
}

/// Opens a follow-up with the case's keys of any epoch.
pub fn open_follow_up(sealed: &Sealed, case: &[&CaseKeys], deployment: &Deployment) -> Result<OpenedFollowUp, EnvelopeError> {
    let header = sealed.header();
    if header.kind != Kind::FollowUp {
        return Err(EnvelopeError::UnknownKind);
    }
    let keys: Vec<&BoxKey> = case.iter().map(|c| &c.reply_to).collect();
    let seed = find_seed(header, &keys, deployment).ok_or(EnvelopeError::CannotOpen)?;
    let body: FollowUpBody = open_body(sealed, &seed, deployment)?;
    if body.format != FollowUpBody::FORMAT {
        return Err(EnvelopeError::BadJson);
    }
    let slots_differ = !slots_match(header, &seed, deployment, &[header.case_box_pk]);
    Ok(OpenedFollowUp { body, content: ContentKey::from_seed(&seed), slots_differ })
}

/// The seed of a report whose body is not here yet; `None` if no own key has a slot.
pub fn find_report_seed(header: &Header, own: &[&BoxKey], deployment: &Deployment) -> Option<Secret<32>> {
    (header.kind == Kind::Report).then(|| find_seed(header, own, deployment)).flatten()
}

fn find_seed(header: &Header, own: &[&BoxKey], deployment: &Deployment) -> Option<Secret<32>> {
    let context = header.slot_context(deployment);
    own.iter().find_map(|key| slots::open(key, "slot", &header.ephemeral_pk, &context, &header.slots[..]))
}

fn open_body<T: DeserializeOwned>(sealed: &Sealed, seed: &Secret<32>, deployment: &Deployment) -> Result<T, EnvelopeError> {
    sealed.verify(deployment)?;
    let header = sealed.header();
    let opened = crypto::stream_open(&content_key(seed), &header.stream_header, &header.to_bytes(), sealed.body());
    let plain = Zeroizing::new(opened.ok_or(EnvelopeError::CannotOpen)?);
    Padded::read(header.size, &plain)
}

fn slots_match(header: &Header, seed: &Secret<32>, deployment: &Deployment, recipients: &[BoxPublic]) -> bool {
    all_slots(seed, &header.slot_context(deployment), recipients).is_ok_and(|slots| slots == header.slots)
}
