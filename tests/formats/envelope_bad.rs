//! Envelopes that are refused: bent on the way, and sealed as no honest client seals.

use super::Case;
use super::envelopes::{case_of, filling, first, follow_up_body, json_bytes, letter, opens, report_body, second};
use super::forge::{HERE, Letter, box_key, box_pks, case_box, frame, sign_key};
use amparo::base::{Secret, encode::hex};
use amparo::crypto::{BoxPublic, Deployment, Hash32, SignPublic};
use serde_json::{Value, json};

const GOOD: &str = "a report to two";
const FOLLOW_UP: &str = "a follow-up";

pub fn all() -> Vec<Case> {
    [bent(), lengths(), places(), resealed(), plains(), bodies(), follow_ups()].into_iter().flatten().collect()
}

fn like(name: &str, of: &str, put: Value) -> Case {
    let act = if of == FOLLOW_UP { "open_follow_up" } else { "open_report" };
    let own = if of == FOLLOW_UP { *case_box(&Secret::new([31; 32])).secret().expose() } else { [101; 32] };
    Case::new(name, act, json!({"own": hex(&own), "deployment": HERE, "bytes": {"like": of, "put": put}}))
}

fn bent() -> Vec<Case> {
    let whole = first();
    let flip = |at: usize| json!([[at, hex(&[whole[at] ^ 1])]]);
    // Which slot is whose: a key's own tells "cannot_open", any other the seal.
    let theirs = (0..16).find(|p| (0..16).all(|_| whole[232 + 48 * p..280 + 48 * p] != own_slot()[..])).unwrap();
    let own = (0..16).find(|p| whole[232 + 48 * p..280 + 48 * p] == own_slot()[..]).unwrap();
    let fields = [
        ("version 0", json!([[0, "00"]]), "unknown_version"),
        ("version 2", json!([[0, "02"]]), "unknown_version"),
        ("suite 0", json!([[1, "00"]]), "unknown_suite"),
        ("suite 2", json!([[1, "02"]]), "unknown_suite"),
        ("kind 0", json!([[2, "00"]]), "unknown_kind"),
        ("kind 3, an entry's", json!([[2, "03"]]), "unknown_kind"),
        ("class 0", json!([[3, "00"]]), "not_canonical"),
        ("class 4", json!([[3, "04"]]), "not_canonical"),
        ("the next class at this length", json!([[3, "02"]]), "wrong_length"),
        ("a bent mailbox id", flip(4), "bad_seal"),
        ("a report with number 1", json!([[39, "01"]]), "not_canonical"),
        ("a report with a number in the first byte", json!([[36, "01"]]), "not_canonical"),
        ("a report with a former", json!([[71, "01"]]), "not_canonical"),
        ("a follow-up with number 0", json!([[2, "02"]]), "not_canonical"),
        ("a bent reporter_sign_pk", flip(72), "bad_seal"),
        ("a bent reporter_box_pk", flip(104), "cannot_open"),
        ("a bent case_sign_pk", flip(136), "cannot_open"),
        ("a bent case_box_pk", flip(168), "cannot_open"),
        ("a bent ephemeral_pk", flip(200), "cannot_open"),
        ("one's own slot bent", flip(232 + 48 * own + 20), "cannot_open"),
        ("another slot bent", flip(232 + 48 * theirs), "bad_seal"),
        ("a bent stream header", flip(1023), "cannot_open"),
        ("a bent seal", flip(1024), "bad_seal"),
        ("a bent S in the seal", flip(1060), "bad_seal"),
        ("the body's first byte bent", flip(1088), "bad_seal"),
        ("the body's last byte bent", flip(whole.len() - 1), "bad_seal"),
    ];
    fields.into_iter().map(|(name, put, code)| like(name, GOOD, put).refused(code)).collect()
}

fn own_slot() -> Vec<u8> {
    let letter = letter("lo que vi", 100..102);
    super::forge::slot(&letter.seed, &letter.seed, "slot", &letter.context(), &box_key(101).public())
}

fn lengths() -> Vec<Case> {
    let whole = first().len();
    let one = |n: usize| {
        let mut case = like(&format!("{n} bytes"), GOOD, json!([]));
        case.0["bytes"]["length"] = json!(n);
        case.refused("wrong_length")
    };
    [0, 1, 231, 1023, 1024, 1087, 1088, whole - 1, whole + 1, 66_624].map(one).into()
}

fn places() -> Vec<Case> {
    vec![
        like("a stranger's key", GOOD, json!([])).with("own", hex(&[102; 32])).refused("cannot_open"),
        like("the reporter's own key", GOOD, json!([])).with("own", hex(&[12; 32])).refused("cannot_open"),
        like("another deployment", GOOD, json!([])).with("deployment", Deployment([8; 32])).refused("cannot_open"),
        like("a report taken for a follow-up", GOOD, json!([])).with("do", "open_follow_up").desk().refused("unknown_kind"),
        like("a follow-up taken for a report", FOLLOW_UP, json!([])).with("do", "open_report").desk().refused("unknown_kind"),
    ]
}

