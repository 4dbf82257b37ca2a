//! Attachments, in parts (docs/protocol/envelope.md, "Attachments").
//!
//! ```text
//! padded  file ‖ zeros ‖ u64 size ‖ BLAKE2b-32(file)       Padmé from 64 KiB up to 8 MiB, whole parts above
//! part    stream header 24 ‖ messages                      each message of 64 KiB of the padded bytes, 17 longer
//! ```
//! What shows of an attachment is the number of its parts and, up to 8 MiB, a length that many files share.

mod open;
mod part;
mod query;
mod seal;
#[cfg(test)]
mod tests;

pub use open::AttachmentOpener;
pub use part::{PART_HEAD_BYTES, PartHead};
pub use query::{HELD_BYTES, HeldParts, PARTS_QUERY_BYTES, PartsQuery};
pub use seal::AttachmentSealer;

use super::{EnvelopeError, seal::content_key};
use crate::base::Secret;
use crate::crypto::{self, STREAM_HEADER_BYTES, STREAM_OVERHEAD_BYTES};
use uuid::Uuid;

/// Plaintext of one message of a part.
const MESSAGE_BYTES: usize = 64 << 10;
/// Padded plaintext of a part that is not the only one.
const PART_PLAIN_BYTES: usize = 8 << 20;
/// `u64 size ‖ BLAKE2b-32`.
const TRAILER_BYTES: usize = 8 + 32;
/// The longest part on the wire.
pub const PART_MAX_BYTES: usize = STREAM_HEADER_BYTES + PART_PLAIN_BYTES + STREAM_OVERHEAD_BYTES * (PART_PLAIN_BYTES / MESSAGE_BYTES);
/// The most parts that an attachment can have: 16 GiB. A server may take fewer.
pub const PARTS_MAX: u32 = 2048;
const _: () = assert!(PART_MAX_BYTES == 8_390_808 && PART_PLAIN_BYTES.is_multiple_of(MESSAGE_BYTES));

/// Opens the attachments of one message: `content_key`, which comes from the message's seed.
pub struct ContentKey(Secret<32>);

impl ContentKey {
    /// Of the message with this seed.
    pub fn from_seed(seed: &Secret<32>) -> Self {
        Self(content_key(seed))
    }

    /// `derive(content_key, "attachment", blob)`, then `derive(…, "attachment part", u32 n)`: each part has a key of its own.
    fn file_key(&self, blob: &Uuid) -> FileKey {
        FileKey(crypto::derive(&self.0, "attachment", &[blob.as_bytes()]))
    }
}

struct FileKey(Secret<32>);

impl FileKey {
    fn part_key(&self, number: u32) -> Secret<32> {
        crypto::derive(&self.0, "attachment part", &[&number.to_be_bytes()])
    }
}

/// What each message of a part is bound to.
fn associated(blob: &Uuid, number: u32, is_last: bool) -> Vec<u8> {
    [&blob.as_bytes()[..], &number.to_be_bytes(), &[u8::from(is_last)]].concat()
}

/// Padmé (Nikitin et al., PETS 2019): keeps so few leading bits of a length that at most 12 % are added.
const fn padme(length: u64) -> u64 {
    if length < 2 {
        return length;
    }
    let exponent = length.ilog2();
    let kept = exponent.ilog2() + 1;
    let mask = (1_u64 << (exponent - kept)) - 1;
    (length + mask) & !mask
}

/// Bytes of the padded plaintext of a file of `size` bytes; `TooLarge` if that is more than [`PARTS_MAX`] parts.
pub fn padded_bytes(size: u64) -> Result<u64, EnvelopeError> {
    let (part, trailer, least) = (wide(PART_PLAIN_BYTES), wide(TRAILER_BYTES), wide(MESSAGE_BYTES));
    let needed = size.checked_add(trailer).filter(|needed| needed.div_ceil(part) <= u64::from(PARTS_MAX)).ok_or(EnvelopeError::TooLarge)?;
    Ok(if needed > part { needed.div_ceil(part) * part } else { padme(needed.max(least)) })
}

/// Parts of a file of `size` bytes.
pub fn parts_of(size: u64) -> Result<u32, EnvelopeError> {
    u32::try_from(padded_bytes(size)?.div_ceil(wide(PART_PLAIN_BYTES))).map_err(|_| EnvelopeError::TooLarge)
}

/// Length on the wire of a part of `plain` padded bytes.
const fn part_bytes(plain: usize) -> usize {
    STREAM_HEADER_BYTES + plain + STREAM_OVERHEAD_BYTES * plain.div_ceil(MESSAGE_BYTES)
}

/// Padded bytes in a part of this length; `None` if no part has it.
fn plain_bytes(part: usize) -> Option<usize> {
    let messages = part.checked_sub(STREAM_HEADER_BYTES)?;
    let plain = messages.checked_sub(STREAM_OVERHEAD_BYTES * messages.div_ceil(MESSAGE_BYTES + STREAM_OVERHEAD_BYTES))?;
    (plain > 0 && plain <= PART_PLAIN_BYTES && part_bytes(plain) == part).then_some(plain)
}

/// Whether a part can have this length: all of several are full, one alone is a message at least and padded.
fn is_part_length(part: usize, is_alone: bool) -> bool {
    let canonical = |plain: usize| plain >= MESSAGE_BYTES && padme(wide(plain)) == wide(plain);
    if is_alone { plain_bytes(part).is_some_and(canonical) } else { part == PART_MAX_BYTES }
}

fn wide(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
