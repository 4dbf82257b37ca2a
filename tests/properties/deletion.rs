//! Property 8: what was deleted cannot be read again out of anything the service holds.

use crate::place::{COUNTRIES, MEMBERS, answers, place, published, today};
use crate::search::{Found, Needles, files};
use amparo::base::Secret;
use amparo::caselog::ItemKind;
use amparo::client::{FollowUpPlan, ReporterLink, SentAs, compose_follow_up};
use amparo::crypto::{MailboxId, derive, secretbox_open};
use amparo::envelope::seal_report;
use amparo::receipt::Receipt;
use amparo::store::{Put, SledStore, Store};
use amparo::words::Language;
use std::fs;
use std::path::Path;

/// Case key and mailbox key of the nth case, as the table has them (`src/store/shred.rs`).
fn keys_of(data: &Path, slot: usize) -> [[u8; 32]; 2] {
    let table = fs::read(data.join("shred.tbl")).unwrap();
    [16, 48].map(|at| table[128 * (slot + 1) + at..][..32].try_into().unwrap())
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let path = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(file, path).unwrap();
    }
}

/// Values of a case in a copy of the database: place and sealed bytes, of one side (1: the mailbox's).
fn values(database: &Path, id: &MailboxId, side: u8) -> Vec<(Vec<u8>, Vec<u8>)> {
    let prefix = [b"v/", &id.bytes()[..]].concat();
    let all = sled::open(database).unwrap().scan_prefix(prefix).map(Result::unwrap).collect::<Vec<_>>();
    all.into_iter().filter(|(key, _)| key[2 + 32 + 1 + 4] == side).map(|(key, value)| (key.to_vec(), value.to_vec())).collect()
}

fn opens(key: &[u8; 32], (place, sealed): &(Vec<u8>, Vec<u8>)) -> bool {
    let (nonce, sealed) = sealed.split_first_chunk::<24>().unwrap();
    [0, 1].iter().any(|last| secretbox_open(&derive(&Secret::new(*key), "store value", &[&[*last], place]), nonce, sealed).is_some())
}

fn found(needles: &[(&str, &[u8])], folder: &Path) -> Found {
    let mut all = Needles::default();
    needles.iter().for_each(|(name, bytes)| all.bytes(name, bytes));
    all.in_folder(folder)
}

#[test]
fn a_destroyed_mailbox_is_shut_shown_and_its_key_is_nowhere_on_disk() {
    let server = place().serve("destroyed");
    let here = place().at(&server.url);
    let [words, other] = ["hers", "another's"].map(|text| here.report(&answers(COUNTRIES[0], text)));
    let id = Receipt::parse(&words, None).unwrap().keys(&place().deployment).unwrap().mailbox_id;
    let (alfa, hex) = (MEMBERS[0].0, id.to_string());
    published();
    here.desk(alfa, &["reply", &hex, "--text", &here.file("gracias")]);
    let before = tempfile::tempdir().unwrap();
    copy(&server.data, before.path());
    let [[case, mailbox], others] = [0, 1].map(|slot| keys_of(&server.data, slot));
    let kept = values(&before.path().join("sled"), &id, 1);
    assert!(kept.len() >= 2 && kept.iter().all(|value| opens(&mailbox, value)), "head and reply stood under the mailbox's key");
    let feed = here.feed(&id);
    let sealed: Vec<(&str, &[u8])> = feed.iter().map(|item| ("a sealed item", &item.bytes[300..348])).collect();
    assert_eq!(found(&sealed, &server.data), Found::new(), "at rest all is under shred keys");

    here.does(&["status"], &["--destroy"], &words);
    assert_eq!(keys_of(&server.data, 0), [case, [0; 32]]);
    assert_eq!(keys_of(&server.data, 1), others);
    assert_eq!(found(&[("the mailbox's key", &mailbox)], &server.data), Found::new());
    assert!(!found(&[("the case's key", &case)], &server.data).is_empty(), "what is not deleted is found");

    // Shut and shown.
    assert_eq!(here.run(&["status"], &["--json"], &words).code, 1);
    assert_eq!(here.run(&["follow-up"], &["--text", &here.file("más")], &words).code, 1);
    assert_ne!(here.run_desk(alfa, &["reply", &hex, "--text", &here.file("tarde")]).code, 0);
    assert!(here.feed(&id).iter().any(|item| item.kind == ItemKind::Destroyed));
    let seen = here.desk(alfa, &["open", &hex]);
    assert!(seen["answers"]["account"] == "hers" && seen["warnings"].to_string().contains("mailbox_destroyed"), "{seen}");
    assert_eq!(here.status(&other)["status"], "received");

    // What is left: no value of her side; what sled still has of the old ones opens with no key there is.
    let (data, after) = (server.data.clone(), tempfile::tempdir().unwrap());
    drop(server);
    copy(&data, after.path());
    assert!(values(&after.path().join("sled"), &id, 1).is_empty());
    let table = fs::read(data.join("shred.tbl")).unwrap();
    for record in table.chunks(128).skip(1).take(3) {
        let keys: [[u8; 32]; 2] = [16, 48].map(|at| record[at..][..32].try_into().unwrap());
        assert!(!kept.iter().any(|value| keys.iter().any(|key| opens(key, value))));
    }
}

