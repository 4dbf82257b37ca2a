//! Shred keys: a file of fixed records, overwritten in place and synced, outside the database and outside ordinary backups.
//!
//! Records are drawn ahead in blocks and synced before any is used, so a key is on disk before the first value that needs it.
//!
//! ```text
//! front   magic 16 ‖ the store's id 16 ‖ check 16 ‖ zeros                    128 bytes
//! record  16 zeros ‖ case key 32 ‖ mailbox key 32 ‖ check 16 ‖ zeros         128 bytes, so that none crosses a sector
//! ```
//! A key that was shredded is zeros.

use super::StoreError;
use crate::base::{Reader, Secret};
use crate::crypto;
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
/// Where a new table is made before it gets its name.
const NEW_TABLE_FILE: &str = "shred.new";
const ID_BYTES: usize = 16;

/// Ties the table to its database.
pub(super) type StoreId = [u8; ID_BYTES];

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
    id: StoreId,
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

fn front_check(id: &[u8]) -> [u8; 16] {
    crypto::hash("shred table", &[MAGIC, id]).0.first_chunk::<16>().copied().unwrap_or_default()
}

/// Made under another name, synced, then named: a table is there as a whole or not at all.
fn make(folder: &Path) -> std::io::Result<()> {
    let new = folder.join(NEW_TABLE_FILE);
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    let id: StoreId = crypto::random();
    let mut front = [&MAGIC[..], &id, &front_check(&id)].concat();
    front.resize(RECORD_BYTES, 0);
    file.write_all_at(&front, 0)?;
    file.sync_all()?;
    std::fs::rename(new, folder.join(TABLE_FILE))?;
    File::open(folder)?.sync_all()
}

