//! The store on sled 0.34, made durable (docs/decisions/0002-store-on-sled.md).
//!
//! One committer thread: batch, apply, flush, a real sync of every file sled wrote, then answer all who wait.

mod commit;
mod disk;
mod feed;
mod items;
mod messages;
mod opening;
mod parts;
mod places;
mod record;
mod remove;

use self::commit::{Committer, Weight, guarded};
use self::disk::{Disk, Folders};
use super::content::ContentFolder;
use super::shred::{ShredTable, io};
use super::space::{Need, RESERVE_BYTES, Space};
use super::{Begun, CaseHead, MailboxView, PartsHere, Put, Store, StoreError, StoredPart};
use crate::base::event::{Event, emit};
use crate::base::{Day, Secret};
use crate::caselog::{Batch, ENTRY_BYTES, EPOCH_BYTES, Entry, EpochRecord, REPLY_BYTES, Reply};
use crate::crypto::MailboxId;
use crate::envelope::{HEAD_BYTES, PartHead, Sealed, SizeClass};
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use uuid::Uuid;

/// The longest value that is kept in one piece (design, facts: larger ones can land in files that sled never syncs).
const VALUE_MAX_BYTES: usize = 4096;

/// What readers and the committer share.
struct Inner {
    db: sled::Db,
    shred: ShredTable,
    disk: Disk,
    folders: Folders,
    space: Space,
    content: ContentFolder,
    /// Bytes that parts under way may still write.
    promised: Arc<AtomicU64>,
    /// The newest batch of the feed that no power cut can take back.
    newest_durable: AtomicU32,
    /// Held by readers, so that no key goes while they use it.
    reading: RwLock<()>,
}

/// The store on sled.
pub struct SledStore {
    inner: Arc<Inner>,
    committer: Arc<Committer>,
}

fn broken(error: sled::Error) -> StoreError {
    match error {
        sled::Error::Io(error) => io(&error),
        sled::Error::Corruption { .. } => StoreError::Damaged("sled reports a damaged log"),
        _ => StoreError::Io,
    }
}

impl SledStore {
    /// Opens or makes the store in a folder, which only its owner may read.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_with_reserve(folder, RESERVE_BYTES)
    }

    /// The same with another reserve: so many bytes of the disk are kept for destroying and shredding; 64 KiB messages need twice,
    /// 256 KiB messages three times, attachments four times as much free.
    pub fn open_with_reserve(folder: &Path, reserve: u64) -> Result<Self, StoreError> {
        let inner = Arc::new(opening::open(folder, reserve)?);
        let committer = Arc::new(Committer::start(Arc::clone(&inner)));
        emit(Event::StoreOpened);
        Ok(Self { inner, committer })
    }

    fn write<T: Send + 'static>(
        &self,
        need: Need,
        bytes: usize,
        act: impl FnOnce(&Inner) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.committer.run(Weight { need, bytes }, act)
    }

    fn read<T>(&self, act: impl FnOnce(&Inner) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let _no_key_goes = self.inner.reading.read().unwrap_or_else(PoisonError::into_inner);
        guarded(|| act(&self.inner))
    }
}

fn need_of(sealed: &Sealed) -> Need {
    match sealed.header().size {
        SizeClass::Small => Need::Small,
        SizeClass::Medium => Need::Medium,
        SizeClass::Large => Need::Large,
    }
}

impl Store for SledStore {
    fn put_report(&self, sealed: &Sealed, day: Day) -> Result<Put, StoreError> {
        let sealed = sealed.clone();
        self.write(need_of(&sealed), HEAD_BYTES + sealed.body().len(), move |inner| inner.put_report(&sealed, day))
    }

    fn put_follow_up(&self, sealed: &Sealed, _day: Day) -> Result<Put, StoreError> {
        let sealed = sealed.clone();
        self.write(need_of(&sealed), HEAD_BYTES + sealed.body().len(), move |inner| inner.put_follow_up(&sealed))
    }

    fn put_entry(&self, entry: &Entry, _day: Day) -> Result<Put, StoreError> {
        let entry = entry.clone();
        self.write(Need::Small, ENTRY_BYTES, move |inner| inner.put_entry(&entry))
    }

    fn put_reply(&self, reply: &Reply, _day: Day) -> Result<Put, StoreError> {
        let reply = reply.clone();
        self.write(Need::Small, REPLY_BYTES, move |inner| inner.put_reply(&reply))
    }

    fn put_epoch(&self, id: &MailboxId, record: &EpochRecord, _day: Day) -> Result<Put, StoreError> {
        let (id, record) = (*id, record.clone());
        self.write(Need::Small, EPOCH_BYTES, move |inner| inner.put_epoch(&id, &record))
    }

    fn begin_part(&self, part: &PartHead, quota: u64, day: Day) -> Result<Begun, StoreError> {
        self.read(|_| parts::begin((&self.inner, &self.committer), part, quota, day))
    }

    fn parts(&self, id: &MailboxId, blob: &Uuid) -> Result<Option<PartsHere>, StoreError> {
        self.read(|inner| inner.parts(id, blob))
    }

