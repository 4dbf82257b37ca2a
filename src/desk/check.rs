//! Everything about a case that is not as it should be (docs/protocol/envelope.md, "What an opener warns of"; case.md, "A reader").

use super::DeskError;
use super::case::Case;
use super::log::{Log, Reading};
use super::session::Desk;
use super::warning::{Warning, WarningCode};
use crate::base::{Day, Secret};
use crate::caselog::{EntryContent, EntryKind, ReplyWhat};
use crate::crypto::{self, Hash32};
use crate::directory::{Directory, Recipient};
use crate::envelope::OpenedReport;
use crate::questions::route;
use std::collections::BTreeSet;

/// Days that the reporter's key day may differ from the feed's.
const CLOCK_DAYS: u32 = 2;

fn numbered(code: WarningCode, number: u32) -> Warning {
    Warning::about(code, number.to_string())
}

impl Desk {
    pub(super) fn warnings(&self, case: &Case, reading: &Reading) -> Result<Vec<Warning>, DeskError> {
        let mut all: BTreeSet<Warning> = case.warn_of_faults().collect();
        match &reading.report {
            Some(report) => {
                all.extend(self.report_warnings(case, report)?);
                all.extend(self.first_warnings(case, report, &reading.log));
                all.extend(outsiders(report, &reading.log));
            }
            None => drop(all.insert(WarningCode::ReportUnreadable.into())),
        }
        if case.destroyed {
            all.insert(WarningCode::MailboxDestroyed.into());
        }
        if self.epochs(case).len() != case.epochs.len() + 1 {
            all.insert(WarningCode::EpochBroken.into());
        }
        all.extend(chain_warnings(case, &reading.log));
        all.extend(self.author_warnings(&reading.log));
        all.extend(message_warnings(case, reading));
        all.extend(super::attach::warnings(reading));
        all.extend(self.reply_warnings(case, &reading.log));
        Ok(all.into_iter().collect())
    }

    fn report_warnings(&self, case: &Case, report: &OpenedReport) -> Result<Vec<Warning>, DeskError> {
        let mut all = Vec::new();
        let feed_day = case.report().map(|m| m.day).unwrap_or_default();
        let key_day = report.body.key_day;
        if report.slots_differ {
            all.push(WarningCode::SlotsDiffer.into());
        }
        if feed_day.since(key_day).max(key_day.since(feed_day)) > CLOCK_DAYS {
            all.push(WarningCode::Clock.into());
        }
        match self.version(report.body.directory) {
            Some(directory) => {
                all.extend(routing_warnings(directory, report));
                all.extend(self.age_warnings(directory, key_day)?);
            }
            None => all.push(WarningCode::UnknownDirectory.into()),
        }
        Ok(all)
    }

    fn age_warnings(&self, used: &Directory, key_day: Day) -> Result<Option<Warning>, DeskError> {
        // The next version is what made it old; today's may be younger than the report.
        let current = self.directory()?;
        let next = used.version().checked_add(1).and_then(|n| self.versions.get(&n)).unwrap_or(current);
        let had_newer = next.version() > used.version() && next.content().issued < key_day;
        let expired = used.is_expired(key_day).then_some(WarningCode::DirectoryExpired);
        Ok(expired.or(had_newer.then_some(WarningCode::DirectoryOld)).map(Warning::from))
    }

    /// The first entry must be for exactly the report's people; whoever was referred later does not open it, and need not.
    fn first_warnings(&self, case: &Case, report: &OpenedReport, log: &Log) -> Option<Warning> {
        let is_named = report.body.recipients.iter().any(|r| r.member == *self.line.keys.id());
        match log.entries.get(&0) {
            Some(first) if first.content.recipients != report.body.recipients => Some(WarningCode::FirstDiffers.into()),
            None if is_named && case.entries.contains_key(&0) => Some(WarningCode::FirstNotForMe.into()),
            _ => None,
        }
    }

    fn author_warnings(&self, log: &Log) -> Vec<Warning> {
        let unsigned = log.contents().filter(|(number, _)| !log.signed.contains(number));
        let code = |known: bool| if known { WarningCode::AuthorSignature } else { WarningCode::AuthorUnknown };
        unsigned.map(|(number, content)| numbered(code(self.author_key(content).is_some()), number)).collect()
    }

    /// Colleagues' programs flag a reply that no member recorded: only the author's own signature says who wrote.
    fn reply_warnings(&self, case: &Case, log: &Log) -> Vec<Warning> {
        let mut all = Vec::new();
        for (_, reply) in &case.replies {
            let number = reply.place().number;
            if self.read_reply(case, log, reply).is_none() {
                all.push(numbered(WarningCode::ReplyUnreadable, number));
            } else if log.record_of(&reply.record_hash()).is_none() {
                all.push(numbered(WarningCode::ReplyUnrecorded, number));
            }
        }
        if [ReplyWhat::Text, ReplyWhat::Status].into_iter().any(|what| case.replies_have_gaps(what)) {
            all.push(WarningCode::RepliesBroken.into());
        }
        all
    }
}

