//! What the desk keeps of a case: the sealed items as they came, and the keys that open them.

use crate::base::{Day, Secret, encode};
use crate::caselog::{Entry, EpochRecord, FeedItem, ItemKind, Reply, ReplyWhat};
use crate::crypto::{Deployment, MailboxId};
use crate::desk::DeskError;
use crate::desk::warning::{Warning, WarningCode};
use crate::envelope::{CaseKeys, HEAD_BYTES, Head, Sealed};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A case that own keys open.
pub(super) struct Case {
    pub(super) id: MailboxId,
    pub(super) seed: Secret<32>,
    /// By number; 0 is the report.
    pub(super) messages: BTreeMap<u32, Message>,
    /// By number.
    pub(super) entries: BTreeMap<u32, Entry>,
    /// In the order they came here.
    pub(super) replies: Vec<(Day, Reply)>,
    pub(super) epochs: Vec<EpochRecord>,
    pub(super) destroyed: bool,
    /// Messages up to this number were opened here; `None`: not even the report.
    pub(super) read: Option<u32>,
    /// What the feed showed that cannot be, and what it is about. Once seen, it stands.
    pub(super) faults: BTreeSet<(WarningCode, String)>,
}

/// A message: its head, its body once it is here, the day it was published.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) day: Day,
    pub(super) head: Head,
    pub(super) body: Option<Vec<u8>>,
}

impl Message {
    /// Reads an item of the feed.
    pub(super) fn from_item(day: Day, bytes: &[u8]) -> Result<Self, DeskError> {
        let (head, body) = bytes.split_at_checked(HEAD_BYTES).ok_or(crate::envelope::EnvelopeError::WrongLength)?;
        let head = Head::parse(head)?;
        Ok(Self { day, head, body: (!body.is_empty()).then(|| body.to_vec()) })
    }

    /// Head and body together, if the body is here.
    pub(super) fn sealed(&self) -> Option<Result<Sealed, crate::envelope::EnvelopeError>> {
        self.body.as_ref().map(|body| Sealed::from_head(self.head.clone(), body.clone()))
    }
}

impl Case {
    pub(super) fn new(id: MailboxId, seed: Secret<32>) -> Self {
        let (messages, entries, faults) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { id, seed, messages, entries, replies: Vec::new(), epochs: Vec::new(), destroyed: false, read: None, faults }
    }

    /// Files an item. What cannot be read, belongs elsewhere or differs from what was here before leaves a fault; so does what the feed names and
    /// does not show, unless it is here already: a whole case goes at once, and with it what would open it.
    pub(super) fn file(&mut self, item: &FeedItem, day: Day, deployment: &Deployment) {
        let filed = match item.kind {
            _ if item.bytes.is_empty() => Ok(self.holds(item)),
            ItemKind::Report | ItemKind::FollowUp => self.file_message(item, day, deployment),
            ItemKind::Entry => self.file_entry(item),
            ItemKind::Reply => self.file_feed_reply(item, day),
            ItemKind::Epoch => self.file_epoch(item),
            ItemKind::Destroyed => {
                self.destroyed = true;
                Ok(true)
            }
            ItemKind::Pending => Ok(true),
        };
        if !matches!(filed, Ok(true)) {
            self.faults.insert((fault(item.kind), item.number.to_string()));
        }
    }

    /// Whether an item whose bytes the feed no longer has is here. The mailbox's copy of a reply goes with the mailbox.
    fn holds(&self, item: &FeedItem) -> bool {
        match item.kind {
            ItemKind::Report | ItemKind::FollowUp => self.messages.contains_key(&item.number),
            ItemKind::Entry => self.entries.contains_key(&item.number),
            ItemKind::Reply | ItemKind::Destroyed | ItemKind::Epoch | ItemKind::Pending => true,
        }
    }

    /// The first of two messages for one number stands, if the reporter sealed it: a forged one must not take its place.
    fn file_message(&mut self, item: &FeedItem, day: Day, deployment: &Deployment) -> Result<bool, DeskError> {
        let message = Message::from_item(day, &item.bytes)?;
        message.head.verify(deployment)?;
        let header = message.head.header();
        let is_report = item.kind == ItemKind::Report;
        if (header.mailbox_id, header.number) != (self.id, item.number) || is_report != (item.number == 0) {
            return Ok(false);
        }
        let known = self.messages.entry(item.number).or_insert_with(|| message.clone());
        Ok(known.head == message.head)
    }

    /// Of two entries for one number the feed's stands: it is what all see.
    fn file_entry(&mut self, item: &FeedItem) -> Result<bool, DeskError> {
        let entry = Entry::parse(&item.bytes)?;
        if (entry.place().mailbox_id, entry.place().number) != (self.id, item.number) {
            return Ok(false);
        }
        let former = self.entries.insert(item.number, entry.clone());
        Ok(former.is_none_or(|former| former == entry))
    }

