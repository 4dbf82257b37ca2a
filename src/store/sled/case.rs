//! What is kept of a case. Everything but its record of counters is sealed under one of its two shred keys.

use super::super::shred::{Side, VALUE_OVERHEAD_BYTES, open_value, seal_value};
use super::places::{self, ValueKind};
use super::{Inner, VALUE_MAX_BYTES, broken};
use crate::base::{Day, Reader, Secret, Writer};
use crate::caselog::{EpochRecord, ItemKind, Reply, ReplyWhat};
use crate::crypto::MailboxId;
use crate::envelope::{Sealed, SizeClass};
use crate::store::{CaseHead, MailboxView, Put, REPLIES_A_PAGE, StoreError};

const PIECE_BYTES: usize = VALUE_MAX_BYTES - VALUE_OVERHEAD_BYTES;
const RECORD_BYTES: usize = 4 + 1 + 6 * 4;

const OPEN: u8 = 0;
/// The holder of the receipt destroyed the mailbox.
const DESTROYED: u8 = 1;
/// All of the case was shredded: a tombstone.
const SHREDDED: u8 = 2;

/// Numbers that will be taken next, and where the shred keys are.
#[derive(Clone, Copy)]
pub(super) struct CaseRecord {
    pub(super) slot: u32,
    state: u8,
    pub(super) messages: u32,
    entries: u32,
    texts: u32,
    statuses: u32,
    pub(super) replies: u32,
    pub(super) epochs: u32,
}

impl CaseRecord {
    fn read(bytes: &[u8]) -> Result<Self, StoreError> {
        let damaged = StoreError::Damaged("a case record has a wrong length");
        if bytes.len() != RECORD_BYTES {
            return Err(damaged);
        }
        let mut r = Reader::new(bytes);
        let mut read = || -> Result<Self, crate::base::TooShort> {
            let (slot, state) = (r.u32()?, r.u8()?);
            let (messages, entries, texts) = (r.u32()?, r.u32()?, r.u32()?);
            Ok(Self { slot, state, messages, entries, texts, statuses: r.u32()?, replies: r.u32()?, epochs: r.u32()? })
        };
        read().map_err(|_| damaged)
    }

    fn write(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(RECORD_BYTES);
        w.u32(self.slot).u8(self.state);
        for number in [self.messages, self.entries, self.texts, self.statuses, self.replies, self.epochs] {
            w.u32(number);
        }
        w.finish()
    }

    /// The next number of a kind, to be taken and counted up.
    fn counter(&mut self, kind: ItemKind) -> Option<&mut u32> {
        match kind {
            ItemKind::Report | ItemKind::FollowUp => Some(&mut self.messages),
            ItemKind::Entry => Some(&mut self.entries),
            ItemKind::Epoch => Some(&mut self.epochs),
            _ => None,
        }
    }
}

impl Inner {
    pub(super) fn record(&self, id: &MailboxId) -> Result<Option<CaseRecord>, StoreError> {
        self.db.get(places::case(id)).map_err(broken)?.map(|bytes| CaseRecord::read(&bytes)).transpose()
    }

    pub(super) fn key(&self, record: &CaseRecord, side: Side) -> Result<Option<Secret<32>>, StoreError> {
        if record.state == SHREDDED { Ok(None) } else { self.shred.key(record.slot, side) }
    }

    /// Seals a value in pieces of at most 4 KiB.
    fn stage(&self, batch: &mut sled::Batch, place: &[u8], key: &Secret<32>, plain: &[u8]) {
        for (n, piece) in (0_u16..).zip(plain.chunks(PIECE_BYTES)) {
            let at = places::chunk(place, n);
            batch.insert(at.as_slice(), seal_value(key, &at, piece));
        }
    }

    /// Opens a value; `None` if there is none.
    pub(super) fn value(&self, place: &[u8], key: &Secret<32>) -> Result<Option<Vec<u8>>, StoreError> {
        let mut whole = Vec::new();
        for piece in self.db.scan_prefix(places::prefix(place)) {
            let (at, sealed) = piece.map_err(broken)?;
            whole.extend(open_value(key, &at, &sealed)?);
        }
        Ok((!whole.is_empty()).then_some(whole))
    }

    /// Takes the next pair of shred keys; they are on disk already.
    fn take_slot(&self, batch: &mut sled::Batch) -> Result<u32, StoreError> {
        let slot = self.number_at(places::NEXT_SLOT)?;
        if slot >= self.shred.records()? {
            self.shred.grow()?;
        }
        let next = slot.checked_add(1).ok_or(StoreError::Full)?;
        batch.insert(places::NEXT_SLOT, &next.to_be_bytes());
        Ok(slot)
    }

