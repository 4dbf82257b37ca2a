//! Replies as a colleague's desk reads them.
//!
//! A case: `deployment`, `reply`, the epoch's `desk_key`, `gate_pk` of the directory that the reply names, the epoch's `case_sign_pk`.

use super::entry::{CASE, HERE, desk_key};
use super::{Case, bytes, secret, sign_pk, text, world};
use amparo::base::{Secret, encode};
use amparo::caselog::{Reply, ReplyContent};
use amparo::crypto::{self, Deployment, slots};
use serde_json::{Value, json};

struct Raw {
    front: [u8; 4],
    number: u32,
    release: u32,
    ephemeral: u8,
    json: Vec<u8>,
    /// Number that is signed, if another.
    signs: u32,
    signers: [u8; 2],
    bend: fn(&mut Vec<u8>),
}

impl Raw {
    fn new(what: u8, json: &Value) -> Self {
        let json = serde_json::to_vec(json).unwrap();
        Self { front: [1, 1, 4, what], number: 2, release: 0, ephemeral: 8, json, signs: 2, signers: [61, 62], bend: |_| {} }
    }

    fn seal(&self) -> Vec<u8> {
        let seed = Secret::new([8; 32]);
        let shown = slots::ephemeral(&Secret::new([self.ephemeral; 32])).public();
        let numbers = [self.number, 0, self.release].map(u32::to_be_bytes);
        let fixed = [&self.front[..], CASE.bytes(), numbers.as_flattened(), shown.bytes()].concat();
        let ctx = crypto::hash("reply context", &[HERE.bytes(), &fixed]);
        let version = serde_json::from_slice::<Value>(&self.json).map_or(1, |j| j["directory"].as_u64().unwrap_or(1) as u32);
        let signed = [0, self.signs, version].map(u32::to_be_bytes);
        let subject = [&self.front[3..], CASE.bytes(), signed.as_flattened(), crypto::hash("reply", &[&self.json]).bytes()].concat();
        let [gate, case] = self.signers.map(world::sign_key);
        let (gate, case) = (gate.sign("reply gate", &HERE, &[&subject]), case.sign("reply case", &HERE, &[&subject]));
        let mut plain = [&(self.json.len() as u32).to_be_bytes()[..], &self.json, gate.as_ref(), case.as_ref()].concat();
        plain.resize(3904, 0);
        (self.bend)(&mut plain);
        let slot = slots::seal_one(&seed, "reply slot", &ctx, &world::box_key(90).public()).unwrap();
        let wrap = crypto::box0_seal(&crypto::derive(&desk_key(), "reply wrap", &[ctx.bytes()]), seed.expose());
        let sealed = crypto::box0_seal(&crypto::derive(&seed, "reply content", &[ctx.bytes()]), &plain);
        [fixed, slot.to_vec(), wrap, sealed].concat()
    }
}

pub fn read(case: &Value) -> Result<Value, String> {
    let code = |error: amparo::caselog::CaseLogError| error.code().to_owned();
    let deployment: Deployment = text(case, "deployment").parse().unwrap();
    let reply = Reply::parse(&bytes(case, "reply")).map_err(code)?;
    let opened = reply.open_as_desk(&secret(text(case, "desk_key")), &deployment).map_err(code)?;
    opened.verify(&sign_pk(case, "gate_pk"), &sign_pk(case, "case_sign_pk"), &deployment).map_err(code)?;
    let (what, said) = match &opened.content {
        ReplyContent::Text(text) => ("text", text.clone()),
        ReplyContent::Status(word) => ("status", word.to_string()),
    };
    let place = reply.place();
    Ok(json!({"mailbox_id": place.mailbox_id, "number": place.number, "epoch": place.epoch, "release": place.release,
        "seen": opened.seen, "directory": opened.directory, what: said, "record": reply.record_hash()}))
}

fn given(reply: &[u8]) -> Value {
    json!({"deployment": HERE, "reply": encode::base64(reply), "desk_key": encode::hex(desk_key().expose()),
        "gate_pk": world::sign_key(61).public(), "case_sign_pk": world::sign_key(62).public()})
}

fn json_of(what: &str, said: &str) -> Value {
    json!({"format": "amparo-reply-1", "must_understand": [], "directory": 3, "seen": 1, what: said})
}

fn good(name: &str, what: &str, said: &str, change: impl FnOnce(&mut Raw)) -> Case {
    let mut raw = Raw::new(if what == "text" { 1 } else { 2 }, &json_of(what, said));
    change(&mut raw);
    let reply = raw.seal();
    let release = (raw.release > 0).then(|| amparo::base::Day::from_number(raw.release).unwrap());
    Case::new(name, given(&reply)).good(json!({"mailbox_id": CASE, "number": raw.number, "epoch": 0, "release": release,
        "seen": 1, "directory": 3, what: said, "record": crypto::hash("reply record", &[&reply])}))
}

