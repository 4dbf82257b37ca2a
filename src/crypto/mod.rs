//! The only room that names sodiumoxide: hashes, keys, boxes, streams, slots (docs/protocol/README.md, envelope.md).
//!
//! Every use has a domain string. `tag(use) = u16 length ‖ "amparo v1 " ‖ use`, and each hash, key and signature covers it.

mod boxes;
mod hashing;
mod keypairs;
mod nonce;
mod password;
pub mod slots;
mod stream;
mod types;
pub mod work;

pub use boxes::{
    BOX_OVERHEAD_BYTES, STREAM_OVERHEAD_BYTES, StreamSealer, box0_open, box0_seal, sealed_box_open, sealed_box_seal, secretbox_open,
    secretbox_seal, stream_open,
};
pub use hashing::{Hasher, blake2b_256, derive, derive_long, hash, same};
pub use keypairs::{BoxKey, SignKey};
pub use nonce::NonceMarks;
pub use password::{KEY_FILE_MEMORY_BYTES, KEY_FILE_PASSES, passphrase_key, receipt_root, receipt_salt};
pub use stream::{STREAM_HEADER_BYTES, StreamPull, StreamPush};
pub use types::{BoxPublic, Deployment, Hash32, MailboxId, SignPublic, Signature};

use crate::base::Secret;
use std::sync::Once;

/// What this room refuses.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// A public key of small order, off the curve's main subgroup, or one that gives an all-zero secret.
    #[error("a weak public key")]
    WeakKey,
    /// libsodium could not get the memory or random bytes it needs.
    #[error("the system gave no memory or no random bytes")]
    System,
}

/// libsodium wants to be started once; its random source and its choice of fast code hang on it.
fn ready() {
    static START: Once = Once::new();
    START.call_once(|| {
        #[expect(clippy::expect_used, reason = "without a random source nothing may go on")]
        sodiumoxide::init().expect("libsodium starts: the system has a random source");
    });
}

/// `N` random bytes.
pub fn random<const N: usize>() -> [u8; N] {
    ready();
    let mut bytes = [0; N];
    sodiumoxide::randombytes::randombytes_into(&mut bytes);
    bytes
}

/// A fresh secret of 32 bytes.
pub fn random_secret() -> Secret<32> {
    Secret::new(random())
}

/// A uniform number below `bound` (0 for a bound of 0).
pub fn uniform(bound: u32) -> u32 {
    ready();
    if bound == 0 { 0 } else { sodiumoxide::randombytes::randombytes_uniform(bound) }
}