impl ShredTable {
    /// Opens or makes the table in a folder.
    pub(super) fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(TABLE_FILE);
        if !path.try_exists().map_err(|e| io(&e))? {
            make(folder).map_err(|e| io(&e))?;
        }
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(|e| io(&e))?;
        let mut front = [0; RECORD_BYTES];
        let not_a_table = StoreError::Damaged("shred.tbl is not a table of shred keys; restore it from a backup");
        if file.read_exact_at(&mut front, 0).is_err() || !front.starts_with(MAGIC) {
            return Err(not_a_table);
        }
        let mut r = Reader::new(front.get(MAGIC.len()..).unwrap_or_default());
        match (r.array::<ID_BYTES>(), r.array::<16>()) {
            (Ok(id), Ok(check)) if check == front_check(&id) => Ok(Self { file, id }),
            _ => Err(not_a_table),
        }
    }

    /// The id that the database must have too.
    pub(super) fn id(&self) -> &StoreId {
        &self.id
    }

    /// Records there are.
    pub(super) fn records(&self) -> Result<u32, StoreError> {
        let length = self.file.metadata().map_err(|e| io(&e))?.len();
        u32::try_from((length / RECORD_LENGTH).saturating_sub(1)).map_err(|_| StoreError::Damaged("shred.tbl is too long"))
    }

    /// Makes sure that a slot nobody used yet holds a pair of keys that is on disk: draws a block of records behind the last.
    pub(super) fn prepare(&self, slot: u32) -> Result<(), StoreError> {
        let first = self.records()?;
        if slot >= first {
            return self.draw(first, slot.saturating_sub(first).saturating_add(BLOCK_RECORDS));
        }
        // A block that was cut off while it was drawn.
        if self.read_as_is(slot)?.is_whole() { Ok(()) } else { self.draw(slot, 1) }
    }

    fn draw(&self, first: u32, count: u32) -> Result<(), StoreError> {
        for slot in first..first.saturating_add(count) {
            self.write(slot, &Record::fresh())?;
        }
        self.sync()
    }

    fn read_as_is(&self, slot: u32) -> Result<Record, StoreError> {
        let mut record = Record([0; RECORD_BYTES]);
        let missing = StoreError::Damaged("shred.tbl is too short; restore it from a backup");
        self.file.read_exact_at(&mut record.0, place(slot)).map_err(|_| missing)?;
        Ok(record)
    }

    fn read(&self, slot: u32) -> Result<Record, StoreError> {
        let record = self.read_as_is(slot)?;
        if record.is_whole() { Ok(record) } else { Err(StoreError::Damaged("a shred key is torn; restore shred.tbl from a backup")) }
    }

    fn write(&self, slot: u32, record: &Record) -> Result<(), StoreError> {
        self.file.write_all_at(&record.0, place(slot)).map_err(|e| io(&e))
    }

    /// A key; `None` if it was shredded.
    pub(super) fn key(&self, slot: u32, side: Side) -> Result<Option<Secret<32>>, StoreError> {
        Ok(self.read(slot)?.key(side))
    }

    /// Whether these keys are gone and the record says so.
    pub(super) fn is_shredded(&self, slot: u32, sides: &[Side]) -> Result<bool, StoreError> {
        let record = self.read_as_is(slot)?;
        Ok(record.is_whole() && sides.iter().all(|side| record.key(*side).is_none()))
    }

    /// Overwrites keys: with random bytes, synced, then with zeros, synced. A record torn by a former try is finished.
    pub(super) fn shred(&self, slot: u32, sides: &[Side]) -> Result<(), StoreError> {
        for zero in [false, true] {
            let mut record = self.read_as_is(slot)?;
            for side in sides {
                record.set(*side, &if zero { [0; 32] } else { crypto::random() });
            }
            self.write(slot, &record)?;
            self.sync()?;
        }
        Ok(())
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.file.sync_data().map_err(|e| io(&e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TORN: StoreError = StoreError::Damaged("a shred key is torn; restore shred.tbl from a backup");

    fn table() -> (tempfile::TempDir, ShredTable) {
        let folder = tempfile::tempdir().unwrap();
        let table = ShredTable::open(folder.path()).unwrap();
        table.prepare(0).unwrap();
        (folder, table)
    }

    #[test]
    fn a_shredded_key_is_found_nowhere_and_the_other_stays() {
        let (folder, table) = table();
        let key = |side| table.key(7, side).unwrap();
        let (case, mailbox) = (key(Side::Case).unwrap(), key(Side::Mailbox).unwrap());
        table.shred(7, &[Side::Mailbox]).unwrap();
        assert!(key(Side::Mailbox).is_none());
        assert_eq!(key(Side::Case).unwrap().expose(), case.expose());
        let bytes = std::fs::read(folder.path().join(TABLE_FILE)).unwrap();
        let holds = |key: &Secret<32>| bytes.windows(32).any(|w| w == key.expose());
        assert!(holds(&case) && !holds(&mailbox));
        assert!(table.is_shredded(7, &[Side::Mailbox]).unwrap() && !table.is_shredded(7, &[Side::Case]).unwrap());
    }

    #[test]
    fn a_torn_record_is_noticed_and_shredding_it_is_finished() {
        let (_folder, table) = table();
        let case = table.key(3, Side::Case).unwrap().unwrap();
        table.file.write_all_at(&[1; 9], place(3) + 50).unwrap();
        assert_eq!(table.key(3, Side::Case).err(), Some(TORN));
        table.shred(3, &[Side::Mailbox]).unwrap();
        assert!(table.key(3, Side::Mailbox).unwrap().is_none());
        assert_eq!(table.key(3, Side::Case).unwrap().unwrap().expose(), case.expose());
        assert!(table.key(100_000, Side::Case).is_err());
    }

    #[test]
    fn a_block_that_was_cut_off_is_drawn_again_before_it_is_used() {
        let (_folder, table) = table();
        table.file.set_len(place(5) + 60).unwrap();
        table.file.set_len(place(9)).unwrap();
        for slot in [4, 5, 6, 9, 600] {
            table.prepare(slot).unwrap();
            assert!(table.key(slot, Side::Case).unwrap().is_some(), "{slot}");
        }
    }

    #[test]
    fn a_key_in_use_is_never_drawn_again() {
        let (folder, table) = table();
        let key = table.key(1, Side::Case).unwrap().unwrap();
        table.prepare(1).unwrap();
        drop(table);
        let table = ShredTable::open(folder.path()).unwrap();
        table.prepare(300).unwrap();
        assert_eq!(table.key(1, Side::Case).unwrap().unwrap().expose(), key.expose());
    }
}
