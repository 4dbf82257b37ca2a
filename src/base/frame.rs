//! JSON in a frame of fixed length: `u32 n ‖ JSON of n bytes ‖ tail ‖ zeros`.

use super::{Reader, Writer};
use serde::Deserialize;

/// Bytes of the length in front.
pub const FRAME_LENGTH_BYTES: usize = 4;

/// Why a frame cannot be made or read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// It does not fit.
    #[error("more than fits the frame")]
    TooLarge,
    /// A length beyond the end, or bytes behind that are not zero.
    #[error("not in canonical form")]
    NotCanonical,
    /// Not JSON, or not the object wanted.
    #[error("the JSON cannot be read")]
    BadJson,
    /// `must_understand` names a member this program does not know.
    #[error("it needs a newer program")]
    MustUnderstand,
}

/// Writes a frame of exactly `length` bytes.
pub fn frame(json: &[u8], tail: &[u8], length: usize) -> Result<Vec<u8>, FrameError> {
    let n = u32::try_from(json.len()).map_err(|_| FrameError::TooLarge)?;
    if FRAME_LENGTH_BYTES + json.len() + tail.len() > length {
        return Err(FrameError::TooLarge);
    }
    let mut w = Writer::with_capacity(length);
    w.u32(n).put(json).put(tail).pad_to(length);
    Ok(w.finish())
}

/// Takes a frame apart: the JSON and a tail of `tail` bytes. What follows must be zeros.
pub fn unframe(plain: &[u8], tail: usize) -> Result<(&[u8], &[u8]), FrameError> {
    let mut r = Reader::new(plain);
    let mut part = |n: Option<usize>| n.and_then(|n| r.take(n).ok()).ok_or(FrameError::NotCanonical);
    let length = part(Some(FRAME_LENGTH_BYTES))?.iter().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
    let (json, tail) = (part(Some(length))?, part(Some(tail))?);
    if r.rest().iter().any(|byte| *byte != 0) {
        return Err(FrameError::NotCanonical);
    }
    Ok((json, tail))
}

/// Refuses what is not a JSON object (its first byte is `{`), and one whose `must_understand` lists a member that is not among `known`.
pub fn check_must_understand(json: &[u8], known: &[&str]) -> Result<(), FrameError> {
    #[derive(Deserialize)]
    struct Probe {
        #[serde(default)]
        must_understand: Vec<String>,
    }
    if json.first() != Some(&b'{') {
        return Err(FrameError::BadJson);
    }
    let probe: Probe = serde_json::from_slice(json).map_err(|_| FrameError::BadJson)?;
    if probe.must_understand.iter().all(|name| known.contains(&name.as_str())) { Ok(()) } else { Err(FrameError::MustUnderstand) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_and_a_bent_one_does_not() {
        let framed = frame(b"{}", b"tail", 32).unwrap();
        assert_eq!(framed.len(), 32);
        assert_eq!(unframe(&framed, 4).unwrap(), (&b"{}"[..], &b"tail"[..]));
        assert_eq!(unframe(&framed, 2), Err(FrameError::NotCanonical));
        assert_eq!(unframe(&[255; 32], 0), Err(FrameError::NotCanonical));
        assert_eq!(unframe(&[], 0), Err(FrameError::NotCanonical));
        assert_eq!(frame(&[0; 30], &[], 32), Err(FrameError::TooLarge));
    }

    #[test]
    fn what_must_be_understood_is() {
        assert!(check_must_understand(br#"{"must_understand":["a"]}"#, &["a"]).is_ok());
        assert_eq!(check_must_understand(br#"{"must_understand":["b"]}"#, &["a"]), Err(FrameError::MustUnderstand));
        assert_eq!(check_must_understand(b"[]", &[]), Err(FrameError::BadJson));
    }
}