    pub(super) fn put_report(&self, sealed: &Sealed, _day: Day) -> Result<Put, StoreError> {
        let id = sealed.header().mailbox_id;
        if let Some(record) = self.record(&id)? {
            return self.compare_message(&record, sealed);
        }
        let mut batch = sled::Batch::default();
        let slot = self.take_slot(&mut batch)?;
        let record = CaseRecord { slot, state: OPEN, messages: 1, entries: 0, texts: 0, statuses: 0, replies: 0, epochs: 0 };
        self.stage_message(&mut batch, &record, sealed)?;
        self.db.apply_batch(batch).map_err(broken)?;
        Ok(Put::Stored)
    }

    pub(super) fn put_follow_up(&self, sealed: &Sealed, _day: Day) -> Result<Put, StoreError> {
        let header = sealed.header();
        let Some(mut record) = self.record(&header.mailbox_id)? else { return Ok(Put::NoMailbox) };
        if record.state != OPEN {
            return Ok(if record.state == SHREDDED { Put::Gone } else { Put::NoMailbox });
        }
        if header.number < record.messages {
            return self.compare_message(&record, sealed);
        }
        // Destroyed, and the machine stopped before the record said so.
        if self.key(&record, Side::Mailbox)?.is_none() {
            return Ok(Put::NoMailbox);
        }
        if header.number > record.messages {
            return Ok(Put::Gap);
        }
        let Some(case) = self.case_head(&header.mailbox_id)? else { return Ok(Put::Gone) };
        let last = self
            .head(&header.mailbox_id, &record, header.number.saturating_sub(1), Side::Case)?
            .ok_or(StoreError::Damaged("a message is missing"))?;
        let first = case.report.header();
        let box_pk = case.epochs.last().map_or(first.case_box_pk, |epoch| epoch.case_box_pk);
        if header.case_sign_pk != first.case_sign_pk
            || header.case_box_pk != box_pk
            || header.reporter_sign_pk != first.reporter_sign_pk
            || header.reporter_box_pk != first.reporter_box_pk
        {
            return Ok(Put::CaseKey);
        }
        if header.previous != last.link() {
            return Ok(Put::WrongChain);
        }
        record.messages = record.messages.saturating_add(1);
        let mut batch = sled::Batch::default();
        self.stage_message(&mut batch, &record, sealed)?;
        self.db.apply_batch(batch).map_err(broken)?;
        Ok(Put::Stored)
    }

    fn stage_message(&self, batch: &mut sled::Batch, record: &CaseRecord, sealed: &Sealed) -> Result<(), StoreError> {
        let header = sealed.header();
        let (id, number) = (header.mailbox_id, header.number);
        let missing = StoreError::Damaged("a new case has no shred key");
        let (Some(case), Some(mailbox)) = (self.key(record, Side::Case)?, self.key(record, Side::Mailbox)?) else { return Err(missing) };
        let head = sealed.head().to_bytes();
        self.stage(batch, &places::value(&id, ValueKind::Head, number, Side::Case), &case, &head);
        self.stage(batch, &places::value(&id, ValueKind::Head, number, Side::Mailbox), &mailbox, &head);
        self.stage(batch, &places::value(&id, ValueKind::Body, number, Side::Case), &case, sealed.body());
        let kind = if number == 0 { ItemKind::Report } else { ItemKind::FollowUp };
        batch.insert(places::pending(&id, kind, number), &[]);
        batch.insert(places::case(&id), record.write());
        Ok(())
    }

    /// The same envelope twice is harmless; another in its place is refused.
    fn compare_message(&self, record: &CaseRecord, sealed: &Sealed) -> Result<Put, StoreError> {
        let header = sealed.header();
        if record.state == SHREDDED {
            return Ok(Put::Gone);
        }
        let stored = self.head(&header.mailbox_id, record, header.number, Side::Case)?;
        Ok(if stored.is_some_and(|head| head == sealed.head()) { Put::Same } else { Put::Taken })
    }

    pub(super) fn head(
        &self,
        id: &MailboxId,
        record: &CaseRecord,
        number: u32,
        side: Side,
    ) -> Result<Option<crate::envelope::Head>, StoreError> {
        let Some(key) = self.key(record, side)? else { return Ok(None) };
        let bytes = self.value(&places::value(id, ValueKind::Head, number, side), &key)?;
        bytes.map(|bytes| Self::head_of(&bytes)).transpose()
    }

