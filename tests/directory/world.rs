//! A small deployment with known keys.

use amparo::base::{Day, Secret, encode};
use amparo::crypto::{BoxKey, Deployment, Hash32, SignKey};
use amparo::directory::{Authority, Directory, DirectoryContent, Dsse, publishable, sign_new};
use serde_json::{Value, json};

/// 2026-11-24 and `n` days.
pub fn day(n: u32) -> Day {
    Day::from_number(20_781 + n).unwrap()
}

/// A key pair that anyone can make again.
pub fn sign_key(n: u8) -> SignKey {
    SignKey::from_seed(&Secret::new([n; 32]))
}

pub fn box_key(n: u8) -> BoxKey {
    BoxKey::from_secret(Secret::new([n; 32]))
}

pub fn texts(text: &str) -> Value {
    json!({"es": text, "en": text})
}

/// Box keys `3n`, `3n + 1`, `3n + 2`, for 31 days each, the first from day -10.
pub fn periods(n: u8) -> Value {
    let one = |i: u8| {
        let from = day(0).minus(10).plus(31 * u32::from(i));
        json!({"pk": box_key(100 + 3 * n + i).public(), "from": from, "until": from.plus(30)})
    };
    json!([one(0), one(1), one(2)])
}

pub fn member(n: u8, office: &str) -> Value {
    json!({"id": format!("m-{n}"), "office": office, "role": "intake", "names": texts("m"), "sign_pk": sign_key(50 + n).public(), "box_pks": periods(n)})
}

pub fn office(id: &str) -> Value {
    json!({"id": id, "kind": "prosecution", "names": texts(id), "level": "national"})
}

/// An authority of one person (key 1), or 2 of 3 (keys 1, 2, 3).
pub fn authority(keys: &[u8], threshold: u8) -> Authority {
    Authority::new(keys.iter().map(|n| sign_key(*n).public()).collect(), threshold).unwrap()
}

fn content(deployment: &Deployment) -> DirectoryContent {
    let content = json!({
        "format": "amparo-directory-1", "deployment": deployment, "version": 1, "previous": Hash32::ZERO, "issued": day(0), "expires": day(30),
        "languages": ["es", "en"], "names": texts("x"), "texts": {"promise": texts("p")}, "questionnaire": {"version": 1, "hash": Hash32::ZERO},
        "gate": {"pk": Hash32::ZERO, "sealed": []}, "offices": [office("a"), office("b")],
        "members": [member(0, "a"), member(1, "a"), member(2, "b"), member(3, "b")],
        "custodians": [{"id": "c", "names": texts("c"), "level": "independent", "sign_pk": sign_key(60).public(), "box_pks": periods(5)}],
        "conflict_fallback": ["b"], "duty": [{"office": "a", "address": "duty@example.org"}],
        "helplines": [{"country": "GT", "names": texts("h"), "number": "1", "hours": texts("24"), "free": true, "police": false, "verified": day(0)}],
        "rules": [{"id": "r", "countries": ["GT"], "when": true, "offices": ["a"], "why": texts("w")}],
        "jurisdictions": [{"country": "GT", "names": texts("g"), "anonymous_mode": "unknown", "notice_before_typing": texts("n"), "ack_days": 7,
            "feedback_days": 90, "feedback_max_days": 180, "child_age": 18, "retention_days": 3650, "last_reviewed": day(0), "reviewed_by": "r"}],
    });
    serde_json::from_value(content).unwrap()
}

/// A directory by the keys of an authority, for the deployment of `first`.
pub fn signed(first: &Authority, keys: &[u8]) -> Dsse {
    let deployment = first.fingerprint();
    let (own, others) = keys.split_first().unwrap();
    let mut dsse = sign_new(content(&deployment), None, (day(0), day(30)), &deployment, &sign_key(*own)).unwrap();
    others.iter().for_each(|n| dsse.sign(&sign_key(*n)));
    dsse
}

/// Signs any payload, as a careless or captured authority would.
pub fn sign_payload(like: &Dsse, payload: Vec<u8>) -> Dsse {
    let mut dsse = Dsse::unsigned(like.payload_type().to_owned(), payload);
    dsse.sign(&sign_key(1));
    dsse
}

pub fn directory(first: &Authority, dsse: &Dsse) -> Directory {
    publishable(dsse.clone(), &first.fingerprint(), first).unwrap()
}

/// The gate's key, as the first member opens it.
pub fn gate(directory: &Directory) -> SignKey {
    directory.gate_key(&"m-0".parse().unwrap(), &[&box_key(100)]).unwrap()
}

pub fn base64(bytes: &[u8]) -> String {
    encode::base64(bytes)
}
