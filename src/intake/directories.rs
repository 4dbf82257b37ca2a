//! Taking a new directory: good signatures and the next version, nothing else. There is no other administrator.

use crate::base::Clock;
use crate::base::event::{Event, emit};
use crate::crypto::Deployment;
use crate::directory::{Authority, Bundle, Directory, DirectoryError, Dsse, HeldDirectory, UnverifiedDirectory, walk_roots};
use crate::store::{Store, StoreError};
use std::sync::{Arc, Mutex, PoisonError};

/// Why a directory is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TakeError {
    /// The directory itself is refused.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The directories of a server.
pub struct Directories {
    store: Arc<dyn Store>,
    deployment: Deployment,
    first: Authority,
    roots: Vec<Dsse>,
    current: Authority,
    held: Arc<HeldDirectory>,
    clock: Arc<dyn Clock>,
    taking: Mutex<()>,
}

impl Directories {
    /// Opens what the store holds, verifying it again.
    pub fn open(
        store: Arc<dyn Store>,
        (first, roots): (Authority, Vec<Dsse>),
        held: Arc<HeldDirectory>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TakeError> {
        let deployment = first.fingerprint();
        let current = walk_roots(&deployment, &first, &roots)?;
        let version = store.newest_directory()?;
        if let Some(json) = store.directory(version)? {
            let directory = UnverifiedDirectory::from_json(&json)?.verify(&deployment, &current)?;
            held.replace(directory, clock.today());
        }
        Ok(Self { store, deployment, first, roots, current, held, clock, taking: Mutex::new(()) })
    }

    /// The deployment.
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// Takes a signed directory: the next version, not expired. The one held already is taken again without harm.
    pub fn take(&self, json: &[u8]) -> Result<(), TakeError> {
        let taken = self.verify_and_keep(json);
        emit(if taken.is_ok() { Event::DirectoryTaken } else { Event::DirectoryRefused });
        taken
    }

    fn verify_and_keep(&self, json: &[u8]) -> Result<(), TakeError> {
        let directory = UnverifiedDirectory::from_json(json)?.verify(&self.deployment, &self.current)?;
        let today = self.clock.today();
        let _one_at_a_time = self.taking.lock().unwrap_or_else(PoisonError::into_inner);
        let held = self.held.current();
        if held.as_ref().is_some_and(|h| h.reference() == directory.reference()) {
            return Ok(());
        }
        directory.check_follows(held.map(|h| h.reference()))?;
        directory.check_current(today, None)?;
        self.store.put_directory(directory.version(), &directory.to_json()?)?;
        self.held.replace(directory, today);
        Ok(())
    }

    /// The answer of `GET /api/v1/directory`; `None` before the first.
    pub fn bundle(&self) -> Result<Option<Vec<u8>>, TakeError> {
        let Some(directory) = self.held.current() else { return Ok(None) };
        let freshness = self.store.freshness()?;
        let today = self.clock.today();
        let bundle = Bundle::new(self.first.clone(), self.roots.clone(), directory.dsse().clone(), freshness.as_deref(), today);
        Ok(Some(serde_json::to_vec(&bundle).map_err(|_| DirectoryError::BadJson)?))
    }

    /// The signed JSON of a version.
    pub fn version(&self, version: u32) -> Result<Option<Vec<u8>>, TakeError> {
        Ok(self.store.directory(version)?)
    }

    /// The directory held now.
    pub fn current(&self) -> Option<Arc<Directory>> {
        self.held.current()
    }
}
