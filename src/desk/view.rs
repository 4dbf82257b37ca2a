//! What a member sees: the inbox, and a case with everything that is not as it should be.

use super::DeskError;
use super::attach::{self, AttachmentView};
use super::case::Case;
use super::log::{Log, Reading};
use super::session::Desk;
use super::warning::Warning;
use crate::base::Day;
use crate::caselog::{EntryContent, EntryKind, Reply, ReplyContent, ReplyWhat};
use crate::crypto::MailboxId;
use crate::directory::{Member, Office, Recipient, Texts};
use crate::questions::{Answers, Factor, Lane, ScoreContext, exclusion, score};
use serde::Serialize;
use serde_json::Value;

/// What of a report's text the list shows.
const SUMMARY_CHARS: usize = 120;

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
    /// What was attached; the bytes are fetched one by one.
    pub attachments: Vec<AttachmentView>,
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

    /// The inbox, the most urgent first, then the longest waiting.
    pub fn inbox(&self) -> Vec<InboxRow> {
        let mut rows: Vec<InboxRow> = self.cases.values().filter_map(|case| self.row(case).ok()).collect();
        rows.sort_by(|a, b| (b.lane, b.score, a.day, b.id).cmp(&(a.lane, a.score, b.day, a.id)));
        rows
    }

    fn row(&self, case: &Case) -> Result<InboxRow, DeskError> {
        let reading = self.read(case);
        let warnings = self.warnings(case, &reading)?.len();
        let answers = reading.answers();
        let day = case.report().map(|m| m.day).unwrap_or_default();
        let waiting_days = self.today().since(day);
        let context = ScoreContext { days_unread: if case.read.is_none() { waiting_days } else { 0 }, ..ScoreContext::default() };
        let score = score(&answers, &context);
        Ok(InboxRow {
            id: case.id,
            number: case.last_message(),
            day,
            lane: score.lane,
            unread: case.read.is_none_or(|read| read < case.last_message()),
            score: score.total,
            flags: score.flags,
            waiting_days,
            status: self.status_word(case, &reading.log),
            summary: account(&answers).chars().take(SUMMARY_CHARS).collect(),
            warnings,
        })
    }

    fn status_word(&self, case: &Case, log: &Log) -> String {
        let words = case.replies.iter().filter_map(|(_, reply)| match self.read_reply(case, log, reply)?.content {
            ReplyContent::Status(word) => Some((reply.place().number, word.to_string())),
            ReplyContent::Text(_) => None,
        });
        words.max().map_or_else(|| "received".into(), |(_, word)| word)
    }

    /// A case as it is here; nothing is sent.
    pub(super) fn view(&self, id: &MailboxId) -> Result<CaseView, DeskError> {
        let case = self.cases.get(id).ok_or(DeskError::NoSuchCase)?;
        let reading = self.read(case);
        let answers = reading.answers();
        let score = score(&answers, &ScoreContext::default());
        let recipients = self.recipients(&reading)?;
        Ok(CaseView {
            id: *id,
            messages: self.messages(case, &reading),
            attachments: attach::views(&reading),
            offices: self.offices(&reading, &recipients)?,
            recipients,
            warnings: self.warnings(case, &reading)?,
            lang: reading.report.as_ref().map(|report| report.body.lang.to_string()).unwrap_or_default(),
            day: case.report().map(|m| m.day).unwrap_or_default(),
            lane: score.lane,
            score: score.total,
            factors: score.factors,
            flags: score.flags,
            status: self.status_word(case, &reading.log),
            answers,
        })
    }

    fn messages(&self, case: &Case, reading: &Reading) -> Vec<MessageView> {
        let answers = reading.answers();
        let mut all = Vec::new();
        for (number, message) in &case.messages {
            let (kind, text, order) = match number {
                0 => ("report", account(&answers).to_owned(), 0),
                _ => ("follow_up", reading.follow_ups.get(number).map(|f| f.body.text.clone()).unwrap_or_default(), u32::MAX),
            };
            all.push(MessageView { kind, number: *number, day: message.day, author: String::new(), text, order });
        }
        all.extend(reading.log.contents().filter_map(|(number, content)| work_view(number, content)));
        all.extend(case.replies.iter().filter_map(|(day, reply)| self.reply_view(*day, reply, case, &reading.log)));
        all.sort_by_key(|m| (m.day, m.order));
        all
    }

    /// A reply that nobody vouches for is not shown as one; its warning stands with the case.
    fn reply_view(&self, day: Day, reply: &Reply, case: &Case, log: &Log) -> Option<MessageView> {
        let (kind, text) = match self.read_reply(case, log, reply)?.content {
            ReplyContent::Text(text) => ("reply", text),
            ReplyContent::Status(word) => ("status", word.to_string()),
        };
        let (order, author) = log.record_of(&reply.record_hash()).unwrap_or((u32::MAX, String::new()));
        Some(MessageView { kind, number: reply.place().number, day, author, text, order })
    }

    fn recipients(&self, reading: &Reading) -> Result<Vec<RecipientView>, DeskError> {
        let directory = self.directory()?;
        let view = |r: &Recipient, by: &'static str| RecipientView {
            member: r.member.to_string(),
            office: r.office.to_string(),
            names: directory.member(&r.member).map(|m| m.names.clone()).unwrap_or_default(),
            office_names: directory.office(&r.office).map(|o| o.names.clone()).unwrap_or_default(),
            by,
        };
        let report = reading.report.iter().flat_map(|report| &report.body.recipients);
        let mut all: Vec<RecipientView> = report.map(|r| view(r, "report")).collect();
        for (_, content) in reading.log.contents().filter(|(_, c)| c.kind == EntryKind::Referral) {
            all.extend(content.recipients.iter().map(|r| view(r, "referral")));
        }
        Ok(all)
    }

    fn offices(&self, reading: &Reading, recipients: &[RecipientView]) -> Result<Vec<OfficeView>, DeskError> {
        let directory = self.directory()?;
        let answers = reading.all_answers();
        let view = |office: &Office| {
            let conflict = answers.iter().find_map(|a| exclusion(office, a)).map(|e| e.code());
            let here = |m: &&Member| recipients.iter().any(|r| r.member == m.id.as_str());
            let everyone = directory.intake_members(&office.id).all(|m| here(&m));
            let reason = conflict.or(everyone.then_some("already_there"));
            OfficeView { id: office.id.to_string(), names: office.names.clone(), can_refer: reason.is_none(), reason }
        };
        Ok(directory.content().offices.iter().map(view).collect())
    }
}

fn account(answers: &Answers) -> &str {
    answers.get("account").and_then(Value::as_str).unwrap_or_default()
}

/// Notes and referrals, as messages of the case. Other work is kept and not shown here.
fn work_view(number: u32, content: &EntryContent) -> Option<MessageView> {
    let field = |name: &str| content.work.as_ref()?.get(name)?.as_str();
    let (kind, text) = match field("type")? {
        "note" => ("note", field("text").unwrap_or_default().to_owned()),
        "referral" => ("referral", format!("{}: {}", field("office").unwrap_or_default(), field("why").unwrap_or_default())),
        _ => return None,
    };
    Some(MessageView { kind, number, day: content.day, author: content.author.to_string(), text, order: number })
}

/// The next number of a kind of reply.
pub(super) fn next_reply(case: &Case, what: ReplyWhat) -> u32 {
    case.replies.iter().filter(|(_, r)| r.place().what == what).map(|(_, r)| r.place().number).max().unwrap_or(0).saturating_add(1)
}
