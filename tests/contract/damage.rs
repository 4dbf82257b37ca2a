//! What is wrong with the files is said in words; nothing is lost in silence. On sled.

use crate::made::{day, report, reporter};
use crate::{House, Maker, Sled};
use amparo::crypto::MailboxId;
use amparo::envelope::Sealed;
use amparo::store::{SledStore, Store, StoreError};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const TABLE_RECORD_BYTES: usize = 128;

/// A store with some cases, closed.
fn closed(cases: usize) -> (tempfile::TempDir, Vec<Sealed>) {
    let House { store, folder } = House::new::<Sled>();
    let reports: Vec<_> = (0..cases).map(|_| report(&reporter(), 10)).collect();
    for report in &reports {
        store.put_report(report, day(0)).unwrap();
    }
    (folder, reports)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for path in fs::read_dir(from).unwrap().map(|file| file.unwrap().path()) {
        let new = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &new) } else { fs::copy(&path, new).map(|_| ()).unwrap() }
    }
}

fn is_damaged(folder: &Path, word: &str) -> bool {
    matches!(SledStore::open(folder), Err(StoreError::Damaged(text)) if text.contains(word))
}

#[test]
fn another_file_in_the_tables_place_is_refused() {
    let (folder, _) = closed(1);
    fs::write(folder.path().join("shred.tbl"), b"not a table at all").unwrap();
    assert!(is_damaged(folder.path(), "not a table"));
}

#[test]
fn a_missing_table_is_not_made_anew() {
    let (folder, _) = closed(1);
    fs::remove_file(folder.path().join("shred.tbl")).unwrap();
    assert!(is_damaged(folder.path(), "shred.tbl is missing"));
    assert!(!folder.path().join("shred.tbl").exists());
}

#[test]
fn a_missing_database_is_not_taken_for_a_new_store() {
    let (folder, _) = closed(1);
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    assert!(is_damaged(folder.path(), "the database is not"));
    fs::create_dir(folder.path().join("sled")).unwrap();
    fs::write(folder.path().join("sled/db"), b"").unwrap();
    assert!(is_damaged(folder.path(), "empty"));
}

#[test]
fn a_table_of_another_store_is_refused() {
    let ((one, _), (other, _)) = (closed(1), closed(1));
    fs::copy(other.path().join("shred.tbl"), one.path().join("shred.tbl")).unwrap();
    assert!(is_damaged(one.path(), "another database"));
}

#[test]
fn a_table_cut_short_is_refused() {
    let (folder, _) = closed(3);
    let file = fs::OpenOptions::new().write(true).open(folder.path().join("shred.tbl")).unwrap();
    file.set_len(3 * 128).unwrap();
    assert!(is_damaged(folder.path(), "older than the database"));
}

#[test]
fn a_torn_key_is_an_error_and_the_other_cases_go_on() {
    let (folder, reports) = closed(3);
    let path = folder.path().join("shred.tbl");
    let mut table = fs::read(&path).unwrap();
    table[2 * TABLE_RECORD_BYTES + 20] ^= 1;
    fs::write(&path, table).unwrap();
    let store = SledStore::open(folder.path()).unwrap();
    let read = |n: usize| store.body(&reports[n].header().mailbox_id, 0);
    assert!(matches!(read(1), Err(StoreError::Damaged(text)) if text.contains("torn")));
    assert!(read(0).unwrap().is_some() && read(2).unwrap().is_some());
}

#[test]
fn a_database_older_than_what_was_acknowledged_is_refused_until_that_is_meant() {
    let (folder, reports) = closed(2);
    let backup = tempfile::tempdir().unwrap();
    copy(&folder.path().join("sled"), backup.path());
    let shredded = reports[0].header().mailbox_id;
    let late = report(&reporter(), 10);
    {
        let store = SledStore::open(folder.path()).unwrap();
        store.put_report(&late, day(0)).unwrap();
        store.shred_case(&shredded).unwrap();
    }
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    copy(backup.path(), &folder.path().join("sled"));
    assert!(is_damaged(folder.path(), "lost writes"));
    fs::remove_file(folder.path().join("commit.mark")).unwrap();
    let store = SledStore::open(folder.path()).unwrap();
    // The backup holds the case; its key is gone, and so it stays.
    assert!(store.body(&shredded, 0).unwrap().is_none() && store.case(&shredded).unwrap().is_none());
    assert!(store.body(&reports[1].header().mailbox_id, 0).unwrap().is_some());
}

