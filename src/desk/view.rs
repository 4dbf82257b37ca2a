//! What a member sees: the inbox, and a case with everything that is not as it should be.

use super::DeskError;
use super::case::Case;
use super::log::Log;
use super::session::Desk;
use super::warning::{Warning, WarningCode};
use crate::base::Day;
use crate::caselog::{ReplyContent, ReplyWhat};
use crate::crypto::{Hash32, MailboxId};
use crate::directory::{Directory, Recipient, Texts};
use crate::envelope::{CaseKeys, OpenedReport, open_follow_up, open_report_with_seed};
use crate::questions::{Answers, Factor, Lane, ScoreContext, exclusion, route, score};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// Days that the reporter's key day may differ from the feed's.
const CLOCK_DAYS: u32 = 2;

/// A line of the inbox.
#[derive(Clone, Debug, Serialize)]
pub struct InboxRow {
    /// Mailbox id in hex.
    pub id: MailboxId,
    /// The highest number of the reporter's messages.
    pub number: u32,
    /// When the report was published.
    pub day: Day,
    /// The lane.
    pub lane: Lane,
    /// Something in it was not opened here yet.
    pub unread: bool,
    /// Points.
    pub score: u32,
    /// `CARE`, `CHILD`, `SOURCE_ID`, `CONFLICT_CHECK`.
    pub flags: Vec<&'static str>,
    /// Days since the report was published.
    pub waiting_days: u32,
    /// The last status that was sent.
    pub status: String,
    /// The first words, for the list.
    pub summary: String,
    /// Warnings there are.
    pub warnings: usize,
}

/// A message of a case, whoever wrote it.
#[derive(Clone, Debug, Serialize)]
pub struct MessageView {
    /// `report`, `follow_up`, `reply`, `status`, `note`, `referral`.
    pub kind: &'static str,
    /// Its number among its kind.
    pub number: u32,
    /// When.
    pub day: Day,
    /// Who wrote it; empty for the reporter.
    pub author: String,
    /// What it says.
    pub text: String,
    /// Order within its day: where it stands in the log; the reporter's further messages come last.
    #[serde(skip)]
    order: u32,
}

/// Someone who can open a case.
#[derive(Clone, Debug, Serialize)]
pub struct RecipientView {
    /// Member id.
    pub member: String,
    /// Office id.
    pub office: String,
    /// Public name or role.
    pub names: Texts,
    /// The office's name.
    pub office_names: Texts,
    /// `report`, or `referral`.
    pub by: &'static str,
}

/// An office a case could be referred to.
#[derive(Clone, Debug, Serialize)]
pub struct OfficeView {
    /// Office id.
    pub id: String,
    /// Its name.
    pub names: Texts,
    /// Whether it may have the case and has members who do not.
    pub can_refer: bool,
    /// Why not: a conflict of interest, or `already_there`.
    pub reason: Option<&'static str>,
}

/// A case, opened.
#[derive(Clone, Debug, Serialize)]
pub struct CaseView {
    /// Mailbox id in hex.
    pub id: MailboxId,
    /// By question id.
    pub answers: Answers,
    /// Everything said, in order.
    pub messages: Vec<MessageView>,
    /// Who can open it.
    pub recipients: Vec<RecipientView>,
    /// What is not as it should be.
    pub warnings: Vec<Warning>,
    /// The reporter's language.
    pub lang: String,
    /// When the report was published.
    pub day: Day,
    /// The lane.
    pub lane: Lane,
    /// Points.
    pub score: u32,
    /// Where they come from.
    pub factors: Vec<Factor>,
    /// Flags.
    pub flags: Vec<&'static str>,
    /// The last status that was sent.
    pub status: String,
    /// Offices, and whether it can be referred there.
    pub offices: Vec<OfficeView>,
}

/// Who works here, and how the directory stands.
#[derive(Clone, Debug, Serialize)]
pub struct MeView {
    /// Member id.
    pub member: String,
    /// Office id.
    pub office: String,
    /// The office's name.
    pub office_names: Texts,
    /// The service's name.
    pub service_names: Texts,
    /// The directory's version and last day.
    pub directory: u32,
    /// Its last day.
    pub expires: Day,
    /// No new reports until there is a new one.
    pub expired: bool,
}

impl Desk {
    /// Who works here. Needs a sync before.
    pub fn me(&self) -> Result<MeView, DeskError> {
        let content = self.directory()?.content();
        let member = content.members.iter().find(|m| m.id == *self.line.keys.id());
        let office = member.and_then(|m| content.offices.iter().find(|o| o.id == m.office));
        Ok(MeView {
            member: self.line.keys.id().to_string(),
            office: office.map(|o| o.id.to_string()).unwrap_or_default(),
            office_names: office.map(|o| o.names.clone()).unwrap_or_default(),
            service_names: content.names.clone(),
            directory: content.version,
            expires: content.expires,
            expired: self.today() > content.expires,
        })
    }

