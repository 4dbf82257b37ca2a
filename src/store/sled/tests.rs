//! The store's contract, held against the maker on sled. What must not happen is here too.

use crate::base::{Day, Secret};
use crate::caselog::{
    Entry, EntryContent, EntryKind, FeedMark, ItemKind, Place, Reply, ReplyContent, ReplyKeys, ReplyPlace, StatusWord, seal_entry,
    seal_reply,
};
use crate::crypto::{self, BoxKey, Deployment, Hash32, MailboxId, SignKey};
use crate::directory::{DirectoryRef, QuestionnaireRef, Recipient};
use crate::envelope::{FollowUpAddress, FollowUpBody, ReportBody, Sealed, Seen, seal_follow_up, seal_report};
use crate::receipt::{Receipt, ReporterKeys};
use crate::store::{Put, SledStore, Store, StoreError};
use crate::words::Language;
use serde_json::{Map, json};
use std::sync::Arc;

const HERE: Deployment = Deployment([7; 32]);

fn day(n: u32) -> Day {
    Day::from_number(20_781 + n).unwrap()
}

fn reporter() -> ReporterKeys {
    Receipt::generate(Language::En).keys(&HERE).unwrap()
}

fn report(keys: &ReporterKeys, length: usize) -> Sealed {
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

fn follow_up(keys: &ReporterKeys, report: &Sealed, last: &Sealed) -> Sealed {
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

fn entry(id: MailboxId, number: u32) -> Entry {
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

fn reply(keys: &ReporterKeys, content: &ReplyContent, number: u32, release: Option<Day>) -> Reply {
    let sign = SignKey::from_seed(&crypto::random_secret());
    let place = ReplyPlace { what: content.what(), mailbox_id: keys.mailbox_id, number, epoch: 0, release };
    let (desk_key, to) = (Secret::new([1; 32]), keys.reply_box.public());
    let keys = ReplyKeys { reporter_box_pk: &to, desk_key: &desk_key, gate: &sign, case_sign: &sign };
    seal_reply(place, content, (0, 1), &keys, &HERE).unwrap()
}

fn open(folder: &tempfile::TempDir) -> SledStore {
    SledStore::open(folder.path()).unwrap()
}

#[test]
fn a_report_is_kept_once_and_another_in_its_place_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let keys = reporter();
    let (first, second) = (report(&keys, 10), report(&keys, 20_000));
    {
        let store = open(&folder);
        assert_eq!(store.put_report(&first, day(0)), Ok(Put::Stored));
        assert_eq!(store.put_report(&first, day(0)), Ok(Put::Same));
        assert_eq!(store.put_report(&second, day(0)), Ok(Put::Taken));
    }
    let store = open(&folder);
    assert_eq!(store.put_report(&first, day(9)), Ok(Put::Same));
    assert_eq!(store.body(&keys.mailbox_id, 0).unwrap().unwrap(), first.body());
    assert!(store.body(&keys.mailbox_id, 1).unwrap().is_none());
}

#[test]
fn follow_ups_stand_in_a_chain() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let keys = reporter();
    let first = report(&keys, 10);
    let one = follow_up(&keys, &first, &first);
    assert_eq!(store.put_follow_up(&one, day(0)), Ok(Put::NoMailbox));
    store.put_report(&first, day(0)).unwrap();
    let two = follow_up(&keys, &first, &one);
    assert_eq!(store.put_follow_up(&two, day(0)), Ok(Put::Gap));
    assert_eq!(store.put_follow_up(&one, day(0)), Ok(Put::Stored));
    assert_eq!(store.put_follow_up(&one, day(0)), Ok(Put::Same));
    assert_eq!(store.put_follow_up(&follow_up(&keys, &first, &first), day(0)), Ok(Put::Taken));
    let other = follow_up(&keys, &first, &report(&keys, 5));
    assert_eq!(other.header().number, 1);
    assert_eq!(store.put_follow_up(&two, day(0)), Ok(Put::Stored));
    let foreign = follow_up(&keys, &report(&keys, 3), &two);
    assert_eq!(store.put_follow_up(&foreign, day(0)), Ok(Put::CaseKey));
    let unchained = follow_up(&keys, &first, &follow_up(&keys, &first, &one));
    assert_eq!(store.put_follow_up(&unchained, day(0)), Ok(Put::WrongChain));
    assert_eq!(store.mailbox(&keys.mailbox_id, 0, day(0)).unwrap().unwrap().last.unwrap(), two.head());
}

#[test]
fn of_two_entries_for_one_number_the_first_wins() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(&folder));
    let keys = reporter();
    store.put_report(&report(&keys, 10), day(0)).unwrap();
    let id = keys.mailbox_id;
    let racers: Vec<_> = (0..32).map(|_| (Arc::clone(&store), entry(id, 0))).collect();
    let racers: Vec<_> = racers.into_iter().map(|(s, e)| std::thread::spawn(move || s.put_entry(&e, day(0)).unwrap())).collect();
    let results: Vec<Put> = racers.into_iter().map(|t| t.join().unwrap()).collect();
    assert_eq!(results.iter().filter(|put| **put == Put::Stored).count(), 1);
    assert_eq!(results.iter().filter(|put| **put == Put::Taken).count(), 31);
    assert_eq!(store.put_entry(&entry(id, 2), day(0)), Ok(Put::Gap));
    assert_eq!(store.put_entry(&entry(MailboxId([1; 32]), 0), day(0)), Ok(Put::NoMailbox));
}

