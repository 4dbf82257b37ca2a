//! The desk at work: what it holds, and bringing it up to date.

use super::DeskError;
use super::case::{Case, Message};
use super::settings::DeskSettings;
use super::state::{Index, Position, State};
use crate::base::{Clock, Day};
use crate::caselog::{Entry, EntryKind, FeedItem, ItemKind};
use crate::client::{CaseSigners, Http, MemberLink, fetch_directory, fetch_version};
use crate::crypto::{Deployment, Hash32, MailboxId, SignKey};
use crate::directory::{Directory, DirectoryError, DirectoryRef, FreshnessNote, Trusted};
use crate::envelope::{CaseKeys, HEAD_BYTES, find_report_seed};
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
    versions: HashMap<u32, Option<Arc<Directory>>>,
}

/// What was fetched at the last sync.
pub(super) struct Now {
    pub(super) trusted: Trusted,
    pub(super) gate: SignKey,
}

/// What a sync brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Synced {
    /// Cases that were not here before.
    pub new_cases: usize,
    /// The newest batch of the feed.
    pub batch: u32,
    /// No new reports until there is a new directory.
    pub directory_expired: bool,
}

impl Desk {
    /// Opens the local state; the server is not asked yet.
    pub fn open(line: DeskLine, folder: &Path) -> Result<Self, DeskError> {
        let state = State::open(folder, line.keys.local_key())?;
        let index = state.index(&line.pinned)?;
        let cases = index.cases.iter().map(|id| Ok((*id, state.case(id)?))).collect::<Result<_, DeskError>>()?;
        Ok(Self { line, state, index, cases, now: None, versions: HashMap::new() })
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

    /// A version by its reference; `None` if the server does not show it or it is another.
    pub(super) fn version(&mut self, wanted: DirectoryRef) -> Option<Arc<Directory>> {
        let now = self.now.as_ref()?;
        let (http, pinned) = (&self.line.http, &self.line.pinned);
        let fetch = || fetch_version(http, &now.trusted, pinned, wanted.version).ok().map(Arc::new);
        self.versions.entry(wanted.version).or_insert_with(fetch).clone().filter(|d| d.hash() == wanted.hash)
    }

    /// Brings everything up to date: directory, freshness note, feed. All of the feed is fetched by every desk, so that what is fetched tells nothing.
    pub fn sync(&mut self) -> Result<Synced, DeskError> {
        let today = self.today();
        let seen = (self.index.directory > 0).then_some(self.index.directory);
        let trusted = fetch_directory(&self.line.http, &self.line.pinned, today, seen)?;
        let own = self.line.keys.public_part();
        let is_me = trusted.directory.member(&own.id).is_some_and(|m| m.sign_pk == own.sign_pk);
        if !is_me {
            return Err(DirectoryError::NotAMember.into());
        }
        let gate = trusted.directory.gate_key(&own.id, &self.line.keys.box_keys())?;
        self.index.directory = trusted.directory.version();
        self.now = Some(Now { trusted, gate });
        self.vouch(today)?;
        let before = self.cases.len();
        self.read_feed()?;
        self.fetch_bodies()?;
        self.index.cases = self.cases.keys().copied().collect();
        self.state.put_index(&self.index)?;
        let directory_expired = self.directory()?.is_expired(today);
        Ok(Synced { new_cases: self.cases.len() - before, batch: self.index.position.number, directory_expired })
    }

    fn link(&self) -> Result<MemberLink<'_>, DeskError> {
        Ok(MemberLink::login(&self.line.http, &self.now()?.gate, &self.line.pinned)?)
    }

    /// Signs a freshness note if the last is over a day old.
    fn vouch(&self, today: Day) -> Result<(), DeskError> {
        let now = self.now()?;
        let is_young = now.trusted.freshness.as_ref().is_some_and(|note| today.since(note.day()) <= 1);
        if is_young || now.trusted.directory.is_expired(today) {
            return Ok(());
        }
        let note = FreshnessNote::make(&now.trusted.directory, today, &now.gate, &self.line.pinned);
        Ok(self.link()?.put_freshness(&note.to_bytes())?)
    }

    fn read_feed(&mut self) -> Result<(), DeskError> {
        loop {
            let page = self.link()?.feed(self.index.position.number.saturating_add(1))?;
            let mut again = false;
            for batch in &page.batches {
                if !batch.follows(self.index.position.number, &self.index.position.head) {
                    return Err(DeskError::FeedBroken);
                }
                self.index.position = Position { number: batch.number, head: batch.head };
                again |= self.take_items(&batch.items, batch.day)?;
            }
            if again {
                // A referral brought a case whose beginning went by: all of the feed once more, as any new desk would.
                self.index.position = Position { number: 0, head: Hash32::ZERO };
                continue;
            }
            if self.index.position.number > page.newest {
                return Err(DeskError::FeedBroken);
            }
            if self.index.position.number >= page.newest || page.batches.is_empty() {
                return Ok(());
            }
        }
    }

