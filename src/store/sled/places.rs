//! Keys of the database.
//!
//! `c/ id` case record · `v/ id kind number side / piece` values of a case, sealed · `p/ id kind number` not yet in the feed ·
//! `a/ id blob number` parts of attachments, naming their content files · `u/ id` bytes of them ·
//! `b/ number / piece` batches · `d/ version / piece` directories · `i/ id` a removal that was begun · `z/ slot` keys that are gone ·
//! `x/…` single values.

use super::super::shred::Side;
use crate::caselog::ItemKind;
use crate::crypto::MailboxId;
use crate::envelope::PartHead;
use uuid::Uuid;

pub(super) const CASES: &[u8] = b"c/";
pub(super) const PENDING: &[u8] = b"p/";
pub(super) const PARTS: &[u8] = b"a/";
pub(super) const BEGUN: &[u8] = b"i/";
pub(super) const GONE: &[u8] = b"z/";
/// `u8 schema ‖ the store's id`.
pub(super) const SCHEMA: &[u8] = b"x/schema";
pub(super) const SECRET: &[u8] = b"x/secret";
pub(super) const FRESHNESS: &[u8] = b"x/freshness";
pub(super) const NEWEST_DIRECTORY: &[u8] = b"x/directory";
pub(super) const NEWEST_BATCH: &[u8] = b"x/batch";
pub(super) const NEXT_SLOT: &[u8] = b"x/slot";
pub(super) const COMMITS: &[u8] = b"x/commits";

/// What a value of a case is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueKind {
    /// `header ‖ body hash ‖ seal` of a message.
    Head,
    /// The body of a message.
    Body,
    /// Anything that stands in the feed under its own kind.
    Item(ItemKind),
}

impl ValueKind {
    fn byte(self) -> u8 {
        match self {
            Self::Head => b'h',
            Self::Body => b'b',
            Self::Item(kind) => kind.byte(),
        }
    }
}

fn of_id(front: &[u8], id: &MailboxId) -> Vec<u8> {
    [front, id.bytes()].concat()
}

pub(super) fn case(id: &MailboxId) -> Vec<u8> {
    of_id(CASES, id)
}

/// Where a value of a case begins; the body of a message has a place of its own.
pub(super) fn value(id: &MailboxId, kind: ValueKind, number: u32, side: Side) -> Vec<u8> {
    [&values(id)[..], &[kind.byte()], &number.to_be_bytes(), &[u8::from(side == Side::Mailbox)]].concat()
}

/// All values of a case.
pub(super) fn values(id: &MailboxId) -> Vec<u8> {
    of_id(b"v/", id)
}

/// Whether a piece at this place is under the mailbox's key.
pub(super) fn is_of_mailbox(piece: &[u8]) -> bool {
    const SIDE_AT: usize = 2 + 32 + 1 + 4;
    piece.get(SIDE_AT) == Some(&1)
}

/// Where the index names a part of an attachment.
pub(super) fn part(id: &MailboxId, blob: &Uuid, number: u32) -> Vec<u8> {
    [&parts_of(id, blob)[..], &number.to_be_bytes()].concat()
}

pub(super) fn part_of(head: &PartHead) -> Vec<u8> {
    part(&head.mailbox_id(), &head.blob, head.number)
}

/// All parts of an attachment.
pub(super) fn parts_of(id: &MailboxId, blob: &Uuid) -> Vec<u8> {
    [&parts(id)[..], blob.as_bytes()].concat()
}

/// All parts of a case.
pub(super) fn parts(id: &MailboxId) -> Vec<u8> {
    of_id(PARTS, id)
}

/// Bytes of all parts of a case.
pub(super) fn used(id: &MailboxId) -> Vec<u8> {
    of_id(b"u/", id)
}

pub(super) fn pending(id: &MailboxId, kind: ItemKind, number: u32) -> Vec<u8> {
    [&pending_of(id)[..], &[kind.byte()], &number.to_be_bytes()].concat()
}

/// All of a case that is not in the feed yet.
pub(super) fn pending_of(id: &MailboxId) -> Vec<u8> {
    of_id(PENDING, id)
}

pub(super) fn begun(id: &MailboxId) -> Vec<u8> {
    of_id(BEGUN, id)
}

pub(super) fn gone(slot: u32) -> Vec<u8> {
    [GONE, &slot.to_be_bytes()].concat()
}

pub(super) fn batch(number: u32) -> Vec<u8> {
    [&b"b/"[..], &number.to_be_bytes()].concat()
}

pub(super) fn directory(version: u32) -> Vec<u8> {
    [&b"d/"[..], &version.to_be_bytes()].concat()
}

/// Piece `n` of a long value.
pub(super) fn piece(place: &[u8], n: u16) -> Vec<u8> {
    [place, b"/", &n.to_be_bytes()].concat()
}

/// What the pieces of a long value begin with.
pub(super) fn pieces(place: &[u8]) -> Vec<u8> {
    [place, b"/"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_side_of_a_value_is_found_where_it_is_written() {
        let id = MailboxId([1; 32]);
        for (side, is_mailbox) in [(Side::Case, false), (Side::Mailbox, true)] {
            assert_eq!(is_of_mailbox(&piece(&value(&id, ValueKind::Body, 0x0101_0101, side), 0x0101)), is_mailbox);
        }
    }
}
