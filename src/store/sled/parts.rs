//! The index of content files, and how a part gets into it: the file is durable first, then the index names it.

use super::super::content::{ContentFolder, ContentName, ContentWriter};
use super::super::pieces::{open_piece, seal_piece};
use super::super::shred::Side;
use super::super::space::Need;
use super::commit::{Committer, Weight, guarded};
use super::places;
use super::record::{Case, Standing};
use super::{Inner, broken};
use crate::base::event::{Event, emit};
use crate::base::{Day, Secret};
use crate::crypto::MailboxId;
use crate::envelope::PartHead;
use crate::store::{Begun, PartWriter, PartsHere, PutPart, StoreError, StoredPart};
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use uuid::Uuid;

const BENT: StoreError = StoreError::Damaged("the index of an attachment cannot be read");
/// About what an index entry writes.
const ENTRY_BYTES: usize = 512;

/// `name of the content file ‖ the part's head, sealed under the case's key`.
struct Indexed {
    name: ContentName,
    head: PartHead,
}

/// Bytes promised to parts under way, given back when they end.
struct Promise {
    all: Arc<AtomicU64>,
    bytes: u64,
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::SeqCst);
    }
}

/// A part under way.
struct UnderWay {
    inner: Weak<Inner>,
    committer: Weak<Committer>,
    content: ContentFolder,
    part: PartHead,
    quota: u64,
    file: ContentWriter,
    _promise: Promise,
}

impl PartWriter for UnderWay {
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.file.write(bytes)
    }

    fn finish(self: Box<Self>) -> Result<PutPart, StoreError> {
        let this = *self;
        let committer = this.committer.upgrade().ok_or(StoreError::Closing)?;
        let name = this.file.finish()?;
        let (part, quota) = (this.part.clone(), this.quota);
        let put = committer.run(Weight { need: Need::Small, bytes: ENTRY_BYTES }, move |inner| inner.put_part(&part, name, quota));
        // Whether a failed commit reached the disk is not known: a file that the index may name stays, and the next opening decides.
        let is_named = |inner: Arc<Inner>| guarded(|| inner.name_at(&places::part_of(&this.part))).is_ok_and(|found| found == Some(name));
        if put != Ok(PutPart::Stored) && !this.inner.upgrade().is_none_or(is_named) {
            this.content.remove(&name)?;
        }
        put
    }
}

impl Inner {
    /// Looks whether a part is wanted; gives the key for it.
    fn wants(&self, part: &PartHead, quota: u64) -> Result<Result<Secret<32>, PutPart>, StoreError> {
        let Some(case) = self.load(&part.mailbox_id())? else { return Ok(Err(PutPart::NoMailbox)) };
        if let Some(refusal) = self.part_refusal(&case, part, quota)? {
            return Ok(Err(refusal));
        }
        case.case_key.map(Ok).ok_or(BENT)
    }

    fn part_refusal(&self, case: &Case, part: &PartHead, quota: u64) -> Result<Option<PutPart>, StoreError> {
        match case.standing() {
            Standing::Shredded => return Ok(Some(PutPart::Gone)),
            Standing::Destroyed => return Ok(Some(PutPart::NoMailbox)),
            Standing::Open => {}
        }
        if let Some(held) = self.indexed(case, &places::part_of(part))? {
            let is_same = held.head.hash == part.hash && held.head.is_last == part.is_last;
            return Ok(Some(if is_same { PutPart::Same } else { PutPart::Taken }));
        }
        let used = self.used(&case.id)?.saturating_add(part.length.into());
        Ok((used > quota).then_some(PutPart::Full))
    }

    fn put_part(&self, part: &PartHead, name: ContentName, quota: u64) -> Result<PutPart, StoreError> {
        let Some(case) = self.load(&part.mailbox_id())? else { return Ok(PutPart::NoMailbox) };
        if let Some(refusal) = self.part_refusal(&case, part, quota)? {
            return Ok(refusal);
        }
        let (place, key) = (places::part_of(part), case.key(Side::Case).ok_or(BENT)?);
        let mut batch = sled::Batch::default();
        batch.insert(place.as_slice(), [&name[..], &seal_piece(key, &place, true, &part.to_bytes())].concat());
        let used = self.used(&case.id)?.saturating_add(part.length.into());
        batch.insert(places::used(&case.id), &used.to_be_bytes());
        self.db.apply_batch(batch).map_err(broken)?;
        Ok(PutPart::Stored)
    }

