//! /api/v1/directory: the authority, another authority, anybody.

use crate::made::{day, stranger};
use crate::wire::Answer;
use crate::world::World;
use amparo::base::encode;
use amparo::crypto::SignKey;
use amparo::directory::{Bundle, Dsse};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/directory";

fn post(world: &World, body: &Value) -> Answer {
    world.post_as(PATH, "application/json", body.to_string().as_bytes())
}

/// A directory's payload, changed and signed anew.
fn signed_by(world: &World, key: &SignKey, change: impl FnOnce(&mut Value)) -> Dsse {
    let next = world.next_directory(0, 30);
    let mut payload: Value = serde_json::from_slice(next.payload()).unwrap();
    change(&mut payload);
    let mut dsse = Dsse::unsigned(next.payload_type().to_owned(), payload.to_string().into_bytes());
    dsse.sign(key);
    dsse
}

fn version(world: &World) -> u32 {
    world.store.newest_directory().unwrap()
}

fn refused(world: &World, answer: &Answer, status: u16, code: &str, held: u32) {
    assert_eq!(answer.told(), (status, code.to_owned()));
    assert_eq!(version(world), held, "{code}: something was kept");
    assert_eq!(world.get(&format!("{PATH}/{}", held + 1)).told(), (404, "no_such_version".into()));
}

#[test]
fn anybody_reads_the_current_one_and_every_former_one() {
    let world = World::empty();
    assert_eq!(world.get(PATH).told(), (404, "no_such_version".into()));
    let first = world.next_directory(0, 30);
    assert_eq!(world.publish(&first).status, 204);
    let second = world.next_directory(0, 30);
    assert_eq!(world.publish(&second).status, 204);
    let bundle = Bundle::from_json(&world.get(PATH).body).unwrap();
    let trusted = bundle.verify(&world.deployment(), world.today(), Some(2)).unwrap();
    assert_eq!((trusted.directory.version(), trusted.server_today), (2, day(0)));
    for (n, signed) in [(1, &first), (2, &second)] {
        assert_eq!(world.get(&format!("{PATH}/{n}")).json(), json!({"directory": signed}));
    }
    assert_eq!(world.get("/authority").body, format!("{}\n", world.deployment()).into_bytes());
}

#[test]
fn a_version_has_one_name() {
    let world = World::new();
    for name in ["0", "2", "4294967295", "4294967296", "-1", "+1", "01", "1.0", "x", "%31%20"] {
        assert_eq!(world.get(&format!("{PATH}/{name}")).told(), (404, "no_such_version".into()), "{name}");
    }
    for path in ["/api/v1/directory/", "/api/v1/directory/1/", "/api/v1/directory//1"] {
        assert_eq!(world.get(path).told(), (404, "not_found".into()), "{path}");
    }
    assert_eq!(world.get(&format!("{PATH}/1")).status, 200);
}

#[test]
fn the_authority_publishes_the_next_one_and_the_same_again_is_harmless() {
    let world = World::new();
    let next = world.next_directory(0, 30);
    assert_eq!(world.publish(&next).status, 204);
    assert_eq!(post(&world, &json!(next)).status, 204);
    assert_eq!(version(&world), 2);
}

#[test]
fn roll_back_and_what_does_not_follow_are_refused() {
    let world = World::new();
    let first = world.get(&format!("{PATH}/1")).json()["directory"].clone();
    let rival = world.next_directory(0, 29);
    assert_eq!(world.publish(&world.next_directory(0, 30)).status, 204);
    refused(&world, &post(&world, &first), 409, "wrong_chain", 2);
    refused(&world, &post(&world, &json!(rival)), 409, "wrong_chain", 2);
    let changed = |change: fn(&mut Value)| json!(signed_by(&world, &world.authority_key, change));
    refused(&world, &post(&world, &changed(|d| d["version"] = json!(4))), 409, "wrong_chain", 2);
    refused(&world, &post(&world, &changed(|d| d["version"] = json!(u32::MAX))), 409, "wrong_chain", 2);
    refused(&world, &post(&world, &changed(|d| d["previous"] = json!("0".repeat(64)))), 409, "wrong_chain", 2);
    assert_eq!(world.publish(&world.next_directory(0, 30)).status, 204);
}

