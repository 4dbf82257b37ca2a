//! Entries, good and bad.

use super::entry::{CASE, HERE, Raw, desk_key};
use super::{Case, world};
use amparo::base::encode;
use amparo::crypto::{self, Deployment, Hash32};
use serde_json::{Value, json};

fn recipient(n: u8) -> Value {
    json!({"member": format!("m-{n}"), "office": "a", "pk": world::box_key(100 + n).public()})
}

fn work() -> Value {
    json!({"format": "amparo-entry-1", "must_understand": [], "kind": "work", "author": "m-0", "day": world::day(1), "key_day": world::day(1),
        "directory": {"version": 1, "hash": Hash32([1; 32])}, "previous": Hash32([2; 32]), "feed": {"number": 3, "head": Hash32([3; 32])},
        "recipients": [], "work": {"type": "note", "text": "Nota."}})
}

fn with(mut json: Value, change: impl FnOnce(&mut Value)) -> Value {
    change(&mut json);
    json
}

fn without(json: Value, member: &str) -> Value {
    with(json, |j| drop(j.as_object_mut().unwrap().remove(member)))
}

fn kind(name: &str) -> Value {
    let key = |n: u8| json!(Hash32([n; 32]));
    let to = |n: u8| json!((0..n).map(recipient).collect::<Vec<_>>());
    match name {
        "first" => without(
            with(work(), |j| (j["kind"], j["desk_key"], j["recipients"], j["previous"]) = (json!("first"), key(4), to(2), key(0))),
            "work",
        ),
        "referral" => with(work(), |j| {
            (j["kind"], j["desk_key"], j["seed"], j["recipients"]) = (json!("referral"), key(4), key(6), to(1));
            j["work"] = json!({"type": "referral", "office": "a", "why": "x"});
        }),
        "epoch" => without(
            with(work(), |j| (j["kind"], j["desk_key"], j["former_desk_key"], j["recipients"]) = (json!("epoch"), key(9), key(4), to(16))),
            "work",
        ),
        "custodian" => {
            without(with(work(), |j| (j["kind"], j["vault"], j["recipients"]) = (json!("custodian"), json!("AAEC"), to(1))), "work")
        }
        _ => work(),
    }
}

fn given(entry: &[u8]) -> Value {
    json!({"deployment": HERE, "entry": encode::base64(entry), "author_pk": world::sign_key(50).public()})
}

fn by_key(name: &str, entry: &[u8], n: u8) -> Case {
    Case::new(name, with(given(entry), |j| j["keys"] = json!([encode::hex(world::box_key(100 + n).secret().expose())])))
}

fn by_desk_key(name: &str, entry: &[u8]) -> Case {
    Case::new(name, with(given(entry), |j| j["desk_key"] = json!(encode::hex(desk_key().expose()))))
}

fn expected(raw: &Raw, entry: &[u8], slots_differ: bool, signed: bool) -> Value {
    let mut content: Value = serde_json::from_slice(&raw.json).unwrap();
    for member in ["format", "must_understand", "colour"] {
        content.as_object_mut().unwrap().remove(member);
    }
    json!({"mailbox_id": CASE, "number": raw.number, "epoch": raw.epoch, "hash": crypto::hash("entry", &[entry]),
        "slots_differ": slots_differ, "signed": signed, "content": content})
}

pub fn all() -> Vec<Case> {
    [good(), fronts(), keys(), frames(), members()].into_iter().flatten().collect()
}

