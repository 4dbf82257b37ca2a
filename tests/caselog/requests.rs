//! What a desk asks the server: case requests, gate login, freshness notes; and the server's nonces.

use super::entry::{CASE, HERE};
use super::{Case, bytes, day_of, secret, sign_pk, text, world};
use amparo::base::{FixedClock, Secret, encode};
use amparo::caselog::CaseRequest;
use amparo::crypto::{self, Deployment, NonceMarks};
use amparo::directory::{Directory, Dsse, FreshnessNote, HeldDirectory, UnverifiedDirectory};
use amparo::feed::{Feed, FeedError};
use amparo::store::{SledStore, Store};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// A nonce as docs/protocol/api.md shapes it; the mark is the server's own business.
fn nonce(server: u8, day: u32) -> [u8; 36] {
    let front = [&(20_781 + day).to_be_bytes()[..], &[3; 16]].concat();
    let mark: [u8; 16] = crypto::derive_long(&Secret::new([server; 32]), "nonce", &[&front]);
    [&front[..], &mark].concat().try_into().unwrap()
}

// Case requests: `deployment`, `request`, `gate_pk`, `case_sign_pk` of the current epoch.

fn request(verb: u8, zeros: [u8; 3], payload: &[u8], (gate, case): (u8, u8)) -> Vec<u8> {
    let front = [CASE.bytes(), &[0, 0, 0, 2][..], &nonce(9, 1)].concat();
    let signed = [&[verb][..], &front, &crypto::blake2b_256(&[payload])].concat();
    let sign = |n| world::sign_key(n).sign("case request", &HERE, &[&signed]);
    [&[verb][..], &zeros, &front, sign(gate).as_ref(), sign(case).as_ref(), payload].concat()
}

pub fn read_case_request(case: &Value) -> Result<Value, String> {
    let code = |error: amparo::caselog::CaseLogError| error.code().to_owned();
    let asked = CaseRequest::parse(&bytes(case, "request")).map_err(code)?;
    asked.verify(&sign_pk(case, "gate_pk"), &sign_pk(case, "case_sign_pk"), &text(case, "deployment").parse().unwrap()).map_err(code)?;
    let CaseRequest { verb, mailbox_id, epoch, nonce, payload, .. } = &asked;
    Ok(
        json!({"verb": verb.byte(), "mailbox_id": mailbox_id, "epoch": epoch, "nonce": encode::base64(nonce), "payload": encode::base64(payload)}),
    )
}

pub fn case_requests() -> Vec<Case> {
    let given = |request: &[u8]| {
        let (gate, case) = (world::sign_key(61).public(), world::sign_key(62).public());
        json!({"deployment": HERE, "request": encode::base64(request), "gate_pk": gate, "case_sign_pk": case})
    };
    let by = (61, 62);
    let good = |name: &str, verb: u8, payload: &[u8]| {
        Case::new(name, given(&request(verb, [0; 3], payload, by))).good(json!({"verb": verb, "mailbox_id": CASE, "epoch": 2,
            "nonce": encode::base64(&nonce(9, 1)), "payload": encode::base64(payload)}))
    };
    let bad = |name: &str, request: &[u8], code: &str| Case::new(name, given(request)).refused(code);
    let body = request(3, [0; 3], &[0, 0, 0, 1], by);
    let mut cases = vec![
        good("an entry", 1, &[7; 40]),
        good("a reply", 2, &[8; 40]),
        good("a body", 3, &[0, 0, 0, 1]),
        good("nothing behind", 1, &[]),
        bad("no bytes", &[], "wrong_length"),
        bad("203 bytes", &body[..203], "wrong_length"),
        bad("a byte less", &body[..body.len() - 1], "bad_signature"),
        bad("a byte more", &[&body[..], &[0]].concat(), "bad_signature"),
        bad("a stranger at the gate", &request(3, [0; 3], &[0; 4], (63, 62)), "bad_signature"),
        bad("a stranger to the case", &request(3, [0; 3], &[0; 4], (61, 63)), "bad_signature"),
        bad("the two keys changed round", &request(3, [0; 3], &[0; 4], (62, 61)), "bad_signature"),
        bad("a byte where zeros are", &request(3, [0, 0, 1], &[0; 4], by), "not_canonical"),
    ];
    for verb in [0, 4, 5, 6, 255] {
        cases.push(bad(&format!("verb {verb}"), &request(verb, [0; 3], &[], by), "unknown_kind"));
    }
    for (name, at) in
        [("verb", 0), ("mailbox id", 4), ("epoch", 39), ("nonce", 40), ("gate signature", 76), ("case signature", 140), ("payload", 204)]
    {
        let mut bent = body.clone();
        bent[at] ^= 1;
        cases.push(bad(&format!("a bent {name}"), &bent, "bad_signature"));
    }
    let mut elsewhere = given(&body);
    elsewhere["deployment"] = json!(Deployment([8; 32]));
    cases.push(Case::new("another deployment", elsewhere).refused("bad_signature"));
    cases
}

