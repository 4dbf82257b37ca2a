//! What a member does to a case: open, answer, refer, note. Each act is a signed entry of the log.

use super::DeskError;
use super::case::Case;
use super::log::Reading;
use super::session::Desk;
use super::view::{CaseView, next_reply};
use crate::base::{Day, Secret};
use crate::caselog::{
    CaseLogError, Entry, EntryContent, EntryKind, FeedMark, Place, Reply, ReplyContent, ReplyKeys, ReplyPlace, StatusWord, TEXT_MAX_BYTES,
    seal_entry, seal_reply,
};
use crate::client::{CaseSigners, ClientError};
use crate::crypto::{self, Hash32, MailboxId};
use crate::directory::{Member, MemberId, OfficeId, Recipient};
use crate::envelope::{EnvelopeError, OpenedReport};
use crate::questions::{exclusion, is_recused};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// How often a race with a colleague is run again, and the pause before.
const RACE_TRIES: usize = 5;
const RACE_PAUSE: Duration = Duration::from_millis(400);
const RECIPIENTS_MAX: usize = 16;
/// What fits a note beside what every entry says.
const NOTE_MAX_BYTES: usize = 2_800;
/// Beside the names of an office's members less is left.
const WHY_MAX_BYTES: usize = 1_000;

/// An entry to be made: what differs from one to another.
struct Wanted {
    kind: EntryKind,
    recipients: Vec<Recipient>,
    work: Option<Value>,
}

impl Desk {
    fn id_of(&self, id: &str) -> Result<MailboxId, DeskError> {
        Ok(self.case(id)?.id)
    }

    /// Opens a case and marks it read. Whoever opens it first begins its log, for exactly the report's recipients.
    pub fn open_case(&mut self, id: &str) -> Result<CaseView, DeskError> {
        self.locked(|desk| {
            let id = desk.id_of(id)?;
            // A log that cannot be begun now (no line, an expired gate, a report that does not open) does not keep her from reading.
            if let Err(DeskError::StateWrite) = desk.begin_log(&id) {
                return Err(DeskError::StateWrite);
            }
            let view = desk.view(&id)?;
            let case = desk.cases.get_mut(&id).ok_or(DeskError::NoSuchCase)?;
            if case.read != Some(case.last_message()) {
                case.read = Some(case.last_message());
                desk.state.put_case(case)?;
            }
            Ok(view)
        })
    }

    /// Makes the first entry if there is none.
    fn begin_log(&mut self, id: &MailboxId) -> Result<(), DeskError> {
        let case = self.cases.get(id).ok_or(DeskError::NoSuchCase)?;
        if !case.entries.is_empty() {
            return Ok(());
        }
        let recipients = self.report_of(case)?.body.recipients;
        self.append(id, &|_| Ok(Wanted { kind: EntryKind::First, recipients: recipients.clone(), work: None }))
    }

    fn report_of(&self, case: &Case) -> Result<OpenedReport, DeskError> {
        self.read(case).report.ok_or(DeskError::Envelope(EnvelopeError::CannotOpen))
    }

    /// Appends an entry; on a race with a colleague syncs and seals anew.
    fn append(&mut self, id: &MailboxId, wanted: &dyn Fn(&Self) -> Result<Wanted, DeskError>) -> Result<(), DeskError> {
        self.wait();
        for _ in 0..RACE_TRIES {
            let want = wanted(self)?;
            let case = self.cases.get(id).ok_or(DeskError::NoSuchCase)?;
            if want.kind == EntryKind::First && !case.entries.is_empty() {
                return Ok(());
            }
            let entry = self.make_entry(case, want)?;
            let sent = {
                let (epoch, keys) = self.case_keys(case)?;
                let signers = CaseSigners { gate: &self.now()?.gate, case_sign: &keys.sign, epoch };
                self.with_link(|link| link.append_entry(&entry, signers))
            };
            match sent {
                Ok(()) => return self.keep_entry(id, entry),
                Err(DeskError::Client(ClientError::Refused(p))) if p.code == "number_taken" || p.code == "number_gap" => {
                    std::thread::sleep(RACE_PAUSE);
                    self.sync_locked()?;
                }
                Err(error) => return Err(error),
            }
        }
        Err(DeskError::Race)
    }

    fn keep_entry(&mut self, id: &MailboxId, entry: Entry) -> Result<(), DeskError> {
        let case = self.cases.get_mut(id).ok_or(DeskError::NoSuchCase)?;
        case.entries.insert(entry.place().number, entry);
        self.state.put_case(case)
    }

