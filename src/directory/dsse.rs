//! DSSE: a payload, its type, and signatures over both.

use super::{Authority, DirectoryError};
use crate::base::encode;
use crate::crypto::{SignKey, SignPublic, Signature};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Signatures that are read at most: each one costs a pass over the payload, and anyone may hand in an envelope.
pub const SIGNATURES_MAX: usize = 16;

/// A signed payload of some type. Its payload is believed only through [`Dsse::verify`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Dsse {
    payload_type: String,
    payload: Vec<u8>,
    signatures: Vec<(SignPublic, Signature)>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Wire {
    #[serde(rename = "payloadType")]
    payload_type: String,
    payload: String,
    signatures: Vec<WireSignature>,
}

#[derive(Clone, Serialize, Deserialize)]
struct WireSignature {
    keyid: SignPublic,
    sig: String,
}

impl TryFrom<Wire> for Dsse {
    type Error = DirectoryError;

    fn try_from(wire: Wire) -> Result<Self, DirectoryError> {
        if wire.signatures.len() > SIGNATURES_MAX {
            return Err(DirectoryError::BadJson);
        }
        let payload = encode::from_base64(&wire.payload).ok_or(DirectoryError::BadJson)?;
        let signature = |s: WireSignature| {
            let bytes = encode::from_base64(&s.sig).and_then(|b| b.try_into().ok()).ok_or(DirectoryError::BadJson)?;
            Ok((s.keyid, Signature(bytes)))
        };
        let signatures = wire.signatures.into_iter().map(signature).collect::<Result<_, DirectoryError>>()?;
        Ok(Self { payload_type: wire.payload_type, payload, signatures })
    }
}

impl From<Dsse> for Wire {
    fn from(dsse: Dsse) -> Self {
        let signature = |(keyid, sig): (SignPublic, Signature)| WireSignature { keyid, sig: encode::base64(sig.as_ref()) };
        Self {
            payload: encode::base64(&dsse.payload),
            payload_type: dsse.payload_type,
            signatures: dsse.signatures.into_iter().map(signature).collect(),
        }
    }
}

/// `"DSSEv1" SP len(type) SP type SP len(payload) SP payload`.
fn pre_authentication(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let front = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [front.as_bytes(), payload].concat()
}

impl Dsse {
    /// A payload that nobody signed yet.
    pub fn unsigned(payload_type: String, payload: Vec<u8>) -> Self {
        Self { payload_type, payload, signatures: Vec::new() }
    }

    /// Adds a signature; one by the same key is replaced.
    pub fn sign(&mut self, key: &SignKey) {
        let signature = key.sign_raw(&pre_authentication(&self.payload_type, &self.payload));
        self.signatures.retain(|(by, _)| *by != key.public());
        self.signatures.push((key.public(), signature));
    }

    /// Checks the type and that enough distinct keys of the authority signed.
    pub fn verify(&self, payload_type: &str, authority: &Authority) -> Result<&[u8], DirectoryError> {
        if self.payload_type != payload_type || self.good_signatures(authority) < authority.threshold() {
            return Err(DirectoryError::BadSignature);
        }
        Ok(&self.payload)
    }

    /// How many distinct keys of an authority made good signatures.
    pub fn good_signatures(&self, authority: &Authority) -> usize {
        let signed = pre_authentication(&self.payload_type, &self.payload);
        let good = |(by, signature): &&(SignPublic, Signature)| authority.keys().contains(by) && by.verifies_raw(&signed, signature);
        let signers: BTreeSet<SignPublic> = self.signatures.iter().filter(good).map(|(by, _)| *by).collect();
        signers.len()
    }

    /// What it says it is.
    pub fn payload_type(&self) -> &str {
        &self.payload_type
    }

    /// The payload, unverified: only to find out what it claims.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// How many signatures it carries, good or not.
    pub fn signature_count(&self) -> usize {
        self.signatures.len()
    }
}
