//! Values at rest: sealed under a shred key, each piece under a key of its own place.

use super::StoreError;
use crate::base::Secret;
use crate::crypto;

/// Seals a piece of a value under a shred key, bound to its place and to being the last: what is cut off does not open.
pub(super) fn seal_piece(key: &Secret<32>, place: &[u8], is_last: bool, plain: &[u8]) -> Vec<u8> {
    let nonce: [u8; 24] = crypto::random();
    let key = crypto::derive(key, "store value", &[&[u8::from(is_last)], place]);
    [&nonce[..], &crypto::secretbox_seal(&key, &nonce, plain)].concat()
}

/// Opens a piece.
pub(super) fn open_piece(key: &Secret<32>, place: &[u8], is_last: bool, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
    let (nonce, sealed) = sealed.split_first_chunk::<24>().ok_or(StoreError::Damaged("a value is too short"))?;
    let key = crypto::derive(key, "store value", &[&[u8::from(is_last)], place]);
    crypto::secretbox_open(&key, nonce, sealed).ok_or(StoreError::Damaged("a value does not open under its shred key"))
}

/// What sealing adds to a piece.
pub(super) const PIECE_OVERHEAD_BYTES: usize = 24 + 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_opens_in_its_place_alone() {
        let key = crypto::random_secret();
        let sealed = seal_piece(&key, b"here", true, b"x");
        assert_eq!(open_piece(&key, b"here", true, &sealed).unwrap(), b"x");
        assert!(open_piece(&key, b"there", true, &sealed).is_err() && open_piece(&key, b"here", false, &sealed).is_err());
        assert_eq!(sealed.len(), 1 + PIECE_OVERHEAD_BYTES);
    }
}