    pub(super) fn open_own_report(&self, case: &Case) -> Result<OpenedReport, DeskError> {
        let message = case.report().ok_or(DeskError::NoSuchCase)?;
        let sealed = message.sealed().ok_or(DeskError::NoSuchCase)??;
        Ok(open_report_with_seed(&sealed, case.seed.duplicate(), &self.line.pinned)?)
    }

    /// The inbox, the most urgent first, then the longest waiting.
    pub fn inbox(&mut self) -> Vec<InboxRow> {
        let ids: Vec<MailboxId> = self.cases.keys().copied().collect();
        let mut rows: Vec<InboxRow> = ids.iter().filter_map(|id| self.row(id).ok()).collect();
        rows.sort_by(|a, b| (b.lane, b.score, a.day).cmp(&(a.lane, a.score, b.day)));
        rows
    }

    fn row(&mut self, id: &MailboxId) -> Result<InboxRow, DeskError> {
        let warnings = self.warnings(id)?.len();
        let case = self.cases.get(id).ok_or(DeskError::NoSuchCase)?;
        let opened = self.open_own_report(case)?;
        let day = case.report().map(|m| m.day).unwrap_or_default();
        let waiting_days = self.today().since(day);
        let unread = case.read.is_none_or(|read| read < case.last_message());
        let context = ScoreContext { days_unread: if case.read.is_none() { waiting_days } else { 0 }, ..ScoreContext::default() };
        let score = score(&opened.body.answers, &context);
        let log = self.read_log(case);
        let summary = opened.body.answers.get("account").and_then(Value::as_str).unwrap_or_default().chars().take(120).collect();
        Ok(InboxRow {
            id: *id,
            number: case.last_message(),
            day,
            lane: score.lane,
            unread,
            score: score.total,
            flags: score.flags,
            waiting_days,
            status: self.status_word(case, &log),
            summary,
            warnings,
        })
    }

    fn status_word(&self, case: &Case, log: &Log) -> String {
        let words = case.replies.iter().filter_map(|(_, reply)| {
            let key = log.desk_keys.get(&reply.place().epoch)?;
            match reply.open_as_desk(key, &self.line.pinned).ok()?.content {
                ReplyContent::Status(word) => Some((reply.place().number, word.to_string())),
                ReplyContent::Text(_) => None,
            }
        });
        words.max().map_or_else(|| "received".into(), |(_, word)| word)
    }

    /// A case as it is here; nothing is sent.
    pub(super) fn view(&mut self, id: &MailboxId) -> Result<CaseView, DeskError> {
        let warnings = self.warnings(id)?;
        let case = self.cases.get(id).ok_or(DeskError::NoSuchCase)?;
        let opened = self.open_own_report(case)?;
        let log = self.read_log(case);
        let score = score(&opened.body.answers, &ScoreContext::default());
        let recipients = self.recipients(&opened, &log)?;
        let offices = self.offices(&opened.body.answers, &recipients)?;
        Ok(CaseView {
            id: *id,
            messages: self.messages(case, &opened, &log),
            recipients,
            warnings,
            lang: opened.body.lang.to_string(),
            day: case.report().map(|m| m.day).unwrap_or_default(),
            lane: score.lane,
            score: score.total,
            factors: score.factors,
            flags: score.flags,
            status: self.status_word(case, &log),
            offices,
            answers: opened.body.answers,
        })
    }

    fn messages(&self, case: &Case, opened: &OpenedReport, log: &Log) -> Vec<MessageView> {
        let account = opened.body.answers.get("account").and_then(Value::as_str).unwrap_or_default();
        let mut all = Vec::new();
        let keys: Vec<CaseKeys> = std::iter::once(&case.seed)
            .chain(log.desk_keys.iter().filter(|(e, _)| **e > 0).map(|(_, k)| k))
            .map(CaseKeys::from_seed)
            .collect();
        let keys: Vec<&CaseKeys> = keys.iter().collect();
        for (number, message) in &case.messages {
            let kind = if *number == 0 { "report" } else { "follow_up" };
            let follow_up = || message.sealed()?.ok().and_then(|s| open_follow_up(&s, &keys, &self.line.pinned).ok()).map(|o| o.body.text);
            let text = if *number == 0 { account.to_owned() } else { follow_up().unwrap_or_default() };
            let order = if *number == 0 { 0 } else { u32::MAX };
            all.push(MessageView { kind, number: *number, day: message.day, author: String::new(), text, order });
        }
        for (number, content) in log.contents() {
            let work = content.work.as_ref();
            let field = |name: &str| work.and_then(|w| w.get(name)).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (kind, text) = match field("type").as_str() {
                "note" => ("note", field("text")),
                "referral" => ("referral", format!("{}: {}", field("office"), field("why"))),
                _ => continue,
            };
            all.push(MessageView { kind, number, day: content.day, author: content.author.to_string(), text, order: number });
        }
        all.extend(case.replies.iter().filter_map(|(day, reply)| self.reply_view(*day, reply, log)));
        all.sort_by_key(|m| (m.day, m.order));
        all
    }

