//! Round trips, strangers, forgeries.

use super::*;
use crate::base::{Day, Secret};
use crate::crypto::{self, BoxKey, Deployment, Hash32, MailboxId, SignKey};
use crate::directory::{DirectoryRef, Recipient};
use serde_json::json;

const HERE: Deployment = Deployment([7; 32]);
const CASE: MailboxId = MailboxId([5; 32]);

fn sign_key() -> SignKey {
    SignKey::from_seed(&crypto::random_secret())
}

fn box_key() -> BoxKey {
    BoxKey::from_secret(crypto::random_secret())
}

fn place(number: u32) -> Place {
    Place { mailbox_id: CASE, number, epoch: 0 }
}

fn content(kind: EntryKind, recipients: &[&BoxKey]) -> EntryContent {
    let one = |key: &&BoxKey| Recipient { member: "m-1".parse().unwrap(), office: "o".parse().unwrap(), pk: key.public() };
    let keys = matches!(kind, EntryKind::First | EntryKind::Referral | EntryKind::Epoch);
    EntryContent {
        kind,
        author: "m-1".parse().unwrap(),
        day: Day::from_number(20_781).unwrap(),
        key_day: Day::from_number(20_781).unwrap(),
        directory: DirectoryRef { version: 1, hash: Hash32([1; 32]) },
        previous: Hash32::ZERO,
        feed: FeedMark { number: 0, head: Hash32::ZERO },
        recipients: recipients.iter().map(one).collect(),
        desk_key: keys.then(|| Secret::new([4; 32])),
        former_desk_key: (kind == EntryKind::Epoch).then(|| Secret::new([3; 32])),
        seed: (kind == EntryKind::Referral).then(|| Secret::new([6; 32])),
        vault: (kind == EntryKind::Custodian).then(|| vec![1, 2, 3]),
        work: matches!(kind, EntryKind::Work | EntryKind::Referral).then(|| json!({"type":"note","text":"nota"})),
    }
}

#[test]
fn a_mark_in_the_wrap_that_nobody_needs_is_noticed() {
    let a = box_key();
    let entry = seal_entry(&content(EntryKind::First, &[&a]), place(0), None, &sign_key(), &HERE).unwrap();
    let mut bytes = entry.to_bytes();
    bytes[844] ^= 1;
    assert!(Entry::parse(&bytes).unwrap().open_with_keys(&[&a], &HERE).unwrap().slots_differ);
}

#[test]
fn the_first_entry_gives_the_desk_key_to_its_recipients_and_to_nobody_else() {
    let (a, b, author) = (box_key(), box_key(), sign_key());
    let entry = seal_entry(&content(EntryKind::First, &[&a, &b]), place(0), None, &author, &HERE).unwrap();
    let entry = Entry::parse(&entry.to_bytes()).unwrap();
    for key in [&a, &b] {
        let opened = entry.open_with_keys(&[key], &HERE).unwrap();
        assert_eq!(opened.content.desk_key.as_ref().unwrap().expose(), &[4; 32]);
        assert!(!opened.slots_differ && opened.is_by(&author.public(), &HERE));
        assert!(!opened.is_by(&sign_key().public(), &HERE));
    }
    assert_eq!(entry.open_with_keys(&[&box_key()], &HERE).err(), Some(CaseLogError::CannotOpen));
    assert_eq!(entry.open_with_desk_key(&Secret::new([4; 32]), &HERE).err(), Some(CaseLogError::CannotOpen));
}

#[test]
fn a_referral_opens_for_the_new_member_and_for_the_team() {
    let (new, author, desk_key) = (box_key(), sign_key(), Secret::new([4; 32]));
    let entry = seal_entry(&content(EntryKind::Referral, &[&new]), place(3), Some(&desk_key), &author, &HERE).unwrap();
    assert_eq!(entry.open_with_keys(&[&new], &HERE).unwrap().content.seed.unwrap().expose(), &[6; 32]);
    assert_eq!(entry.open_with_desk_key(&desk_key, &HERE).unwrap().content.kind, EntryKind::Referral);
    assert_eq!(entry.open_with_desk_key(&Secret::new([9; 32]), &HERE).err(), Some(CaseLogError::CannotOpen));
}

#[test]
fn a_work_entry_looks_like_any_other_and_an_entry_moved_to_another_place_does_not_open() {
    let (author, desk_key) = (sign_key(), Secret::new([4; 32]));
    let entry = seal_entry(&content(EntryKind::Work, &[]), place(1), Some(&desk_key), &author, &HERE).unwrap();
    assert_eq!(entry.to_bytes().len(), ENTRY_BYTES);
    let opened = entry.open_with_desk_key(&desk_key, &HERE).unwrap();
    assert!(!opened.slots_differ);
    for (at, what) in [(4, "case"), (39, "number"), (43, "epoch"), (50, "ephemeral"), (80, "slot"), (850, "wrap"), (1000, "content")] {
        let mut bent = entry.to_bytes();
        bent[at] ^= 1;
        let read = Entry::parse(&bent).unwrap().open_with_desk_key(&desk_key, &HERE);
        assert!(read.map_or(true, |opened| opened.slots_differ), "{what}");
    }
    assert_eq!(Entry::parse(&entry.to_bytes()[1..]).err(), Some(CaseLogError::WrongLength));
}

