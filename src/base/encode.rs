//! Hex and base64 as the protocol wants them: one canonical form, anything else refused.

use data_encoding::{BASE64, HEXLOWER};

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Reads lower-case hex.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    HEXLOWER.decode(text.as_bytes()).ok()
}

/// Reads exactly `N` bytes of lower-case hex.
pub fn from_hex_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    from_hex(text)?.try_into().ok()
}

/// Base64 of RFC 4648 §4, with padding.
pub fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// Reads base64 of RFC 4648 §4; padding wanted, trailing bits zero.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_form_is_read() {
        assert_eq!(from_hex("00ff"), Some(vec![0, 255]));
        assert_eq!(from_hex("00FF"), None);
        assert_eq!(from_base64("AA=="), Some(vec![0]));
        assert_eq!(from_base64("AB=="), None);
        assert_eq!(from_base64("AA"), None);
    }
}