    fn reply_view(&self, day: Day, reply: &crate::caselog::Reply, log: &Log) -> Option<MessageView> {
        let opened = reply.open_as_desk(log.desk_keys.get(&reply.place().epoch)?, &self.line.pinned).ok()?;
        let (kind, text) = match opened.content {
            ReplyContent::Text(text) => ("reply", text),
            ReplyContent::Status(word) => ("status", word.to_string()),
        };
        let (order, author) = recorded(log, &reply.record_hash()).unwrap_or((u32::MAX, String::new()));
        Some(MessageView { kind, number: reply.place().number, day, author, text, order })
    }

    fn recipients(&self, opened: &OpenedReport, log: &Log) -> Result<Vec<RecipientView>, DeskError> {
        let directory = self.directory()?;
        let view = |r: &Recipient, by: &'static str| RecipientView {
            member: r.member.to_string(),
            office: r.office.to_string(),
            names: directory.member(&r.member).map(|m| m.names.clone()).unwrap_or_default(),
            office_names: directory.office(&r.office).map(|o| o.names.clone()).unwrap_or_default(),
            by,
        };
        let mut all: Vec<RecipientView> = opened.body.recipients.iter().map(|r| view(r, "report")).collect();
        for (_, content) in log.contents().filter(|(_, c)| c.kind == crate::caselog::EntryKind::Referral) {
            all.extend(content.recipients.iter().map(|r| view(r, "referral")));
        }
        Ok(all)
    }

    fn offices(&self, answers: &Answers, recipients: &[RecipientView]) -> Result<Vec<OfficeView>, DeskError> {
        let directory = self.directory()?;
        let view = |office: &crate::directory::Office| {
            let conflict = exclusion(office, answers).map(|e| e.code());
            let here = |m: &&crate::directory::Member| recipients.iter().any(|r| r.member == m.id.as_str());
            let everyone = directory.intake_members(&office.id).all(|m| here(&m));
            let reason = conflict.or(everyone.then_some("already_there"));
            OfficeView { id: office.id.to_string(), names: office.names.clone(), can_refer: reason.is_none(), reason }
        };
        Ok(directory.content().offices.iter().map(view).collect())
    }

    /// Everything about a case that is not as it should be.
    fn warnings(&mut self, id: &MailboxId) -> Result<Vec<Warning>, DeskError> {
        let case = self.cases.get(id).ok_or(DeskError::NoSuchCase)?;
        let opened = self.open_own_report(case)?;
        let log = self.read_log(case);
        let feed_day = case.report().map(|m| m.day).unwrap_or_default();
        let mut all: BTreeSet<Warning> = log.warnings.iter().cloned().collect();
        if opened.slots_differ {
            all.insert(WarningCode::SlotsDiffer.into());
        }
        if case.destroyed {
            all.insert(WarningCode::MailboxDestroyed.into());
        }
        if feed_day.since(opened.body.key_day).max(opened.body.key_day.since(feed_day)) > CLOCK_DAYS {
            all.insert(WarningCode::Clock.into());
        }
        all.extend(self.log_warnings(case, &opened, &log));
        all.extend(self.reply_warnings(case, &log));
        match self.version(opened.body.directory) {
            Some(directory) => {
                all.extend(routing_warnings(&directory, &opened));
                all.extend(self.age_warnings(&directory, opened.body.key_day)?);
            }
            None => drop(all.insert(WarningCode::UnknownDirectory.into())),
        }
        all.extend(self.author_warnings(&log));
        Ok(all.into_iter().collect())
    }

    fn age_warnings(&self, used: &Directory, key_day: Day) -> Result<Option<Warning>, DeskError> {
        let current = self.directory()?;
        let had_newer = current.version() > used.version() && current.content().issued < key_day;
        let expired = used.is_expired(key_day).then_some(WarningCode::DirectoryExpired);
        Ok(expired.or(had_newer.then_some(WarningCode::DirectoryOld)).map(Warning::from))
    }

    fn log_warnings(&self, case: &Case, opened: &OpenedReport, log: &Log) -> Vec<Warning> {
        let mut all = Vec::new();
        if let Some(first) = log.entries.get(&0)
            && first.content.recipients != opened.body.recipients
        {
            all.push(WarningCode::FirstDiffers.into());
        }
        let keys: Vec<CaseKeys> = std::iter::once(&case.seed)
            .chain(log.desk_keys.iter().filter(|(e, _)| **e > 0).map(|(_, k)| k))
            .map(CaseKeys::from_seed)
            .collect();
        let keys: Vec<&CaseKeys> = keys.iter().collect();
        for (number, message) in case.messages.iter().filter(|(n, _)| **n > 0) {
            let read = message.sealed().map(|s| s.and_then(|s| open_follow_up(&s, &keys, &self.line.pinned)));
            match read {
                Some(Ok(opened)) if opened.slots_differ => all.push(Warning::about(WarningCode::SlotsDiffer, number.to_string())),
                Some(Ok(_)) => {}
                _ => all.push(Warning::about(WarningCode::FollowUpUnreadable, number.to_string())),
            }
        }
        all
    }

    /// Colleagues' programs flag a reply that no member recorded: only the author's own signature says who wrote.
    fn reply_warnings(&self, case: &Case, log: &Log) -> Vec<Warning> {
        let one = |reply: &crate::caselog::Reply| {
            let number = reply.place().number.to_string();
            let Some(key) = log.desk_keys.get(&reply.place().epoch) else {
                return Some(Warning::about(WarningCode::ReplyUnreadable, number));
            };
            if reply.open_as_desk(key, &self.line.pinned).is_err() {
                return Some(Warning::about(WarningCode::ReplyUnreadable, number));
            }
            recorded(log, &reply.record_hash()).is_none().then(|| Warning::about(WarningCode::ReplyUnrecorded, number))
        };
        case.replies.iter().filter_map(|(_, reply)| one(reply)).collect()
    }

    fn author_warnings(&mut self, log: &Log) -> Vec<Warning> {
        let mut all = Vec::new();
        for (number, entry) in &log.entries {
            let directory = self.version(entry.content.directory);
            let author = directory.as_ref().and_then(|d| d.member(&entry.content.author));
            match author {
                None => all.push(Warning::about(WarningCode::AuthorUnknown, number.to_string())),
                Some(member) if !entry.is_by(&member.sign_pk, &self.line.pinned) => {
                    all.push(Warning::about(WarningCode::AuthorSignature, number.to_string()));
                }
                Some(_) => {}
            }
        }
        all
    }
}