#[test]
fn an_entry_without_what_its_kind_needs_is_refused() {
    let (a, author, key) = (box_key(), sign_key(), Secret::new([4; 32]));
    let mut bare = content(EntryKind::First, &[&a]);
    bare.desk_key = None;
    assert_eq!(seal_entry(&bare, place(0), None, &author, &HERE).err(), Some(CaseLogError::NotCanonical));
    assert_eq!(seal_entry(&content(EntryKind::First, &[&a]), place(0), Some(&key), &author, &HERE).err(), Some(CaseLogError::NotCanonical));
    assert_eq!(seal_entry(&content(EntryKind::Work, &[]), place(1), None, &author, &HERE).err(), Some(CaseLogError::NotCanonical));
    let mut long = content(EntryKind::Work, &[]);
    long.work = Some(json!({"type":"note","text":"a".repeat(5000)}));
    assert_eq!(seal_entry(&long, place(1), Some(&key), &author, &HERE).err(), Some(CaseLogError::TooLarge));
}

struct Case {
    reporter: BoxKey,
    desk_key: DeskKey,
    gate: SignKey,
    case_sign: SignKey,
}

impl Case {
    fn new() -> Self {
        Self { reporter: box_key(), desk_key: crypto::random_secret(), gate: sign_key(), case_sign: sign_key() }
    }

    fn reply(&self, content: &ReplyContent) -> Result<Reply, CaseLogError> {
        let place = ReplyPlace { what: content.what(), mailbox_id: CASE, number: 1, epoch: 0, release: None };
        let public = self.reporter.public();
        let keys = ReplyKeys { reporter_box_pk: &public, desk_key: &self.desk_key, gate: &self.gate, case_sign: &self.case_sign };
        seal_reply(place, content, (0, 1), &keys, &HERE)
    }
}

#[test]
fn a_reply_opens_for_reporter_and_desk_and_is_vouched_for_by_both_keys() {
    let case = Case::new();
    for content in [ReplyContent::Text("¿Puede decir dónde?".into()), ReplyContent::Status(StatusWord::Question)] {
        let reply = Reply::parse(&case.reply(&content).unwrap().to_bytes()).unwrap();
        let opened = reply.open_as_reporter(&case.reporter, &HERE).unwrap();
        assert_eq!(opened.content, content);
        assert_eq!(reply.open_as_desk(&case.desk_key, &HERE).unwrap().content, content);
        assert!(opened.verify(&case.gate.public(), &case.case_sign.public(), &HERE).is_ok());
        // A former member (old gate key) and a member outside the case (other case key) are both refused.
        assert!(opened.verify(&sign_key().public(), &case.case_sign.public(), &HERE).is_err());
        assert!(opened.verify(&case.gate.public(), &sign_key().public(), &HERE).is_err());
        assert!(reply.open_as_reporter(&box_key(), &HERE).is_err());
    }
}

#[test]
fn a_bent_reply_does_not_open() {
    let case = Case::new();
    let bytes = case.reply(&ReplyContent::Text("x".into())).unwrap().to_bytes();
    for at in (0..176).chain((176..4096).step_by(97)) {
        let mut bent = bytes.clone();
        bent[at] ^= 1;
        let read = Reply::parse(&bent).and_then(|reply| reply.open_as_reporter(&case.reporter, &HERE));
        let in_the_desk_wrap = (128..176).contains(&at);
        assert_eq!(read.is_err(), !in_the_desk_wrap, "byte {at}");
    }
}

#[test]
fn a_text_too_long_is_refused_before_sealing() {
    let case = Case::new();
    assert!(case.reply(&ReplyContent::Text("ñ".repeat(TEXT_MAX_BYTES / 2))).is_ok());
    assert_eq!(case.reply(&ReplyContent::Text("a".repeat(4000))).err(), Some(CaseLogError::TooLarge));
}

#[test]
fn epochs_are_walked_key_by_key() {
    let (zero, one, two) = (sign_key(), sign_key(), sign_key());
    let day = Day::from_number(20_000).unwrap();
    let pk = |key: &SignKey| (key.public(), box_key().public());
    let first = EpochRecord::make(&zero, &HERE, &CASE, (1, day), pk(&one));
    let second = EpochRecord::make(&one, &HERE, &CASE, (2, day), pk(&two));
    let records = [EpochRecord::parse(&first.to_bytes()).unwrap(), EpochRecord::parse(&second.to_bytes()).unwrap()];
    let keys = walk_epochs(pk(&zero), &records, &HERE, &CASE).unwrap();
    assert_eq!(keys.len(), 3);
    assert_eq!(keys[2].0, two.public());
    assert_eq!(walk_epochs(pk(&one), &records, &HERE, &CASE), Err(CaseLogError::BadSignature));
    assert_eq!(walk_epochs(pk(&zero), &records[1..], &HERE, &CASE), Err(CaseLogError::WrongChain));
    assert_eq!(walk_epochs(pk(&zero), &records, &HERE, &MailboxId([6; 32])), Err(CaseLogError::BadSignature));
}

proptest::proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..600)) {
        let _ = EpochRecord::parse(&bytes);
        let fit = |n: usize, kind: u8| {
            let mut whole = vec![1, 1, kind, bytes.first().copied().unwrap_or(0) % 3];
            whole.extend_from_slice(&bytes);
            whole.resize(n, 0);
            whole
        };
        let key = Secret::new([1; 32]);
        if let Ok(entry) = Entry::parse(&fit(ENTRY_BYTES, 3)) { let _ = entry.open_with_desk_key(&key, &HERE); }
        if let Ok(reply) = Reply::parse(&fit(REPLY_BYTES, 4)) { let _ = reply.open_as_desk(&key, &HERE); }
    }
}