    fn make_entry(&self, case: &Case, want: Wanted) -> Result<Entry, DeskError> {
        let (today, directory) = (self.today(), self.directory()?.reference());
        let log = self.read_log(case);
        let (epoch, _) = self.case_keys(case)?;
        let current = log.desk_keys.get(&epoch);
        let is_first = want.kind == EntryKind::First;
        let desk_key = match want.kind {
            EntryKind::First => Some(crypto::random_secret()),
            EntryKind::Referral => Some(current.ok_or(DeskError::LogNotForMe)?.duplicate()),
            _ => None,
        };
        let content = EntryContent {
            kind: want.kind,
            author: self.line.keys.id().clone(),
            day: today,
            key_day: today,
            directory,
            previous: case.entries.values().next_back().map_or(Hash32::ZERO, Entry::hash),
            feed: FeedMark { number: self.index.position.number, head: self.index.position.head },
            recipients: want.recipients,
            desk_key,
            former_desk_key: None,
            seed: (want.kind == EntryKind::Referral).then(|| case.seed.duplicate()),
            vault: None,
            work: want.work,
        };
        let place = Place { mailbox_id: case.id, number: case.next_entry(), epoch };
        let wrap_key: Option<&Secret<32>> = if is_first { None } else { Some(current.ok_or(DeskError::LogNotForMe)?) };
        seal_entry(&content, place, wrap_key, &self.line.keys.sign_key(), &self.line.pinned).map_err(too_long(WHY_MAX_BYTES))
    }

    /// Answers the reporter: a text, a status, or both. Each is recorded in the log by its author first.
    pub fn reply(&mut self, id: &str, text: Option<&str>, status: Option<StatusWord>) -> Result<(), DeskError> {
        let text = text.map(str::trim_end).filter(|text| !text.is_empty());
        if text.is_none() && status.is_none() {
            return Err(DeskError::Nothing);
        }
        self.locked(|desk| {
            let id = desk.id_of(id)?;
            desk.begin_log(&id)?;
            if let Some(text) = text {
                desk.send(&id, &ReplyContent::Text(text.to_owned()))?;
            }
            status.map_or(Ok(()), |word| desk.send(&id, &ReplyContent::Status(word)))
        })
    }

    fn release_day(&self, content: &ReplyContent) -> Option<Day> {
        match content {
            ReplyContent::Status(word) if !word.goes_at_once() => match self.line.settings.status_delay_days {
                0 => None,
                days => Some(self.today().plus(crypto::uniform(days.saturating_add(1)))),
            },
            _ => None,
        }
    }

    fn send(&mut self, id: &MailboxId, content: &ReplyContent) -> Result<(), DeskError> {
        for _ in 0..RACE_TRIES {
            let case = self.cases.get(id).ok_or(DeskError::NoSuchCase)?;
            let reply = self.make_reply(case, content)?;
            let place = reply.place();
            let what = if matches!(content, ReplyContent::Text(_)) { "text" } else { "status" };
            let work = json!({"type": "reply", "kind": what, "number": place.number, "hash": reply.record_hash()});
            self.append(id, &|_| Ok(Wanted { kind: EntryKind::Work, recipients: Vec::new(), work: Some(work.clone()) }))?;
            let case = self.cases.get(id).ok_or(DeskError::NoSuchCase)?;
            let sent = {
                let (epoch, keys) = self.case_keys(case)?;
                let signers = CaseSigners { gate: &self.now()?.gate, case_sign: &keys.sign, epoch };
                self.with_link(|link| link.append_reply(&reply, signers))
            };
            match sent {
                Ok(()) => {
                    let today = self.today();
                    let case = self.cases.get_mut(id).ok_or(DeskError::NoSuchCase)?;
                    case.file_reply(reply, today);
                    return self.state.put_case(case);
                }
                Err(DeskError::Client(ClientError::Refused(p))) if p.code == "number_taken" || p.code == "number_gap" => {
                    std::thread::sleep(RACE_PAUSE);
                    self.sync_locked()?;
                }
                Err(error) => return Err(error),
            }
        }
        Err(DeskError::Race)
    }