#[test]
fn keys_that_come_back_from_a_backup_are_shredded_again() {
    let (folder, reports) = closed(2);
    let table = folder.path().join("shred.tbl");
    let backup = fs::read(&table).unwrap();
    let ids: Vec<MailboxId> = reports.iter().map(|report| report.header().mailbox_id).collect();
    {
        let store = SledStore::open(folder.path()).unwrap();
        store.shred_case(&ids[0]).unwrap();
        store.destroy_mailbox(&ids[1], day(0)).unwrap();
    }
    let shredded = fs::read(&table).unwrap();
    assert!(shredded != backup);
    fs::write(&table, &backup).unwrap();
    let store = SledStore::open(folder.path()).unwrap();
    assert!(fs::read(&table).unwrap() == shredded);
    assert!(store.case(&ids[0]).unwrap().is_none() && store.mailbox(&ids[1], 0, day(0)).unwrap().is_none());
}

#[test]
fn no_key_of_a_shredded_case_is_found_in_any_file() {
    let (folder, reports) = closed(2);
    let table = fs::read(folder.path().join("shred.tbl")).unwrap();
    let keys = |slot: usize| {
        let record = &table[(slot + 1) * TABLE_RECORD_BYTES..];
        [record[16..48].to_vec(), record[48..80].to_vec()]
    };
    let found = |key: &Vec<u8>| crate::holds(folder.path(), key);
    assert!(keys(0).iter().chain(&keys(1)).all(found));
    SledStore::open(folder.path()).unwrap().shred_case(&reports[0].header().mailbox_id).unwrap();
    assert!(!keys(0).iter().any(found) && keys(1).iter().all(found));
}

#[test]
fn a_changed_byte_is_an_error_or_does_no_harm_but_never_another_answer() {
    let (folder, reports) = closed(6);
    let length = fs::metadata(folder.path().join("sled/db")).unwrap().len();
    let whole = tempfile::tempdir().unwrap();
    copy(folder.path(), whole.path());
    assert_eq!(outcome(whole.path(), &reports), "no harm");
    let mut outcomes = BTreeMap::new();
    for n in 0..60 {
        let bent = tempfile::tempdir().unwrap();
        copy(folder.path(), bent.path());
        let path = bent.path().join("sled/db");
        let mut bytes = fs::read(&path).unwrap();
        let at = usize::try_from(length * n / 60).unwrap() + 17;
        bytes[at] ^= 0x55;
        fs::write(&path, bytes).unwrap();
        *outcomes.entry(outcome(bent.path(), &reports)).or_insert(0) += 1;
    }
    assert!(outcomes.contains_key("refused or damaged") && !outcomes.contains_key("lost"), "{outcomes:?}");
}

fn outcome(folder: &Path, reports: &[Sealed]) -> &'static str {
    let Ok(store) = Sled::open(folder) else { return "refused or damaged" };
    let read = |report: &Sealed| store.body(&report.header().mailbox_id, 0);
    let bodies: Vec<_> = reports.iter().map(|report| (report, read(report))).collect();
    if bodies.iter().any(|(report, body)| matches!(body, Ok(body) if body.as_deref() != Some(report.body()))) {
        return "lost";
    }
    if bodies.iter().all(|(_, body)| body.is_ok()) { "no harm" } else { "refused or damaged" }
}

#[test]
fn a_store_that_is_open_is_not_opened_twice() {
    let House { store: _store, folder } = House::new::<Sled>();
    assert_eq!(SledStore::open(folder.path()).err(), Some(StoreError::InUse));
}

#[test]
fn only_the_owner_may_look_and_file_times_say_the_day() {
    let House { store, folder } = House::new::<Sled>();
    store.put_report(&report(&reporter(), 10), day(0)).unwrap();
    store.publish(day(0)).unwrap();
    assert_eq!(fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o700);
    let midnight = std::time::UNIX_EPOCH + std::time::Duration::from_secs(day(0).midnight_unix_seconds());
    for name in ["shred.tbl", "commit.mark", "sled/db", "sled/conf", "sled", ""] {
        assert_eq!(fs::metadata(folder.path().join(name)).unwrap().modified().unwrap(), midnight, "{name}");
    }
}

