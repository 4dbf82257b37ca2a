//! The store on sled 0.34, made durable (docs/decisions/0002-store-on-sled.md).
//!
//! One committer thread: batch, apply, flush, a real fsync of every file sled wrote, then answer all who wait.

mod case;
mod commit;
mod feed;
mod places;

use self::commit::Committer;
use super::shred::{ShredTable, io};
use super::{CaseHead, MailboxView, Put, Store, StoreError};
use crate::base::{Day, Secret};
use crate::caselog::{Batch, Entry, EpochRecord, ItemKind, Reply};
use crate::crypto::{self, MailboxId};
use crate::envelope::{Head, Sealed};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const SCHEMA: u8 = 1;
const SCHEMA_PLACE: &[u8] = b"x/schema";
const SECRET_PLACE: &[u8] = b"x/secret";
const FRESHNESS_PLACE: &[u8] = b"x/freshness";
const NEWEST_DIRECTORY_PLACE: &[u8] = b"x/directory";
/// A process that was killed holds sled's lock for a moment longer.
const OPEN_TRIES: u32 = 50;
const OPEN_PAUSE: Duration = Duration::from_millis(100);
const CACHE_BYTES: u64 = 64 << 20;
/// The longest value that is kept in one piece (facts.md: larger ones can land in files that sled never syncs).
pub(super) const VALUE_MAX_BYTES: usize = 4096;

/// What readers and the committer share.
pub(super) struct Inner {
    pub(super) db: sled::Db,
    pub(super) shred: ShredTable,
    folder: PathBuf,
}

/// The store on sled.
pub struct SledStore {
    inner: Arc<Inner>,
    committer: Committer,
}

pub(super) fn broken(error: sled::Error) -> StoreError {
    match error {
        sled::Error::Io(error) => io(&error),
        sled::Error::Corruption { .. } => StoreError::Damaged("sled reports a damaged log"),
        _ => StoreError::Io,
    }
}

impl SledStore {
    /// Opens or makes the store in a folder, which only its owner may read.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(|e| io(&e))?;
        let shred = ShredTable::open(folder)?;
        let db = open_sled(&folder.join("sled"))?;
        let inner = Arc::new(Inner { db, shred, folder: folder.to_owned() });
        inner.check_schema()?;
        inner.sync()?;
        inner.sync_folders()?;
        let committer = Committer::start(Arc::clone(&inner));
        Ok(Self { inner, committer })
    }

    fn write<T: Send + 'static>(&self, act: impl FnOnce(&Inner) -> Result<T, StoreError> + Send + 'static) -> Result<T, StoreError> {
        self.committer.run(act)
    }
}

fn open_sled(path: &Path) -> Result<sled::Db, StoreError> {
    let config = sled::Config::new().path(path).flush_every_ms(None).cache_capacity(CACHE_BYTES).mode(sled::Mode::HighThroughput);
    for _ in 0..OPEN_TRIES {
        match config.open() {
            Ok(db) => return Ok(db),
            Err(sled::Error::Io(error))
                if error.kind() == std::io::ErrorKind::WouldBlock || error.to_string().contains("could not acquire lock") =>
            {
                std::thread::sleep(OPEN_PAUSE);
            }
            Err(error) => return Err(broken(error)),
        }
    }
    Err(StoreError::InUse)
}

impl Inner {
    fn check_schema(&self) -> Result<(), StoreError> {
        let found = self.db.get(SCHEMA_PLACE).map_err(broken)?;
        match found.as_deref() {
            Some([SCHEMA]) => Ok(()),
            Some(_) => Err(StoreError::Newer),
            None if self.db.is_empty() => {
                self.db.insert(SCHEMA_PLACE, &[SCHEMA]).map_err(broken)?;
                self.db.insert(SECRET_PLACE, &crypto::random::<32>()).map_err(broken)?;
                Ok(())
            }
            None => Err(StoreError::Damaged("the schema's number is missing")),
        }
    }

    /// Makes all that was written durable: sled's flush alone is not (facts.md).
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        self.db.flush().map_err(broken)?;
        let base = self.folder.join("sled");
        File::open(base.join("db")).and_then(|file| file.sync_all()).map_err(|e| io(&e))?;
        // Values are kept so small that none lands here; if one ever did, it would be synced.
        let blobs = std::fs::read_dir(base.join("blobs")).map_err(|e| io(&e))?;
        for blob in blobs.filter_map(Result::ok) {
            File::open(blob.path()).and_then(|file| file.sync_all()).map_err(|e| io(&e))?;
        }
        Ok(())
    }

    /// New folder entries: after opening.
    fn sync_folders(&self) -> Result<(), StoreError> {
        let base = self.folder.join("sled");
        File::open(base.join("conf")).and_then(|file| file.sync_all()).map_err(|e| io(&e))?;
        for folder in [&base.join("blobs"), &base, &self.folder] {
            File::open(folder).and_then(|file| file.sync_all()).map_err(|e| io(&e))?;
        }
        Ok(())
    }

    /// File times say nothing finer than a day.
    pub(super) fn blur_times(&self, day: Day) {
        let midnight = std::time::UNIX_EPOCH + Duration::from_secs(day.midnight_unix_seconds());
        let times = std::fs::FileTimes::new().set_accessed(midnight).set_modified(midnight);
        let base = self.folder.join("sled");
        let snapshots = std::fs::read_dir(&base).into_iter().flatten().filter_map(|f| f.ok().map(|f| f.path()));
        for path in snapshots.chain([self.folder.join(super::shred::TABLE_FILE), base.join("db"), self.folder.clone(), base.clone()]) {
            // A time that cannot be set is no reason to stop.
            let _ = File::open(path).and_then(|file| file.set_times(times));
        }
    }
}

