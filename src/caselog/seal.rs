//! Sealing an entry.

use super::entry::{Entry, PLAIN_BYTES, Place, SLOTS, SLOTS_BYTES, context};
use super::{CaseLogError, EntryContent};
use crate::base::{Secret, frame::frame};
use crate::crypto::{self, BoxPublic, Deployment, Hash32, SignKey, slots, slots::SLOT_BYTES};
use zeroize::Zeroizing;

/// The key of an epoch of a case: wraps entries and replies for the team.
pub type DeskKey = Secret<32>;

/// Position of the filler that stands for a wrap.
pub(super) const WRAP_FILLER: u8 = 16;

/// Seals an entry. `desk_key` is the current one; `first` and `epoch` entries take none, they bring it.
pub fn seal_entry(
    content: &EntryContent,
    place: Place,
    desk_key: Option<&DeskKey>,
    author: &SignKey,
    deployment: &Deployment,
) -> Result<Entry, CaseLogError> {
    if !content.has_what_its_kind_needs() || content.kind.makes_desk_key() == desk_key.is_some() {
        return Err(CaseLogError::NotCanonical);
    }
    let seed = crypto::random_secret();
    let ephemeral_pk = slots::ephemeral(&seed).public();
    let context = context(deployment, &place, &ephemeral_pk);
    let json = content.to_json()?;
    let signature = author.sign("entry author", deployment, &signed_parts(&place, &payload_hash(&json)).each());
    let plain = Zeroizing::new(frame(&json, signature.as_ref(), PLAIN_BYTES)?);
    Ok(Entry {
        place,
        ephemeral_pk,
        slots: all_slots(&seed, &context, content)?,
        wrap: wrap(&seed, &context, desk_key)?,
        sealed: crypto::box0_seal(&content_key(&seed, &context), &plain),
    })
}

pub(super) fn payload_hash(json: &[u8]) -> Hash32 {
    crypto::hash("entry payload", &[json])
}

/// What an author signs, piece by piece.
pub(super) struct SignedParts([Vec<u8>; 4]);

impl SignedParts {
    pub(super) fn each(&self) -> [&[u8]; 4] {
        self.0.each_ref().map(Vec::as_slice)
    }
}

pub(super) fn signed_parts(place: &Place, payload: &Hash32) -> SignedParts {
    SignedParts([
        place.mailbox_id.bytes().to_vec(),
        place.number.to_be_bytes().to_vec(),
        place.epoch.to_be_bytes().to_vec(),
        payload.bytes().to_vec(),
    ])
}

pub(super) fn content_key(seed: &Secret<32>, context: &Hash32) -> Secret<32> {
    crypto::derive(seed, "entry content", &[context.bytes()])
}

pub(super) fn wrap_key(desk_key: &DeskKey, context: &Hash32) -> Secret<32> {
    crypto::derive(desk_key, "entry wrap", &[context.bytes()])
}

pub(super) fn wrap(seed: &Secret<32>, context: &Hash32, desk_key: Option<&DeskKey>) -> Result<[u8; SLOT_BYTES], CaseLogError> {
    let Some(desk_key) = desk_key else { return Ok(slots::filler(seed, WRAP_FILLER)) };
    crypto::box0_seal(&wrap_key(desk_key, context), seed.expose()).try_into().map_err(|_| CaseLogError::System)
}

pub(super) fn all_slots(seed: &Secret<32>, context: &Hash32, content: &EntryContent) -> Result<Box<[u8; SLOTS_BYTES]>, CaseLogError> {
    let to: Vec<BoxPublic> = content.recipients.iter().map(|r| r.pk).collect();
    let built = slots::build::<SLOTS>(seed, context, &to)?.ok_or(CaseLogError::TooLarge)?;
    built.into_boxed_slice().try_into().map_err(|_| CaseLogError::System)
}