#[test]
fn when_the_disk_runs_low_only_removal_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let first = report(&reporter(), 10);
    SledStore::open(folder.path()).unwrap().put_report(&first, day(0)).unwrap();
    let store = SledStore::open_with_reserve(folder.path(), u64::MAX).unwrap();
    assert_eq!(store.put_report(&report(&reporter(), 10), day(0)), Err(StoreError::Full));
    assert!(store.body(&first.header().mailbox_id, 0).unwrap().is_some());
    assert_eq!(store.shred_case(&first.header().mailbox_id), Ok(true));
    assert_eq!(store.publish(day(0)), Ok(None));
    // Refusing is no failure: with room again it goes on.
    drop(store);
    assert!(SledStore::open(folder.path()).unwrap().put_report(&report(&reporter(), 10), day(0)).is_ok());
}

#[test]
fn publishing_nothing_is_no_commit() {
    let House { folder, store } = House::new::<crate::Sled>();
    store.put_report(&report(&reporter(), 10), day(0)).unwrap();
    store.publish(day(0)).unwrap();
    let mark = || std::fs::read(folder.path().join("commit.mark")).unwrap();
    let before = mark();
    (0..5).for_each(|_| assert_eq!(store.publish(day(0)), Ok(None)));
    assert_eq!(mark(), before);
    store.put_report(&report(&reporter(), 10), day(0)).unwrap();
    assert_ne!(mark(), before, "a write does move the mark");
}

fn with_a_part() -> (tempfile::TempDir, amparo::envelope::PartHead) {
    let House { store, folder } = House::new::<Sled>();
    let head = crate::parts::one_part(&*store);
    drop(store);
    (folder, head)
}

fn content_file(folder: &Path) -> std::path::PathBuf {
    let mut files: Vec<_> = fs::read_dir(folder.join("parts")).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    files.remove(0)
}

#[test]
fn a_missing_content_file_is_refused_and_one_that_no_index_names_is_removed() {
    let (folder, head) = with_a_part();
    let file = content_file(folder.path());
    let (orphan, half) = (file.with_file_name("00112233445566778899aabbccddeeff"), file.with_extension("new"));
    fs::copy(&file, &orphan).unwrap();
    fs::write(&half, b"half").unwrap();
    let store = SledStore::open(folder.path()).unwrap();
    assert!(!orphan.exists() && !half.exists() && file.exists());
    assert!(store.part(&head.mailbox_id(), &head.blob, 0).unwrap().is_some());
    drop(store);
    fs::rename(&file, folder.path().join("elsewhere")).unwrap();
    assert!(is_damaged(folder.path(), "content file of an attachment is missing"));
    fs::rename(folder.path().join("elsewhere"), &file).unwrap();
    assert!(SledStore::open(folder.path()).is_ok());
}

#[test]
fn a_changed_or_cut_content_file_is_an_error_and_never_other_bytes() {
    let (folder, head) = with_a_part();
    let file = content_file(folder.path());
    let whole = fs::read(&file).unwrap();
    let store = SledStore::open(folder.path()).unwrap();
    let read = || -> Result<(), StoreError> {
        let mut part = store.part(&head.mailbox_id(), &head.blob, 0)?.unwrap();
        while part.reader.read()?.is_some() {}
        Ok(())
    };
    assert!(read().is_ok());
    for at in [0, 23, 24, 5000, whole.len() - 1] {
        let mut bent = whole.clone();
        bent[at] ^= 1;
        fs::write(&file, bent).unwrap();
        assert!(matches!(read(), Err(StoreError::Damaged(_))), "{at}");
    }
    fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    assert!(matches!(read(), Err(StoreError::Damaged(_))));
}

#[test]
fn when_the_disk_runs_low_attachments_are_refused_before_anything_else() {
    let (folder, _) = with_a_part();
    let free = fs2_free(folder.path());
    let store = SledStore::open_with_reserve(folder.path(), free * 2 / 7).unwrap();
    // Three times the reserve is free and four times is not.
    assert_eq!(crate::parts::try_one(&store), Err(StoreError::Full));
    let large = report(&reporter(), 200_000);
    assert_eq!(store.put_report(&large, day(0)), Ok(amparo::store::Put::Stored));
}

fn fs2_free(folder: &Path) -> u64 {
    let out = std::process::Command::new("df").args(["--output=avail", "-B1"]).arg(folder).output().unwrap();
    String::from_utf8(out.stdout).unwrap().lines().nth(1).unwrap().trim().parse().unwrap()
}