#[test]
fn a_status_is_held_back_until_its_day_and_so_is_a_later_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let keys = reporter();
    store.put_report(&report(&keys, 10), day(0)).unwrap();
    let put = |content: &ReplyContent, number, release| store.put_reply(&reply(&keys, content, number, release), day(0)).unwrap();
    assert_eq!(put(&ReplyContent::Status(StatusWord::Read), 1, Some(day(2))), Put::Stored);
    assert_eq!(put(&ReplyContent::Status(StatusWord::Team), 2, None), Put::Stored);
    assert_eq!(put(&ReplyContent::Text("x".into()), 1, None), Put::Stored);
    assert_eq!(put(&ReplyContent::Text("x".into()), 1, None), Put::Taken);
    assert_eq!(put(&ReplyContent::Text("x".into()), 3, None), Put::Gap);
    let seen = |n| store.mailbox(&keys.mailbox_id, 0, day(n)).unwrap().unwrap().replies.len();
    assert_eq!((seen(0), seen(1), seen(2)), (1, 1, 3));
}

#[test]
fn replies_come_in_pages_the_newest_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let keys = reporter();
    store.put_report(&report(&keys, 10), day(0)).unwrap();
    for n in 1..=11 {
        store.put_reply(&reply(&keys, &ReplyContent::Text("x".into()), n, None), day(0)).unwrap();
    }
    let numbers = |page| {
        let view = store.mailbox(&keys.mailbox_id, page, day(0)).unwrap().unwrap();
        assert_eq!(view.total, 11);
        view.replies.iter().map(|r| r.place().number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(0), [11, 10, 9, 8, 7, 6, 5, 4]);
    assert_eq!(numbers(1), [3, 2, 1]);
    assert_eq!(numbers(9), [0_u32; 0]);
}

#[test]
fn the_feed_is_a_chain_and_an_empty_batch_takes_no_number() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let keys: Vec<_> = (0..3).map(|_| reporter()).collect();
    assert_eq!(store.publish(day(0)), Ok(None));
    store.put_report(&report(&keys[0], 10), day(0)).unwrap();
    store.put_report(&report(&keys[1], 30_000), day(0)).unwrap();
    assert_eq!(store.publish(day(0)), Ok(Some(1)));
    assert_eq!(store.publish(day(0)), Ok(None));
    store.put_report(&report(&keys[2], 10), day(1)).unwrap();
    store.put_entry(&entry(keys[0].mailbox_id, 0), day(1)).unwrap();
    assert_eq!(store.publish(day(1)), Ok(Some(2)));
    let (newest, batches) = store.feed(1, 1 << 20).unwrap();
    assert_eq!((newest, batches.len()), (2, 2));
    assert!(batches[0].follows(0, &Hash32::ZERO) && batches[1].follows(1, &batches[0].head));
    let lengths: Vec<usize> = batches[0].items.iter().map(|i| i.bytes.len()).collect();
    assert!(lengths.contains(&1120) && lengths.contains(&(1120 + 16384)));
    assert_eq!(store.feed(1, 1).unwrap().1.len(), 1);
    assert_eq!(store.feed(3, 1 << 20).unwrap().1.len(), 0);
}

