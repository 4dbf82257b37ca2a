//! Replies, as the reporter opens them and as the desk does.

use super::forge::{HERE, Vouchers, box_key, ephemeral, frame, reply, reply_front, reporter, sign_key, vouch};
use super::{Case, Format, Given, Outcome, wrong};
use amparo::base::{Secret, encode};
use amparo::caselog::{OpenedReply, Reply, ReplyContent, ReplyWhat};
use amparo::crypto::{BoxKey, Deployment, SignKey, SignPublic};
use serde_json::{Value, json};

pub const FORMAT: Format = Format {
    what: "reply",
    make,
    read,
    codes: &[
        "bad_json",
        "bad_signature",
        "cannot_open",
        "must_understand",
        "not_canonical",
        "unknown_kind",
        "unknown_suite",
        "unknown_version",
        "wrong_length",
    ],
};

const PLAIN_BYTES: usize = 3904;

fn desk_key() -> Secret<32> {
    Secret::new([61; 32])
}

fn case(name: &str, bytes: &[u8]) -> Case {
    let with = json!({
        "own": encode::hex(&[12; 32]), "deployment": HERE, "gate_pk": sign_key(80).public(), "case_sign_pk": sign_key(81).public(),
        "bytes": encode::base64(bytes),
    });
    Case::new(name, "open", with)
}

fn like(name: &str, put: Value) -> Case {
    case(name, &[]).with("bytes", json!({"like": "a text", "put": put}))
}

fn as_desk(case: Case) -> Case {
    case.with("do", "open_as_desk").with("own", encode::hex(desk_key().expose())).desk()
}

fn text_json(text: &str) -> Value {
    json!({"format": "amparo-reply-1", "must_understand": [], "directory": 3, "seen": 2, "text": text})
}

fn status_json(word: &str) -> Value {
    json!({"format": "amparo-reply-1", "must_understand": [], "directory": 3, "seen": 2, "status": word})
}

fn by_the_book() -> (SignKey, SignKey) {
    (sign_key(80), sign_key(81))
}

pub fn front(what: u8, number: u32) -> Vec<u8> {
    reply_front(what, &reporter().mailbox_id, number, 1, 0)
}

/// Sealed for the reporter with what is inside handed in.
fn plain(front: &[u8], plain: &[u8]) -> Vec<u8> {
    reply(&Secret::new([62; 32]), front, &desk_key(), &box_key(12).public(), plain)
}

/// Signed in `signed` and sealed in `front`: the same for an honest desk.
fn signed(front: &[u8], signed: &[u8], json: &[u8], directory: u32) -> Vec<u8> {
    let (gate, own) = by_the_book();
    let by = Vouchers { gate: (&gate, "reply gate"), case: (&own, "reply case"), deployment: HERE };
    plain(front, &frame(json, &vouch(signed, directory, json, &by), PLAIN_BYTES))
}

pub fn honest(what: u8, number: u32, json: &Value) -> Vec<u8> {
    let front = front(what, number);
    signed(&front, &front, &serde_json::to_vec(json).unwrap(), 3)
}

pub fn text(number: u32, text: &str) -> Vec<u8> {
    honest(1, number, &text_json(text))
}

fn told(what: &str, number: u32, says: &str) -> Value {
    json!({"what": what, "number": number, "epoch": 1, "directory": 3, "says": says})
}

fn good() -> Vec<Case> {
    let words = ["received", "read", "question", "team", "paused", "ended", "care"];
    let long = "é".repeat(1750);
    let held = reply_front(2, &reporter().mailbox_id, 4, 1, 2_932_896);
    let json = serde_json::to_vec(&status_json("ended")).unwrap();
    let mut nulls = text_json("x");
    nulls["status"] = Value::Null;
    let mut later = text_json("x");
    later["later"] = json!([1]);
    let mut cases = vec![
        case("a text", &text(1, "Gracias. ¿Puede contar más?")).good(told("text", 1, "Gracias. ¿Puede contar más?")),
        as_desk(like("a text, as the desk opens it", json!([]))).good(told("text", 1, "Gracias. ¿Puede contar más?")),
        case("a text of 3500 bytes", &text(9, &long)).good(told("text", 9, &long)),
        case("an empty text", &text(2, "")).good(told("text", 2, "")),
        case("a text with a status of null", &honest(1, 2, &nulls)).good(told("text", 2, "x")),
        case("a text with a member that nobody knows", &honest(1, 2, &later)).good(told("text", 2, "x")),
        case("a status held back to the last day there is", &signed(&held, &held, &json, 3)).good(told("status", 4, "ended")),
    ];
    cases.extend(words.map(|word| case(&format!("status {word}"), &honest(2, 1, &status_json(word))).good(told("status", 1, word))));
    cases
}