/// Sealed with the true seed and the true seal, but for one thing.
fn resealed() -> Vec<Case> {
    let base = || letter("x", 100..101);
    let case = |name: &str, letter: Letter, code: &str| opens(name, "open_report", 100, &letter.bytes()).refused(code);
    let weak: BoxPublic = super::primitives::WEAK_BOXES[1].parse().unwrap();
    let other = Secret::new([32; 32]);
    let (sign, own) = case_of(&Secret::new([31; 32]));
    let with = |act: fn(&mut Letter)| {
        let mut letter = base();
        act(&mut letter);
        letter
    };
    let mut swapped = base();
    swapped.case = (sign, case_of(&other).1);
    let mut signs = base();
    signs.case = (SignPublic([9; 32]), own);
    let mut ephemeral = base();
    ephemeral.ephemeral_pk = weak;
    let mut weak_reporter = base().edited(|h| {
        h[72..104].copy_from_slice(&[&[1][..], &[0; 31]].concat());
        let id = amparo::receipt::mailbox_id(&SignPublic(h[72..104].try_into().unwrap()));
        h[4..36].copy_from_slice(id.bytes());
    });
    weak_reporter.recipients = vec![];
    vec![
        case("a weak ephemeral key", ephemeral, "cannot_open"),
        case("a seed that does not commit to the ephemeral key", with(|l| l.content_seed = Some(Secret::new([32; 32]))), "cannot_open"),
        case("another case_sign_pk", signs, "cannot_open"),
        case("another case_box_pk", swapped, "cannot_open"),
        case("sealed by another key", with(|l| l.seal.0 = sign_key(13)), "bad_seal"),
        case("sealed for another use", with(|l| l.seal.1 = "body"), "bad_seal"),
        case("sealed for another deployment", with(|l| l.seal.2 = Deployment([8; 32])), "bad_seal"),
        case("a stream that goes on", with(|l| l.tag = 0), "cannot_open"),
        case("a stream with tag PUSH", with(|l| l.tag = 1), "cannot_open"),
        case("a stream with tag REKEY", with(|l| l.tag = 2), "cannot_open"),
        opens("a head of a weak reporter", "head", 100, &super::forge::head(&weak_reporter.bytes())).refused("bad_seal"),
        case("the mailbox of another", base().edited(|h| h[4] ^= 1), "bad_seal"),
        case("version 2, sealed so", base().edited(|h| h[0] = 2), "unknown_version"),
        case("suite 2, sealed so", base().edited(|h| h[1] = 2), "unknown_suite"),
        case("class 2 on a body of class 1, sealed so", base().edited(|h| h[3] = 2), "wrong_length"),
        case("number 1, sealed so", base().edited(|h| h[39] = 1), "not_canonical"),
        case("a former, sealed so", base().edited(|h| h[40] = 1), "not_canonical"),
    ]
}

fn framed(name: &str, plain: Vec<u8>, code: &str) -> Case {
    let mut letter = letter("x", 100..101);
    letter.plain = plain;
    opens(name, "open_report", 100, &letter.bytes()).refused(code)
}

fn plains() -> Vec<Case> {
    let just_fits = letter(&filling(0, 0), 100..101);
    let json = json_bytes(&report_body("x", &box_pks([100])));
    let length = super::forge::BODY_BYTES[0] - 17;
    let put = |at: usize, byte: u8| {
        let mut plain = frame(&json, &[], length);
        plain[at] = byte;
        plain
    };
    let raw = |name: &str, json: &[u8]| framed(name, frame(json, &[], length), "bad_json");
    let larger = |name: &str, size: u8| {
        let letter = letter("x", 100..101).in_class(size);
        opens(name, "open_report", 100, &letter.bytes()).refused("not_canonical")
    };
    vec![
        framed("a byte behind the JSON", put(4 + json.len(), 1), "not_canonical"),
        framed("a byte at the very end", put(length - 1, 1), "not_canonical"),
        framed("a length beyond the end", put(0, 1), "not_canonical"),
        framed(
            "a length one beyond the end",
            frame(&vec![b' '; length - 4], &[], length).iter().enumerate().map(|(i, b)| if i == 3 { b + 1 } else { *b }).collect(),
            "not_canonical",
        ),
        framed("a length one too short", put(3, json.len().to_be_bytes()[7] - 1), "not_canonical"),
        framed("nothing but zeros", vec![0; length], "bad_json"),
        larger("a larger class than it needs", 2),
        larger("the largest class for little", 3),
        opens("a larger class for what just fits", "open_report", 100, &just_fits.in_class(2).bytes()).refused("not_canonical"),
        raw("a list", &[b"[", &json[..], b"]"].concat()),
        raw("a space before the JSON", &[b" ", &json[..]].concat()),
        raw("a byte-order mark", &["\u{feff}".as_bytes(), &json].concat()),
        raw("a letter behind the JSON", &[&json[..], b"x"].concat()),
        raw("the JSON cut short", &json[..json.len() - 1]),
        raw("not UTF-8", &json.iter().map(|b| if *b == b'x' { 0xff } else { *b }).collect::<Vec<_>>()),
    ]
}

