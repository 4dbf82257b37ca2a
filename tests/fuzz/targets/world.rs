//! What the targets are read against: one deployment with known keys, one case of each kind.

#[allow(dead_code)]
#[path = "../../directory/world.rs"]
pub mod small;

use amparo::base::{FixedClock, Secret};
use amparo::caselog::{
    DeskKey, Entry, EntryContent, EntryKind, EpochRecord, FeedMark, Place, Reply, ReplyContent, ReplyKeys, ReplyPlace, StatusWord,
    seal_entry, seal_reply,
};
use amparo::client::{compose_report, embedded_questionnaire};
use amparo::crypto::{Deployment, Hash32, MailboxId, NonceMarks, SignKey};
use amparo::directory::{Authority, Directory, Dsse, Recipient};
use amparo::envelope::{CaseKeys, FollowUpAddress, FollowUpBody, Sealed, Seen, seal_follow_up, seal_report};
use amparo::questions::{Answers, Questionnaire};
use amparo::receipt::{Receipt, ReporterKeys};
use amparo::words::Language;
use serde_json::json;
use std::sync::LazyLock;

pub struct World {
    pub authority: Authority,
    pub dsse: Dsse,
    pub directory: Directory,
    pub gate: SignKey,
    pub questionnaire: Questionnaire,
    pub reporter: ReporterKeys,
    pub report: Sealed,
    pub case: CaseKeys,
    pub entries: Vec<Entry>,
    pub replies: Vec<Reply>,
}

pub static WORLD: LazyLock<World> = LazyLock::new(World::new);

pub fn clock() -> FixedClock {
    FixedClock::at(small::day(1))
}

pub fn nonces() -> NonceMarks {
    NonceMarks::new(Secret::new([9; 32]))
}

pub fn desk_key() -> DeskKey {
    Secret::new([4; 32])
}

pub fn answers() -> Answers {
    let answers = json!({"country": "GT", "what": ["m_s", "m_c"], "institution": ["police"], "danger_now": "no", "account": "Relato.",
        "exclude": {"codes": ["local"], "text": ""}, "evidence": ["doc"], "official_rank": ["head"]});
    answers.as_object().unwrap().clone()
}

impl World {
    fn new() -> Self {
        let authority = small::authority(&[1], 1);
        let dsse = small::signed(&authority, &[1]);
        let directory = small::directory(&authority, &dsse);
        let gate = small::gate(&directory);
        let questionnaire = embedded_questionnaire().unwrap();
        let deployment = authority.fingerprint();
        let reporter = Receipt::generate(Language::Es).keys(&deployment).unwrap();
        let body = compose_report(&directory, &questionnaire, &answers(), (Language::Es, small::day(0), &[])).unwrap().0;
        let report = seal_report(&reporter, &deployment, &body).unwrap();
        let seed = amparo::envelope::find_report_seed(report.header(), &[&small::box_key(106), &small::box_key(109)], &deployment);
        let case = CaseKeys::from_seed(&seed.unwrap());
        let mut world = Self { authority, dsse, directory, gate, questionnaire, reporter, report, case, entries: vec![], replies: vec![] };
        world.entries = [EntryKind::First, EntryKind::Referral, EntryKind::Work].map(|kind| world.entry(kind)).to_vec();
        world.replies = [ReplyContent::Text("¿Dónde?".into()), ReplyContent::Status(StatusWord::Team)].map(|c| world.reply(&c)).to_vec();
        world
    }

    pub fn deployment(&self) -> Deployment {
        self.authority.fingerprint()
    }

    pub fn id(&self) -> MailboxId {
        self.reporter.mailbox_id
    }

    pub fn follow_up(&self) -> Sealed {
        let body = FollowUpBody {
            format: FollowUpBody::FORMAT.into(),
            must_understand: vec![],
            lang: Language::Es,
            directory: self.directory.reference(),
            key_day: small::day(1),
            text: "Otra vez.".into(),
            answers: Answers::new(),
            attachments: vec![],
            vault: None,
            seen: Seen::default(),
        };
        let head = self.report.head();
        let to = FollowUpAddress { report: &head, last: &head, case_box_pk: self.report.header().case_box_pk };
        seal_follow_up(&self.reporter, &self.deployment(), &to, &body).unwrap()
    }

    fn entry(&self, kind: EntryKind) -> Entry {
        let brings = kind != EntryKind::Work;
        let recipient = Recipient { member: "m-0".parse().unwrap(), office: "a".parse().unwrap(), pk: small::box_key(100).public() };
        let content = EntryContent {
            kind,
            author: "m-0".parse().unwrap(),
            day: small::day(1),
            key_day: small::day(1),
            directory: self.directory.reference(),
            previous: Hash32::ZERO,
            feed: FeedMark { number: 0, head: Hash32::ZERO },
            recipients: if brings { vec![recipient] } else { vec![] },
            desk_key: brings.then(desk_key),
            former_desk_key: None,
            seed: (kind == EntryKind::Referral).then(|| Secret::new([6; 32])),
            vault: None,
            work: (kind != EntryKind::First).then(|| json!({"type": "note", "text": "x"})),
        };
        let place = Place { mailbox_id: self.id(), number: 0, epoch: 0 };
        let key = desk_key();
        let wrap = (kind != EntryKind::First).then_some(&key);
        seal_entry(&content, place, wrap, &small::sign_key(50), &self.deployment()).unwrap()
    }

    fn reply(&self, content: &ReplyContent) -> Reply {
        let place = ReplyPlace { what: content.what(), mailbox_id: self.id(), number: 1, epoch: 0, release: None };
        let (to, key) = (self.report.header().reporter_box_pk, desk_key());
        let keys = ReplyKeys { reporter_box_pk: &to, desk_key: &key, gate: &self.gate, case_sign: &self.case.sign };
        seal_reply(place, content, (0, 1), &keys, &self.deployment()).unwrap()
    }

    pub fn epochs(&self) -> Vec<EpochRecord> {
        let (one, two) = (small::sign_key(71), small::sign_key(72));
        let make = |former, n, key: &SignKey| {
            EpochRecord::make(
                former,
                &self.deployment(),
                &self.id(),
                (n, small::day(1)),
                (key.public(), small::box_key(n as u8 + 80).public()),
            )
        };
        vec![make(&self.case.sign, 1, &one), make(&one, 2, &two)]
    }
}