#[test]
fn an_expired_one_is_refused() {
    let world = World::new();
    let late = world.next_directory(0, 5);
    world.set_day(6);
    refused(&world, &post(&world, &json!(late)), 422, "directory_expired", 1);
    world.set_day(5);
    assert_eq!(world.publish(&late).status, 204);
}

#[test]
fn nobody_but_the_authority_publishes() {
    let world = World::new();
    let next = world.next_directory(0, 30);
    let (wire, bad) = (json!(next), (403, "bad_signature"));
    refused(&world, &post(&world, &json!(signed_by(&world, &stranger(), |_| {}))), bad.0, bad.1, 1);
    refused(&world, &post(&world, &json!(signed_by(&world, &world.gate(), |_| {}))), bad.0, bad.1, 1);
    let elsewhere = World::new();
    refused(&world, &post(&world, &json!(elsewhere.next_directory(0, 30))), bad.0, bad.1, 1);
    let lies = json!(signed_by(&world, &world.authority_key, |d| d["deployment"] = json!(elsewhere.deployment())));
    refused(&world, &post(&world, &lies), bad.0, bad.1, 1);
    let mut unsigned = wire.clone();
    unsigned["signatures"] = json!([]);
    refused(&world, &post(&world, &unsigned), bad.0, bad.1, 1);
    let mut bent = wire.clone();
    let mut payload = next.payload().to_vec();
    let last = payload.len() - 2;
    payload[last] ^= 1;
    bent["payload"] = json!(encode::base64(&payload));
    refused(&world, &post(&world, &bent), bad.0, bad.1, 1);
    let mut other_type = wire;
    other_type["payloadType"] = json!("application/json");
    refused(&world, &post(&world, &other_type), bad.0, bad.1, 1);
    assert_eq!(world.publish(&next).status, 204);
}

#[test]
fn what_breaks_a_rule_is_refused_though_the_authority_signed_it() {
    let world = World::new();
    let mut weak = [0; 32];
    weak[0] = 1;
    let weak = encode::hex(&weak);
    type Change<'a> = &'a dyn Fn(&mut Value);
    let changes: [(&str, Change<'_>); 4] = [
        ("directory_invalid", &|d| d["conflict_fallback"] = json!([])),
        ("directory_invalid", &|d| drop(d.as_object_mut().unwrap().remove("rules"))),
        ("must_understand", &|d| d["must_understand"] = json!(["new_thing"])),
        ("weak_key", &|d| d["members"][0]["sign_pk"] = json!(weak)),
    ];
    for (code, change) in changes {
        let signed = signed_by(&world, &world.authority_key, change);
        refused(&world, &post(&world, &json!(signed)), 422, code, 1);
    }
    assert_eq!(world.publish(&world.next_directory(0, 30)).status, 204);
}

#[test]
fn what_is_no_signed_directory_is_refused() {
    let world = World::new();
    let next = world.next_directory(0, 30);
    let text = json!(next).to_string();
    let json_post = |body: &[u8]| world.post_as(PATH, "application/json", body);
    for wrong in [&b""[..], b"{}", b"[]", b"null", &text.as_bytes()[..text.len() - 1], b"\xff\xfe{}", "\u{feff}{}".as_bytes()] {
        refused(&world, &json_post(wrong), 400, "bad_json", 1);
    }
    let array = signed_by(&world, &world.authority_key, |d| *d = json!([]));
    refused(&world, &post(&world, &json!(array)), 400, "bad_json", 1);
    refused(&world, &world.post(PATH, text.as_bytes()), 415, "wrong_type", 1);
    let headers = vec![("content-type", "application/json".to_owned())];
    let ask = |length| world.ask(&crate::wire::Question { method: "POST", path: PATH, headers: headers.clone(), body: &[], length });
    refused(&world, &ask(Some((2 << 20) + 1)), 413, "too_large", 1);
    refused(&world, &ask(None), 411, "length_required", 1);
    assert_eq!(world.publish(&next).status, 204);
}
