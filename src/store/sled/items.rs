//! Entries, epoch records, replies, and what the holder of a receipt sees of them.

use super::super::shred::Side;
use super::places::ValueKind;
use super::record::{Case, Standing};
use super::{Inner, broken};
use crate::base::Day;
use crate::caselog::{EPOCHS_MAX, Entry, EpochRecord, ItemKind, Reply, ReplyWhat};
use crate::crypto::MailboxId;
use crate::store::{MailboxView, Put, REPLIES_A_PAGE, StoreError};

const REPLY: ValueKind = ValueKind::Item(ItemKind::Reply);
const EPOCH: ValueKind = ValueKind::Item(ItemKind::Epoch);
const ENTRY: ValueKind = ValueKind::Item(ItemKind::Entry);

impl Inner {
    pub(super) fn put_entry(&self, entry: &Entry) -> Result<Put, StoreError> {
        let (place, bytes) = (entry.place(), entry.to_bytes());
        let Some(mut case) = self.load(&place.mailbox_id)? else { return Ok(Put::NoMailbox) };
        let next = case.record.entries;
        if case.standing() == Standing::Shredded || place.number != next {
            return self.compare(&case, (ENTRY, place.number, next), &bytes);
        }
        case.record.entries = next.saturating_add(1);
        let mut batch = sled::Batch::default();
        self.stage(&mut batch, &case, (ENTRY, next, Side::Case), &bytes);
        self.stage_record(&mut batch, &case, ItemKind::Entry, next);
        self.db.apply_batch(batch).map_err(broken)?;
        Ok(Put::Stored)
    }

    pub(super) fn put_epoch(&self, id: &MailboxId, record: &EpochRecord) -> Result<Put, StoreError> {
        let (number, bytes) = (record.epoch.saturating_sub(1), record.to_bytes());
        let Some(mut case) = self.load(id)? else { return Ok(Put::NoMailbox) };
        let next = case.record.epochs;
        let is_full = usize::try_from(next).is_ok_and(|n| n >= EPOCHS_MAX);
        if case.standing() == Standing::Shredded || number != next || is_full {
            return self.compare(&case, (EPOCH, number, next), &bytes);
        }
        case.record.epochs = next.saturating_add(1);
        let mut batch = sled::Batch::default();
        self.stage(&mut batch, &case, (EPOCH, next, Side::Case), &bytes);
        self.stage(&mut batch, &case, (EPOCH, next, Side::Mailbox), &bytes);
        self.stage_record(&mut batch, &case, ItemKind::Epoch, next);
        self.db.apply_batch(batch).map_err(broken)?;
        Ok(Put::Stored)
    }

    /// What stands at a number that is not the next.
    fn compare(&self, case: &Case, (kind, number, next): (ValueKind, u32, u32), bytes: &[u8]) -> Result<Put, StoreError> {
        if case.standing() == Standing::Shredded {
            return Ok(Put::Gone);
        }
        if number >= next {
            return Ok(Put::Gap);
        }
        let is_same = self.value(case, kind, number, Side::Case)?.as_deref() == Some(bytes);
        Ok(if is_same { Put::Same } else { Put::Taken })
    }

    pub(super) fn put_reply(&self, reply: &Reply) -> Result<Put, StoreError> {
        let (place, bytes) = (reply.place(), reply.to_bytes());
        let Some(mut case) = self.load(&place.mailbox_id)? else { return Ok(Put::NoMailbox) };
        if case.standing() == Standing::Shredded {
            return Ok(Put::Gone);
        }
        let next = case.record.last_reply(place.what).saturating_add(1);
        if place.number < next {
            return Ok(if self.holds_reply(&case, &bytes)? { Put::Same } else { Put::Taken });
        }
        if case.standing() == Standing::Destroyed {
            return Ok(Put::NoMailbox);
        }
        if place.number > next {
            return Ok(Put::Gap);
        }
        *case.record.last_reply(place.what) = next;
        let order = case.record.replies.saturating_add(1);
        case.record.replies = order;
        let mut batch = sled::Batch::default();
        self.stage(&mut batch, &case, (REPLY, order, Side::Case), &bytes);
        self.stage(&mut batch, &case, (REPLY, order, Side::Mailbox), &bytes);
        self.stage_record(&mut batch, &case, ItemKind::Reply, order);
        self.db.apply_batch(batch).map_err(broken)?;
        Ok(Put::Stored)
    }

    fn holds_reply(&self, case: &Case, bytes: &[u8]) -> Result<bool, StoreError> {
        for order in (1..=case.record.replies).rev() {
            if self.value(case, REPLY, order, Side::Case)?.as_deref() == Some(bytes) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn mailbox(&self, id: &MailboxId, page: u32, today: Day) -> Result<Option<MailboxView>, StoreError> {
        let Some(case) = self.load(id)?.filter(|case| case.standing() == Standing::Open) else { return Ok(None) };
        let Some(report) = self.head(&case, 0, Side::Mailbox)? else { return Ok(None) };
        let last = match case.record.messages {
            0 | 1 => None,
            n => self.head(&case, n.saturating_sub(1), Side::Mailbox)?,
        };
        let released = self.released(&case, today)?;
        let total = u32::try_from(released.len()).unwrap_or(u32::MAX);
        let skip = usize::try_from(page).unwrap_or(usize::MAX).saturating_mul(REPLIES_A_PAGE);
        let replies = released.into_iter().rev().skip(skip).take(REPLIES_A_PAGE).collect();
        Ok(Some(MailboxView { report, last, epochs: self.epochs(&case, Side::Mailbox)?, total, replies }))
    }

    /// Replies in the order they came; a status ahead of its day is held back, and any later status with it.
    fn released(&self, case: &Case, today: Day) -> Result<Vec<Reply>, StoreError> {
        let mut is_held = false;
        let mut released = Vec::new();
        for order in 1..=case.record.replies {
            let Some(bytes) = self.value(case, REPLY, order, Side::Mailbox)? else { continue };
            let reply = Reply::parse(&bytes).map_err(|_| StoreError::Damaged("a reply cannot be read"))?;
            let place = reply.place();
            let is_status = place.what == ReplyWhat::Status;
            is_held |= is_status && place.release.is_some_and(|day| day > today);
            if !(is_status && is_held) {
                released.push(reply);
            }
        }
        Ok(released)
    }
}