    /// Files a batch. True if a referral brought a case that was not here.
    fn take_items(&mut self, items: &[FeedItem], day: Day) -> Result<bool, DeskError> {
        let mut referred = false;
        let mut touched = Vec::new();
        for item in items.iter().filter(|item| !item.bytes.is_empty()) {
            if !self.cases.contains_key(&item.mailbox_id) {
                let Some((seed, by_referral)) = self.find_seed(item) else { continue };
                self.cases.insert(item.mailbox_id, Case::new(item.mailbox_id, seed));
                referred |= by_referral;
            }
            if let Some(case) = self.cases.get_mut(&item.mailbox_id) {
                // What cannot be read is not filed; the gap it leaves in the log is shown with the case.
                let _ = case.file(item, day);
                touched.push(item.mailbox_id);
            }
        }
        for id in touched {
            if let Some(case) = self.cases.get(&id) {
                self.state.put_case(case)?;
            }
        }
        Ok(referred)
    }

    /// Tries own keys on a report, or on an entry that may be a referral.
    fn find_seed(&self, item: &FeedItem) -> Option<(crate::base::Secret<32>, bool)> {
        let own = self.line.keys.box_keys();
        match item.kind {
            ItemKind::Report => {
                let message = Message::from_item(Day::default(), &item.bytes).ok()?;
                message.head.verify(&self.line.pinned).ok()?;
                find_report_seed(message.head.header(), &own, &self.line.pinned).map(|seed| (seed, false))
            }
            ItemKind::Entry => {
                let opened = Entry::parse(&item.bytes).ok()?.open_with_keys(&own, &self.line.pinned).ok()?;
                let is_referral = opened.content.kind == EntryKind::Referral;
                opened.content.seed.filter(|_| is_referral).map(|seed| (seed, true))
            }
            _ => None,
        }
    }

    /// Bodies too large for the feed, each by a request of its own after a random wait.
    fn fetch_bodies(&mut self) -> Result<(), DeskError> {
        let missing: Vec<(MailboxId, u32)> = self
            .cases
            .values()
            .flat_map(|case| case.messages.iter().filter(|(_, m)| m.body.is_none()).map(|(n, _)| (case.id, *n)))
            .collect();
        for (id, number) in missing {
            self.wait();
            let body = {
                let case = self.cases.get(&id).ok_or(DeskError::NoSuchCase)?;
                let (epoch, keys) = self.case_keys(case)?;
                let signers = CaseSigners { gate: &self.now()?.gate, case_sign: &keys.sign, epoch };
                self.link()?.body(id, number, signers)?
            };
            if let Some(case) = self.cases.get_mut(&id) {
                if let Some(message) = case.messages.get_mut(&number) {
                    message.body = Some(body);
                }
                self.state.put_case(case)?;
            }
        }
        Ok(())
    }

    /// The current epoch and its keys.
    pub(super) fn case_keys(&self, case: &Case) -> Result<(u32, CaseKeys), DeskError> {
        match u32::try_from(case.epochs.len()).unwrap_or(u32::MAX) {
            0 => Ok((0, CaseKeys::from_seed(&case.seed))),
            epoch => {
                let log = self.read_log(case);
                let key = log.desk_keys.get(&epoch).ok_or(DeskError::LogNotForMe)?;
                Ok((epoch, CaseKeys::from_seed(key)))
            }
        }
    }

    /// A random wait, so that requests about a case do not follow the sync that brought it.
    pub(super) fn wait(&self) {
        let seconds = crate::crypto::uniform(self.line.settings.wait_seconds.saturating_add(1));
        std::thread::sleep(std::time::Duration::from_secs(u64::from(seconds)));
    }

    /// A case by its id in hex.
    pub(super) fn case(&self, id: &str) -> Result<&Case, DeskError> {
        let id: MailboxId = id.parse().map_err(|_| DeskError::NotAnId)?;
        self.cases.get(&id).ok_or(DeskError::NoSuchCase)
    }

    pub(super) fn with_link<T>(&self, act: impl FnOnce(&MemberLink<'_>) -> Result<T, crate::client::ClientError>) -> Result<T, DeskError> {
        Ok(act(&self.link()?)?)
    }
}

const _: () = assert!(HEAD_BYTES == 1120);
