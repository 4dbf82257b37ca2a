//! Bringing the desk up to date: directory, freshness note, feed, long bodies.
//!
//! Every desk fetches all of the feed and every version of the directory, so that what is fetched tells nothing.

use super::DeskError;
use super::case::{Case, Message};
use super::session::{Desk, Now};
use super::state::Position;
use super::warning::WarningCode;
use crate::base::{Day, Secret};
use crate::caselog::{Batch, Entry, EntryKind, FeedItem, ItemKind};
use crate::client::{CaseSigners, ClientError, fetch_directory, fetch_version};
use crate::crypto::{Hash32, MailboxId};
use crate::directory::{Directory, DirectoryError, FreshnessNote, UnverifiedDirectory};
use crate::envelope::{Sealed, find_report_seed};
use std::collections::BTreeSet;

/// Heads of so many batches are kept: ten days of a feed that never rests.
const HEADS_MAX: usize = 1000;

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
    /// Brings everything up to date.
    pub fn sync(&mut self) -> Result<Synced, DeskError> {
        self.locked(Self::sync_locked)
    }

    pub(super) fn sync_locked(&mut self) -> Result<Synced, DeskError> {
        let today = self.today();
        self.take_directory(today)?;
        self.take_versions();
        self.vouch(today)?;
        let before: BTreeSet<MailboxId> = self.cases.keys().copied().collect();
        self.read_feed()?;
        self.compare_feeds()?;
        self.fetch_bodies()?;
        let new_cases = self.cases.keys().filter(|id| !before.contains(id)).count();
        let directory_expired = self.directory()?.is_expired(today);
        Ok(Synced { new_cases, batch: self.index.position.number, directory_expired })
    }

    fn take_directory(&mut self, today: Day) -> Result<(), DeskError> {
        let seen = self.index.directory;
        let trusted = fetch_directory(&self.line.http, &self.line.pinned, today, seen.map(|s| s.version))?;
        if let Some(seen) = seen {
            let here = trusted.directory.reference();
            let is_fork = here.version == seen.version && here.hash != seen.hash;
            let is_next = seen.version.checked_add(1) == Some(here.version);
            if is_fork || (is_next && trusted.directory.check_follows(Some(seen)).is_err()) {
                return Err(DirectoryError::WrongChain.into());
            }
        }
        let own = self.line.keys.public_part();
        let is_me = trusted.directory.member(&own.id).is_some_and(|m| m.sign_pk == own.sign_pk);
        if !is_me {
            return Err(DirectoryError::NotAMember.into());
        }
        let gate = trusted.directory.gate_key(&own.id, &self.line.keys.box_keys())?;
        self.index.directory = Some(trusted.directory.reference());
        self.now = Some(Now { trusted, gate });
        // The index is the folder's first file: one without it is another member's.
        if seen.is_none() { self.state.put_index(&mut self.index) } else { Ok(()) }
    }

    /// Former versions, all of them: asking for those alone that own cases name would tell which cases are own.
    /// One that cannot be had now is asked for again at the next sync; what names it shows a warning.
    fn take_versions(&mut self) {
        let Ok(current) = self.directory().map(Directory::version) else { return };
        for version in 1..current {
            if !self.versions.contains_key(&version)
                && let Some(directory) = self.former_version(version)
            {
                self.versions.insert(version, directory);
            }
        }
    }

    fn former_version(&self, version: u32) -> Option<Directory> {
        let trusted = &self.now.as_ref()?.trusted;
        let kept = self.state.directory(version).and_then(|json| UnverifiedDirectory::from_json(&json).ok());
        if let Some(directory) = kept.and_then(|d| d.verify(&self.line.pinned, &trusted.authority).ok()) {
            return Some(directory);
        }
        let fetched = fetch_version(&self.line.http, trusted, &self.line.pinned, version).ok()?;
        // If it cannot be kept it is fetched again.
        let _ = fetched.to_json().map(|json| self.state.put_directory(version, &json));
        Some(fetched)
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

    /// Reads what is new. The cases it was about wait in the index to be compared: a line that breaks midway must not spare them.
    fn read_feed(&mut self) -> Result<(), DeskError> {
        let seen = self.index.heads.keys().next_back().copied().unwrap_or(0);
        loop {
            let page = self.link()?.feed(self.index.position.number.saturating_add(1))?;
            let mut again = false;
            for batch in &page.batches {
                self.step(batch)?;
                again |= self.take_items(&batch.items, batch.day)?;
            }
            if again {
                // A referral brought a case whose beginning went by: all of the feed once more, as any new desk would.
                self.index.position = Position { number: 0, head: Hash32::ZERO };
                continue;
            }
            let here = self.index.position.number;
            // Also when all of it is read once more it must reach what was seen before.
            if here > page.newest || page.newest < seen || (here < page.newest && page.batches.is_empty()) {
                return Err(DeskError::FeedBroken);
            }
            if here == page.newest {
                break;
            }
        }
        self.drop_strangers();
        Ok(())
    }

    /// The next batch must follow, and be the one that was there if it was read before.
    fn step(&mut self, batch: &Batch) -> Result<(), DeskError> {
        let position = self.index.position;
        let is_other = self.index.heads.get(&batch.number).is_some_and(|head| *head != batch.head);
        if is_other || !batch.follows(position.number, &position.head) {
            return Err(DeskError::FeedBroken);
        }
        self.index.position = Position { number: batch.number, head: batch.head };
        self.index.heads.insert(batch.number, batch.head);
        while self.index.heads.len() > HEADS_MAX {
            self.index.heads.pop_first();
        }
        Ok(())
    }

    /// Files a batch. True if a referral brought a case that was not here.
    fn take_items(&mut self, items: &[FeedItem], day: Day) -> Result<bool, DeskError> {
        let mut referred = false;
        let mut changed = BTreeSet::new();
        for item in items {
            let id = item.mailbox_id;
            if !self.cases.contains_key(&id) {
                let Some((seed, by_referral)) = self.find_seed(item) else { continue };
                self.cases.insert(id, Case::new(id, seed));
                referred |= by_referral;
            }
            if let Some(case) = self.cases.get_mut(&id) {
                case.file(item, day, &self.line.pinned);
                changed.insert(id);
            }
            self.mend_seed(item);
        }
        for case in changed.iter().filter_map(|id| self.cases.get(id)) {
            self.state.put_case(case)?;
        }
        self.index.unchecked.extend(changed);
        Ok(referred)
    }

    /// A forged referral must not hide a report: a seed that is not the report's gives way to the next one that is found.
    fn mend_seed(&mut self, item: &FeedItem) {
        let misfit = |desk: &Self| desk.cases.get(&item.mailbox_id).is_some_and(|case| case.seed_fits() == Some(false));
        if misfit(self)
            && let Some((seed, _)) = self.find_seed(item)
            && let Some(case) = self.cases.get_mut(&item.mailbox_id)
        {
            case.seed = seed;
        }
    }

    /// What a referral named but no report bears out is no case.
    fn drop_strangers(&mut self) {
        let fits = |case: &Case| case.seed_fits() == Some(true);
        let strangers: Vec<MailboxId> = self.cases.iter().filter(|(_, case)| !fits(case)).map(|(id, _)| *id).collect();
        for id in strangers {
            self.cases.remove(&id);
            self.state.drop_case(&id);
        }
    }

    /// Tries own keys on a report, or on an entry that may be a referral.
    fn find_seed(&self, item: &FeedItem) -> Option<(Secret<32>, bool)> {
        let own = self.line.keys.box_keys();
        match item.kind {
            ItemKind::Report => {
                let message = Message::from_item(Day::default(), &item.bytes).ok()?;
                message.head.verify(&self.line.pinned).ok()?;
                find_report_seed(message.head.header(), &own, &self.line.pinned).map(|seed| (seed, false))
            }
            ItemKind::Entry => {
                let entry = Entry::parse(&item.bytes).ok().filter(|entry| entry.place().mailbox_id == item.mailbox_id)?;
                let opened = entry.open_with_keys(&own, &self.line.pinned).ok()?;
                let is_referral = opened.content.kind == EntryKind::Referral;
                opened.content.seed.filter(|_| is_referral).map(|seed| (seed, true))
            }
            _ => None,
        }
    }

    /// Each entry names the feed's head as its author saw it. Another than here: the server shows different feeds to different people.
    fn compare_feeds(&mut self) -> Result<(), DeskError> {
        for id in self.index.unchecked.clone() {
            let Some(case) = self.cases.get(&id) else { continue };
            let log = self.read_log(case);
            let differs = |mark: crate::caselog::FeedMark| match mark.number {
                0 => mark.head != Hash32::ZERO,
                n => n > self.index.position.number || self.index.heads.get(&n).is_some_and(|head| *head != mark.head),
            };
            let found: Vec<u32> = log.contents().filter(|(_, content)| differs(content.feed)).map(|(n, _)| n).collect();
            if let Some(case) = self.cases.get_mut(&id).filter(|_| !found.is_empty()) {
                case.faults.extend(found.into_iter().map(|n| (WarningCode::FeedDiffers, n.to_string())));
                self.state.put_case(case)?;
            }
        }
        self.index.unchecked.clear();
        Ok(())
    }

    /// Bodies too large for the feed, each by a request of its own after a random wait. One that the server has not or that does not fit its head
    /// is asked for again at the next sync; the case shows a warning.
    fn fetch_bodies(&mut self) -> Result<(), DeskError> {
        let missing = |case: &Case| case.messages.iter().filter(|(_, m)| m.body.is_none()).map(|(n, _)| (case.id, *n)).collect::<Vec<_>>();
        let missing: Vec<(MailboxId, u32)> = self.cases.values().flat_map(missing).collect();
        for (id, number) in missing {
            self.wait();
            let body = match self.fetch_body(id, number) {
                Ok(body) => body,
                Err(error @ DeskError::Client(ClientError::Unreachable)) => return Err(error),
                Err(_) => continue,
            };
            if let Some(case) = self.cases.get_mut(&id)
                && let Some(message) = case.messages.get_mut(&number)
                && Sealed::from_head(message.head.clone(), body.clone()).is_ok()
            {
                message.body = Some(body);
                self.state.put_case(case)?;
            }
        }
        Ok(())
    }

    fn fetch_body(&self, id: MailboxId, number: u32) -> Result<Vec<u8>, DeskError> {
        let case = self.cases.get(&id).ok_or(DeskError::NoSuchCase)?;
        let (epoch, keys) = self.case_keys(case)?;
        let signers = CaseSigners { gate: &self.now()?.gate, case_sign: &keys.sign, epoch };
        self.with_link(|link| link.body(id, number, signers))
    }
}
