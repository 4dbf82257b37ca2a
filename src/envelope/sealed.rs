//! A sealed envelope, and its head: what is kept and shown of it without the body.

use super::{EnvelopeError, HEADER_BYTES, Header, SizeClass};
use crate::base::{Reader, Writer};
use crate::crypto::{self, Deployment, Hash32, Signature};

/// Length of a seal.
pub const SEAL_BYTES: usize = 64;
/// `header ‖ body hash ‖ seal`.
pub const HEAD_BYTES: usize = HEADER_BYTES + 32 + SEAL_BYTES;
/// The longest envelope.
pub const ENVELOPE_MAX_BYTES: usize = HEADER_BYTES + SEAL_BYTES + SizeClass::Large.body_bytes();

/// `header ‖ seal ‖ body` of the right form. Its seal is not checked yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed {
    header: Header,
    seal: Signature,
    body: Vec<u8>,
}

/// `header ‖ hash of the body ‖ seal`: enough to check the seal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    header: Header,
    body_hash: Hash32,
    seal: Signature,
}

fn body_hash(body: &[u8]) -> Hash32 {
    crypto::hash("body", &[body])
}

impl Sealed {
    pub(super) fn new(header: Header, seal: Signature, body: Vec<u8>) -> Self {
        Self { header, seal, body }
    }

    /// Reads the wire form: every length exact.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let mut r = Reader::new(bytes);
        let header = Header::parse(r.take(HEADER_BYTES)?)?;
        let seal = Signature(r.array()?);
        let body = r.rest().to_vec();
        if body.len() != header.size.body_bytes() {
            return Err(EnvelopeError::WrongLength);
        }
        Ok(Self { header, seal, body })
    }

    /// Puts a head and a body back together; the body must be the one the head names.
    pub fn from_head(head: Head, body: Vec<u8>) -> Result<Self, EnvelopeError> {
        if body.len() != head.header.size.body_bytes() {
            return Err(EnvelopeError::WrongLength);
        }
        if body_hash(&body) != head.body_hash {
            return Err(EnvelopeError::BadSeal);
        }
        Ok(Self { header: head.header, seal: head.seal, body })
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(HEADER_BYTES + SEAL_BYTES + self.body.len());
        w.put(&self.header.to_bytes()).put(self.seal.as_ref()).put(&self.body);
        w.finish()
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The ciphertext of the body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// What is kept of it without the body.
    pub fn head(&self) -> Head {
        Head { header: self.header.clone(), body_hash: body_hash(&self.body), seal: self.seal }
    }

    /// Checks the seal.
    pub fn verify(&self, deployment: &Deployment) -> Result<(), EnvelopeError> {
        self.head().verify(deployment)
    }
}

impl Head {
    /// Reads `header ‖ body hash ‖ seal`.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() != HEAD_BYTES {
            return Err(EnvelopeError::WrongLength);
        }
        let mut r = Reader::new(bytes);
        Ok(Self { header: Header::parse(r.take(HEADER_BYTES)?)?, body_hash: Hash32(r.array()?), seal: Signature(r.array()?) })
    }

    /// `header ‖ body hash ‖ seal`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(HEAD_BYTES);
        w.put(&self.header.to_bytes()).put(self.body_hash.bytes()).put(self.seal.as_ref());
        w.finish()
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The hash of the body.
    pub fn body_hash(&self) -> Hash32 {
        self.body_hash
    }

    /// Checks the seal under the header's own `reporter_sign_pk`, to which the mailbox id is bound.
    pub fn verify(&self, deployment: &Deployment) -> Result<(), EnvelopeError> {
        let header = self.header.to_bytes();
        let good = self.header.reporter_sign_pk.verifies("seal", deployment, &[&header, self.body_hash.bytes()], &self.seal);
        if good { Ok(()) } else { Err(EnvelopeError::BadSeal) }
    }

    /// What the next message's `previous` must be.
    pub fn link(&self) -> Hash32 {
        crypto::hash("envelope", &[&self.header.to_bytes(), self.seal.as_ref()])
    }
}
