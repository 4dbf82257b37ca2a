//! Of every format: what is written is read again; cut anywhere or bent in any byte it is refused with a code, and nothing panics.

use super::entry::{CASE, HERE, desk_key};
use super::world;
use amparo::base::{Day, Secret};
use amparo::caselog::*;
use amparo::crypto::{Hash32, MailboxId, SignKey};
use amparo::directory::{DirectoryRef, FreshnessNote, Recipient};
use amparo::keys::{MemberKeys, Passphrase};
use proptest::prelude::*;
use serde_json::json;

/// Refused at every shorter length; with any bit of any byte changed refused, or not `same`.
fn holds(bytes: &[u8], read: impl Fn(&[u8]) -> Result<(), &'static str>, may_pass: impl Fn(usize) -> bool, bit: u8) {
    read(bytes).unwrap();
    for at in 0..bytes.len() {
        assert!(read(&bytes[..at]).is_err_and(|code| !code.is_empty()), "cut at {at}");
        let mut bent = bytes.to_vec();
        bent[at] ^= 1 << (bit % 8);
        assert_eq!(read(&bent).is_ok(), may_pass(at), "byte {at}");
    }
    assert!(read(&[bytes, &[0]].concat()).is_err());
}

fn entry(kind: EntryKind, text: &str, number: u32) -> Entry {
    let brings = matches!(kind, EntryKind::First | EntryKind::Referral);
    let to = Recipient { member: "m-0".parse().unwrap(), office: "a".parse().unwrap(), pk: world::box_key(100).public() };
    let content = EntryContent {
        kind,
        author: "m-0".parse().unwrap(),
        day: world::day(1),
        key_day: world::day(1),
        directory: DirectoryRef { version: 1, hash: Hash32([1; 32]) },
        previous: Hash32([2; 32]),
        feed: FeedMark { number: 3, head: Hash32([3; 32]) },
        recipients: if brings { vec![to] } else { vec![] },
        desk_key: brings.then(desk_key),
        former_desk_key: None,
        seed: (kind == EntryKind::Referral).then(|| Secret::new([6; 32])),
        vault: None,
        work: (kind != EntryKind::First).then(|| json!({"type": "note", "text": text})),
    };
    let (key, is_first) = (desk_key(), kind == EntryKind::First);
    seal_entry(&content, Place { mailbox_id: CASE, number, epoch: 0 }, (!is_first).then_some(&key), &world::sign_key(50), &HERE).unwrap()
}

fn reply(content: &ReplyContent, number: u32, release: Option<Day>) -> Reply {
    let place = ReplyPlace { what: content.what(), mailbox_id: CASE, number, epoch: 0, release };
    let (to, key, gate, case) = (world::box_key(90).public(), desk_key(), world::sign_key(61), world::sign_key(62));
    seal_reply(place, content, (1, 2), &ReplyKeys { reporter_box_pk: &to, desk_key: &key, gate: &gate, case_sign: &case }, &HERE).unwrap()
}

