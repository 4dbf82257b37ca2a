//! Batches of the feed. A batch keeps the places and hashes of its items; their bytes stay with the case and go with it.

use super::places;
use super::{Inner, VALUE_MAX_BYTES, broken};
use crate::base::{Day, Reader, TooShort, Writer};
use crate::caselog::{Batch, FeedItem, ItemKind};
use crate::crypto::{Hash32, MailboxId};
use crate::store::StoreError;

const DAMAGED: StoreError = StoreError::Damaged("a batch of the feed cannot be read");

impl Inner {
    pub(super) fn publish(&self, day: Day) -> Result<Option<u32>, StoreError> {
        let mut items = Vec::new();
        let mut done = sled::Batch::default();
        for pending in self.db.scan_prefix(places::PENDING) {
            let (place, _) = pending.map_err(broken)?;
            let (mailbox_id, kind, number) = read_place(place.get(places::PENDING.len()..).unwrap_or_default())?;
            items.push(FeedItem::new(kind, mailbox_id, number, self.item_bytes(&mailbox_id, kind, number)?));
            done.remove(place);
        }
        if items.is_empty() {
            return Ok(None);
        }
        let newest = self.number_at(places::NEWEST_BATCH)?;
        let former = if newest == 0 { Hash32::ZERO } else { self.batch(newest, false)?.ok_or(DAMAGED)?.head };
        let number = newest.checked_add(1).ok_or(StoreError::Full)?;
        let batch = Batch::make(&former, number, day, items);
        for (n, piece) in (0_u16..).zip(write_index(&batch).chunks(VALUE_MAX_BYTES)) {
            done.insert(places::chunk(&places::batch(number), n), piece);
        }
        done.insert(places::NEWEST_BATCH, &number.to_be_bytes());
        self.db.apply_batch(done).map_err(broken)?;
        Ok(Some(number))
    }

    pub(super) fn feed(&self, from: u32, max_bytes: usize) -> Result<(u32, Vec<Batch>), StoreError> {
        let newest = self.number_at(places::NEWEST_BATCH)?;
        let mut batches = Vec::new();
        let mut bytes = 0_usize;
        for number in from.max(1)..=newest {
            let batch = self.batch(number, true)?.ok_or(DAMAGED)?;
            bytes = bytes.saturating_add(batch.items.iter().map(|item| item.bytes.len() + 73).sum());
            if !batches.is_empty() && bytes > max_bytes {
                break;
            }
            batches.push(batch);
        }
        Ok((newest, batches))
    }

    /// A batch, with its items' bytes or without.
    fn batch(&self, number: u32, with_bytes: bool) -> Result<Option<Batch>, StoreError> {
        let Some(index) = self.long_value(&places::batch(number))? else { return Ok(None) };
        let mut batch = read_index(&index).map_err(|_| DAMAGED)?;
        if with_bytes {
            for item in &mut batch.items {
                item.bytes = self.item_bytes(&item.mailbox_id, item.kind, item.number)?;
            }
        }
        Ok(Some(batch))
    }
}

fn read_place(bytes: &[u8]) -> Result<(MailboxId, ItemKind, u32), StoreError> {
    let mut r = Reader::new(bytes);
    let mut read = || Some((MailboxId(r.array().ok()?), ItemKind::read(r.u8().ok()?).ok()?, r.u32().ok()?));
    read().ok_or(DAMAGED)
}

fn write_index(batch: &Batch) -> Vec<u8> {
    let mut w = Writer::default();
    w.u32(batch.number).u32(batch.day.number()).put(batch.head.bytes());
    for item in &batch.items {
        w.u8(item.kind.byte()).put(item.mailbox_id.bytes()).u32(item.number).put(item.hash.bytes());
    }
    w.finish()
}

fn read_index(bytes: &[u8]) -> Result<Batch, TooShort> {
    let mut r = Reader::new(bytes);
    let (number, day, head) = (r.u32()?, Day::from_number(r.u32()?).map_err(|_| TooShort)?, Hash32(r.array()?));
    let mut items = Vec::new();
    while !r.is_empty() {
        let kind = ItemKind::read(r.u8()?).map_err(|_| TooShort)?;
        items.push(FeedItem { kind, mailbox_id: MailboxId(r.array()?), number: r.u32()?, hash: Hash32(r.array()?), bytes: Vec::new() });
    }
    Ok(Batch { number, day, items, head })
}
