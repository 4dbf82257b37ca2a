//! Round trips, strangers, and every kind of damage.

use super::*;
use crate::base::Day;
use crate::crypto::{self, BoxKey, Deployment, Hash32};
use crate::directory::{DirectoryRef, QuestionnaireRef, Recipient};
use crate::receipt::{Receipt, ReporterKeys};
use crate::words::Language;
use serde_json::{Map, json};

const HERE: Deployment = Deployment([7; 32]);

fn reporter() -> ReporterKeys {
    Receipt::generate(Language::Es).keys(&HERE).unwrap()
}

fn members(n: usize) -> Vec<BoxKey> {
    (0..n).map(|_| BoxKey::from_secret(crypto::random_secret())).collect()
}

fn report_body(members: &[BoxKey], account: &str) -> ReportBody {
    let one = |key: &BoxKey| Recipient { member: "member-1".parse().unwrap(), office: "office".parse().unwrap(), pk: key.public() };
    ReportBody {
        format: ReportBody::FORMAT.into(),
        must_understand: vec![],
        lang: Language::Es,
        directory: DirectoryRef { version: 1, hash: Hash32([1; 32]) },
        questionnaire: QuestionnaireRef { version: 1, hash: Hash32([2; 32]) },
        key_day: Day::from_number(20_781).unwrap(),
        answers: Map::from_iter([("account".to_owned(), json!(account))]),
        recipients: members.iter().map(one).collect(),
        removed: vec![],
        attachments: vec![],
        vault: None,
    }
}

fn follow_up_body(text: &str) -> FollowUpBody {
    FollowUpBody {
        format: FollowUpBody::FORMAT.into(),
        must_understand: vec![],
        lang: Language::Es,
        directory: DirectoryRef { version: 1, hash: Hash32([1; 32]) },
        key_day: Day::from_number(20_781).unwrap(),
        text: text.into(),
        answers: Map::new(),
        attachments: vec![],
        vault: None,
        seen: Seen::default(),
    }
}

fn stranger() -> BoxKey {
    members(1).remove(0)
}

#[test]
fn every_recipient_opens_the_same_report_and_a_stranger_does_not() {
    let (reporter, members) = (reporter(), members(16));
    let body = report_body(&members, "lo que vi");
    let sealed = Sealed::parse(&seal_report(&reporter, &HERE, &body).unwrap().to_bytes()).unwrap();
    for member in &members {
        let opened = open_report(&sealed, &[&stranger(), member], &HERE).unwrap();
        assert_eq!(opened.body, body);
        assert!(!opened.slots_differ);
    }
    assert_eq!(open_report(&sealed, &[&stranger()], &HERE).err(), Some(EnvelopeError::CannotOpen));
    assert_eq!(open_report(&sealed, &[&reporter.reply_box], &HERE).err(), Some(EnvelopeError::CannotOpen));
    assert_eq!(open_report(&sealed, &[&members[0]], &Deployment([8; 32])).err(), Some(EnvelopeError::CannotOpen));
}

#[test]
fn the_length_tells_only_the_class() {
    let (reporter, members) = (reporter(), members(2));
    for (letters, class) in [(0, SizeClass::Small), (15_000, SizeClass::Small), (16_400, SizeClass::Medium), (200_000, SizeClass::Large)] {
        let sealed = seal_report(&reporter, &HERE, &report_body(&members, &"a".repeat(letters))).unwrap();
        assert_eq!(sealed.header().size, class);
        assert_eq!(sealed.to_bytes().len(), 1088 + class.body_bytes());
        assert!(open_report(&sealed, &[&members[1]], &HERE).is_ok());
    }
    let long = report_body(&members, &"a".repeat(300_000));
    assert_eq!(seal_report(&reporter, &HERE, &long).err(), Some(EnvelopeError::TooLarge));
    assert_eq!(seal_report(&reporter, &HERE, &report_body(&self::members(17), "")).err(), Some(EnvelopeError::TooLarge));
    assert_eq!(seal_report(&reporter, &HERE, &report_body(&[], "")).err(), Some(EnvelopeError::TooLarge));
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let (reporter, members) = (reporter(), members(2));
    let bytes = seal_report(&reporter, &HERE, &report_body(&members, "x")).unwrap().to_bytes();
    let front = (0..1088).chain((1088..bytes.len()).step_by(499)).chain([bytes.len() - 1]);
    for at in front {
        let mut bent = bytes.clone();
        bent[at] ^= 1 << (at % 8);
        let read = Sealed::parse(&bent).and_then(|sealed| open_report(&sealed, &[&members[0]], &HERE).map(|_| sealed));
        assert!(read.is_err(), "byte {at}");
        let checked = Sealed::parse(&bent).and_then(|sealed| sealed.verify(&HERE));
        assert!(checked.is_err(), "the server would take byte {at}");
    }
}

#[test]
fn a_truncated_or_lengthened_envelope_is_refused() {
    let bytes = seal_report(&reporter(), &HERE, &report_body(&members(1), "x")).unwrap().to_bytes();
    for n in [0, 1, 3, 1023, 1024, 1087, 1088, bytes.len() - 1] {
        assert_eq!(Sealed::parse(&bytes[..n]).err(), Some(EnvelopeError::WrongLength), "{n}");
    }
    assert_eq!(Sealed::parse(&[bytes.as_slice(), &[0]].concat()).err(), Some(EnvelopeError::WrongLength));
}

