//! An entry on the wire, 4988 bytes.

use super::CaseLogError;
use crate::base::{Reader, Writer};
use crate::crypto::{self, BOX_OVERHEAD_BYTES, BoxPublic, Deployment, Hash32, MailboxId, slots::SLOT_BYTES};

pub(super) const VERSION: u8 = 1;
pub(super) const SUITE: u8 = 1;
const KIND: u8 = 3;
/// Slots in an entry.
pub(super) const SLOTS: usize = 16;
pub(super) const SLOTS_BYTES: usize = SLOTS * SLOT_BYTES;
pub(super) const SEALED_BYTES: usize = 4096;
pub(super) const PLAIN_BYTES: usize = SEALED_BYTES - BOX_OVERHEAD_BYTES;
const FIXED_BYTES: usize = 4 + 32 + 4 + 4 + 32;
/// The whole entry.
pub const ENTRY_BYTES: usize = FIXED_BYTES + SLOTS_BYTES + SLOT_BYTES + SEALED_BYTES;
const _: () = assert!(ENTRY_BYTES == 4988 && FIXED_BYTES == 76);

/// Where an entry stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The case.
    pub mailbox_id: MailboxId,
    /// From 0.
    pub number: u32,
    /// The epoch whose `desk_key` wraps it.
    pub epoch: u32,
}

/// An entry of the right form; nothing in it is checked yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub(super) place: Place,
    pub(super) ephemeral_pk: BoxPublic,
    pub(super) slots: Box<[u8; SLOTS_BYTES]>,
    pub(super) wrap: [u8; SLOT_BYTES],
    pub(super) sealed: Vec<u8>,
}

impl Entry {
    /// Reads 4988 bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, CaseLogError> {
        if bytes.len() != ENTRY_BYTES {
            return Err(CaseLogError::WrongLength);
        }
        let mut r = Reader::new(bytes);
        check_front(&mut r, KIND)?;
        if r.u8()? != 0 {
            return Err(CaseLogError::NotCanonical);
        }
        Ok(Self {
            place: Place { mailbox_id: MailboxId(r.array()?), number: r.u32()?, epoch: r.u32()? },
            ephemeral_pk: BoxPublic(r.array()?),
            slots: Box::new(r.array()?),
            wrap: r.array()?,
            sealed: r.rest().to_vec(),
        })
    }

    /// The 4988 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(ENTRY_BYTES);
        w.put(&fixed(&self.place, &self.ephemeral_pk)).put(&self.slots[..]).put(&self.wrap).put(&self.sealed);
        w.finish()
    }

    /// Where it stands.
    pub fn place(&self) -> Place {
        self.place
    }

    /// What the next entry's `previous` must be.
    pub fn hash(&self) -> Hash32 {
        crypto::hash("entry", &[&self.to_bytes()])
    }
}

/// Version, suite and kind, the first three bytes of everything.
pub(super) fn check_front(r: &mut Reader<'_>, kind: u8) -> Result<(), CaseLogError> {
    if r.u8()? != VERSION {
        return Err(CaseLogError::UnknownVersion);
    }
    if r.u8()? != SUITE {
        return Err(CaseLogError::UnknownSuite);
    }
    if r.u8()? == kind { Ok(()) } else { Err(CaseLogError::UnknownKind) }
}

fn fixed(place: &Place, ephemeral_pk: &BoxPublic) -> Vec<u8> {
    let mut w = Writer::with_capacity(FIXED_BYTES);
    w.put(&[VERSION, SUITE, KIND, 0]).put(place.mailbox_id.bytes()).u32(place.number).u32(place.epoch).put(ephemeral_pk.bytes());
    w.finish()
}

/// What keys are bound to: the deployment and the 76 bytes before the slots.
pub(super) fn context(deployment: &Deployment, place: &Place, ephemeral_pk: &BoxPublic) -> Hash32 {
    crypto::hash("entry context", &[deployment.bytes(), &fixed(place, ephemeral_pk)])
}
