//! The local state: files sealed under the member's key, their names and lengths telling nothing.

use super::DeskError;
use super::case::{Case, CaseFile};
use crate::base::{Secret, encode, frame};
use crate::crypto::{self, Deployment, Hash32, MailboxId};
use crate::directory::DirectoryRef;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const INDEX: &str = "index";
/// Files are padded to a multiple of this.
const PAGE_BYTES: usize = 64 << 10;

/// How far the feed was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Position {
    pub(super) number: u32,
    pub(super) head: Hash32,
}

/// What the desk remembers besides its cases.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Index {
    pub(super) deployment: Deployment,
    /// The newest directory that was seen: an older one is a roll-back, another of the same version a fork.
    pub(super) directory: Option<DirectoryRef>,
    pub(super) position: Position,
    /// Heads of the feed's last batches, by number: what colleagues say they saw is held against them.
    pub(super) heads: BTreeMap<u32, Hash32>,
    pub(super) cases: Vec<MailboxId>,
    /// Cases of which something came and was not compared with the feed yet.
    #[serde(default)]
    pub(super) unchecked: BTreeSet<MailboxId>,
    /// Drawn anew at each writing: another program of the same member wrote if it differs.
    pub(super) generation: u64,
}

impl Index {
    fn fresh(deployment: &Deployment) -> Self {
        let position = Position { number: 0, head: Hash32::ZERO };
        let (heads, unchecked) = (BTreeMap::new(), BTreeSet::new());
        Self { deployment: *deployment, directory: None, position, heads, cases: Vec::new(), unchecked, generation: 0 }
    }
}

/// The folder.
pub(super) struct State {
    folder: PathBuf,
    key: Secret<32>,
}

impl State {
    /// Opens or makes the folder, which only its owner may read.
    pub(super) fn open(folder: &Path, key: Secret<32>) -> Result<Self, DeskError> {
        make_folder(folder)?;
        Ok(Self { folder: folder.to_owned(), key })
    }

    /// The index; a fresh one if the folder is empty. A folder that holds other people's files is refused: without its own memory
    /// a desk would not notice a directory or feed that was rolled back.
    pub(super) fn index(&self, deployment: &Deployment) -> Result<Index, DeskError> {
        match self.read::<Index>(INDEX)? {
            None if self.has_files()? => Err(DeskError::StateOfOthers),
            None => Ok(Index::fresh(deployment)),
            Some(index) if index.deployment == *deployment => Ok(index),
            Some(_) => Err(DeskError::State),
        }
    }

    fn has_files(&self) -> Result<bool, DeskError> {
        let is_ours = |name: &std::ffi::OsStr| name.to_str().is_some_and(|name| encode::from_hex_array::<16>(name).is_some());
        let mut files = std::fs::read_dir(&self.folder).map_err(|_| DeskError::State)?;
        Ok(files.any(|file| file.is_ok_and(|file| is_ours(&file.file_name()))))
    }

    /// Writes the index under a generation of its own.
    pub(super) fn put_index(&self, index: &mut Index) -> Result<(), DeskError> {
        index.generation = u64::from_be_bytes(crypto::random());
        self.write(INDEX, index)
    }

    /// Keeps other programs of the same member out until it is dropped: a screen and a script may run side by side.
    pub(super) fn lock(&self) -> Result<File, DeskError> {
        make_folder(&self.folder)?;
        let folder = File::open(&self.folder).map_err(|_| DeskError::StateWrite)?;
        folder.lock().map_err(|_| DeskError::StateWrite)?;
        Ok(folder)
    }

    pub(super) fn case(&self, id: &MailboxId) -> Result<Case, DeskError> {
        self.read::<CaseFile>(&id.to_string())?.ok_or(DeskError::State)?.open()
    }

    pub(super) fn put_case(&self, case: &Case) -> Result<(), DeskError> {
        self.write(&case.id.to_string(), &CaseFile::from(case))
    }

    /// Forgets a case that turned out to be none.
    pub(super) fn drop_case(&self, id: &MailboxId) {
        // What stays behind is sealed and in no list.
        let _ = std::fs::remove_file(self.path(&id.to_string()));
    }

    /// A former version of the directory, as it was signed.
    pub(super) fn directory(&self, version: u32) -> Option<Vec<u8>> {
        let text: String = self.read(&format!("directory {version}")).ok().flatten()?;
        Some(text.into_bytes())
    }

    pub(super) fn put_directory(&self, version: u32, json: &[u8]) -> Result<(), DeskError> {
        self.write(&format!("directory {version}"), &String::from_utf8_lossy(json))
    }

    /// A file's name tells nothing of the case.
    fn path(&self, name: &str) -> PathBuf {
        let hidden: [u8; 16] = crypto::derive_long(&self.key, "desk state name", &[name.as_bytes()]);
        self.folder.join(encode::hex(&hidden))
    }

    fn value_key(&self, name: &str) -> Secret<32> {
        crypto::derive(&self.key, "desk state value", &[name.as_bytes()])
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, DeskError> {
        let bytes = match std::fs::read(self.path(name)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(_) => return Err(DeskError::State),
        };
        let (nonce, sealed) = bytes.split_first_chunk::<24>().ok_or(DeskError::State)?;
        let plain = crypto::secretbox_open(&self.value_key(name), nonce, sealed).map(Zeroizing::new).ok_or(DeskError::State)?;
        let (json, _) = frame::unframe(&plain, 0).map_err(|_| DeskError::State)?;
        serde_json::from_slice(json).map(Some).map_err(|_| DeskError::State)
    }

    /// Whole or not at all: a new file, synced, then renamed over the old.
    fn write(&self, name: &str, value: &impl Serialize) -> Result<(), DeskError> {
        let json = Zeroizing::new(serde_json::to_vec(value).map_err(|_| DeskError::State)?);
        let length = (json.len() + frame::FRAME_LENGTH_BYTES).div_ceil(PAGE_BYTES) * PAGE_BYTES;
        let plain = Zeroizing::new(frame::frame(&json, &[], length).map_err(|_| DeskError::State)?);
        let nonce: [u8; 24] = crypto::random();
        let sealed = crypto::secretbox_seal(&self.value_key(name), &nonce, &plain);
        let path = self.path(name);
        let next = path.with_extension("new");
        let put = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&next)?;
            file.write_all(&nonce)?;
            file.write_all(&sealed)?;
            file.sync_all()?;
            std::fs::rename(&next, &path)?;
            File::open(&self.folder)?.sync_all()
        };
        put().map_err(|_| DeskError::StateWrite)
    }
}

fn make_folder(folder: &Path) -> Result<(), DeskError> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|_| DeskError::StateWrite)
}
