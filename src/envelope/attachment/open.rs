//! Opening, part by part, in constant memory, and held against the manifest before the last of it is given out.

use super::{ContentKey, FileKey, MESSAGE_BYTES, PART_PLAIN_BYTES, TRAILER_BYTES, associated, padded_bytes, part_bytes, parts_of, wide};
use crate::crypto::{Hash32, Hasher, STREAM_HEADER_BYTES, STREAM_OVERHEAD_BYTES, StreamPull, same};
use crate::envelope::{Attachment, EnvelopeError};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Opens one file.
pub struct AttachmentOpener {
    key: FileKey,
    blob: Uuid,
    size: u64,
    hash: Hash32,
    padded: u64,
    parts: u32,
    next: u32,
    done: u64,
    hasher: Option<Hasher>,
}

impl AttachmentOpener {
    /// For a line of a message's manifest.
    pub fn new(content: &ContentKey, manifest: &Attachment) -> Result<Self, EnvelopeError> {
        let (blob, size, hash) = (manifest.blob, manifest.size, manifest.hash);
        let (padded, parts) = (padded_bytes(size)?, parts_of(size)?);
        Ok(Self { key: content.file_key(&blob), blob, size, hash, padded, parts, next: 0, done: 0, hasher: Some(Hasher::plain()) })
    }

    /// How many parts there are.
    pub fn parts(&self) -> u32 {
        self.parts
    }

    /// The part that is wanted next; `None` when all were opened.
    pub fn next(&self) -> Option<u32> {
        (self.next < self.parts).then_some(self.next)
    }

    /// Opens the next part; gives the bytes of the file that it holds. `CannotOpen`: a wrong key, or not the bytes that were sealed (ask for the part
    /// again). `Differs`: it was sealed so, and it is not what the manifest says. Nothing of the last part comes out unless all of the file fits.
    pub fn open_part(&mut self, part: &[u8]) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        let number = self.next().ok_or(EnvelopeError::NotCanonical)?;
        let is_last = number + 1 == self.parts;
        let length = usize::try_from(self.padded - self.done).map_or(PART_PLAIN_BYTES, |left| left.min(PART_PLAIN_BYTES));
        if part.len() != part_bytes(length) {
            return Err(EnvelopeError::WrongLength);
        }
        let mut plain = self.open_messages(part, (number, is_last), length)?;
        let of_file = usize::try_from(self.size.saturating_sub(self.done)).map_or(length, |left| left.min(length));
        self.done += wide(length);
        self.next = number + 1;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(plain.get(..of_file).unwrap_or_default());
        }
        self.check_rest(plain.get(of_file..).unwrap_or_default(), is_last)?;
        plain.truncate(of_file);
        Ok(plain)
    }

    fn open_messages(&self, part: &[u8], (number, is_last): (u32, bool), length: usize) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        let (header, messages) = part.split_first_chunk::<STREAM_HEADER_BYTES>().ok_or(EnvelopeError::WrongLength)?;
        let mut stream = StreamPull::start(&self.key.part_key(number), header).ok_or(EnvelopeError::CannotOpen)?;
        let associated = associated(&self.blob, number, is_last);
        let mut plain = Zeroizing::new(Vec::with_capacity(length));
        let mut message = Zeroizing::new(Vec::with_capacity(MESSAGE_BYTES));
        let mut messages = messages.chunks(MESSAGE_BYTES + STREAM_OVERHEAD_BYTES).peekable();
        while let Some(sealed) = messages.next() {
            stream.pull(&associated, sealed, messages.peek().is_none(), &mut message).ok_or(EnvelopeError::CannotOpen)?;
            plain.extend_from_slice(&message);
        }
        Ok(plain)
    }

    /// Behind the file: zeros, and at the very end its size and hash.
    fn check_rest(&mut self, rest: &[u8], is_last: bool) -> Result<(), EnvelopeError> {
        let (zeros, trailer) = match is_last {
            true => rest.split_at_checked(rest.len().saturating_sub(TRAILER_BYTES)).ok_or(EnvelopeError::Differs)?,
            false => (rest, &[][..]),
        };
        if zeros.iter().any(|byte| *byte != 0) {
            return Err(EnvelopeError::Differs);
        }
        if !is_last {
            return Ok(());
        }
        let hash = self.hasher.take().map(Hasher::finish).unwrap_or_default();
        let expected = [&self.size.to_be_bytes()[..], self.hash.bytes()].concat();
        let fits = same(&hash, self.hash.bytes()) && trailer.len() == TRAILER_BYTES && same(trailer, &expected);
        if fits { Ok(()) } else { Err(EnvelopeError::Differs) }
    }
}
