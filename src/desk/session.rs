//! The desk at work: what it holds.

use super::DeskError;
use super::case::Case;
use super::settings::DeskSettings;
use super::state::{Index, State};
use crate::base::{Clock, Day};
use crate::caselog::{EPOCHS_MAX, EpochRecord};
use crate::client::{ClientError, Http, MemberLink};
use crate::crypto::{BoxPublic, Deployment, MailboxId, SignKey, SignPublic};
use crate::directory::{Directory, DirectoryError, DirectoryRef, Trusted};
use crate::envelope::CaseKeys;
use crate::keys::MemberKeys;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

/// What a desk needs to begin.
pub struct DeskLine {
    /// The server, directly or through tor.
    pub http: Http,
    /// The authority's fingerprint.
    pub pinned: Deployment,
    /// The member's keys.
    pub keys: MemberKeys,
    /// Waits.
    pub settings: DeskSettings,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// The desk of one member.
pub struct Desk {
    pub(super) line: DeskLine,
    pub(super) state: State,
    pub(super) index: Index,
    pub(super) cases: BTreeMap<MailboxId, Case>,
    pub(super) now: Option<Now>,
    /// Former versions of the directory.
    pub(super) versions: HashMap<u32, Directory>,
}

/// What was fetched at the last sync.
pub(super) struct Now {
    pub(super) trusted: Trusted,
    pub(super) gate: SignKey,
}

impl Desk {
    /// Opens the local state; the server is not asked yet.
    pub fn open(line: DeskLine, folder: &Path) -> Result<Self, DeskError> {
        let state = State::open(folder, line.keys.local_key())?;
        let lock = state.lock()?;
        let index = state.index(&line.pinned)?;
        let cases = load(&state, &index)?;
        drop(lock);
        Ok(Self { line, state, index, cases, now: None, versions: HashMap::new() })
    }

    /// Runs a deed that may change the state while no other program of this member does. What another wrote meanwhile is read first,
    /// and what a deed that fails had filed before stays filed.
    pub(super) fn locked<T>(&mut self, deed: impl FnOnce(&mut Self) -> Result<T, DeskError>) -> Result<T, DeskError> {
        let lock = self.state.lock()?;
        let index = self.state.index(&self.line.pinned)?;
        if index.generation != self.index.generation {
            self.cases = load(&self.state, &index)?;
            self.index = index;
        }
        let done = deed(self);
        self.index.cases = self.cases.keys().copied().collect();
        // A folder belongs to a deployment once its directory was trusted: a mistyped fingerprint leaves nothing behind.
        let kept = if self.index.directory.is_some() { self.state.put_index(&mut self.index) } else { Ok(()) };
        drop(lock);
        let done = done?;
        kept.map(|()| done)
    }

    pub(super) fn today(&self) -> Day {
        self.line.clock.today()
    }

    pub(super) fn now(&self) -> Result<&Now, DeskError> {
        self.now.as_ref().ok_or(DeskError::Directory(DirectoryError::Stale))
    }

    pub(super) fn directory(&self) -> Result<&Directory, DeskError> {
        Ok(&self.now()?.trusted.directory)
    }

    /// A version by its reference; `None` if the server did not show it or it is another.
    pub(super) fn version(&self, wanted: DirectoryRef) -> Option<&Directory> {
        let current = self.now.as_ref().map(|now| &now.trusted.directory);
        let former = self.versions.get(&wanted.version);
        current.into_iter().chain(former).find(|directory| directory.reference() == wanted)
    }

    /// The gate key that signed replies under a version; its hash is not named there, the authority's signature must do.
    pub(super) fn gate_pk(&self, version: u32) -> Option<SignPublic> {
        let current = self.now.as_ref().map(|now| &now.trusted.directory).filter(|directory| directory.version() == version);
        current.or_else(|| self.versions.get(&version)).map(|directory| directory.content().gate.pk)
    }

    pub(super) fn link(&self) -> Result<MemberLink<'_>, DeskError> {
        Ok(MemberLink::login(&self.line.http, &self.now()?.gate, &self.line.pinned)?)
    }

    pub(super) fn with_link<T>(&self, act: impl FnOnce(&MemberLink<'_>) -> Result<T, ClientError>) -> Result<T, DeskError> {
        Ok(act(&self.link()?)?)
    }

    /// Public keys of every epoch, as far as each was signed by the one before.
    pub(super) fn epochs(&self, case: &Case) -> Vec<(SignPublic, BoxPublic)> {
        let Some(header) = case.report().map(|report| report.head.header()) else { return Vec::new() };
        let mut keys = vec![(header.case_sign_pk, header.case_box_pk)];
        let mut former = header.case_sign_pk;
        for epoch in 0_u32.. {
            let follows = |record: &&EpochRecord| record.follows(epoch, &former, &self.line.pinned, &case.id).is_ok();
            let Some(record) = case.epochs.iter().find(follows).filter(|_| keys.len() <= EPOCHS_MAX) else { break };
            former = record.case_sign_pk;
            keys.push((record.case_sign_pk, record.case_box_pk));
        }
        keys
    }

    /// The current epoch and its keys.
    pub(super) fn case_keys(&self, case: &Case) -> Result<(u32, CaseKeys), DeskError> {
        let epochs = self.epochs(case);
        let current = u32::try_from(epochs.len().saturating_sub(1)).unwrap_or(u32::MAX);
        if current == 0 {
            return Ok((0, CaseKeys::from_seed(&case.seed)));
        }
        let log = self.read_log(case);
        let keys = log.desk_keys.get(&current).map(CaseKeys::from_seed).ok_or(DeskError::LogNotForMe)?;
        let fits = epochs.last().is_some_and(|(sign, reply_to)| *sign == keys.sign.public() && *reply_to == keys.reply_to.public());
        if fits { Ok((current, keys)) } else { Err(DeskError::LogNotForMe) }
    }

    /// A random wait, so that requests about a case do not follow the sync that brought it.
    pub(super) fn wait(&self) {
        wait(self.line.settings.wait_seconds);
    }

    /// A case by its id in hex.
    pub(super) fn case(&self, id: &str) -> Result<&Case, DeskError> {
        let id: MailboxId = id.parse().map_err(|_| DeskError::NotAnId)?;
        self.cases.get(&id).ok_or(DeskError::NoSuchCase)
    }
}

/// A random 0 to so many seconds.
pub(super) fn wait(most: u32) {
    let seconds = crate::crypto::uniform(most.saturating_add(1));
    std::thread::sleep(std::time::Duration::from_secs(u64::from(seconds)));
}

fn load(state: &State, index: &Index) -> Result<BTreeMap<MailboxId, Case>, DeskError> {
    index.cases.iter().map(|id| Ok((*id, state.case(id)?))).collect()
}
