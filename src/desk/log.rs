//! Reading a case as far as own keys open it: report, log, further messages, replies. What is wrong with it is said by `check`.

use super::case::Case;
use super::session::Desk;
use crate::base::Secret;
use crate::caselog::{EntryContent, EntryKind, OpenedEntry, OpenedReply, Place, Reply};
use crate::crypto::Hash32;
use crate::envelope::{CaseKeys, OpenedFollowUp, OpenedReport, open_follow_up, open_report_with_seed};
use crate::questions::Answers;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A log as far as it opens.
#[derive(Default)]
pub(super) struct Log {
    /// By epoch.
    pub(super) desk_keys: BTreeMap<u32, Secret<32>>,
    /// By number.
    pub(super) entries: BTreeMap<u32, OpenedEntry>,
    /// Numbers of those that the member they name did sign.
    pub(super) signed: BTreeSet<u32>,
}

/// A case as far as it opens.
pub(super) struct Reading {
    pub(super) report: Option<OpenedReport>,
    pub(super) log: Log,
    /// By number.
    pub(super) follow_ups: BTreeMap<u32, OpenedFollowUp>,
}

impl Log {
    pub(super) fn contents(&self) -> impl Iterator<Item = (u32, &EntryContent)> {
        self.entries.iter().map(|(n, e)| (*n, &e.content))
    }

    /// Which entry recorded a reply of this hash, and who wrote it. Only what its author signed is a record.
    pub(super) fn record_of(&self, hash: &Hash32) -> Option<(u32, String)> {
        let field = |work: &Value, name: &str| work.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let is_record = |work: &Value| field(work, "type") == "reply" && field(work, "hash") == hash.to_string();
        let mut signed = self.contents().filter(|(n, _)| self.signed.contains(n));
        signed.find(|(_, c)| c.work.as_ref().is_some_and(is_record)).map(|(n, c)| (n, c.author.to_string()))
    }

    fn take_keys(&mut self, place: Place, content: &EntryContent) {
        let Some(key) = &content.desk_key else { return };
        // Entry 0 alone may be `first`: a second one would bring another key for the same epoch.
        if content.kind == EntryKind::First && place.number != 0 {
            return;
        }
        self.desk_keys.entry(place.epoch).or_insert_with(|| key.duplicate());
        if let (EntryKind::Epoch, Some(former), Some(epoch)) = (content.kind, &content.former_desk_key, place.epoch.checked_sub(1)) {
            self.desk_keys.entry(epoch).or_insert_with(|| former.duplicate());
        }
    }
}

impl Reading {
    /// The report's answers; none if it does not open.
    pub(super) fn answers(&self) -> Answers {
        self.report.as_ref().map(|report| report.body.answers.clone()).unwrap_or_default()
    }

    /// The report's answers, then those with what each further message says over them: a conflict may be named late.
    pub(super) fn all_answers(&self) -> Vec<Answers> {
        let report = self.answers();
        let later = self.follow_ups.values().filter(|f| !f.body.answers.is_empty()).map(|f| {
            let mut over = report.clone();
            over.extend(f.body.answers.clone());
            over
        });
        std::iter::once(report.clone()).chain(later).collect()
    }
}

impl Desk {
    pub(super) fn read(&self, case: &Case) -> Reading {
        let sealed = case.report().and_then(|message| message.sealed()).and_then(Result::ok);
        let report = sealed.and_then(|sealed| open_report_with_seed(&sealed, case.seed.duplicate(), &self.line.pinned).ok());
        let log = self.read_log(case);
        let later = log.desk_keys.iter().filter(|(epoch, _)| **epoch > 0).map(|(_, key)| key);
        let keys: Vec<CaseKeys> = std::iter::once(&case.seed).chain(later).map(CaseKeys::from_seed).collect();
        let keys: Vec<&CaseKeys> = keys.iter().collect();
        let open = |number: &u32| {
            let sealed = case.messages.get(number)?.sealed()?.ok()?;
            open_follow_up(&sealed, &keys, &self.line.pinned).ok()
        };
        let numbers = case.messages.keys().filter(|number| **number > 0);
        let follow_ups = numbers.filter_map(|number| Some((*number, open(number)?))).collect();
        Reading { report, log, follow_ups }
    }

    /// Opens every entry that own slots or the `desk_key`s found so far open; again until nothing new opens.
    pub(super) fn read_log(&self, case: &Case) -> Log {
        let mut log = Log::default();
        loop {
            let before = (log.entries.len(), log.desk_keys.len());
            for (number, entry) in &case.entries {
                if log.entries.contains_key(number) {
                    continue;
                }
                let deployment = &self.line.pinned;
                let by_slot = entry.open_with_keys(&self.line.keys.box_keys(), deployment);
                let by_wrap = || log.desk_keys.get(&entry.place().epoch).and_then(|key| entry.open_with_desk_key(key, deployment).ok());
                let Some(opened) = by_slot.ok().or_else(by_wrap) else { continue };
                log.take_keys(entry.place(), &opened.content);
                if self.author_key(&opened.content).is_some_and(|key| opened.is_by(&key, deployment)) {
                    log.signed.insert(*number);
                }
                log.entries.insert(*number, opened);
            }
            if before == (log.entries.len(), log.desk_keys.len()) {
                return log;
            }
        }
    }

    /// The signing key of an entry's author in the directory that the entry names.
    pub(super) fn author_key(&self, content: &EntryContent) -> Option<crate::crypto::SignPublic> {
        self.version(content.directory)?.member(&content.author).map(|member| member.sign_pk)
    }

    /// A reply, if it opens and both the gate key of its directory and the case's key of its epoch vouch for it: what the reporter's client asks too.
    pub(super) fn read_reply(&self, case: &Case, log: &Log, reply: &Reply) -> Option<OpenedReply> {
        let place = reply.place();
        let opened = reply.open_as_desk(log.desk_keys.get(&place.epoch)?, &self.line.pinned).ok()?;
        let epochs = self.epochs(case);
        let (case_sign, _) = epochs.get(usize::try_from(place.epoch).ok()?)?;
        let gate = self.gate_pk(opened.directory)?;
        opened.verify(&gate, case_sign, &self.line.pinned).ok()?;
        Some(opened)
    }
}
