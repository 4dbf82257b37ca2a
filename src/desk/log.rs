//! Reading a case's log: which entries open, who wrote them, whether the chain is whole.

use super::case::Case;
use super::session::Desk;
use super::warning::{Warning, WarningCode};
use crate::base::Secret;
use crate::caselog::{EntryContent, EntryKind, OpenedEntry};
use crate::crypto::Hash32;
use std::collections::BTreeMap;

/// A log as far as it opens.
#[derive(Default)]
pub(super) struct Log {
    /// By epoch.
    pub(super) desk_keys: BTreeMap<u32, Secret<32>>,
    /// By number.
    pub(super) entries: BTreeMap<u32, OpenedEntry>,
    pub(super) warnings: Vec<Warning>,
}

impl Log {
    pub(super) fn contents(&self) -> impl Iterator<Item = (u32, &EntryContent)> {
        self.entries.iter().map(|(n, e)| (*n, &e.content))
    }
}

impl Desk {
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
                take_keys(&mut log, entry.place().epoch, &opened.content);
                log.entries.insert(*number, opened);
            }
            if before == (log.entries.len(), log.desk_keys.len()) {
                break;
            }
        }
        self.check_chain(case, &mut log);
        log
    }

    fn check_chain(&self, case: &Case, log: &mut Log) {
        let mut former = Hash32::ZERO;
        for (expected, (number, entry)) in (0_u32..).zip(&case.entries) {
            if *number != expected {
                log.warnings.push(Warning::about(WarningCode::LogBroken, expected.to_string()));
                break;
            }
            match log.entries.get(number) {
                Some(opened) if opened.content.previous != former => {
                    log.warnings.push(Warning::about(WarningCode::LogBroken, number.to_string()));
                }
                Some(opened) if opened.slots_differ => log.warnings.push(Warning::about(WarningCode::SlotsDiffer, number.to_string())),
                Some(_) => {}
                None if *number == 0 && log.desk_keys.is_empty() => log.warnings.push(WarningCode::FirstNotForMe.into()),
                // Whoever was referred later cannot open the first entry itself: the seed and key came another way.
                None if *number == 0 => {}
                None => log.warnings.push(Warning::about(WarningCode::EntryUnreadable, number.to_string())),
            }
            former = entry.hash();
        }
    }
}

fn take_keys(log: &mut Log, epoch: u32, content: &EntryContent) {
    if let Some(key) = &content.desk_key {
        log.desk_keys.entry(epoch).or_insert_with(|| key.duplicate());
    }
    if let (EntryKind::Epoch, Some(key), Some(former)) = (content.kind, &content.former_desk_key, epoch.checked_sub(1)) {
        log.desk_keys.entry(former).or_insert_with(|| key.duplicate());
    }
}
