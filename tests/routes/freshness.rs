//! POST /api/v1/freshness: a member, a former member, strangers.

use crate::made::{day, stranger};
use crate::wire::Answer;
use crate::world::World;
use amparo::base::encode;
use amparo::crypto::SignKey;
use amparo::directory::FreshnessNote;

const PATH: &str = "/api/v1/freshness";

fn held(world: &World) -> Option<Vec<u8>> {
    world.get("/api/v1/directory").json()["freshness"].as_str().map(|note| encode::from_base64(note).unwrap())
}

fn refused(world: &World, answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.told(), (status, code.to_owned()));
    assert_eq!(held(world), None, "{code}: something was kept");
}

#[test]
fn the_youngest_note_is_shown() {
    let world = World::new();
    assert_eq!(held(&world), None);
    let day_of = |note: Option<Vec<u8>>| FreshnessNote::parse(&note.unwrap()).unwrap().day();
    for (vouched, shown) in [(1, 1), (0, 1), (1, 1)] {
        assert_eq!(world.vouch(day(vouched)).status, 204);
        assert_eq!(day_of(held(&world)), day(shown));
    }
    // A note for the former directory gives way, whatever its day.
    world.set_day(1);
    assert_eq!(world.vouch(day(2)).status, 204);
    assert_eq!(world.publish(&world.next_directory(1, 30)).status, 204);
    assert_eq!(world.vouch(day(0)).status, 204);
    assert_eq!(day_of(held(&world)), day(0));
}

#[test]
fn only_a_member_can_vouch_and_only_for_this_directory_and_no_day_to_come() {
    let world = World::new();
    let (here, directory, gate) = (world.deployment(), world.directory(), world.gate());
    let note = |key: &SignKey, on| FreshnessNote::make(&directory, day(on), key, &here).to_bytes();
    refused(&world, &world.post(PATH, &note(&stranger(), 0)), 403, "bad_signature");
    refused(&world, &world.post(PATH, &note(&gate, 2)), 403, "bad_signature");
    let elsewhere = FreshnessNote::make(&directory, day(0), &gate, &World::empty().deployment()).to_bytes();
    refused(&world, &world.post(PATH, &elsewhere), 403, "bad_signature");
    let good = note(&gate, 0);
    for at in [3, 4, 35, 39, 40, 103] {
        let mut bent = good.clone();
        bent[at] ^= 1;
        refused(&world, &world.post(PATH, &bent), 403, "bad_signature");
    }
    assert_eq!(world.publish(&world.next_directory(0, 30)).status, 204);
    refused(&world, &world.post(PATH, &good), 403, "bad_signature");
    // The former gate key opens the gate for a day, and vouches for nothing.
    let former = FreshnessNote::make(&world.directory(), day(0), &gate, &here).to_bytes();
    refused(&world, &world.post(PATH, &former), 403, "bad_signature");
    assert_eq!(world.vouch(day(0)).status, 204);
}

#[test]
fn what_is_no_note_is_refused() {
    let world = World::new();
    let good = FreshnessNote::make(&world.directory(), day(0), &world.gate(), &world.deployment()).to_bytes();
    refused(&world, &world.post(PATH, &good[..103]), 400, "wrong_length");
    refused(&world, &world.post(PATH, &[]), 400, "wrong_length");
    refused(&world, &world.post(PATH, &[&good[..], &[0]].concat()), 413, "too_large");
    refused(&world, &world.post_as(PATH, "application/json", &good), 415, "wrong_type");
    let mut no_day = good.clone();
    no_day[36..40].fill(0xff);
    refused(&world, &world.post(PATH, &no_day), 400, "malformed");
    assert_eq!(world.post(PATH, &good).status, 204);
    let bare = World::empty();
    assert_eq!(bare.post(PATH, &good).told(), (422, "directory_unknown".into()));
}
