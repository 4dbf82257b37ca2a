//! The local state: files sealed under the member's key, their names and lengths telling nothing.

use super::DeskError;
use super::case::{Case, CaseFile};
use crate::base::{Secret, encode, frame};
use crate::crypto::{self, Deployment, Hash32, MailboxId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
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
    /// The newest directory that was seen: an older one is a roll-back.
    pub(super) directory: u32,
    pub(super) position: Position,
    pub(super) cases: Vec<MailboxId>,
}

/// The folder.
pub(super) struct State {
    folder: PathBuf,
    key: Secret<32>,
}

impl State {
    /// Opens or makes the folder, which only its owner may read.
    pub(super) fn open(folder: &Path, key: Secret<32>) -> Result<Self, DeskError> {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|_| DeskError::StateWrite)?;
        Ok(Self { folder: folder.to_owned(), key })
    }

    /// The index; a fresh one if there is none.
    pub(super) fn index(&self, deployment: &Deployment) -> Result<Index, DeskError> {
        let fresh =
            Index { deployment: *deployment, directory: 0, position: Position { number: 0, head: Hash32::ZERO }, cases: Vec::new() };
        match self.read::<Index>(INDEX)? {
            None => Ok(fresh),
            Some(index) if index.deployment == *deployment => Ok(index),
            Some(_) => Err(DeskError::State),
        }
    }

    pub(super) fn put_index(&self, index: &Index) -> Result<(), DeskError> {
        self.write(INDEX, index)
    }

    pub(super) fn case(&self, id: &MailboxId) -> Result<Case, DeskError> {
        self.read::<CaseFile>(&id.to_string())?.ok_or(DeskError::State)?.open()
    }

    pub(super) fn put_case(&self, case: &Case) -> Result<(), DeskError> {
        self.write(&case.id.to_string(), &CaseFile::from(case))
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
