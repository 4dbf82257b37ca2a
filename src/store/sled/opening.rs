//! Opening: what is missing, mixed up or older than was acknowledged is refused in words, and never taken for a new store.

use super::super::content::ContentFolder;
use super::super::shred::{ShredTable, StoreId, io};
use super::super::space::Space;
use super::disk::{Disk, Folders};
use super::{Inner, broken, places};
use crate::crypto;
use crate::store::StoreError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::{Arc, RwLock};
use std::time::Duration;

const SCHEMA: u8 = 1;
/// A process that was killed holds sled's lock for a moment longer.
const OPEN_TRIES: u32 = 50;
const OPEN_PAUSE: Duration = Duration::from_millis(100);
const CACHE_BYTES: u64 = 64 << 20;

pub(super) fn open(folder: &Path, reserve: u64) -> Result<Inner, StoreError> {
    let folders = Folders::make(folder).map_err(|e| io(&e))?;
    let had_table = folders.has_table();
    if had_table && !folders.has_database() {
        return Err(StoreError::Damaged("the shred keys are here and the database is not; restore it from a backup"));
    }
    let db = catch_unwind(AssertUnwindSafe(|| open_sled(&folders)))
        .unwrap_or(Err(StoreError::Damaged("sled cannot read its log; restore the database from a backup")))?;
    // sled's files are on disk before the table is: a table without a database means that one was lost.
    folders.sync().map_err(|e| io(&e))?;
    let schema = db.get(places::SCHEMA).map_err(broken)?;
    if schema.is_some() && !had_table {
        return Err(StoreError::Damaged("shred.tbl is missing; without it nothing can be read: restore it from a backup"));
    }
    let shred = ShredTable::open(&folders.top)?;
    match schema {
        Some(schema) => check_schema(&schema, shred.id())?,
        None if db.is_empty() && shred.records()? == 0 => begin(&db, shred.id())?,
        None => return Err(StoreError::Damaged("the database is empty and should not be; restore it from a backup")),
    }
    let commits = commits(&db)?;
    let disk = Disk::open(&folders, shred.id(), commits)?;
    let space = Space::new(&folders.top, reserve);
    let content = ContentFolder::open(&folders.top)?;
    let (newest_durable, promised, reading) = (AtomicU32::new(0), Arc::new(AtomicU64::new(0)), RwLock::new(()));
    let inner = Inner { db, shred, disk, folders, space, content, promised, newest_durable, reading };
    if inner.number_at(places::NEXT_SLOT)? > inner.shred.records()? {
        return Err(StoreError::Damaged("shred.tbl is older than the database; restore the newest"));
    }
    inner.resume()?;
    inner.settle_content()?;
    inner.folders.sync().map_err(|e| io(&e))?;
    inner.note_durable()?;
    Ok(inner)
}

fn open_sled(folders: &Folders) -> Result<sled::Db, StoreError> {
    let config = sled::Config::new().path(&folders.sled).flush_every_ms(None).cache_capacity(CACHE_BYTES);
    let config = config.mode(sled::Mode::HighThroughput);
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

fn check_schema(found: &[u8], id: &StoreId) -> Result<(), StoreError> {
    match found.split_first() {
        Some((&SCHEMA, held)) if held == id => Ok(()),
        Some((&SCHEMA, _)) => Err(StoreError::Damaged("shred.tbl belongs to another database; put the two back together")),
        Some((&schema, _)) if schema > SCHEMA => Err(StoreError::Newer),
        _ => Err(StoreError::Damaged("the schema's number cannot be read")),
    }
}

fn begin(db: &sled::Db, id: &StoreId) -> Result<(), StoreError> {
    let mut batch = sled::Batch::default();
    batch.insert(places::SCHEMA, [&[SCHEMA], id.as_slice()].concat());
    batch.insert(places::SECRET, &crypto::random::<32>());
    db.apply_batch(batch).map_err(broken)
}

pub(super) fn commits(db: &sled::Db) -> Result<u64, StoreError> {
    let found = db.get(places::COMMITS).map_err(broken)?;
    let read = |bytes: sled::IVec| bytes.as_ref().try_into().map(u64::from_be_bytes);
    found.map(read).transpose().map(Option::unwrap_or_default).map_err(|_| StoreError::Damaged("the number of commits cannot be read"))
}
