//! Ed25519 and X25519 pairs.

use super::hashing::tag;
use super::{BoxPublic, CryptoError, Deployment, SignPublic, Signature, ready};
use crate::base::Secret;
use sodiumoxide::crypto::{scalarmult::curve25519 as x25519, sign::ed25519};

/// An Ed25519 pair. The secret half is erased on drop (by sodiumoxide).
pub struct SignKey {
    public: SignPublic,
    secret: ed25519::SecretKey,
}

impl SignKey {
    /// The pair of a 32-byte seed (`crypto_sign_seed_keypair`).
    pub fn from_seed(seed: &Secret<32>) -> Self {
        ready();
        let (public, secret) = ed25519::keypair_from_seed(&ed25519::Seed(*seed.expose()));
        Self { public: SignPublic(public.0), secret }
    }

    /// A second holder of the same pair, said out loud.
    pub fn duplicate(&self) -> Self {
        Self { public: self.public, secret: self.secret.clone() }
    }

    /// The public half.
    pub fn public(&self) -> SignPublic {
        self.public
    }

    /// `sign(sk, use, parts)`: covers the domain string and the deployment.
    pub fn sign(&self, usage: &str, deployment: &Deployment, parts: &[&[u8]]) -> Signature {
        self.sign_raw(&message(usage, deployment, parts))
    }

    /// Signs the bytes as they are: for DSSE, whose payload type carries use and deployment.
    pub fn sign_raw(&self, message: &[u8]) -> Signature {
        Signature(ed25519::sign_detached(message, &self.secret).to_bytes())
    }
}

fn message(usage: &str, deployment: &Deployment, parts: &[&[u8]]) -> Vec<u8> {
    let mut message = tag(usage);
    message.extend_from_slice(deployment.bytes());
    for part in parts {
        message.extend_from_slice(part);
    }
    message
}

impl SignPublic {
    /// Checks a signature made by [`SignKey::sign`].
    pub fn verifies(&self, usage: &str, deployment: &Deployment, parts: &[&[u8]], signature: &Signature) -> bool {
        self.verifies_raw(&message(usage, deployment, parts), signature)
    }

    /// Checks a signature made by [`SignKey::sign_raw`].
    pub fn verifies_raw(&self, message: &[u8], signature: &Signature) -> bool {
        ready();
        let Ok(signature) = ed25519::Signature::from_bytes(&signature.0) else { return false };
        // A key off the main subgroup would make the answer hang on how a library rounds off the small part.
        self.check_strength().is_ok() && ed25519::verify_detached(&signature, message, &ed25519::PublicKey(self.0))
    }

    /// Refuses a key of small order or off the main subgroup. libsodium makes this check when it maps a key to Curve25519.
    pub fn check_strength(&self) -> Result<(), CryptoError> {
        ready();
        ed25519::to_curve25519_pk(&ed25519::PublicKey(self.0)).map(|_| ()).map_err(|()| CryptoError::WeakKey)
    }
}

/// An X25519 pair. The secret half is erased on drop.
pub struct BoxKey {
    public: BoxPublic,
    secret: Secret<32>,
}

impl BoxKey {
    /// The pair of a 32-byte scalar.
    pub fn from_secret(secret: Secret<32>) -> Self {
        ready();
        let public = x25519::scalarmult_base(&x25519::Scalar(*secret.expose()));
        Self { public: BoxPublic(public.0), secret }
    }

    /// The public half.
    pub fn public(&self) -> BoxPublic {
        self.public
    }

    /// The scalar, for a key file.
    pub fn secret(&self) -> &Secret<32> {
        &self.secret
    }

    /// `X25519(own secret, their public)`; an all-zero result is refused.
    pub fn shared(&self, theirs: &BoxPublic) -> Result<Secret<32>, CryptoError> {
        let scalar = x25519::Scalar(*self.secret.expose());
        x25519::scalarmult(&scalar, &x25519::GroupElement(theirs.0))
            .map(|element| Secret::new(element.0))
            .map_err(|()| CryptoError::WeakKey)
    }
}

impl BoxPublic {
    /// Refuses a key of small order: any scalar times it is zero.
    pub fn check_strength(&self) -> Result<(), CryptoError> {
        BoxKey::from_secret(Secret::new([9; 32])).shared(self).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::random_secret;

    #[test]
    fn a_signature_holds_for_its_use_and_deployment_alone() {
        let key = SignKey::from_seed(&random_secret());
        let (here, there) = (Deployment([1; 32]), Deployment([2; 32]));
        let signature = key.sign("seal", &here, &[b"x"]);
        assert!(key.public().verifies("seal", &here, &[b"x"], &signature));
        assert!(!key.public().verifies("gate login", &here, &[b"x"], &signature));
        assert!(!key.public().verifies("seal", &there, &[b"x"], &signature));
        assert!(!key.public().verifies("seal", &here, &[b"y"], &signature));
    }

    #[test]
    fn weak_keys_are_refused() {
        let mut one = [0; 32];
        one[0] = 1;
        for weak in [[0; 32], one] {
            assert_eq!(BoxPublic(weak).check_strength(), Err(CryptoError::WeakKey));
            assert_eq!(SignPublic(weak).check_strength(), Err(CryptoError::WeakKey));
        }
        assert!(BoxKey::from_secret(random_secret()).public().check_strength().is_ok());
        assert!(SignKey::from_seed(&random_secret()).public().check_strength().is_ok());
    }

    #[test]
    fn two_sides_share_a_secret() {
        let (a, b) = (BoxKey::from_secret(random_secret()), BoxKey::from_secret(random_secret()));
        assert_eq!(a.shared(&b.public()).unwrap().expose(), b.shared(&a.public()).unwrap().expose());
    }
}