    fn used(&self, id: &MailboxId) -> Result<u64, StoreError> {
        let Some(bytes) = self.db.get(places::used(id)).map_err(broken)? else { return Ok(0) };
        bytes.as_ref().try_into().map(u64::from_be_bytes).map_err(|_| BENT)
    }

    fn name_at(&self, place: &[u8]) -> Result<Option<ContentName>, StoreError> {
        let value = self.db.get(place).map_err(broken)?;
        value.map(|value| value.first_chunk::<16>().copied().ok_or(BENT)).transpose()
    }

    /// What the index says at a place; `None` if nothing is there or the key is gone.
    fn indexed(&self, case: &Case, place: &[u8]) -> Result<Option<Indexed>, StoreError> {
        let (Some(value), Some(key)) = (self.db.get(place).map_err(broken)?, case.key(Side::Case)) else { return Ok(None) };
        let (name, sealed) = value.split_first_chunk::<16>().ok_or(BENT)?;
        let head = PartHead::parse(&open_piece(key, place, true, sealed)?).map_err(|_| BENT)?;
        Ok(Some(Indexed { name: *name, head }))
    }

    pub(super) fn parts(&self, id: &MailboxId, blob: &Uuid) -> Result<Option<PartsHere>, StoreError> {
        let Some(case) = self.load(id)?.filter(|case| case.standing() == Standing::Open) else { return Ok(None) };
        let prefix = places::parts_of(&case.id, blob);
        let number = |place: sled::IVec| place.get(prefix.len()..).and_then(|n| n.try_into().ok()).map(u32::from_be_bytes).ok_or(BENT);
        let numbers = self.db.scan_prefix(&prefix).keys().map(|place| number(place.map_err(broken)?)).collect::<Result<_, _>>()?;
        Ok(Some(PartsHere { numbers, used: self.used(id)? }))
    }

    pub(super) fn part(&self, id: &MailboxId, blob: &Uuid, number: u32) -> Result<Option<StoredPart>, StoreError> {
        let Some(case) = self.load(id)? else { return Ok(None) };
        let Some(found) = self.indexed(&case, &places::part(id, blob, number))? else { return Ok(None) };
        let Some(key) = case.key(Side::Case) else { return Ok(None) };
        let reader = Box::new(self.content.read(&found.name, key, found.head.length)?);
        Ok(Some(StoredPart { head: found.head, reader }))
    }

    /// Removes the content files of a case; the index goes with `batch`.
    pub(super) fn remove_parts(&self, id: &MailboxId, batch: &mut sled::Batch) -> Result<(), StoreError> {
        for part in self.db.scan_prefix(places::parts(id)) {
            let (place, value) = part.map_err(broken)?;
            self.content.remove(value.first_chunk::<16>().ok_or(BENT)?)?;
            batch.remove(place);
        }
        batch.remove(places::used(id));
        Ok(())
    }

    /// At opening: files that no index names are removed; one that is missing is damage.
    pub(super) fn settle_content(&self) -> Result<(), StoreError> {
        let name = |value: sled::IVec| value.first_chunk::<16>().copied().ok_or(BENT);
        let indexed = self.db.scan_prefix(places::PARTS).values().map(|value| name(value.map_err(broken)?));
        if self.content.settle(indexed.collect::<Result<HashSet<_>, _>>()?)? > 0 {
            emit(Event::OrphansRemoved);
        }
        Ok(())
    }
}

/// Begins a part, if it is wanted and there is room for it beside those under way.
pub(super) fn begin(
    (inner, committer): (&Arc<Inner>, &Arc<Committer>),
    part: &PartHead,
    quota: u64,
    day: Day,
) -> Result<Begun, StoreError> {
    let key = match inner.wants(part, quota)? {
        Ok(key) => key,
        Err(refusal) => return Ok(Begun::Done(refusal)),
    };
    let bytes = u64::from(part.length);
    let promised = inner.promised.fetch_add(bytes, Ordering::SeqCst).saturating_add(bytes);
    let promise = Promise { all: Arc::clone(&inner.promised), bytes };
    if !inner.space.admits(Need::Attachment, inner.space.free()?.saturating_sub(promised)) {
        return Err(StoreError::Full);
    }
    let file = inner.content.create(&key, day)?;
    let (inner, committer, content) = (Arc::downgrade(inner), Arc::downgrade(committer), inner.content.clone());
    Ok(Begun::Open(Box::new(UnderWay { inner, committer, content, part: part.clone(), quota, file, _promise: promise })))
}