fn good() -> Vec<Case> {
    let mut cases = Vec::new();
    for name in ["first", "referral", "epoch", "custodian", "work"] {
        let raw = Raw::new(&kind(name));
        let entry = raw.seal();
        let expect = expected(&raw, &entry, false, true);
        if !raw.to.is_empty() {
            cases.push(by_key(&format!("{name}, by the first slot"), &entry, 0).good(expect.clone()));
            let last = raw.to.len() as u8 - 1;
            cases.push(by_key(&format!("{name}, by the last recipient's key"), &entry, last).good(expect.clone()));
        }
        if raw.wrap.is_some() {
            cases.push(by_desk_key(&format!("{name}, by the desk key"), &entry).good(expect));
        }
    }
    let unknown = Raw::new(&with(work(), |j| (j["colour"], j["must_understand"]) = (json!("red"), json!(["kind", "work"]))));
    let entry = unknown.seal();
    cases.push(by_desk_key("an unknown member that need not be understood", &entry).good(expected(&unknown, &entry, false, true)));
    let mut odd = Raw::new(&kind("first"));
    odd.to.truncate(1);
    let entry = odd.seal();
    cases.push(by_key("one who is named has no slot: opens, slots differ", &entry, 0).good(expected(&odd, &entry, true, true)));
    let raw = Raw::new(&kind("first"));
    let mut entry = raw.seal();
    entry[844] ^= 1;
    cases.push(
        by_key("a mark where the filler of the wrap stands: opens, slots differ", &entry, 0).good(expected(&raw, &entry, true, true)),
    );
    let raw = Raw::new(&work());
    let mut entry = raw.seal();
    entry[76] ^= 1;
    cases.push(by_desk_key("a bent filler: opens, slots differ", &entry).good(expected(&raw, &entry, true, true)));
    let mut other = Raw::new(&work());
    other.signs_number = Some(2);
    let entry = other.seal();
    cases.push(by_desk_key("signed for another number: opens, not signed", &entry).good(expected(&other, &entry, false, false)));
    cases
}

fn fronts() -> Vec<Case> {
    let whole = Raw::new(&work()).seal();
    let sized = |n: usize| [&whole[..], &[0; 8]].concat()[..n].to_vec();
    let mut cases: Vec<Case> =
        [0, 1, 76, 4987, 4989].map(|n| by_desk_key(&format!("{n} bytes"), &sized(n)).refused("wrong_length")).into_iter().collect();
    for (name, front, code) in [
        ("version 0", [0, 1, 3, 0], "unknown_version"),
        ("version 2", [2, 1, 3, 0], "unknown_version"),
        ("suite 2", [1, 2, 3, 0], "unknown_suite"),
        ("a reply's kind", [1, 1, 4, 0], "unknown_kind"),
        ("a report's kind", [1, 1, 1, 0], "unknown_kind"),
        ("a fourth byte", [1, 1, 3, 1], "not_canonical"),
    ] {
        let mut raw = Raw::new(&work());
        raw.front = front;
        cases.push(by_desk_key(name, &raw.seal()).refused(code));
    }
    cases
}

fn keys() -> Vec<Case> {
    let (first, note) = (Raw::new(&kind("first")).seal(), Raw::new(&work()).seal());
    let mut cases = vec![
        by_key("a stranger's key", &first, 9).refused("cannot_open"),
        by_key("a member's key on an entry without recipients", &note, 0).refused("cannot_open"),
        by_desk_key("the desk key on the entry that brings it", &first).refused("cannot_open"),
        Case::new("no key", with(given(&first), |j| j["keys"] = json!([]))).refused("cannot_open"),
        Case::new("another desk key", with(given(&note), |j| j["desk_key"] = json!(Hash32([9; 32])))).refused("cannot_open"),
    ];
    let elsewhere = with(given(&note), |j| {
        (j["deployment"], j["desk_key"]) = (json!(Deployment([8; 32])), json!(Hash32([4; 32])));
    });
    cases.push(Case::new("another deployment", elsewhere).refused("cannot_open"));
    for (name, at) in [
        ("a bent mailbox id", 4),
        ("a bent number", 39),
        ("a bent epoch", 43),
        ("a bent ephemeral key", 44),
        ("a bent wrap", 844),
        ("a bent tag", 892),
        ("a bent sealed part", 2000),
        ("a bent last byte", 4987),
    ] {
        let mut bent = note.clone();
        bent[at] ^= 1;
        cases.push(by_desk_key(name, &bent).refused("cannot_open"));
    }
    let mut own = first.clone();
    own[76..844].iter_mut().for_each(|byte| *byte ^= 1);
    cases.push(by_key("every slot bent", &own, 0).refused("cannot_open"));
    let mut weak = first.clone();
    weak[44..76].fill(0);
    cases.push(by_key("an ephemeral key of small order", &weak, 0).refused("cannot_open"));
    let mut raw = Raw::new(&work());
    raw.ephemeral = Some(77);
    cases.push(by_desk_key("a wrap whose seed does not give the ephemeral key", &raw.seal()).refused("cannot_open"));
    cases
}

