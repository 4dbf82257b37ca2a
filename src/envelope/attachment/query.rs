//! "Which parts are there": what makes an upload resumable. Both sides read and write it here.

use super::{PARTS_MAX, wide};
use crate::base::{Reader, Writer};
use crate::crypto::{Deployment, SignKey, SignPublic, Signature, work::NONCE_BYTES};
use crate::envelope::EnvelopeError;
use uuid::Uuid;

/// `u8 1 ‖ 3 zeros ‖ reporter_sign_pk 32 ‖ blob id 16 ‖ nonce 36 ‖ signature 64`.
pub const PARTS_QUERY_BYTES: usize = SIGNED_BYTES + 64;
const SIGNED_BYTES: usize = 4 + 32 + 16 + NONCE_BYTES;
/// Length of the answer, whatever it says.
pub const HELD_BYTES: usize = 512;
const MAP_BYTES: usize = 256;
const _: () = assert!(PARTS_QUERY_BYTES == 152 && MAP_BYTES * 8 == 2048 && PARTS_MAX == 2048);

/// The question. Its signature is checked by [`PartsQuery::verify`].
pub struct PartsQuery {
    /// Whose mailbox.
    pub reporter_sign_pk: SignPublic,
    /// Which attachment.
    pub blob: Uuid,
    /// The server's nonce.
    pub nonce: [u8; NONCE_BYTES],
    signature: Signature,
}

impl PartsQuery {
    /// Makes the request.
    pub fn sign(reporter: &SignKey, blob: Uuid, nonce: [u8; NONCE_BYTES], deployment: &Deployment) -> Self {
        let mut query = Self { reporter_sign_pk: reporter.public(), blob, nonce, signature: Signature([0; 64]) };
        query.signature = reporter.sign("attachment query", deployment, &[&query.signed()]);
        query
    }

    fn signed(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(SIGNED_BYTES);
        w.put(&[1, 0, 0, 0]).put(self.reporter_sign_pk.bytes()).put(self.blob.as_bytes()).put(&self.nonce);
        w.finish()
    }

    /// Reads 152 bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() != PARTS_QUERY_BYTES {
            return Err(EnvelopeError::WrongLength);
        }
        let mut r = Reader::new(bytes);
        if r.array::<4>()? != [1, 0, 0, 0] {
            return Err(EnvelopeError::NotCanonical);
        }
        let (reporter_sign_pk, blob) = (SignPublic(r.array()?), Uuid::from_bytes(r.array()?));
        Ok(Self { reporter_sign_pk, blob, nonce: r.array()?, signature: Signature(r.array()?) })
    }

    /// The 152 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.signed()[..], self.signature.as_ref()].concat()
    }

    /// Whether the holder of the receipt asks.
    pub fn verify(&self, deployment: &Deployment) -> Result<(), EnvelopeError> {
        let good = self.reporter_sign_pk.verifies("attachment query", deployment, &[&self.signed()], &self.signature);
        if good { Ok(()) } else { Err(EnvelopeError::BadSignature) }
    }
}

/// Which parts of an attachment a server holds, and what it would still take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldParts {
    map: Box<[u8; MAP_BYTES]>,
    /// Bytes of parts that the mailbox may still take.
    pub room: u64,
    /// Parts that one attachment may have here.
    pub parts_max: u32,
}

impl HeldParts {
    /// Without a part.
    pub fn new(room: u64, parts_max: u32) -> Self {
        Self { map: Box::new([0; MAP_BYTES]), room, parts_max }
    }

    /// Marks a part as held.
    pub fn mark(&mut self, number: u32) {
        let byte = usize::try_from(number / 8).ok().and_then(|at| self.map.get_mut(at));
        byte.into_iter().for_each(|byte| *byte |= 1 << (number % 8));
    }

    /// Whether a part is held.
    pub fn holds(&self, number: u32) -> bool {
        let byte = usize::try_from(number / 8).ok().and_then(|at| self.map.get(at)).copied().unwrap_or_default();
        byte & (1 << (number % 8)) != 0
    }

    /// How many are held.
    pub fn count(&self) -> u32 {
        self.map.iter().map(|byte| byte.count_ones()).sum()
    }

    /// The answer, 512 bytes; `None`, for a mailbox that is unknown or destroyed, is zeros.
    pub fn write(held: Option<&Self>) -> Vec<u8> {
        let mut w = Writer::with_capacity(HELD_BYTES);
        if let Some(held) = held {
            w.put(&[1, 0, 0, 0]).u32(held.count()).u32(held.parts_max).u32(0).u64(held.room).u64(0).put(&held.map[..]);
        }
        w.pad_to(HELD_BYTES);
        w.finish()
    }

    /// Reads the answer.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, EnvelopeError> {
        if bytes.len() != HELD_BYTES {
            return Err(EnvelopeError::WrongLength);
        }
        if bytes.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let mut r = Reader::new(bytes);
        let (first, count, parts_max, zero) = (r.array::<4>()?, r.u32()?, r.u32()?, r.u32()?);
        let (room, zeros) = (r.u64()?, r.u64()?);
        let held = Self { map: Box::new(r.array()?), room, parts_max };
        let is_canonical = first == [1, 0, 0, 0] && zero == 0 && zeros == 0 && count == held.count() && r.rest().iter().all(|b| *b == 0);
        if is_canonical { Ok(Some(held)) } else { Err(EnvelopeError::NotCanonical) }
    }
}

const _: () = assert!(4 + 4 + 4 + 4 + 8 + 8 + MAP_BYTES <= HELD_BYTES);

impl HeldParts {
    /// Whether an attachment of so many parts, of at most so many bytes each, would still be taken as a whole.
    pub fn takes(&self, parts: u32, part_bytes: usize) -> bool {
        let missing = (0..parts).filter(|n| !self.holds(*n)).count();
        parts <= self.parts_max && wide(missing).saturating_mul(wide(part_bytes)) <= self.room
    }
}
