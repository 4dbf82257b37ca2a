//! What the routes stand on: the deeds.

use crate::base::{Clock, DangerFlag};
use crate::crypto::NonceMarks;
use crate::directory::{Authority, Dsse, HeldDirectory};
use crate::feed::{Feed, FeedError};
use crate::intake::{AttachmentLimits, Directories, Intake, TakeError};
use crate::mailbox::Mailbox;
use crate::store::Store;
use std::sync::Arc;

/// The public origin of one deployment.
pub struct Origin {
    pub(super) intake: Intake,
    pub(super) directories: Directories,
    pub(super) mailbox: Mailbox,
    pub(super) feed: Feed,
    pub(super) nonces: Arc<NonceMarks>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) work_bits: u8,
}

impl Origin {
    /// Puts the deeds together over a store.
    pub fn new(
        store: Arc<dyn Store>,
        authority: (Authority, Vec<Dsse>),
        clock: Arc<dyn Clock>,
        danger: Arc<DangerFlag>,
        work_bits: u8,
    ) -> Result<Self, TakeError> {
        let deployment = authority.0.fingerprint();
        let nonces = Arc::new(NonceMarks::new(store.server_secret()?));
        let held = Arc::new(HeldDirectory::default());
        let directories = Directories::open(Arc::clone(&store), authority, Arc::clone(&held), Arc::clone(&clock))?;
        let feed = Feed::new(Arc::clone(&store), deployment, Arc::clone(&nonces), Arc::clone(&held), Arc::clone(&clock));
        let mailbox = Mailbox { store: Arc::clone(&store), deployment, nonces: Arc::clone(&nonces), clock: Arc::clone(&clock) };
        let shared = (Arc::clone(&nonces), Arc::clone(&clock));
        let attachments = AttachmentLimits::default();
        let intake = Intake { store, deployment, nonces: shared.0, held, danger, clock: shared.1, work_bits, attachments };
        Ok(Self { intake, directories, mailbox, feed, nonces, clock, work_bits })
    }

    /// With other limits for attachments.
    #[must_use]
    pub fn with_attachments(mut self, limits: AttachmentLimits) -> Self {
        self.intake.attachments = limits;
        self
    }

    /// Takes a directory, as from its address.
    pub fn take_directory(&self, json: &[u8]) -> Result<(), TakeError> {
        self.directories.take(json)
    }

    /// Takes a freshness note, as from its address.
    pub fn take_freshness(&self, note: &[u8]) -> Result<(), FeedError> {
        self.feed.take_freshness(note)
    }

    /// The directories.
    pub fn directories(&self) -> &Directories {
        &self.directories
    }
}
