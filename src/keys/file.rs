//! The file: what is in clear, and what the passphrase opens.

use super::Passphrase;
use crate::base::{Secret, encode};
use crate::crypto::{self, KEY_FILE_MEMORY_BYTES, KEY_FILE_PASSES, SignKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const AUTHORITY_FORMAT: &str = "amparo-authority-key-1";
const KDF: &str = "argon2id13";
/// A file from elsewhere may not ask for more memory than this.
const MEMORY_MAX_BYTES: u32 = 1 << 30;
const PASSES_MAX: u32 = 10;
const MEMORY_MIN_BYTES: u32 = 64 << 20;

/// Why a key file cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not JSON of a key file, or of another kind of key.
    #[error("this is not a key file of the kind wanted here")]
    NotAKeyFile,
    /// A key file of the kind wanted, but of a version this program does not know.
    #[error("this key file was made by a newer program")]
    UnknownVersion,
    /// The passphrase is wrong or the file was changed: the two read the same.
    #[error("the passphrase does not open this key file")]
    CannotOpen,
    /// The system gave no memory for Argon2id.
    #[error("there is not enough memory to open the key file (256 MiB)")]
    System,
}

impl KeyError {
    /// A stable name.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAKeyFile => "not_a_key_file",
            Self::UnknownVersion => "unknown_version",
            Self::CannotOpen => "cannot_open",
            Self::System => "system",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Wire {
    format: String,
    kdf: Kdf,
    nonce: String,
    sealed: String,
}

#[derive(Serialize, Deserialize)]
struct Kdf {
    name: String,
    passes: u32,
    memory_bytes: u32,
    salt: String,
}

/// Seals bytes under a passphrase into a file of a format.
pub(super) fn seal(format: &str, plain: &[u8], passphrase: &Passphrase) -> Result<Vec<u8>, KeyError> {
    let (salt, nonce): ([u8; 16], [u8; 24]) = (crypto::random(), crypto::random());
    let key = crypto::passphrase_key(passphrase.expose().as_bytes(), &salt, KEY_FILE_PASSES, KEY_FILE_MEMORY_BYTES);
    let key = key.map_err(|_| KeyError::System)?;
    let kdf = Kdf { name: KDF.into(), passes: KEY_FILE_PASSES, memory_bytes: KEY_FILE_MEMORY_BYTES, salt: encode::hex(&salt) };
    let sealed = encode::base64(&crypto::secretbox_seal(&key, &nonce, plain));
    let wire = Wire { format: format.into(), kdf, nonce: encode::hex(&nonce), sealed };
    serde_json::to_vec_pretty(&wire).map_err(|_| KeyError::NotAKeyFile)
}

/// Opens a file of a format.
pub(super) fn open(format: &str, bytes: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let wire: Wire = serde_json::from_slice(bytes).map_err(|_| KeyError::NotAKeyFile)?;
    if wire.format != format && kind(&wire.format) == kind(format) {
        return Err(KeyError::UnknownVersion);
    }
    let bounded = (1..=PASSES_MAX).contains(&wire.kdf.passes) && (MEMORY_MIN_BYTES..=MEMORY_MAX_BYTES).contains(&wire.kdf.memory_bytes);
    if wire.format != format || wire.kdf.name != KDF || !bounded {
        return Err(KeyError::NotAKeyFile);
    }
    let salt = encode::from_hex_array(&wire.kdf.salt).ok_or(KeyError::NotAKeyFile)?;
    let nonce = encode::from_hex_array(&wire.nonce).ok_or(KeyError::NotAKeyFile)?;
    let sealed = encode::from_base64(&wire.sealed).ok_or(KeyError::NotAKeyFile)?;
    let key = crypto::passphrase_key(passphrase.expose().as_bytes(), &salt, wire.kdf.passes, wire.kdf.memory_bytes);
    let key = key.map_err(|_| KeyError::System)?;
    crypto::secretbox_open(&key, &nonce, &sealed).map(Zeroizing::new).ok_or(KeyError::CannotOpen)
}

/// A format without its version: what stands before the last hyphen.
fn kind(format: &str) -> Option<&str> {
    let (kind, version) = format.rsplit_once('-')?;
    version.bytes().all(|b| b.is_ascii_digit()).then_some(kind)
}

/// Seals one key of the authority.
pub fn seal_authority_key(seed: &Secret<32>, passphrase: &Passphrase) -> Result<Vec<u8>, KeyError> {
    seal(AUTHORITY_FORMAT, seed.expose(), passphrase)
}

/// Opens one key of the authority.
pub fn open_authority_key(bytes: &[u8], passphrase: &Passphrase) -> Result<SignKey, KeyError> {
    let plain = open(AUTHORITY_FORMAT, bytes, passphrase)?;
    Secret::from_slice(&plain).map(|seed| SignKey::from_seed(&seed)).ok_or(KeyError::NotAKeyFile)
}