    fn file_feed_reply(&mut self, item: &FeedItem, day: Day) -> Result<bool, DeskError> {
        let reply = Reply::parse(&item.bytes)?;
        let is_ours = reply.place().mailbox_id == self.id;
        if is_ours {
            self.file_reply(reply, day);
        }
        Ok(is_ours)
    }

    fn file_epoch(&mut self, item: &FeedItem) -> Result<bool, DeskError> {
        let record = EpochRecord::parse(&item.bytes)?;
        if !self.epochs.contains(&record) {
            self.epochs.push(record);
        }
        Ok(true)
    }

    /// Files a reply unless it is here.
    pub(super) fn file_reply(&mut self, reply: Reply, day: Day) {
        if !self.replies.iter().any(|(_, known)| *known == reply) {
            self.replies.push((day, reply));
        }
    }

    /// Whether the seed is the report's; `None` while the report is not here.
    pub(super) fn seed_fits(&self) -> Option<bool> {
        let header = self.report()?.head.header();
        let keys = CaseKeys::from_seed(&self.seed);
        Some(keys.sign.public() == header.case_sign_pk && keys.reply_to.public() == header.case_box_pk)
    }

    /// Replies whose numbers leave a gap, or stand twice.
    pub(super) fn replies_have_gaps(&self, what: ReplyWhat) -> bool {
        let mut numbers: Vec<u32> = self.replies.iter().map(|(_, r)| r.place()).filter(|p| p.what == what).map(|p| p.number).collect();
        numbers.sort_unstable();
        (1_u32..).zip(numbers).any(|(expected, number)| expected != number)
    }

    pub(super) fn warn_of_faults(&self) -> impl Iterator<Item = Warning> {
        self.faults.iter().map(|(code, about)| Warning::about(*code, about.as_str()))
    }

    pub(super) fn last_message(&self) -> u32 {
        self.messages.keys().next_back().copied().unwrap_or(0)
    }

    pub(super) fn next_entry(&self) -> u32 {
        self.entries.keys().next_back().map_or(0, |n| n.saturating_add(1))
    }

    pub(super) fn report(&self) -> Option<&Message> {
        self.messages.get(&0)
    }
}

const fn fault(kind: ItemKind) -> WarningCode {
    match kind {
        ItemKind::Report | ItemKind::FollowUp => WarningCode::MessagesBroken,
        ItemKind::Reply => WarningCode::RepliesBroken,
        ItemKind::Epoch => WarningCode::EpochBroken,
        ItemKind::Entry | ItemKind::Destroyed | ItemKind::Pending => WarningCode::LogBroken,
    }
}

/// The form on disk, inside a sealed file.
#[derive(Serialize, Deserialize)]
pub(super) struct CaseFile {
    id: MailboxId,
    seed: String,
    messages: Vec<(u32, Day, String, Option<String>)>,
    entries: Vec<(u32, String)>,
    replies: Vec<(Day, String)>,
    epochs: Vec<String>,
    destroyed: bool,
    read: Option<u32>,
    faults: BTreeSet<(WarningCode, String)>,
}

impl From<&Case> for CaseFile {
    fn from(case: &Case) -> Self {
        let message = |(n, m): (&u32, &Message)| (*n, m.day, encode::base64(&m.head.to_bytes()), m.body.as_deref().map(encode::base64));
        Self {
            id: case.id,
            seed: encode::hex(case.seed.expose()),
            messages: case.messages.iter().map(message).collect(),
            entries: case.entries.iter().map(|(n, e)| (*n, encode::base64(&e.to_bytes()))).collect(),
            replies: case.replies.iter().map(|(day, r)| (*day, encode::base64(&r.to_bytes()))).collect(),
            epochs: case.epochs.iter().map(|e| encode::base64(&e.to_bytes())).collect(),
            destroyed: case.destroyed,
            read: case.read,
            faults: case.faults.clone(),
        }
    }
}

impl Drop for CaseFile {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.seed);
    }
}

impl CaseFile {
    pub(super) fn open(&self) -> Result<Case, DeskError> {
        let bytes = |text: &str| encode::from_base64(text).ok_or(DeskError::State);
        let seed = encode::from_hex_array(&self.seed).map(Secret::new).ok_or(DeskError::State)?;
        let mut case = Case::new(self.id, seed);
        for (number, day, head, body) in &self.messages {
            let head = Head::parse(&bytes(head)?)?;
            let body = body.as_deref().map(bytes).transpose()?;
            case.messages.insert(*number, Message { day: *day, head, body });
        }
        for (number, entry) in &self.entries {
            case.entries.insert(*number, Entry::parse(&bytes(entry)?)?);
        }
        for (day, reply) in &self.replies {
            case.replies.push((*day, Reply::parse(&bytes(reply)?)?));
        }
        for epoch in &self.epochs {
            case.epochs.push(EpochRecord::parse(&bytes(epoch)?)?);
        }
        (case.destroyed, case.read, case.faults) = (self.destroyed, self.read, self.faults.clone());
        Ok(case)
    }
}
