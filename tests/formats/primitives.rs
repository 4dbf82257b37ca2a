//! Hashes, keys, boxes, streams, slots.

use super::forge::{HERE, box_key, box_pks, ephemeral, sign_key, slot, slots, stream};
use super::{Case, Format, Given, Outcome, wrong};
use amparo::base::{Secret, encode::hex};
use amparo::crypto::{self, BoxKey, BoxPublic, Deployment, Hash32, SignKey, SignPublic, Signature};
use serde_json::{Value, json};

pub const FORMAT: Format = Format { what: "primitives", make, read, codes: &["bad_signature", "cannot_open", "too_large", "weak_key"] };

/// Key 1's signature over use `seal`, part `x`, with a point of order 8 added to its R: fits if the small part is multiplied away.
const TORSIONED: &str =
    "1dd960b291c53514fece1341fc0dcd8a648b3934c2c533666f737a654ff1e1bf2e3b837d683460b669bf37c86918fd7c828d4aba33ebd8a44885c93cc0671104";
/// Key 1 with a point of order 8 added, and a signature made until the small part falls away.
const MIXED: (&str, &str) = (
    "3bcfb78c4ad06f9b8d7e8c50e37e33dd40042a7805f5df945fbf33620745bc68",
    "96174c8b398b207a187b9396d069587e6041de1fb641d5653b6acc0c9ba90e6fd0f99755c7a830fd6eb2b43e3320a990ad3b90df5d4a8ea50706fd72a1081f0d",
);
/// Key 1's signature with the group's order added to S.
const LOOSE: &str =
    "cb82ea62b9e82f6f3552f2e25f08dd03eee4b0195ef0e8a2f39ff1a7c4cb81a05e3dc47e47b4451be499f2081f1c25c24005099786d52a13934c528241125c17";
