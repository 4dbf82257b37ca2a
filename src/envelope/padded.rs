//! JSON padded to one of three lengths, so that a length tells little.

use super::{EnvelopeError, SizeClass};
use crate::base::frame::{FRAME_LENGTH_BYTES, check_must_understand, frame, unframe};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

/// A body in its final length, not yet sealed. Erased when dropped.
pub struct Padded {
    pub(super) size: SizeClass,
    pub(super) plain: Zeroizing<Vec<u8>>,
}

impl Padded {
    /// Writes a body as JSON and pads it to the smallest class that holds it.
    pub(super) fn new(body: &impl Serialize) -> Result<Self, EnvelopeError> {
        let json = Zeroizing::new(serde_json::to_vec(body).map_err(|_| EnvelopeError::BadJson)?);
        let fits = |class: &SizeClass| json.len() + FRAME_LENGTH_BYTES <= class.plain_bytes();
        let size = SizeClass::ALL.into_iter().find(fits).ok_or(EnvelopeError::TooLarge)?;
        let plain = Zeroizing::new(frame(&json, &[], size.plain_bytes())?);
        Ok(Self { size, plain })
    }

    /// Reads the JSON back; the class must be the smallest that holds it.
    pub(super) fn read<T: DeserializeOwned>(size: SizeClass, plain: &[u8]) -> Result<T, EnvelopeError> {
        let (json, _) = unframe(plain, 0)?;
        let smaller = SizeClass::ALL.into_iter().take_while(|class| *class < size).last();
        if smaller.is_some_and(|class| json.len() + FRAME_LENGTH_BYTES <= class.plain_bytes()) {
            return Err(EnvelopeError::NotCanonical);
        }
        check_must_understand(json, KNOWN_MEMBERS)?;
        serde_json::from_slice(json).map_err(|_| EnvelopeError::BadJson)
    }
}

/// Every member of a report's or follow-up's body that version 1 reads.
const KNOWN_MEMBERS: &[&str] = &[
    "format",
    "must_understand",
    "lang",
    "directory",
    "questionnaire",
    "key_day",
    "answers",
    "recipients",
    "removed",
    "attachments",
    "vault",
    "text",
    "seen",
];
