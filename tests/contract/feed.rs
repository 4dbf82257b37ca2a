//! Batches.

use crate::made::{day, entry, epoch, follow_up, report, reporter, text};
use crate::{House, Maker};
use amparo::caselog::{Batch, ItemKind, item_hash};
use amparo::crypto::Hash32;

const ALL: usize = 1 << 30;

fn assert_chain(batches: &[Batch]) {
    let mut last = (0, Hash32::ZERO);
    for batch in batches {
        assert!(batch.follows(last.0, &last.1), "batch {} follows", batch.number);
        last = (batch.number, batch.head);
    }
}

pub fn the_feed_is_a_chain_and_an_empty_batch_takes_no_number<M: Maker>() {
    let house = House::new::<M>();
    let keys: Vec<_> = (0..3).map(|_| reporter()).collect();
    assert_eq!(house.store.publish(day(0)), Ok(None));
    assert_eq!(house.store.feed(1, ALL).unwrap(), (0, vec![]));
    house.store.put_report(&report(&keys[0], 10), day(0)).unwrap();
    house.store.put_report(&report(&keys[1], 30_000), day(0)).unwrap();
    assert_eq!(house.store.publish(day(0)), Ok(Some(1)));
    assert_eq!(house.store.publish(day(0)), Ok(None));
    house.store.put_report(&report(&keys[2], 10), day(1)).unwrap();
    house.store.put_entry(&entry(keys[0].mailbox_id, 0), day(1)).unwrap();
    assert_eq!(house.store.publish(day(1)), Ok(Some(2)));
    let house = house.again::<M>();
    let (newest, batches) = house.store.feed(1, ALL).unwrap();
    assert_eq!((newest, batches.len(), batches[0].day, batches[1].day), (2, 2, day(0), day(1)));
    assert_chain(&batches);
    let lengths: Vec<usize> = batches[0].items.iter().map(|i| i.bytes.len()).collect();
    assert!(lengths.contains(&1120) && lengths.contains(&(1120 + 16384)));
    assert_eq!(house.store.feed(1, 1).unwrap().1.len(), 1);
    assert_eq!(house.store.feed(2, ALL).unwrap().1, batches[1..]);
    assert_eq!(house.store.feed(3, ALL).unwrap(), (2, vec![]));
    assert_eq!(house.store.feed(u32::MAX, ALL).unwrap(), (2, vec![]));
}

pub fn items_of_a_batch_ascend_and_carry_their_bytes<M: Maker>() {
    let House { store, folder: _folder } = House::new::<M>();
    for keys in (0..5).map(|_| reporter()) {
        let first = report(&keys, 10);
        store.put_report(&first, day(0)).unwrap();
        store.put_reply(&text(&keys, 1), day(0)).unwrap();
        store.put_entry(&entry(keys.mailbox_id, 0), day(0)).unwrap();
        store.put_follow_up(&follow_up(&keys, &first, &first), day(0)).unwrap();
        store.put_epoch(&keys.mailbox_id, &epoch(&keys.mailbox_id, 1), day(0)).unwrap();
    }
    store.publish(day(0)).unwrap();
    let (_, batches) = store.feed(1, ALL).unwrap();
    // The wire form refuses items out of order and hashes that are not their bytes'.
    let page = Batch::write_page(1, &batches);
    assert!(Batch::read_page(&page).unwrap() == (1, batches.clone()));
    let kinds: Vec<_> = batches[0].items.iter().take(5).map(|item| item.kind).collect();
    assert_eq!(kinds, [ItemKind::Report, ItemKind::FollowUp, ItemKind::Entry, ItemKind::Reply, ItemKind::Epoch]);
    assert_eq!(batches[0].items.len(), 25);
}

pub fn a_long_batch_is_divided<M: Maker>() {
    let House { store, folder: _folder } = House::new::<M>();
    let keys = reporter();
    let first = report(&keys, 10);
    store.put_report(&first, day(0)).unwrap();
    let mut last = first.clone();
    for _ in 0..500 {
        last = follow_up(&keys, &first, &last);
        store.put_follow_up(&last, day(0)).unwrap();
    }
    let newest = store.publish(day(0)).unwrap().unwrap();
    let (_, batches) = store.feed(1, ALL).unwrap();
    assert_eq!((batches.len(), newest), (3, 3));
    assert_chain(&batches);
    assert_eq!(batches.iter().map(|b| b.items.len()).sum::<usize>(), 501);
    assert_eq!(store.feed(1, 8 << 20).unwrap().1.len(), 2);
    assert_eq!(store.publish(day(0)), Ok(None));
}

pub fn what_came_while_closed_to_the_feed_is_published_after_opening<M: Maker>() {
    let house = House::new::<M>();
    let keys = reporter();
    let first = report(&keys, 10);
    house.store.put_report(&first, day(0)).unwrap();
    let house = house.again::<M>();
    assert_eq!(house.store.publish(day(4)), Ok(Some(1)));
    let item = &house.store.feed(1, ALL).unwrap().1[0].items[0];
    let bytes = [first.head().to_bytes().as_slice(), first.body()].concat();
    assert!(item.hash == item_hash(ItemKind::Report, &keys.mailbox_id, 0, &bytes) && item.bytes == bytes);
}