    fn make_reply(&self, case: &Case, content: &ReplyContent) -> Result<Reply, DeskError> {
        let log = self.read_log(case);
        let (epoch, keys) = self.case_keys(case)?;
        let desk_key = log.desk_keys.get(&epoch).ok_or(DeskError::LogNotForMe)?;
        let what = content.what();
        let place = ReplyPlace { what, mailbox_id: case.id, number: next_reply(case, what), epoch, release: self.release_day(content) };
        let reporter_box_pk = case.report().ok_or(DeskError::NoSuchCase)?.head.header().reporter_box_pk;
        let gate = &self.now()?.gate;
        let keys = ReplyKeys { reporter_box_pk: &reporter_box_pk, desk_key, gate, case_sign: &keys.sign };
        let seen = (case.read.unwrap_or(0), self.directory()?.version());
        seal_reply(place, content, seen, &keys, &self.line.pinned).map_err(too_long(TEXT_MAX_BYTES))
    }

    /// Brings in another office: an entry that opens for its intake members, found by them like a report.
    pub fn refer(&mut self, id: &str, office: &str, why: &str) -> Result<(), DeskError> {
        let why = why.trim();
        if why.is_empty() {
            return Err(DeskError::Nothing);
        }
        check_length(why, WHY_MAX_BYTES)?;
        self.locked(|desk| {
            let id = desk.id_of(id)?;
            let office: OfficeId = office.parse().map_err(|_| DeskError::NoSuchOffice)?;
            // Before anything is written: a refused referral leaves no trace.
            desk.referral(&id, &office, why)?;
            desk.begin_log(&id)?;
            desk.append(&id, &|desk| desk.referral(&id, &office, why))
        })
    }

    /// Conflicts of interest are looked at again, with the directory of today and everything the reporter has said: an excluded office gets no key, always.
    fn referral(&self, id: &MailboxId, office: &OfficeId, why: &str) -> Result<Wanted, DeskError> {
        let directory = self.directory()?;
        let case = self.cases.get(id).ok_or(DeskError::NoSuchCase)?;
        let reading = self.read(case);
        let report = reading.report.as_ref().ok_or(DeskError::Envelope(EnvelopeError::CannotOpen))?;
        let answers = reading.all_answers();
        let known = directory.office(office).ok_or(DeskError::NoSuchOffice)?;
        if let Some(reason) = answers.iter().find_map(|answers| exclusion(known, answers)) {
            return Err(DeskError::Excluded(reason));
        }
        let here = who_can_open(report, &reading);
        let absent: Vec<&Member> = directory.intake_members(office).filter(|m| !here.contains(&m.id)).collect();
        if absent.is_empty() {
            return Err(DeskError::AlreadyThere);
        }
        let eligible = absent.into_iter().filter(|m| !answers.iter().any(|answers| is_recused(m, answers)));
        let recipients: Vec<Recipient> = eligible.filter_map(|m| directory.recipient(m, self.today())).collect();
        match recipients.len() {
            0 => Err(DeskError::NobodyThere),
            n if n > RECIPIENTS_MAX => Err(DeskError::TooMany),
            _ => {
                let work = json!({"type": "referral", "office": office, "why": why});
                Ok(Wanted { kind: EntryKind::Referral, recipients, work: Some(work) })
            }
        }
    }

    /// Writes an internal note: colleagues of the case read it, the reporter never does.
    pub fn note(&mut self, id: &str, text: &str) -> Result<(), DeskError> {
        let text = text.trim_end();
        if text.is_empty() {
            return Err(DeskError::Nothing);
        }
        check_length(text, NOTE_MAX_BYTES)?;
        self.locked(|desk| {
            let id = desk.id_of(id)?;
            desk.begin_log(&id)?;
            let work = json!({"type": "note", "text": text});
            desk.append(&id, &|_| Ok(Wanted { kind: EntryKind::Work, recipients: Vec::new(), work: Some(work.clone()) }))
        })
    }
}

fn check_length(text: &str, max: usize) -> Result<(), DeskError> {
    if text.len() > max { Err(DeskError::TooLong(max)) } else { Ok(()) }
}

/// Much escaping in JSON makes a text longer than its bytes.
fn too_long(max: usize) -> impl Fn(CaseLogError) -> DeskError {
    move |error| match error {
        CaseLogError::TooLarge => DeskError::TooLong(max),
        other => other.into(),
    }
}

fn who_can_open(report: &OpenedReport, reading: &Reading) -> BTreeSet<MemberId> {
    let referrals = reading.log.contents().filter(|(_, c)| c.kind == EntryKind::Referral);
    let by_referral = referrals.flat_map(|(_, c)| &c.recipients);
    report.body.recipients.iter().chain(by_referral).map(|r| r.member.clone()).collect()
}
