//! Sealing, part by part, in constant memory.

use super::{ContentKey, FileKey, MESSAGE_BYTES, PART_PLAIN_BYTES, TRAILER_BYTES, associated, padded_bytes, part_bytes, parts_of, wide};
use crate::crypto::{Hash32, Hasher, StreamPush};
use crate::envelope::{Attachment, EnvelopeError};
use std::io::Read;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Seals one file. Parts come in their order; one that is on disk at the server already need not be sent, but it must be made.
pub struct AttachmentSealer {
    key: FileKey,
    blob: Uuid,
    size: u64,
    hash: Hash32,
    padded: u64,
    parts: u32,
    next: u32,
    /// Padded bytes that were sealed.
    done: u64,
    hasher: Option<Hasher>,
}

impl AttachmentSealer {
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

    /// Length of the longest part.
    pub fn part_bytes(&self) -> usize {
        part_bytes(usize::try_from(self.padded).map_or(PART_PLAIN_BYTES, |padded| padded.min(PART_PLAIN_BYTES)))
    }

    /// Seals the next part behind what `out` holds; its number, and whether it is the last. `None` when all are sealed.
    /// `SourceChanged` if the file cannot be read or is not what the manifest says: then the last part is not made.
    pub fn next_part(&mut self, file: &mut dyn Read, out: &mut Vec<u8>) -> Result<Option<(u32, bool)>, EnvelopeError> {
        let number = self.next;
        if number >= self.parts {
            return Ok(None);
        }
        let is_last = number + 1 == self.parts;
        let end = if is_last { self.padded } else { wide(PART_PLAIN_BYTES) * u64::from(number + 1) };
        let associated = associated(&self.blob, number, is_last);
        let (mut stream, header) = StreamPush::start(&self.key.part_key(number));
        out.extend_from_slice(&header);
        let mut message = Zeroizing::new(vec![0; MESSAGE_BYTES]);
        while self.done < end {
            let length = usize::try_from(end - self.done).map_or(MESSAGE_BYTES, |left| left.min(MESSAGE_BYTES));
            let message = message.get_mut(..length).unwrap_or_default();
            self.fill(file, message)?;
            self.done += wide(length);
            stream.push(&associated, message, self.done == end, out);
        }
        self.next = number + 1;
        Ok(Some((number, is_last)))
    }

    /// The next padded bytes.
    fn fill(&mut self, file: &mut dyn Read, message: &mut [u8]) -> Result<(), EnvelopeError> {
        let of_file = usize::try_from(self.size.saturating_sub(self.done)).map_or(message.len(), |left| left.min(message.len()));
        let (content, zeros) = message.split_at_mut(of_file);
        file.read_exact(content).map_err(|_| EnvelopeError::SourceChanged)?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(content);
        }
        zeros.fill(0);
        if self.done + wide(message.len()) == self.padded {
            self.end(file, message)?;
        }
        Ok(())
    }

    /// The trailer, at the end of the last message: that is never shorter.
    fn end(&mut self, file: &mut dyn Read, message: &mut [u8]) -> Result<(), EnvelopeError> {
        let hash = Hash32(self.hasher.take().map(Hasher::finish).unwrap_or_default());
        let is_over = matches!(file.read(&mut [0]), Ok(0));
        if hash != self.hash || !is_over {
            return Err(EnvelopeError::SourceChanged);
        }
        let trailer = [&self.size.to_be_bytes()[..], hash.bytes()].concat();
        let at = message.len().saturating_sub(TRAILER_BYTES);
        message.iter_mut().skip(at).zip(trailer).for_each(|(to, from)| *to = from);
        Ok(())
    }
}
