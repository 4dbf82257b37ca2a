//! A server with its store and its hours, as `serve` and `demo` start it.

use super::Failure;
use crate::base::{Clock, DangerFlag, SystemClock};
use crate::crypto;
use crate::directory::{Authority, Dsse};
use crate::http::{HttpError, Listen, Origin, Running, start};
use crate::intake::{AttachmentLimits, TakeError};
use crate::notify::Notifier;
use crate::schedule::{Addresses, Hours, Plan, Post, Schedule, ScheduleSettings};
use crate::store::{SledStore, Store};
use std::path::Path;
use std::sync::Arc;

/// All that a server is made of.
pub(super) struct Parts<'a> {
    pub(super) data: &'a Path,
    pub(super) authority: (Authority, Vec<Dsse>),
    pub(super) work_bits: u8,
    pub(super) attachments: AttachmentLimits,
    pub(super) schedule: ScheduleSettings,
    pub(super) notifier: Arc<dyn Notifier>,
    pub(super) members: Addresses,
}

/// An origin that does not listen yet.
pub(super) struct Service {
    pub(super) origin: Arc<Origin>,
    store: Arc<dyn Store>,
    danger: Arc<DangerFlag>,
    clock: Arc<dyn Clock>,
    plan: (ScheduleSettings, Arc<dyn Notifier>, Addresses),
}

impl From<TakeError> for Failure {
    fn from(error: TakeError) -> Self {
        match error {
            TakeError::Directory(error) => error.into(),
            TakeError::Store(error) => error.into(),
        }
    }
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Self {
        Self::could_not(error.to_string(), "choose another address, or stop the process that uses it")
    }
}

impl Service {
    /// Opens the store.
    pub(super) fn open(parts: Parts<'_>) -> Result<Self, Failure> {
        let store: Arc<dyn Store> = Arc::new(SledStore::open(parts.data)?);
        let (danger, clock): (_, Arc<dyn Clock>) = (Arc::new(DangerFlag::default()), Arc::new(SystemClock));
        let origin = Origin::new(Arc::clone(&store), parts.authority, Arc::clone(&clock), Arc::clone(&danger), parts.work_bits)?;
        let origin = origin.with_attachments(parts.attachments);
        Ok(Self { origin: Arc::new(origin), store, danger, clock, plan: (parts.schedule, parts.notifier, parts.members) })
    }

    /// Listens and keeps the hours.
    pub(super) fn start(self, listen: &Listen) -> Result<(Running, Schedule), Failure> {
        let running = start(Arc::clone(&self.origin), listen)?;
        let (settings, notifier, members) = self.plan;
        // A secret of this process: nobody outside can tell the day's letter without a reason from one with.
        let secret = crypto::random_secret();
        let quarter = move |day: u64| {
            let [a, b, ..] = *crypto::derive(&secret, "duty quarter", &[&day.to_be_bytes()]).expose();
            u32::from(u16::from_be_bytes([a, b]))
        };
        let plan = Plan::new(settings, self.clock.unix_seconds(), Box::new(quarter));
        let origin = Arc::clone(&self.origin);
        let duty = move || {
            let current = origin.directories().current();
            current.map(|d| d.content().duty.iter().map(|duty| duty.address.clone()).collect()).unwrap_or_default()
        };
        let post = Post::start(notifier, members);
        let hours = Hours { store: self.store, post, danger: self.danger, clock: self.clock, duty: Box::new(duty) };
        Ok((running, Schedule::start(hours, plan)))
    }
}
