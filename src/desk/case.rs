//! What the desk keeps of a case: the sealed items as they came, and the keys that open them.

use crate::base::{Day, Secret, encode};
use crate::caselog::{Entry, EpochRecord, FeedItem, ItemKind, Reply};
use crate::crypto::MailboxId;
use crate::desk::DeskError;
use crate::envelope::{HEAD_BYTES, Head, Sealed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
}

/// A message: its head, its body once it is here, the day it was published.
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
        let (messages, entries) = (BTreeMap::new(), BTreeMap::new());
        Self { id, seed, messages, entries, replies: Vec::new(), epochs: Vec::new(), destroyed: false, read: None }
    }

    /// Files an item. One that came before is not filed twice; an entry that differs from one here replaces it: the feed is what all see.
    pub(super) fn file(&mut self, item: &FeedItem, day: Day) -> Result<(), DeskError> {
        if item.bytes.is_empty() {
            return Ok(());
        }
        match item.kind {
            ItemKind::Report | ItemKind::FollowUp => {
                let message = Message::from_item(day, &item.bytes)?;
                let known = self.messages.get(&item.number).is_some_and(|m| m.head == message.head);
                if !known {
                    self.messages.insert(item.number, message);
                }
            }
            ItemKind::Entry => drop(self.entries.insert(item.number, Entry::parse(&item.bytes)?)),
            ItemKind::Reply => self.file_reply(Reply::parse(&item.bytes)?, day),
            ItemKind::Epoch => {
                let record = EpochRecord::parse(&item.bytes)?;
                if !self.epochs.contains(&record) {
                    self.epochs.push(record);
                }
            }
            ItemKind::Destroyed => self.destroyed = true,
            ItemKind::Pending => {}
        }
        Ok(())
    }

    /// Files a reply unless it is here.
    pub(super) fn file_reply(&mut self, reply: Reply, day: Day) {
        if !self.replies.iter().any(|(_, known)| *known == reply) {
            self.replies.push((day, reply));
        }
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
        (case.destroyed, case.read) = (self.destroyed, self.read);
        Ok(case)
    }
}