fn edited(name: &str, code: &str, edit: impl Fn(&mut Value)) -> Case {
    let mut body = report_body("x", &box_pks([100]));
    edit(&mut body);
    let letter = Letter::report(&json_bytes(&body), box_pks([100]));
    opens(name, "open_report", 100, &letter.bytes()).refused(code)
}

fn bodies() -> Vec<Case> {
    vec![
        edited("another format", "bad_json", |b| b["format"] = json!("amparo-report-2")),
        edited("a follow-up's format", "bad_json", |b| b["format"] = json!("amparo-follow-up-1")),
        edited("something that must be understood", "must_understand", |b| b["must_understand"] = json!(["answers", "later"])),
        edited("must_understand is no list", "bad_json", |b| b["must_understand"] = json!("later")),
        edited("must_understand holds a number", "bad_json", |b| b["must_understand"] = json!([1])),
        edited("nobody named", "not_canonical", |b| b["recipients"] = json!([])),
        edited("seventeen named", "not_canonical", |b| {
            let one = b["recipients"][0].clone();
            b["recipients"] = json!(vec![one; 17]);
        }),
        edited("recipients are no list", "bad_json", |b| b["recipients"] = json!({})),
        edited("a recipient is null", "bad_json", |b| b["recipients"] = json!([null])),
        edited("a recipient's key in capitals", "bad_json", |b| b["recipients"][0]["pk"] = json!("AB".repeat(32))),
        edited("a recipient's key of 31 bytes", "bad_json", |b| b["recipients"][0]["pk"] = json!("ab".repeat(31))),
        edited("no answers", "bad_json", |b| {
            b.as_object_mut().unwrap().remove("answers").unwrap();
        })
        .desk(),
        edited("an unknown language", "bad_json", |b| b["lang"] = json!("fr")).desk(),
        edited("a key day that is none", "bad_json", |b| b["key_day"] = json!("2026-02-30")).desk(),
        edited("a directory's version in words", "bad_json", |b| b["directory"]["version"] = json!("1")).desk(),
        edited("a recipient without an office", "bad_json", |b| {
            b["recipients"][0].as_object_mut().unwrap().remove("office").unwrap();
        })
        .desk(),
    ]
}

fn follow_ups() -> Vec<Case> {
    let own = case_box(&Secret::new([31; 32]));
    let case = |name: &str, letter: Letter, code: &str| {
        opens(name, "open_follow_up", 0, &letter.bytes()).with("own", hex(own.secret().expose())).refused(code)
    };
    let bent = |name: &str, at: usize, code: &str| like(name, FOLLOW_UP, json!([[at, "5a"]])).refused(code);
    let base = || second("x");
    let mut report = follow_up_body("x");
    report["format"] = json!("amparo-report-1");
    let mut later = follow_up_body("x");
    later["must_understand"] = json!(["later"]);
    let of = |body: &Value| {
        let two = base();
        Letter::follow_up(&json_bytes(body), two.previous, two.case)
    };
    let mut signed = base();
    signed.seal.0 = sign_key(13);
    let mut zero = base();
    zero.number = 0;
    vec![
        bent("a follow-up with another former", 50, "cannot_open"),
        bent("a follow-up with another number", 37, "cannot_open"),
        bent("a follow-up with another case_sign_pk", 140, "cannot_open"),
        bent("a follow-up with a bent seal", 1030, "bad_seal"),
        bent("a follow-up with a bent body", 9000, "bad_seal"),
        like("a follow-up and a stranger's key", FOLLOW_UP, json!([])).with("own", hex(&[102; 32])).refused("cannot_open"),
        like("a follow-up on another deployment", FOLLOW_UP, json!([])).with("deployment", Deployment([8; 32])).refused("cannot_open"),
        case("a follow-up sealed by another", signed, "bad_seal"),
        case("number 0, sealed so", zero, "not_canonical"),
        case("a report's format in a follow-up", of(&report), "bad_json"),
        case("a follow-up that must be understood", of(&later), "must_understand"),
        case("a follow-up in a larger class", base().in_class(2), "not_canonical"),
        case(
            "a follow-up whose former is zero and whose seal is another's",
            Letter { seal: (sign_key(14), "seal", HERE), previous: Hash32::ZERO, ..base() },
            "bad_seal",
        ),
    ]
}
