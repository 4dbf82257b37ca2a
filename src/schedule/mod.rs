//! Fixed hours: feed batches, letters, the duty letter.

mod plan;
mod post;

pub use plan::{Due, Plan, ScheduleSettings};
pub use post::{Addresses, Post};

use crate::base::event::{Event, emit};
use crate::base::{Clock, DangerFlag};
use crate::store::Store;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the clock is looked at.
const TICK: Duration = Duration::from_millis(200);

/// The thread that keeps the hours.
pub struct Schedule {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What the hours are kept for.
pub struct Hours {
    /// Batches are published here.
    pub store: Arc<dyn Store>,
    /// Letters go here; its own thread sends them.
    pub post: Post,
    /// Taken for the duty letter.
    pub danger: Arc<DangerFlag>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Duty addresses of the directory held now.
    pub duty: Box<dyn Fn() -> Vec<String> + Send>,
}

impl Hours {
    /// Does what is due now.
    pub fn tick(&self, plan: &mut Plan) {
        for due in plan.due(self.clock.unix_seconds(), || self.danger.take()) {
            match due {
                Due::Batch => self.publish(),
                Due::Letter => self.post.hourly(),
                Due::DutyLetter => self.post.duty((self.duty)()),
            }
        }
    }

    fn publish(&self) {
        match self.store.publish(self.clock.today()) {
            Ok(Some(_)) => emit(Event::BatchPublished),
            Ok(None) => {}
            Err(_) => emit(Event::StoreFailed),
        }
    }
}

impl Schedule {
    /// Starts keeping the hours.
    pub fn start(hours: Hours, mut plan: Plan) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let run = move || {
            while !stopped.load(Ordering::SeqCst) {
                hours.tick(&mut plan);
                std::thread::sleep(TICK);
            }
        };
        let thread = std::thread::Builder::new().name("schedule".into()).spawn(run).ok();
        Self { stop, thread }
    }
}

impl Drop for Schedule {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