fn outer() -> Vec<Case> {
    let whole = text(1, "Gracias. ¿Puede contar más?");
    let flip = |at: usize| json!([[at, encode::hex(&[whole[at] ^ 1])]]);
    let weak = |n: usize| json!([[48, super::primitives::WEAK_BOXES[n]]]);
    let cut = |name: &str, n: usize| like(name, json!([])).with("bytes", json!({"like": "a text", "length": n})).refused("wrong_length");
    let bad = |case: Case| case.refused("bad_signature");
    let cannot = |case: Case| case.refused("cannot_open");
    vec![
        cut("no reply at all", 0),
        cut("a reply cut short", 4095),
        cut("a reply and a byte", 4097),
        like("reply version 2", json!([[0, "02"]])).refused("unknown_version"),
        like("reply suite 2", json!([[1, "02"]])).refused("unknown_suite"),
        like("an entry's kind", json!([[2, "03"]])).refused("unknown_kind"),
        like("what 0", json!([[3, "00"]])).refused("not_canonical"),
        like("what 3", json!([[3, "03"]])).refused("not_canonical"),
        like("reply number 0", json!([[36, "00000000"]])).refused("not_canonical"),
        like("a release day beyond all", json!([[44, "002cc0a1"]])).refused("not_canonical"),
        cannot(like("a text shown as a status", json!([[3, "02"]]))),
        cannot(like("a reply in another mailbox", flip(4))),
        cannot(like("a reply under another number", json!([[39, "02"]]))),
        cannot(like("a reply in another epoch", flip(43))),
        cannot(like("a reply with another release day", flip(47))),
        cannot(like("a reply with a bent ephemeral key", flip(48))),
        cannot(like("a reply with a weak ephemeral key", weak(0))),
        cannot(like("a reply with an ephemeral key of order 8", weak(2))),
        cannot(like("a bent slot", flip(80))),
        cannot(like("a bent content", flip(176))),
        cannot(like("a bent last byte", flip(4095))),
        cannot(as_desk(like("a bent wrap", flip(128)))),
        cannot(as_desk(like("another desk key", json!([]))).with("own", encode::hex(&[1; 32]))),
        cannot(like("another reporter", json!([])).with("own", encode::hex(&[13; 32]))),
        cannot(like("a reply on another deployment", json!([])).with("deployment", Deployment([8; 32]))),
        bad(like("another directory's gate", json!([])).with("gate_pk", sign_key(82).public())),
        bad(like("another epoch's key", json!([])).with("case_sign_pk", sign_key(82).public())),
        bad(like("gate and case the wrong way round", json!([]))
            .with("gate_pk", sign_key(81).public())
            .with("case_sign_pk", sign_key(80).public())),
    ]
}

/// Opens, but not both vouch for it.
fn forged() -> Vec<Case> {
    let json = serde_json::to_vec(&text_json("falso")).unwrap();
    let (gate, own, other) = (sign_key(80), sign_key(81), sign_key(83));
    let here = front(1, 1);
    let by = |gate: (&SignKey, &'static str), case: (&SignKey, &'static str), deployment| {
        let by = Vouchers { gate, case, deployment };
        plain(&here, &frame(&json, &vouch(&here, 3, &json, &by), PLAIN_BYTES))
    };
    let (g, c) = ("reply gate", "reply case");
    let place = |front: Vec<u8>| signed(&here, &front, &json, 3);
    let status = serde_json::to_vec(&status_json("ended")).unwrap();
    let cases = [
        ("a forged gate", by((&other, g), (&own, c), HERE)),
        ("a forged case signature", by((&gate, g), (&other, c), HERE)),
        ("signed twice by the gate", by((&gate, g), (&gate, c), HERE)),
        ("gate signed for another use", by((&gate, "gate login"), (&own, c), HERE)),
        ("case signed for another use", by((&gate, g), (&own, "case request"), HERE)),
        ("signed on another deployment", by((&gate, g), (&own, c), Deployment([8; 32]))),
        ("signed for another number", place(front(1, 2))),
        ("signed for another case", place(reply_front(1, &amparo::crypto::MailboxId([1; 32]), 1, 1, 0))),
        ("signed for another epoch", place(reply_front(1, &reporter().mailbox_id, 1, 2, 0))),
        ("signed as a status", place(front(2, 1))),
        ("signed for another directory", signed(&here, &here, &json, 4)),
        (
            "signed for other words",
            plain(
                &here,
                &frame(&json, &vouch(&here, 3, &status, &Vouchers { gate: (&gate, g), case: (&own, c), deployment: HERE }), PLAIN_BYTES),
            ),
        ),
        ("no signatures", plain(&here, &frame(&json, &[], PLAIN_BYTES))),
    ];
    cases.into_iter().map(|(name, bytes)| case(name, &bytes).refused("bad_signature")).collect()
}

