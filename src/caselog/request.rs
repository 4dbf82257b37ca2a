//! Requests about one case, signed by the gate key and by `case_sign` (docs/protocol/api.md).

use super::CaseLogError;
use crate::base::{Reader, Writer};
use crate::crypto::{self, Deployment, MailboxId, SignKey, SignPublic, Signature};

/// A server's nonce.
pub const NONCE_BYTES: usize = 36;
/// All of a case request before its payload.
pub const REQUEST_FRONT_BYTES: usize = 4 + 32 + 4 + NONCE_BYTES + 64 + 64;

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verb {
    /// Append an entry.
    Entry,
    /// Append a reply.
    Reply,
    /// Fetch a body.
    Body,
    /// Fetch a part of an attachment.
    Part,
}

impl Verb {
    /// Its byte on the wire.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Entry => 1,
            Self::Reply => 2,
            Self::Body => 3,
            Self::Part => 7,
        }
    }
}

/// A request of the right form; its signatures are checked by [`CaseRequest::verify`].
pub struct CaseRequest {
    /// What is asked.
    pub verb: Verb,
    /// The case.
    pub mailbox_id: MailboxId,
    /// The epoch whose `case_sign` signed.
    pub epoch: u32,
    /// The server's nonce.
    pub nonce: [u8; NONCE_BYTES],
    /// Entry, reply, the number of a message, or which part.
    pub payload: Vec<u8>,
    gate: Signature,
    case: Signature,
}

impl CaseRequest {
    /// Makes a request with both signatures.
    pub fn make(
        (verb, mailbox_id, epoch): (Verb, MailboxId, u32),
        nonce: [u8; NONCE_BYTES],
        payload: Vec<u8>,
        (gate, case): (&SignKey, &SignKey),
        deployment: &Deployment,
    ) -> Self {
        let none = Signature([0; 64]);
        let mut request = Self { verb, mailbox_id, epoch, nonce, payload, gate: none, case: none };
        let signed = request.signed();
        request.gate = gate.sign("case request", deployment, &[&signed]);
        request.case = case.sign("case request", deployment, &[&signed]);
        request
    }

    fn signed(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.u8(self.verb.byte()).put(self.mailbox_id.bytes()).u32(self.epoch).put(&self.nonce);
        w.put(&crypto::blake2b_256(&[&self.payload]));
        w.finish()
    }

    /// Reads a request; lengths are the caller's to limit before.
    pub fn parse(bytes: &[u8]) -> Result<Self, CaseLogError> {
        let mut r = Reader::new(bytes);
        let verb = r.u8()?;
        let verb =
            [Verb::Entry, Verb::Reply, Verb::Body, Verb::Part].into_iter().find(|v| v.byte() == verb).ok_or(CaseLogError::UnknownKind)?;
        if r.array::<3>()? != [0; 3] {
            return Err(CaseLogError::NotCanonical);
        }
        let (mailbox_id, epoch, nonce) = (MailboxId(r.array()?), r.u32()?, r.array()?);
        let (gate, case) = (Signature(r.array()?), Signature(r.array()?));
        Ok(Self { verb, mailbox_id, epoch, nonce, payload: r.rest().to_vec(), gate, case })
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(REQUEST_FRONT_BYTES + self.payload.len());
        w.put(&[self.verb.byte(), 0, 0, 0]).put(self.mailbox_id.bytes()).u32(self.epoch).put(&self.nonce);
        w.put(self.gate.as_ref()).put(self.case.as_ref()).put(&self.payload);
        w.finish()
    }

    /// Whether both keys signed it.
    pub fn verify(&self, gate: &SignPublic, case: &SignPublic, deployment: &Deployment) -> Result<(), CaseLogError> {
        let signed = self.signed();
        let good = gate.verifies("case request", deployment, &[&signed], &self.gate)
            && case.verifies("case request", deployment, &[&signed], &self.case);
        if good { Ok(()) } else { Err(CaseLogError::BadSignature) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::random_secret;

    #[test]
    fn both_signatures_are_wanted_and_cover_everything() {
        let (gate, case, other) =
            (SignKey::from_seed(&random_secret()), SignKey::from_seed(&random_secret()), SignKey::from_seed(&random_secret()));
        let here = Deployment([1; 32]);
        let about = (Verb::Body, MailboxId([2; 32]), 0);
        let bytes = CaseRequest::make(about, [3; 36], vec![0, 0, 0, 1], (&gate, &case), &here).to_bytes();
        assert_eq!(bytes.len(), REQUEST_FRONT_BYTES + 4);
        let good = |bytes: &[u8], g: &SignKey, c: &SignKey| {
            CaseRequest::parse(bytes).and_then(|r| r.verify(&g.public(), &c.public(), &here)).is_ok()
        };
        assert!(good(&bytes, &gate, &case));
        assert!(!good(&bytes, &other, &case) && !good(&bytes, &gate, &other) && !good(&bytes, &case, &gate));
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= 1;
            assert!(!good(&bent, &gate, &case), "byte {at}");
        }
    }
}