fn key(n: u8) -> SignKey {
    world::sign_key(n)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2))]

    #[test]
    fn entries(text in ".{0,200}", number in 0..u32::MAX, bit in 0..8_u8) {
        for kind in [EntryKind::First, EntryKind::Work] {
            let entry = entry(kind, &text, if kind == EntryKind::First { 0 } else { number });
            prop_assert_eq!(&Entry::parse(&entry.to_bytes()).unwrap(), &entry);
            let read = |bytes: &[u8]| {
                let entry = Entry::parse(bytes).map_err(|e| e.code())?;
                let own = world::box_key(100);
                let opened = if kind == EntryKind::First { entry.open_with_keys(&[&own], &HERE) } else { entry.open_with_desk_key(&desk_key(), &HERE) };
                let opened = opened.map_err(|e| e.code())?;
                if opened.slots_differ { return Err("slots_differ"); }
                if opened.is_by(&key(50).public(), &HERE) { Ok(()) } else { Err("author_signature") }
            };
holds(&entry.to_bytes(), read, |_| false, bit);
        }
    }

    #[test]
    fn replies(text in ".{0,200}", number in 1..u32::MAX, bit in 0..8_u8) {
        for (content, release) in [(ReplyContent::Text(text.clone()), None), (ReplyContent::Status(StatusWord::Ended), Some(world::day(3)))] {
            let reply = reply(&content, number, release);
            prop_assert_eq!(&Reply::parse(&reply.to_bytes()).unwrap(), &reply);
            prop_assert_eq!(reply.open_as_desk(&desk_key(), &HERE).unwrap().content, content);
            let read = |bytes: &[u8]| {
                let opened = Reply::parse(bytes).and_then(|reply| reply.open_as_desk(&desk_key(), &HERE)).map_err(|e| e.code())?;
                opened.verify(&key(61).public(), &key(62).public(), &HERE).map_err(|e| e.code())
            };
            // The desk does not read the reporter's slot.
            holds(&reply.to_bytes(), read, |at| (80..128).contains(&at), bit);
        }
    }

    #[test]
    fn pages_of_the_feed(numbers in prop::collection::btree_set((0..4_u8, 1..8_u8, any::<u32>()), 1..12), bit in 0..8_u8) {
        let item = |(case, kind, number): &(u8, u8, u32)| FeedItem::new(ItemKind::read(*kind).unwrap(), MailboxId([*case; 32]), *number, vec![*kind; 9]);
        let one = Batch::make(&Hash32::ZERO, 1, world::day(1), numbers.iter().map(item).collect());
        let two = Batch::make(&one.head, 2, world::day(2), numbers.iter().rev().map(item).collect());
        let page = Batch::write_page(2, &[one.clone(), two.clone()]);
        prop_assert_eq!(Batch::read_page(&page).unwrap(), (2, vec![one.clone(), two.clone()]));
        let read = |bytes: &[u8]| {
            let (newest, batches) = Batch::read_page(bytes).map_err(|e| e.code())?;
            let [a, b] = batches.as_slice() else { return Err("feed_broken") };
            if newest == 2 && a.follows(0, &Hash32::ZERO) && b.follows(1, &a.head) { Ok(()) } else { Err("feed_broken") }
        };
        holds(&page, read, |_| false, bit);
    }

    #[test]
    fn epoch_records(epoch in any::<u8>(), bit in 0..8_u8) {
        let keys = (key(11).public(), world::box_key(11).public());
        let record = EpochRecord::make(&key(10), &HERE, &CASE, (u32::from(epoch) + 1, world::day(1)), keys);
        prop_assert_eq!(&EpochRecord::parse(&record.to_bytes()).unwrap(), &record);
        let read = |bytes: &[u8]| {
            let record = EpochRecord::parse(bytes).map_err(|e| e.code())?;
            record.follows(u32::from(epoch), &key(10).public(), &HERE, &CASE).map_err(|e| e.code())
        };
        holds(&record.to_bytes(), read, |_| false, bit);
    }

    #[test]
    fn case_requests(payload in prop::collection::vec(any::<u8>(), 0..100), epoch in any::<u32>(), bit in 0..8_u8) {
        let (gate, case) = (key(61), key(62));
        let request = CaseRequest::make((Verb::Reply, CASE, epoch), [3; 36], payload.clone(), (&gate, &case), &HERE);
        let back = CaseRequest::parse(&request.to_bytes()).unwrap();
        prop_assert_eq!((back.epoch, &back.payload, back.to_bytes()), (epoch, &payload, request.to_bytes()));
        let read = |bytes: &[u8]| {
            let request = CaseRequest::parse(bytes).map_err(|e| e.code())?;
            request.verify(&gate.public(), &case.public(), &HERE).map_err(|e| e.code())
        };
        holds(&request.to_bytes(), read, |_| false, bit);
    }

    #[test]
    fn freshness_notes(day in 0..20_u32, bit in 0..8_u8) {
        let one = world::authority(&[1], 1);
        let directory = world::directory(&one, &world::signed(&one, &[1]));
        let note = FreshnessNote::make(&directory, world::day(day), &world::gate(&directory), &one.fingerprint());
        prop_assert_eq!(&FreshnessNote::parse(&note.to_bytes()).unwrap(), &note);
        let read = |bytes: &[u8]| {
            let note = FreshnessNote::parse(bytes).map_err(|e| e.code())?;
            note.verify(&directory, &one.fingerprint(), world::day(day)).map_err(|e| e.code())
        };
        holds(&note.to_bytes(), read, |_| false, bit);
    }
}

#[test]
fn key_files_come_back_and_damaged_ones_do_not_open() {
    let (keys, passphrase) = (MemberKeys::generate("m-1".parse().unwrap(), world::day(0)), Passphrase::new("tres palabras".into()));
    let file = keys.seal(&passphrase).unwrap();
    assert_eq!(MemberKeys::open(&file, &passphrase).unwrap().public_part(), keys.public_part());
    for at in 0..file.len() {
        assert!(MemberKeys::open(&file[..at], &passphrase).is_err_and(|e| !e.code().is_empty()), "cut at {at}");
    }
    // Each byte costs Argon2id once: some of the sealed part, by a stride that is no divisor of its length.
    let text = String::from_utf8(file.clone()).unwrap();
    let sealed = text.find("\"sealed\"").unwrap() + 11;
    for at in (sealed..text.rfind('"').unwrap()).step_by(601) {
        let mut bent = file.clone();
        bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
        assert!(MemberKeys::open(&bent, &passphrase).is_err(), "byte {at}");
    }
}
