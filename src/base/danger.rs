//! The danger bit: set by a report, taken by the next letter to the duty officers, stored nowhere.

use std::sync::atomic::{AtomicBool, Ordering};

/// One bit, shared.
#[derive(Default)]
pub struct DangerFlag(AtomicBool);

impl DangerFlag {
    /// Someone is in danger and agrees that the duty officers are told to look.
    pub fn raise(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was raised since it was last taken.
    pub fn take(&self) -> bool {
        self.0.swap(false, Ordering::SeqCst)
    }
}