/// Whether any file of the folder holds the bytes.
fn is_found(folder: &std::path::Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().filter_map(Result::ok).any(|f| match f.file_type().unwrap().is_dir() {
        true => is_found(&f.path(), needle),
        false => std::fs::read(f.path()).unwrap().windows(needle.len()).any(|w| w == needle),
    })
}

#[test]
fn a_destroyed_mailbox_is_closed_and_the_case_stays_the_desks() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let keys = reporter();
    let first = report(&keys, 10);
    store.put_report(&first, day(0)).unwrap();
    store.put_reply(&reply(&keys, &ReplyContent::Text("x".into()), 1, None), day(0)).unwrap();
    assert_eq!(store.destroy_mailbox(&keys.mailbox_id, day(0)), Ok(true));
    assert_eq!(store.destroy_mailbox(&keys.mailbox_id, day(0)), Ok(false));
    assert!(store.mailbox(&keys.mailbox_id, 0, day(0)).unwrap().is_none());
    assert_eq!(store.put_follow_up(&follow_up(&keys, &first, &first), day(0)), Ok(Put::NoMailbox));
    assert_eq!(store.body(&keys.mailbox_id, 0).unwrap().unwrap(), first.body());
    store.publish(day(0)).unwrap();
    let (_, batches) = store.feed(1, 1 << 20).unwrap();
    assert!(batches[0].items.iter().any(|item| item.kind == ItemKind::Destroyed));
    assert_eq!(store.put_entry(&entry(keys.mailbox_id, 0), day(0)), Ok(Put::Stored));
}

#[test]
fn a_shredded_case_cannot_be_read_again_and_its_place_in_the_feed_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let keys = reporter();
    let first = report(&keys, 10);
    store.put_report(&first, day(0)).unwrap();
    store.publish(day(0)).unwrap();
    let head = store.feed(1, 1 << 20).unwrap().1[0].head;
    // Nothing of the sealed report lies in the clear at rest: all is under the shred key.
    let piece = &first.body()[100..132];
    assert!(!is_found(folder.path(), piece) && !is_found(folder.path(), &first.to_bytes()[1024..1088]));
    assert_eq!(store.shred_case(&keys.mailbox_id), Ok(true));
    assert!(store.body(&keys.mailbox_id, 0).unwrap().is_none());
    assert!(store.case(&keys.mailbox_id).unwrap().is_none());
    assert_eq!(store.put_report(&first, day(0)), Ok(Put::Gone));
    let (_, batches) = store.feed(1, 1 << 20).unwrap();
    assert!(batches[0].items[0].bytes.is_empty() && batches[0].follows(0, &Hash32::ZERO) && batches[0].head == head);
    drop(store);
    let store = open(&folder);
    assert!(store.body(&keys.mailbox_id, 0).unwrap().is_none());
    assert_eq!(store.put_report(&report(&keys, 3), day(0)), Ok(Put::Gone));
}

#[test]
fn directories_notes_and_the_servers_secret_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let secret = {
        let store = open(&folder);
        store.put_directory(1, &[1; 10_000]).unwrap();
        store.put_directory(2, &[2; 5]).unwrap();
        store.put_freshness(&[3; 104]).unwrap();
        *store.server_secret().unwrap().expose()
    };
    let store = open(&folder);
    assert_eq!(store.newest_directory(), Ok(2));
    assert_eq!(store.directory(1).unwrap().unwrap(), [1; 10_000]);
    assert_eq!(store.directory(3).unwrap(), None);
    assert_eq!(store.freshness().unwrap().unwrap(), [3; 104]);
    assert_eq!(store.server_secret().unwrap().expose(), &secret);
}

#[test]
fn a_damaged_or_open_store_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let keys = reporter();
    drop({
        let store = open(&folder);
        store.put_report(&report(&keys, 10), day(0)).unwrap();
        store
    });
    std::fs::write(folder.path().join("shred.tbl"), b"not a table at all").unwrap();
    assert!(matches!(SledStore::open(folder.path()), Err(StoreError::Damaged(_))));
}
