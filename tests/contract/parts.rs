//! Parts of attachments.

use crate::made::{HERE, day, report, reporter};
use crate::{House, Maker};
use amparo::crypto::{Hash32, blake2b_256, random};
use amparo::envelope::PartHead;
use amparo::receipt::ReporterKeys;
use amparo::store::{Begun, PutPart, Store, StoreError};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use uuid::Uuid;

const BLOB: Uuid = Uuid::from_bytes([5; 16]);
const OTHER: Uuid = Uuid::from_bytes([6; 16]);
const QUOTA: u64 = 1 << 30;
/// The shortest part.
const SMALL: usize = 24 + 65_536 + 17;
const FULL: usize = 8_390_808;

fn bytes(length: usize) -> Vec<u8> {
    let seed: [u8; 16] = random();
    (0..length).map(|i| seed[i % 16] ^ u8::try_from((i >> 4) & 255).unwrap()).collect()
}

fn head(keys: &ReporterKeys, (blob, number, is_last): (Uuid, u32, bool), part: &[u8]) -> PartHead {
    let facts = (u32::try_from(part.len()).unwrap(), Hash32(blake2b_256(&[part])));
    PartHead::sign(&keys.sign, (blob, number, is_last), facts, &HERE)
}

fn put(store: &dyn Store, head: &PartHead, part: &[u8], quota: u64) -> Result<PutPart, StoreError> {
    match store.begin_part(head, quota, day(0))? {
        Begun::Done(put) => Ok(put),
        Begun::Open(mut writer) => {
            part.chunks(50_001).try_for_each(|piece| writer.write(piece))?;
            writer.finish()
        }
    }
}

fn read(store: &dyn Store, head: &PartHead) -> Option<Vec<u8>> {
    let mut found = store.part(&head.mailbox_id(), &head.blob, head.number).unwrap()?;
    assert_eq!(found.head, *head);
    let mut whole = Vec::new();
    while let Some(piece) = found.reader.read().unwrap() {
        whole.extend(piece);
    }
    Some(whole)
}

fn here(store: &dyn Store, keys: &ReporterKeys) -> Option<(Vec<u32>, u64)> {
    store.parts(&keys.mailbox_id, &BLOB).unwrap().map(|here| (here.numbers, here.used))
}

pub fn a_part_is_kept_once_and_another_in_its_place_is_refused<M: Maker>() {
    let house = House::new::<M>();
    let keys = reporter();
    let part = bytes(SMALL);
    let one = head(&keys, (BLOB, 0, true), &part);
    assert_eq!(put(&*house.store, &one, &part, QUOTA), Ok(PutPart::NoMailbox), "the text comes first");
    house.store.put_report(&report(&keys, 10), day(0)).unwrap();
    assert_eq!(here(&*house.store, &keys), Some((vec![], 0)));
    assert_eq!(put(&*house.store, &one, &part, QUOTA), Ok(PutPart::Stored));
    assert_eq!(put(&*house.store, &one, &part, QUOTA), Ok(PutPart::Same));
    let other = bytes(SMALL);
    assert_eq!(put(&*house.store, &head(&keys, (BLOB, 0, true), &other), &other, QUOTA), Ok(PutPart::Taken));
    let house = house.again::<M>();
    assert!(read(&*house.store, &one).unwrap() == part);
    assert_eq!(put(&*house.store, &one, &part, QUOTA), Ok(PutPart::Same));
    assert_eq!(here(&*house.store, &keys), Some((vec![0], u64::try_from(SMALL).unwrap())));
    assert!(house.store.part(&keys.mailbox_id, &BLOB, 1).unwrap().is_none());
    assert!(house.store.part(&keys.mailbox_id, &OTHER, 0).unwrap().is_none());
    assert!(house.store.part(&reporter().mailbox_id, &BLOB, 0).unwrap().is_none());
    assert_eq!(here(&*house.store, &reporter()), None);
}

pub fn full_parts_come_back_and_are_listed<M: Maker>() {
    let house = House::new::<M>();
    let keys = reporter();
    house.store.put_report(&report(&keys, 10), day(0)).unwrap();
    let parts: Vec<_> = [0, 2, 9].map(|n| (n, bytes(FULL))).into_iter().collect();
    for (n, part) in &parts {
        assert_eq!(put(&*house.store, &head(&keys, (BLOB, *n, *n == 9), part), part, QUOTA), Ok(PutPart::Stored));
    }
    let house = house.again::<M>();
    assert_eq!(here(&*house.store, &keys), Some((vec![0, 2, 9], 3 * u64::try_from(FULL).unwrap())));
    for (n, part) in &parts {
        assert!(read(&*house.store, &head(&keys, (BLOB, *n, *n == 9), part)).unwrap() == *part);
    }
}