fn bad(name: &str, code: &str, change: impl FnOnce(&mut Raw)) -> Case {
    let mut raw = Raw::new(1, &json_of("text", "¿Puede decir dónde?"));
    change(&mut raw);
    Case::new(name, given(&raw.seal())).refused(code)
}

pub fn all() -> Vec<Case> {
    let mut cases = vec![
        good("a text", "text", "¿Puede decir dónde?", |_| {}),
        good("an empty text", "text", "", |_| {}),
        good("the longest text", "text", &"a".repeat(3904 - 4 - 128 - 84), |_| {}),
        good("a status held back", "status", "paused", |raw| raw.release = 20_790),
        bad("version 2", "unknown_version", |raw| raw.front[0] = 2),
        bad("suite 0", "unknown_suite", |raw| raw.front[1] = 0),
        bad("an entry's kind", "unknown_kind", |raw| raw.front[2] = 3),
        bad("neither text nor status", "not_canonical", |raw| raw.front[3] = 3),
        bad("number 0", "not_canonical", |raw| (raw.number, raw.signs) = (0, 0)),
        bad("a release day that is none", "not_canonical", |raw| raw.release = u32::MAX),
        bad("a wrap whose seed does not give the ephemeral key", "cannot_open", |raw| raw.ephemeral = 9),
        bad("vouched for another number", "bad_signature", |raw| raw.signs = 1),
        bad("a stranger's gate signature", "bad_signature", |raw| raw.signers[0] = 63),
        bad("a stranger's case signature", "bad_signature", |raw| raw.signers[1] = 63),
        bad("the two keys changed round", "bad_signature", |raw| raw.signers = [62, 61]),
        bad("a length beyond the end", "not_canonical", |raw| raw.bend = |p| p[..4].fill(255)),
        bad("a length that leaves no room for signatures", "not_canonical", |raw| {
            raw.bend = |p| p[..4].copy_from_slice(&3773_u32.to_be_bytes())
        }),
        bad("a byte behind", "not_canonical", |raw| raw.bend = |p| p[3903] = 1),
        bad("no JSON", "bad_json", |raw| raw.json.clear()),
        bad("a byte-order mark", "bad_json", |raw| drop(raw.json.splice(0..0, *b"\xEF\xBB\xBF"))),
        bad("a status's place for a text", "bad_json", |raw| raw.front[3] = 2),
    ];
    for (name, json) in [
        ("text and status", json!({"format": "amparo-reply-1", "directory": 3, "seen": 1, "text": "x", "status": "team"})),
        ("neither in the JSON", json!({"format": "amparo-reply-1", "directory": 3, "seen": 1})),
        ("another format", json!({"format": "amparo-reply-2", "directory": 3, "seen": 1, "text": "x"})),
        ("no directory", json!({"format": "amparo-reply-1", "seen": 1, "text": "x"})),
        ("no seen", json!({"format": "amparo-reply-1", "directory": 3, "text": "x"})),
        ("a text that is a number", json!({"format": "amparo-reply-1", "directory": 3, "seen": 1, "text": 1})),
    ] {
        cases.push(bad(name, "bad_json", |raw| raw.json = serde_json::to_vec(&json).unwrap()));
    }
    for word in ["closed", "Team", ""] {
        let json = serde_json::to_vec(&json_of("status", word)).unwrap();
        cases.push(bad(&format!("the status {word:?}"), "bad_json", |raw| (raw.front[3], raw.json) = (2, json)));
    }
    let newer = json!({"format": "amparo-reply-1", "must_understand": ["colour"], "directory": 3, "seen": 1, "text": "x"});
    cases.push(bad("something that must be understood", "must_understand", |raw| raw.json = serde_json::to_vec(&newer).unwrap()));
    let whole = Raw::new(1, &json_of("text", "x")).seal();
    for (name, at) in
        [("mailbox id", 4), ("number", 39), ("epoch", 43), ("release day", 47), ("ephemeral key", 48), ("wrap", 128), ("content", 4000)]
    {
        let mut bent = whole.clone();
        bent[at] ^= 1;
        // A bent release day of 0 is day 1, which is a day.
        cases.push(Case::new(&format!("a bent {name}"), given(&bent)).refused("cannot_open"));
    }
    for n in [0, 4095, 4097] {
        cases.push(Case::new(&format!("{n} bytes"), given(&[&whole[..], &[0]].concat()[..n])).refused("wrong_length"));
    }
    let mut other = given(&whole);
    other["desk_key"] = json!(encode::hex(&[5; 32]));
    cases.push(Case::new("another desk key", other).refused("cannot_open"));
    let mut elsewhere = given(&whole);
    elsewhere["deployment"] = json!(Deployment([8; 32]));
    cases.push(Case::new("another deployment", elsewhere).refused("cannot_open"));
    cases
}
