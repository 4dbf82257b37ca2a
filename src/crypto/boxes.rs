//! Secret boxes, one-message secret streams, sealed boxes.

use super::{BoxKey, BoxPublic, CryptoError, ready};
use crate::base::Secret;
use sodiumoxide::crypto::{box_, sealedbox, secretbox, secretstream};

/// What a secretbox adds: its 16-byte tag.
pub const BOX_OVERHEAD_BYTES: usize = 16;
/// What one secretstream message adds.
pub const STREAM_OVERHEAD_BYTES: usize = 17;

const ZERO_NONCE: [u8; 24] = [0; 24];

/// `box0(key, plain)`: a secretbox with a zero nonce. Each key is used for one message alone.
pub fn box0_seal(key: &Secret<32>, plain: &[u8]) -> Vec<u8> {
    secretbox_seal(key, &ZERO_NONCE, plain)
}

/// Opens [`box0_seal`]; `None` for a wrong key or changed bytes.
pub fn box0_open(key: &Secret<32>, sealed: &[u8]) -> Option<Vec<u8>> {
    secretbox_open(key, &ZERO_NONCE, sealed)
}

/// XSalsa20-Poly1305 with a nonce handed in.
pub fn secretbox_seal(key: &Secret<32>, nonce: &[u8; 24], plain: &[u8]) -> Vec<u8> {
    ready();
    secretbox::seal(plain, &secretbox::Nonce(*nonce), &secretbox::Key(*key.expose()))
}

/// Opens [`secretbox_seal`]; `None` for a wrong key or changed bytes.
pub fn secretbox_open(key: &Secret<32>, nonce: &[u8; 24], sealed: &[u8]) -> Option<Vec<u8>> {
    ready();
    secretbox::open(sealed, &secretbox::Nonce(*nonce), &secretbox::Key(*key.expose())).ok()
}

/// A secretstream of exactly one message, in two steps: its header can be part of its own associated data.
pub struct StreamSealer(secretstream::Stream<secretstream::Push>);

impl StreamSealer {
    /// Starts a stream; gives its 24-byte header.
    pub fn start(key: &Secret<32>) -> (Self, [u8; 24]) {
        ready();
        #[expect(clippy::expect_used, reason = "init_push only fills a state and draws a header; it has no failing path")]
        let (stream, header) = secretstream::Stream::init_push(&secretstream::Key(*key.expose())).expect("a stream can be started");
        (Self(stream), header.0)
    }

    /// Seals the one message, tag FINAL. The result is 17 bytes longer.
    pub fn finish(mut self, associated: &[u8], plain: &[u8]) -> Vec<u8> {
        #[expect(clippy::expect_used, reason = "fails only above 256 GiB")]
        self.0.push(plain, Some(associated), secretstream::Tag::Final).expect("the message is short enough")
    }
}

/// Opens a stream of one message; `None` for a wrong key, changed bytes or a tag other than FINAL.
pub fn stream_open(key: &Secret<32>, header: &[u8; 24], associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    ready();
    let mut stream = secretstream::Stream::init_pull(&secretstream::Header(*header), &secretstream::Key(*key.expose())).ok()?;
    match stream.pull(sealed, Some(associated)).ok()? {
        (plain, secretstream::Tag::Final) => Some(plain),
        _ => None,
    }
}

/// `crypto_box_seal`. sodiumoxide drops libsodium's return code, so the key is checked before and the result after:
/// a weak key would give zeros behind the ephemeral key and no error, a message silently lost.
pub fn sealed_box_seal(to: &BoxPublic, plain: &[u8]) -> Result<Vec<u8>, CryptoError> {
    to.check_strength()?;
    let sealed = sealedbox::seal(plain, &box_::PublicKey(to.0));
    let lost = sealed.len() != plain.len() + 48 || sealed.iter().skip(32).take(BOX_OVERHEAD_BYTES).all(|byte| *byte == 0);
    if lost { Err(CryptoError::WeakKey) } else { Ok(sealed) }
}

/// Opens a sealed box; `None` for a wrong key or changed bytes.
pub fn sealed_box_open(own: &BoxKey, sealed: &[u8]) -> Option<Vec<u8>> {
    ready();
    sealedbox::open(sealed, &box_::PublicKey(own.public().0), &box_::SecretKey(*own.secret().expose())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::random_secret;

    #[test]
    fn a_stream_opens_only_with_its_associated_data() {
        let key = random_secret();
        let (sealer, header) = StreamSealer::start(&key);
        let sealed = sealer.finish(b"ad", b"plain");
        assert_eq!(sealed.len(), 5 + STREAM_OVERHEAD_BYTES);
        assert_eq!(stream_open(&key, &header, b"ad", &sealed).unwrap(), b"plain");
        assert!(stream_open(&key, &header, b"da", &sealed).is_none());
        assert!(stream_open(&random_secret(), &header, b"ad", &sealed).is_none());
        assert!(stream_open(&key, &header, b"ad", b"short").is_none());
    }

    #[test]
    fn a_stream_that_is_not_ended_is_refused() {
        let key = random_secret();
        let (mut sealer, header) = StreamSealer::start(&key);
        let sealed = sealer.0.push(b"plain", Some(b"ad"), secretstream::Tag::Message).unwrap();
        assert!(stream_open(&key, &header, b"ad", &sealed).is_none());
    }

    #[test]
    fn a_box_to_a_weak_key_is_an_error_and_not_a_lost_message() {
        assert_eq!(sealed_box_seal(&BoxPublic([0; 32]), b"x"), Err(CryptoError::WeakKey));
        let own = BoxKey::from_secret(random_secret());
        let sealed = sealed_box_seal(&own.public(), b"x").unwrap();
        assert_eq!(sealed_box_open(&own, &sealed).unwrap(), b"x");
        assert!(sealed_box_open(&BoxKey::from_secret(random_secret()), &sealed).is_none());
    }

    #[test]
    fn sodiumoxide_itself_loses_a_message_to_a_weak_key() {
        // Pins the fault that `sealed_box_seal` guards against: an ephemeral key, then zeros, and no error.
        ready();
        let lost = sealedbox::seal(b"x", &box_::PublicKey([0; 32]));
        assert!(lost.iter().skip(32).all(|byte| *byte == 0));
    }

    #[test]
    fn a_changed_box_does_not_open() {
        let key = random_secret();
        let mut sealed = box0_seal(&key, b"seed");
        sealed[3] ^= 1;
        assert!(box0_open(&key, &sealed).is_none());
        assert!(box0_open(&key, &[]).is_none());
    }
}
