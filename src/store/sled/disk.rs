//! The files under sled, made durable: its own flush asks the kernel to begin writing, which is not enough (design, facts).

use super::super::shred::{StoreId, TABLE_FILE, io};
use crate::base::{Day, Reader};
use crate::crypto;
use crate::store::StoreError;
use std::fs::{DirBuilder, File, FileTimes, OpenOptions, Permissions};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

const MARK_FILE: &str = "commit.mark";
const FOLDER_MODE: u32 = 0o700;

/// Names of the store's files.
pub(super) struct Folders {
    pub(super) top: PathBuf,
    pub(super) sled: PathBuf,
}

impl Folders {
    /// Makes the folder, for its owner alone.
    pub(super) fn make(top: &Path) -> std::io::Result<Self> {
        DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(top)?;
        std::fs::set_permissions(top, Permissions::from_mode(FOLDER_MODE))?;
        let top = top.canonicalize()?;
        if let Some(parent) = top.parent() {
            File::open(parent)?.sync_all()?;
        }
        let sled = top.join("sled");
        Ok(Self { top, sled })
    }

    pub(super) fn has_database(&self) -> bool {
        self.sled.join("db").exists()
    }

    pub(super) fn has_table(&self) -> bool {
        self.top.join(TABLE_FILE).exists()
    }

    /// Names that are new: after opening.
    pub(super) fn sync(&self) -> std::io::Result<()> {
        for file in std::fs::read_dir(&self.sled)? {
            File::open(file?.path())?.sync_all()?;
        }
        File::open(&self.sled)?.sync_all()?;
        File::open(&self.top)?.sync_all()
    }

    /// File times say nothing finer than a day.
    pub(super) fn blur_times(&self, day: Day) {
        let midnight = UNIX_EPOCH + Duration::from_secs(day.midnight_unix_seconds());
        let times = FileTimes::new().set_accessed(midnight).set_modified(midnight);
        let inside = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().filter_map(|f| f.ok().map(|f| f.path()));
        for path in inside(&self.top).chain(inside(&self.sled)).chain([self.top.clone()]) {
            // A time that cannot be set is no reason to stop.
            let _ = File::open(path).and_then(|file| file.set_times(times));
        }
    }
}

/// Files held open: an error of writing back is told to those who had the file open.
pub(super) struct Disk {
    db: File,
    blobs: PathBuf,
    mark: Mark,
}

impl Disk {
    pub(super) fn open(folders: &Folders, id: &StoreId, commits: u64) -> Result<Self, StoreError> {
        let db = File::open(folders.sled.join("db")).map_err(|e| io(&e))?;
        let mark = Mark::open(&folders.top, id, commits)?;
        Ok(Self { db, blobs: folders.sled.join("blobs"), mark })
    }

    /// All that sled wrote is on disk after this.
    pub(super) fn sync(&self) -> std::io::Result<()> {
        self.db.sync_data()?;
        // Values are kept so small that none lands here; if one ever did, it would be synced.
        let mut is_any = false;
        for blob in std::fs::read_dir(&self.blobs)? {
            File::open(blob?.path())?.sync_all()?;
            is_any = true;
        }
        if is_any { File::open(&self.blobs)?.sync_all() } else { Ok(()) }
    }

    /// Writes down how many commits were acknowledged.
    pub(super) fn mark(&self, commits: u64) -> std::io::Result<()> {
        self.mark.write(commits)
    }
}

/// `store id 16 ‖ u64 commits ‖ check 16`: how many commits were acknowledged. Written behind each sync and not synced itself,
/// so it may lag, but a database that has fewer has lost some.
struct Mark {
    file: File,
    id: StoreId,
}

const MARK_BYTES: usize = 16 + 8 + 16;

impl Mark {
    fn open(folder: &Path, id: &StoreId, commits: u64) -> Result<Self, StoreError> {
        let path = folder.join(MARK_FILE);
        let is_new = !path.exists();
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
        let mark = Self { file: file.map_err(|e| io(&e))?, id: *id };
        if is_new || mark.file.metadata().map_err(|e| io(&e))?.len() == 0 {
            mark.write(commits).and_then(|()| mark.file.sync_all()).map_err(|e| io(&e))?;
        }
        if commits < mark.read()? {
            return Err(StoreError::Damaged(
                "the database has lost writes that were acknowledged; if an older one was restored on purpose, remove commit.mark",
            ));
        }
        Ok(mark)
    }

    fn bytes(&self, commits: u64) -> [u8; MARK_BYTES] {
        let check = crypto::hash("commit mark", &[&self.id, &commits.to_be_bytes()]);
        let mut bytes = [0; MARK_BYTES];
        let parts = self.id.iter().chain(commits.to_be_bytes().as_slice()).copied().chain(check.0).collect::<Vec<u8>>();
        bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        bytes
    }

    fn write(&self, commits: u64) -> std::io::Result<()> {
        self.file.write_all_at(&self.bytes(commits), 0)
    }

    fn read(&self) -> Result<u64, StoreError> {
        let mut bytes = [0; MARK_BYTES];
        let read = self.file.read_exact_at(&mut bytes, 0);
        let commits = Reader::new(bytes.get(16..).unwrap_or_default()).u64().unwrap_or_default();
        if read.is_err() || bytes != self.bytes(commits) {
            return Err(StoreError::Damaged("commit.mark is not this store's; if it was put there by mistake, remove it"));
        }
        Ok(commits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_ahead_of_the_database_is_a_loss() {
        let folder = tempfile::tempdir().unwrap();
        let id = [7; 16];
        Mark::open(folder.path(), &id, 3).unwrap().write(5).unwrap();
        assert!(matches!(Mark::open(folder.path(), &id, 4), Err(StoreError::Damaged(_))));
        assert!(Mark::open(folder.path(), &id, 5).is_ok() && Mark::open(folder.path(), &id, 9).is_ok());
        assert!(matches!(Mark::open(folder.path(), &[8; 16], 9), Err(StoreError::Damaged(_))));
        std::fs::remove_file(folder.path().join(MARK_FILE)).unwrap();
        assert!(Mark::open(folder.path(), &id, 4).is_ok());
    }
}