fn inner() -> Vec<Case> {
    let json = serde_json::to_vec(&text_json("x")).unwrap();
    let framed = frame(&json, &[7; 128], PLAIN_BYTES);
    let put = |at: usize, byte: u8| {
        let mut framed = framed.clone();
        framed[at] = byte;
        plain(&front(1, 1), &framed)
    };
    let body = |name: &str, what: u8, code: &str, edit: fn(&mut Value)| {
        let mut json = text_json("x");
        edit(&mut json);
        case(name, &honest(what, 1, &json)).refused(code)
    };
    let raw = |name: &str, json: &[u8]| case(name, &signed(&front(1, 1), &front(1, 1), json, 3)).refused("bad_json");
    let mut other_seed = honest(1, 1, &text_json("x"));
    let ctx = amparo::crypto::hash("reply context", &[HERE.bytes(), &other_seed[..80]]);
    let own = super::forge::slot(&Secret::new([62; 32]), &Secret::new([63; 32]), "reply slot", &ctx, &box_key(12).public());
    other_seed[80..128].copy_from_slice(&own);
    assert_eq!(&other_seed[48..80], ephemeral(&Secret::new([62; 32])).public().bytes());
    vec![
        case("a reply's seed that does not commit", &other_seed).refused("cannot_open"),
        case("a byte behind the signatures", &put(4 + json.len() + 128, 1)).refused("not_canonical"),
        case("a byte at the end of a reply", &put(PLAIN_BYTES - 1, 1)).refused("not_canonical"),
        case("a reply's length beyond the end", &put(0, 0x80)).refused("not_canonical"),
        case("no room for the signatures", &put(2, 0x0f)).refused("not_canonical"),
        body("another reply format", 1, "bad_json", |j| j["format"] = json!("amparo-reply-2")),
        body("a reply that must be understood", 1, "must_understand", |j| j["must_understand"] = json!(["text", "later"])),
        body("a text and a status", 1, "bad_json", |j| j["status"] = json!("read")),
        body("a text in a status", 2, "bad_json", |_| ()),
        body("neither text nor status", 1, "bad_json", |j| j["text"] = Value::Null),
        body("a text that is a number", 1, "bad_json", |j| j["text"] = json!(7)),
        body("no directory named", 1, "bad_json", |j| j["directory"] = Value::Null),
        body("a directory with a fraction", 1, "bad_json", |j| j["directory"] = json!(3.5)),
        body("a directory below zero", 1, "bad_json", |j| j["directory"] = json!(-3)),
        body("a directory beyond 32 bits", 1, "bad_json", |j| j["directory"] = json!(1_u64 << 32)),
        body("nothing said of what was seen", 1, "bad_json", |j| j["seen"] = Value::Null),
        case("a status in a text", &honest(1, 1, &status_json("read"))).refused("bad_json"),
        case("a status word that nobody knows", &honest(2, 1, &status_json("solved"))).refused("bad_json"),
        case("a status word in capitals", &honest(2, 1, &status_json("Read"))).refused("bad_json"),
        raw("a list for a reply", &[b"[", &json[..], b"]"].concat()),
        raw("a reply cut short inside", &json[..json.len() - 1]),
        raw("a reply that is not UTF-8", &json.iter().map(|b| if *b == b'x' { 0xff } else { *b }).collect::<Vec<_>>()),
    ]
}

fn make() -> Vec<Case> {
    [good(), outer(), forged(), inner()].into_iter().flatten().collect()
}

fn shown(reply: &Reply, opened: &OpenedReply) -> Value {
    let says = match &opened.content {
        ReplyContent::Text(text) => text.clone(),
        ReplyContent::Status(word) => word.to_string(),
    };
    let place = reply.place();
    let what = if place.what == ReplyWhat::Text { "text" } else { "status" };
    json!({"what": what, "number": place.number, "epoch": place.epoch, "directory": opened.directory, "says": says})
}

fn read(given: &Given<'_>) -> Outcome {
    let code = |error: amparo::caselog::CaseLogError| wrong(error.code());
    let deployment = Deployment(given.array("deployment"));
    let reply = Reply::parse(&given.bytes()).map_err(code)?;
    let own = Secret::new(given.array("own"));
    let opened = match given.act() {
        "open" => reply.open_as_reporter(&BoxKey::from_secret(own), &deployment),
        _ => reply.open_as_desk(&own, &deployment),
    };
    let opened = opened.map_err(code)?;
    opened.verify(&SignPublic(given.array("gate_pk")), &SignPublic(given.array("case_sign_pk")), &deployment).map_err(code)?;
    Ok(shown(&reply, &opened))
}