    /// An entry or epoch record: the next number, or the same bytes again.
    pub(super) fn put_numbered(&self, id: &MailboxId, kind: ItemKind, number: u32, bytes: &[u8]) -> Result<Put, StoreError> {
        let Some(mut record) = self.record(id)? else { return Ok(Put::NoMailbox) };
        let Some(key) = self.key(&record, Side::Case)? else { return Ok(Put::Gone) };
        let place = places::value(id, ValueKind::Item(kind), number, Side::Case);
        let next = record.counter(kind).ok_or(StoreError::Damaged("a kind without a counter"))?;
        if number != *next {
            return self.compare(&place, &key, bytes, number < *next);
        }
        *next = next.saturating_add(1);
        let mut batch = sled::Batch::default();
        self.stage(&mut batch, &place, &key, bytes);
        if let (ItemKind::Epoch, Some(mailbox)) = (kind, self.key(&record, Side::Mailbox)?) {
            self.stage(&mut batch, &places::value(id, ValueKind::Item(kind), number, Side::Mailbox), &mailbox, bytes);
        }
        batch.insert(places::pending(id, kind, number), &[]);
        batch.insert(places::case(id), record.write());
        self.db.apply_batch(batch).map_err(broken)?;
        Ok(Put::Stored)
    }

    fn compare(&self, place: &[u8], key: &Secret<32>, bytes: &[u8], is_taken: bool) -> Result<Put, StoreError> {
        if !is_taken {
            return Ok(Put::Gap);
        }
        Ok(if self.value(place, key)?.as_deref() == Some(bytes) { Put::Same } else { Put::Taken })
    }

    pub(super) fn put_reply(&self, reply: &Reply) -> Result<Put, StoreError> {
        let place = reply.place();
        let id = place.mailbox_id;
        let Some(mut record) = self.record(&id)? else { return Ok(Put::NoMailbox) };
        let Some(key) = self.key(&record, Side::Case)? else { return Ok(Put::Gone) };
        let bytes = reply.to_bytes();
        let counter = match place.what {
            ReplyWhat::Text => &mut record.texts,
            ReplyWhat::Status => &mut record.statuses,
        };
        if place.number != counter.saturating_add(1) {
            let is_taken = place.number <= *counter;
            let same = is_taken && self.reply_is_stored(&id, &record, &key, &bytes)?;
            return Ok(if same {
                Put::Same
            } else if is_taken {
                Put::Taken
            } else {
                Put::Gap
            });
        }
        *counter = place.number;
        record.replies = record.replies.saturating_add(1);
        let mut batch = sled::Batch::default();
        let kind = ValueKind::Item(ItemKind::Reply);
        self.stage(&mut batch, &places::value(&id, kind, record.replies, Side::Case), &key, &bytes);
        if let Some(mailbox) = self.key(&record, Side::Mailbox)? {
            self.stage(&mut batch, &places::value(&id, kind, record.replies, Side::Mailbox), &mailbox, &bytes);
        }
        batch.insert(places::pending(&id, ItemKind::Reply, record.replies), &[]);
        batch.insert(places::case(&id), record.write());
        self.db.apply_batch(batch).map_err(broken)?;
        Ok(Put::Stored)
    }