/// Which entry recorded a reply of this hash, and who wrote it.
fn recorded(log: &Log, hash: &Hash32) -> Option<(u32, String)> {
    let is_record = |work: &Value| {
        work.get("type").and_then(Value::as_str) == Some("reply")
            && work.get("hash").and_then(Value::as_str) == Some(hash.to_string().as_str())
    };
    log.contents().find(|(_, c)| c.work.as_ref().is_some_and(is_record)).map(|(n, c)| (n, c.author.to_string()))
}

/// Routing once more, by the directory and the day that the report names.
fn routing_warnings(directory: &Directory, opened: &OpenedReport) -> Vec<Warning> {
    let body = &opened.body;
    let mut all = Vec::new();
    for recipient in body.recipients.iter().filter(|r| !directory.knows(r, body.key_day)) {
        all.push(Warning::about(WarningCode::RecipientUnknown, recipient.member.as_str()));
    }
    let routed = route(directory, &body.answers, &body.removed, body.key_day).map(|r| r.recipients).unwrap_or_default();
    let offices: BTreeSet<&str> = body.recipients.iter().filter(|r| !routed.contains(r)).map(|r| r.office.as_str()).collect();
    all.extend(offices.into_iter().map(|office| Warning::about(WarningCode::RecipientNotRouted, office)));
    let missing = routed.iter().filter(|r| !body.recipients.contains(r));
    all.extend(missing.map(|r| Warning::about(WarningCode::RecipientMissing, r.member.as_str())));
    all
}

/// The next number of a kind of reply.
pub(super) fn next_reply(case: &Case, what: ReplyWhat) -> u32 {
    case.replies.iter().filter(|(_, r)| r.place().what == what).map(|(_, r)| r.place().number).max().unwrap_or(0).saturating_add(1)
}
