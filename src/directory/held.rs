//! The directory a server holds now, and the former gate key for a day more.

use super::Directory;
use crate::base::Day;
use crate::crypto::SignPublic;
use std::sync::{Arc, PoisonError, RwLock};

#[derive(Default)]
struct State {
    current: Option<Arc<Directory>>,
    former_gate: Option<(SignPublic, Day)>,
}

/// Shared by the server's rooms.
#[derive(Default)]
pub struct HeldDirectory(RwLock<State>);

impl HeldDirectory {
    /// The current one, if there is any yet.
    pub fn current(&self) -> Option<Arc<Directory>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).current.clone()
    }

    /// Takes a new one. The gate key of the one before holds until the day after.
    pub fn replace(&self, directory: Directory, today: Day) {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let former = state.current.replace(Arc::new(directory));
        state.former_gate = former.map(|f| (f.content().gate.pk, today.plus(1)));
    }

    /// Gate keys that open today.
    pub fn gate_keys(&self, today: Day) -> Vec<SignPublic> {
        let state = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let former = state.former_gate.filter(|(_, until)| today <= *until).map(|(pk, _)| pk);
        state.current.iter().map(|d| d.content().gate.pk).chain(former).collect()
    }
}
