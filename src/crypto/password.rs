//! Argon2id: from receipt words, from a passphrase.

use super::{CryptoError, Deployment, hashing::short_hash, ready};
use crate::base::Secret;
use sodiumoxide::crypto::pwhash::argon2id13 as argon2id;

/// Passes over memory for a key file's passphrase.
pub const KEY_FILE_PASSES: u32 = 3;
/// Memory for a key file's passphrase, bytes.
pub const KEY_FILE_MEMORY_BYTES: u32 = 256 << 20;

/// One pass: the receipt's strength is in its 88 bits, and a cheap phone without a JIT must bear it (facts.md).
const RECEIPT_PASSES: usize = 1;
const RECEIPT_MEMORY_BYTES: usize = 8 << 20;

/// `BLAKE2b-16(tag("receipt") ‖ deployment)`.
pub fn receipt_salt(deployment: &Deployment) -> [u8; 16] {
    short_hash("receipt", &[deployment.bytes()])
}

/// The root of a receipt's keys out of its 11 bytes (docs/protocol/receipt.md).
pub fn receipt_root(entropy: &Secret<11>, salt: &[u8; 16]) -> Result<Secret<32>, CryptoError> {
    argon(entropy.expose(), salt, RECEIPT_PASSES, RECEIPT_MEMORY_BYTES)
}

/// The key of a key file out of its passphrase.
pub fn passphrase_key(passphrase: &[u8], salt: &[u8; 16], passes: u32, memory_bytes: u32) -> Result<Secret<32>, CryptoError> {
    let wide = |n: u32| usize::try_from(n).map_err(|_| CryptoError::System);
    argon(passphrase, salt, wide(passes)?, wide(memory_bytes)?)
}

fn argon(password: &[u8], salt: &[u8; 16], passes: usize, memory: usize) -> Result<Secret<32>, CryptoError> {
    ready();
    let mut key = [0; 32];
    let (salt, passes, memory) = (argon2id::Salt(*salt), argon2id::OpsLimit(passes), argon2id::MemLimit(memory));
    if argon2id::derive_key(&mut key, password, &salt, passes, memory).is_err() {
        return Err(CryptoError::System);
    }
    Ok(Secret::new(key))
}
