//! Parts of attachments, as the port sees them: they come and go as streams, never as a whole in memory.

use super::StoreError;
use crate::envelope::PartHead;

/// What became of a part. Whatever it says is durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PutPart {
    /// It is on disk now.
    Stored,
    /// The very same bytes were there already.
    Same,
    /// Other bytes stand in its place.
    Taken,
    /// There is no such mailbox, or its holder destroyed it.
    NoMailbox,
    /// The case was shredded.
    Gone,
    /// The mailbox holds as much as it may.
    Full,
}

/// The answer before any byte of a part is taken.
pub enum Begun {
    /// It is wanted.
    Open(Box<dyn PartWriter>),
    /// It is not, and why.
    Done(PutPart),
}

/// A part on its way to the disk. Dropped before its end, nothing of it stays.
pub trait PartWriter: Send {
    /// Takes the next bytes.
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError>;
    /// Makes it durable and files it. The caller has checked its length and hash.
    fn finish(self: Box<Self>) -> Result<PutPart, StoreError>;
}

/// A part on its way from the disk.
pub trait PartReader: Send {
    /// The next bytes; `None` at the end.
    fn read(&mut self) -> Result<Option<Vec<u8>>, StoreError>;
}

/// A part that is here.
pub struct StoredPart {
    /// As it was signed.
    pub head: PartHead,
    /// Its bytes.
    pub reader: Box<dyn PartReader>,
}

/// What is here of an attachment, and of all attachments of its mailbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartsHere {
    /// Numbers of the parts.
    pub numbers: Vec<u32>,
    /// Bytes of all parts of the mailbox.
    pub used: u64,
}
