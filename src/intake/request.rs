//! `nonce 36 ‖ 16 x u64 ‖ u32 directory version ‖ u8 flags ‖ envelope`.

use super::IntakeError;
use crate::base::{Reader, TooShort};
use crate::crypto::work::{NONCE_BYTES, PUZZLES, SOLUTIONS_BYTES};
use crate::envelope::{ENVELOPE_MAX_BYTES, HEADER_BYTES, SEAL_BYTES, Sealed, SizeClass};

/// All before the envelope.
pub const REQUEST_FRONT_BYTES: usize = NONCE_BYTES + SOLUTIONS_BYTES + 4 + 1;
/// The longest request.
pub const REQUEST_MAX_BYTES: usize = REQUEST_FRONT_BYTES + ENVELOPE_MAX_BYTES;
const _: () = assert!(REQUEST_FRONT_BYTES == 169);
const DANGER: u8 = 1;

/// A request of a length that can be; nothing else is checked.
pub(super) struct Request<'a> {
    pub(super) nonce: [u8; NONCE_BYTES],
    pub(super) solutions: [u64; PUZZLES],
    /// All that the work covers.
    pub(super) subject: &'a [u8],
}

fn short(_: TooShort) -> IntakeError {
    IntakeError::Form("wrong_length")
}

impl<'a> Request<'a> {
    pub(super) fn split(bytes: &'a [u8]) -> Result<Self, IntakeError> {
        let fits = |class: SizeClass| REQUEST_FRONT_BYTES + HEADER_BYTES + SEAL_BYTES + class.body_bytes() == bytes.len();
        if !SizeClass::ALL.into_iter().any(fits) {
            return Err(IntakeError::Form("wrong_length"));
        }
        let mut r = Reader::new(bytes);
        let nonce = r.array().map_err(short)?;
        let mut solutions = [0; PUZZLES];
        for solution in &mut solutions {
            *solution = r.u64().map_err(short)?;
        }
        Ok(Self { nonce, solutions, subject: r.rest() })
    }

    /// Directory version, danger bit, envelope.
    pub(super) fn open(&self) -> Result<(u32, bool, Sealed), IntakeError> {
        let mut r = Reader::new(self.subject);
        let (version, flags) = (r.u32().map_err(short)?, r.u8().map_err(short)?);
        if flags & !DANGER != 0 {
            return Err(IntakeError::Form("malformed"));
        }
        let sealed = Sealed::parse(r.rest()).map_err(|error| IntakeError::Form(error.code()))?;
        Ok((version, flags & DANGER != 0, sealed))
    }
}
