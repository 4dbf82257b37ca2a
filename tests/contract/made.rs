//! Sealed things for tests of the store: real ones, so that what is stored is what would be.
#![allow(dead_code)]

use amparo::base::{Day, Secret};
use amparo::caselog::{
    Entry, EntryContent, EntryKind, EpochRecord, FeedMark, Place, Reply, ReplyContent, ReplyKeys, ReplyPlace, seal_entry, seal_reply,
};
use amparo::crypto::{self, BoxKey, Deployment, Hash32, MailboxId, SignKey};
use amparo::directory::{DirectoryRef, QuestionnaireRef, Recipient};
use amparo::envelope::{FollowUpAddress, FollowUpBody, ReportBody, Sealed, Seen, seal_follow_up, seal_report};
use amparo::receipt::{Receipt, ReporterKeys};
use amparo::words::Language;
use serde_json::{Map, json};

pub const HERE: Deployment = Deployment([7; 32]);

pub fn day(n: u32) -> Day {
    Day::from_number(20_781 + n).unwrap()
}

pub fn reporter() -> ReporterKeys {
    Receipt::generate(Language::En).keys(&HERE).unwrap()
}

pub fn report(keys: &ReporterKeys, length: usize) -> Sealed {
    let pk = BoxKey::from_secret(crypto::random_secret()).public();
    let body = ReportBody {
        format: ReportBody::FORMAT.into(),
        must_understand: vec![],
        lang: Language::En,
        directory: DirectoryRef { version: 1, hash: Hash32::ZERO },
        questionnaire: QuestionnaireRef { version: 1, hash: Hash32::ZERO },
        key_day: day(0),
        answers: Map::from_iter([("account".to_owned(), json!("a".repeat(length)))]),
        recipients: vec![Recipient { member: "m".parse().unwrap(), office: "o".parse().unwrap(), pk }],
        removed: vec![],
        attachments: vec![],
        vault: None,
    };
    seal_report(keys, &HERE, &body).unwrap()
}

pub fn follow_up(keys: &ReporterKeys, report: &Sealed, last: &Sealed) -> Sealed {
    let body = FollowUpBody {
        format: FollowUpBody::FORMAT.into(),
        must_understand: vec![],
        lang: Language::En,
        directory: DirectoryRef { version: 1, hash: Hash32::ZERO },
        key_day: day(0),
        text: "more".into(),
        answers: Map::new(),
        attachments: vec![],
        vault: None,
        seen: Seen::default(),
    };
    let (report, last) = (report.head(), last.head());
    let case_box_pk = report.header().case_box_pk;
    seal_follow_up(keys, &HERE, &FollowUpAddress { report: &report, last: &last, case_box_pk }, &body).unwrap()
}

pub fn entry(id: MailboxId, number: u32) -> Entry {
    let content = EntryContent {
        kind: EntryKind::Work,
        author: "m".parse().unwrap(),
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
        work: Some(json!({"type":"note"})),
    };
    let author = SignKey::from_seed(&crypto::random_secret());
    seal_entry(&content, Place { mailbox_id: id, number, epoch: 0 }, Some(&Secret::new([1; 32])), &author, &HERE).unwrap()
}

pub fn reply(keys: &ReporterKeys, content: &ReplyContent, number: u32, release: Option<Day>) -> Reply {
    let sign = SignKey::from_seed(&crypto::random_secret());
    let place = ReplyPlace { what: content.what(), mailbox_id: keys.mailbox_id, number, epoch: 0, release };
    let (desk_key, to) = (Secret::new([1; 32]), keys.reply_box.public());
    let keys = ReplyKeys { reporter_box_pk: &to, desk_key: &desk_key, gate: &sign, case_sign: &sign };
    seal_reply(place, content, (0, 1), &keys, &HERE).unwrap()
}

pub fn epoch(id: &MailboxId, number: u32) -> EpochRecord {
    let (former, next) = (SignKey::from_seed(&crypto::random_secret()), SignKey::from_seed(&crypto::random_secret()));
    let case_box = BoxKey::from_secret(crypto::random_secret());
    EpochRecord::make(&former, &HERE, id, (number, day(0)), (next.public(), case_box.public()))
}

pub fn text(keys: &ReporterKeys, number: u32) -> Reply {
    reply(keys, &ReplyContent::Text("x".into()), number, None)
}
