//! POST /api/v1/gate: a member, a former member, strangers.

use crate::made::{SMALL, stranger};
use crate::wire::Answer;
use crate::world::World;
use amparo::crypto::SignKey;

const PATH: &str = "/api/v1/gate";

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.told(), (status, code.to_owned()));
    assert!(answer.json().get("token").is_none());
}

fn signed(world: &World, gate: &SignKey, nonce: [u8; 36]) -> Vec<u8> {
    [&nonce[..], gate.sign("gate login", &world.deployment(), &[&nonce]).as_ref()].concat()
}

#[test]
fn a_member_gets_a_token_that_opens_the_feed() {
    let world = World::new();
    world.reported(SMALL);
    world.store.publish(world.today()).unwrap();
    let (one, two) = (world.token(), world.token());
    assert_ne!(one, two);
    for token in [one, two] {
        assert_eq!(world.feed(&token, "from=1").status, 200);
    }
}

#[test]
fn a_stranger_cannot_log_in_and_neither_can_a_member_by_another_key() {
    let world = World::new();
    for key in [stranger(), crate::made::members()[0].sign_key(), SignKey::from_seed(&amparo::base::Secret::new([0; 32]))] {
        refused(&world.login(&key), 401, "gate_refused");
    }
    let (gate, nonce) = (world.gate(), world.nonce());
    let good = signed(&world, &gate, nonce);
    for at in [0, 35, 36, 99] {
        let mut bent = good.clone();
        bent[at] ^= 1;
        refused(&world.post(PATH, &bent), 401, "gate_refused");
    }
    // Good for another use or another deployment is not good here.
    let other_use = gate.sign("freshness", &world.deployment(), &[&nonce]);
    refused(&world.post(PATH, &[&nonce[..], other_use.as_ref()].concat()), 401, "gate_refused");
    let elsewhere = gate.sign("gate login", &World::empty().deployment(), &[&nonce]);
    refused(&world.post(PATH, &[&nonce[..], elsewhere.as_ref()].concat()), 401, "gate_refused");
    assert_eq!(world.post(PATH, &good).status, 200, "what was refused spent no nonce");
}

#[test]
fn a_login_counts_once_and_only_while_its_nonce_is_young() {
    let world = World::new();
    let gate = world.gate();
    let once = signed(&world, &gate, world.nonce());
    assert_eq!(world.post(PATH, &once).status, 200);
    refused(&world.post(PATH, &once), 409, "nonce_spent");
    let late = signed(&world, &gate, world.nonce());
    world.set_day(1);
    refused(&world.post(PATH, &once), 409, "nonce_spent");
    assert_eq!(world.post(PATH, &late).status, 200);
    let later = signed(&world, &gate, world.nonce());
    world.set_day(3);
    refused(&world.post(PATH, &later), 422, "nonce_stale");
    refused(&world.post(PATH, &signed(&world, &gate, [7; 36])), 422, "nonce_stale");
    assert_eq!(world.login(&gate).status, 200);
}

#[test]
fn a_former_members_gate_key_holds_for_a_day_more() {
    let world = World::new();
    let former = world.gate();
    assert_eq!(world.publish(&world.next_directory(0, 30)).status, 204);
    assert_ne!(former.public(), world.gate().public());
    for day in [0, 1] {
        world.set_day(day);
        assert_eq!((world.login(&former).status, world.login(&world.gate()).status), (200, 200), "day {day}");
    }
    world.set_day(2);
    refused(&world.login(&former), 401, "gate_refused");
    assert_eq!(world.login(&world.gate()).status, 200);
    // Two changes on one day: only the last former one is left.
    for _ in 0..2 {
        assert_eq!(world.publish(&world.next_directory(0, 30)).status, 204);
    }
    refused(&world.login(&former), 401, "gate_refused");
}

#[test]
fn what_has_not_100_bytes_is_no_login() {
    let world = World::new();
    let good = signed(&world, &world.gate(), world.nonce());
    refused(&world.post(PATH, &good[..99]), 400, "wrong_length");
    refused(&world.post(PATH, &[]), 400, "wrong_length");
    refused(&world.post(PATH, &[&good[..], &[0]].concat()), 413, "too_large");
    refused(&world.post_as(PATH, "text/plain", &good), 415, "wrong_type");
    assert_eq!(world.post(PATH, &good).status, 200);
    let bare = World::empty();
    refused(&bare.login(&stranger()), 401, "gate_refused");
}
