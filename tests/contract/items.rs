//! Entries, epochs, replies, and the single values.

use crate::made::{day, entry, epoch, follow_up, reply, report, reporter, text};
use crate::messages::race;
use crate::{House, Maker};
use amparo::caselog::{ReplyContent, StatusWord};
use amparo::crypto::MailboxId;
use amparo::store::Put;

pub fn of_two_entries_for_one_number_the_first_wins<M: Maker>() {
    let House { store, folder: _folder } = House::new::<M>();
    let keys = reporter();
    store.put_report(&report(&keys, 10), day(0)).unwrap();
    let id = keys.mailbox_id;
    let entries: Vec<_> = (0..32).map(|_| entry(id, 0)).collect();
    let puts = race(&entries, |entry| store.put_entry(entry, day(0)).unwrap());
    assert_eq!(puts.iter().filter(|put| **put == Put::Stored).count(), 1);
    assert_eq!(puts.iter().filter(|put| **put == Put::Taken).count(), 31);
    assert_eq!(store.put_entry(&entry(id, 2), day(0)), Ok(Put::Gap));
    assert_eq!(store.put_entry(&entry(id, 1), day(0)), Ok(Put::Stored));
    assert_eq!(store.put_entry(&entry(MailboxId([1; 32]), 0), day(0)), Ok(Put::NoMailbox));
}

pub fn the_same_entry_again_is_harmless<M: Maker>() {
    let house = House::new::<M>();
    let keys = reporter();
    house.store.put_report(&report(&keys, 10), day(0)).unwrap();
    let (first, second) = (entry(keys.mailbox_id, 0), entry(keys.mailbox_id, 1));
    assert_eq!(house.store.put_entry(&first, day(0)), Ok(Put::Stored));
    assert_eq!(house.store.put_entry(&second, day(0)), Ok(Put::Stored));
    let house = house.again::<M>();
    assert_eq!(house.store.put_entry(&first, day(0)), Ok(Put::Same));
    assert_eq!(house.store.put_entry(&entry(keys.mailbox_id, 0), day(0)), Ok(Put::Taken));
}

pub fn epochs_rise_by_one_and_there_are_at_most_sixteen<M: Maker>() {
    let House { store, folder: _folder } = House::new::<M>();
    let keys = reporter();
    let id = keys.mailbox_id;
    assert_eq!(store.put_epoch(&id, &epoch(&id, 1), day(0)), Ok(Put::NoMailbox));
    store.put_report(&report(&keys, 10), day(0)).unwrap();
    assert_eq!(store.put_epoch(&id, &epoch(&id, 2), day(0)), Ok(Put::Gap));
    let records: Vec<_> = (1..=17).map(|n| epoch(&id, n)).collect();
    let puts: Vec<_> = records.iter().map(|record| store.put_epoch(&id, record, day(0)).unwrap()).collect();
    assert!(puts[..16].iter().all(|put| *put == Put::Stored) && puts[16] == Put::Gap);
    assert_eq!(store.put_epoch(&id, &records[4], day(0)), Ok(Put::Same));
    assert_eq!(store.put_epoch(&id, &epoch(&id, 5), day(0)), Ok(Put::Taken));
    assert!(store.case(&id).unwrap().unwrap().epochs == records[..16]);
    assert!(store.mailbox(&id, 0, day(0)).unwrap().unwrap().epochs == records[..16]);
}

pub fn a_new_epoch_changes_the_key_that_follow_ups_need<M: Maker>() {
    let House { store, folder: _folder } = House::new::<M>();
    let keys = reporter();
    let first = report(&keys, 10);
    store.put_report(&first, day(0)).unwrap();
    store.put_epoch(&keys.mailbox_id, &epoch(&keys.mailbox_id, 1), day(0)).unwrap();
    assert_eq!(store.put_follow_up(&follow_up(&keys, &first, &first), day(0)), Ok(Put::CaseKey));
}

