//! POST /api/v1/cases: a member of the case, a member outside it, a former member, strangers.

use crate::made::Case;
use crate::made::{LARGE, MEDIUM, SMALL, asked, day, entry, entry_of, follow_up, stranger};
use crate::wire::Answer;
use crate::world::World;
use amparo::caselog::{CaseRequest, EpochRecord, Verb};
use amparo::crypto::random_secret;
use amparo::envelope::CaseKeys;
use serde_json::json;

const PATH: &str = "/api/v1/cases";

/// How many entries a case has, by what the store would publish.
fn entries(world: &World) -> usize {
    world.store.publish(world.today()).unwrap();
    let (_, batches) = world.store.feed(1, 64 << 20).unwrap();
    batches.iter().flat_map(|b| &b.items).filter(|i| i.kind == amparo::caselog::ItemKind::Entry).count()
}

fn refused(world: &World, answer: &Answer, status: u16, code: &str, kept: usize) {
    assert_eq!(answer.told(), (status, code.to_owned()));
    assert_eq!(entries(world), kept, "{code}: something was kept");
}

#[test]
fn a_member_of_the_case_fetches_bodies_of_every_size() {
    let world = World::new();
    for length in [SMALL, MEDIUM, LARGE] {
        let case = world.reported(length);
        assert_eq!(world.body(&case, 0).body, case.report.body());
        let further = follow_up(&case, &case.report, &"x".repeat(length), &world.deployment());
        assert_eq!(world.body(&case, 1).told(), (404, "no_such_message".into()));
        assert_eq!(world.send(&further).status, 204);
        assert_eq!(world.body(&case, 1).body, further.body());
        assert_eq!(world.body(&case, u32::MAX).told(), (404, "no_such_message".into()));
    }
}

#[test]
fn entries_are_appended_in_order_and_the_same_again_is_harmless() {
    let world = World::new();
    let (case, here) = (world.reported(SMALL), world.deployment());
    let (first, other) = (entry(&case, (0, 0), &here).to_bytes(), entry(&case, (0, 0), &here).to_bytes());
    refused(&world, &world.append(&case, 1), 409, "number_gap", 0);
    assert_eq!(world.append_bytes(&case, first.clone()).status, 204);
    assert_eq!(world.append_bytes(&case, first).status, 204);
    refused(&world, &world.append_bytes(&case, other), 409, "number_taken", 1);
    refused(&world, &world.append(&case, 2), 409, "number_gap", 1);
    assert_eq!(world.append(&case, 1).status, 204);
    assert_eq!(entries(&world), 2);
}

/// Outside the case, without the gate, and no such case: one answer.
#[test]
fn whoever_lacks_one_of_the_two_keys_is_refused_as_if_there_were_no_case() {
    let world = World::new();
    let (case, other, unsent, shredded) = (world.reported(SMALL), world.reported(SMALL), world.report(SMALL), world.reported(SMALL));
    world.store.shred_case(&shredded.id()).unwrap();
    let (gate, thief) = (world.gate(), stranger());
    let payload = |case: &Case| entry(case, (0, 0), &world.deployment()).to_bytes();
    let ask = |case: &Case, epoch, keys| world.post(PATH, &asked((Verb::Entry, case.id(), epoch), payload(case), keys, &world));
    let body = |case: &Case, keys| world.post(PATH, &asked((Verb::Body, case.id(), 0), vec![0; 4], keys, &world));
    let wanted = ask(&unsent, 0, (&gate, &unsent.keys.sign));
    refused(&world, &wanted, 403, "case_refused", 0);
    let answers = [
        ask(&case, 0, (&gate, &other.keys.sign)),
        ask(&case, 0, (&gate, &thief)),
        ask(&case, 0, (&thief, &case.keys.sign)),
        ask(&case, 0, (&case.keys.sign, &gate)),
        ask(&case, 1, (&gate, &case.keys.sign)),
        ask(&case, u32::MAX, (&gate, &case.keys.sign)),
        ask(&shredded, 0, (&gate, &shredded.keys.sign)),
        body(&case, (&gate, &other.keys.sign)),
        body(&case, (&thief, &case.keys.sign)),
        body(&unsent, (&gate, &unsent.keys.sign)),
    ];
    for (at, answer) in answers.iter().enumerate() {
        assert!(answer.undated() == wanted.undated(), "answer {at}");
    }
    let good = asked((Verb::Entry, case.id(), 0), payload(&case), (&gate, &case.keys.sign), &world);
    // Mailbox id, epoch, nonce, both signatures, payload.
    for at in [4, 35, 39, 40, 75, 76, 139, 140, 203, 204, good.len() - 1] {
        let mut bent = good.clone();
        bent[at] ^= 1;
        assert!(world.post(PATH, &bent).undated() == wanted.undated(), "byte {at}");
    }
    assert_eq!(entries(&world), 0);
    assert_eq!(world.post(PATH, &good).status, 204, "what was refused spent no nonce");
}

