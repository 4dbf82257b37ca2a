//! Reports and follow-ups.

use crate::made::{day, follow_up, report, reporter};
use crate::{House, Maker};
use amparo::store::Put;

pub fn a_report_is_kept_once_and_another_in_its_place_is_refused<M: Maker>() {
    let house = House::new::<M>();
    let keys = reporter();
    let (first, second) = (report(&keys, 10), report(&keys, 20_000));
    assert_eq!(house.store.put_report(&first, day(3)), Ok(Put::Stored));
    assert_eq!(house.store.put_report(&first, day(4)), Ok(Put::Same));
    assert_eq!(house.store.put_report(&second, day(4)), Ok(Put::Taken));
    let house = house.again::<M>();
    assert_eq!(house.store.put_report(&first, day(9)), Ok(Put::Same));
    assert_eq!(house.store.put_report(&second, day(9)), Ok(Put::Taken));
    assert_eq!(house.store.body(&keys.mailbox_id, 0).unwrap().unwrap(), first.body());
    assert!(house.store.body(&keys.mailbox_id, 1).unwrap().is_none());
    let case = house.store.case(&keys.mailbox_id).unwrap().unwrap();
    assert!(case.report == first.head() && case.epochs.is_empty() && case.arrived == day(3));
    assert!(house.store.case(&reporter().mailbox_id).unwrap().is_none());
}

pub fn bodies_of_every_size_come_back<M: Maker>() {
    let mut house = House::new::<M>();
    let made: Vec<_> = [10, 30_000, 200_000].map(|length| (reporter(), length)).into_iter().collect();
    let sealed: Vec<_> = made.iter().map(|(keys, length)| report(keys, *length)).collect();
    assert_eq!(sealed.iter().map(|s| s.body().len()).collect::<Vec<_>>(), [16_384, 65_536, 262_144]);
    for report in &sealed {
        assert_eq!(house.store.put_report(report, day(0)), Ok(Put::Stored));
    }
    for _ in 0..2 {
        for report in &sealed {
            let id = report.header().mailbox_id;
            assert!(house.store.body(&id, 0).unwrap().unwrap() == report.body());
            assert!(house.store.mailbox(&id, 0, day(0)).unwrap().unwrap().report == report.head());
        }
        house = house.again::<M>();
    }
}

pub fn follow_ups_stand_in_a_chain<M: Maker>() {
    let House { store, folder: _folder } = House::new::<M>();
    let keys = reporter();
    let first = report(&keys, 10);
    let one = follow_up(&keys, &first, &first);
    assert_eq!(store.put_follow_up(&one, day(0)), Ok(Put::NoMailbox));
    store.put_report(&first, day(0)).unwrap();
    assert!(store.mailbox(&keys.mailbox_id, 0, day(0)).unwrap().unwrap().last.is_none());
    let two = follow_up(&keys, &first, &one);
    assert_eq!(store.put_follow_up(&two, day(0)), Ok(Put::Gap));
    assert_eq!(store.put_follow_up(&one, day(0)), Ok(Put::Stored));
    assert_eq!(store.put_follow_up(&one, day(0)), Ok(Put::Same));
    assert_eq!(store.put_follow_up(&follow_up(&keys, &first, &first), day(0)), Ok(Put::Taken));
    assert_eq!(store.put_follow_up(&two, day(0)), Ok(Put::Stored));
    let foreign = follow_up(&keys, &report(&keys, 3), &two);
    assert_eq!(store.put_follow_up(&foreign, day(0)), Ok(Put::CaseKey));
    let unchained = follow_up(&keys, &first, &follow_up(&keys, &first, &one));
    assert_eq!(store.put_follow_up(&unchained, day(0)), Ok(Put::WrongChain));
    assert!(store.mailbox(&keys.mailbox_id, 0, day(0)).unwrap().unwrap().last == Some(two.head()));
    assert!(store.body(&keys.mailbox_id, 2).unwrap().unwrap() == two.body());
}

pub fn of_many_reports_for_one_mailbox_the_first_wins<M: Maker>() {
    let House { store, folder: _folder } = House::new::<M>();
    let keys = reporter();
    let reports: Vec<_> = (0..32).map(|_| report(&keys, 10)).collect();
    let puts = race(&reports, |report| store.put_report(report, day(0)).unwrap());
    assert_eq!(puts.iter().filter(|put| **put == Put::Stored).count(), 1);
    assert_eq!(puts.iter().filter(|put| **put == Put::Taken).count(), 31);
    let winner = puts.iter().position(|put| *put == Put::Stored).unwrap();
    assert!(store.body(&keys.mailbox_id, 0).unwrap().unwrap() == reports[winner].body());
}

pub fn of_two_devices_one_takes_the_number<M: Maker>() {
    let House { store, folder: _folder } = House::new::<M>();
    let keys = reporter();
    let first = report(&keys, 10);
    store.put_report(&first, day(0)).unwrap();
    let follow_ups: Vec<_> = (0..32).map(|_| follow_up(&keys, &first, &first)).collect();
    let puts = race(&follow_ups, |sealed| store.put_follow_up(sealed, day(0)).unwrap());
    assert_eq!(puts.iter().filter(|put| **put == Put::Stored).count(), 1);
    assert_eq!(puts.iter().filter(|put| **put == Put::Taken).count(), 31);
    let winner = puts.iter().position(|put| *put == Put::Stored).unwrap();
    assert!(store.mailbox(&keys.mailbox_id, 0, day(0)).unwrap().unwrap().last == Some(follow_ups[winner].head()));
}

pub fn what_is_acknowledged_to_many_at_once_is_all_there<M: Maker>() {
    let house = House::new::<M>();
    let made: Vec<_> = (0..32).map(|_| reporter()).collect();
    let reports: Vec<_> = made.iter().map(|keys| report(keys, 10)).collect();
    assert!(race(&reports, |report| house.store.put_report(report, day(0)).unwrap()).iter().all(|put| *put == Put::Stored));
    let house = house.again::<M>();
    for report in &reports {
        assert!(house.store.body(&report.header().mailbox_id, 0).unwrap().unwrap() == report.body());
    }
}

/// One thread for each, begun together.
pub fn race<T: Sync, R: Send>(things: &[T], act: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let barrier = std::sync::Barrier::new(things.len());
    std::thread::scope(|scope| {
        let (barrier, act) = (&barrier, &act);
        let run = |thing| scope.spawn(move || (barrier.wait(), act(thing)).1);
        let threads: Vec<_> = things.iter().map(run).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
