//! Destroying and shredding.

use crate::made::{day, entry, epoch, follow_up, report, reporter, text};
use crate::{House, Maker};
use amparo::caselog::ItemKind;
use amparo::crypto::Hash32;
use amparo::store::Put;
use std::sync::atomic::{AtomicBool, Ordering};

const ALL: usize = 1 << 30;
const REPLIES: u32 = 150;

pub fn a_destroyed_mailbox_is_closed_and_the_case_stays_the_desks<M: Maker>() {
    let house = House::new::<M>();
    let keys = reporter();
    let (first, id) = (report(&keys, 10), keys.mailbox_id);
    let said = text(&keys, 1);
    assert_eq!(house.store.destroy_mailbox(&id, day(0)), Ok(false));
    house.store.put_report(&first, day(0)).unwrap();
    house.store.put_reply(&said, day(0)).unwrap();
    assert_eq!(house.store.destroy_mailbox(&id, day(0)), Ok(true));
    let house = house.again::<M>();
    assert_eq!(house.store.destroy_mailbox(&id, day(0)), Ok(false));
    assert!(house.store.mailbox(&id, 0, day(0)).unwrap().is_none());
    assert_eq!(house.store.put_follow_up(&follow_up(&keys, &first, &first), day(0)), Ok(Put::NoMailbox));
    assert_eq!(house.store.put_reply(&said, day(0)), Ok(Put::Same));
    assert_eq!(house.store.put_reply(&text(&keys, 2), day(0)), Ok(Put::NoMailbox));
    assert_eq!(house.store.put_report(&first, day(0)), Ok(Put::Same));
    assert_eq!(house.store.put_report(&report(&keys, 3), day(0)), Ok(Put::Taken));
    assert_eq!(house.store.body(&id, 0).unwrap().unwrap(), first.body());
    assert!(house.store.case(&id).unwrap().is_some());
    assert_eq!(house.store.put_entry(&entry(id, 0), day(0)), Ok(Put::Stored));
    assert_eq!(house.store.put_epoch(&id, &epoch(&id, 1), day(0)), Ok(Put::Stored));
    house.store.publish(day(0)).unwrap();
    let (_, batches) = house.store.feed(1, ALL).unwrap();
    let shown = batches[0].items.iter().find(|item| item.kind == ItemKind::Destroyed).unwrap();
    assert_eq!((shown.bytes.as_slice(), shown.number), (&[1][..], 0));
    assert_eq!(house.store.shred_case(&id), Ok(true));
}

pub fn a_shredded_case_cannot_be_read_again_and_its_place_in_the_feed_stays<M: Maker>() {
    let house = House::new::<M>();
    let keys = reporter();
    let (first, id) = (report(&keys, 10), keys.mailbox_id);
    house.store.put_report(&first, day(0)).unwrap();
    let (log, said) = (entry(id, 0), text(&keys, 1));
    house.store.put_entry(&log, day(0)).unwrap();
    house.store.put_reply(&said, day(0)).unwrap();
    house.store.publish(day(0)).unwrap();
    let former = house.store.feed(1, ALL).unwrap().1;
    // Nothing of it lies in the clear at rest: header, slots, seal, body, entry, reply.
    let (head, log_bytes, said_bytes) = (first.head().to_bytes(), log.to_bytes(), said.to_bytes());
    for canary in [&first.body()[100..132], &head[72..104], &head[300..348], &head[1060..1092], &log_bytes[100..148], &said_bytes[80..128]]
    {
        assert!(!house.holds(canary));
    }
    assert!(house.holds(id.bytes()));
    assert_eq!(house.store.shred_case(&id), Ok(true));
    assert_eq!(house.store.shred_case(&id), Ok(false));
    let house = house.again::<M>();
    assert!(house.store.body(&id, 0).unwrap().is_none() && house.store.case(&id).unwrap().is_none());
    assert!(house.store.mailbox(&id, 0, day(0)).unwrap().is_none());
    assert_eq!(house.store.destroy_mailbox(&id, day(0)), Ok(false));
    for refused in [
        house.store.put_report(&first, day(0)),
        house.store.put_report(&report(&keys, 3), day(0)),
        house.store.put_follow_up(&follow_up(&keys, &first, &first), day(0)),
        house.store.put_entry(&entry(id, 1), day(0)),
        house.store.put_entry(&log, day(0)),
        house.store.put_reply(&text(&keys, 2), day(0)),
        house.store.put_epoch(&id, &epoch(&id, 1), day(0)),
    ] {
        assert_eq!(refused, Ok(Put::Gone));
    }
    assert_eq!(house.store.publish(day(0)), Ok(None));
    let (_, batches) = house.store.feed(1, ALL).unwrap();
    assert!(batches[0].items.iter().all(|item| item.bytes.is_empty()) && batches[0].items.len() == 3);
    assert!(batches[0].follows(0, &Hash32::ZERO) && batches[0].head == former[0].head);
}

pub fn what_was_shredded_before_it_was_published_is_never_published<M: Maker>() {
    let House { store, folder: _folder } = House::new::<M>();
    let (keys, other) = (reporter(), reporter());
    store.put_report(&report(&keys, 10), day(0)).unwrap();
    store.put_report(&report(&other, 10), day(0)).unwrap();
    store.shred_case(&keys.mailbox_id).unwrap();
    assert_eq!(store.publish(day(0)), Ok(Some(1)));
    let ids: Vec<_> = store.feed(1, ALL).unwrap().1[0].items.iter().map(|item| item.mailbox_id).collect();
    assert_eq!(ids, [other.mailbox_id]);
    store.shred_case(&other.mailbox_id).unwrap();
    assert_eq!(store.publish(day(0)), Ok(None));
}

pub fn only_the_case_named_is_shredded<M: Maker>() {
    let house = House::new::<M>();
    let made: Vec<_> = (0..300).map(|_| reporter()).collect();
    let reports: Vec<_> = made.iter().map(|keys| report(keys, 10)).collect();
    for report in &reports {
        house.store.put_report(report, day(0)).unwrap();
    }
    house.store.shred_case(&made[7].mailbox_id).unwrap();
    house.store.destroy_mailbox(&made[9].mailbox_id, day(0)).unwrap();
    let house = house.again::<M>();
    for (n, report) in reports.iter().enumerate() {
        let id = report.header().mailbox_id;
        let (body, view) = (house.store.body(&id, 0).unwrap(), house.store.mailbox(&id, 0, day(0)).unwrap());
        assert_eq!((body.as_deref() == Some(report.body()), view.is_some()), (n != 7, n != 7 && n != 9), "case {n}");
    }
}

pub fn reading_while_cases_are_shredded_gives_all_or_nothing<M: Maker>() {
    let House { store, folder: _folder } = House::new::<M>();
    // Long enough to read that a case goes in the midst of it.
    let made: Vec<_> = (0..6).map(|_| reporter()).collect();
    for keys in &made {
        store.put_report(&report(keys, 200_000), day(0)).unwrap();
        for n in 1..=REPLIES {
            store.put_reply(&text(keys, n), day(0)).unwrap();
        }
    }
    for keys in &made {
        let is_done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_done.load(Ordering::SeqCst) {
                    let view = store.mailbox(&keys.mailbox_id, 0, day(0)).unwrap();
                    assert!(view.is_none_or(|view| view.total == REPLIES));
                }
            });
            std::thread::sleep(std::time::Duration::from_millis(5));
            assert_eq!(store.shred_case(&keys.mailbox_id), Ok(true));
            is_done.store(true, Ordering::SeqCst);
        });
    }
}
