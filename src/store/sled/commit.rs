//! The committer: one thread that writes, so that one fsync serves all who wait.

use super::Inner;
use crate::base::event::{Event, emit};
use crate::store::StoreError;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Writes that one sync can serve.
const GROUP_MAX: usize = 256;
/// Writes that can wait.
const QUEUE_MAX: usize = 1024;

/// Does its write at once; the closure it gives answers the caller once all is durable.
type Job = Box<dyn FnOnce(&Inner, bool) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

pub(super) struct Committer {
    jobs: Option<SyncSender<Job>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Committer {
    pub(super) fn start(inner: Arc<Inner>) -> Self {
        let (jobs, queue) = sync_channel(QUEUE_MAX);
        let thread = std::thread::Builder::new().name("committer".into()).spawn(move || serve(&inner, &queue)).ok();
        Self { jobs: Some(jobs), thread: Mutex::new(thread) }
    }

    /// Runs a write in the committer and waits until it is durable.
    pub(super) fn run<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Inner) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, receiver) = sync_channel(1);
        let job: Job = Box::new(move |inner, writable| {
            let done = if writable { act(inner) } else { Err(StoreError::ReadOnly) };
            Box::new(move |synced: Result<(), StoreError>| {
                // The caller may have gone away; what it wrote stays.
                let _ = sender.send(synced.and(done));
            })
        });
        let jobs = self.jobs.as_ref().ok_or(StoreError::Closing)?;
        jobs.send(job).map_err(|_| StoreError::Closing)?;
        receiver.recv().map_err(|_| StoreError::Closing)?
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.lock().ok().and_then(|mut t| t.take()) {
            // It ends when the queue is empty; a panic there was answered by `Closing`.
            let _ = thread.join();
        }
    }
}

/// After a failed sync nothing more is written: the kernel may have dropped pages it said it kept.
fn serve(inner: &Inner, queue: &Receiver<Job>) {
    let mut writable = true;
    while let Ok(first) = queue.recv() {
        let mut answers = vec![first(inner, writable)];
        while let (true, Ok(next)) = (answers.len() < GROUP_MAX, queue.try_recv()) {
            answers.push(next(inner, writable));
        }
        let synced = if writable { inner.sync() } else { Ok(()) };
        if let Err(error) = &synced {
            writable = false;
            emit(if *error == StoreError::Full { Event::StoreFull } else { Event::StoreFailed });
            emit(Event::StoreReadOnly);
        }
        for answer in answers {
            answer(match &synced {
                Ok(()) => Ok(()),
                Err(StoreError::Full) => Err(StoreError::Full),
                Err(_) => Err(StoreError::Io),
            });
        }
    }
}
