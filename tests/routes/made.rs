//! Sealed things and the requests that carry them.

use crate::world::World;
use amparo::base::{Day, Secret};
use amparo::caselog::{
    CaseRequest, Entry, EntryContent, EntryKind, FeedMark, Place, Reply, ReplyContent, ReplyKeys, ReplyPlace, StatusWord, Verb, seal_entry,
    seal_reply,
};
use amparo::crypto::{Deployment, Hash32, MailboxId, SignKey, random_secret, work};
use amparo::directory::{Directory, DirectoryRef, QuestionnaireRef};
use amparo::envelope::{CaseKeys, FollowUpAddress, FollowUpBody, ReportBody, Sealed, Seen, open_report, seal_follow_up, seal_report};
use amparo::keys::MemberKeys;
use amparo::receipt::{Receipt, ReporterKeys};
use amparo::words::Language;
use serde_json::{Map, Value, json};
use std::sync::{Arc, LazyLock};

/// Letters of an account that make a body of each class.
pub const SMALL: usize = 100;
pub const MEDIUM: usize = 20_000;
pub const LARGE: usize = 100_000;
/// All of a report's request before the envelope.
pub const FRONT: usize = 169;
pub const WORK_BITS: u8 = 6;

static KEYS: LazyLock<Vec<MemberKeys>> = LazyLock::new(|| {
    let one = |id: &str| MemberKeys::generate(id.parse().unwrap(), day(0).minus(40));
    ["one-1", "two-1"].map(one).into()
});

pub fn day(n: u32) -> Day {
    Day::from_number(20_781 + n).unwrap()
}

pub fn members() -> &'static [MemberKeys] {
    &KEYS
}

pub fn stranger() -> SignKey {
    SignKey::from_seed(&random_secret())
}

/// A reporter, her report, and what a member of the case gets out of it.
pub struct Case {
    words: Arc<Receipt>,
    pub reporter: ReporterKeys,
    pub report: Sealed,
    pub keys: CaseKeys,
}

impl Case {
    pub fn id(&self) -> MailboxId {
        self.reporter.mailbox_id
    }

    /// The keys once more, as another device makes them from the words.
    pub fn other_device(&self, here: &Deployment) -> ReporterKeys {
        self.words.keys(here).unwrap()
    }

    /// Another report by the same words.
    pub fn other_report(&self, world: &World) -> Self {
        case_by(Arc::clone(&self.words), &world.deployment(), &world.directory(), SMALL)
    }
}

/// A report to all members of a directory.
pub fn case(here: &Deployment, directory: &Directory, length: usize) -> Case {
    case_by(Arc::new(Receipt::generate(Language::Es)), here, directory, length)
}

fn case_by(words: Arc<Receipt>, here: &Deployment, directory: &Directory, length: usize) -> Case {
    let recipients = directory.content().members.iter().map(|m| directory.recipient(m, day(0)).unwrap()).collect();
    let body = ReportBody {
        format: ReportBody::FORMAT.into(),
        must_understand: vec![],
        lang: Language::Es,
        directory: directory.reference(),
        questionnaire: QuestionnaireRef { version: 1, hash: Hash32::ZERO },
        key_day: day(0),
        answers: Map::from_iter([("account".to_owned(), json!("a".repeat(length)))]),
        recipients,
        removed: vec![],
        attachments: vec![],
        vault: None,
    };
    let reporter = words.keys(here).unwrap();
    let report = seal_report(&reporter, here, &body).unwrap();
    let keys = open_report(&report, &members()[0].box_keys(), here).unwrap().case;
    Case { words, reporter, report, keys }
}

pub fn follow_up(case: &Case, last: &Sealed, text: &str, here: &Deployment) -> Sealed {
    let (report, last) = (case.report.head(), last.head());
    let to = FollowUpAddress { report: &report, last: &last, case_box_pk: report.header().case_box_pk };
    follow_up_to(&case.reporter, &to, text, here)
}

pub fn follow_up_to(reporter: &ReporterKeys, to: &FollowUpAddress<'_>, text: &str, here: &Deployment) -> Sealed {
    let body = FollowUpBody {
        format: FollowUpBody::FORMAT.into(),
        must_understand: vec![],
        lang: Language::Es,
        directory: DirectoryRef { version: 1, hash: Hash32::ZERO },
        key_day: day(0),
        text: text.into(),
        answers: Map::new(),
        attachments: vec![],
        vault: None,
        seen: Seen::default(),
    };
    seal_follow_up(reporter, here, to, &body).unwrap()
}

/// `nonce ‖ work ‖ version ‖ flags ‖ envelope`, worked for.
pub fn request(nonce: [u8; 36], (version, flags): (u32, u8), envelope: &[u8]) -> Vec<u8> {
    let rest = [&version.to_be_bytes()[..], &[flags], envelope].concat();
    worked(nonce, &rest)
}

/// The same over all that follows the work.
pub fn worked(nonce: [u8; 36], rest: &[u8]) -> Vec<u8> {
    let solutions = work::solve(&nonce, &work::subject(rest), WORK_BITS).unwrap();
    [&nonce[..], &solutions.map(u64::to_be_bytes).concat(), rest].concat()
}

pub fn mailbox_request((verb, page): (u8, u16), keys: &ReporterKeys, nonce: [u8; 36], here: &Deployment) -> Vec<u8> {
    let signed = [&[1, verb][..], &page.to_be_bytes(), keys.sign.public().bytes(), &nonce].concat();
    let signature = keys.sign.sign("mailbox request", here, &[&signed]);
    [&signed[..], signature.as_ref()].concat()
}

pub fn entry(case: &Case, (number, epoch): (u32, u32), here: &Deployment) -> Entry {
    entry_of(case.id(), (number, epoch), json!({"type": "note", "text": "x"}), here)
}

pub fn entry_of(mailbox_id: MailboxId, (number, epoch): (u32, u32), work: Value, here: &Deployment) -> Entry {
    let content = EntryContent {
        kind: EntryKind::Work,
        author: members()[0].id().clone(),
        day: day(0),
        key_day: day(0),
        directory: DirectoryRef { version: 1, hash: Hash32::ZERO },
        previous: Hash32::ZERO,
        feed: FeedMark { number: 0, head: Hash32::ZERO },
        recipients: vec![],
        desk_key: None,
        former_desk_key: None,
        seed: None,
        vault: None,
        work: Some(work),
    };
    let place = Place { mailbox_id, number, epoch };
    seal_entry(&content, place, Some(&Secret::new([1; 32])), &members()[0].sign_key(), here).unwrap()
}

/// A text, or a status that is released on a day.
pub fn reply(case: &Case, number: u32, status: Option<Day>, world: &World) -> Reply {
    let content = match status {
        Some(_) => ReplyContent::Status(StatusWord::Team),
        None => ReplyContent::Text("x".into()),
    };
    let place = ReplyPlace { what: content.what(), mailbox_id: case.id(), number, epoch: 0, release: status };
    let (to, gate) = (case.reporter.reply_box.public(), world.gate());
    let keys = ReplyKeys { reporter_box_pk: &to, desk_key: &Secret::new([1; 32]), gate: &gate, case_sign: &case.keys.sign };
    seal_reply(place, &content, (0, 1), &keys, &world.deployment()).unwrap()
}

/// A case request by these two keys.
pub fn asked(about: (Verb, MailboxId, u32), payload: Vec<u8>, keys: (&SignKey, &SignKey), world: &World) -> Vec<u8> {
    CaseRequest::make(about, world.nonce(), payload, keys, &world.deployment()).to_bytes()
}