pub fn of_two_senders_of_one_part_the_first_wins<M: Maker>() {
    let House { store, folder: _folder } = House::new::<M>();
    let keys = reporter();
    store.put_report(&report(&keys, 10), day(0)).unwrap();
    let parts: Vec<_> = (0..8).map(|_| bytes(SMALL)).collect();
    let open = |part: &Vec<u8>| match store.begin_part(&head(&keys, (BLOB, 0, true), part), QUOTA, day(0)).unwrap() {
        Begun::Open(writer) => writer,
        Begun::Done(put) => panic!("{put:?}"),
    };
    // All are under way before any ends.
    let writers: Vec<_> = parts.iter().map(|part| std::sync::Mutex::new(Some(open(part)))).collect();
    let both: Vec<_> = parts.iter().zip(&writers).collect();
    let puts = crate::messages::race(&both, |(part, writer)| {
        let mut writer = writer.lock().unwrap().take().unwrap();
        writer.write(part).unwrap();
        writer.finish().unwrap()
    });
    assert_eq!(puts.iter().filter(|put| **put == PutPart::Stored).count(), 1);
    assert_eq!(puts.iter().filter(|put| **put == PutPart::Taken).count(), 7);
    let winner = puts.iter().position(|put| *put == PutPart::Stored).unwrap();
    assert!(read(&*store, &head(&keys, (BLOB, 0, true), &parts[winner])).unwrap() == parts[winner]);
    assert_eq!(here(&*store, &keys), Some((vec![0], u64::try_from(SMALL).unwrap())));
}

pub fn a_mailbox_holds_no_more_than_its_quota<M: Maker>() {
    let House { store, folder: _folder } = House::new::<M>();
    let keys = reporter();
    store.put_report(&report(&keys, 10), day(0)).unwrap();
    let (first, second) = (bytes(SMALL), bytes(SMALL));
    let (one, two) = (head(&keys, (BLOB, 0, true), &first), head(&keys, (OTHER, 0, true), &second));
    let quota = 2 * u64::try_from(SMALL).unwrap() - 1;
    // Both begin while there is room; the second to end finds none.
    let Begun::Open(mut late) = store.begin_part(&two, quota, day(0)).unwrap() else { panic!() };
    assert_eq!(put(&*store, &one, &first, quota), Ok(PutPart::Stored));
    late.write(&second).unwrap();
    assert_eq!(late.finish(), Ok(PutPart::Full));
    assert_eq!(put(&*store, &two, &second, quota), Ok(PutPart::Full));
    assert_eq!(put(&*store, &two, &second, quota + 1), Ok(PutPart::Stored));
}

pub fn a_destroyed_mailbox_takes_no_part_and_the_desk_keeps_those_there<M: Maker>() {
    let House { store, folder: _folder } = House::new::<M>();
    let keys = reporter();
    store.put_report(&report(&keys, 10), day(0)).unwrap();
    let (first, second) = (bytes(SMALL), bytes(SMALL));
    let (one, two) = (head(&keys, (BLOB, 0, true), &first), head(&keys, (OTHER, 0, true), &second));
    assert_eq!(put(&*store, &one, &first, QUOTA), Ok(PutPart::Stored));
    let Begun::Open(mut late) = store.begin_part(&two, QUOTA, day(0)).unwrap() else { panic!() };
    assert_eq!(store.destroy_mailbox(&keys.mailbox_id, day(0)), Ok(true));
    late.write(&second).unwrap();
    assert_eq!(late.finish(), Ok(PutPart::NoMailbox));
    assert_eq!(here(&*store, &keys), None);
    assert!(read(&*store, &one).unwrap() == first);
}

pub fn a_shredded_case_gives_back_its_parts_and_their_space<M: Maker>() {
    let house = House::new::<M>();
    let (keys, other) = (reporter(), reporter());
    let part = bytes(FULL);
    let (one, kept) = (head(&keys, (BLOB, 0, true), &part), head(&other, (BLOB, 0, true), &part));
    for (keys, head) in [(&keys, &one), (&other, &kept)] {
        house.store.put_report(&report(keys, 10), day(0)).unwrap();
        assert_eq!(put(&*house.store, head, &part, QUOTA), Ok(PutPart::Stored));
    }
    assert!(!house.holds(&part[1000..1040]), "not in the clear at rest");
    let before = used_bytes(house.folder.path());
    let late = head(&keys, (BLOB, 1, true), &part);
    let Begun::Open(mut under_way) = house.store.begin_part(&late, QUOTA, day(0)).unwrap() else { panic!() };
    assert_eq!(house.store.shred_case(&keys.mailbox_id), Ok(true));
    under_way.write(&part).unwrap();
    assert_eq!(under_way.finish(), Ok(PutPart::Gone));
    let after = used_bytes(house.folder.path());
    assert!(after + u64::try_from(FULL).unwrap() <= before + (1 << 20), "{before} {after}");
    let house = house.again::<M>();
    assert!(read(&*house.store, &one).is_none() && here(&*house.store, &keys).is_none());
    assert_eq!(put(&*house.store, &one, &part, QUOTA), Ok(PutPart::Gone));
    assert!(read(&*house.store, &kept).unwrap() == part);
}