    fn part(&self, id: &MailboxId, blob: &Uuid, number: u32) -> Result<Option<StoredPart>, StoreError> {
        self.read(|inner| inner.part(id, blob, number))
    }

    fn mailbox(&self, id: &MailboxId, page: u32, today: Day) -> Result<Option<MailboxView>, StoreError> {
        self.read(|inner| inner.mailbox(id, page, today))
    }

    fn case(&self, id: &MailboxId) -> Result<Option<CaseHead>, StoreError> {
        self.read(|inner| inner.load(id)?.map_or(Ok(None), |case| inner.case_head(&case)))
    }

    fn body(&self, id: &MailboxId, number: u32) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|inner| inner.body(id, number))
    }

    fn destroy_mailbox(&self, id: &MailboxId, _day: Day) -> Result<bool, StoreError> {
        let id = *id;
        self.write(Need::None, 0, move |inner| inner.destroy_mailbox(&id))
    }

    fn shred_case(&self, id: &MailboxId) -> Result<bool, StoreError> {
        let id = *id;
        self.write(Need::None, 0, move |inner| inner.shred_case(&id))
    }

    fn publish(&self, day: Day) -> Result<Option<u32>, StoreError> {
        let mut newest = None;
        // Asked first: a write without anything to write would be a sync all the same, five times a second in a demo.
        while self.read(Inner::has_pending)? {
            let published = self.write(Need::None, 0, move |inner| inner.publish(day))?;
            newest = published.number.or(newest);
            if !published.is_full {
                break;
            }
        }
        self.inner.folders.blur_times(day);
        Ok(newest)
    }

    fn feed(&self, from: u32, max_bytes: usize) -> Result<(u32, Vec<Batch>), StoreError> {
        self.read(|inner| inner.feed(from, max_bytes))
    }

    fn put_directory(&self, version: u32, json: &[u8]) -> Result<(), StoreError> {
        let json = json.to_vec();
        self.write(Need::None, json.len(), move |inner| inner.put_directory(version, &json))
    }

    fn directory(&self, version: u32) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|inner| inner.long_value(&places::directory(version)))
    }

    fn newest_directory(&self) -> Result<u32, StoreError> {
        self.read(|inner| inner.number_at(places::NEWEST_DIRECTORY))
    }

    fn put_freshness(&self, note: &[u8]) -> Result<(), StoreError> {
        let note = note.to_vec();
        self.write(Need::None, note.len(), move |inner| inner.db.insert(places::FRESHNESS, note).map(|_| ()).map_err(broken))
    }

    fn freshness(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|inner| Ok(inner.db.get(places::FRESHNESS).map_err(broken)?.map(|v| v.to_vec())))
    }

    fn server_secret(&self) -> Result<Secret<32>, StoreError> {
        let found = self.read(|inner| inner.db.get(places::SECRET).map_err(broken))?;
        found.and_then(|v| Secret::from_slice(&v)).ok_or(StoreError::Damaged("the server's secret is missing"))
    }
}

impl Inner {
    /// Makes all that was applied durable.
    fn sync(&self) -> Result<(), StoreError> {
        self.db.flush().map_err(broken)?;
        self.disk.sync().map_err(|e| io(&e))
    }

    /// Counts a group of writes and makes it durable.
    fn commit(&self) -> Result<(), StoreError> {
        let commits = opening::commits(&self.db)?.saturating_add(1);
        self.db.insert(places::COMMITS, &commits.to_be_bytes()).map_err(broken)?;
        self.sync()?;
        self.note_durable()?;
        self.disk.mark(commits).map_err(|e| io(&e))
    }

    fn note_durable(&self) -> Result<(), StoreError> {
        self.newest_durable.store(self.number_at(places::NEWEST_BATCH)?, Ordering::SeqCst);
        Ok(())
    }

    /// A version is kept once. Whoever takes directories refuses another in its place; here that is a fault.
    fn put_directory(&self, version: u32, json: &[u8]) -> Result<(), StoreError> {
        let place = places::directory(version);
        if let Some(held) = self.long_value(&place)? {
            return if held == json { Ok(()) } else { Err(StoreError::Damaged("another directory stands under this version")) };
        }
        let mut batch = sled::Batch::default();
        for (n, piece) in (0_u16..).zip(json.chunks(VALUE_MAX_BYTES)) {
            batch.insert(places::piece(&place, n), piece);
        }
        batch.insert(places::NEWEST_DIRECTORY, &version.max(self.number_at(places::NEWEST_DIRECTORY)?).to_be_bytes());
        self.db.apply_batch(batch).map_err(broken)
    }

    /// A value kept in pieces; `None` if there is no first piece.
    fn long_value(&self, place: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let mut whole = Vec::new();
        for piece in self.db.scan_prefix(places::pieces(place)) {
            whole.extend_from_slice(&piece.map_err(broken)?.1);
        }
        Ok((!whole.is_empty()).then_some(whole))
    }

    fn number_at(&self, place: &[u8]) -> Result<u32, StoreError> {
        let Some(bytes) = self.db.get(place).map_err(broken)? else { return Ok(0) };
        bytes.as_ref().try_into().map(u32::from_be_bytes).map_err(|_| StoreError::Damaged("a number has a wrong length"))
    }
}