    fn reply_is_stored(&self, id: &MailboxId, record: &CaseRecord, key: &Secret<32>, bytes: &[u8]) -> Result<bool, StoreError> {
        for order in (1..=record.replies).rev() {
            let place = places::value(id, ValueKind::Item(ItemKind::Reply), order, Side::Case);
            if self.value(&place, key)?.as_deref() == Some(bytes) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn case_head(&self, id: &MailboxId) -> Result<Option<CaseHead>, StoreError> {
        let Some(record) = self.record(id)? else { return Ok(None) };
        let Some(report) = self.head(id, &record, 0, Side::Case)? else { return Ok(None) };
        Ok(Some(CaseHead { report, epochs: self.epochs(id, &record, Side::Case)? }))
    }

    fn epochs(&self, id: &MailboxId, record: &CaseRecord, side: Side) -> Result<Vec<EpochRecord>, StoreError> {
        let Some(key) = self.key(record, side)? else { return Ok(Vec::new()) };
        let one = |n: u32| -> Result<Option<EpochRecord>, StoreError> {
            let bytes = self.value(&places::value(id, ValueKind::Item(ItemKind::Epoch), n, side), &key)?;
            bytes.map(|b| EpochRecord::parse(&b).map_err(|_| StoreError::Damaged("an epoch record cannot be read"))).transpose()
        };
        (0..record.epochs).filter_map(|n| one(n).transpose()).collect()
    }

    pub(super) fn mailbox(&self, id: &MailboxId, page: u32, today: Day) -> Result<Option<MailboxView>, StoreError> {
        let Some(record) = self.record(id)?.filter(|r| r.state == OPEN) else { return Ok(None) };
        let Some(report) = self.head(id, &record, 0, Side::Mailbox)? else { return Ok(None) };
        let last = match record.messages {
            0 | 1 => None,
            n => self.head(id, &record, n - 1, Side::Mailbox)?,
        };
        let released = self.released(id, &record, today)?;
        let total = u32::try_from(released.len()).unwrap_or(u32::MAX);
        let skip = usize::try_from(page).unwrap_or(usize::MAX).saturating_mul(REPLIES_A_PAGE);
        let replies = released.into_iter().rev().skip(skip).take(REPLIES_A_PAGE).collect();
        Ok(Some(MailboxView { report, last, epochs: self.epochs(id, &record, Side::Mailbox)?, total, replies }))
    }

    /// Replies in the order they came; a status ahead of its day is held back, and any later status with it.
    fn released(&self, id: &MailboxId, record: &CaseRecord, today: Day) -> Result<Vec<Reply>, StoreError> {
        let Some(key) = self.key(record, Side::Mailbox)? else { return Ok(Vec::new()) };
        let mut held = false;
        let mut released = Vec::new();
        for order in 1..=record.replies {
            let place = places::value(id, ValueKind::Item(ItemKind::Reply), order, Side::Mailbox);
            let Some(bytes) = self.value(&place, &key)? else { continue };
            let reply = Reply::parse(&bytes).map_err(|_| StoreError::Damaged("a reply cannot be read"))?;
            let place = reply.place();
            let is_status = place.what == ReplyWhat::Status;
            held |= is_status && place.release.is_some_and(|day| day > today);
            if !(is_status && held) {
                released.push(reply);
            }
        }
        Ok(released)
    }

    pub(super) fn body(&self, id: &MailboxId, number: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(record) = self.record(id)? else { return Ok(None) };
        let Some(key) = self.key(&record, Side::Case)? else { return Ok(None) };
        self.value(&places::value(id, ValueKind::Body, number, Side::Case), &key)
    }

    pub(super) fn destroy_mailbox(&self, id: &MailboxId) -> Result<bool, StoreError> {
        let Some(mut record) = self.record(id)?.filter(|r| r.state == OPEN) else { return Ok(false) };
        self.shred.shred(record.slot, &[Side::Mailbox])?;
        record.state = DESTROYED;
        let mut batch = sled::Batch::default();
        self.remove_values(&mut batch, id, |place| place.get(places::values(id).len() + 5) == Some(&1))?;
        batch.insert(places::pending(id, ItemKind::Destroyed, 0), &[]);
        batch.insert(places::case(id), record.write());
        self.db.apply_batch(batch).map_err(broken)?;
        Ok(true)
    }

    pub(super) fn shred_case(&self, id: &MailboxId) -> Result<bool, StoreError> {
        let Some(mut record) = self.record(id)?.filter(|r| r.state != SHREDDED) else { return Ok(false) };
        self.shred.shred(record.slot, &[Side::Case, Side::Mailbox])?;
        record.state = SHREDDED;
        let mut batch = sled::Batch::default();
        self.remove_values(&mut batch, id, |_| true)?;
        for pending in self.db.scan_prefix([places::PENDING, &id.bytes()[..]].concat()) {
            batch.remove(pending.map_err(broken)?.0);
        }
        batch.insert(places::case(id), record.write());
        self.db.apply_batch(batch).map_err(broken)?;
        Ok(true)
    }

    fn remove_values(&self, batch: &mut sled::Batch, id: &MailboxId, which: impl Fn(&[u8]) -> bool) -> Result<(), StoreError> {
        for value in self.db.scan_prefix(places::values(id)) {
            let (place, _) = value.map_err(broken)?;
            if which(&place) {
                batch.remove(place);
            }
        }
        Ok(())
    }

    /// The bytes of an item of the feed; empty if it was shredded.
    pub(super) fn item_bytes(&self, id: &MailboxId, kind: ItemKind, number: u32) -> Result<Vec<u8>, StoreError> {
        if kind == ItemKind::Destroyed {
            return Ok(vec![1]);
        }
        let Some(record) = self.record(id)? else { return Ok(Vec::new()) };
        let Some(key) = self.key(&record, Side::Case)? else { return Ok(Vec::new()) };
        if !matches!(kind, ItemKind::Report | ItemKind::FollowUp) {
            let place = places::value(id, ValueKind::Item(kind), number, Side::Case);
            return Ok(self.value(&place, &key)?.unwrap_or_default());
        }
        let Some(head) = self.head(id, &record, number, Side::Case)? else { return Ok(Vec::new()) };
        let mut bytes = head.to_bytes();
        if head.header().size == SizeClass::Small {
            bytes.extend(self.body(id, number)?.ok_or(StoreError::Damaged("a body is missing"))?);
        }
        Ok(bytes)
    }
}