/// u-coordinates of small order, canonical and not.
pub const WEAK_BOXES: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];
const WEAK_SIGNS: [(&str, &str); 5] = [
    ("of order 1", "0100000000000000000000000000000000000000000000000000000000000000"),
    ("of order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ("of order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    ("off the main subgroup", MIXED.0),
    ("that is no point", "0202020202020202020202020202020202020202020202020202020202020202"),
];

fn hashes() -> Vec<Case> {
    let parts = |parts: &[&[u8]]| json!(parts.iter().map(|p| hex(p)).collect::<Vec<_>>());
    let key = Secret::new([5; 32]);
    vec![
        Case::new("a hash of nothing", "hash", json!({"use": "body", "parts": []})).good(crypto::hash("body", &[])),
        Case::new("a hash of two parts", "hash", json!({"use": "mailbox", "parts": parts(&[b"ab", b"c"])}))
            .good(crypto::hash("mailbox", &[b"abc"])),
        Case::new("a derived key", "derive", json!({"key": hex(key.expose()), "use": "slot", "parts": parts(&[b"x"])}))
            .good(hex(crypto::derive(&key, "slot", &[b"x"]).expose())),
        Case::new("public keys of a secret", "publics", json!({"key": hex(key.expose())}))
            .good(json!({"sign": sign_key(5).public(), "box": box_key(5).public()})),
    ]
}

fn signatures() -> Vec<Case> {
    let key = sign_key(1);
    let good = key.sign("seal", &HERE, &[b"x"]);
    let verify = |name: &str, pk: &str, (usage, deployment, part): (&str, Deployment, &[u8]), signature: &str| {
        let with = json!({"pk": pk, "use": usage, "deployment": deployment, "parts": [hex(part)], "signature": signature});
        Case::new(name, "verify", with)
    };
    let (pk, text, said) = (key.public().to_string(), hex(good.as_ref()), ("seal", HERE, &b"x"[..]));
    let mut bent = good.0;
    bent[40] ^= 1;
    let bad = |case: Case| case.refused("bad_signature");
    let mut cases = vec![
        verify("a signature", &pk, said, &text).good(true),
        bad(verify("another use", &pk, ("body", HERE, b"x"), &text)),
        bad(verify("another deployment", &pk, ("seal", Deployment([8; 32]), b"x"), &text)),
        bad(verify("another message", &pk, ("seal", HERE, b"y"), &text)),
        bad(verify("another key", &sign_key(2).public().to_string(), said, &text)),
        bad(verify("a bent signature", &pk, said, &hex(&bent))),
        bad(verify("a signature with a loose S", &pk, said, LOOSE)),
        bad(verify("a signature whose R has a small part", &pk, said, TORSIONED)),
        bad(verify("a key with a small part", MIXED.0, said, MIXED.1)),
    ];
    cases.push(bad(verify("a key and an R of order 1", WEAK_SIGNS[0].1, said, &format!("{}{}", WEAK_SIGNS[0].1, "00".repeat(32)))));
    cases.extend(
        WEAK_SIGNS.iter().map(|(name, pk)| Case::new(format!("a signing key {name}"), "strength", json!({"pk": pk})).refused("weak_key")),
    );
    cases.push(Case::new("a good signing key", "strength", json!({"pk": pk})).good(true));
    cases
}

fn boxes() -> Vec<Case> {
    let shared = |name: String, pk: &str| Case::new(name, "shared", json!({"key": hex(&[6; 32]), "pk": pk}));
    let key = Secret::new([8; 32]);
    let sealed = crypto::box0_seal(&key, b"seed");
    let open =
        |name: &str, key: &Secret<32>, sealed: &[u8]| Case::new(name, "open_box", json!({"key": hex(key.expose()), "sealed": hex(sealed)}));
    let mut bent = sealed.clone();
    bent[17] ^= 0x80;
    let mut cases = vec![
        shared("a shared secret".into(), &box_key(5).public().to_string())
            .good(hex(box_key(6).shared(&box_key(5).public()).unwrap().expose())),
        open("a box", &key, &sealed).good(hex(b"seed")),
        open("a box and another key", &Secret::new([9; 32]), &sealed).refused("cannot_open"),
        open("a bent box", &key, &bent).refused("cannot_open"),
        open("a box of 15 bytes", &key, &sealed[..15]).refused("cannot_open"),
        open("a box of nothing", &key, &[]).refused("cannot_open"),
    ];
    cases.extend(WEAK_BOXES.iter().enumerate().map(|(n, pk)| shared(format!("weak box key {n}"), pk).refused("weak_key")));
    cases
}

fn streams() -> Vec<Case> {
    let (key, header): (_, [u8; 24]) = (Secret::new([3; 32]), std::array::from_fn(|i| u8::try_from(200 + i).unwrap()));
    let case = |name: &str, header: &[u8; 24], ad: &[u8], sealed: &[u8]| {
        Case::new(name, "open_stream", json!({"key": hex(key.expose()), "header": hex(header), "ad": hex(ad), "sealed": hex(sealed)}))
    };
    let mut cases = Vec::new();
    for length in [0, 1, 15, 16, 17, 63, 64, 65, 300] {
        let (plain, ad) = (vec![b'p'; length], vec![b'a'; length / 2]);
        cases.push(case(&format!("a stream of {length} bytes"), &header, &ad, &stream(&key, &header, &ad, 3, &plain)).good(hex(&plain)));
    }
    let sealed = stream(&key, &header, b"ad", 3, b"plain");
    for at in [0, 1, 5, 6, 21] {
        let mut bent = sealed.clone();
        bent[at] ^= 1;
        cases.push(case(&format!("a stream bent at {at}"), &header, b"ad", &bent).refused("cannot_open"));
    }
    for tag in [0, 1, 2, 4, 7] {
        let other = stream(&key, &header, b"ad", tag, b"plain");
        cases.push(case(&format!("a stream with tag {tag}"), &header, b"ad", &other).refused("cannot_open"));
    }
    for at in [0, 15, 16, 23] {
        let mut other = header;
        other[at] ^= 1;
        cases.push(case(&format!("a stream's header bent at {at}"), &other, b"ad", &sealed).refused("cannot_open"));
    }
    cases.push(case("other associated data", &header, b"da", &sealed).refused("cannot_open"));
    cases.push(case("a stream cut to 16 bytes", &header, b"ad", &sealed[..16]).refused("cannot_open"));
    cases
}

fn all_slots() -> Vec<Case> {
    let (seed, ctx) = (Secret::new([21; 32]), Hash32([22; 32]));
    let build = |name: &str, count: usize, to: &[BoxPublic]| {
        Case::new(name, "slots", json!({"seed": hex(seed.expose()), "context": ctx, "count": count, "recipients": to}))
    };
    let mut cases = Vec::new();
    for (count, n) in [(16, 0), (16, 1), (16, 2), (16, 15), (16, 16), (4, 1), (4, 4)] {
        let to = box_pks(100..100 + n);
        cases.push(build(&format!("{n} of {count} slots"), count, &to).good(hex(&slots(count, &seed, &ctx, &to))));
    }
    for (count, n) in [(16, 17), (4, 5)] {
        cases.push(build(&format!("{n} of {count} slots"), count, &box_pks(100..100 + n)).refused("too_large"));
    }
    cases.push(build("a slot for a weak key", 16, &[box_pks([100])[0], WEAK_BOXES[2].parse().unwrap()]).refused("weak_key"));
    let open = |name: &str, own: u8, usage: &str, pk: BoxPublic, ctx: Hash32, slots: &[u8]| {
        Case::new(
            name,
            "open_slots",
            json!({"own": hex(&[own; 32]), "use": usage, "ephemeral_pk": pk, "context": ctx, "slots": hex(slots)}),
        )
    };
    let (pk, whole) = (ephemeral(&seed).public(), slots(16, &seed, &ctx, &box_pks(100..103)));
    let other = slot(&seed, &Secret::new([9; 32]), "slot", &ctx, &box_pks([100])[0]);
    let bad = |case: Case| case.refused("cannot_open");
    cases.extend([
        open("a slot of one's own", 102, "slot", pk, ctx, &whole).good(hex(seed.expose())),
        bad(open("no slot of one's own", 103, "slot", pk, ctx, &whole)),
        bad(open("slots for another use", 102, "reply slot", pk, ctx, &whole)),
        bad(open("slots in another place", 102, "slot", pk, Hash32([23; 32]), &whole)),
        bad(open("slots of another ephemeral key", 102, "slot", box_pks([50])[0], ctx, &whole)),
        bad(open("a slot with a seed that does not commit", 100, "slot", pk, ctx, &other)),
    ]);
    let weak = WEAK_BOXES.iter().enumerate();
    cases.extend(weak.map(|(n, pk)| bad(open(&format!("slots of weak ephemeral key {n}"), 102, "slot", pk.parse().unwrap(), ctx, &whole))));
    cases
}

fn make() -> Vec<Case> {
    [hashes(), signatures(), boxes(), streams(), all_slots()].into_iter().flatten().collect()
}

fn secret(given: &Given<'_>, member: &str) -> Secret<32> {
    Secret::new(given.array(member))
}

fn read(given: &Given<'_>) -> Outcome {
    let parts = || given.list("parts");
    let weak = |_| wrong("weak_key");
    let cannot = || wrong("cannot_open");
    let told = |bytes: Option<Vec<u8>>| bytes.map(|bytes| json!(hex(&bytes))).ok_or_else(cannot);
    let slices = |parts: &[Vec<u8>]| parts.concat();
    match given.act() {
        "hash" => Ok(json!(crypto::hash(given.text("use"), &parts().iter().map(Vec::as_slice).collect::<Vec<_>>()))),
        "derive" => Ok(json!(hex(crypto::derive(&secret(given, "key"), given.text("use"), &[&slices(&parts())]).expose()))),
        "publics" => {
            let (sign, own) = (SignKey::from_seed(&secret(given, "key")), BoxKey::from_secret(secret(given, "key")));
            Ok(json!({"sign": sign.public(), "box": own.public()}))
        }
        "verify" => {
            let (pk, signature) = (SignPublic(given.array("pk")), Signature(given.array("signature")));
            let good = pk.verifies(given.text("use"), &Deployment(given.array("deployment")), &[&slices(&parts())], &signature);
            if good { Ok(json!(true)) } else { Err(wrong("bad_signature")) }
        }
        "strength" => SignPublic(given.array("pk")).check_strength().map(|()| json!(true)).map_err(weak),
        "shared" => {
            let own = BoxKey::from_secret(secret(given, "key"));
            own.shared(&BoxPublic(given.array("pk"))).map(|s| json!(hex(s.expose()))).map_err(weak)
        }
        "open_box" => told(crypto::box0_open(&secret(given, "key"), &given.hex("sealed"))),
        "open_stream" => told(crypto::stream_open(&secret(given, "key"), &given.array("header"), &given.hex("ad"), &given.hex("sealed"))),
        "slots" => build(given),
        _ => {
            let own = BoxKey::from_secret(secret(given, "own"));
            let (pk, ctx) = (BoxPublic(given.array("ephemeral_pk")), Hash32(given.array("context")));
            let seed = crypto::slots::open(&own, given.text("use"), &pk, &ctx, &given.hex("slots"));
            told(seed.map(|seed| seed.expose().to_vec()))
        }
    }
}

fn build(given: &Given<'_>) -> Result<Value, super::Wrong> {
    let (seed, ctx) = (secret(given, "seed"), Hash32(given.array("context")));
    let to: Vec<BoxPublic> = given.list("recipients").into_iter().map(|pk| BoxPublic(pk.try_into().unwrap())).collect();
    let built = match given.number("count") {
        4 => crypto::slots::build::<4>(&seed, &ctx, &to),
        _ => crypto::slots::build::<16>(&seed, &ctx, &to),
    };
    built.map_err(|_| wrong("weak_key"))?.map(|slots| json!(hex(&slots))).ok_or_else(|| wrong("too_large"))
}

/// A signing key off the main subgroup.
pub fn mixed() -> SignPublic {
    MIXED.0.parse().unwrap()
}
