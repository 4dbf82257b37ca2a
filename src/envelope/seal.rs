//! Sealing, in the reporter's client.

use super::header::{Header, Kind, SLOTS, SLOTS_BYTES};
use super::{ContentKey, EnvelopeError, FollowUpBody, Head, Padded, ReportBody, Sealed, open::CaseKeys};
use crate::base::Secret;
use crate::crypto::{self, BoxPublic, Deployment, Hash32, SignPublic, StreamSealer, slots};
use crate::receipt::ReporterKeys;

/// Where a follow-up goes: its place in the chain and the case's current key.
pub struct FollowUpAddress<'a> {
    /// The report's head, its seal checked.
    pub report: &'a Head,
    /// The last message's head (the report's, if there is none after it), its seal checked.
    pub last: &'a Head,
    /// The current epoch's `case_box_pk`.
    pub case_box_pk: BoxPublic,
}

/// Seals a report to the recipients its body lists.
pub fn seal_report(keys: &ReporterKeys, deployment: &Deployment, body: &ReportBody) -> Result<Sealed, EnvelopeError> {
    seal_report_with_files(keys, deployment, body).map(|(sealed, _)| sealed)
}

/// The same, and the key that seals the attachments of its manifest.
pub fn seal_report_with_files(
    keys: &ReporterKeys,
    deployment: &Deployment,
    body: &ReportBody,
) -> Result<(Sealed, ContentKey), EnvelopeError> {
    let seed = crypto::random_secret();
    let case = CaseKeys::from_seed(&seed);
    let place = Place {
        kind: Kind::Report,
        number: 0,
        previous: Hash32::ZERO,
        case_sign_pk: case.sign.public(),
        case_box_pk: case.reply_to.public(),
    };
    let recipients: Vec<BoxPublic> = body.recipients.iter().map(|r| r.pk).collect();
    let sealed = seal(keys, deployment, &seed, &place, Padded::new(body)?, &recipients)?;
    Ok((sealed, ContentKey::from_seed(&seed)))
}

/// Seals a follow-up to the case's key alone.
pub fn seal_follow_up(
    keys: &ReporterKeys,
    deployment: &Deployment,
    to: &FollowUpAddress<'_>,
    body: &FollowUpBody,
) -> Result<Sealed, EnvelopeError> {
    seal_follow_up_with_files(keys, deployment, to, body).map(|(sealed, _)| sealed)
}

/// The same, and the key that seals the attachments of its manifest.
pub fn seal_follow_up_with_files(
    keys: &ReporterKeys,
    deployment: &Deployment,
    to: &FollowUpAddress<'_>,
    body: &FollowUpBody,
) -> Result<(Sealed, ContentKey), EnvelopeError> {
    let seed = crypto::random_secret();
    let place = Place {
        kind: Kind::FollowUp,
        number: to.last.header().number.checked_add(1).ok_or(EnvelopeError::TooLarge)?,
        previous: to.last.link(),
        case_sign_pk: to.report.header().case_sign_pk,
        case_box_pk: to.case_box_pk,
    };
    let sealed = seal(keys, deployment, &seed, &place, Padded::new(body)?, &[to.case_box_pk])?;
    Ok((sealed, ContentKey::from_seed(&seed)))
}

struct Place {
    kind: Kind,
    number: u32,
    previous: Hash32,
    case_sign_pk: SignPublic,
    case_box_pk: BoxPublic,
}

fn seal(
    keys: &ReporterKeys,
    deployment: &Deployment,
    seed: &Secret<32>,
    place: &Place,
    padded: Padded,
    recipients: &[BoxPublic],
) -> Result<Sealed, EnvelopeError> {
    if recipients.is_empty() || recipients.len() > SLOTS {
        return Err(EnvelopeError::TooLarge);
    }
    let (stream, stream_header) = StreamSealer::start(&content_key(seed));
    let mut header = Header {
        kind: place.kind,
        size: padded.size,
        mailbox_id: keys.mailbox_id,
        number: place.number,
        previous: place.previous,
        reporter_sign_pk: keys.sign.public(),
        reporter_box_pk: keys.reply_box.public(),
        case_sign_pk: place.case_sign_pk,
        case_box_pk: place.case_box_pk,
        ephemeral_pk: slots::ephemeral(seed).public(),
        slots: Box::new([0; SLOTS_BYTES]),
        stream_header,
    };
    header.slots = all_slots(seed, &header.slot_context(deployment), recipients)?;
    let bytes = header.to_bytes();
    let body = stream.finish(&bytes, &padded.plain);
    let seal = keys.sign.sign("seal", deployment, &[&bytes, crypto::hash("body", &[&body]).bytes()]);
    Ok(Sealed::new(header, seal, body))
}

pub(super) fn content_key(seed: &Secret<32>) -> Secret<32> {
    crypto::derive(seed, "content", &[])
}

/// All 16 slots of an envelope, as sealed and as rebuilt by an opener.
pub(super) fn all_slots(seed: &Secret<32>, context: &Hash32, recipients: &[BoxPublic]) -> Result<Box<[u8; SLOTS_BYTES]>, EnvelopeError> {
    let built = slots::build::<SLOTS>(seed, context, recipients)?.ok_or(EnvelopeError::TooLarge)?;
    built.into_boxed_slice().try_into().map_err(|_| EnvelopeError::System)
}
