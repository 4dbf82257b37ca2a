//! Opening an entry, by an own key or by the epoch's `desk_key`.

use super::entry::{Entry, Place, context};
use super::seal::{DeskKey, WRAP_FILLER, all_slots, content_key, payload_hash, signed_parts, wrap_key};
use super::{CaseLogError, EntryContent};
use crate::base::{Secret, frame::unframe};
use crate::crypto::{self, BoxKey, Deployment, Hash32, SignPublic, Signature, slots};
use zeroize::Zeroizing;

/// An entry that was opened. Who wrote it is checked by [`OpenedEntry::is_by`].
pub struct OpenedEntry {
    /// What it says.
    pub content: EntryContent,
    /// The slots are not those its recipients give, or the wrap is not the filler that this kind has.
    pub slots_differ: bool,
    place: Place,
    payload: Hash32,
    signature: Signature,
}

impl Entry {
    /// Opens with whichever own key has a slot.
    pub fn open_with_keys(&self, own: &[&BoxKey], deployment: &Deployment) -> Result<OpenedEntry, CaseLogError> {
        let context = context(deployment, &self.place, &self.ephemeral_pk);
        let seed = own.iter().find_map(|key| slots::open(key, "slot", &self.ephemeral_pk, &context, &self.slots[..]));
        self.open_with_seed(&seed.ok_or(CaseLogError::CannotOpen)?, &context)
    }

    /// Opens with the epoch's `desk_key`.
    pub fn open_with_desk_key(&self, desk_key: &DeskKey, deployment: &Deployment) -> Result<OpenedEntry, CaseLogError> {
        let context = context(deployment, &self.place, &self.ephemeral_pk);
        let seed = crypto::box0_open(&wrap_key(desk_key, &context), &self.wrap).and_then(|seed| Secret::from_slice(&seed));
        let seed = seed.filter(|seed| slots::commits(seed, &self.ephemeral_pk));
        self.open_with_seed(&seed.ok_or(CaseLogError::CannotOpen)?, &context)
    }

    fn open_with_seed(&self, seed: &Secret<32>, context: &Hash32) -> Result<OpenedEntry, CaseLogError> {
        let plain = crypto::box0_open(&content_key(seed, context), &self.sealed).ok_or(CaseLogError::CannotOpen)?;
        let plain = Zeroizing::new(plain);
        let (json, signature) = unframe(&plain, 64)?;
        let signature = Signature(signature.try_into().map_err(|_| CaseLogError::NotCanonical)?);
        let content = EntryContent::from_json(json)?;
        // Where no `desk_key` is needed the wrap is filler: anything else there could be a mark for someone.
        let is_marked = content.kind.makes_desk_key() && self.wrap != slots::filler(seed, WRAP_FILLER);
        let slots_differ = is_marked || all_slots(seed, context, &content).map_or(true, |slots| slots != self.slots);
        Ok(OpenedEntry { content, slots_differ, place: self.place, payload: payload_hash(json), signature })
    }
}

impl OpenedEntry {
    /// Whether this member's key signed it.
    pub fn is_by(&self, author: &SignPublic, deployment: &Deployment) -> bool {
        author.verifies("entry author", deployment, &signed_parts(&self.place, &self.payload).each(), &self.signature)
    }
}
