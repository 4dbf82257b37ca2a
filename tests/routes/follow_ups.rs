//! POST /api/v1/reports behind the first: the holder of the words, her other device, somebody else.

use crate::made::{Case, SMALL, day, follow_up, follow_up_to, request};
use crate::reports::then_taken;
use crate::world::World;
use amparo::caselog::EpochRecord;
use amparo::crypto::{BoxKey, Deployment, hash, random_secret};
use amparo::envelope::{CaseKeys, FollowUpAddress, HEADER_BYTES, Head, SEAL_BYTES, Sealed};
use amparo::receipt::ReporterKeys;

const PATH: &str = "/api/v1/reports";

#[test]
fn follow_ups_stand_in_a_chain() {
    let world = World::new();
    let (case, here) = (world.reported(SMALL), world.deployment());
    let one = follow_up(&case, &case.report, "one", &here);
    let two = follow_up(&case, &one, "two", &here);
    assert_eq!(world.send(&two).told(), (409, "number_gap".into()));
    assert_eq!((world.send(&one).status, world.send(&one).status), (204, 204));
    let other = follow_up(&case, &case.report, "another", &here);
    assert_eq!(world.send(&other).told(), (409, "number_taken".into()));
    let strayed = follow_up(&case, &other, "behind another", &here);
    assert_eq!(world.send(&strayed).told(), (409, "wrong_chain".into()));
    assert_eq!(world.send(&two).status, 204);
    assert_eq!(world.mailbox(&case.reporter, 1).body[4..8], [0, 0, 0, 2]);
    assert_eq!(world.store.body(&case.id(), 1).unwrap().unwrap(), one.body());
}

#[test]
fn a_follow_up_that_names_other_keys_is_refused() {
    let world = World::new();
    let (case, stranger, here) = (world.reported(SMALL), world.report(SMALL), world.deployment());
    let (report, theirs) = (case.report.head(), stranger.report.head());
    let own = report.header().case_box_pk;
    let send = |by: &ReporterKeys, as_of: &Head, case_box_pk| {
        world.send(&follow_up_to(by, &FollowUpAddress { report: as_of, last: &report, case_box_pk }, "x", &here))
    };
    let code = (409, "case_key".to_owned());
    assert_eq!(send(&case.reporter, &report, theirs.header().case_box_pk).told(), code);
    assert_eq!(send(&case.reporter, &theirs, own).told(), code);
    let mut other_box = case.other_device(&here);
    other_box.reply_box = BoxKey::from_secret(random_secret());
    assert_eq!(send(&other_box, &report, own).told(), code);
    // After a new epoch the former key counts no more.
    let epoch = CaseKeys::from_seed(&random_secret());
    let record = EpochRecord::make(&case.keys.sign, &here, &case.id(), (1, day(0)), (epoch.sign.public(), epoch.reply_to.public()));
    world.store.put_epoch(&case.id(), &record, day(0)).unwrap();
    assert_eq!(send(&case.reporter, &report, own).told(), code);
    assert_eq!(world.mailbox(&case.reporter, 1).body[4..8], [0; 4]);
    assert_eq!(send(&case.reporter, &report, epoch.reply_to.public()).status, 204);
}

#[test]
fn without_a_mailbox_there_is_no_follow_up() {
    let world = World::new();
    let (unsent, case, here) = (world.report(SMALL), world.reported(SMALL), world.deployment());
    let none = (404, "no_such_mailbox".to_owned());
    assert_eq!(world.send(&follow_up(&unsent, &unsent.report, "x", &here)).told(), none);
    world.mailbox(&case.reporter, 2);
    assert_eq!(world.send(&follow_up(&case, &case.report, "x", &here)).told(), none);
    assert!(world.store.body(&case.id(), 1).unwrap().is_none());
    then_taken(&world, &unsent);
    assert_eq!(world.send(&follow_up(&unsent, &unsent.report, "x", &here)).status, 204);
}

/// An envelope with another mailbox id, sealed anew by its own key: all of it is right but whose mailbox it is.
fn into_mailbox_of(other: &Case, by: &ReporterKeys, sealed: &Sealed, here: &Deployment) -> Vec<u8> {
    let mut bytes = sealed.to_bytes();
    bytes[4..36].copy_from_slice(other.id().bytes());
    let (header, rest) = bytes.split_at_mut(HEADER_BYTES);
    let (seal, body) = rest.split_at_mut(SEAL_BYTES);
    seal.copy_from_slice(by.sign.sign("seal", here, &[header, hash("body", &[body]).bytes()]).as_ref());
    bytes
}

#[test]
fn nobody_writes_into_a_mailbox_that_is_not_hers() {
    let world = World::new();
    let (victim, thief, here) = (world.reported(SMALL), world.report(SMALL), world.deployment());
    let (unsent, before) = (world.report(SMALL), world.mailbox(&victim.reporter, 1));
    let head = victim.report.head();
    let address = FollowUpAddress { report: &head, last: &head, case_box_pk: head.header().case_box_pk };
    let further = follow_up_to(&thief.reporter, &address, "x", &here);
    let sends = [(&victim, &thief.report), (&unsent, &thief.report), (&victim, &further)];
    for (other, sealed) in sends {
        let bytes = into_mailbox_of(other, &thief.reporter, sealed, &here);
        assert_eq!(world.post(PATH, &request(world.nonce(), (1, 0), &bytes)).told(), (403, "bad_seal".into()));
    }
    assert!(world.is_unknown(&unsent.reporter) && world.mailbox(&victim.reporter, 1).body == before.body);
    then_taken(&world, &unsent);
    then_taken(&world, &thief);
}

#[test]
fn what_was_shredded_is_gone() {
    let world = World::new();
    let case = world.reported(SMALL);
    let further = follow_up(&case, &case.report, "x", &world.deployment());
    world.store.shred_case(&case.id()).unwrap();
    let again = case.other_report(&world);
    for sealed in [&case.report, &again.report, &further] {
        assert_eq!(world.send(sealed).told(), (410, "gone".into()));
    }
    assert!(world.is_unknown(&case.reporter));
    assert_eq!(world.body(&case, 0).told(), (403, "case_refused".into()));
}
