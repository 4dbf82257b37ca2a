//! Shred keys: a file of fixed records, overwritten in place and synced, outside the database and outside ordinary backups.
//!
//! Records are drawn ahead in blocks and synced before any is used, so a key is on disk before the first value that needs it.

use super::StoreError;
use crate::base::Secret;
use crate::crypto::{self, MailboxId};
use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

/// Name of the table in the data folder.
pub(super) const TABLE_FILE: &str = "shred.tbl";
const RECORD_BYTES: usize = 128;
const RECORD_LENGTH: u64 = 128;
const BLOCK_RECORDS: u32 = 256;
const MAGIC: &[u8; 16] = b"amparo shred v1\n";
const CASE_KEY_AT: usize = 16;
const MAILBOX_KEY_AT: usize = 48;
const CHECK_AT: usize = 80;
const USED_BYTES: usize = CHECK_AT + 16;

/// Which of a case's two keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    /// Report, follow-ups, log, replies as the desk reads them.
    Case,
    /// Heads and replies as the reporter reads them.
    Mailbox,
}

impl Side {
    const fn offset(self) -> usize {
        match self {
            Self::Case => CASE_KEY_AT,
            Self::Mailbox => MAILBOX_KEY_AT,
        }
    }
}

/// The open table.
pub(super) struct ShredTable {
    file: File,
}

struct Record([u8; RECORD_BYTES]);

impl Record {
    fn fresh() -> Self {
        let mut record = Self([0; RECORD_BYTES]);
        record.set(Side::Case, &crypto::random());
        record.set(Side::Mailbox, &crypto::random());
        record
    }

    fn set(&mut self, side: Side, key: &[u8; 32]) {
        let at = side.offset();
        for (to, from) in self.0.iter_mut().skip(at).zip(key) {
            *to = *from;
        }
        let check = self.check();
        for (to, from) in self.0.iter_mut().skip(CHECK_AT).zip(check) {
            *to = from;
        }
    }

    fn key(&self, side: Side) -> Option<Secret<32>> {
        let at = side.offset();
        let key = self.0.get(at..at + 32).and_then(Secret::from_slice)?;
        key.expose().iter().any(|byte| *byte != 0).then_some(key)
    }

    fn check(&self) -> [u8; 16] {
        let hash = crypto::hash("shred record", &[self.0.get(..CHECK_AT).unwrap_or_default()]);
        hash.0.first_chunk::<16>().copied().unwrap_or_default()
    }

    fn is_whole(&self) -> bool {
        self.0.get(CHECK_AT..USED_BYTES) == Some(self.check().as_slice())
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

pub(super) fn io(error: &std::io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Io,
    }
}

fn place(slot: u32) -> u64 {
    RECORD_LENGTH * (u64::from(slot) + 1)
}

impl ShredTable {
    /// Opens or makes the table in a folder.
    pub(super) fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(TABLE_FILE);
        let is_new = !path.exists();
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let table = Self { file: open.map_err(|e| io(&e))? };
        if is_new {
            let mut front = [0; RECORD_BYTES];
            front.iter_mut().zip(MAGIC).for_each(|(to, from)| *to = *from);
            table.file.write_all_at(&front, 0).and_then(|()| table.file.sync_all()).map_err(|e| io(&e))?;
        }
        let mut magic = [0; 16];
        let read = table.file.read_exact_at(&mut magic, 0);
        if read.is_err() || magic != *MAGIC {
            return Err(StoreError::Damaged("shred.tbl is not a table of shred keys"));
        }
        Ok(table)
    }

    /// Records there are.
    pub(super) fn records(&self) -> Result<u32, StoreError> {
        let length = self.file.metadata().map_err(|e| io(&e))?.len();
        u32::try_from((length / RECORD_LENGTH).saturating_sub(1)).map_err(|_| StoreError::Damaged("shred.tbl is too long"))
    }

    /// Draws a block of records behind the last and syncs it.
    pub(super) fn grow(&self) -> Result<(), StoreError> {
        let first = self.records()?;
        for slot in first..first.saturating_add(BLOCK_RECORDS) {
            self.file.write_all_at(&Record::fresh().0, place(slot)).map_err(|e| io(&e))?;
        }
        self.sync()
    }

    fn read(&self, slot: u32) -> Result<Record, StoreError> {
        let mut record = Record([0; RECORD_BYTES]);
        self.file.read_exact_at(&mut record.0, place(slot)).map_err(|_| StoreError::Damaged("a shred key is missing"))?;
        if record.is_whole() { Ok(record) } else { Err(StoreError::Damaged("a shred key is torn")) }
    }

    /// A key; `None` if it was shredded.
    pub(super) fn key(&self, slot: u32, side: Side) -> Result<Option<Secret<32>>, StoreError> {
        Ok(self.read(slot)?.key(side))
    }

    /// Overwrites a key: with random bytes, synced, then with zeros, synced.
    pub(super) fn shred(&self, slot: u32, sides: &[Side]) -> Result<(), StoreError> {
        for zero in [false, true] {
            let mut record = self.read(slot)?;
            for side in sides {
                record.set(*side, &if zero { [0; 32] } else { crypto::random() });
            }
            self.file.write_all_at(&record.0, place(slot)).map_err(|e| io(&e))?;
            self.sync()?;
        }
        Ok(())
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.file.sync_all().map_err(|e| io(&e))
    }
}

/// Seals a value under a shred key, bound to its place.
pub(super) fn seal_value(key: &Secret<32>, place: &[u8], plain: &[u8]) -> Vec<u8> {
    let nonce: [u8; 24] = crypto::random();
    let key = crypto::derive(key, "store value", &[place]);
    [&nonce[..], &crypto::secretbox_seal(&key, &nonce, plain)].concat()
}

/// Opens a value.
pub(super) fn open_value(key: &Secret<32>, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
    let (nonce, sealed) = sealed.split_first_chunk::<24>().ok_or(StoreError::Damaged("a value is too short"))?;
    let key = crypto::derive(key, "store value", &[place]);
    crypto::secretbox_open(&key, nonce, sealed).ok_or(StoreError::Damaged("a value does not open under its shred key"))
}

/// What a sealed value adds.
pub(super) const VALUE_OVERHEAD_BYTES: usize = 24 + 16;

/// The id's bytes, for places.
pub(super) fn id_bytes(id: &MailboxId) -> &[u8; 32] {
    id.bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shredded_key_is_found_nowhere_and_the_other_stays() {
        let folder = tempfile::tempdir().unwrap();
        let table = ShredTable::open(folder.path()).unwrap();
        table.grow().unwrap();
        let key = |side| table.key(7, side).unwrap();
        let (case, mailbox) = (key(Side::Case).unwrap(), key(Side::Mailbox).unwrap());
        table.shred(7, &[Side::Mailbox]).unwrap();
        assert!(key(Side::Mailbox).is_none());
        assert_eq!(key(Side::Case).unwrap().expose(), case.expose());
        let bytes = std::fs::read(folder.path().join(TABLE_FILE)).unwrap();
        let holds = |key: &Secret<32>| bytes.windows(32).any(|w| w == key.expose());
        assert!(holds(&case) && !holds(&mailbox));
    }

    #[test]
    fn a_torn_record_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let table = ShredTable::open(folder.path()).unwrap();
        table.grow().unwrap();
        table.file.write_all_at(&[1], place(3) + 20).unwrap();
        assert_eq!(table.key(3, Side::Case).err(), Some(StoreError::Damaged("a shred key is torn")));
        assert!(table.key(100_000, Side::Case).is_err());
    }
}
