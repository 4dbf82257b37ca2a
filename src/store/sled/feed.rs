//! Batches of the feed. A batch keeps the places and hashes of its items; their bytes stay with the case and go with it.

use super::super::shred::Side;
use super::places::{self, ValueKind};
use super::{Inner, VALUE_MAX_BYTES, broken};
use crate::base::{Day, Reader, TooShort, Writer};
use crate::caselog::{Batch, FeedItem, ItemKind};
use crate::crypto::{Hash32, MailboxId};
use crate::envelope::SizeClass;
use crate::store::StoreError;
use std::sync::atomic::Ordering;

/// The bytes after which a batch is closed and the next one begun: a desk gets a batch as a whole, and so does memory.
const BATCH_MAX_BYTES: usize = 4 << 20;
/// What an item adds to its bytes: kind, mailbox id, number, hash, length.
const ITEM_FRONT_BYTES: usize = 1 + 32 + 4 + 32 + 4;
const DAMAGED: StoreError = StoreError::Damaged("a batch of the feed cannot be read");

/// What one round of publishing did.
pub(super) struct Published {
    /// The batch made, if there was anything.
    pub(super) number: Option<u32>,
    /// Whether more waits.
    pub(super) is_full: bool,
}

impl Inner {
    /// Whether anything waits for a batch.
    pub(super) fn has_pending(&self) -> Result<bool, StoreError> {
        self.db.scan_prefix(places::PENDING).next().transpose().map(|found| found.is_some()).map_err(broken)
    }

    /// Makes one batch.
    pub(super) fn publish(&self, day: Day) -> Result<Published, StoreError> {
        let (mut items, mut bytes, mut is_full) = (Vec::new(), 0_usize, false);
        let mut done = sled::Batch::default();
        for pending in self.db.scan_prefix(places::PENDING) {
            let (place, _) = pending.map_err(broken)?;
            let (mailbox_id, kind, number) = read_place(place.get(places::PENDING.len()..).unwrap_or_default())?;
            let item = self.item_bytes(&mailbox_id, kind, number)?;
            bytes = bytes.saturating_add(item.len() + ITEM_FRONT_BYTES);
            is_full = !items.is_empty() && bytes > BATCH_MAX_BYTES;
            if is_full {
                break;
            }
            done.remove(place);
            // Its key went before it was published: nobody outside knows of it, and nobody will.
            if !item.is_empty() {
                items.push(FeedItem::new(kind, mailbox_id, number, item));
            }
        }
        if items.is_empty() {
            self.db.apply_batch(done).map_err(broken)?;
            return Ok(Published { number: None, is_full });
        }
        let newest = self.number_at(places::NEWEST_BATCH)?;
        let former = if newest == 0 { Hash32::ZERO } else { self.index(newest)?.head };
        let number = newest.checked_add(1).ok_or(StoreError::Full)?;
        let batch = Batch::make(&former, number, day, items);
        for (n, piece) in (0_u16..).zip(write_index(&batch).chunks(VALUE_MAX_BYTES)) {
            done.insert(places::piece(&places::batch(number), n), piece);
        }
        done.insert(places::NEWEST_BATCH, &number.to_be_bytes());
        self.db.apply_batch(done).map_err(broken)?;
        Ok(Published { number: Some(number), is_full })
    }

    /// Batches that are on disk: one that a power cut could take back must not be seen by any desk.
    pub(super) fn feed(&self, from: u32, max_bytes: usize) -> Result<(u32, Vec<Batch>), StoreError> {
        let newest = self.newest_durable.load(Ordering::SeqCst);
        let mut batches = Vec::new();
        let mut bytes = 0_usize;
        for number in from.max(1)..=newest {
            let mut batch = self.index(number)?;
            for item in &mut batch.items {
                item.bytes = self.item_bytes(&item.mailbox_id, item.kind, item.number)?;
            }
            bytes = bytes.saturating_add(batch.items.iter().map(|item| item.bytes.len() + ITEM_FRONT_BYTES).sum());
            if !batches.is_empty() && bytes > max_bytes {
                break;
            }
            batches.push(batch);
        }
        Ok((newest, batches))
    }

    /// A batch without its items' bytes.
    fn index(&self, number: u32) -> Result<Batch, StoreError> {
        let index = self.long_value(&places::batch(number))?.ok_or(DAMAGED)?;
        read_index(&index).ok().filter(|batch| batch.number == number).ok_or(DAMAGED)
    }

    /// The bytes of an item of the feed; empty if it was shredded.
    fn item_bytes(&self, id: &MailboxId, kind: ItemKind, number: u32) -> Result<Vec<u8>, StoreError> {
        if kind == ItemKind::Destroyed {
            return Ok(vec![1]);
        }
        let case = self.load(id)?.ok_or(StoreError::Damaged("a case in the feed is missing"))?;
        if !matches!(kind, ItemKind::Report | ItemKind::FollowUp) {
            return Ok(self.value(&case, ValueKind::Item(kind), number, Side::Case)?.unwrap_or_default());
        }
        let Some(head) = self.head(&case, number, Side::Case)? else { return Ok(Vec::new()) };
        let mut bytes = head.to_bytes();
        if head.header().size == SizeClass::Small {
            bytes.extend(self.value(&case, ValueKind::Body, number, Side::Case)?.unwrap_or_default());
        }
        Ok(bytes)
    }
}

fn read_place(bytes: &[u8]) -> Result<(MailboxId, ItemKind, u32), StoreError> {
    let mut r = Reader::new(bytes);
    let mut read = || Some((MailboxId(r.array().ok()?), ItemKind::read(r.u8().ok()?).ok()?, r.u32().ok()?));
    read().ok_or(DAMAGED)
}

fn write_index(batch: &Batch) -> Vec<u8> {
    let mut w = Writer::default();
    w.u32(batch.number).u32(batch.day.number()).put(batch.head.bytes()).u32(u32::try_from(batch.items.len()).unwrap_or(u32::MAX));
    for item in &batch.items {
        w.u8(item.kind.byte()).put(item.mailbox_id.bytes()).u32(item.number).put(item.hash.bytes());
    }
    w.finish()
}

fn read_index(bytes: &[u8]) -> Result<Batch, TooShort> {
    let mut r = Reader::new(bytes);
    let (number, day, head) = (r.u32()?, Day::from_number(r.u32()?).map_err(|_| TooShort)?, Hash32(r.array()?));
    let one = |r: &mut Reader<'_>| {
        let kind = ItemKind::read(r.u8()?).map_err(|_| TooShort)?;
        Ok(FeedItem { kind, mailbox_id: MailboxId(r.array()?), number: r.u32()?, hash: Hash32(r.array()?), bytes: Vec::new() })
    };
    let count = r.u32()?;
    let items = (0..count).map(|_| one(&mut r)).collect::<Result<Vec<_>, TooShort>>()?;
    if r.is_empty() { Ok(Batch { number, day, items, head }) } else { Err(TooShort) }
}