pub fn a_status_is_held_back_until_its_day_and_so_is_a_later_one<M: Maker>() {
    let House { store, folder: _folder } = House::new::<M>();
    let keys = reporter();
    store.put_report(&report(&keys, 10), day(0)).unwrap();
    let put = |content: &ReplyContent, number, release| store.put_reply(&reply(&keys, content, number, release), day(0)).unwrap();
    assert_eq!(put(&ReplyContent::Status(StatusWord::Read), 1, Some(day(2))), Put::Stored);
    assert_eq!(put(&ReplyContent::Status(StatusWord::Team), 2, None), Put::Stored);
    assert_eq!(put(&ReplyContent::Text("x".into()), 1, None), Put::Stored);
    let seen = |n| {
        let view = store.mailbox(&keys.mailbox_id, 0, day(n)).unwrap().unwrap();
        (view.total, view.replies.len())
    };
    assert_eq!((seen(0), seen(1), seen(2)), ((1, 1), (1, 1), (3, 3)));
}

pub fn the_same_reply_again_is_harmless<M: Maker>() {
    let House { store, folder: _folder } = House::new::<M>();
    let keys = reporter();
    assert_eq!(store.put_reply(&text(&keys, 1), day(0)), Ok(Put::NoMailbox));
    store.put_report(&report(&keys, 10), day(0)).unwrap();
    assert_eq!(store.put_reply(&text(&keys, 2), day(0)), Ok(Put::Gap));
    let replies: Vec<_> = (0..32).map(|_| text(&keys, 1)).collect();
    let puts = race(&replies, |reply| store.put_reply(reply, day(0)).unwrap());
    assert_eq!(puts.iter().filter(|put| **put == Put::Stored).count(), 1);
    let winner = puts.iter().position(|put| *put == Put::Stored).unwrap();
    assert_eq!(store.put_reply(&replies[winner], day(0)), Ok(Put::Same));
    assert_eq!(store.put_reply(&text(&keys, 1), day(0)), Ok(Put::Taken));
    let status = reply(&keys, &ReplyContent::Status(StatusWord::Read), 1, None);
    assert_eq!(store.put_reply(&status, day(0)), Ok(Put::Stored));
}

pub fn replies_come_in_pages_the_newest_first<M: Maker>() {
    let House { store, folder: _folder } = House::new::<M>();
    let keys = reporter();
    store.put_report(&report(&keys, 10), day(0)).unwrap();
    for n in 1..=11 {
        store.put_reply(&text(&keys, n), day(0)).unwrap();
    }
    let numbers = |page| {
        let view = store.mailbox(&keys.mailbox_id, page, day(0)).unwrap().unwrap();
        assert_eq!(view.total, 11);
        view.replies.iter().map(|r| r.place().number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(0), [11, 10, 9, 8, 7, 6, 5, 4]);
    assert_eq!(numbers(1), [3, 2, 1]);
    assert_eq!(numbers(9), [0_u32; 0]);
    assert_eq!(numbers(u32::MAX), [0_u32; 0]);
}

pub fn directories_notes_and_the_servers_secret_are_kept<M: Maker>() {
    let house = House::new::<M>();
    assert_eq!(house.store.newest_directory(), Ok(0));
    assert_eq!(house.store.freshness(), Ok(None));
    house.store.put_directory(1, &[1; 10_000]).unwrap();
    house.store.put_directory(2, &[2; 5]).unwrap();
    house.store.put_directory(1, &[1; 10_000]).unwrap();
    assert!(house.store.put_directory(1, &[9; 10]).is_err());
    house.store.put_freshness(&[3; 104]).unwrap();
    let secret = *house.store.server_secret().unwrap().expose();
    let house = house.again::<M>();
    assert_eq!(house.store.newest_directory(), Ok(2));
    assert_eq!(house.store.directory(1).unwrap().unwrap(), [1; 10_000]);
    assert_eq!(house.store.directory(3).unwrap(), None);
    assert_eq!(house.store.freshness().unwrap().unwrap(), [3; 104]);
    assert_eq!(house.store.server_secret().unwrap().expose(), &secret);
}