#[test]
fn a_request_counts_once_and_only_while_its_nonce_is_young() {
    let world = World::new();
    let case = world.reported(SMALL);
    let (gate, here) = (world.gate(), world.deployment());
    let request =
        |number| asked((Verb::Entry, case.id(), 0), entry(&case, (number, 0), &here).to_bytes(), (&gate, &case.keys.sign), &world);
    let once = request(0);
    assert_eq!(world.post(PATH, &once).status, 204);
    refused(&world, &world.post(PATH, &once), 409, "nonce_spent", 1);
    let (young, old) = (request(1), request(2));
    world.set_day(1);
    assert_eq!(world.post(PATH, &young).status, 204);
    world.set_day(2);
    refused(&world, &world.post(PATH, &old), 422, "nonce_stale", 2);
    let made_up = CaseRequest::make((Verb::Body, case.id(), 0), [7; 36], vec![0; 4], (&gate, &case.keys.sign), &here);
    assert_eq!(world.post(PATH, &made_up.to_bytes()).told(), (422, "nonce_stale".into()));
    // One nonce serves a login or a request, not both.
    let nonce = world.nonce();
    let login = [&nonce[..], gate.sign("gate login", &here, &[&nonce]).as_ref()].concat();
    assert_eq!(world.post("/api/v1/gate", &login).status, 200);
    let request = CaseRequest::make((Verb::Body, case.id(), 0), nonce, vec![0; 4], (&gate, &case.keys.sign), &here);
    assert_eq!(world.post(PATH, &request.to_bytes()).told(), (409, "nonce_spent".into()));
    assert_eq!(world.append(&case, 2).status, 204);
}

#[test]
fn an_entry_for_another_case_or_epoch_is_refused() {
    let world = World::new();
    let (case, other, here) = (world.reported(SMALL), world.reported(SMALL), world.deployment());
    refused(&world, &world.append_bytes(&case, entry(&other, (0, 0), &here).to_bytes()), 400, "malformed", 0);
    refused(&world, &world.append_bytes(&case, entry(&case, (0, 1), &here).to_bytes()), 400, "malformed", 0);
    assert_eq!((world.append(&case, 0).status, world.append(&other, 0).status), (204, 204));
}

#[test]
fn an_entry_of_another_form_is_refused() {
    let world = World::new();
    let (case, here) = (world.reported(SMALL), world.deployment());
    let good = entry_of(case.id(), (0, 0), json!({"type": "note", "text": "x"}), &here).to_bytes();
    for (at, byte, code) in [(0, 2, "unknown_version"), (1, 2, "unknown_suite"), (2, 4, "unknown_kind"), (3, 1, "not_canonical")] {
        let mut bent = good.clone();
        bent[at] = byte;
        refused(&world, &world.append_bytes(&case, bent), 400, code, 0);
    }
    refused(&world, &world.append_bytes(&case, good[..4987].to_vec()), 400, "wrong_length", 0);
    let longer = [&good[..], &[0]].concat();
    refused(&world, &world.append_bytes(&case, longer), 413, "too_large", 0);
    assert_eq!(world.append_bytes(&case, good).status, 204);
}

#[test]
fn what_is_no_case_request_is_refused() {
    let world = World::new();
    let case = world.reported(SMALL);
    let good = asked((Verb::Body, case.id(), 0), vec![0; 4], (&world.gate(), &case.keys.sign), &world);
    let bent = |at: usize, byte: u8| {
        let mut bent = good.clone();
        bent[at] = byte;
        world.post(PATH, &bent).told()
    };
    for verb in [0, 2, 4, 5, 6, 8] {
        assert_eq!(bent(0, verb), (400, "unknown_verb".into()), "{verb}");
    }
    for at in [1, 2, 3] {
        assert_eq!(bent(at, 1), (400, "malformed".into()), "{at}");
    }
    for short in [&good[..203], &[3], &[]] {
        assert_eq!(world.post(PATH, short).told(), (400, "wrong_length".into()));
    }
    for payload in [vec![], vec![0; 3], vec![0; 5]] {
        let request = asked((Verb::Body, case.id(), 0), payload, (&world.gate(), &case.keys.sign), &world);
        assert_eq!(world.post(PATH, &request).told(), (400, "wrong_length".into()));
    }
    assert_eq!(world.post_as(PATH, "text/plain", &good).told(), (415, "wrong_type".into()));
    assert_eq!(world.post(PATH, &good).status, 200);
}

#[test]
fn a_former_member_is_shut_out_a_day_after_the_gate_changed() {
    let world = World::new();
    let case = world.reported(SMALL);
    let former = world.gate();
    assert_eq!(world.publish(&world.next_directory(0, 30)).status, 204);
    let ask = || world.post(PATH, &asked((Verb::Body, case.id(), 0), vec![0; 4], (&former, &case.keys.sign), &world));
    world.set_day(1);
    assert_eq!(ask().status, 200);
    world.set_day(2);
    assert_eq!(ask().told(), (403, "case_refused".into()));
    assert_eq!(world.body(&case, 0).status, 200);
}

#[test]
fn after_a_new_epoch_only_its_key_counts() {
    let world = World::new();
    let (case, here) = (world.reported(SMALL), world.deployment());
    let next = CaseKeys::from_seed(&random_secret());
    let record = EpochRecord::make(&case.keys.sign, &here, &case.id(), (1, day(0)), (next.sign.public(), next.reply_to.public()));
    world.store.put_epoch(&case.id(), &record, day(0)).unwrap();
    let gate = world.gate();
    let ask = |epoch, key| {
        let payload = entry(&case, (0, epoch), &here).to_bytes();
        world.post(PATH, &asked((Verb::Entry, case.id(), epoch), payload, (&gate, key), &world))
    };
    for (epoch, key) in [(0, &case.keys.sign), (1, &case.keys.sign), (0, &next.sign)] {
        refused(&world, &ask(epoch, key), 403, "case_refused", 0);
    }
    assert_eq!(ask(1, &next.sign).status, 204);
}
