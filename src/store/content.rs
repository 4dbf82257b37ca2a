//! Content files: parts of attachments as they came, sealed once more under a key that comes from the case's shred key.
//!
//! ```text
//! parts/NAME       stream header 24 ‖ messages of 128 KiB, each 17 longer, the last one shorter      key: derive(case key, "content file", NAME)
//! parts/NAME.new   one under way, or left by a machine that stopped
//! ```
//! A name is 16 random bytes in hex. Written, synced, renamed, the folder synced: after that the index may name it. A file that no index names is removed
//! at opening.

use super::shred::io;
use super::{PartReader, StoreError};
use crate::base::{Day, Secret, encode};
use crate::crypto::{self, STREAM_HEADER_BYTES, STREAM_OVERHEAD_BYTES, StreamPull, StreamPush};
use std::collections::HashSet;
use std::fs::{DirBuilder, File, FileTimes, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

const FOLDER: &str = "parts";
const UNDER_WAY: &str = "new";
const MESSAGE_BYTES: usize = 128 << 10;
const SEALED_MESSAGE_BYTES: usize = MESSAGE_BYTES + STREAM_OVERHEAD_BYTES;

/// The name of a content file.
pub(super) type ContentName = [u8; 16];

/// Where content files are.
#[derive(Clone)]
pub(super) struct ContentFolder {
    path: PathBuf,
}

fn file_key(case_key: &Secret<32>, name: &ContentName) -> Secret<32> {
    crypto::derive(case_key, "content file", &[name])
}

impl ContentFolder {
    /// Opens or makes it in the data folder.
    pub(super) fn open(top: &Path) -> Result<Self, StoreError> {
        let path = top.join(FOLDER);
        DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(|e| io(&e))?;
        Ok(Self { path })
    }

    fn file(&self, name: &ContentName) -> PathBuf {
        self.path.join(encode::hex(name))
    }

    /// Begins a file.
    pub(super) fn create(&self, case_key: &Secret<32>, day: Day) -> Result<ContentWriter, StoreError> {
        let name: ContentName = crypto::random();
        let path = self.file(&name).with_extension(UNDER_WAY);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(|e| io(&e))?;
        let (stream, header) = StreamPush::start(&file_key(case_key, &name));
        let sealed = header.to_vec();
        let pending = Vec::with_capacity(MESSAGE_BYTES);
        Ok(ContentWriter { folder: self.clone(), name, day, file, under_way: Some(path), stream, pending, sealed })
    }

    /// Opens a file that holds so many bytes.
    pub(super) fn read(&self, name: &ContentName, case_key: &Secret<32>, length: u32) -> Result<ContentReader, StoreError> {
        let missing = |e: std::io::Error| if e.kind() == ErrorKind::NotFound { MISSING } else { io(&e) };
        let mut file = File::open(self.file(name)).map_err(missing)?;
        let found = file.metadata().map_err(|e| io(&e))?;
        let messages = u64::from(length).div_ceil(wide(MESSAGE_BYTES));
        let left = u64::from(length) + messages * wide(STREAM_OVERHEAD_BYTES);
        if found.len() != left + wide(STREAM_HEADER_BYTES) {
            return Err(DAMAGED);
        }
        let mut header = [0; STREAM_HEADER_BYTES];
        file.read_exact(&mut header).map_err(|e| io(&e))?;
        let stream = StreamPull::start(&file_key(case_key, name), &header).ok_or(DAMAGED)?;
        // Reading leaves no time behind.
        let times = found.modified().map(|day| FileTimes::new().set_accessed(day).set_modified(day)).unwrap_or_default();
        Ok(ContentReader { file, times, stream, left })
    }

    /// Removes a file; the disk has its bytes back at once. One that is not there is no error.
    pub(super) fn remove(&self, name: &ContentName) -> Result<(), StoreError> {
        match std::fs::remove_file(self.file(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(io(&error)),
            _ => Ok(()),
        }
    }

    /// Holds the files against the index: removes those that it does not name, and refuses if one is missing. How many were removed.
    pub(super) fn settle(&self, mut indexed: HashSet<ContentName>) -> Result<usize, StoreError> {
        let mut removed = 0;
        for file in std::fs::read_dir(&self.path).map_err(|e| io(&e))? {
            let path = file.map_err(|e| io(&e))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).and_then(encode::from_hex_array::<16>);
            if !name.is_some_and(|name| indexed.remove(&name)) {
                std::fs::remove_file(&path).map_err(|e| io(&e))?;
                removed += 1;
            }
        }
        self.sync().map_err(|e| io(&e))?;
        if indexed.is_empty() { Ok(removed) } else { Err(MISSING) }
    }

    fn sync(&self) -> std::io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

const MISSING: StoreError = StoreError::Damaged("a content file of an attachment is missing; restore the folder parts from a backup");
const DAMAGED: StoreError = StoreError::Damaged("a content file of an attachment is not what was written; restore it from a backup");

fn wide(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// A file in the making; removed if it is dropped before its end.
pub(super) struct ContentWriter {
    folder: ContentFolder,
    name: ContentName,
    day: Day,
    file: File,
    under_way: Option<PathBuf>,
    stream: StreamPush,
    pending: Vec<u8>,
    sealed: Vec<u8>,
}

impl ContentWriter {
    /// Takes the next bytes.
    pub(super) fn write(&mut self, mut bytes: &[u8]) -> Result<(), StoreError> {
        while !bytes.is_empty() {
            // A full message is sealed when more follows: the last one must know that it is.
            if self.pending.len() == MESSAGE_BYTES {
                self.seal(false)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(MESSAGE_BYTES - self.pending.len()));
            self.pending.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    fn seal(&mut self, is_last: bool) -> Result<(), StoreError> {
        self.stream.push(&[], &self.pending, is_last, &mut self.sealed);
        self.file.write_all(&self.sealed).map_err(|e| io(&e))?;
        self.pending.clear();
        self.sealed.clear();
        Ok(())
    }

    /// Makes it durable under its name. The index does not name it yet.
    pub(super) fn finish(mut self) -> Result<ContentName, StoreError> {
        self.seal(true)?;
        let midnight = UNIX_EPOCH + Duration::from_secs(self.day.midnight_unix_seconds());
        let keep =
            |file: &File| file.set_times(FileTimes::new().set_accessed(midnight).set_modified(midnight)).and_then(|()| file.sync_all());
        keep(&self.file).map_err(|e| io(&e))?;
        if let Some(path) = &self.under_way {
            std::fs::rename(path, self.folder.file(&self.name)).and_then(|()| self.folder.sync()).map_err(|e| io(&e))?;
        }
        self.under_way = None;
        Ok(self.name)
    }
}

impl Drop for ContentWriter {
    fn drop(&mut self) {
        if let Some(path) = self.under_way.take() {
            // What stays behind is removed at the next opening.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// A file that is read.
pub(super) struct ContentReader {
    file: File,
    times: FileTimes,
    stream: StreamPull,
    left: u64,
}

impl PartReader for ContentReader {
    fn read(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        if self.left == 0 {
            return Ok(None);
        }
        let length = usize::try_from(self.left).map_or(SEALED_MESSAGE_BYTES, |left| left.min(SEALED_MESSAGE_BYTES));
        let mut sealed = vec![0; length];
        self.file.read_exact(&mut sealed).map_err(|e| io(&e))?;
        self.left -= wide(length);
        let mut plain = Vec::new();
        self.stream.pull(&[], &sealed, self.left == 0, &mut plain).ok_or(DAMAGED)?;
        Ok(Some(plain))
    }
}

impl Drop for ContentReader {
    fn drop(&mut self) {
        let _ = self.file.set_times(self.times);
    }
}
