//! What is said of a part beside it: where it belongs, its length and hash, the reporter's signature.

use super::{PARTS_MAX, is_part_length};
use crate::base::{Reader, Writer};
use crate::crypto::{Deployment, Hash32, MailboxId, SignKey, SignPublic, Signature};
use crate::envelope::EnvelopeError;
use crate::receipt;
use uuid::Uuid;

/// `u8 1 ‖ u8 last ‖ 2 zeros ‖ reporter_sign_pk 32 ‖ blob id 16 ‖ u32 part ‖ u32 length ‖ BLAKE2b-32(part) ‖ signature 64`.
pub const PART_HEAD_BYTES: usize = 4 + 32 + 16 + 4 + 4 + 32 + 64;
const _: () = assert!(PART_HEAD_BYTES == 156);
const VERSION: u8 = 1;

/// A part's head of the right form. Its signature is checked by [`PartHead::verify`].
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the fields of docs/protocol/api.md, by their names")]
pub struct PartHead {
    pub reporter_sign_pk: SignPublic,
    pub blob: Uuid,
    pub number: u32,
    pub is_last: bool,
    /// Bytes of the part.
    pub length: u32,
    /// BLAKE2b-32 of the part, without a domain string.
    pub hash: Hash32,
    pub signature: Signature,
}

impl PartHead {
    /// Signs a part.
    pub fn sign(
        reporter: &SignKey,
        (blob, number, is_last): (Uuid, u32, bool),
        (length, hash): (u32, Hash32),
        deployment: &Deployment,
    ) -> Self {
        let none = Signature([0; 64]);
        let mut head = Self { reporter_sign_pk: reporter.public(), blob, number, is_last, length, hash, signature: none };
        head.signature = reporter.sign("attachment part", deployment, &[&head.signed()]);
        head
    }

    fn signed(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.put(self.mailbox_id().bytes()).put(self.blob.as_bytes()).u32(self.number).u8(u8::from(self.is_last)).put(self.hash.bytes());
        w.finish()
    }

    /// The mailbox it belongs to: the signing key's.
    pub fn mailbox_id(&self) -> MailboxId {
        receipt::mailbox_id(&self.reporter_sign_pk)
    }

    /// Reads 156 bytes. A part number that no attachment has, or a length that no part has, is not canonical.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() != PART_HEAD_BYTES {
            return Err(EnvelopeError::WrongLength);
        }
        let mut r = Reader::new(bytes);
        if r.u8()? != VERSION {
            return Err(EnvelopeError::UnknownVersion);
        }
        let is_last = match r.array::<3>()? {
            [0, 0, 0] => false,
            [1, 0, 0] => true,
            _ => return Err(EnvelopeError::NotCanonical),
        };
        let (reporter_sign_pk, blob) = (SignPublic(r.array()?), Uuid::from_bytes(r.array()?));
        let (number, length, hash, signature) = (r.u32()?, r.u32()?, Hash32(r.array()?), Signature(r.array()?));
        let fits = usize::try_from(length).is_ok_and(|length| is_part_length(length, is_last && number == 0));
        if number >= PARTS_MAX || !fits {
            return Err(EnvelopeError::NotCanonical);
        }
        Ok(Self { reporter_sign_pk, blob, number, is_last, length, hash, signature })
    }

    /// The 156 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(PART_HEAD_BYTES);
        w.put(&[VERSION, u8::from(self.is_last), 0, 0]).put(self.reporter_sign_pk.bytes()).put(self.blob.as_bytes());
        w.u32(self.number).u32(self.length).put(self.hash.bytes()).put(self.signature.as_ref());
        w.finish()
    }

    /// Whether the holder of the receipt signed it, for this deployment.
    pub fn verify(&self, deployment: &Deployment) -> Result<(), EnvelopeError> {
        let good = self.reporter_sign_pk.verifies("attachment part", deployment, &[&self.signed()], &self.signature);
        if good { Ok(()) } else { Err(EnvelopeError::BadSignature) }
    }
}
