//! The vault, for custodians alone.

use super::forge::{HERE, box_pks, frame, reporter, vault};
use super::{Case, Format, Given, Outcome, wrong};
use amparo::base::{Secret, encode};
use amparo::crypto::{BoxKey, BoxPublic, Deployment, Hash32, MailboxId};
use amparo::envelope::open_vault;
use serde_json::{Value, json};

pub const FORMAT: Format = Format {
    what: "vault",
    make,
    read,
    codes: &["bad_json", "cannot_open", "must_understand", "not_canonical", "unknown_version", "wrong_length"],
};

fn content(custodians: &[BoxPublic]) -> Value {
    let list: Vec<Value> = custodians.iter().enumerate().map(|(n, pk)| json!({"id": format!("c-{n}"), "pk": pk})).collect();
    json!({"format": "amparo-vault-1", "name": "Ña", "contact": "+502", "contact_safe": {"hours": "8-10"}, "custodians": list})
}

fn case(name: &str, own: u8, bytes: &[u8]) -> Case {
    let with = json!({"own": encode::hex(&[own; 32]), "deployment": HERE, "mailbox_id": reporter().mailbox_id, "number": 0, "bytes": encode::base64(bytes)});
    Case::new(name, "open", with).desk()
}

fn sealed(content: &Value) -> Vec<u8> {
    plain(&frame(&serde_json::to_vec(content).unwrap(), &[], 1024))
}

fn plain(plain: &[u8]) -> Vec<u8> {
    vault(&Secret::new([51; 32]), &reporter().mailbox_id, 0, &box_pks(120..122), plain)
}

fn make() -> Vec<Case> {
    let two = content(&box_pks(120..122));
    let good = sealed(&two);
    let told = |n: usize| json!({"name": "Ña", "contact": "+502", "custodians": n});
    let like = |name: &str, put: Value| case(name, 121, &[]).with("bytes", json!({"like": "a vault for two", "put": put}));
    let flip = |at: usize| json!([[at, encode::hex(&[good[at] ^ 1])]]);
    let edited = |edit: fn(&mut Value)| {
        let mut content = two.clone();
        edit(&mut content);
        sealed(&content)
    };
    let json = serde_json::to_vec(&two).unwrap();
    let mut stuffed = frame(&json, &[], 1024);
    stuffed[1023] = 1;
    let four = box_pks(120..124);
    let to_four =
        vault(&Secret::new([52; 32]), &reporter().mailbox_id, 7, &four, &frame(&serde_json::to_vec(&content(&four)).unwrap(), &[], 1024));
    let cut =
        |name: &str, n: usize| like(name, json!([])).with("bytes", json!({"like": "a vault for two", "length": n})).refused("wrong_length");
    vec![
        case("a vault for two", 121, &good).good(told(2)),
        case("a vault for four, of follow-up 7", 123, &to_four).with("number", 7).good(told(4)),
        case("an unknown member of a vault", 120, &edited(|c| c["later"] = json!(1))).good(told(2)),
        cut("an empty vault", 0),
        cut("a vault cut short", 1264),
        cut("a vault and a byte", 1266),
        like("vault version 2", json!([[0, "02"]])).refused("unknown_version"),
        like("a vault's ephemeral key bent", flip(1)).refused("cannot_open"),
        like("a vault's body bent", flip(1264)).refused("cannot_open"),
        like("no slot in a vault", json!([[33, "00".repeat(192)]])).refused("cannot_open"),
        like("a stranger at a vault", json!([])).with("own", encode::hex(&[122; 32])).refused("cannot_open"),
        like("a vault of another mailbox", json!([])).with("mailbox_id", Hash32([1; 32])).refused("cannot_open"),
        like("a vault of another message", json!([])).with("number", 1).refused("cannot_open"),
        like("a vault on another deployment", json!([])).with("deployment", Deployment([8; 32])).refused("cannot_open"),
        case("a byte behind a vault's JSON", 120, &plain(&stuffed)).refused("not_canonical"),
        case("a vault's length beyond the end", 120, &plain(&[0xff; 1024])).refused("not_canonical"),
        case("another vault format", 120, &edited(|c| c["format"] = json!("amparo-vault-2"))).refused("bad_json"),
        case("a vault without custodians", 120, &edited(|c| c["custodians"] = json!(null))).refused("bad_json"),
        case("a vault that must be understood", 120, &edited(|c| c["must_understand"] = json!(["later"]))).refused("must_understand"),
    ]
}

fn read(given: &Given<'_>) -> Outcome {
    let own = BoxKey::from_secret(Secret::new(given.array("own")));
    let (deployment, id) = (Deployment(given.array("deployment")), MailboxId(given.array("mailbox_id")));
    let opened = open_vault(&given.bytes(), &own, &deployment, &id, given.number("number")).map_err(|error| wrong(error.code()))?;
    Ok(json!({"name": opened.name, "contact": opened.contact, "custodians": opened.custodians.len()}))
}
