//! Reports and follow-ups.

use super::super::shred::Side;
use super::places::{self, ValueKind};
use super::record::{Case, CaseRecord, Standing};
use super::{Inner, broken};
use crate::base::Day;
use crate::caselog::{EpochRecord, ItemKind};
use crate::crypto::MailboxId;
use crate::envelope::{Head, Sealed};
use crate::store::{CaseHead, Put, StoreError};

impl Inner {
    /// Takes the next pair of shred keys; they are on disk before this returns.
    fn take_slot(&self, batch: &mut sled::Batch) -> Result<u32, StoreError> {
        let slot = self.number_at(places::NEXT_SLOT)?;
        self.shred.prepare(slot)?;
        batch.insert(places::NEXT_SLOT, &slot.checked_add(1).ok_or(StoreError::Full)?.to_be_bytes());
        Ok(slot)
    }

    pub(super) fn put_report(&self, sealed: &Sealed, day: Day) -> Result<Put, StoreError> {
        let id = sealed.header().mailbox_id;
        if let Some(case) = self.load(&id)? {
            return self.compare_message(&case, sealed);
        }
        let mut batch = sled::Batch::default();
        let slot = self.take_slot(&mut batch)?;
        let case = self.with_keys(id, CaseRecord::new(slot, day))?;
        if case.standing() != Standing::Open {
            return Err(StoreError::Damaged("a new case has no shred key"));
        }
        self.put_message(batch, case, sealed)
    }

    pub(super) fn put_follow_up(&self, sealed: &Sealed) -> Result<Put, StoreError> {
        let header = sealed.header();
        let Some(case) = self.load(&header.mailbox_id)? else { return Ok(Put::NoMailbox) };
        match case.standing() {
            Standing::Shredded => return Ok(Put::Gone),
            Standing::Destroyed => return Ok(Put::NoMailbox),
            Standing::Open => {}
        }
        if header.number < case.record.messages {
            return self.compare_message(&case, sealed);
        }
        if header.number > case.record.messages {
            return Ok(Put::Gap);
        }
        match self.check_follows(&case, sealed)? {
            Some(refusal) => Ok(refusal),
            None => self.put_message(sled::Batch::default(), case, sealed),
        }
    }

    /// Keys and chain of a follow-up; `None` if they are right.
    fn check_follows(&self, case: &Case, sealed: &Sealed) -> Result<Option<Put>, StoreError> {
        let header = sealed.header();
        let missing = StoreError::Damaged("a message is missing");
        let Some(held) = self.case_head(case)? else { return Ok(Some(Put::Gone)) };
        let last = self.head(case, header.number.saturating_sub(1), Side::Case)?.ok_or(missing)?;
        let first = held.report.header();
        let box_pk = held.epochs.last().map_or(first.case_box_pk, |epoch| epoch.case_box_pk);
        let is_hers = header.reporter_sign_pk == first.reporter_sign_pk && header.reporter_box_pk == first.reporter_box_pk;
        if !is_hers || header.case_sign_pk != first.case_sign_pk || header.case_box_pk != box_pk {
            return Ok(Some(Put::CaseKey));
        }
        Ok((header.previous != last.link()).then_some(Put::WrongChain))
    }

    fn put_message(&self, mut batch: sled::Batch, mut case: Case, sealed: &Sealed) -> Result<Put, StoreError> {
        let number = case.record.messages;
        case.record.messages = number.saturating_add(1);
        let head = sealed.head().to_bytes();
        self.stage(&mut batch, &case, (ValueKind::Head, number, Side::Case), &head);
        self.stage(&mut batch, &case, (ValueKind::Head, number, Side::Mailbox), &head);
        self.stage(&mut batch, &case, (ValueKind::Body, number, Side::Case), sealed.body());
        self.stage_record(&mut batch, &case, if number == 0 { ItemKind::Report } else { ItemKind::FollowUp }, number);
        self.db.apply_batch(batch).map_err(broken)?;
        Ok(Put::Stored)
    }

    /// The same envelope twice is harmless; another in its place is refused.
    fn compare_message(&self, case: &Case, sealed: &Sealed) -> Result<Put, StoreError> {
        let Some(stored) = self.head(case, sealed.header().number, Side::Case)? else { return Ok(Put::Gone) };
        Ok(if stored == sealed.head() { Put::Same } else { Put::Taken })
    }

    /// The head of a message that was stored; `None` if that side's key is gone.
    pub(super) fn head(&self, case: &Case, number: u32, side: Side) -> Result<Option<Head>, StoreError> {
        let bytes = self.value(case, ValueKind::Head, number, side)?;
        bytes.map(|bytes| Head::parse(&bytes).map_err(|_| StoreError::Damaged("a stored head cannot be read"))).transpose()
    }

    pub(super) fn case_head(&self, case: &Case) -> Result<Option<CaseHead>, StoreError> {
        let Some(report) = self.head(case, 0, Side::Case)? else { return Ok(None) };
        Ok(Some(CaseHead { report, epochs: self.epochs(case, Side::Case)?, arrived: case.record.arrived }))
    }

    pub(super) fn epochs(&self, case: &Case, side: Side) -> Result<Vec<EpochRecord>, StoreError> {
        let one = |n: u32| -> Result<Option<EpochRecord>, StoreError> {
            let bytes = self.value(case, ValueKind::Item(ItemKind::Epoch), n, side)?;
            bytes.map(|b| EpochRecord::parse(&b).map_err(|_| StoreError::Damaged("an epoch record cannot be read"))).transpose()
        };
        (0..case.record.epochs).filter_map(|n| one(n).transpose()).collect()
    }

    pub(super) fn body(&self, id: &MailboxId, number: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(case) = self.load(id)?.filter(|case| number < case.record.messages) else { return Ok(None) };
        self.value(&case, ValueKind::Body, number, Side::Case)
    }
}
