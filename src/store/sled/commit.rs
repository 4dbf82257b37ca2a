//! The committer: one thread that writes, so that one sync serves all who wait.

use super::super::space::Need;
use super::Inner;
use crate::base::event::{Event, emit};
use crate::store::StoreError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Writes that one sync can serve.
const GROUP_MAX: usize = 256;
/// Bytes that one sync can serve, about.
const GROUP_MAX_BYTES: usize = 8 << 20;
/// Writes that can wait.
const QUEUE_MAX: usize = 1024;

/// How things stand when a write is tried.
struct Terms {
    is_writable: bool,
    /// Bytes free on the disk.
    free: u64,
}

/// What a write asks for.
#[derive(Clone, Copy)]
pub(super) struct Weight {
    pub(super) need: Need,
    pub(super) bytes: usize,
}

/// Does its write at once; what it gives answers the caller once all is durable.
type Act = Box<dyn FnOnce(&Inner, &Terms) -> Done + Send>;
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

struct Job {
    bytes: usize,
    act: Act,
}

struct Done {
    answer: Answer,
    /// The disk or the database failed under it: nothing more may be written.
    is_broken: bool,
}

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
        Weight { need, bytes }: Weight,
        act: impl FnOnce(&Inner) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, receiver) = sync_channel(1);
        let act: Act = Box::new(move |inner, terms| {
            let refused = refusal(inner, terms, need);
            let is_refused = refused.is_some();
            let done = refused.map_or_else(|| act(inner), Err);
            let is_broken = !is_refused && matches!(done, Err(StoreError::Io | StoreError::Full));
            let answer: Answer = Box::new(move |synced: Result<(), StoreError>| {
                // The caller may have gone away; what it wrote stays.
                let _ = sender.send(done.and_then(|done| synced.map(|()| done)));
            });
            Done { answer, is_broken }
        });
        let jobs = self.jobs.as_ref().ok_or(StoreError::Closing)?;
        jobs.send(Job { bytes, act }).map_err(|_| StoreError::Closing)?;
        receiver.recv().map_err(|_| StoreError::Closing)?
    }
}

fn refusal(inner: &Inner, terms: &Terms, need: Need) -> Option<StoreError> {
    if !terms.is_writable {
        return Some(StoreError::ReadOnly);
    }
    (!inner.space.admits(need, terms.free)).then_some(StoreError::Full)
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

/// After a failed write or sync nothing more is written: the kernel may have dropped pages it said it kept.
fn serve(inner: &Inner, queue: &Receiver<Job>) {
    let mut is_writable = true;
    while let Ok(first) = queue.recv() {
        let was_writable = is_writable;
        let (answers, group) = group(inner, queue, first, &mut is_writable);
        let synced = if was_writable { group.and_then(|()| guarded(|| inner.commit())) } else { Ok(()) };
        if let Err(error) = &synced {
            is_writable = false;
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

/// Does the first write and those that wait behind it. An error of the whole means that none of them may be acknowledged.
fn group(inner: &Inner, queue: &Receiver<Job>, first: Job, is_writable: &mut bool) -> (Vec<Answer>, Result<(), StoreError>) {
    let free = inner.space.free().unwrap_or_default();
    let (mut answers, mut bytes, mut outcome) = (Vec::new(), 0_usize, Ok(()));
    let mut next = Some(first);
    while let Some(job) = next {
        bytes = bytes.saturating_add(job.bytes);
        let terms = Terms { is_writable: *is_writable, free: free.saturating_sub(u64::try_from(bytes).unwrap_or(u64::MAX)) };
        match catch_unwind(AssertUnwindSafe(|| (job.act)(inner, &terms))) {
            Ok(done) => {
                answers.push(done.answer);
                if done.is_broken {
                    *is_writable = false;
                    outcome = Err(StoreError::Io);
                }
            }
            // Its caller hears `Closing`.
            Err(_) => (*is_writable, outcome) = (false, Err(StoreError::Io)),
        }
        let has_room = answers.len() < GROUP_MAX && bytes < GROUP_MAX_BYTES;
        next = if has_room { queue.try_recv().ok() } else { None };
    }
    (answers, outcome)
}

/// sled can panic where its files are damaged.
pub(super) fn guarded<T>(act: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or(Err(StoreError::Damaged("sled cannot read its log; restore the database from a backup")))
}