/// The log from entry 0 on: none missing, each after the one before, each what its place allows.
fn chain_warnings(case: &Case, log: &Log) -> Vec<Warning> {
    let mut all = Vec::new();
    let (mut former, mut epoch) = (Hash32::ZERO, 0);
    for (expected, (number, entry)) in (0_u32..).zip(&case.entries) {
        if *number != expected {
            all.push(numbered(WarningCode::LogBroken, expected));
            return all;
        }
        match log.entries.get(number) {
            Some(opened) => {
                let is_placed = (opened.content.kind == EntryKind::First) == (expected == 0);
                let is_late = entry.place().epoch < epoch || (expected == 0 && entry.place().epoch != 0);
                epoch = entry.place().epoch.max(epoch);
                if opened.content.previous != former || !is_placed || is_late {
                    all.push(numbered(WarningCode::LogBroken, expected));
                }
                if opened.slots_differ || brings_false_keys(case, log, entry.place().epoch, &opened.content) {
                    all.push(numbered(WarningCode::SlotsDiffer, expected));
                }
            }
            // Whoever may not open the first entry is told so by `first_not_for_me`.
            None if expected == 0 => {}
            None => all.push(numbered(WarningCode::EntryUnreadable, expected)),
        }
        former = entry.hash();
    }
    all
}

/// A referral whose seed or `desk_key` is not the case's leaves out those whom it names.
fn brings_false_keys(case: &Case, log: &Log, epoch: u32, content: &EntryContent) -> bool {
    let differs = |given: &Option<Secret<32>>, own: Option<&Secret<32>>| {
        given.as_ref().zip(own).is_some_and(|(given, own)| !crypto::same(given.expose(), own.expose()))
    };
    let is_referral = content.kind == EntryKind::Referral;
    is_referral && (differs(&content.seed, Some(&case.seed)) || differs(&content.desk_key, log.desk_keys.get(&epoch)))
}

/// Entries by members whom neither the report nor a referral before had let in.
fn outsiders(report: &OpenedReport, log: &Log) -> Vec<Warning> {
    let mut inside: BTreeSet<&str> = report.body.recipients.iter().map(|r| r.member.as_str()).collect();
    let mut all = Vec::new();
    for (number, content) in log.contents() {
        if !inside.contains(content.author.as_str()) {
            all.push(numbered(WarningCode::AuthorOutside, number));
        } else if content.kind == EntryKind::Referral {
            inside.extend(content.recipients.iter().map(|r| r.member.as_str()));
        }
    }
    all
}

/// The reporter's messages: none missing, each after the one before, each to be opened.
fn message_warnings(case: &Case, reading: &Reading) -> Vec<Warning> {
    let mut all = Vec::new();
    let report_key = case.report().map(|report| report.head.header().case_sign_pk);
    let mut former = Hash32::ZERO;
    for (expected, (number, message)) in (0_u32..).zip(&case.messages) {
        let header = message.head.header();
        if *number != expected || header.previous != former || Some(header.case_sign_pk) != report_key {
            all.push(numbered(WarningCode::MessagesBroken, expected));
        }
        match reading.follow_ups.get(number) {
            None if *number > 0 => all.push(numbered(WarningCode::FollowUpUnreadable, *number)),
            Some(opened) if opened.slots_differ => all.push(numbered(WarningCode::SlotsDiffer, *number)),
            _ => {}
        }
        former = message.head.link();
    }
    all
}

/// Routing once more, by the directory and the day that the report names.
fn routing_warnings(directory: &Directory, report: &OpenedReport) -> Vec<Warning> {
    let body = &report.body;
    let mut all = Vec::new();
    for recipient in body.recipients.iter().filter(|r| !directory.knows(r, body.key_day)) {
        all.push(Warning::about(WarningCode::RecipientUnknown, recipient.member.as_str()));
    }
    let routed = route(directory, &body.answers, &body.removed, body.key_day).map(|r| r.recipients).unwrap_or_default();
    let is_routed = |r: &&Recipient| routed.contains(r);
    let offices: BTreeSet<&str> = body.recipients.iter().filter(|r| !is_routed(r)).map(|r| r.office.as_str()).collect();
    all.extend(offices.into_iter().map(|office| Warning::about(WarningCode::RecipientNotRouted, office)));
    let missing = routed.iter().filter(|r| !body.recipients.contains(r));
    all.extend(missing.map(|r| Warning::about(WarningCode::RecipientMissing, r.member.as_str())));
    all
}
