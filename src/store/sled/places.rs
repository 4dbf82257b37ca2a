//! Keys of the database.
//!
//! `c/ id` case record · `v/ id kind number side` + `/ chunk` values of a case, sealed · `p/ id kind number` not yet in the feed ·
//! `b/ number` + chunk batches · `d/ version` + chunk directories · `x/…` single values.

use super::super::shred::{Side, id_bytes};
use crate::caselog::ItemKind;
use crate::crypto::MailboxId;

pub(super) const PENDING: &[u8] = b"p/";
pub(super) const NEWEST_BATCH: &[u8] = b"x/batch";
pub(super) const NEXT_SLOT: &[u8] = b"x/slot";

pub(super) fn case(id: &MailboxId) -> Vec<u8> {
    [b"c/", &id_bytes(id)[..]].concat()
}

/// Where a value of a case begins; the body of a message has a place of its own.
pub(super) fn value(id: &MailboxId, kind: ValueKind, number: u32, side: Side) -> Vec<u8> {
    let side = u8::from(side == Side::Mailbox);
    [b"v/", &id_bytes(id)[..], &[kind.byte()], &number.to_be_bytes(), &[side]].concat()
}

/// All values of a case.
pub(super) fn values(id: &MailboxId) -> Vec<u8> {
    [b"v/", &id_bytes(id)[..]].concat()
}

pub(super) fn pending(id: &MailboxId, kind: ItemKind, number: u32) -> Vec<u8> {
    [PENDING, &id_bytes(id)[..], &[kind.byte()], &number.to_be_bytes()].concat()
}

pub(super) fn batch(number: u32) -> Vec<u8> {
    [&b"b/"[..], &number.to_be_bytes()].concat()
}

pub(super) fn directory(version: u32) -> Vec<u8> {
    [&b"d/"[..], &version.to_be_bytes()].concat()
}

/// Piece `n` of a long value.
pub(super) fn chunk(place: &[u8], n: u16) -> Vec<u8> {
    [place, b"/", &n.to_be_bytes()].concat()
}

/// What the pieces of a long value begin with.
pub(super) fn prefix(place: &[u8]) -> Vec<u8> {
    [place, b"/"].concat()
}

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