// Gate login: the `server_secret` that marks nonces, the `gate_pk` of today, the `former_gate_pk` of a directory replaced on the day `replaced`,
// `before`: logins that were answered before, `login`, `today`.

fn directory_with(gate_pk: &str, dsse: &Dsse) -> Directory {
    let mut payload: Value = serde_json::from_slice(dsse.payload()).unwrap();
    payload["gate"]["pk"] = json!(gate_pk);
    let one = world::authority(&[1], 1);
    UnverifiedDirectory::from(world::sign_payload(dsse, payload.to_string().into_bytes())).verify(&one.fingerprint(), &one).unwrap()
}

static DIRECTORY: LazyLock<Dsse> = LazyLock::new(|| world::signed(&world::authority(&[1], 1), &[1]));

pub fn read_login(case: &Value) -> Result<Value, String> {
    static STORE: LazyLock<(tempfile::TempDir, Arc<dyn Store>)> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        let store = SledStore::open(&folder.path().join("store")).unwrap();
        (folder, Arc::new(store))
    });
    let held = HeldDirectory::default();
    if case["former_gate_pk"].is_string() {
        held.replace(directory_with(text(case, "former_gate_pk"), &DIRECTORY), day_of(case));
    }
    let replaced = case["replaced"].as_str().map_or_else(|| day_of(case), |day| day.parse().unwrap());
    held.replace(directory_with(text(case, "gate_pk"), &DIRECTORY), replaced);
    let marks = Arc::new(NonceMarks::new(secret(text(case, "server_secret"))));
    let clock = Arc::new(FixedClock::at(day_of(case)));
    let feed = Feed::new(Arc::clone(&STORE.1), text(case, "deployment").parse().unwrap(), marks, Arc::new(held), clock);
    for former in case["before"].as_array().into_iter().flatten() {
        feed.login(&encode::from_base64(former.as_str().unwrap()).unwrap()).unwrap();
    }
    let code = |error| match error {
        FeedError::Form(code) => code.to_owned(),
        FeedError::GateRefused => "gate_refused".into(),
        FeedError::NonceStale => "nonce_stale".into(),
        FeedError::NonceSpent => "nonce_spent".into(),
        other => panic!("{other:?}"),
    };
    feed.login(&bytes(case, "login")).map(|_| json!({"token_bytes": 32})).map_err(code)
}

pub fn logins() -> Vec<Case> {
    let login = |nonce: &[u8; 36], key: u8| [&nonce[..], world::sign_key(key).sign("gate login", &HERE, &[nonce]).as_ref()].concat();
    let given = |login: &[u8]| {
        json!({"deployment": HERE, "server_secret": "09".repeat(32), "gate_pk": world::sign_key(61).public(), "today": world::day(1),
            "login": encode::base64(login)})
    };
    let with = |login: &[u8], members: Value| {
        let mut given = given(login);
        given.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        given
    };
    let yes = || json!({"token_bytes": 32});
    let former = |day| json!({"former_gate_pk": world::sign_key(64).public(), "replaced": world::day(day)});
    let good = login(&nonce(9, 1), 61);
    let before = json!({"before": [encode::base64(&good)]});
    let other_use = [&nonce(9, 1)[..], world::sign_key(61).sign("case request", &HERE, &[&nonce(9, 1)]).as_ref()].concat();
    vec![
        Case::new("today's nonce", given(&good)).good(yes()),
        Case::new("yesterday's nonce", given(&login(&nonce(9, 0), 61))).good(yes()),
        Case::new("the former gate key on the day of the new", with(&login(&nonce(9, 1), 64), former(1))).good(yes()),
        Case::new("the former gate key on the day after", with(&login(&nonce(9, 1), 64), former(0))).good(yes()),
        Case::new("the new gate key beside the former", with(&good, former(1))).good(yes()),
        Case::new("another nonce after one was used", with(&login(&nonce(9, 0), 61), before.clone())).good(yes()),
        Case::new("a nonce that was used", with(&good, before)).refused("nonce_spent"),
        Case::new(
            "the former gate key two days after",
            with(
                &login(&nonce(9, 0), 64),
                json!({"former_gate_pk": world::sign_key(64).public(),
            "replaced": world::day(0).minus(1)}),
            ),
        )
        .refused("gate_refused"),
        Case::new("the nonce of the day before yesterday", with(&login(&nonce(9, 0), 61), json!({"today": world::day(2)})))
            .refused("nonce_stale"),
        Case::new("tomorrow's nonce", given(&login(&nonce(9, 2), 61))).refused("nonce_stale"),
        Case::new("another server's nonce", given(&login(&nonce(8, 1), 61))).refused("nonce_stale"),
        Case::new("a stranger", given(&login(&nonce(9, 1), 62))).refused("gate_refused"),
        Case::new("a signature for another use", given(&other_use)).refused("gate_refused"),
        Case::new("a bent nonce", given(&[&[1], &good[1..]].concat())).refused("gate_refused"),
        Case::new("another deployment", with(&good, json!({"deployment": Deployment([8; 32])}))).refused("gate_refused"),
        Case::new("no bytes", given(&[])).refused("wrong_length"),
        Case::new("99 bytes", given(&good[..99])).refused("wrong_length"),
        Case::new("101 bytes", given(&[&good[..], &[0]].concat())).refused("wrong_length"),
    ]
}

