//! Destroying and shredding: what was asked is on disk first, then the keys go, then the bytes.
//!
//! A machine that stops in between finishes at the next opening; a table restored from a backup loses again what was shredded since.

use super::super::shred::Side;
use super::places;
use super::record::{CaseRecord, Standing};
use super::{Inner, broken};
use crate::base::event::{Event, emit};
use crate::caselog::ItemKind;
use crate::crypto::MailboxId;
use crate::store::StoreError;
use std::sync::PoisonError;

const MAILBOX: u8 = 1;
const CASE: u8 = 2;
const DAMAGED: StoreError = StoreError::Damaged("a removal that was begun cannot be read");

fn sides(what: u8) -> Result<&'static [Side], StoreError> {
    match what {
        MAILBOX => Ok(&[Side::Mailbox]),
        CASE => Ok(&[Side::Case, Side::Mailbox]),
        _ => Err(DAMAGED),
    }
}

impl Inner {
    pub(super) fn destroy_mailbox(&self, id: &MailboxId) -> Result<bool, StoreError> {
        let Some(case) = self.load(id)?.filter(|case| case.standing() == Standing::Open) else { return Ok(false) };
        let mut record = case.record;
        record.standing = Standing::Destroyed;
        let mut batch = sled::Batch::default();
        batch.insert(places::pending(id, ItemKind::Destroyed, 0), &[]);
        self.begin(batch, id, record, MAILBOX)?;
        self.finish(id, record.slot, MAILBOX)?;
        Ok(true)
    }

    pub(super) fn shred_case(&self, id: &MailboxId) -> Result<bool, StoreError> {
        let Some(case) = self.load(id)?.filter(|case| case.record.standing != Standing::Shredded) else { return Ok(false) };
        let mut record = case.record;
        record.standing = Standing::Shredded;
        self.begin(sled::Batch::default(), id, record, CASE)?;
        self.finish(id, record.slot, CASE)?;
        Ok(true)
    }

    /// From here on it is closed to all, and will be finished whatever happens.
    fn begin(&self, mut batch: sled::Batch, id: &MailboxId, record: CaseRecord, what: u8) -> Result<(), StoreError> {
        batch.insert(places::case(id), record.write());
        batch.insert(places::begun(id), &[what]);
        batch.insert(places::gone(record.slot), &[what]);
        self.db.apply_batch(batch).map_err(broken)?;
        self.sync()
    }

    fn finish(&self, id: &MailboxId, slot: u32, what: u8) -> Result<(), StoreError> {
        {
            let _no_reader = self.reading.write().unwrap_or_else(PoisonError::into_inner);
            self.shred.shred(slot, sides(what)?)?;
        }
        let mut batch = sled::Batch::default();
        for value in self.db.scan_prefix(places::values(id)) {
            let (place, _) = value.map_err(broken)?;
            if what == CASE || places::is_of_mailbox(&place) {
                batch.remove(place);
            }
        }
        if what == CASE {
            for pending in self.db.scan_prefix(places::pending_of(id)) {
                batch.remove(pending.map_err(broken)?.0);
            }
        }
        if what == CASE {
            self.remove_parts(id, &mut batch)?;
        }
        batch.remove(places::begun(id));
        self.db.apply_batch(batch).map_err(broken)?;
        emit(Event::ShredDone);
        Ok(())
    }

    /// At opening: what was begun is finished, and what is gone stays gone.
    pub(super) fn resume(&self) -> Result<(), StoreError> {
        for gone in self.db.scan_prefix(places::GONE) {
            let (place, what) = gone.map_err(broken)?;
            let slot = place.get(places::GONE.len()..).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes).ok_or(DAMAGED)?;
            let sides = sides(what.first().copied().unwrap_or_default())?;
            if !self.shred.is_shredded(slot, sides)? {
                self.shred.shred(slot, sides)?;
            }
        }
        for begun in self.db.scan_prefix(places::BEGUN) {
            let (place, what) = begun.map_err(broken)?;
            let id = place.get(places::BEGUN.len()..).and_then(|b| b.try_into().ok()).map(MailboxId).ok_or(DAMAGED)?;
            let record = self.db.get(places::case(&id)).map_err(broken)?.ok_or(DAMAGED)?;
            self.finish(&id, CaseRecord::read(&record)?.slot, what.first().copied().unwrap_or_default())?;
        }
        self.sync()
    }
}