impl Store for SledStore {
    fn put_report(&self, sealed: &Sealed, day: Day) -> Result<Put, StoreError> {
        let sealed = sealed.clone();
        self.write(move |inner| inner.put_report(&sealed, day))
    }

    fn put_follow_up(&self, sealed: &Sealed, day: Day) -> Result<Put, StoreError> {
        let sealed = sealed.clone();
        self.write(move |inner| inner.put_follow_up(&sealed, day))
    }

    fn put_entry(&self, entry: &Entry, _day: Day) -> Result<Put, StoreError> {
        let (place, bytes) = (entry.place(), entry.to_bytes());
        self.write(move |inner| inner.put_numbered(&place.mailbox_id, ItemKind::Entry, place.number, &bytes))
    }

    fn put_reply(&self, reply: &Reply, _day: Day) -> Result<Put, StoreError> {
        let reply = reply.clone();
        self.write(move |inner| inner.put_reply(&reply))
    }

    fn put_epoch(&self, id: &MailboxId, record: &EpochRecord, _day: Day) -> Result<Put, StoreError> {
        let (id, number, bytes) = (*id, record.epoch.saturating_sub(1), record.to_bytes());
        self.write(move |inner| inner.put_numbered(&id, ItemKind::Epoch, number, &bytes))
    }

    fn mailbox(&self, id: &MailboxId, page: u32, today: Day) -> Result<Option<MailboxView>, StoreError> {
        self.inner.mailbox(id, page, today)
    }

    fn case(&self, id: &MailboxId) -> Result<Option<CaseHead>, StoreError> {
        self.inner.case_head(id)
    }

    fn body(&self, id: &MailboxId, number: u32) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.body(id, number)
    }

    fn destroy_mailbox(&self, id: &MailboxId, _day: Day) -> Result<bool, StoreError> {
        let id = *id;
        self.write(move |inner| inner.destroy_mailbox(&id))
    }

    fn shred_case(&self, id: &MailboxId) -> Result<bool, StoreError> {
        let id = *id;
        self.write(move |inner| inner.shred_case(&id))
    }

    fn publish(&self, day: Day) -> Result<Option<u32>, StoreError> {
        let published = self.write(move |inner| inner.publish(day))?;
        self.inner.blur_times(day);
        Ok(published)
    }

    fn feed(&self, from: u32, max_bytes: usize) -> Result<(u32, Vec<Batch>), StoreError> {
        self.inner.feed(from, max_bytes)
    }

    fn put_directory(&self, version: u32, json: &[u8]) -> Result<(), StoreError> {
        let json = json.to_vec();
        self.write(move |inner| inner.put_directory(version, &json))
    }

    fn directory(&self, version: u32) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.long_value(&places::directory(version))
    }

    fn newest_directory(&self) -> Result<u32, StoreError> {
        self.inner.number_at(NEWEST_DIRECTORY_PLACE)
    }

    fn put_freshness(&self, note: &[u8]) -> Result<(), StoreError> {
        let note = note.to_vec();
        self.write(move |inner| inner.db.insert(FRESHNESS_PLACE, note).map(|_| ()).map_err(broken))
    }

    fn freshness(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.inner.db.get(FRESHNESS_PLACE).map_err(broken)?.map(|v| v.to_vec()))
    }

    fn server_secret(&self) -> Result<Secret<32>, StoreError> {
        let found = self.inner.db.get(SECRET_PLACE).map_err(broken)?;
        found.and_then(|v| Secret::from_slice(&v)).ok_or(StoreError::Damaged("the server's secret is missing"))
    }
}

impl Inner {
    fn put_directory(&self, version: u32, json: &[u8]) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        let place = places::directory(version);
        for (n, piece) in (0_u16..).zip(json.chunks(VALUE_MAX_BYTES)) {
            batch.insert(places::chunk(&place, n), piece);
        }
        batch.insert(NEWEST_DIRECTORY_PLACE, &version.to_be_bytes());
        self.db.apply_batch(batch).map_err(broken)
    }

    /// A value kept in pieces; `None` if there is no first piece.
    pub(super) fn long_value(&self, place: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let mut whole = Vec::new();
        for piece in self.db.scan_prefix(places::prefix(place)) {
            whole.extend_from_slice(&piece.map_err(broken)?.1);
        }
        Ok((!whole.is_empty()).then_some(whole))
    }

    pub(super) fn number_at(&self, place: &[u8]) -> Result<u32, StoreError> {
        let found = self.db.get(place).map_err(broken)?;
        match found {
            None => Ok(0),
            Some(bytes) => {
                bytes.as_ref().try_into().map(u32::from_be_bytes).map_err(|_| StoreError::Damaged("a number has a wrong length"))
            }
        }
    }

    pub(super) fn head_of(bytes: &[u8]) -> Result<Head, StoreError> {
        Head::parse(bytes).map_err(|_| StoreError::Damaged("a stored head cannot be read"))
    }
}

#[cfg(test)]
mod tests;