// Nonces: the `server_secret`, the `nonce`, `today`.

pub fn read_nonce(case: &Value) -> Result<Value, String> {
    let marks = NonceMarks::new(secret(text(case, "server_secret")));
    let nonce = bytes(case, "nonce").try_into().unwrap();
    if marks.holds(&nonce, day_of(case)) { Ok(json!({"holds": true})) } else { Err("nonce_stale".into()) }
}

pub fn nonces() -> Vec<Case> {
    let case = |name: &str, nonce: [u8; 36], day: u32| {
        Case::new(name, json!({"server_secret": "09".repeat(32), "nonce": encode::base64(&nonce), "today": world::day(day)}))
    };
    let mut cases = vec![
        case("of today", nonce(9, 1), 1).good(json!({"holds": true})),
        case("of yesterday", nonce(9, 1), 2).good(json!({"holds": true})),
        case("two days old", nonce(9, 1), 3).refused("nonce_stale"),
        case("of tomorrow", nonce(9, 1), 0).refused("nonce_stale"),
        case("of another server", nonce(8, 1), 1).refused("nonce_stale"),
        case("zeros", [0; 36], 1).refused("nonce_stale"),
    ];
    for at in [0, 3, 4, 19, 20, 35] {
        let mut bent = nonce(9, 1);
        bent[at] ^= 1;
        cases.push(case(&format!("byte {at} bent"), bent, 1).refused("nonce_stale"));
    }
    cases
}

// Freshness notes: `deployment`, the `dsse` of the directory (its authority is the one of the directory vectors), `note`, `today`.

pub fn read_note(case: &Value) -> Result<Value, String> {
    let one = world::authority(&[1], 1);
    let dsse: Dsse = serde_json::from_value(case["dsse"].clone()).unwrap();
    let directory = UnverifiedDirectory::from(dsse).verify(&one.fingerprint(), &one).unwrap();
    let note = FreshnessNote::parse(&bytes(case, "note")).map_err(|error| error.code().to_owned())?;
    note.verify(&directory, &text(case, "deployment").parse().unwrap(), day_of(case)).map_err(|error| error.code().to_owned())?;
    if note.is_fresh(day_of(case)) { Ok(json!({"day": note.day()})) } else { Err("directory_stale".into()) }
}

pub fn notes() -> Vec<Case> {
    let one = world::authority(&[1], 1);
    let directory = world::directory(&one, &DIRECTORY);
    let (here, gate) = (one.fingerprint(), world::gate(&directory));
    let raw = |version: u32, hash: &[u8; 32], day: u32, key: &crypto::SignKey| {
        let front = [&version.to_be_bytes()[..], hash, &day.to_be_bytes()].concat();
        let signature = key.sign("freshness", &here, &[&front]);
        [&front[..], signature.as_ref()].concat()
    };
    let hash = directory.hash().0;
    let note = |day: u32| raw(1, &hash, 20_781 + day, &gate);
    let case = |name: &str, note: &[u8], day: u32| {
        Case::new(name, json!({"deployment": here, "dsse": *DIRECTORY, "note": encode::base64(note), "today": world::day(day)}))
    };
    let mut cases = vec![
        case("of today", &note(9), 9).good(json!({"day": world::day(9)})),
        case("seven days old", &note(9), 16).good(json!({"day": world::day(9)})),
        case("of tomorrow", &note(10), 9).good(json!({"day": world::day(10)})),
        case("eight days old", &note(9), 17).refused("directory_stale"),
        case("of the day after tomorrow", &note(11), 9).refused("bad_signature"),
        case("of another version", &raw(2, &hash, 20_790, &gate), 9).refused("bad_signature"),
        case("of another directory", &raw(1, &[1; 32], 20_790, &gate), 9).refused("bad_signature"),
        case("by a member's own key", &raw(1, &hash, 20_790, &world::sign_key(50)), 9).refused("bad_signature"),
        case("a day that is none", &raw(1, &hash, u32::MAX, &gate), 9).refused("bad_json"),
        case("no bytes", &[], 9).refused("bad_json"),
        case("103 bytes", &note(9)[..103], 9).refused("bad_json"),
        case("105 bytes", &[note(9), vec![0]].concat(), 9).refused("bad_json"),
    ];
    for at in [3, 4, 39, 40, 103] {
        let mut bent = note(9);
        bent[at] ^= 1;
        cases.push(case(&format!("byte {at} bent"), &bent, 9).refused("bad_signature"));
    }
    cases
}
