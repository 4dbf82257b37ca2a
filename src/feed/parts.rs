//! Parts of attachments, for those who can open the case.

use super::{Feed, FeedError};
use crate::base::Reader;
use crate::caselog::CaseRequest;
use crate::store::PartReader;
use uuid::Uuid;

/// A part, to be sent as it is read.
pub struct PartAnswer {
    /// The part's head, 156 bytes.
    pub front: Vec<u8>,
    /// Bytes of the part itself.
    pub length: u64,
    /// The part.
    pub reader: Box<dyn PartReader>,
}

/// What a case request is answered with.
pub enum CaseAnswer {
    /// It was done.
    Done,
    /// The body of a message.
    Body(Vec<u8>),
    /// A part of an attachment.
    Part(PartAnswer),
}

impl Feed {
    /// `blob id 16 ‖ u32 part`.
    pub(super) fn part(&self, request: &CaseRequest) -> Result<PartAnswer, FeedError> {
        let wrong = |_| FeedError::Form("wrong_length");
        let mut r = Reader::new(&request.payload);
        let (blob, number) = (Uuid::from_bytes(r.array().map_err(wrong)?), r.u32().map_err(wrong)?);
        if !r.is_empty() {
            return Err(FeedError::Form("wrong_length"));
        }
        let part = self.store.part(&request.mailbox_id, &blob, number)?.ok_or(FeedError::Refused("no_such_part"))?;
        Ok(PartAnswer { front: part.head.to_bytes(), length: part.head.length.into(), reader: part.reader })
    }
}