#[test]
fn a_shredded_case_leaves_no_key_and_an_old_database_does_not_bring_it_back() {
    let here = place().at(&place().shared().url);
    let (keys, deployment) = (place().reporter(), place().deployment);
    let sealed = seal_report(&keys, &deployment, &here.body(&answers(COUNTRIES[0], "x"))).unwrap();
    let (folder, old) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let id = keys.mailbox_id;
    let store = SledStore::open(folder.path()).unwrap();
    assert_eq!(store.put_report(&sealed, today()), Ok(Put::Stored));
    store.publish(today()).unwrap();
    assert!(store.body(&id, 0).unwrap().is_some());
    copy(folder.path(), old.path());
    let [case, mailbox] = keys_of(folder.path(), 0);
    let both: [(&str, &[u8]); 2] = [("the case's key", &case), ("the mailbox's key", &mailbox)];
    assert_eq!(found(&both, folder.path()).len(), 2);

    assert_eq!(store.shred_case(&id), Ok(true));
    assert_eq!(found(&both, folder.path()), Found::new());
    assert_eq!((store.body(&id, 0), store.put_report(&sealed, today())), (Ok(None), Ok(Put::Gone)));
    let (_, batches) = store.feed(1, 1 << 20).unwrap();
    assert!(batches[0].items[0].bytes.is_empty() && batches[0].follows(0, &amparo::crypto::Hash32::ZERO), "its hash stays");
    drop(store);

    // A backup of the database beside the table of today.
    fs::copy(folder.path().join("shred.tbl"), old.path().join("shred.tbl")).unwrap();
    fs::remove_file(old.path().join("commit.mark")).unwrap();
    let store = SledStore::open(old.path()).unwrap();
    assert_eq!((store.body(&id, 0), store.put_report(&sealed, today())), (Ok(None), Ok(Put::Gone)));
}

#[test]
fn a_message_to_a_destroyed_mailbox_is_refused_by_name() {
    let here = place().at(&place().shared().url);
    let words = here.report(&answers(COUNTRIES[0], "x"));
    let keys = Receipt::parse(&words, None).unwrap().keys(&place().deployment).unwrap();
    let http = here.http();
    let link = ReporterLink { http: &http, deployment: &place().deployment, keys: &keys };
    let answer = link.read(0).unwrap();
    link.destroy().unwrap();
    let body = compose_follow_up(&here.trusted().directory, "x".into(), Language::Es, today());
    let to =
        amparo::envelope::FollowUpAddress { report: &answer.report, last: &answer.report, case_box_pk: answer.report.header().case_box_pk };
    let late = amparo::envelope::seal_follow_up(&keys, &place().deployment, &to, &body).unwrap();
    let refused = link.send(&late, SentAs { directory_version: 1, danger: false }).unwrap_err();
    assert_eq!(refused.code(), "no_such_mailbox");
    let again = link.follow_up(&FollowUpPlan { body, sent_as: SentAs { directory_version: 1, danger: false } });
    assert_eq!(again.unwrap_err().code(), "no_mailbox");
}