#[test]
fn a_follow_up_opens_with_the_case_key_and_its_writer_cannot_read_it_again() {
    let (reporter, members) = (reporter(), members(2));
    let report = seal_report(&reporter, &HERE, &report_body(&members, "x")).unwrap();
    let opened = open_report(&report, &[&members[0]], &HERE).unwrap();
    let head = report.head();
    let to = FollowUpAddress { report: &head, last: &head, case_box_pk: head.header().case_box_pk };
    let body = follow_up_body("algo más");
    let sealed = seal_follow_up(&reporter, &HERE, &to, &body).unwrap();
    assert_eq!(sealed.header().number, 1);
    assert_eq!(sealed.header().previous, head.link());
    let again = open_follow_up(&sealed, &[&opened.case], &HERE).unwrap();
    assert_eq!(again.body, body);
    assert!(!again.slots_differ);
    let hers = CaseKeys { sign: crypto::SignKey::from_seed(&crypto::random_secret()), reply_to: reporter.reply_box };
    assert_eq!(open_follow_up(&sealed, &[&hers], &HERE).err(), Some(EnvelopeError::CannotOpen));
    assert_eq!(open_report(&sealed, &[&members[0]], &HERE).err(), Some(EnvelopeError::UnknownKind));
}

#[test]
fn a_slot_for_someone_unnamed_shows() {
    let (reporter, members) = (reporter(), members(3));
    // The client names two and seals to three, as a changed page would.
    let mut body = report_body(&members, "x");
    let sealed = seal_report(&reporter, &HERE, &body).unwrap();
    let opened = open_report(&sealed, &[&members[0]], &HERE).unwrap();
    body.recipients.pop();
    let named: Vec<_> = body.recipients.iter().map(|r| r.pk).collect();
    let rebuilt = seal::all_slots(&opened.seed, &sealed.header().slot_context(&HERE), &named).unwrap();
    assert!(rebuilt != sealed.header().slots);
}

#[test]
fn a_head_is_enough_to_check_the_seal() {
    let sealed = seal_report(&reporter(), &HERE, &report_body(&members(1), "x")).unwrap();
    let head = Head::parse(&sealed.head().to_bytes()).unwrap();
    assert!(head.verify(&HERE).is_ok());
    assert_eq!(head.verify(&Deployment([9; 32])), Err(EnvelopeError::BadSeal));
    assert_eq!(Sealed::from_head(head.clone(), sealed.body().to_vec()).unwrap(), sealed);
    let mut other = sealed.body().to_vec();
    other[5] ^= 1;
    assert_eq!(Sealed::from_head(head, other).err(), Some(EnvelopeError::BadSeal));
}

#[test]
fn only_custodians_open_a_vault() {
    let custodians = members(2);
    let to = |(n, key): (usize, &BoxKey)| VaultCustodian { id: format!("custodian-{n}"), pk: key.public() };
    let custodian_list = custodians.iter().enumerate().map(to).collect();
    let content =
        VaultContent { format: VaultContent::FORMAT.into(), name: "…".into(), custodians: custodian_list, ..Default::default() };
    let id = reporter().mailbox_id;
    let vault = seal_vault(&HERE, &id, 0, &content).unwrap();
    assert_eq!(vault.len(), VAULT_BYTES);
    assert_eq!(open_vault(&vault, &custodians[1], &HERE, &id, 0).unwrap(), content);
    assert_eq!(open_vault(&vault, &stranger(), &HERE, &id, 0), Err(EnvelopeError::CannotOpen));
    assert_eq!(open_vault(&vault, &custodians[1], &HERE, &id, 1), Err(EnvelopeError::CannotOpen));
    let five = VaultContent { custodians: vec![content.custodians[0].clone(); 5], ..content };
    assert_eq!(seal_vault(&HERE, &id, 0, &five), Err(EnvelopeError::TooLarge));
}

proptest::proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..2000)) {
        let _ = Header::parse(&bytes);
        let _ = Sealed::parse(&bytes);
        let _ = Head::parse(&bytes);
        let mut front = vec![1, 1, 1, 1];
        front.extend_from_slice(&bytes);
        front.resize(HEADER_BYTES, 9);
        let _ = Header::parse(&front);
    }

    #[test]
    fn any_text_comes_back(text in "\\PC{0,2000}") {
        let (reporter, members) = (ReporterKeysForTests::fixed(), members(2));
        let body = report_body(&members, &text);
        let sealed = seal_report(&reporter.0, &HERE, &body).unwrap();
        proptest::prop_assert_eq!(open_report(&sealed, &[&members[1]], &HERE).unwrap().body, body);
    }
}

/// Argon2id once, not once a case.
struct ReporterKeysForTests(ReporterKeys);

impl ReporterKeysForTests {
    fn fixed() -> Self {
        let sign = crypto::SignKey::from_seed(&crate::base::Secret::new([3; 32]));
        let mailbox_id = crate::receipt::mailbox_id(&sign.public());
        Self(ReporterKeys { sign, reply_box: BoxKey::from_secret(crypto::random_secret()), mailbox_id })
    }
}