fn frames() -> Vec<Case> {
    let bent = |bend: fn(&mut Vec<u8>)| {
        let mut raw = Raw::new(&work());
        raw.bend = bend;
        raw.seal()
    };
    let cut = |name: &str, bend| by_desk_key(name, &bent(bend)).refused("not_canonical");
    let mut cases = vec![
        cut("a length beyond the end", |p| p[..4].fill(255)),
        cut("a length that leaves no room for the signature", |p| p[..4].copy_from_slice(&4013_u32.to_be_bytes())),
        cut("a byte behind the signature", |p| p[4079] = 1),
    ];
    let texts: [(&str, &[u8]); 7] = [
        ("no JSON", b""),
        ("an array", b"[]"),
        ("a space in front", b" {}"),
        ("a byte-order mark", b"\xEF\xBB\xBF{}"),
        ("two objects", b"{}{}"),
        ("bytes that are not UTF-8", b"{\"format\":\"\xff\"}"),
        ("an empty object", b"{}"),
    ];
    for (name, text) in texts {
        let mut raw = Raw::new(&work());
        raw.json = text.to_vec();
        cases.push(by_desk_key(name, &raw.seal()).refused("bad_json"));
    }
    let mut twice = Raw::new(&work());
    twice.json = String::from_utf8(twice.json).unwrap().replacen('{', "{\"author\":\"m-1\",", 1).into_bytes();
    cases.push(by_desk_key("an author twice", &twice.seal()).refused("bad_json"));
    cases
}

fn members() -> Vec<Case> {
    let key = |n: u8| json!(Hash32([n; 32]));
    let mut cases = Vec::new();
    let mut bad = |name: &str, json: Value, code: &str| {
        let mut raw = Raw::new(&json);
        raw.wrap = Some(desk_key());
        cases.push(by_desk_key(name, &raw.seal()).refused(code));
    };
    for member in ["format", "kind", "author", "day", "key_day", "directory", "previous", "feed", "work"] {
        bad(&format!("without {member}"), without(work(), member), "bad_json");
    }
    bad("something that must be understood", with(work(), |j| j["must_understand"] = json!(["colour"])), "must_understand");
    bad("must_understand is a text", with(work(), |j| j["must_understand"] = json!("kind")), "bad_json");
    let changes: [(&str, &str, Value); 11] = [
        ("another format", "format", json!("amparo-entry-2")),
        ("another kind", "kind", json!("deletion")),
        ("a kind in capitals", "kind", json!("Work")),
        ("an author that is no id", "author", json!("M_0")),
        ("a day that is none", "day", json!("2026-02-30")),
        ("a day as a number", "key_day", json!(20781)),
        ("a hash in capitals", "previous", json!("AB".repeat(32))),
        ("a hash of 31 bytes", "previous", json!("ab".repeat(31))),
        ("a negative version", "directory", json!({"version": -1, "hash": Hash32::ZERO})),
        ("a feed number beyond 32 bits", "feed", json!({"number": 1_u64 << 32, "head": Hash32::ZERO})),
        ("a recipient without a key", "recipients", json!([{"member": "m-0", "office": "a"}])),
    ];
    for (name, member, value) in changes {
        bad(name, with(work(), |j| j[member] = value.clone()), "bad_json");
    }
    for (of, member) in [
        ("first", "desk_key"),
        ("first", "recipients"),
        ("referral", "desk_key"),
        ("referral", "seed"),
        ("referral", "recipients"),
        ("referral", "work"),
        ("epoch", "desk_key"),
        ("epoch", "former_desk_key"),
        ("epoch", "recipients"),
        ("custodian", "vault"),
        ("custodian", "recipients"),
    ] {
        bad(&format!("{of} without {member}"), without(kind(of), member), "bad_json");
    }
    for (of, member, value) in [
        ("first", "seed", key(6)),
        ("first", "former_desk_key", key(3)),
        ("referral", "vault", json!("AAEC")),
        ("epoch", "seed", key(6)),
        ("custodian", "desk_key", key(4)),
        ("custodian", "seed", key(6)),
        ("work", "desk_key", key(4)),
        ("work", "seed", key(6)),
        ("work", "vault", json!("AAEC")),
        ("work", "recipients", json!([recipient(0)])),
    ] {
        bad(&format!("{of} with {member}"), with(kind(of), |j| j[member] = value.clone()), "bad_json");
    }
    bad("a vault without padding", with(kind("custodian"), |j| j["vault"] = json!("AAE")), "bad_json");
    bad("a desk key of 31 bytes", with(kind("first"), |j| j["desk_key"] = json!("04".repeat(31))), "bad_json");
    bad("a seed in capitals", with(kind("referral"), |j| j["seed"] = json!("AB".repeat(32))), "bad_json");
    cases
}