/// Bytes on the disk below a folder, as the file system counts them.
pub fn used_bytes(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.map(|path| if path.is_dir() { used_bytes(&path) } else { std::fs::metadata(path).unwrap().blocks() * 512 }).sum()
}

pub fn a_part_that_is_given_up_leaves_nothing<M: Maker>() {
    let house = House::new::<M>();
    let keys = reporter();
    house.store.put_report(&report(&keys, 10), day(0)).unwrap();
    let part = bytes(FULL);
    let one = head(&keys, (BLOB, 0, true), &part);
    let before = used_bytes(house.folder.path());
    let Begun::Open(mut writer) = house.store.begin_part(&one, QUOTA, day(0)).unwrap() else { panic!() };
    writer.write(&part[..5_000_000]).unwrap();
    assert!(used_bytes(house.folder.path()) > before + 4_000_000);
    drop(writer);
    assert!(used_bytes(house.folder.path()) < before + 1_000_000);
    assert_eq!(put(&*house.store, &one, &part, QUOTA), Ok(PutPart::Stored));
}

/// A process that writes parts and says which are acknowledged is killed at any moment: none of these is lost, nothing else is left lying about.
pub fn killed_between_file_and_index_no_acknowledged_part_is_lost<M: Maker>() {
    let rounds = if std::env::var("AMPARO_LONG").is_ok_and(|long| long == "1") { 100 } else { 6 };
    for round in 0..rounds {
        let House { store, folder } = House::new::<M>();
        drop(store);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &format!("{}::child", M::NAME), "--ignored", "--nocapture"])
            .env("AMPARO_CHILD_FOLDER", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap).filter(|line| line.starts_with("part "));
        let mut acknowledged: Vec<_> = lines.by_ref().take(3 + round % 5).collect();
        std::thread::sleep(std::time::Duration::from_micros(u64::try_from(round).unwrap() * 1300 % 20_000));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged.extend(lines);
        let store = M::open(folder.path()).unwrap();
        for line in &acknowledged {
            let head = PartHead::parse(&from_hex(line.strip_prefix("part ").unwrap())).unwrap();
            let whole = read(&*store, &head).unwrap_or_else(|| panic!("lost in round {round}"));
            assert_eq!(blake2b_256(&[&whole]), head.hash.0);
        }
        // At most the one under way when it was killed is there besides.
        drop(store);
        let found = std::fs::read_dir(folder.path().join("parts")).map_or(acknowledged.len(), |files| files.count());
        assert!(found <= acknowledged.len() + 1 && found >= acknowledged.len(), "{found} of {}", acknowledged.len());
    }
}

/// A report with one part.
pub fn one_part(store: &dyn Store) -> PartHead {
    let (keys, part) = (reporter(), bytes(SMALL));
    store.put_report(&report(&keys, 10), day(0)).unwrap();
    let head = head(&keys, (BLOB, 0, true), &part);
    assert_eq!(put(store, &head, &part, QUOTA), Ok(PutPart::Stored));
    head
}

/// A part of a new report.
pub fn try_one(store: &dyn Store) -> Result<PutPart, StoreError> {
    let (keys, part) = (reporter(), bytes(SMALL));
    store.put_report(&report(&keys, 10), day(0)).unwrap();
    put(store, &head(&keys, (BLOB, 0, true), &part), &part, QUOTA)
}

fn from_hex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

/// What the killed process does.
pub fn child<M: Maker>() {
    let Some(folder) = std::env::var_os("AMPARO_CHILD_FOLDER") else { return };
    let store = M::open(Path::new(&folder)).unwrap();
    let keys = reporter();
    store.put_report(&report(&keys, 10), day(0)).unwrap();
    let mut out = std::io::stdout();
    for n in 0..2000_u128 {
        let part = bytes(SMALL);
        let head = head(&keys, (Uuid::from_u128(n), 0, true), &part);
        assert_eq!(put(&*store, &head, &part, QUOTA), Ok(PutPart::Stored));
        let hex: String = head.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        out.write_all(format!("part {hex}\n").as_bytes()).unwrap();
        out.flush().unwrap();
    }
}
