//! BLAKE2b under domain strings.

use super::{Hash32, ready};
use crate::base::Secret;
use sodiumoxide::crypto::generichash::State;

const PREFIX: &str = "amparo v1 ";

/// `tag(use)`: `u16 length ‖ "amparo v1 " ‖ use`.
pub(super) fn tag(usage: &str) -> Vec<u8> {
    let length = PREFIX.len() + usage.len();
    #[expect(clippy::expect_used, reason = "a use is a short literal of this program")]
    let length = u16::try_from(length).expect("a domain string is shorter than 64 KiB");
    [&length.to_be_bytes()[..], PREFIX.as_bytes(), usage.as_bytes()].concat()
}

/// BLAKE2b of `OUT` bytes (16 to 64) fed piece by piece.
pub struct Hasher(State);

impl Hasher {
    /// Unkeyed, 32 bytes, without a domain string: for hashes of whole files.
    pub fn plain() -> Self {
        Self::start(32, None)
    }

    fn start(out: usize, key: Option<&[u8]>) -> Self {
        ready();
        #[expect(clippy::expect_used, reason = "callers in this room ask for 16 to 64 bytes, keys of 32")]
        Self(State::new(Some(out), key).expect("lengths are within BLAKE2b's"))
    }

    /// Adds a piece.
    pub fn update(&mut self, piece: &[u8]) -> &mut Self {
        #[expect(clippy::expect_used, reason = "libsodium's update has no failing path for a started state")]
        self.0.update(piece).expect("a started state takes bytes");
        self
    }

    fn finish_into(self, out: &mut [u8]) {
        #[expect(clippy::expect_used, reason = "a state is finished once: it is consumed")]
        let digest = self.0.finalize().expect("a started state can be finished");
        out.copy_from_slice(digest.as_ref());
    }

    /// The 32-byte digest.
    pub fn finish(self) -> [u8; 32] {
        let mut out = [0; 32];
        self.finish_into(&mut out);
        out
    }
}

/// `BLAKE2b-32(no key, parts)` without a domain string: for whole files and payloads.
pub fn blake2b_256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Hasher::plain();
    for part in parts {
        hasher.update(part);
    }
    hasher.finish()
}

/// `BLAKE2b-16(no key, tag(use) ‖ parts)`.
pub(super) fn short_hash(usage: &str, parts: &[&[u8]]) -> [u8; 16] {
    let mut out = [0; 16];
    run(16, None, usage, parts, &mut out);
    out
}

/// `hash(use, parts) = BLAKE2b-32(no key, tag(use) ‖ parts)`.
pub fn hash(usage: &str, parts: &[&[u8]]) -> Hash32 {
    let mut out = [0; 32];
    run(32, None, usage, parts, &mut out);
    Hash32(out)
}

/// `derive(key, use, parts) = BLAKE2b-32(key, tag(use) ‖ parts)`.
pub fn derive(key: &Secret<32>, usage: &str, parts: &[&[u8]]) -> Secret<32> {
    Secret::new(derive_long(key, usage, parts))
}

/// The same with `N` bytes out, 16 to 64.
pub fn derive_long<const N: usize>(key: &Secret<32>, usage: &str, parts: &[&[u8]]) -> [u8; N] {
    const { assert!(N >= 16 && N <= 64) };
    let mut out = [0; N];
    run(N, Some(key.expose()), usage, parts, &mut out);
    out
}

fn run(length: usize, key: Option<&[u8]>, usage: &str, parts: &[&[u8]], out: &mut [u8]) {
    let mut hasher = Hasher::start(length, key);
    hasher.update(&tag(usage));
    for part in parts {
        hasher.update(part);
    }
    hasher.finish_into(out);
}

/// Compares in constant time.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    sodiumoxide::utils::memcmp(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_use_gives_another_key() {
        let key = Secret::new([7; 32]);
        assert_ne!(derive(&key, "slot", &[]).expose(), derive(&key, "body", &[]).expose());
        assert_ne!(hash("slot", b"x".chunks(1).collect::<Vec<_>>().as_slice()), hash("slotx", &[]));
    }

    #[test]
    fn pieces_hash_like_the_whole() {
        assert_eq!(hash("seal", &[b"ab", b"c"]), hash("seal", &[b"abc"]));
        assert_eq!(blake2b_256(&[b"ab", b"c"]), blake2b_256(&[b"abc"]));
    }
}
